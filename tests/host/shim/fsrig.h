/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/fsrig.h - a whole VFS with an ext2 disk, for host tests.
 *
 * The root is a tmpfs; /vda is the disk, /m where tests mount it.  The disk is
 * a file, so e2fsck and debugfs can look at it after every unmount.
 */
#ifndef TESTS_HOST_SHIM_FSRIG_H
#define TESTS_HOST_SHIM_FSRIG_H

#include "shim/shim.h"

#define RIG_DISK_SIZE (16u << 20)

extern struct shim_disk *rig_disk;
extern char rig_dir[];		 /* scratch directory of the host */
extern uint64_t rig_fsize_limit; /* RLIMIT_FSIZE */

/* Everything, once; false when mke2fs, e2fsck or debugfs are missing. */
bool rig_init(unsigned ram_pages, uint64_t seed);
void rig_end(void);

/* Make an image: arguments of mke2fs, and its size in KiB. */
void rig_mkfs(const char *args, unsigned kib);
/* Put these bytes on the disk.  Not mounted. */
void rig_load(const void *image, size_t size);

int rig_mount(unsigned flags);
int rig_unmount(void);

/* e2fsck -fn: 0 is clean; otherwise its output is shown. */
int rig_fsck(void);
/* The same, quietly. */
int rig_fsck_quiet(void);

/* e2fsck -fy: does it say that it has repaired everything? */
bool rig_repair(void);

/* Forget all pages and inodes that can be forgotten. */
void rig_drop_caches(void);

#endif
