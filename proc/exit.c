/* SPDX-License-Identifier: MIT */
/*
 * proc/exit.c - exit of a task, and of a process with its last task.
 *
 * leave() is the exit path.  The task leaves its process, marks the robust
 * locks that it still holds, and drops its references to memory and files.  The
 * last task then ends the process under proc_lock: its children get a new
 * parent, and the process becomes a zombie, or is unlinked immediately if its
 * parent will not wait.  A parent that waits for the zombie frees the main
 * task's kernel stack (proc/wait.c).
 *
 * The entries are task_exit(), process_exit(), process_let_go() and, for
 * execve(2), process_end_others(); all run in process context with no lock
 * held.  Only process_end_others() can fail.
 */
#include "proc/exit.h"

#include "arch/hart.h"
#include "fs/fd.h"
#include "fs/file.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "mm/access.h"
#include "mm/space.h"
#include "proc/fork.h"
#include "proc/futex.h"
#include "proc/group.h"
#include "proc/job.h"
#include "proc/process.h"
#include "proc/shortage.h"
#include "proc/shutdown.h"
#include "proc/task.h"
#include "proc/wait.h"

/*
 * Power off, since init has exited.  If a shutdown has already begun, end only
 * this thread.
 */
static noreturn void
init_died(int status)
{
	int code = status >> 8 & 0xff;

	if (!shutdown_begin())
		sched_die();

	if (status & 0x7f) {
		log_error("init (pid 1) was killed by signal %d: powering off",
			  status & 0x7f);
		code = 128 + (status & 0x7f);
	} else {
		log_info("init (pid 1) exited with status %d: powering off",
			 code);
	}
	if (shutdown_finish() != 0 && code == 0)
		code = 1;
	machine_power_off(code);
}

/* The references, besides the space, that a task drops at its exit. */
struct belongings {
	struct fdtable *files;
	struct fs_context *fs;
	struct file *exe; /* the last task only */
};

void
task_leave_memory(struct task *t)
{
	if (t->thread.space == NULL)
		return;
	if (t->robust != 0)
		futex_robust_exit(t->robust, t->thread.tid);
	t->robust = 0;
	/* Another thread may share the memory and wait at clear_tid. */
	if (t->clear_tid != 0 && t->thread.space->users > 1 &&
	    user_store32(t->clear_tid, 0) == 0)
		(void)futex_wake(t->clear_tid, true, 1, FUTEX_ANY);
	t->clear_tid = 0;
}

/*
 * Remove t from p's tasks, so that signals and lookups no longer find it.  The
 * last task also removes the space, the files and the directories from p.  The
 * caller must drop the references in *b.
 */
static void
leave_process(struct process *p, struct task *t, struct belongings *b)
{
	requires_lock(&proc_lock);
	assert(list_linked(&t->node) && p->live > 0);
	list_del(&t->node);
	signal_forget(t);
	signal_retarget(t, ~t->blocked);
	*b = (struct belongings){ p->files, p->fs, NULL };
	if (list_empty(&p->tasks)) {
		p->exiting = true;
		sigpending_clear(&p->pending);
		b->exe = p->exe;
		p->space = NULL;
		p->files = NULL;
		p->fs = NULL;
		p->exe = NULL;
	}
}

static void
let_go(struct task *t, const struct belongings *b)
{
	struct space *s = t->thread.space;

	if (s != NULL) {
		thread_set_space(&t->thread, NULL);
		space_switch(NULL);
		space_put(s);
	}
	fdtable_put(b->files);
	fs_context_put(b->fs);
	if (b->exe != NULL)
		file_put(b->exe);
}

void
process_let_go(void)
{
	struct task *t = task_current();
	struct belongings b;

	spin_lock(&proc_lock);
	leave_process(process_current(), t, &b);
	spin_unlock(&proc_lock);
	task_leave_memory(t);
	let_go(t, &b);
}

/*
 * Decrement p->live for task t, which has released its resources.  True if t
 * was the last task.
 */
static bool
count_out(struct process *p, struct task *t, int status)
{
	bool last;

	spin_lock(&proc_lock);
	if (t == p->main) {
		p->status = status;
	} else {
		usage_add(&p->ended_usage, t);
		id_remove(&t->id);
		task_count--;
	}
	last = --p->live == 0;
	process_check_stop(p);
	waitq_wake_all(&p->alone_waitq);
	shutdown_task_ended();
	spin_unlock(&proc_lock);
	return last;
}

/*
 * Notify the parent that p has died.  True if the parent will not wait for p.
 */
static bool
report_death(struct process *p)
{
	struct process *parent = p->parent;
	const struct sigaction *act = &parent->actions[SIGCHLD - 1];
	bool unwanted =
		p->exit_signal == SIGCHLD &&
		(act->handler == SIG_IGN || (act->flags & SA_NOCLDWAIT));

	requires_lock(&proc_lock);
	if (p->exit_signal != 0)
		process_notify_parent(
			p, p->status & 0x7f ? CLD_KILLED : CLD_EXITED,
			p->status);
	waitq_wake_all(&parent->child_waitq);
	return unwanted;
}

