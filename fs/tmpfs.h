/*
 * fs/tmpfs.h - making a file system in memory, for tmpfs itself and for those
 * that begin with one (devfs).
 */
#ifndef FS_TMPFS_H
#define FS_TMPFS_H

#include "fs/vfs.h"

/*
 * A mounted superblock of `type` with an empty root directory of permission
 * bits `mode`.  data: mount options "size=BYTES[kmg],mode=OCTAL" or NULL.
 * 0, -EINVAL (options), -ENOMEM.
 */
int tmpfs_make(const struct filesystem *type, unsigned flags, const char *data,
	       uint32_t mode, struct superblock **out) must_check;

/* Undo tmpfs_make() for a superblock that was never mounted. */
void tmpfs_discard(struct superblock *sb);

#endif
