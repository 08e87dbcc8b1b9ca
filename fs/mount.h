/* SPDX-License-Identifier: MIT */
/*
 * fs/mount.h - the mount table: for system calls, and for fs/ itself.
 *
 * The system calls have checked the right to mount before they call
 * vfs_mount(), vfs_remount() or vfs_umount().  The other functions serve boot,
 * sync, the inode writer and power-off.  They run in process context, take
 * mount_lock and may sleep; the caller holds no lock of a later class
 * (kernel/locks.def).
 */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "fs/vfs.h"

/*
 * Mount a file system on directory `where`.  source: a path to a block device
 * node if the type needs one.  flags: SB_*.  0; -ENODEV, -ENOTBLK, -EBUSY,
 * -ENOTDIR, -EINVAL ...
 */
int vfs_mount(const char *source, const char *where, const char *type,
	      unsigned flags, const char *data);
int vfs_remount(const char *where, unsigned flags);
int vfs_umount(const char *where, bool follow);

/* Walk all mounts: fn returns false to stop.  For /proc/mounts. */
void
vfs_for_each_mount(bool (*fn)(struct superblock *sb, void *arg), void *arg);

/*
 * Boot: make a file system the root of everything.  `dev` is NULL for types
 * that need none.  0, or what type->mount() returns.
 */
int mount_root(const struct filesystem *type, struct block_device *dev,
	       unsigned flags) must_check;

/*
 * Write everything; with `alone`, leave every file system read-only and marked
 * clean, except where deleted files are in use.  0, -EBUSY or the first error.
 */
int mount_quiesce(bool alone);

/* Commit every file system; false if one failed. */
bool mount_commit_all(void);

/*
 * fsync() of a disk: write the disk's cache, through the file system that is
 * mounted from the disk if there is one.  0, or the first error.
 */
int mount_sync_disk(struct pagecache *disk) nonnull;

/*
 * Before power-off: sync.  If no program is left (`alone`), mark every disk
 * clean, except those with deleted files in use.  0; -EBUSY if a disk is not
 * marked for one of these reasons; or the first error.  The log has all of
 * them.
 */
int fs_shutdown(bool alone);

#endif
