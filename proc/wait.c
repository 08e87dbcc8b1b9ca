/* SPDX-License-Identifier: MIT */
/*
 * proc/wait.c - wait4(2) and waitid(2): waiting for children.
 *
 * process_wait() is the entry: process context, no lock held.  A parent sleeps
 * on its own queue.  A child's state changes under proc_lock, and look()
 * consumes the change under the same lock, so a status is reported once.
 */
#include "proc/wait.h"

#include "kernel/panic.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "proc/group.h"
#include "proc/process.h"
#include "proc/task.h"

void
wait_unlink(struct process *p)
{
	requires_lock(&proc_lock);
	p->state = PROCESS_REAPED;
	p->parent = NULL;
	p->ppid = 0;
	list_del(&p->sibling);
	process_list_remove(p);
	id_remove(&p->id);
	group_leave(p);
	task_count--;
}

void
wait_free(struct process *p)
{
	task_reap(p->main);
	process_put(p);
}

void
process_notify_parent(struct process *p, int code, int status)
{
	struct process *parent = p->parent;
	struct siginfo info;
	bool stopping = code == CLD_STOPPED || code == CLD_CONTINUED;
	int sig = stopping ? SIGCHLD : p->exit_signal;

	requires_lock(&proc_lock);
	if (parent == NULL)
		return;
	waitq_wake_all(&parent->child_waitq);
	if (stopping && (parent->actions[SIGCHLD - 1].flags & SA_NOCLDSTOP))
		return;
	memset(&info, 0, sizeof(info));
	info.signo = sig;
	info.code = code;
	info.child.pid = process_pid(p);
	info.child.uid = p->main->thread.cred.uid;
	info.child.status = code == CLD_EXITED	 ? status >> 8 & 0xff
			    : code == CLD_KILLED ? status & 0x7f
						 : status;
	info.child.utime = (int64_t)(p->main->thread.user_ns / 10000000);
	info.child.stime = (int64_t)(p->main->thread.sys_ns / 10000000);
	(void)signal_send(parent, NULL, sig, &info);
}

static bool
matches(const struct process *me, const struct process *c, pid_t pid,
	uint64_t options)
{
	/* A zombie reports only its exit. */
	if (c->state == PROCESS_ZOMBIE && (options & WEXITED) == 0)
		return false;
	if ((options & WALL) == 0 &&
	    (c->exit_signal != SIGCHLD) != ((options & WCLONE) != 0))
		return false;
	if (pid > 0)
		return process_pid(c) == pid;
	if (pid == 0)
		return c->pgrp == me->pgrp;
	if (pid == -1 && (options & WAIT_GROUP) == 0)
		return true;
	return process_pgid(c) == -pid;
}

static void
fill(struct wait_result *r, struct process *c, int code, int status)
{
	r->pid = process_pid(c);
	r->uid = c->main->thread.cred.uid;
	r->code = code;
	r->status = status;
	process_usage(c, &r->usage);
	r->usage.user_ns += c->children_usage.user_ns;
	r->usage.sys_ns += c->children_usage.sys_ns;
}

/* Does c have a change to report?  Fills in *r. */
static bool
look_at(struct process *c, uint64_t options, struct wait_result *r)
{
	bool take = (options & WNOWAIT) == 0;

	requires_lock(&proc_lock);
	if (c->state == PROCESS_ZOMBIE) {
		fill(r, c, c->status & 0x7f ? CLD_KILLED : CLD_EXITED,
		     c->status);
		return true;
	}
	if (c->stop_report && (options & WUNTRACED)) {
		fill(r, c, CLD_STOPPED, STATUS_STOPPED(c->stop_signal));
		if (take)
			c->stop_report = false;
		return true;
	}
	if (c->cont_report && (options & WCONTINUED)) {
		fill(r, c, CLD_CONTINUED, STATUS_CONTINUED);
		if (take)
			c->cont_report = false;
		return true;
	}
	return false;
}

/* The first child with a change to report, else any that matches, or NULL. */
static struct process *
search(struct process *me, pid_t pid, uint64_t options, struct wait_result *r,
       bool *found)
{
	bool living = (options & (WUNTRACED | WCONTINUED)) != 0;
	struct process *c, *any = NULL;

	if (pid > 0) {
		c = process_lookup(pid);
		if (c == NULL || c->parent != me ||
		    !matches(me, c, pid, options))
			return NULL;
		*found = look_at(c, options, r);
		return c;
	}
	list_for_each_entry(c, &me->children, sibling) {
		if (!matches(me, c, pid, options))
			continue;
		any = c;
		*found = look_at(c, options, r);
		/* Zombies come first: no dead child follows a live one. */
		if (*found || (c->state != PROCESS_ZOMBIE && !living))
			break;
	}
	return any;
}

/*
 * Check all children once: 1 if there is a change to report (*dead: a child
 * that must be freed), 0 if not yet, -ECHILD if no child matches.
 */
static int
look(pid_t pid, uint64_t options, struct wait_result *r, struct process **dead)
{
	struct process *me = process_current(), *c;
	bool found = false;

	spin_lock(&proc_lock);
	c = search(me, pid, options, r, &found);
	if (found && c->state == PROCESS_ZOMBIE && !(options & WNOWAIT)) {
		me->children_usage.user_ns += r->usage.user_ns;
		me->children_usage.sys_ns += r->usage.sys_ns;
		wait_unlink(c);
		*dead = c;
	}
	spin_unlock(&proc_lock);
	return c == NULL ? -ECHILD : found;
}

int
process_wait(pid_t pid, uint64_t options, struct wait_result *r)
{
	struct process *me = process_current(), *dead = NULL;
	int found = 0, err;
	unsigned queued = 0;

	memset(r, 0, sizeof(*r));
	if (options & WNOHANG) {
		found = look(pid, options, r, &dead);
		err = found < 0 ? found : 0;
	} else {
		/*
		 * Skip the first look(), before the thread joins the queue:
		 * look() takes proc_lock, and a child has seldom exited already.
		 */
		err = wait_event_signals(
			&me->child_waitq,
			queued++ > 0 &&
				(found = look(pid, options, r, &dead)) != 0);
		if (found < 0)
			err = found;
		else if (found > 0)
			err = 0;
	}
	if (dead != NULL)
		wait_free(dead);
	return err;
}
