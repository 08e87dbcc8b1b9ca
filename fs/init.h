/* SPDX-License-Identifier: MIT */
/*
 * fs/init.h - start the file systems at boot, and the inode writer.
 *
 * Process context, no lock held.  The inode writer is a thread that commits
 * dirty inodes some seconds after a change.
 */
#ifndef FS_INIT_H
#define FS_INIT_H

#include "lib/base.h"

struct filesystem;

/* Sync, then free clean pages and unused inodes. */
void vfs_drop_caches(void);

/* Boot: register file systems, mount /, /dev, /proc, /tmp. */
void fs_init(void);

/*
 * Wake the inode writer, to commit dirty metadata within some seconds or
 * immediately.
 */
void inode_writer_kick(void);
void inode_writer_hurry(void);

/* The file systems that exist. */
extern const struct filesystem ext2_filesystem;	 /* fs/ext2/ */
extern const struct filesystem tmpfs_filesystem; /* fs/tmpfs.c */
extern const struct filesystem devfs_filesystem; /* fs/devfs.c */
/* procfs/tree.c, in a room above: fs_init() only registers it. */
extern const struct filesystem procfs_filesystem;

#endif
