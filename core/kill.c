/* SPDX-License-Identifier: MIT */
/*
 * core/kill.c - the signals of the core profile: they kill, or do nothing.
 *
 * There are no handlers, no masks, no stops and no signals that stay pending.
 * A signal with the default action to terminate kills the process, unless it is
 * init, at its next return to user mode; other signals are dropped.  The
 * functions stand in for proc/signal.c, deliver.c and sigself.c behind
 * proc/signal.h.
 */
#include "arch/irq.h"
#include "arch/trap.h"
#include "fs/current.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "proc/exit.h"
#include "proc/process.h"
#include "syscall/syscall.h"

static bool
kills(int sig)
{
	enum signal_action action = signal_default_action(sig);

	return action == ACTION_TERMINATE || action == ACTION_CORE;
}

int
signal_send(struct process *p, struct task *t, int sig,
	    const struct siginfo *info)
{
	requires_lock(&proc_lock);
	if (p->state != PROCESS_ALIVE || p->exiting)
		return 0;
	if (p != process_init && kills(sig))
		process_kill(p, NULL, STATUS_KILLED(sig));
	return 0;
}

void
signal_force(int sig, int code, uaddr_t addr)
{
	process_exit(STATUS_KILLED(sig));
}

void
current_signal(int sig)
{
	spin_lock(&proc_lock);
	(void)signal_send(process_current(), NULL, sig, NULL);
	spin_unlock(&proc_lock);
}

/* kill(2), for one process: -ESRCH, or -EINVAL for a group or a bad number. */
int64_t
sys_kill(pid_t pid, int sig)
{
	struct process *p;
	int err = 0;

	if (pid <= 0 || sig < 0 || sig > NSIG)
		return -EINVAL;
	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p == NULL)
		err = -ESRCH;
	else if (sig != 0)
		err = signal_send(p, NULL, sig, NULL);
	spin_unlock(&proc_lock);
	return err;
}

/* Before a return to user mode: exit if the process was killed, or yield. */
void
process_return_to_user(struct trapframe *tf)
{
	struct thread *t = thread_current();
	unsigned flags;

	for (;;) {
		(void)irq_disable();
		flags = atomic_load_explicit(&t->flags, memory_order_relaxed);
		if (flags & (THREAD_KILL | THREAD_RESCHED)) {
			irq_enable();
			if (flags & THREAD_KILL)
				task_exit(0);
			sched_give_way();
		} else {
			break;
		}
	}
}
