/* SPDX-License-Identifier: MIT */
/*
 * fs/pagecache.c - the life of a cached page: inserted, dirtied, removed;
 * truncation, sync, and access to single pages for the kernel.
 *
 * fs/pagecache.h describes the states of a page and the lock order.  The
 * page_*() functions serve the other files of the cache; fs/pagetree.h says
 * which need pagecache.lock.  The pagecache_*() functions are the entry points;
 * they run in process context and may sleep.  fs/pageio.c starts the transfers.
 */
#include "fs/pagecache.h"

#include "fs/pagetree.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

/* ---- pages ---- */

struct frame *
page_alloc_frame(void)
{
	struct frame *f = frame_alloc(FRAME_MAY_SLEEP);

	if (f != NULL)
		frame_set_flags(f, FRAME_KERNEL);
	return f;
}

void
page_free_frame(struct frame *f)
{
	frame_clear_flags(f, FRAME_KERNEL);
	frame_put(f);
}

void
page_wait(struct frame *f)
{
	wait_event(cache_waitq(f), !page_is(f, FRAME_BUSY));
}

void
page_unbusy(struct frame *f)
{
	frame_clear_flags(f, FRAME_BUSY);
	waitq_wake_all(cache_waitq(f));
	frame_unpin(f);
}

void
page_set_dirty(struct pagecache *pc, struct frame *f)
{
	requires_lock(&pc->lock);
	if (page_is(f, FRAME_CODE))
		frame_clear_flags(f, FRAME_CODE);
	/* A page removed from the cache meanwhile is not written back. */
	if (pc->dev == NULL || !page_is(f, FRAME_CACHE) ||
	    page_is(f, FRAME_DIRTY))
		return;
	frame_set_flags(f, FRAME_DIRTY);
	pagetree_set_dirty(pc, f->cache.index, true);
	if (pc->dirty++ == 0) {
		pc->dirty_since = time_now();
		cache_became_dirty(pc);
	}
	cache_count(pc, 0, 1);
}

void
page_clear_dirty(struct pagecache *pc, struct frame *f)
{
	requires_lock(&pc->lock);
	if (!page_is(f, FRAME_DIRTY))
		return;
	frame_clear_flags(f, FRAME_DIRTY);
	pagetree_set_dirty(pc, f->cache.index, false);
	if (--pc->dirty == 0)
		cache_became_clean(pc);
	cache_count(pc, 0, -1);
}

void
page_remove(struct pagecache *pc, struct frame *f)
{
	requires_lock(&pc->lock);
	assert(!page_is(f, FRAME_DIRTY | FRAME_BUSY));
	pagetree_remove(pc, f->cache.index);
	if (--pc->pages == 0)
		cache_became_unused(pc);
	cache_count(pc, -1, 0);
	if (pc->ops->uncharge != NULL)
		pc->ops->uncharge(pc, 1);
	frame_clear_flags(f,
			  FRAME_CACHE | FRAME_VALID | FRAME_SEEN | FRAME_ERROR);
	frame_put(f);
}

/* Try to insert f.  -ENOMEM: *spare needs one more node. */
static int
try_insert(struct pagecache *pc, struct frame *f, bool beyond,
	   struct pagecache_node **spare)
{
	int err;

	requires_lock(&pc->lock);
	if (!beyond && f->cache.index >= page_count(pagecache_size(pc)))
		return -EFAULT;
	err = pagetree_insert(pc, f, spare);
	if (err != 0)
		return err;
	frame_set_flags(f, FRAME_CACHE | FRAME_BUSY | FRAME_SEEN);
	frame_clear_flags(f, FRAME_KERNEL);
	/* The frame is new, so its pin count cannot overflow. */
	if (!frame_pin(f))
		panic("page cache: a new frame cannot be pinned");
	if (pc->pages++ == 0)
		cache_became_used(pc);
	cache_count(pc, 1, 0);
	return 0;
}

int
page_insert(struct pagecache *pc, uint64_t index, struct frame *f, bool beyond)
{
	struct pagecache_node *spare = NULL, *n;
	int err;

	assert(index <= UINT32_MAX);
	f->cache.owner = pc;
	f->cache.index = (uint32_t)index;
	f->cache.extra = 0;
	for (;;) {
		spin_lock(&pc->lock);
		err = try_insert(pc, f, beyond, &spare);
		spin_unlock(&pc->lock);
		if (err != -ENOMEM)
			break;
		n = kzalloc(sizeof(*n));
		if (n == NULL)
			break;
		n->slots[0] = spare;
		spare = n;
	}
	while ((n = spare) != NULL) {
		spare = n->slots[0];
		kfree(n);
	}
	return err;
}

