/* SPDX-License-Identifier: MIT */
/*
 * fs/inode.h - the inode cache and access rights: functions for use in fs/.
 *
 * The cache (fs/inode.c) keeps one struct inode for each file in use or
 * recently used.  Mounting, syncing and path walks call these functions in
 * process context; icache_lock, a spin lock, guards the fields marked [C].
 * fs/rights.c checks the current thread's rights on an inode.  The inode
 * writer, a thread of fs/init.c, commits dirty inodes.
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "fs/vfs.h"
#include "kernel/spinlock.h"

/* Guards the fields marked [C] in fs/vfs.h. */
extern struct spinlock icache_lock;

/* Boot, before the first inode. */
void icache_init(void);

/* Do changes to files of `sb` fail with -EROFS? */
static inline bool
sb_refuses_writes(const struct superblock *sb)
{
	return (sb->flags & (SB_RDONLY | SB_CLOSING)) != 0;
}

/* Is an inode of `sb` referenced other than by sb->root? */
bool inode_busy(struct superblock *sb) nonnull needs_lock(icache_lock);

/*
 * Iterate over all cached inodes, or over those with dirty data.  Returns the
 * inode after `after` (NULL: the first) with a reference, or NULL; drops the
 * reference on `after`.
 */
struct inode *inode_next(struct superblock *sb, struct inode *after);
struct inode *inode_next_dirty(struct superblock *sb, struct inode *after);

/*
 * For commit(): iterate over the inodes that have a name and are INODE_DIRTY,
 * in the order in which the cache loaded them.  Returns the inode after `after`
 * (NULL: the first) with a reference, or NULL.  Drops the reference on `after`
 * without evicting that inode.
 */
struct inode *inode_next_to_commit(struct superblock *sb, struct inode *after);

/*
 * Write back the dirty data of unused inodes, and evict the inodes; an inode
 * that is still dirty stays.  May sleep.
 */
void inode_prune(void);

/*
 * After a read: update atime if it is not newer than mtime and ctime, or is a
 * day old (relatime).
 */
void inode_accessed(struct inode *inode) nonnull;

/*
 * Make opens for write fail with -ETXTBSY until inode_allow_write().  0, or
 * -ETXTBSY if the inode is already open for write.
 */
int inode_deny_write(struct inode *inode) nonnull must_check;
void inode_allow_write(struct inode *inode) nonnull;

/*
 * Increment and decrement the count of opens for write.  -ETXTBSY while
 * inode_deny_write() is in force; -EROFS if a regular file may not change.
 */
int inode_begin_write(struct inode *inode) nonnull must_check;
void inode_end_write(struct inode *inode) nonnull;

/* ---- fs/rights.c: what the current thread may do ---- */

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

/*
 * Wake the inode writer, to commit dirty metadata within some seconds or
 * immediately.
 */
void inode_writer_kick(void);
void inode_writer_hurry(void);

#endif
