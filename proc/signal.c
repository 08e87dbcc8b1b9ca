/* SPDX-License-Identifier: MIT */
/*
 * proc/signal.c - sending signals, and queueing them until they are delivered.
 *
 * signal_send() makes a signal pending and interrupts a task that does not
 * block it; signal_kill(), signal_kill_task() and signal_send_group() find the
 * targets.  Everything happens under proc_lock, from any context.
 *
 * A queue entry holds the details of a signal and is allocated without
 * sleeping.  Without memory for an entry, an ordinary signal is still
 * delivered, but without its details; a real-time signal with details other
 * than kill(2)'s fails with -EAGAIN.  Entries are charged to the user of the
 * process that receives the signal; RLIMIT_SIGPENDING limits the entries of
 * real-time signals.  Any other signal has at most one entry per task and one
 * per process.
 */
#include "proc/signal.h"

#include "kernel/panic.h"
#include "kernel/sched.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "mm/user.h"
#include "proc/group.h"
#include "proc/process.h"
#include "proc/wait.h"

struct sigqueue {
	struct list_node node;
	struct user *user; /* charged for the entry; a reference */
	struct siginfo info;
};

/* Signals that a program's own instructions raise are delivered first. */
#define FAULT_SIGNALS                                           \
	(SIG_BIT(SIGILL) | SIG_BIT(SIGTRAP) | SIG_BIT(SIGBUS) | \
	 SIG_BIT(SIGFPE) | SIG_BIT(SIGSEGV) | SIG_BIT(SIGSYS))

/* ---- the queue ---- */

void
sigpending_init(struct sigpending *q)
{
	q->set = 0;
	list_init(&q->queue);
}

/*
 * Allocate and charge an entry for p; NULL: no memory, or `most` are charged.
 */
static struct sigqueue *
entry_alloc(struct process *p, uint64_t most)
{
	struct user *u = p->main->thread.user;
	struct sigqueue *e;

	if (!user_charge(u, USER_SIGNALS, 1, most))
		return NULL;
	e = kmalloc_atomic(sizeof(*e));
	if (e == NULL)
		user_uncharge(u, USER_SIGNALS, 1);
	else
		e->user = user_get(u);
	return e;
}

static void
entry_free(struct sigqueue *e)
{
	list_del(&e->node);
	user_uncharge(e->user, USER_SIGNALS, 1);
	user_put(e->user);
	kfree(e);
}

void
sigpending_clear(struct sigpending *q)
{
	q->set = 0;
	while (!list_empty(&q->queue))
		entry_free(list_first(&q->queue, struct sigqueue, node));
}

/* Drop the signals of `set` from one queue. */
static void
discard(struct sigpending *q, sigset_t set)
{
	struct sigqueue *e, *next;

	if ((q->set & set) == 0)
		return;
	q->set &= ~set;
	list_for_each_entry_safe(e, next, &q->queue, node) {
		if (set & SIG_BIT(e->info.signo))
			entry_free(e);
	}
}

static void
discard_everywhere(struct process *p, sigset_t set)
{
	struct task *t;

	discard(&p->pending, set);
	list_for_each_entry(t, &p->tasks, node)
		discard(&t->pending, set);
}

/* Make a signal pending in q: 0, or -EAGAIN if there is no entry for it. */
static int
queue_add(struct process *p, struct sigpending *q, int sig,
	  const struct siginfo *info)
{
	bool realtime = sig >= SIGRTMIN;
	struct sigqueue *e;

	if (!realtime && (q->set & SIG_BIT(sig)))
		return 0;
	e = entry_alloc(p, realtime ? p->limits[RLIMIT_SIGPENDING].cur
				    : UINT64_MAX);
	if (e == NULL && realtime && info != NULL && info->code != SI_USER)
		return -EAGAIN;
	q->set |= SIG_BIT(sig);
	if (e == NULL)
		return 0;
	if (info != NULL) {
		e->info = *info;
	} else {
		memset(&e->info, 0, sizeof(e->info));
		e->info.code = SI_KERNEL;
	}
	e->info.signo = sig;
	list_push_back(&q->queue, &e->node);
	return 0;
}

