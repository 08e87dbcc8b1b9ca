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
 * Walk the inodes that need writing: the next one after `after` (NULL: the
 * first) with a reference; the one on `after` is given up.
 */
struct inode *inode_next_dirty(struct superblock *sb, struct inode *after);

/* Data and fields to the file system, without sb->ops->sync(). 0 or -EIO. */
int inode_write_back(struct inode *inode) nonnull;

/* Somebody read it: move atime, not more often than once after a change. */
void inode_accessed(struct inode *inode) nonnull;

/* Opened for write: -ETXTBSY while somebody denies it; and closed. */
int inode_begin_write(struct inode *inode) nonnull must_check;
void inode_end_write(struct inode *inode) nonnull;

/* An inode became dirty: have it written within some seconds. */
void flusher_kick(void);

#endif
