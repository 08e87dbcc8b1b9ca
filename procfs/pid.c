/* SPDX-License-Identifier: MIT */
/*
 * procfs/pid.c - how procfs finds processes: their ids, owners, images and
 * spaces.
 *
 * Each function takes proc_lock, and a process may be reaped as soon as the
 * function returns.  A file about memory records the number of the image for
 * which it was opened, and pid_space() returns the space of that image only.
 */
#include "mm/space.h"
#include "proc/process.h"
#include "proc/reach.h"
#include "procfs/procfs.h"

bool
next_pid(const struct proc_node *dir, int *n)
{
	struct process *p;

	spin_lock(&proc_lock);
	p = process_after(*n - 1);
	if (p != NULL)
		*n = process_pid(p);
	spin_unlock(&proc_lock);
	return p != NULL;
}

bool
pid_owner(pid_t pid, bool top, uint32_t *uid, uint32_t *gid)
{
	struct process *p;

	*uid = *gid = 0;
	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p != NULL && (top || (p->space != NULL && p->space->dumpable))) {
		*uid = p->main->thread.cred.euid;
		*gid = p->main->thread.cred.egid;
	}
	spin_unlock(&proc_lock);
	return p != NULL;
}

/*
 * The image of a process; -EACCES if `inside` and the thread may not inspect
 * the process.  A zombie has no space, so there is nothing to protect.
 */
int
pid_image(pid_t pid, bool inside, uint64_t *image)
{
	struct process *p;
	int err = 0;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p == NULL)
		err = -ESRCH;
	else if (inside && p->space != NULL && !process_may_reach(p, true))
		err = -EACCES;
	else
		*image = p->image;
	spin_unlock(&proc_lock);
	return err;
}

struct space *
pid_space(pid_t pid, uint64_t image)
{
	struct space *s = NULL;
	struct process *p;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p != NULL && p->image == image)
		s = process_space(p);
	spin_unlock(&proc_lock);
	return s;
}
