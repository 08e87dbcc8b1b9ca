/* SPDX-License-Identifier: MIT */
/*
 * fs/blockcache.c - one page cache for each disk.
 *
 * block_cache() looks a disk's cache up in a list, or allocates the cache and
 * adds it to the list.  The mutex caches_lock guards the list; entries are
 * never removed.  When memory is short, block_cache() returns NULL, and the
 * next call tries again.
 */
#include "fs/blockcache.h"

#include "kernel/mutex.h"
#include "kernel/panic.h"
#include "lib/errno.h"
#include "mm/slab.h"

struct disk_cache {
	struct pagecache cache;
	struct list_node node; /* [caches_lock] */
};

static struct mutex caches_lock = MUTEX_INIT(caches_lock, LOCK_CACHES);
static struct list_node caches = LIST_INIT(caches);

/* Page n of the cache is block n of the disk. */
static int
disk_map(struct pagecache *pc, uint64_t index, unsigned max, bool create,
	 uint64_t *block)
{
	uint64_t blocks = pc->dev->sectors / (PAGE_SIZE / SECTOR_SIZE);

	if (index >= blocks)
		return create ? -ENOSPC : -EIO;
	*block = index;
	return (int)MIN((uint64_t)max, blocks - index);
}

static const struct pagecache_ops disk_ops = { .map = disk_map };

static struct pagecache *
find(struct block_device *d)
{
	struct disk_cache *c;

	list_for_each_entry(c, &caches, node) {
		if (c->cache.dev == d)
			return &c->cache;
	}
	return NULL;
}

struct pagecache *
block_cache(struct block_device *d)
{
	struct pagecache *pc;
	struct disk_cache *c;

	mutex_lock(&caches_lock);
	pc = find(d);
	if (pc == NULL && (c = kzalloc(sizeof(*c))) != NULL) {
		pc = &c->cache;
		/*
		 * With PAGECACHE_MAX bytes, page number + 1 still fits into 32
		 * bits.
		 */
		pagecache_init(pc, &disk_ops, d,
			       MIN(PAGE_DOWN(d->sectors * SECTOR_SIZE),
				   PAGECACHE_MAX));
		list_push_back(&caches, &c->node);
	}
	mutex_unlock(&caches_lock);
	return pc;
}

int
block_cache_sync(struct pagecache *pc)
{
	assert(!pc->ordered);
	int err = pagecache_sync(pc, 0, UINT64_MAX);
	int err2 = block_flush(pc->dev);

	return err != 0 ? err : err2;
}
