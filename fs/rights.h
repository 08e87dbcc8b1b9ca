/* SPDX-License-Identifier: MIT */
/*
 * fs/rights.h - what the current thread may do with a file.
 *
 * The functions compare the thread's fsuid, fsgid and groups with the inode's
 * owner, group and mode.  Any context that may hold the inode's lock.
 */
#ifndef FS_RIGHTS_H
#define FS_RIGHTS_H

#include "lib/base.h"

struct inode;
struct inode_change;

/* What inode_permission() is asked for. */
#define MAY_EXEC  1u
#define MAY_WRITE 2u
#define MAY_READ  4u

/* May the current thread access the inode (MAY_*)?  0, -EACCES, -EROFS. */
int inode_permission(struct inode *inode, unsigned may) nonnull must_check;
/* Does the current thread own the inode, or act as root? */
bool inode_owned(const struct inode *inode) nonnull;

/*
 * After a write or truncation: clear the set-ID bits of a regular file, unless
 * the thread is root (exceptions: fs/rights.c).
 */
void inode_drop_powers(struct inode *inode) nonnull needs_lock(inode->lock);

/*
 * Returns `mode` for a new file in `dir`.  Clears S_ISGID of a group-executable
 * file that inherits the directory's group, if the thread is neither a member
 * nor root.
 */
uint32_t mode_for_new(const struct inode *dir, uint32_t mode) nonnull
	needs_lock(dir->lock);

/*
 * May the thread make this change, apart from the size?  Clears the set-ID bits
 * that the thread may not keep, in c->mode or by adding CHANGE_MODE.  0;
 * -EROFS; -EPERM; -EACCES (CHANGE_NOW without the right to write).
 */
int
setattr_check(struct inode *inode, struct inode_change *c) nonnull must_check
	needs_lock(inode->lock);

#endif