int
page_insert_charged(struct pagecache *pc, uint64_t index, struct frame *f,
		    bool beyond)
{
	int err = 0;

	if (pc->ops->charge != NULL)
		err = pc->ops->charge(pc, 1);
	if (err != 0)
		return err;
	err = page_insert(pc, index, f, beyond);
	if (err != 0 && pc->ops->uncharge != NULL)
		pc->ops->uncharge(pc, 1);
	return err;
}

struct frame *
page_find_any(struct pagecache *pc, uint64_t index)
{
	struct frame *f = pagetree_find(pc, index);

	requires_lock(&pc->lock);
	if (f == NULL || !page_is(f, FRAME_VALID) || !frame_pin(f))
		return NULL;
	if (!page_is(f, FRAME_SEEN))
		frame_set_flags(f, FRAME_SEEN);
	return f;
}

struct frame *
page_find_valid(struct pagecache *pc, uint64_t index)
{
	requires_lock(&pc->lock);
	if (index >= page_count(pagecache_size(pc)))
		return NULL;
	return page_find_any(pc, index);
}

int
page_give_block(struct pagecache *pc, struct frame *f)
{
	uint64_t block;
	int n;

	if (pc->dev == NULL || f->cache.extra != 0)
		return 0;
	n = pc->ops->map(pc, f->cache.index, 1, true, &block);
	if (n < 0)
		return n;
	spin_lock(&pc->lock);
	f->cache.extra = (uint32_t)(block + 1);
	page_set_dirty(pc, f);
	spin_unlock(&pc->lock);
	return 0;
}

/* ---- set-up and removal ---- */

void
pagecache_init(struct pagecache *pc, const struct pagecache_ops *ops,
	       struct block_device *dev, uint64_t size)
{
	memset(pc, 0, sizeof(*pc));
	memobj_init(&pc->obj, &page_object_ops);
	pc->ops = ops;
	pc->dev = dev;
	spin_init(&pc->lock, LOCK_PAGECACHE);
	atomic_store_explicit(&pc->size, size, memory_order_relaxed);
	list_init(&pc->all_node);
	list_init(&pc->dirty_node);
}

/* Is a transfer in flight, or the page pinned (as by a fault that maps it)? */
static bool
in_use(const struct frame *f)
{
	uint64_t word = frame_word(f);

	return (word & FRAME_BUSY) != 0 || frame_pins_in(word) > 0;
}

/*
 * Wait for the users of the pages from `first` on.  These pages lie beyond the
 * size, so only a thread that found one earlier can still use it.
 * frame_unpin() wakes no waiter, so this loop polls; such a wait is rare.
 */
static void
wait_for_users(struct pagecache *pc, uint64_t first)
{
	struct waitq *q = cache_waitq(pc);
	struct frame *f;

	for (;;) {
		spin_lock(&pc->lock);
		f = pagetree_next(pc, first, false);
		while (f != NULL && !in_use(f)) {
			first = f->cache.index + UINT64_C(1);
			f = pagetree_next(pc, first, false);
		}
		spin_unlock(&pc->lock);
		if (f == NULL)
			return;
		(void)wait_event_mode(q, false, WAIT_FIRM,
				      time_now() + NSEC_PER_SEC / 2000);
	}
}

/* Free the pages from `first` on, which lie beyond the size. */
static void
drop_pages(struct pagecache *pc, uint64_t first)
{
	struct frame *f;

	wait_for_users(pc, first);
	/*
	 * Unmap the whole range: private copies of pages may be mapped even
	 * where no page is cached.
	 */
	memobj_cut(&pc->obj, first);
	spin_lock(&pc->lock);
	while ((f = pagetree_next(pc, first, false)) != NULL) {
		/* The flusher may be writing the page: wait. */
		if (page_is(f, FRAME_BUSY)) {
			spin_unlock(&pc->lock);
			wait_for_users(pc, first);
			spin_lock(&pc->lock);
			continue;
		}
		page_clear_dirty(pc, f);
		page_remove(pc, f);
	}
	spin_unlock(&pc->lock);
}

void
pagecache_destroy(struct pagecache *pc)
{
	spin_lock(&pc->lock);
	atomic_store_explicit(&pc->size, 0, memory_order_release);
	spin_unlock(&pc->lock);
	drop_pages(pc, 0);
	page_wait_writes(pc);
	cache_wait_users(pc);
	assert(list_empty(&pc->obj.vmas));
}

/* ---- truncate ---- */

