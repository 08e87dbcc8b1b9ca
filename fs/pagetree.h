/* SPDX-License-Identifier: MIT */
/*
 * fs/pagetree.h - the index of one page cache, and the interface between the
 * files that make up the cache: pagetree.c (index), pagecache.c (pages),
 * pagerw.c (read, write), pageobj.c (mappings), pageio.c (transfers),
 * writeback.c (flusher, shrinker).
 *
 * The index is a radix tree with 64 slots a node.  Each node has a bit per slot
 * for "a page below is dirty", so that a search for the next dirty page skips
 * clean subtrees.
 */
#ifndef FS_PAGETREE_H
#define FS_PAGETREE_H

#include "fs/pagecache.h"

#define PAGETREE_BITS  6u
#define PAGETREE_SLOTS 64u
#define PAGETREE_DEPTH 6u /* 6 levels * 6 bits >= 32 bits */

struct pagecache_node {		     /* all [L] */
	uint64_t used, dirty;	     /* bit per slot */
	void *slots[PAGETREE_SLOTS]; /* nodes; frames in a leaf node */
};

/* ---- pagetree.c ---- */

/* The page, or NULL. */
struct frame *
pagetree_find(struct pagecache *pc, uint64_t index) needs_lock(pc->lock);

/* The first page (dirty_only: dirty page) at or after `index`, or NULL. */
struct frame *pagetree_next(struct pagecache *pc, uint64_t index,
			    bool dirty_only) needs_lock(pc->lock);

/*
 * Insert f as page f->cache.index.  New nodes come from *spare, a list linked
 * through slots[0].  0, -EEXIST, or -ENOMEM: *spare needs one more node.
 */
int
pagetree_insert(struct pagecache *pc, struct frame *f,
		struct pagecache_node **spare) must_check needs_lock(pc->lock);

/* Remove page `index`, which must exist; clear its dirty bit in the tree. */
void pagetree_remove(struct pagecache *pc, uint64_t index) needs_lock(pc->lock);

void pagetree_set_dirty(struct pagecache *pc, uint64_t index, bool dirty)
	needs_lock(pc->lock);

/* ---- pagecache.c ---- */

/* The number of pages of a file of `size` bytes. */
static inline uint64_t
page_count(uint64_t size)
{
	return (size + PAGE_MASK) >> PAGE_SHIFT;
}

static inline bool
page_is(const struct frame *f, unsigned flags)
{
	return (frame_word(f) & flags) != 0;
}

/* Sleep until the page is not BUSY.  The caller holds a pin on it. */
void page_wait(struct frame *f);

/* Clear BUSY, wake the waiters, drop the pin.  Any context. */
void page_unbusy(struct frame *f);

/*
 * Set and clear the DIRTY flag, tree bit and counters of a page of pc.  No
 * effect if the page is in that state already.
 */
void page_set_dirty(struct pagecache *pc, struct frame *f) needs_lock(pc->lock);
void
page_clear_dirty(struct pagecache *pc, struct frame *f) needs_lock(pc->lock);

/* Remove a clean page from the cache and drop its reference. */
void page_remove(struct pagecache *pc, struct frame *f) needs_lock(pc->lock);

/*
 * Insert a new frame as page `index`, BUSY and pinned.  0, -EEXIST, -ENOMEM;
 * -EFAULT if the page lies beyond the size, unless `beyond`.
 */
int page_insert(struct pagecache *pc, uint64_t index, struct frame *f,
		bool beyond) must_check;

/* As page_insert(), but charges the page first and uncharges it on failure. */
int page_insert_charged(struct pagecache *pc, uint64_t index, struct frame *f,
			bool beyond) must_check;

/*
 * Find page `index` and pin it; NULL if it is not cached or not valid.  For
 * writers: finds reserved pages beyond the size too.
 */
struct frame *
page_find_any(struct pagecache *pc, uint64_t index) needs_lock(pc->lock);
/* As page_find_any(), but NULL for a page beyond the size. */
struct frame *
page_find_valid(struct pagecache *pc, uint64_t index) needs_lock(pc->lock);

/* Insert a page of zeroes in a cache without a device; 0 also if it exists. */
int page_reserve(struct pagecache *pc, uint64_t index) must_check;

/*
 * Allocate a device block for a valid, pinned page that has none, and mark the
 * page dirty: the block holds garbage until the page is written.
 */
int page_give_block(struct pagecache *pc, struct frame *f) must_check;

/*
 * Zero the bytes of the last page that lie beyond the size.  A program may have
 * stored there through a mapping; they must read as zeroes once the file grows.
 */
int page_clean_tail(struct pagecache *pc) must_check;

/* Allocate a frame for the cache (FRAME_KERNEL until inserted), or NULL. */
struct frame *page_alloc_frame(void);
/* Free a frame that was never inserted in a cache. */
void page_free_frame(struct frame *f);

/* ---- pageobj.c ---- */

extern const struct memobj_ops page_object_ops;

/* ---- pageio.c ---- */

/*
 * Get page `index`, valid and pinned.  If it is missing, read it and up to
 * `window` - 1 pages after it.  0, -EFAULT, -EIO, -EUCLEAN, -ENOMEM.
 */
int page_read_in(struct pagecache *pc, uint64_t index, unsigned window,
		 struct frame **out) must_check;

/* Start reading up to n missing pages from `index` on, without waiting. */
void page_read_ahead(struct pagecache *pc, uint64_t index, unsigned n);

/*
 * Start writing the dirty pages among [first, last].  With `wait`, also wait
 * for pages that are in flight and dirty again, and write them.  Returns the
 * number of pages skipped, and still dirty, because they are pinned.
 */
uint64_t page_write_range(struct pagecache *pc, uint64_t first, uint64_t last,
			  bool wait);

/*
 * Start writing the dirty pages that want() selects (NULL: all), for an ordered
 * cache; waits for pages in flight.  Returns the number of pages sent to the
 * device.
 */
uint64_t
page_write_wanted(struct pagecache *pc, pagecache_want_fn want, void *arg);

/* Sleep until no write of this cache is in flight. */
void page_wait_writes(struct pagecache *pc);

/* ---- writeback.c ---- */

/*
 * Update the system-wide lists of caches.  Called when pc gets its first page,
 * loses its last page, gets its first dirty page, or has no dirty page left.
 */
void cache_became_used(struct pagecache *pc) needs_lock(pc->lock);
void cache_became_unused(struct pagecache *pc) needs_lock(pc->lock);
void cache_became_dirty(struct pagecache *pc) needs_lock(pc->lock);
void cache_became_clean(struct pagecache *pc) needs_lock(pc->lock);

/* Wait until flusher and shrinker no longer use pc, which is on no list. */
void cache_wait_users(struct pagecache *pc);

/* Add to the system-wide counters, in pages. */
void cache_count(struct pagecache *pc, int pages, int dirty);

/* Called before a page is dirtied: block the writer while too much is dirty. */
void cache_throttle(void);

/* Start and end of a write, successful or not: count its pages as in flight. */
void cache_write_begins(unsigned pages);
void cache_write_ends(unsigned pages);

/* The queue for waiting on `key`; several keys may share a queue. */
struct waitq *cache_waitq(const void *key);

#endif
