/* SPDX-License-Identifier: MIT */
/*
 * proc/deliver.c - the last step before user mode: reschedule, exit if killed,
 * and deliver signals.
 *
 * process_return_to_user() is the entry, called on the way to user mode in
 * process context with no lock held.  It returns with interrupts off and none
 * of LOOK_FLAGS set.  A signal from outside ends a thread only here, so no
 * kernel function is cut off before it returns.
 */
#include "arch/irq.h"
#include "arch/trap.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "proc/exit.h"
#include "proc/group.h"
#include "proc/itimer.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "proc/wait.h"

#define CAUSE_ECALL 8
/* A value of trapframe.cause: no system call is to be restarted. */
#define CAUSE_NONE UINT64_C(0x7fffffffffffffff)

#define LOOK_FLAGS (THREAD_SIGNAL | THREAD_KILL | THREAD_RESCHED)

#define CPU_LIMIT_NS (NSEC_PER_SEC / 100) /* between two checks of a thread */

enum verdict { IGNORE, STOP, DIE, HANDLE };

static enum verdict
judge(struct process *p, int sig, const struct sigaction *act)
{
	if (act->handler == SIG_IGN)
		return IGNORE;
	if (act->handler != SIG_DFL)
		return HANDLE;
	if (p == process_init)
		return IGNORE;
	switch (signal_default_action(sig)) {
	case ACTION_IGNORE:
	case ACTION_CONTINUE: /* the process runs */
		return IGNORE;
	case ACTION_STOP:
		/* An orphaned group has no shell that could continue it. */
		if (sig != SIGSTOP && group_orphaned(p->pgrp, NULL))
			return IGNORE;
		return STOP;
	default:
		return DIE;
	}
}

/* Restart an interrupted system call, or let it fail with EINTR. */
static void
restart_or_fail(struct trapframe *tf, bool again)
{
	if (again) {
		tf->a[0] = tf->orig_a0;
		tf->pc -= 4;
	} else {
		tf->a[0] = (uint64_t)-EINTR;
	}
}

/*
 * Restart or fail an interrupted system call.  act: the action of the handler
 * that is about to run; NULL: no handler runs.
 */
static void
settle_syscall(struct task *t, struct trapframe *tf,
	       const struct sigaction *act)
{
	if (tf->cause != CAUSE_ECALL)
		return;
	switch ((int64_t)tf->a[0]) {
	case -ERESTARTSYS:
		restart_or_fail(tf, act == NULL || (act->flags & SA_RESTART));
		break;
	case -ERESTARTNOHAND:
		restart_or_fail(tf, act == NULL);
		break;
	case -ERESTARTNOINTR:
		restart_or_fail(tf, true);
		break;
	case -ERESTART_SLEEP:
		t->sleep_again = act == NULL;
		restart_or_fail(tf, act == NULL);
		break;
	}
	tf->cause = CAUSE_NONE;
}

static void
run_handler(struct task *t, struct trapframe *tf, int sig,
	    const struct sigaction *act, const struct siginfo *info)
{
	sigset_t mask = t->restore_blocked ? t->saved_blocked : t->blocked;
	sigset_t block = t->blocked | act->mask;

	settle_syscall(t, tf, act);
	t->sleep_again = false;
	if (sigframe_push(tf, sig, act, info, mask) != 0) {
		if (sig == SIGSEGV)
			process_exit(STATUS_KILLED(SIGSEGV));
		signal_force(SIGSEGV, SI_KERNEL, 0);
		return;
	}
	t->restore_blocked = false;
	if ((act->flags & SA_NODEFER) == 0)
		block |= SIG_BIT(sig);
	(void)signal_change_mask(SIG_SETMASK, block, NULL);
}

/*
 * Stop p.  The caller has dequeued `sig` in the same section under proc_lock,
 * so no SIGCONT can have arrived in between.
 */
static void
begin_stop(struct process *p, int sig)
{
	requires_lock(&proc_lock);
	__atomic_store_n(&p->stop_signal, sig, __ATOMIC_RELAXED);
	process_interrupt(p, NULL, THREAD_SIGNAL);
	p->stop_begun = true;
	p->cont_report = false;
}

