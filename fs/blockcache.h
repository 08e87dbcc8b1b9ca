/* SPDX-License-Identifier: MIT */
/*
 * fs/blockcache.h - the blocks of a whole disk, cached: file-system metadata,
 * and what programs see in /dev/vda.
 *
 * There is one page cache for each disk.  Page n is block n of 4096 bytes.  The
 * cache is made at its first use and kept for ever.  It cannot be mapped.  File
 * data of a mounted file system is cached by file instead, not here.
 */
#ifndef FS_BLOCKCACHE_H
#define FS_BLOCKCACHE_H

#include "fs/pagecache.h"

/* The disk's cache, borrowed; NULL: no memory.  Process context. */
struct pagecache *block_cache(struct block_device *d) nonnull;

/* Write all dirty blocks, and have the disk keep them.  0 or -EIO. */
int block_cache_sync(struct pagecache *pc) nonnull must_check;

#endif
