/* SPDX-License-Identifier: MIT */
/*
 * fs/namei.h - make, link, rename and remove names in directories.
 *
 * `start` NULL: the current directory.  0, or the error of the system call.
 * Process context, no inode lock held unless the function says so; may sleep.
 */
#ifndef FS_NAMEI_H
#define FS_NAMEI_H

#include "lib/base.h"

struct inode;
struct last_name;

int vfs_mkdir(struct inode *start, const char *path, uint32_t mode);
/* May mknod(2) make this type?  0; -EPERM (a directory); -EINVAL. */
int mknod_check(uint32_t mode) must_check;
/* `mode` has passed mknod_check(). */
int
vfs_mknod(struct inode *start, const char *path, uint32_t mode, uint32_t rdev);
int vfs_symlink(const char *target, struct inode *start, const char *path);
int vfs_link(struct inode *old, struct inode *start, const char *path);
int vfs_unlink(struct inode *start, const char *path);
int vfs_rmdir(struct inode *start, const char *path);
int vfs_rename(struct inode *from, const char *path, struct inode *to,
	       const char *to_path, unsigned flags);

/*
 * Create a regular file, device node or FIFO after checking permission; the
 * name does not exist.  *out with a reference.
 */
int
dir_create(struct inode *dir, const struct last_name *n, uint32_t mode,
	   uint32_t rdev, struct inode **out) must_check needs_lock(dir->lock);

#endif
