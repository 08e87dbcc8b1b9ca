/* SPDX-License-Identifier: MIT */
/*
 * fs/inode.h - the inside of the inode cache, and rights on inodes, for fs/
 * itself.
 *
 * The cache (fs/inode.c) keeps one struct inode for each file in use or
 * recently used.  Mounting, syncing and path walks use these functions in
 * process context; icache_lock, a spin lock, guards the fields marked [C].
 * fs/rights.c decides what the current thread may do with an inode.  fs/init.c
 * has the thread that commits dirty inodes.
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "fs/vfs.h"
#include "kernel/spinlock.h"

/* Guards the fields marked [C] in fs/vfs.h. */
extern struct spinlock icache_lock;

/* Boot, before the first inode. */
void icache_init(void);

/* Do changes fail with -EROFS? */
static inline bool
sb_refuses_writes(const struct superblock *sb)
{
	return (sb->flags & (SB_RDONLY | SB_CLOSING)) != 0;
}

/* Is a reference held on an inode besides sb->root?  icache_lock held. */
bool inode_busy(struct superblock *sb) nonnull;

/*
 * Walk all inodes in memory, or those with dirty data.  Returns the next after
 * `after` (NULL: the first), with a reference; drops the reference on `after`.
 */
struct inode *inode_next(struct superblock *sb, struct inode *after);
struct inode *inode_next_dirty(struct superblock *sb, struct inode *after);

/*
 * For commit(): walk the inodes that have a name and are INODE_DIRTY, in the
 * order in which they came into memory.  Returns the next after `after` (NULL:
 * the first), with a reference; drops the reference on `after`, which is not
 * evicted.
 */
struct inode *inode_next_to_commit(struct superblock *sb, struct inode *after);

/*
 * Evict the unused inodes, after writing dirty data back; an inode that cannot
 * be written stays.  May sleep.
 */
void inode_prune(void);

/* A file was read: move atime, once after each change or once a day. */
void inode_accessed(struct inode *inode) nonnull;

/*
 * Opens for write fail with -ETXTBSY until inode_allow_write().  0, or -ETXTBSY
 * when it is open for write.
 */
int inode_deny_write(struct inode *inode) nonnull must_check;
void inode_allow_write(struct inode *inode) nonnull;

/*
 * Count a writer of the inode until inode_end_write().  0; -ETXTBSY while
 * inode_deny_write() is in force, -EROFS for a regular file that may not change.
 */
int inode_begin_write(struct inode *inode) nonnull must_check;
void inode_end_write(struct inode *inode) nonnull;

/* ---- fs/rights.c: what the current thread may do ---- */

/*
 * The contents have changed.  This clears set-uid and set-gid, unless the
 * thread is root.  Inode locked.
 */
void inode_drop_powers(struct inode *inode) nonnull;

/*
 * The mode of a new file in `dir`: without S_ISGID if the file will get the
 * directory's group and the thread is not a member.  dir locked.
 */
uint32_t mode_for_new(const struct inode *dir, uint32_t mode) nonnull;

/*
 * May the thread make this change, apart from the size?  Removes set-ID bits
 * that the thread may not leave, from c->mode or by adding to the change.
 * Inode locked.  0; -EROFS; -EPERM; -EACCES (the current time, without the
 * right to write).
 */
int
setattr_check(struct inode *inode, struct inode_change *c) nonnull must_check;

/* Metadata became dirty: have it committed within some seconds, or at once. */
void inode_writer_kick(void);
void inode_writer_hurry(void);

#endif
