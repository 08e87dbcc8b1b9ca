/* SPDX-License-Identifier: MIT */
/*
 * fs/tmpfs.h - make a file system in memory, for tmpfs itself and for devfs,
 * which starts as one; and shared memory without a name.
 *
 * All functions run in process context and may sleep.  The size given at mount
 * (-ENOSPC) and the commit limit (mm/commit.h) bound the memory that a file
 * system uses.
 */
#ifndef FS_TMPFS_H
#define FS_TMPFS_H

#include "lib/base.h"

struct filesystem;
struct memobj;
struct superblock;

/*
 * Make a superblock of `type`, ready to mount, with an empty root directory of
 * permission bits `mode`.  data: mount options "size=BYTES[kmg],mode=OCTAL" or
 * NULL.  0, -EINVAL (options), -ENOSPC (size 0), -ENOMEM.
 */
int tmpfs_make(const struct filesystem *type, unsigned flags, const char *data,
	       uint32_t mode, struct superblock **out) must_check;

/* Undo tmpfs_make() for a superblock that was never mounted. */
void tmpfs_discard(struct superblock *sb);

/*
 * Make `pages` zero pages of shared memory without a name, charged to commit
 * now and freed with the last reference.  *out with one reference
 * (out->ops->put).  0 or -ENOMEM.
 */
int tmpfs_anon_object(uint64_t pages, struct memobj **out) must_check;

#endif
