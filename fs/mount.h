/*
 * fs/mount.h - the mount table, for fs/ itself.
 */
#ifndef FS_MOUNT_H
#define FS_MOUNT_H

#include "fs/vfs.h"

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

/* Commit every file system; false if one could not be. */
bool mount_commit_all(void);

/*
 * fsync() of a disk: write what its cache holds, through the file system that
 * is mounted from it if there is one.  0, or the first error.
 */
int mount_sync_disk(struct pagecache *disk) nonnull;

#endif
