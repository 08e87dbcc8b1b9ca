/* SPDX-License-Identifier: MIT */
/*
 * proc/sigframe.c - the frame on the user stack of a signal handler, in the
 * layout of Linux riscv64, and the return from the handler.
 *
 * sigframe_push() and sigframe_return() run in process context with no lock
 * held, for the current thread.  Only pc, x1..x31 and the floating-point
 * registers are restored from user memory; the status register never is.  A
 * stack that cannot hold the frame is -EFAULT; a frame that cannot be read back
 * raises SIGSEGV.
 */
#include "arch/context.h"
#include "kernel/hart.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/fault.h"
#include "mm/space.h"
#include "proc/process.h"
#include "proc/shortage.h"
#include "proc/signal.h"
#include "proc/sigpage.h"

#define CAUSE_NONE UINT64_C(0x7fffffffffffffff)

struct user_context {
	uint64_t flags, link;
	struct stack_alt stack;
	sigset_t mask;
	uint8_t unused[128 - sizeof(sigset_t)];
	uint64_t align;
	uint64_t regs[32]; /* pc, x1 .. x31 */
	uint64_t f[32];
	uint32_t fcsr, pad;
	uint64_t fp_rest[33]; /* the Q extension needs this much */
};

struct sigframe {
	struct siginfo info;
	struct user_context uc;
};

_Static_assert(offsetof(struct user_context, mask) == 40, "uc_sigmask");
_Static_assert(offsetof(struct user_context, regs) == 176, "uc_mcontext");
_Static_assert(sizeof(struct user_context) == 960, "ucontext");
_Static_assert(sizeof(struct sigframe) == 1088, "rt_sigframe");

static void
save_fp(struct user_context *uc)
{
	struct thread *t = thread_current();

	fp_save(t);
	memcpy(uc->f, t->fp.f, sizeof(uc->f));
	uc->fcsr = t->fp.fcsr;
}

static void
restore_fp(const struct user_context *uc)
{
	struct thread *t = thread_current();

	memcpy(t->fp.f, uc->f, sizeof(uc->f));
	t->fp.fcsr = uc->fcsr & 0xff;
	fp_changed(t);
}

/*
 * The address of the frame: below sp, or at the top of the alternate stack.  0
 * if the frame would overflow the alternate stack.
 */
static uaddr_t
place(const struct task *t, uaddr_t sp, const struct sigaction *act)
{
	const struct stack_alt *alt = &t->altstack;
	bool on = signal_on_altstack(t, sp);
	uaddr_t at;

	if (!on && (act->flags & SA_ONSTACK) && alt->flags != SS_DISABLE) {
		sp = alt->sp + alt->size;
		on = true;
	}
	at = ROUND_DOWN(sp - sizeof(struct sigframe), UINT64_C(16));
	if (on && at < alt->sp)
		return 0;
	return at;
}

/*
 * Store the frame as the program's own stores would: if memory has run out, a
 * process is killed for it (proc/shortage.c).  0 or -EFAULT.
 */
static int
store(uaddr_t at, const struct sigframe *frame)
{
	struct thread *me = thread_current();
	uaddr_t end = at + sizeof(*frame);

	if (likely(copy_to_user(at, frame, sizeof(*frame)) == 0))
		return 0;
	for (uaddr_t va = PAGE_DOWN(at); va < end; va += PAGE_SIZE) {
		int err = space_fault(me->space, va, VM_WRITE);

		if (err == -ENOMEM && !thread_starved(me))
			err = shortage_fault(VM_WRITE, va);
		if (err != 0)
			return -EFAULT;
	}
	return copy_to_user(at, frame, sizeof(*frame));
}

int
sigframe_push(struct trapframe *tf, int sig, const struct sigaction *act,
	      const struct siginfo *info, sigset_t mask)
{
	struct task *t = task_current();
	uaddr_t at = place(t, tf->sp, act);
	struct sigframe frame;
	struct stack_alt old;

	if (at == 0)
		return -EFAULT;
	memset(&frame, 0, sizeof(frame));
	frame.info = *info;
	(void)signal_altstack(NULL, &old, tf->sp);
	frame.uc.stack = old;
	frame.uc.mask = mask;
	frame.uc.regs[0] = tf->pc;
	memcpy(&frame.uc.regs[1], tf->x, sizeof(tf->x));
	save_fp(&frame.uc);
	if (store(at, &frame) != 0)
		return -EFAULT;

	signal_disarm_altstack(t);
	tf->pc = act->handler;
	tf->sp = at;
	tf->ra = SIGPAGE_ADDR;
	tf->a[0] = (uint64_t)sig;
	tf->a[1] = at + offsetof(struct sigframe, info);
	tf->a[2] = at + offsetof(struct sigframe, uc);
	return 0;
}

int64_t
sigframe_return(struct trapframe *tf)
{
	struct task *t = task_current();
	struct user_context uc;
	uaddr_t at = tf->sp + offsetof(struct sigframe, uc);

	tf->cause = CAUSE_NONE;
	if (!IS_ALIGNED(tf->sp, 16) ||
	    copy_from_user(&uc, at, sizeof(uc)) != 0) {
		signal_force(SIGSEGV, SI_KERNEL, 0);
		return 0;
	}
	tf->pc = uc.regs[0];
	memcpy(tf->x, &uc.regs[1], sizeof(tf->x));
	restore_fp(&uc);
	(void)signal_change_mask(SIG_SETMASK, uc.mask, NULL);
	t->restore_blocked = false;
	/*
	 * Restore the alternate stack; an invalid one in the frame is ignored.
	 */
	if (uc.stack.flags != SS_ONSTACK)
		(void)signal_altstack(&uc.stack, NULL, tf->sp);
	return (int64_t)tf->a[0];
}
