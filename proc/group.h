/* SPDX-License-Identifier: MIT */
/*
 * proc/group.h - process groups and sessions, for job control.
 *
 * proc_lock guards them; the system calls take it themselves.
 *
 * Keys: [t] proc_lock  [i] constant once published
 */
#ifndef PROC_GROUP_H
#define PROC_GROUP_H

#include "proc/process.h"

struct session {
	struct id_node id;
	unsigned groups;	/* [t] groups in it; freed at 0 */
	struct process *leader; /* [t] NULL once it is gone */
};

struct pgrp {
	struct id_node id;
	struct session *session;  /* [i] */
	struct list_node members; /* [t] struct process.pgrp_node; the group
				     is freed when empty */
};

static inline pid_t
process_pgid(const struct process *p)
{
	return p->pgrp->id.id;
}

static inline pid_t
process_sid(const struct process *p)
{
	return p->pgrp->session->id.id;
}

/* The session with which p shares a terminal; 0 if p has detached from it. */
static inline pid_t
process_tty_session(const struct process *p)
{
	return p->no_tty ? 0 : process_sid(p);
}

/* Add p, which is in no group, to group g. */
void
group_join(struct process *p, struct pgrp *g) nonnull needs_lock(proc_lock);
/*
 * Remove p from its group.  An empty group is freed, and so is a session
 * without groups.
 */
void group_leave(struct process *p) nonnull needs_lock(proc_lock);
/* The group with this id, or NULL. */
struct pgrp *group_lookup(pid_t pgid) needs_lock(proc_lock);
/*
 * Is group g orphaned, so that no shell could continue it after a stop?  True
 * if no live member except `but` has a parent in another group of the session;
 * init does not count as a parent.
 */
bool group_orphaned(struct pgrp *g, struct process *but) needs_lock(proc_lock);
/*
 * Call when a process exits, after its children have a new parent.  If g is now
 * orphaned and has a stopped member, its members get SIGHUP and SIGCONT.  `but`
 * is the exiting process if it is in g, else NULL.
 */
void
group_check_orphan(struct pgrp *g, struct process *but) needs_lock(proc_lock);
/* setpgid(2), setsid(2).  -EINVAL, -ESRCH, -EACCES, -EPERM, -ENOMEM. */
int process_setpgid(pid_t pid, pid_t pgid);
int process_setsid(void);
/* Create a session and a group for pid 1; no lock held.  0 or -ENOMEM. */
int group_start(struct process *p) must_check;

#endif
