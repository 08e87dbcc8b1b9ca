/* SPDX-License-Identifier: MIT */
/*
 * fs/open.h - open files by path; change attributes and sizes.
 *
 * Process context, no inode lock held; may sleep.  The functions check the
 * rights of the current thread, unless they say otherwise, and return 0 or the
 * error of the system call.
 */
#ifndef FS_OPEN_H
#define FS_OPEN_H

#include "lib/base.h"

struct file;
struct inode;
struct inode_change;

/* Open relative to `start` (NULL: the current directory). */
int vfs_open_at(struct inode *start, const char *path, unsigned flags,
		uint32_t mode, struct file **out) must_check;
int vfs_open(const char *path, unsigned flags, uint32_t mode,
	     struct file **out) must_check;

/*
 * Open a program: a regular file that the current thread may execute.  Until
 * the last file_put(), open for write fails.  0; -EACCES, -ETXTBSY, and the
 * errors of vfs_lookup().
 */
int vfs_exec_open(const char *path, struct file **out) must_check;

/* Change attributes, after the checks of chmod(2), chown(2) and the like. */
int vfs_setattr(struct inode *inode, const struct inode_change *c);
/*
 * ftruncate(2): set the size without checking permissions.  -EFBIG, with
 * SIGXFSZ: the file would grow beyond RLIMIT_FSIZE.
 */
int vfs_truncate(struct inode *inode, uint64_t size);
/*
 * fallocate(2): reserve space on the disk or in memory for bytes [pos, pos + n)
 * of a regular file; the file grows to cover them unless `keep_size`.  Errors
 * as vfs_truncate(); also -ENOSPC, -EINTR, and -EOPNOTSUPP if the file system
 * cannot keep space beyond the size.
 */
int vfs_allocate(struct inode *inode, uint64_t pos, uint64_t n, bool keep_size);

#endif
