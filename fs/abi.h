/* SPDX-License-Identifier: MIT */
/*
 * fs/abi.h - constants of the Linux riscv64 ABI that programs and fs/ share.
 *
 * File modes, open flags, seek origins, directory entry types and device
 * numbers.  The values are those of the Linux headers and must not change.
 */
#ifndef FS_ABI_H
#define FS_ABI_H

#include "lib/base.h"

#define S_IFMT	  0170000u
#define S_IFSOCK  0140000u
#define S_IFLNK	  0120000u
#define S_IFREG	  0100000u
#define S_IFBLK	  0060000u
#define S_IFDIR	  0040000u
#define S_IFCHR	  0020000u
#define S_IFIFO	  0010000u
#define S_ISUID	  0004000u
#define S_ISGID	  0002000u
#define S_ISVTX	  0001000u
#define S_IXGRP	  0000010u
#define S_IXUGO	  0000111u
#define S_IALLUGO 0007777u

#define S_ISDIR(m)  (((m)&S_IFMT) == S_IFDIR)
#define S_ISREG(m)  (((m)&S_IFMT) == S_IFREG)
#define S_ISLNK(m)  (((m)&S_IFMT) == S_IFLNK)
#define S_ISCHR(m)  (((m)&S_IFMT) == S_IFCHR)
#define S_ISBLK(m)  (((m)&S_IFMT) == S_IFBLK)
#define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)

/* The d_type of a directory entry is the mode's type bits, shifted right. */
#define DT_OF_MODE(m) ((uint8_t)(((m)&S_IFMT) >> 12))
#define DT_UNKNOWN    0

#define O_ACCMODE   0x3u
#define O_RDONLY    0x0u
#define O_WRONLY    0x1u
#define O_RDWR	    0x2u
#define O_CREAT	    0x40u
#define O_EXCL	    0x80u
#define O_NOCTTY    0x100u
#define O_TRUNC	    0x200u
#define O_APPEND    0x400u
#define O_NONBLOCK  0x800u
#define O_DSYNC	    0x1000u
#define O_ASYNC	    0x2000u
#define O_DIRECT    0x4000u
#define O_LARGEFILE 0x8000u
#define O_DIRECTORY 0x10000u
#define O_NOFOLLOW  0x20000u
#define O_NOATIME   0x40000u
#define O_CLOEXEC   0x80000u
#define O_SYNC	    0x101000u
#define O_PATH	    0x200000u
#define O_TMPFILE   0x410000u

#define FIONREAD 0x541bu /* ioctl(2): the number of bytes to read */

#define SEEK_SET  0
#define SEEK_CUR  1
#define SEEK_END  2
#define SEEK_DATA 3
#define SEEK_HOLE 4

/*
 * Device numbers: the 32-bit form that programs see.  From bit 0: the low 8
 * bits of the minor number, 12 bits of major number, the high 12 bits of the
 * minor.
 */
#define DEV_MAKE(major, minor)                                \
	((uint32_t)((major) << 8 | ((minor)&UINT32_C(0xff)) | \
		    ((minor)&UINT32_C(0xfff00)) << 12))
#define DEV_MAJOR(dev) ((dev) >> 8 & 0xfff)
#define DEV_MINOR(dev) (((dev)&0xff) | ((dev) >> 12 & 0xfff00))

#define NAME_MAX 255
#define PATH_MAX 4096

#endif
