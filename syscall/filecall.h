/* SPDX-License-Identifier: MIT */
/*
 * syscall/filecall.h - what the file calls share: path arguments and directory
 * descriptors.
 *
 * Process context, no lock held; may sleep.  On an error nothing is left to
 * free.
 */
#ifndef SYSCALL_FILECALL_H
#define SYSCALL_FILECALL_H

#include "fs/fd.h"
#include "fs/vfs.h"
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
#define AT_STATX_SYNC_TYPE  0x6000u /* all of these do the same here */

/*
 * A path argument in kernel memory, to be freed with kfree().  0; -EFAULT,
 * -ENAMETOOLONG, -ENOMEM.
 */
int path_from_user(uaddr_t path, char **out) must_check;

/*
 * Where a path relative to `dfd` starts: *start is a directory with a
 * reference (with an empty path, any file), or NULL for the current directory
 * (AT_FDCWD, absolute path).  0; -EBADF, -ENOTDIR.
 */
int start_at(int dfd, const char *path, struct inode **start) must_check;

/*
 * The inode that (dfd, path, flags) names, with a reference; AT_EMPTY_PATH and
 * AT_SYMLINK_NOFOLLOW are understood.
 */
int
inode_at(int dfd, uaddr_t path, unsigned flags, struct inode **out) must_check;

#endif
