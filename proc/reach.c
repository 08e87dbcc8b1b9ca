/* SPDX-License-Identifier: MIT */
/*
 * proc/reach.c - the rights that one process has on another: to inspect it, and
 * to change its limits.
 *
 * The ids of a process are those of its main task.  Contexts and errors are in
 * proc/reach.h.
 */
#include "proc/reach.h"

#include "lib/errno.h"
#include "mm/space.h"

/* Do all user ids of p equal uid, and all group ids gid? */
static bool
has_ids(const struct process *p, uint32_t uid, uint32_t gid)
{
	const struct cred *it = &p->main->thread.cred;

	requires_lock(&proc_lock);
	return uid == it->uid && uid == it->euid && uid == it->suid &&
	       gid == it->gid && gid == it->egid && gid == it->sgid;
}

bool
process_same_user(const struct process *p)
{
	const struct cred *me = &thread_current()->cred;

	requires_lock(&proc_lock);
	return p == process_current() || me->euid == 0 ||
	       has_ids(p, me->uid, me->gid);
}

bool
process_may_reach(const struct process *p, bool files)
{
	const struct cred *me = &thread_current()->cred;

	requires_lock(&proc_lock);
	if (p == process_current() || (files ? me->fsuid : me->euid) == 0)
		return true;
	return has_ids(p, files ? me->fsuid : me->uid,
		       files ? me->fsgid : me->gid) &&
	       (p->space == NULL || p->space->dumpable);
}

int
process_reach(pid_t pid, struct space **out)
{
	struct process *p;
	int err = 0;

	*out = NULL;
	spin_lock(&proc_lock);
	p = process_of(pid);
	if (p == NULL)
		err = -ESRCH;
	else if (!process_may_reach(p, false))
		err = -EPERM;
	else
		*out = process_space(p);
	spin_unlock(&proc_lock);
	return err;
}
