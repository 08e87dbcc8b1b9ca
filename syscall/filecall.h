/* SPDX-License-Identifier: MIT */
/*
 * syscall/filecall.h - read path arguments and look up paths, for all calls
 * that take a path and a directory descriptor.
 *
 * Process context, no lock held; may sleep.  After an error the caller has no
 * memory to free and no reference to drop.
 */
#ifndef SYSCALL_FILECALL_H
#define SYSCALL_FILECALL_H

#include "fs/fd.h"
#include "kernel/hart.h"
#include "mm/iobuf.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "syscall/syscall.h"

#define AT_FDCWD	    (-100)
#define AT_SYMLINK_NOFOLLOW 0x100u
#define AT_REMOVEDIR	    0x200u
#define AT_EACCESS	    0x200u
#define AT_SYMLINK_FOLLOW   0x400u
#define AT_NO_AUTOMOUNT	    0x800u
#define AT_EMPTY_PATH	    0x1000u
#define AT_STATX_SYNC_TYPE  0x6000u /* both values have no effect */

/*
 * Copy a path argument into kernel memory; on success the caller must kfree()
 * *out.  0; -EFAULT, -ENAMETOOLONG, -ENOMEM.
 */
int path_from_user(uaddr_t path, char **out) must_check;

/* 1 if a path argument is an empty string, 0 if not; -EFAULT. */
int path_is_empty(uaddr_t path);

/*
 * Find the inode where the lookup of a path relative to `dfd` starts.  *start
 * is a directory (for an empty path, any file), with a reference, or NULL for
 * AT_FDCWD or an absolute path.  0; -EBADF, -ENOTDIR.
 */
int start_at(int dfd, const char *path, struct inode **start) must_check;

/*
 * Look up the inode at `path` relative to `dfd`, and get a reference to it.
 * Honours AT_EMPTY_PATH and AT_SYMLINK_NOFOLLOW in `flags`.
 */
int
inode_at(int dfd, uaddr_t path, unsigned flags, struct inode **out) must_check;

#endif
