/* SPDX-License-Identifier: MIT */
/*
 * proc/rights.c - the credentials of a program that execve(2) starts.
 *
 * rights_find() is the entry.  A set-user-ID program runs with its owner's user
 * id as the effective id, a set-group-ID program with its group's id.  Only the
 * bits of the program file count; those of a script or a dynamic linker are
 * ignored, and so are all bits on a nosuid mount or with no_new_privs.
 *
 * If another process shares the working directory, it could change the
 * directory while the program runs: then the real ids replace the new ones;
 * root is exempt.  Every exec sets the saved ids to the effective ids.
 */
#include "proc/rights.h"

#include "fs/abi.h"
#include "fs/current.h"
#include "fs/fd.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/rights.h"
#include "fs/super.h"
#include "proc/cred.h"
#include "proc/process.h"

bool
rights_alone(const struct file *program)
{
	return (program->inode->mode & (S_ISUID | S_ISGID)) != 0;
}

/*
 * Take the ids of a set-ID file.  The inode's lock makes owner and mode
 * consistent.
 */
static void
take_ids(struct cred *c, struct inode *inode)
{
	const uint32_t lends = S_ISGID | S_IXGRP;

	if ((inode->sb->flags & SB_NOSUID) || c->no_new_privs)
		return;
	mutex_lock(&inode->lock);
	if (inode_permission(inode, MAY_EXEC) == 0) {
		if (inode->mode & S_ISUID)
			c->euid = inode->uid;
		if ((inode->mode & lends) == lends)
			c->egid = inode->gid;
	}
	mutex_unlock(&inode->lock);
}

/*
 * Does another process share the directory?  This is the only live thread of
 * its process, so any other reference belongs to another process.
 */
static bool
shares_directory(void)
{
	return process_current()->fs->refs > 1;
}

static bool
readable(const struct file *f)
{
	return inode_permission(f->inode, MAY_READ) == 0;
}

void
rights_find(struct exec_rights *r, struct file *program, struct file *interp)
{
	const struct cred *me = &thread_current()->cred;
	struct cred *c = &r->cred;
	bool gains;

	*c = *me;
	if (rights_alone(program))
		take_ids(c, program->inode);
	gains = c->euid != me->euid || !current_in_group(c->egid);
	r->secure = gains || c->euid != me->uid || c->egid != me->gid;
	if (gains && me->euid != 0 && shares_directory()) {
		c->euid = me->uid;
		c->egid = me->gid;
	}
	c->suid = c->fsuid = c->euid;
	c->sgid = c->fsgid = c->egid;
	r->dumpable = readable(program) &&
		      (interp == NULL || readable(interp)) &&
		      me->euid == me->uid && me->egid == me->gid &&
		      c->euid == me->euid && c->egid == me->egid;
}
