/* SPDX-License-Identifier: MIT */
/*
 * proc/group.c - process groups and sessions: a group is a job of a shell, and
 * the groups of a session share a terminal.
 *
 * A group exists while it has members, a session while it has groups.  All
 * changes happen under proc_lock.  process_setpgid() and process_setsid() take
 * the lock themselves, after their allocations: an error leaves nothing
 * changed.
 */
#include "proc/group.h"

#include "kernel/panic.h"
#include "lib/errno.h"
#include "mm/slab.h"
#include "proc/process.h"

struct pgrp *
group_lookup(pid_t pgid)
{
	struct id_node *n = id_lookup(ID_GROUP, pgid);

	requires_lock(&proc_lock);
	return n == NULL ? NULL : container_of(n, struct pgrp, id);
}

void
group_join(struct process *p, struct pgrp *g)
{
	requires_lock(&proc_lock);
	p->pgrp = g;
	list_push_back(&g->members, &p->pgrp_node);
}

void
group_leave(struct process *p)
{
	struct pgrp *g = p->pgrp;
	struct session *s = g->session;

	requires_lock(&proc_lock);
	list_del(&p->pgrp_node);
	p->pgrp = NULL;
	if (!list_empty(&g->members))
		return;
	id_remove(&g->id);
	kfree(g);
	if (--s->groups > 0)
		return;
	id_remove(&s->id);
	kfree(s);
}

/* Initialise a group in session s, without members. */
static void
group_found(struct pgrp *g, pid_t pgid, struct session *s)
{
	list_init(&g->members);
	g->session = s;
	s->groups++;
	id_insert(&g->id, ID_GROUP, pgid);
}

bool
group_orphaned(struct pgrp *g, struct process *but)
{
	struct process *p;

	requires_lock(&proc_lock);
	list_for_each_entry(p, &g->members, pgrp_node) {
		struct process *up = p->parent;

		if (p == but || p->state != PROCESS_ALIVE || up == NULL ||
		    up == process_init)
			continue;
		if (up->pgrp != g && up->pgrp->session == g->session)
			return false;
	}
	return true;
}

static bool
group_has_stopped(struct pgrp *g)
{
	struct process *p;

	list_for_each_entry(p, &g->members, pgrp_node) {
		if (p->state == PROCESS_ALIVE && p->stop_signal != 0)
			return true;
	}
	return false;
}

void
group_check_orphan(struct pgrp *g, struct process *but)
{
	struct process *p;

	requires_lock(&proc_lock);
	if (!group_has_stopped(g) || !group_orphaned(g, but))
		return;
	list_for_each_entry(p, &g->members, pgrp_node) {
		(void)signal_send(p, NULL, SIGHUP, NULL);
		(void)signal_send(p, NULL, SIGCONT, NULL);
	}
}

/* May the current process `me` move p, named by `pid`, to group pgid? */
static int
setpgid_check(struct process *me, struct process *p, pid_t pid, pid_t pgid)
{
	struct pgrp *g;

	requires_lock(&proc_lock);
	if (p != NULL && process_pid(p) != pid)
		return -EINVAL;
	if (p == NULL || (p != me && p->parent != me) ||
	    p->state != PROCESS_ALIVE)
		return -ESRCH;
	if (p != me && p->pgrp->session != me->pgrp->session)
		return -EPERM;
	if (p != me && p->did_exec)
		return -EACCES;
	if (p->pgrp->session->id.id == process_pid(p))
		return -EPERM;
	if (pgid == process_pid(p))
		return 0;
	g = group_lookup(pgid);
	if (g == NULL || g->session != me->pgrp->session)
		return -EPERM;
	return 0;
}

int
process_setpgid(pid_t pid, pid_t pgid)
{
	struct process *me = process_current(), *p;
	struct pgrp *fresh, *g;
	int err;

	if (pgid < 0)
		return -EINVAL;
	fresh = kmalloc(sizeof(*fresh));
	if (fresh == NULL)
		return -ENOMEM;
	if (pid == 0)
		pid = process_pid(me);
	if (pgid == 0)
		pgid = pid;

	spin_lock(&proc_lock);
	p = process_of(pid);
	err = setpgid_check(me, p, pid, pgid);
	if (err == 0 && process_pgid(p) != pgid) {
		struct session *s = p->pgrp->session;

		g = group_lookup(pgid);
		if (g == NULL) {
			g = fresh;
			fresh = NULL;
			group_found(g, pgid, s);
		}
		group_leave(p);
		group_join(p, g);
	}
	spin_unlock(&proc_lock);
	kfree(fresh);
	return err;
}

/* Make p, which is in no group, the leader of a session. */
static void
session_found(struct process *p, struct session *s, struct pgrp *g)
{
	requires_lock(&proc_lock);
	s->groups = 0;
	s->leader = p;
	p->leads = true;
	p->no_tty = false;
	id_insert(&s->id, ID_SESSION, process_pid(p));
	group_found(g, process_pid(p), s);
	group_join(p, g);
}

int
process_setsid(void)
{
	struct process *p = process_current();
	struct session *s = kmalloc(sizeof(*s));
	struct pgrp *g = kmalloc(sizeof(*g));
	int err = -ENOMEM;

	if (s == NULL || g == NULL)
		goto out;
	spin_lock(&proc_lock);
	if (group_lookup(process_pid(p)) != NULL) {
		err = -EPERM;
	} else {
		group_leave(p);
		session_found(p, s, g);
		s = NULL;
		g = NULL;
		err = process_pid(p);
	}
	spin_unlock(&proc_lock);
out:
	kfree(s);
	kfree(g);
	return err;
}

int
group_start(struct process *p)
{
	struct session *s = kmalloc(sizeof(*s));
	struct pgrp *g = kmalloc(sizeof(*g));

	if (s == NULL || g == NULL) {
		kfree(s);
		kfree(g);
		return -ENOMEM;
	}
	spin_lock(&proc_lock);
	session_found(p, s, g);
	spin_unlock(&proc_lock);
	return 0;
}
