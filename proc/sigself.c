/* SPDX-License-Identifier: MIT */
/*
 * proc/sigself.c - a task's own signals: masks, sigtimedwait(2), the alternate
 * stack, and signals for faults of the task itself.
 *
 * Process context, no lock held on entry.  Nothing here allocates.
 */
#include "kernel/panic.h"
#include "lib/string.h"
#include "proc/exit.h"
#include "proc/process.h"
#include "proc/signal.h"

#define UNBLOCKABLE (SIG_BIT(SIGKILL) | SIG_BIT(SIGSTOP))

static void
set_blocked(struct task *t, sigset_t set)
{
	spin_lock(&proc_lock);
	signal_retarget(t, set & ~t->blocked);
	t->blocked = set & ~UNBLOCKABLE;
	signal_recalc(t);
	spin_unlock(&proc_lock);
}

int
signal_change_mask(int how, sigset_t set, sigset_t *old)
{
	struct task *t = task_current();
	sigset_t now = t->blocked;

	switch (how) {
	case SIG_BLOCK:
		set |= now;
		break;
	case SIG_UNBLOCK:
		set = now & ~set;
		break;
	case SIG_SETMASK:
		break;
	default:
		return -EINVAL;
	}
	if (old != NULL)
		*old = now;
	set_blocked(t, set);
	return 0;
}

sigset_t
signal_pending_set(void)
{
	struct task *t = task_current();
	sigset_t set;

	spin_lock(&proc_lock);
	set = t->pending.set | t->thread.process->pending.set;
	spin_unlock(&proc_lock);
	return set & t->blocked;
}

void
signal_set_temporary_mask(sigset_t mask)
{
	struct task *t = task_current();

	t->saved_blocked = t->blocked;
	t->restore_blocked = true;
	set_blocked(t, mask);
}

static int
take_now(struct task *t, sigset_t set, struct siginfo *info)
{
	int sig;

	spin_lock(&proc_lock);
	sig = signal_dequeue(t, ~set, info);
	if (sig != 0)
		signal_recalc(t);
	spin_unlock(&proc_lock);
	return sig;
}

int
signal_take(sigset_t set, struct siginfo *info, uint64_t deadline)
{
	struct task *t = task_current();
	int sig = 0, err;

	set &= ~UNBLOCKABLE;
	err = wait_event_mode(&t->sig_waitq,
			      (sig = take_now(t, set, info)) != 0, WAIT_SIGNALS,
			      deadline);
	if (sig != 0)
		return sig;
	return err == -ETIMEDOUT ? -EAGAIN : -EINTR;
}

bool
signal_on_altstack(const struct task *t, uaddr_t sp)
{
	return t->altstack.flags == 0 && sp - t->altstack.sp < t->altstack.size;
}

void
signal_drop_altstack(struct task *t)
{
	memset(&t->altstack, 0, sizeof(t->altstack));
	t->altstack.flags = SS_DISABLE;
}

void
signal_disarm_altstack(struct task *t)
{
	if (t->altstack.flags & SS_AUTODISARM)
		signal_drop_altstack(t);
}

int
signal_altstack(const struct stack_alt *new, struct stack_alt *old, uaddr_t sp)
{
	struct task *t = task_current();
	bool on = signal_on_altstack(t, sp);
	int mode;

	if (old != NULL) {
		*old = t->altstack;
		old->flags = on ? SS_ONSTACK : t->altstack.flags;
	}
	if (new == NULL)
		return 0;
	if (on)
		return -EPERM;
	mode = new->flags & ~SS_AUTODISARM;
	if (mode != 0 && mode != SS_DISABLE && mode != SS_ONSTACK)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		signal_drop_altstack(t);
		return 0;
	}
	if (new->size < MINSIGSTKSZ)
		return -ENOMEM;
	t->altstack = *new;
	t->altstack.flags &= SS_AUTODISARM;
	return 0;
}

void
signal_force(int sig, int code, uaddr_t addr)
{
	struct task *t = task_current();
	struct process *p = t->thread.process;
	struct sigaction *act = &p->actions[sig - 1];
	bool dies;

	spin_lock(&proc_lock);
	if (act->handler == SIG_IGN || (t->blocked & SIG_BIT(sig))) {
		act->handler = SIG_DFL;
		t->blocked &= ~SIG_BIT(sig);
	}
	dies = act->handler == SIG_DFL;
	memset(&t->forced, 0, sizeof(t->forced));
	t->forced.signo = sig;
	t->forced.code = code;
	t->forced.fault.addr = addr;
	signal_recalc(t);
	spin_unlock(&proc_lock);
	if (dies)
		process_exit(STATUS_KILLED(sig));
}