int
page_clean_tail(struct pagecache *pc)
{
	uint64_t size = pagecache_size(pc);
	size_t off = size & PAGE_MASK;
	struct frame *f;
	int err;

	if (off == 0)
		return 0;
	if (pc->dev == NULL) {
		spin_lock(&pc->lock);
		f = page_find_valid(pc, size >> PAGE_SHIFT);
		spin_unlock(&pc->lock);
		if (f == NULL)
			return 0;
	} else {
		err = pagecache_get(pc, size >> PAGE_SHIFT, false, &f);
		if (err != 0)
			return err == -EFAULT ? -EIO : err;
	}
	memset((char *)frame_ptr(f) + off, 0, PAGE_SIZE - off);
	/* A page without a block is a hole: nothing to write. */
	if (f->cache.extra != 0)
		pagecache_dirty(f);
	frame_unpin(f);
	return 0;
}

int
pagecache_truncate(struct pagecache *pc, uint64_t size)
{
	uint64_t old = pagecache_size(pc);
	struct frame *last = NULL;
	int err;

	if (size > PAGECACHE_MAX)
		return -EFBIG;
	if (size > old) {
		err = page_clean_tail(pc);
		if (err != 0)
			return err;
	} else if ((size & PAGE_MASK) != 0 && pc->dev != NULL && size < old) {
		err = pagecache_get(pc, size >> PAGE_SHIFT, false, &last);
		if (err != 0)
			return err == -EFAULT ? -EIO : err;
	}
	spin_lock(&pc->lock);
	atomic_store_explicit(&pc->size, size, memory_order_release);
	spin_unlock(&pc->lock);
	if (size >= old)
		return 0;
	if (last != NULL) {
		memset((char *)frame_ptr(last) + (size & PAGE_MASK), 0,
		       PAGE_SIZE - (size & PAGE_MASK));
		if (last->cache.extra != 0)
			pagecache_dirty(last);
		frame_unpin(last);
	} else if (pc->dev == NULL && page_clean_tail(pc) != 0) {
		panic("page cache: cannot zero the end of the last page of a "
		      "memory-only cache");
	}
	drop_pages(pc, page_count(size));
	return 0;
}

void
pagecache_drop_reserved(struct pagecache *pc)
{
	drop_pages(pc, page_count(pagecache_size(pc)));
}

void
pagecache_punch(struct pagecache *pc, uint64_t first, uint64_t last)
{
	struct frame *f;

	assert(pc->dev == NULL);
	memobj_unmap(&pc->obj, first, last);
	spin_lock(&pc->lock);
	while ((f = pagetree_next(pc, first, false)) != NULL &&
	       f->cache.index <= last) {
		first = f->cache.index + UINT64_C(1);
		if (!in_use(f) && frame_maps_in(frame_word(f)) == 0) {
			page_remove(pc, f);
			continue;
		}
		/* A fault or read() is using the page: keep it, zeroed. */
		if (!frame_pin(f))
			continue;
		spin_unlock(&pc->lock);
		page_zero(frame_ptr(f));
		frame_unpin(f);
		spin_lock(&pc->lock);
	}
	spin_unlock(&pc->lock);
}

/* ---- single pages ---- */

/*
 * Insert a page of zeroes without reading; -EEXIST if the page is cached
 * already.  -EFAULT if it lies beyond the size, unless `beyond`.
 */
static int
insert_zeroed(struct pagecache *pc, uint64_t index, bool beyond,
	      struct frame **out)
{
	struct frame *f = page_alloc_frame();
	int err;

	if (f == NULL)
		return -ENOMEM;
	page_zero(frame_ptr(f));
	err = page_insert_charged(pc, index, f, beyond);
	if (err != 0) {
		page_free_frame(f);
		return err;
	}
	/* Add a pin for the caller: page_unbusy() drops the first one. */
	if (!frame_pin(f))
		panic("page cache: a new frame cannot be pinned");
	frame_set_flags(f, FRAME_VALID);
	page_unbusy(f);
	*out = f;
	return 0;
}

/* Caches without a device: find the page, or allocate it. */
static int
get_in_memory(struct pagecache *pc, uint64_t index, struct frame **out)
{
	int err;

	do {
		spin_lock(&pc->lock);
		*out = page_find_valid(pc, index);
		spin_unlock(&pc->lock);
		if (*out != NULL)
			return 0;
		if (index >= page_count(pagecache_size(pc)))
			return -EFAULT;
		err = insert_zeroed(pc, index, false, out);
		if (err == -EEXIST)
			sched_switch(); /* until the inserter makes it VALID */
	} while (err == -EEXIST);
	return err;
}

int
page_reserve(struct pagecache *pc, uint64_t index)
{
	struct frame *f;
	int err;

	spin_lock(&pc->lock);
	f = pagetree_find(pc, index);
	spin_unlock(&pc->lock);
	if (f != NULL)
		return 0;
	err = insert_zeroed(pc, index, true, &f);
	if (err == 0)
		frame_unpin(f);
	return err == -EEXIST ? 0 : err;
}