/* Dequeue one `sig`, which is in q->set, with its details. */
static void
queue_take(struct sigpending *q, int sig, struct siginfo *info)
{
	struct sigqueue *e, *found = NULL;
	bool more = false;

	list_for_each_entry(e, &q->queue, node) {
		if (e->info.signo != sig)
			continue;
		if (found != NULL) {
			more = true;
			break;
		}
		found = e;
	}
	if (!more)
		q->set &= ~SIG_BIT(sig);
	if (found == NULL) {
		memset(info, 0, sizeof(*info));
		info->signo = sig;
		return;
	}
	*info = found->info;
	entry_free(found);
}

int
signal_dequeue(struct task *t, sigset_t blocked, struct siginfo *info)
{
	struct process *p = t->thread.process;
	struct sigpending *q = &t->pending;
	sigset_t set;
	int sig;

	requires_lock(&proc_lock);
	if (t->forced.signo != 0) {
		*info = t->forced;
		t->forced.signo = 0;
		return info->signo;
	}
	set = q->set & ~blocked;
	if (set == 0) {
		q = &p->pending;
		set = q->set & ~blocked;
	}
	if (set == 0)
		return 0;
	if (set & FAULT_SIGNALS)
		set &= FAULT_SIGNALS;
	sig = __builtin_ctzll(set) + 1;
	queue_take(q, sig, info);
	return sig;
}

void
signal_recalc(struct task *t)
{
	struct process *p = t->thread.process;
	sigset_t set = t->pending.set | p->pending.set;

	requires_lock(&proc_lock);
	if ((set & ~t->blocked) != 0 || t->forced.signo != 0 ||
	    p->stop_signal != 0)
		atomic_fetch_or(&t->thread.flags, THREAD_SIGNAL);
	else
		atomic_fetch_and(&t->thread.flags, ~THREAD_SIGNAL);
}

void
signal_retarget(struct task *t, sigset_t set)
{
	struct process *p = t->thread.process;
	struct task *each;

	requires_lock(&proc_lock);
	set &= p->pending.set;
	if (likely(set == 0))
		return;
	list_for_each_entry(each, &p->tasks, node) {
		if (each != t && (set & ~each->blocked) != 0)
			sched_interrupt(&each->thread, THREAD_SIGNAL);
	}
}

void
signal_forget(struct task *t)
{
	requires_lock(&proc_lock);
	discard(&t->pending, ~UINT64_C(0));
	t->forced.signo = 0;
	atomic_fetch_and(&t->thread.flags, ~(THREAD_SIGNAL | THREAD_KILL));
}

/* ---- the effect of a signal ---- */

/* By default, has the signal no effect on a process that runs? */
static bool
is_harmless(int sig)
{
	enum signal_action action = signal_default_action(sig);

	return action == ACTION_IGNORE || action == ACTION_CONTINUE;
}

static sigset_t
stop_signals(void)
{
	sigset_t set = 0;

	for (int sig = 1; sig <= NSIG; sig++) {
		if (signal_default_action(sig) == ACTION_STOP)
			set |= SIG_BIT(sig);
	}
	return set;
}

/* Does p ignore sig now, by choice or by default? */
static bool
is_ignored(struct process *p, struct task *t, int sig)
{
	uint64_t handler = p->actions[sig - 1].handler;

	requires_lock(&proc_lock);
	if (t->blocked & SIG_BIT(sig))
		return false;
	if (p == process_init && handler == SIG_DFL)
		return true;
	return handler == SIG_IGN || (handler == SIG_DFL && is_harmless(sig));
}

/*
 * Will the signal certainly kill p?  While p is stopped, only SIGKILL does; any
 * other signal stays pending until p continues.
 */