/* The new parent of p's children: the nearest subreaper above p, or init. */
static struct process *
find_reaper(const struct process *p)
{
	struct process *up = p->parent;

	while (up != process_init && (!up->subreaper || up->exiting))
		up = up->parent;
	return up;
}

/*
 * Move the children of p to a new parent.  Zombies for which the new parent
 * will not wait go to `dead`, for the caller to free.
 */
static void
give_away_children(struct process *p, struct list_node *dead)
{
	struct process *reaper = find_reaper(p), *c, *next;
	struct siginfo info;

	requires_lock(&proc_lock);
	list_for_each_entry_safe(c, next, &p->children, sibling) {
		struct pgrp *g = c->pgrp;

		list_del(&c->sibling);
		c->parent = reaper;
		c->ppid = process_pid(reaper);
		c->exit_signal = SIGCHLD;
		if (c->death_signal != 0) {
			siginfo_from_current(&info, c->death_signal, SI_USER);
			(void)signal_send(c, NULL, c->death_signal, &info);
		}
		if (c->state == PROCESS_ZOMBIE) {
			list_push_front(&reaper->children, &c->sibling);
			if (report_death(c)) {
				wait_unlink(c);
				list_push_back(dead, &c->sibling);
			}
			continue;
		}
		list_push_back(&reaper->children, &c->sibling);
		if (g != p->pgrp && g->session == p->pgrp->session)
			group_check_orphan(g, NULL);
	}
}

/*
 * Make p a zombie, and move its children.  True if no parent will wait for p:
 * then p is unlinked, and the caller must free it.
 */
static bool
leave_family(struct process *p, struct list_node *dead)
{
	bool unwanted;

	spin_lock(&proc_lock);
	assert(p->live == 0 && p->state != PROCESS_ZOMBIE);
	give_away_children(p, dead);
	if (p->leads)
		p->pgrp->session->leader = NULL;
	if (p->group_exit)
		p->status = p->group_status;
	p->state = PROCESS_ZOMBIE;
	list_del(&p->sibling);
	list_push_front(&p->parent->children, &p->sibling);
	if (p->parent->pgrp != p->pgrp &&
	    p->parent->pgrp->session == p->pgrp->session)
		group_check_orphan(p->pgrp, p);
	unwanted = report_death(p);
	if (unwanted)
		wait_unlink(p);
	spin_unlock(&proc_lock);
	return unwanted;
}

/* End process p: t was its last task, and has released its resources. */
static void
end_process(struct process *p, struct task *t)
{
	struct list_node dead = LIST_INIT(dead), *n;

	if (p == process_init)
		init_died(p->group_exit ? p->group_status : p->status);
	timer_shutdown(&p->itimer);
	process_vfork_done(p);
	job_leader_exits(p);
	if (leave_family(p, &dead)) {
		if (t == p->main)
			t->thread.gone = task_gone;
		else
			task_reap(p->main);
		process_put(p);
	}
	shortage_process_gone();
	while ((n = list_pop_front(&dead)) != NULL)
		wait_free(list_entry(n, struct process, sibling));
}

/*
 * Exit the current task; with `all`, the whole process.  The first task to exit
 * with `all` sets the status of the process.
 */
static noreturn void
leave(int status, bool all)
{
	struct process *p = process_current();
	struct task *t = task_current();
	struct belongings b;

	lock_check_sleep();
	spin_lock(&proc_lock);
	if (all && !p->group_exit)
		process_kill(p, t, status);
	leave_process(p, t, &b);
	spin_unlock(&proc_lock);
	task_leave_memory(t);
	let_go(t, &b);
	atomic_fetch_or(&t->thread.flags, THREAD_LEAVING);
	if (count_out(p, t, status))
		end_process(p, t);
	sched_die();
}

void
task_exit(int status)
{
	leave(status, false);
}

void
process_exit(int status)
{
	leave(status, true);
}

/* Make t, the only live task, the main task of p: the old one has ended. */
static void
become_main(struct process *p, struct task *t)
{
	struct task *old = p->main;

	spin_lock(&proc_lock);
	assert(p->live == 1 && t != old);
	id_remove(&t->id);
	task_count--;
	usage_add(&p->ended_usage, old);
	t->thread.tid = process_pid(p);
	t->thread.gone = NULL;
	p->main = t;
	spin_unlock(&proc_lock);
	task_reap(old);
}

int
process_end_others(void)
{
	struct process *p = process_current();
	struct task *t = task_current();
	bool ended;

	if (p->live == 1 && t == p->main)
		return 0;
	/* Another task may have killed this one, by exit or execve(). */
	spin_lock(&proc_lock);
	ended = thread_interrupted(WAIT_KILLABLE);
	if (!ended)
		process_interrupt(p, t, THREAD_KILL | THREAD_SIGNAL);
	spin_unlock(&proc_lock);
	if (ended || wait_event_killable(&p->alone_waitq, p->live == 1) != 0)
		return -ERESTARTNOINTR;
	if (t != p->main)
		become_main(p, t);
	return 0;
}