/* Caches with a device: get the page zeroed, without a read from the disk. */
static int
get_fresh(struct pagecache *pc, uint64_t index, struct frame **out)
{
	uint64_t block;
	struct frame *f;
	int n = pc->ops->map(pc, index, 1, false, &block);

	if (n < 0)
		return n;
	for (;;) {
		n = insert_zeroed(pc, index, false, &f);
		if (n == 0)
			break;
		if (n != -EEXIST)
			return n;
		spin_lock(&pc->lock);
		f = pagetree_find(pc, index);
		if (f != NULL && !frame_pin(f))
			f = NULL;
		spin_unlock(&pc->lock);
		if (f == NULL)
			continue;
		page_wait(f);
		if (page_is(f, FRAME_CACHE))
			break;
		frame_unpin(f); /* evicted meanwhile */
	}
	page_zero(frame_ptr(f));
	spin_lock(&pc->lock);
	if (block != PAGECACHE_HOLE)
		f->cache.extra = (uint32_t)(block + 1);
	frame_set_flags(f, FRAME_VALID);
	spin_unlock(&pc->lock);
	*out = f;
	return 0;
}

int
pagecache_get(struct pagecache *pc, uint64_t index, bool fresh,
	      struct frame **out)
{
	struct frame *f;

	if (pc->dev == NULL)
		return get_in_memory(pc, index, out);
	if (fresh)
		return get_fresh(pc, index, out);
	spin_lock(&pc->lock);
	f = page_find_valid(pc, index);
	spin_unlock(&pc->lock);
	if (unlikely(f == NULL))
		return page_read_in(pc, index, 1, out);
	*out = f;
	return 0;
}

void
pagecache_dirty(struct frame *f)
{
	struct pagecache *pc = f->cache.owner;

	assert(pc->dev == NULL || f->cache.extra != 0);
	spin_lock(&pc->lock);
	page_set_dirty(pc, f);
	spin_unlock(&pc->lock);
}

void
pagecache_forget(struct pagecache *pc, uint64_t index)
{
	struct frame *f;

	for (;;) {
		spin_lock(&pc->lock);
		f = pagetree_find(pc, index);
		if (f == NULL)
			break;
		page_clear_dirty(pc, f);
		if (!page_is(f, FRAME_BUSY) &&
		    frame_maps_in(frame_word(f)) == 0) {
			page_remove(pc, f);
			break;
		}
		if (!frame_pin(f))
			break;
		spin_unlock(&pc->lock);
		page_wait(f);
		memobj_unmap(&pc->obj, index, index);
		frame_unpin(f);
	}
	spin_unlock(&pc->lock);
}

uint32_t
pagecache_failures(struct pagecache *pc)
{
	uint32_t reported;

	spin_lock(&pc->lock);
	reported = pc->errors_reported;
	spin_unlock(&pc->lock);
	return reported;
}

int
pagecache_report(struct pagecache *pc, uint32_t before)
{
	bool failed;

	spin_lock(&pc->lock);
	failed = pc->write_errors != before;
	pc->errors_reported = pc->write_errors;
	spin_unlock(&pc->lock);
	return failed ? -EIO : 0;
}

int
pagecache_sync(struct pagecache *pc, uint64_t start, uint64_t end)
{
	uint64_t last = end == 0 ? 0 : (end - 1) >> PAGE_SHIFT;
	uint32_t before;

	if (pc->ordered)
		return 0;
	/*
	 * Read the count first, so that every thread that waits for a failed
	 * write reports the failure.
	 */
	before = pagecache_failures(pc);
	/* Skipped pages are pinned, for example by a page fault: retry. */
	while (page_write_range(pc, start >> PAGE_SHIFT, last, true) > 0)
		(void)wait_event_mode(cache_waitq(pc), false, WAIT_FIRM,
				      time_now() + NSEC_PER_SEC / 2000);
	page_wait_writes(pc);
	return pagecache_report(pc, before);
}

int
pagecache_write_some(struct pagecache *pc, pagecache_want_fn want, void *arg)
{
	uint32_t before, failed;
	uint64_t pages;

	spin_lock(&pc->lock);
	before = pc->write_errors;
	spin_unlock(&pc->lock);
	pages = page_write_wanted(pc, want, arg);
	page_wait_writes(pc);
	spin_lock(&pc->lock);
	failed = pc->write_errors - before;
	spin_unlock(&pc->lock);
	return failed != 0 ? -EIO : (int)MIN(pages, (uint64_t)INT32_MAX);
}
