/* SPDX-License-Identifier: MIT */
/*
 * fs/mount.h - the mount table: mounting, unmounting and syncing file systems.
 *
 * System calls check the right to mount before they call vfs_mount(),
 * vfs_remount() or vfs_umount().  Boot, sync, the inode writer and power-off
 * call the other functions.  All run in process context, take mount_lock and
 * may sleep; the caller holds no lock of a later class (kernel/locks.def).
 */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "fs/super.h"

struct pagecache;

/* Register a file system type.  Boot time; at most 8. */
void filesystem_register(const struct filesystem *type) nonnull;
const struct filesystem *filesystem_at(unsigned i); /* NULL at the end */

/*
 * Allocate a superblock with a device number and without a root; NULL: no
 * memory.  sb_free() frees it and its cached inodes; of references on these,
 * only sb->root may be left.
 */
struct superblock *
sb_alloc(const struct filesystem *type, const struct super_ops *ops,
	 struct block_device *bdev, unsigned flags) must_check;
void sb_free(struct superblock *sb) nonnull;

/* The root directory of the whole tree, borrowed; see also current_root(). */
struct inode *vfs_root(void);
/* Write all dirty data and metadata to disk.  0 or the first error. */
int vfs_sync(void);
int sb_sync(struct superblock *sb);

/*
 * Mount a file system on directory `where`.  source: the path of a block device
 * node, if the type needs one.  flags: SB_*.  0; -ENODEV, -ENOTBLK, -EBUSY,
 * -ENOTDIR, -EINVAL ...
 */
int vfs_mount(const char *source, const char *where, const char *type,
	      unsigned flags, const char *data);
int vfs_remount(const char *where, unsigned flags);
int vfs_umount(const char *where, bool follow);

/* Call fn for each mount until fn returns false.  For /proc/mounts. */
void
vfs_for_each_mount(bool (*fn)(struct superblock *sb, void *arg), void *arg);

/*
 * Boot: mount the root file system.  `dev` is NULL for types that need no
 * device.  0, -ENOMEM, or the error of type->mount().
 */
int mount_root(const struct filesystem *type, struct block_device *dev,
	       unsigned flags) must_check;

/*
 * Sync all file systems.  With `alone`, also make each disk read-only and mark
 * it clean, unless deleted files on it are in use.  0; the first error; -EBUSY
 * if a disk stays writable.
 */
int mount_quiesce(bool alone);

/* Commit every writable file system; false if a commit failed. */
bool mount_commit_all(void);

/*
 * fsync() of a disk: if a file system is mounted from the disk for write, sync
 * the file system; else write back the disk's cache.  0, or the first error.
 */
int mount_sync_disk(struct pagecache *disk) nonnull;

/*
 * Before power-off: sync.  If no program is left (`alone`), also make each disk
 * read-only and mark it clean; a disk with deleted files in use stays as it is.
 * 0; -EBUSY if a disk is not marked clean; or the first error, which is logged.
 */
int fs_shutdown(bool alone);

#endif