static bool
is_fatal(struct process *p, struct task *t, int sig)
{
	if (sig == SIGKILL)
		return true;
	return p->stop_signal == 0 && p->actions[sig - 1].handler == SIG_DFL &&
	       !is_harmless(sig) && signal_default_action(sig) != ACTION_STOP &&
	       (t->blocked & SIG_BIT(sig)) == 0 && p != process_init;
}

/* ---- sending ---- */

/* Continue a stopped process. */
static void
resume(struct process *p)
{
	requires_lock(&proc_lock);
	if (p->stop_signal == 0)
		return;
	__atomic_store_n(&p->stop_signal, 0, __ATOMIC_RELAXED);
	p->stop_begun = p->stop_report = false;
	p->cont_report = true;
	waitq_wake_all(&p->stop_waitq);
	process_notify_parent(p, CLD_CONTINUED, SIGCONT);
}

/*
 * The task to interrupt for a signal to the whole process: the first that does
 * not block it, else the oldest.
 */
static struct task *
choose_task(struct process *p, int sig)
{
	struct task *t;

	list_for_each_entry(t, &p->tasks, node) {
		if ((t->blocked & SIG_BIT(sig)) == 0)
			return t;
	}
	return list_first(&p->tasks, struct task, node);
}

/* After a signal has become pending: interrupt t, or kill the process. */
static void
alert(struct process *p, struct task *t, int sig)
{
	struct task *each;

	if (is_fatal(p, t, sig)) {
		process_kill(p, NULL, STATUS_KILLED(sig));
		return;
	}
	if ((t->blocked & SIG_BIT(sig)) == 0)
		sched_interrupt(&t->thread, THREAD_SIGNAL);
	/* Wake those in sigtimedwait(): each checks the queues again. */
	list_for_each_entry(each, &p->tasks, node)
		waitq_wake_all(&each->sig_waitq);
}

int
signal_send(struct process *p, struct task *t, int sig,
	    const struct siginfo *info)
{
	struct task *target = t;
	int err;

	requires_lock(&proc_lock);
	if (p->state != PROCESS_ALIVE || p->exiting)
		return 0;
	if (target == NULL)
		target = choose_task(p, sig);
	else if (!list_linked(&target->node))
		return 0; /* a main task that ended before the others */
	if (sig == SIGCONT) {
		discard_everywhere(p, stop_signals());
		resume(p);
	} else if (signal_default_action(sig) == ACTION_STOP) {
		discard_everywhere(p, SIG_BIT(SIGCONT));
	}
	if (is_ignored(p, target, sig))
		return 0;
	err = queue_add(p, t != NULL ? &t->pending : &p->pending, sig, info);
	if (err == 0)
		alert(p, target, sig);
	return err;
}

void
siginfo_from_current(struct siginfo *info, int sig, int code)
{
	memset(info, 0, sizeof(*info));
	info->signo = sig;
	info->code = code;
	info->kill.pid = process_pid(process_current());
	info->kill.uid = thread_current()->cred.uid;
}

static bool
may_signal(struct process *p, struct task *t, int sig)
{
	const struct cred *me = &thread_current()->cred;
	const struct cred *it = &(t != NULL ? t : p->main)->thread.cred;

	if (me->euid == 0 || me->euid == it->uid || me->euid == it->suid ||
	    me->uid == it->uid || me->uid == it->suid)
		return true;
	return sig == SIGCONT && p->pgrp != NULL &&
	       p->pgrp->session == process_current()->pgrp->session;
}

/* Signal one target of kill(2), if permitted. */
static int
kill_one(struct process *p, struct task *t, int sig, const struct siginfo *info)
{
	if (!may_signal(p, t, sig))
		return -EPERM;
	return sig == 0 ? 0 : signal_send(p, t, sig, info);
}

