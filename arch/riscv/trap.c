/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/trap.c - dispatch traps to their handlers.
 *
 * trap.S calls trap_from_user(), trap_from_kernel() and trap_stack_overflow()
 * with interrupts off.  Traps from user mode are system calls, page faults,
 * other exceptions, and interrupts.  Traps from the kernel are interrupts; an
 * exception in the kernel is a bug and panics with an explanation, except a
 * page fault on a stack that another hart has just mapped.
 */
#include "arch/trap.h"

#include "arch/fpu.h"
#include "arch/irq.h"
#include "arch/kstack.h"
#include "arch/machine.h"
#include "arch/riscv/clock.h"
#include "arch/riscv/csr.h"
#include "arch/riscv/kmap.h"
#include "kernel/hart.h"
#include "kernel/irq.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/timer.h"

#define CAUSE_INTERRUPT (UINT64_C(1) << 63)

void trap_from_user(struct trapframe *tf, uint64_t cause);
void trap_from_kernel(struct trapframe *tf);
noreturn void trap_stack_overflow(struct trapframe *tf);

static const char *const cause_names[] = {
	[CAUSE_FETCH_MISALIGNED] = "misaligned instruction address",
	[CAUSE_FETCH_ACCESS] = "instruction access fault",
	[CAUSE_ILLEGAL] = "illegal instruction",
	[CAUSE_BREAKPOINT] = "breakpoint",
	[CAUSE_LOAD_MISALIGNED] = "misaligned load",
	[CAUSE_LOAD_ACCESS] = "load access fault",
	[CAUSE_STORE_MISALIGNED] = "misaligned store",
	[CAUSE_STORE_ACCESS] = "store access fault",
	[CAUSE_ECALL_USER] = "system call",
	[CAUSE_FETCH_PAGE] = "instruction page fault",
	[CAUSE_LOAD_PAGE] = "load page fault",
	[CAUSE_STORE_PAGE] = "store page fault",
};

static const char *
trap_cause_name(uint64_t cause)
{
	if (cause & CAUSE_INTERRUPT)
		return "interrupt";
	if (cause < ARRAY_SIZE(cause_names) && cause_names[cause] != NULL)
		return cause_names[cause];
	return "unknown trap";
}

/* Call the handler of an interrupt; interrupts stay off. */
static void
handle_interrupt(uint64_t cause)
{
	struct hart *h = this_hart();

	assert(!irq_enabled());
	h->irq_depth++;
	switch (cause & ~CAUSE_INTERRUPT) {
	case CAUSE_IRQ_TIMER:
		timer_interrupt();
		break;
	case CAUSE_IRQ_EXTERNAL:
		irq_dispatch();
		break;
	case CAUSE_IRQ_SOFT:
		csr_clear("sip", SIE_SSIE);
		hart_ipi_received();
		break;
	default:
		panic("interrupt with unknown cause %lu", cause);
	}
	h->irq_depth--;
}

static void
user_exception(struct trapframe *tf, uint64_t cause)
{
	switch (cause) {
	case CAUSE_LOAD_PAGE:
		process_fault(tf, ACCESS_READ, tf->tval);
		break;
	case CAUSE_STORE_PAGE:
		process_fault(tf, ACCESS_WRITE, tf->tval);
		break;
	case CAUSE_FETCH_PAGE:
		process_fault(tf, ACCESS_EXEC, tf->tval);
		break;
	case CAUSE_ILLEGAL:
		if (!fp_first_use(thread_current()))
			process_illegal(tf);
		break;
	case CAUSE_BREAKPOINT:
		process_breakpoint(tf);
		break;
	case CAUSE_FETCH_MISALIGNED:
	case CAUSE_LOAD_MISALIGNED:
	case CAUSE_STORE_MISALIGNED:
		process_misaligned(tf);
		break;
	default:
		process_bus_error(tf);
		break;
	}
}

void
trap_from_user(struct trapframe *tf, uint64_t cause)
{
	struct thread *t = thread_current();

	assert(this_hart()->spin_depth == 0);
	if (likely(cause == CAUSE_ECALL_USER)) {
		tf->pc += 4;
		irq_enable();
		syscall_dispatch(tf);
	} else if (cause & CAUSE_INTERRUPT) {
		handle_interrupt(cause);
		irq_enable();
	} else {
		irq_enable();
		user_exception(tf, cause);
	}
	/*
	 * The last check of the flags must be with interrupts off; otherwise a
	 * flag set by an interrupt after the check would stay pending until the
	 * next trap.
	 */
	(void)irq_disable();
	if (unlikely(atomic_load_explicit(&t->flags, memory_order_relaxed) &
		     (THREAD_SIGNAL | THREAD_KILL | THREAD_RESCHED |
		      THREAD_COUNTED))) {
		irq_enable();
		process_return_to_user(tf);
	}
}

void
trap_from_kernel(struct trapframe *tf)
{
	const char *why;

	if (tf->cause & CAUSE_INTERRUPT) {
		handle_interrupt(tf->cause);
		return;
	}
	if ((tf->cause == CAUSE_LOAD_PAGE || tf->cause == CAUSE_STORE_PAGE) &&
	    kstack_sync())
		return; /* the thread repeats the access */
	/* For the next two causes, tval is not an address. */
	if (tf->cause == CAUSE_BREAKPOINT)
		panic_trap(tf,
			   "%s in the kernel: undefined behavior, "
			   "found by the compiler's check (UBSAN)",
			   trap_cause_name(tf->cause));
	if (tf->cause == CAUSE_ILLEGAL)
		panic_trap(tf, "%s in the kernel: %#lx",
			   trap_cause_name(tf->cause), tf->tval);
	if (tf->tval >= PAGE_SIZE && tf->tval < USER_END)
		why = "the kernel must access user memory through space_read() "
		      "and space_write()";
	else
		why = "a kernel bug";
	panic_trap(tf, "%s in the kernel, address %#lx is %s: %s",
		   trap_cause_name(tf->cause), tf->tval,
		   kmap_describe(tf->tval), why);
}

void
trap_stack_overflow(struct trapframe *tf)
{
	panic_trap(tf, "kernel stack overflow: sp %#lx ran into the guard page",
		   tf->sp);
}
