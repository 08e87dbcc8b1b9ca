/* SPDX-License-Identifier: MIT */
/*
 * proc/fault.c - a program's faults: repaired by mm/, or turned into signals.
 *
 * process_fault() handles page faults: space_fault() repairs most of them; if
 * memory has run out, shortage_fault() kills a process first.  Every other
 * fault becomes a signal, with a line in the log if that signal kills.  Called
 * by the trap code (arch/trap.h) in process context with interrupts on and no
 * lock held.
 */
#include "arch/trap.h"

#include "kernel/log.h"
#include "mm/fault.h"
#include "mm/space.h"
#include "proc/exit.h"
#include "proc/process.h"
#include "proc/shortage.h"
#include "proc/signal.h"

/* Will the signal kill the current process? */
static bool
is_deadly(int sig)
{
	struct task *t = task_current();
	uint64_t handler = t->thread.process->actions[sig - 1].handler;

	return handler == SIG_DFL || handler == SIG_IGN ||
	       (t->blocked & SIG_BIT(sig));
}

/* Log a line if the signal will kill the process. */
static void
report(struct trapframe *tf, int sig, uaddr_t va, const char *what)
{
	struct thread *t = thread_current();

	if (is_deadly(sig) && log_ratelimit())
		log_info("%s[%d]: %s at %#lx (pc %#lx, sp %#lx)", t->name,
			 t->tid, what, va, tf->pc, tf->sp);
}

#define STACK_REACH 0x10000u /* a fault this near to sp is a stack overflow */

static const char *
describe_unmapped(const struct trapframe *tf, unsigned access, uaddr_t va)
{
	if (va >= USER_END)
		return access == VM_WRITE ? "segmentation fault: write outside "
					    "the user address space,"
					  : "segmentation fault: access "
					    "outside the user address space,";
	if (access == VM_EXEC)
		return "segmentation fault: jump to unmapped memory";
	if (va - (tf->sp - STACK_REACH) < 2 * STACK_REACH)
		return "segmentation fault: stack overflow, access";
	return access == VM_WRITE ? "segmentation fault: write to unmapped "
				    "memory"
				  : "segmentation fault: read of unmapped "
				    "memory";
}

static const char *
describe_forbidden(unsigned access)
{
	if (access == VM_WRITE)
		return "segmentation fault: write to memory that is not "
		       "writable,";
	if (access == VM_EXEC)
		return "segmentation fault: jump into memory that is not "
		       "executable,";
	return "segmentation fault: read of memory that is not readable,";
}

static const char *
describe_bus_error(int err)
{
	if (err == -ENXIO)
		return "bus error: access beyond the end of the file";
	if (err == -ENOSPC)
		return "bus error: no space on the disk for the page";
	return "bus error: read error in the mapped file";
}

/*
 * Kill the process: its allocation has failed by fault injection, or by the
 * user's limit on page tables.
 */
static noreturn void
starved(uaddr_t va)
{
	struct thread *t = thread_current();

	if (log_ratelimit())
		log_warn("%s[%d]: killed: no page for the fault at %#lx: %s",
			 t->name, t->tid, va,
			 thread_starved(t)
				 ? "fault injection (fail-nth)"
				 : "its user has reached the page-table limit "
				   "(user_tables)");
	process_exit(STATUS_KILLED(SIGKILL));
}

static void
refuse(struct trapframe *tf, unsigned access, uaddr_t va, int err)
{
	switch (err) {
	case -EFAULT:
		report(tf, SIGSEGV, va, describe_unmapped(tf, access, va));
		signal_force(SIGSEGV, SEGV_MAPERR, va);
		break;
	case -EACCES:
		report(tf, SIGSEGV, va, describe_forbidden(access));
		signal_force(SIGSEGV, SEGV_ACCERR, va);
		break;
	case -ENOMEM:
		starved(va);
	case -EINTR:
		break; /* the process is being killed */
	default:
		report(tf, SIGBUS, va, describe_bus_error(err));
		signal_force(SIGBUS, BUS_ADRERR, va);
		break;
	}
}

void
process_fault(struct trapframe *tf, unsigned access, uaddr_t va)
{
	int err = space_fault(thread_current()->space, va, access);

	/* Retry once: an injected failure fails only one allocation. */
	if (unlikely(err == -ENOMEM))
		err = space_fault(thread_current()->space, va, access);
	if (unlikely(err == -ENOMEM && !thread_starved(thread_current())))
		err = shortage_fault(access, va);
	if (likely(err == 0))
		return;
	refuse(tf, access, va, err);
}

void
process_illegal(struct trapframe *tf)
{
	report(tf, SIGILL, tf->pc, "illegal instruction");
	signal_force(SIGILL, ILL_ILLOPC, tf->pc);
}

void
process_breakpoint(struct trapframe *tf)
{
	report(tf, SIGTRAP, tf->pc, "breakpoint");
	signal_force(SIGTRAP, TRAP_BRKPT, tf->pc);
}

void
process_misaligned(struct trapframe *tf)
{
	report(tf, SIGBUS, tf->tval, "misaligned access");
	signal_force(SIGBUS, BUS_ADRALN, tf->tval);
}

void
process_bus_error(struct trapframe *tf)
{
	report(tf, SIGBUS, tf->tval, "access to an unbacked physical address");
	signal_force(SIGBUS, BUS_OBJERR, tf->tval);
}
