/* SPDX-License-Identifier: MIT */
/*
 * fs/blockcache.h - the block cache: file-system metadata, and the bytes that
 * programs read and write through /dev/vda.
 *
 * Each disk has one page cache.  Page n is block n of 4096 bytes.  The cache is
 * allocated at its first use, never freed, and cannot be mapped.  The data of a
 * file in a mounted file system is cached in a page cache of that file instead.
 */
#ifndef FS_BLOCKCACHE_H
#define FS_BLOCKCACHE_H

#include "fs/pagecache.h"

/* Returns the disk's cache, borrowed; NULL: no memory.  Process context. */
struct pagecache *block_cache(struct block_device *d) nonnull;

/* Write back all dirty blocks, then flush the disk's cache.  0 or -EIO. */
int block_cache_sync(struct pagecache *pc) nonnull must_check;

#endif