static int
kill_group(pid_t pgid, int sig, const struct siginfo *info)
{
	struct pgrp *g = group_lookup(pgid);
	struct process *p;
	bool done = false;
	int err = 0;

	if (g == NULL)
		return -ESRCH;
	/* A group has at least one member, so the loop sets err. */
	list_for_each_entry(p, &g->members, pgrp_node) {
		err = kill_one(p, NULL, sig, info);
		done |= err == 0;
	}
	return done ? 0 : err;
}

static int
kill_all(int sig, const struct siginfo *info)
{
	struct process *me = process_current(), *p;
	int result = -ESRCH, err;

	list_for_each_entry(p, &process_list, all_node) {
		if (p == me || p == process_init)
			continue;
		err = kill_one(p, NULL, sig, info);
		/* As on Linux, kill(-1) never returns -EPERM. */
		if (err != -EPERM)
			result = err;
		else if (result == -ESRCH)
			result = 0;
	}
	return result;
}

int
signal_kill(pid_t pid, int sig, const struct siginfo *info)
{
	struct process *p;
	int err;

	if (sig < 0 || sig > NSIG)
		return -EINVAL;
	spin_lock(&proc_lock);
	if (pid > 0) {
		p = process_of(pid);
		err = p == NULL ? -ESRCH : kill_one(p, NULL, sig, info);
	} else if (pid == -1) {
		err = kill_all(sig, info);
	} else if (pid == 0) {
		err = kill_group(process_pgid(process_current()), sig, info);
	} else {
		err = pid == INT32_MIN ? -ESRCH : kill_group(-pid, sig, info);
	}
	spin_unlock(&proc_lock);
	return err;
}

int
signal_kill_task(pid_t tgid, pid_t tid, int sig, const struct siginfo *info)
{
	struct task *t;
	int err = -ESRCH;

	if (sig < 0 || sig > NSIG || tid <= 0)
		return -EINVAL;
	spin_lock(&proc_lock);
	t = task_lookup(tid);
	if (t != NULL && (tgid <= 0 || process_pid(t->thread.process) == tgid))
		err = kill_one(t->thread.process, t, sig, info);
	spin_unlock(&proc_lock);
	return err;
}

void
signal_send_group(pid_t pgid, int sig, const struct siginfo *info)
{
	struct process *p;
	struct pgrp *g;

	spin_lock(&proc_lock);
	g = group_lookup(pgid);
	if (g != NULL) {
		list_for_each_entry(p, &g->members, pgrp_node)
			(void)signal_send(p, NULL, sig, info);
	}
	spin_unlock(&proc_lock);
}

/* ---- actions ---- */

int
signal_set_action(int sig, const struct sigaction *new, struct sigaction *old)
{
	struct process *p = process_current();
	struct sigaction *act;

	if (sig < 1 || sig > NSIG)
		return -EINVAL;
	if (new != NULL && (sig == SIGKILL || sig == SIGSTOP))
		return -EINVAL;
	spin_lock(&proc_lock);
	act = &p->actions[sig - 1];
	if (old != NULL)
		*old = *act;
	if (new != NULL) {
		*act = *new;
		act->mask &= ~(SIG_BIT(SIGKILL) | SIG_BIT(SIGSTOP));
		/* A program sees from the old action what is honoured. */
		act->flags &= SA_KNOWN;
		/* POSIX: ignoring a signal discards its pending instances. */
		if (act->handler == SIG_IGN ||
		    (act->handler == SIG_DFL && is_harmless(sig)))
			discard_everywhere(p, SIG_BIT(sig));
	}
	spin_unlock(&proc_lock);
	return 0;
}

void
signal_reset_caught(struct process *p)
{
	spin_lock(&proc_lock);
	for (int i = 0; i < NSIG; i++) {
		struct sigaction *act = &p->actions[i];

		if (act->handler != SIG_IGN)
			act->handler = SIG_DFL;
		act->flags = 0;
		act->mask = 0;
	}
	spin_unlock(&proc_lock);
}
