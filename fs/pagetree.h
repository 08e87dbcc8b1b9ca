/* SPDX-License-Identifier: MIT */
/*
 * fs/pagetree.h - the index of one page cache, and the interface between the
 * files that make up the cache: pagetree.c (index), pagecache.c (pages),
 * pagerw.c (read, write), pageobj.c (mappings), pageio.c (transfers),
 * writeback.c (flusher, shrinker).
 *
 * The index is a radix tree with 64 slots a node.  Each node has a bit per slot
 * that says "something dirty below", so a search for the next dirty page skips
 * the clean ones.
 */
#ifndef FS_PAGETREE_H
#define FS_PAGETREE_H

#include "fs/pagecache.h"

#define PAGETREE_BITS  6u
#define PAGETREE_SLOTS 64u
#define PAGETREE_DEPTH 6u /* 6 * 6 >= 32 bits of page number */

struct pagecache_node {		     /* all [L] */
	uint64_t used, dirty;	     /* bit per slot */
	void *slots[PAGETREE_SLOTS]; /* nodes, or frames in the lowest level */
};

/* ---- pagetree.c; pc->lock is held for all of these ---- */

/* The page, or NULL. */
struct frame *pagetree_find(struct pagecache *pc, uint64_t index);

/* The first page (first dirty page) at or after `index`, or NULL. */
struct frame *
pagetree_next(struct pagecache *pc, uint64_t index, bool dirty_only);

/*
 * Insert f as page f->cache.index.  New nodes come from *spare, a list linked
 * through slots[0].  0, -EEXIST, or -ENOMEM: *spare needs one more node.
 */
int pagetree_insert(struct pagecache *pc, struct frame *f,
		    struct pagecache_node **spare) must_check;

/* Remove page `index`, which exists, and clear the page's dirty bit. */
void pagetree_remove(struct pagecache *pc, uint64_t index);

void pagetree_set_dirty(struct pagecache *pc, uint64_t index, bool dirty);

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

/* Sleep until the page is not BUSY.  The caller has it pinned. */
void page_wait(struct frame *f);

/* Clear BUSY, wake the waiters, drop the pin.  Any context. */
void page_unbusy(struct frame *f);

/*
 * Set and clear the DIRTY flag, tag and counters of a page of pc; pc->lock is
 * held.  Marking a dirty page dirty, or a clean one clean, changes nothing.
 */
void page_set_dirty(struct pagecache *pc, struct frame *f);
void page_clear_dirty(struct pagecache *pc, struct frame *f);

/* Take a clean page out of the cache and drop its reference; lock held. */
void page_remove(struct pagecache *pc, struct frame *f);

/*
 * Insert a new frame as page `index`, BUSY and pinned.  0, -EEXIST, -ENOMEM;
 * -EFAULT if the page lies beyond the size, unless `beyond`.
 */
int page_insert(struct pagecache *pc, uint64_t index, struct frame *f,
		bool beyond) must_check;

/* As page_insert(), with ops->charge() before, undone on failure. */
int page_insert_charged(struct pagecache *pc, uint64_t index, struct frame *f,
			bool beyond) must_check;

/*
 * The page if it is cached and valid, pinned; or NULL.  For writers: a reserved
 * page beyond the size counts.  pc->lock is held.
 */
struct frame *page_find_any(struct pagecache *pc, uint64_t index);
/* As page_find_any(), but NULL for a page beyond the size. */
struct frame *page_find_valid(struct pagecache *pc, uint64_t index);

/* Make a page of zeroes in a cache without a device; 0 also if it exists. */
int page_reserve(struct pagecache *pc, uint64_t index) must_check;

/*
 * Make sure that a valid, pinned page has a block on the device.  A page with a
 * new block is dirty: the block holds garbage until it is written.
 */
int page_give_block(struct pagecache *pc, struct frame *f) must_check;

/*
 * Zero the bytes of the last page that lie beyond the size.  They may be
 * anything (a mapping may write there) and must read as zeroes once the file
 * grows.
 */
int page_clean_tail(struct pagecache *pc) must_check;

/* A frame for the cache (FRAME_KERNEL until it is in), or NULL. */
struct frame *page_alloc_frame(void);
/* Free a frame that never was in a cache. */
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

/* Begin to read up to n missing pages from `index` on, without waiting. */
void page_read_ahead(struct pagecache *pc, uint64_t index, unsigned n);

/*
 * Start writing the dirty pages among [first, last].  With `wait`, wait for
 * pages in flight and write them again.  Returns how many pages stay dirty
 * because they are in use.
 */
uint64_t page_write_range(struct pagecache *pc, uint64_t first, uint64_t last,
			  bool wait);

/*
 * Start writing the dirty pages that want() selects (NULL: all), for an ordered
 * cache; waits for pages in flight.  Returns how many pages were sent.
 */
uint64_t
page_write_wanted(struct pagecache *pc, pagecache_want_fn want, void *arg);

/* Sleep until no write of this cache is in flight. */
void page_wait_writes(struct pagecache *pc);

/* ---- writeback.c ---- */

/* The first / last page, the first / last dirty page, with pc->lock held. */
void cache_became_used(struct pagecache *pc);
void cache_became_unused(struct pagecache *pc);
void cache_became_dirty(struct pagecache *pc);
void cache_became_clean(struct pagecache *pc);

/* Wait until no flusher or shrinker works on pc, which is on no list. */
void cache_wait_users(struct pagecache *pc);

/* System-wide counters, in pages. */
void cache_count(struct pagecache *pc, int pages, int dirty);

/* Before dirtying a page: hold the writer up while too much is dirty. */
void cache_throttle(void);

/* A write of `pages` pages is sent; it is done, successfully or not. */
void cache_write_begins(unsigned pages);
void cache_write_ends(unsigned pages);

/* The queue for waiting on `key`; several keys may share a queue. */
struct waitq *cache_waitq(const void *key);

#endif
