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

/* Write the fields of all dirty inodes; false if some could not be. */
bool mount_write_inodes(void);

#endif
