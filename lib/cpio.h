/* SPDX-License-Identifier: MIT */
/*
 * lib/cpio.h - reads an archive in the cpio "newc" format, in memory.
 *
 * The format is that of initrds (Linux,
 * Documentation/driver-api/early-userspace/buffer-format.rst): each entry has a
 * header of 110 characters, a name and data, both padded to 4 bytes; the entry
 * "TRAILER!!!" is the last.  Any context; no memory is allocated; the archive
 * must stay while its entries are used.
 */
#ifndef LIB_CPIO_H
#define LIB_CPIO_H

#include "lib/base.h"

struct cpio_entry {
	const char *name; /* NUL-terminated, without leading slashes */
	const void *data; /* `size` bytes; of a symbolic link, its target */
	uint64_t size;
	uint32_t ino, mode, uid, gid, nlink, mtime; /* mtime: s since 1970 */
	uint32_t rdev_major, rdev_minor;
};

/*
 * Read the entry at offset *at (0: the first) and move *at to the next one.
 * 1: *e is filled in; 0: the trailer; -EINVAL: the archive is damaged.
 */
int cpio_next(const void *archive, uint64_t size, uint64_t *at,
	      struct cpio_entry *e) nonnull must_check;

#endif
