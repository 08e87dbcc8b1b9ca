/* SPDX-License-Identifier: MIT */
/*
 * fs/rights.c - file permissions: may the current thread access or change an
 * inode?  The checks use the thread's ids for files (struct cred: fsuid, fsgid
 * and the groups).
 *
 * Root (fsuid 0) passes every check, except to execute a file without any
 * execute bit and to write to a file system that is mounted read-only.
 *
 * A set-ID bit gives the owner's or group's rights to every process that
 * executes the file.  So the bits are cleared when the file gets another owner,
 * or when a thread that is not root changes its contents; and only members of
 * the file's group may set S_ISGID.
 */
#include "fs/rights.h"

#include "fs/current.h"
#include "fs/inode.h"
#include "fs/super.h"
#include "kernel/hart.h"
#include "kernel/thread.h"

static bool
is_root(void)
{
	return thread_current()->cred.fsuid == 0;
}

bool
inode_owned(const struct inode *inode)
{
	return is_root() || thread_current()->cred.fsuid == inode->uid;
}

int
inode_permission(struct inode *inode, unsigned may)
{
	uint32_t mode = inode->mode, bits;

	if ((may & MAY_WRITE) && sb_refuses_writes(inode->sb) &&
	    (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode)))
		return -EROFS;
	if (is_root()) {
		if ((may & MAY_EXEC) && !S_ISDIR(mode) && !(mode & S_IXUGO))
			return -EACCES;
		return 0;
	}
	if (thread_current()->cred.fsuid == inode->uid)
		bits = mode >> 6;
	else if (current_in_group(inode->gid))
		bits = mode >> 3;
	else
		bits = mode;
	if ((may & ~bits & 7) == 0)
		return 0;
	return inode->ops->permits != NULL && inode->ops->permits(inode)
		       ? 0
		       : -EACCES;
}

/* ---- set-ID bits ---- */

/* May the thread set or keep S_ISGID on a file with this group? */
static bool
may_lend_group(uint32_t gid)
{
	return is_root() || current_in_group(gid);
}

/*
 * The set-ID bits that a change of owner or contents clears.  S_ISGID without
 * S_IXGRP gives no rights: for root or a member of the group, it stays set.
 */
static uint32_t
powers_lost(const struct inode *inode)
{
	uint32_t lost = inode->mode & (S_ISUID | S_ISGID);

	if (!(inode->mode & S_IXGRP) && may_lend_group(inode->gid))
		lost &= ~S_ISGID;
	return lost;
}

void
inode_drop_powers(struct inode *inode)
{
	uint32_t lost;

	requires_lock(&inode->lock);
	if (!S_ISREG(inode->mode) || is_root())
		return;
	lost = powers_lost(inode);
	if (lost != 0) {
		inode->mode &= ~lost;
		inode_touch_ctime(inode);
	}
}

uint32_t
mode_for_new(const struct inode *dir, uint32_t mode)
{
	const uint32_t lends = S_ISGID | S_IXGRP;

	requires_lock(&dir->lock);
	/* Without S_ISGID on `dir`, the file gets the thread's own group. */
	if ((mode & lends) == lends && (dir->mode & S_ISGID) &&
	    !may_lend_group(dir->gid))
		mode &= ~S_ISGID;
	return mode;
}

/* ---- changes of attributes ---- */

/*
 * Only root may change the owner; an owner may set the group to one of its own.
 */
static int
owner_check(const struct inode *inode, const struct inode_change *c)
{
	bool owned = thread_current()->cred.fsuid == inode->uid;

	if (is_root())
		return 0;
	if ((c->what & CHANGE_UID) && (!owned || c->uid != inode->uid))
		return -EPERM;
	if ((c->what & CHANGE_GID) &&
	    (!owned || (c->gid != inode->gid && !current_in_group(c->gid))))
		return -EPERM;
	return 0;
}

/* chown(2) clears the set-ID bits, also for root and if no id changes. */
static void
add_powers_lost(const struct inode *inode, struct inode_change *c)
{
	uint32_t lost = powers_lost(inode);

	if ((c->what & CHANGE_OWNER) && !S_ISDIR(inode->mode) && lost != 0) {
		c->what |= CHANGE_MODE;
		c->mode = inode->mode & S_IALLUGO & ~lost;
	}
}

int
setattr_check(struct inode *inode, struct inode_change *c)
{
	int err;

	requires_lock(&inode->lock);
	err = owner_check(inode, c);
	if (sb_refuses_writes(inode->sb))
		return -EROFS;
	if (err != 0)
		return err;
	add_powers_lost(inode, c);
	if (c->what & CHANGE_MODE) {
		if (!inode_owned(inode))
			return -EPERM;
		if (!may_lend_group(c->what & CHANGE_GID ? c->gid : inode->gid))
			c->mode &= ~S_ISGID;
	}
	if ((c->what & (CHANGE_ATIME | CHANGE_MTIME)) && !inode_owned(inode)) {
		if (!(c->what & CHANGE_NOW))
			return -EPERM;
		if (inode_permission(inode, MAY_WRITE) != 0)
			return -EACCES;
	}
	return 0;
}
