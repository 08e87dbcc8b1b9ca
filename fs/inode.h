/*
 * fs/inode.h - the inside of the inode cache, for fs/ itself.
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "fs/vfs.h"
#include "kernel/spinlock.h"

/* Guards the fields marked [C] in fs/vfs.h. */
extern struct spinlock icache_lock;

/* Boot, before the first inode. */
void icache_init(void);

/* Does anybody hold an inode of sb, besides sb->root?  icache_lock held. */
bool inode_busy(struct superblock *sb) nonnull;

/*
 * Walk the inodes whose data needs writing: the next one after `after` (NULL:
 * the first) with a reference; the one on `after` is given up.
 */
struct inode *inode_next_dirty(struct superblock *sb, struct inode *after);

/*
 * For commit(): walk the inodes that have a name and are INODE_DIRTY, in the
 * order in which they came into memory.  The next one after `after` (NULL: the
 * first), with a reference; the one on `after` is given up, and never freed
 * here.
 */
struct inode *inode_next_to_commit(struct superblock *sb, struct inode *after);

/*
 * Free the inodes nobody uses, written back where needed; one that cannot be
 * written stays.  May sleep.
 */
void inode_prune(void);

/* Somebody read it: move atime, not more often than once after a change. */
void inode_accessed(struct inode *inode) nonnull;

/*
 * Opens for write fail with -ETXTBSY until inode_allow_write().  0, or -ETXTBSY
 * when it is open for write.
 */
int inode_deny_write(struct inode *inode) nonnull must_check;
void inode_allow_write(struct inode *inode) nonnull;

/* Opened for write: -ETXTBSY while somebody denies it; and closed. */
int inode_begin_write(struct inode *inode) nonnull must_check;
void inode_end_write(struct inode *inode) nonnull;

/* ---- fs/rights.c: what the current thread may do ---- */

/*
 * The contents have changed: a thread that is not root takes the set-ID bits
 * away.  Inode locked.
 */
void inode_drop_powers(struct inode *inode) nonnull;

/*
 * The mode of a new file in `dir`: without S_ISGID if the file will get the
 * directory's group and the thread is not a member.  dir locked.
 */
uint32_t mode_for_new(const struct inode *dir, uint32_t mode) nonnull;

/*
 * May the thread make this change, the size apart?  Takes from c->mode, or
 * adds to the change, the set-ID bits that it may not leave.  Inode locked.
 * 0; -EROFS; -EPERM; -EACCES, the present time for a file it may not write.
 */
int
setattr_check(struct inode *inode, struct inode_change *c) nonnull must_check;

/* Metadata became dirty: have it committed within some seconds; or now. */
void inode_writer_kick(void);
void inode_writer_hurry(void);

#endif