void
process_check_stop(struct process *p)
{
	requires_lock(&proc_lock);
	if (likely(!p->stop_begun) || p->group_exit || p->live == 0 ||
	    p->halted < p->live)
		return;
	p->stop_begun = false;
	p->stop_report = true;
	process_notify_parent(p, CLD_STOPPED, p->stop_signal);
}

static inline bool
stopped(struct process *p)
{
	return __atomic_load_n(&p->stop_signal, __ATOMIC_RELAXED) != 0;
}

/* Sleep until the process is continued or killed. */
static void
stand_still(struct process *p)
{
	spin_lock(&proc_lock);
	p->halted++;
	process_check_stop(p);
	spin_unlock(&proc_lock);
	(void)wait_event_killable(&p->stop_waitq, !stopped(p));
	spin_lock(&proc_lock);
	p->halted--;
	spin_unlock(&proc_lock);
}

/* Deliver one pending signal; false if there is none. */
static bool
deliver_one(struct task *t, struct trapframe *tf)
{
	struct process *p = t->thread.process;
	enum verdict v = IGNORE;
	struct sigaction act;
	struct siginfo info;
	int sig;

	spin_lock(&proc_lock);
	sig = signal_dequeue(t, t->blocked, &info);
	if (sig != 0) {
		act = p->actions[sig - 1];
		v = judge(p, sig, &act);
		if (v == HANDLE && (act.flags & SA_RESETHAND))
			p->actions[sig - 1].handler = SIG_DFL;
		if (v == STOP)
			begin_stop(p, sig);
	}
	signal_recalc(t);
	spin_unlock(&proc_lock);
	if (sig == 0)
		return false;
	if (v == DIE)
		process_exit(STATUS_KILLED(sig));
	if (v == HANDLE)
		run_handler(t, tf, sig, &act, &info);
	return true;
}

static void
deliver(struct task *t, struct trapframe *tf)
{
	struct process *p = t->thread.process;

	/* Another task may have dequeued the signal that stops all tasks. */
	if (stopped(p))
		stand_still(p);
	if (deliver_one(t, tf))
		return;
	if (t->restore_blocked) {
		t->restore_blocked = false;
		(void)signal_change_mask(SIG_SETMASK, t->saved_blocked, NULL);
	}
}

/*
 * Check timers and limits on processor time, once per CPU_LIMIT_NS that the
 * thread has used.  From the soft RLIMIT_CPU on the process gets SIGXCPU once a
 * second, at the hard limit SIGKILL, as setrlimit(2) says.  Process context;
 * may take proc_lock.
 */
static void
check_cpu_time(struct thread *t)
{
	struct process *p = t->process;
	struct rlimit *limit = &p->limits[RLIMIT_CPU];
	uint64_t seconds;
	struct usage u;

	if (t->user_ns + t->sys_ns < t->look_at)
		return;
	t->look_at = t->user_ns + t->sys_ns + CPU_LIMIT_NS;
	spin_lock(&proc_lock);
	process_usage(p, &u);
	seconds = (u.user_ns + u.sys_ns) / NSEC_PER_SEC;
	itimer_check_cpu(p, &u);
	if (!process_counts_cpu(p)) {
		atomic_fetch_and(&t->flags, ~THREAD_COUNTED);
	} else if (seconds >= limit->max) {
		(void)signal_send(p, NULL, SIGKILL, NULL);
	} else if (seconds >= limit->cur) {
		(void)signal_send(p, NULL, SIGXCPU, NULL);
		limit->cur = seconds + 1;
	}
	spin_unlock(&proc_lock);
}

void
process_return_to_user(struct trapframe *tf)
{
	struct task *t = task_current();
	unsigned flags;

	if (unlikely(t->thread.flags & THREAD_COUNTED))
		check_cpu_time(&t->thread);
	for (;;) {
		(void)irq_disable();
		flags = atomic_load_explicit(&t->thread.flags,
					     memory_order_relaxed);
		if ((flags & LOOK_FLAGS) == 0 && !t->restore_blocked)
			break;
		irq_enable();
		if (flags & THREAD_KILL)
			task_exit(0);
		sched_give_way();
		if ((flags & THREAD_SIGNAL) || t->restore_blocked)
			deliver(t, tf);
	}
	settle_syscall(t, tf, NULL);
}
