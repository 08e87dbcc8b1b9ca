/* SPDX-License-Identifier: MIT */
/*
 * fs/pagerw.c - read(2), write(2) and fallocate(2) on cached pages.
 *
 * The entry points are pagecache_read(), pagecache_write() and
 * pagecache_reserve(), in process context; callers of the latter two hold the
 * owner's lock.  While bytes are copied from or to user memory, no spin lock is
 * held and the page is not BUSY: the copy may fault on that same page.  A
 * transfer that fails part-way returns the bytes done so far; without any, the
 * error.
 */
#include "fs/pagetree.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"

#define RA_FIRST 4u /* pages of the first read-ahead window */

/* ---- read ---- */

/* Update the sequential-read state for a read of pages [first, last]. */
static void
note_reader(struct pagecache *pc, uint64_t first, uint64_t last)
{
	requires_lock(&pc->lock);
	if (first != pc->ra_next && first + 1 != pc->ra_next) {
		pc->ra_window = 0;
		pc->ra_mark = pc->ra_end = 0;
	} else if (pc->ra_window == 0) {
		pc->ra_window = RA_FIRST;
	}
	pc->ra_next = (uint32_t)last + 1;
}

/* The number of pages to read if page `index` is missing. */
static unsigned
miss_window(struct pagecache *pc, uint64_t index, uint64_t last)
{
	unsigned n =
		(unsigned)MIN(last - index + 1, (uint64_t)PAGECACHE_CLUSTER);

	requires_lock(&pc->lock);
	if (pc->ra_window == 0)
		return n;
	n = MAX(n, pc->ra_window);
	pc->ra_mark = (uint32_t)index + n / 2;
	pc->ra_end = (uint32_t)index + n;
	pc->ra_window = MIN(2 * pc->ra_window, PAGECACHE_CLUSTER);
	return n;
}

/*
 * The number of pages in the next window, which starts at *start.  0 if the
 * reader has not yet reached ra_mark.
 */
static unsigned
next_window(struct pagecache *pc, uint64_t index, uint64_t *start)
{
	unsigned n = pc->ra_window;

	if (n == 0 || pc->ra_end == 0 || index < pc->ra_mark ||
	    index >= pc->ra_end)
		return 0;
	*start = pc->ra_mark = pc->ra_end;
	pc->ra_end += n;
	pc->ra_window = MIN(2 * n, PAGECACHE_CLUSTER);
	return n;
}

/*
 * Find the page for a read.  0 with *out NULL means a page of zeroes: a read
 * allocates no page for a hole of a cache without a device.
 */
static int
page_for_read(struct pagecache *pc, uint64_t index, uint64_t last,
	      struct frame **out)
{
	uint64_t ahead = 0;
	unsigned window = 1, more;
	struct frame *f;

	spin_lock(&pc->lock);
	f = page_find_valid(pc, index);
	if (pc->dev == NULL) {
		spin_unlock(&pc->lock);
		*out = f;
		return 0;
	}
	more = next_window(pc, index, &ahead);
	if (f == NULL && more == 0)
		window = miss_window(pc, index, last);
	spin_unlock(&pc->lock);
	if (unlikely(more != 0))
		page_read_ahead(pc, ahead, more);
	if (unlikely(f == NULL))
		return page_read_in(pc, index, window, out);
	*out = f;
	return 0;
}

ssize_t
pagecache_read(struct pagecache *pc, struct iobuf *b, uint64_t pos)
{
	uint64_t size = pagecache_size(pc), last;
	ssize_t done = 0;

	if (b->left == 0 || pos >= size)
		return 0;
	last = (pos + MIN(b->left, size - pos) - 1) >> PAGE_SHIFT;
	spin_lock(&pc->lock);
	note_reader(pc, pos >> PAGE_SHIFT, last);
	spin_unlock(&pc->lock);
	while (b->left > 0 && pos < (size = pagecache_size(pc))) {
		size_t off = pos & PAGE_MASK;
		size_t n = MIN(MIN(PAGE_SIZE - off, b->left), size - pos);
		struct frame *f = NULL;
		ssize_t got;
		int err = page_for_read(pc, pos >> PAGE_SHIFT, last, &f);

		if (err == -EFAULT) /* truncated meanwhile */
			break;
		if (err != 0)
			return done > 0 ? done : err;
		if (f != NULL) {
			got = iobuf_put(b, (char *)frame_ptr(f) + off, n);
			frame_unpin(f);
		} else {
			got = iobuf_put_zeroes(b, n);
		}
		if (got <= 0)
			return done > 0 ? done : got;
		done += got;
		pos += (uint64_t)got;
		if ((size_t)got < n)
			break;
	}
	return done;
}

/* ---- write ---- */

/* Mark a pinned page with new bytes up to `end` dirty, and grow the file. */
static void
commit_write(struct pagecache *pc, struct frame *f, uint64_t end)
{
	spin_lock(&pc->lock);
	if (end > pagecache_size(pc))
		atomic_store_explicit(&pc->size, end, memory_order_release);
	page_set_dirty(pc, f);
	spin_unlock(&pc->lock);
}

/* Copy into an existing page; drops the caller's pin. */
static ssize_t
write_into(struct pagecache *pc, struct frame *f, struct iobuf *b, uint64_t pos,
	   size_t n)
{
	int err = page_give_block(pc, f);
	ssize_t got = err;

	if (err == 0) {
		got = iobuf_take(b, (char *)frame_ptr(f) + (pos & PAGE_MASK),
				 n);
		if (got > 0)
			commit_write(pc, f, pos + (uint64_t)got);
	}
	frame_unpin(f);
	return got;
}

/*
 * A new page is in the cache, BUSY and filled.  Give it a disk block and mark
 * it VALID; on failure, remove it from the cache again.
 */
static int
publish(struct pagecache *pc, struct frame *f, uint64_t end)
{
	uint64_t block = 0;
	int err = 0;

	if (pc->dev != NULL)
		err = pc->ops->map(pc, f->cache.index, 1, true, &block);
	spin_lock(&pc->lock);
	if (err >= 0) {
		f->cache.extra = (uint32_t)(block + 1);
		frame_set_flags(f, FRAME_VALID);
		if (end > pagecache_size(pc))
			atomic_store_explicit(&pc->size, end,
					      memory_order_release);
		page_set_dirty(pc, f);
		err = 0;
	} else {
		frame_clear_flags(f, FRAME_BUSY);
		page_remove(pc, f);
	}
	spin_unlock(&pc->lock);
	page_unbusy(f);
	return err;
}

/*
 * Copy the new bytes from `tmp` to the cached page; if it is missing, read it
 * first.
 */
static int
merge(struct pagecache *pc, struct frame *tmp, uint64_t pos, size_t n)
{
	size_t off = pos & PAGE_MASK;
	struct frame *f;
	int err = pagecache_get(pc, pos >> PAGE_SHIFT, false, &f);

	if (err != 0)
		return err == -EFAULT ? -EIO : err;
	err = page_give_block(pc, f);
	if (err == 0) {
		memcpy((char *)frame_ptr(f) + off, (char *)frame_ptr(tmp) + off,
		       n);
		commit_write(pc, f, pos + n);
	}
	frame_unpin(f);
	return err;
}

/*
 * Write a page without reading it, since the write replaces all its old bytes:
 * fill a frame that is not yet in the cache (user memory may fault), then
 * insert that frame.
 */
static ssize_t
write_fresh(struct pagecache *pc, struct iobuf *b, uint64_t pos, size_t n)
{
	uint64_t index = pos >> PAGE_SHIFT, size = pagecache_size(pc);
	size_t off = pos & PAGE_MASK, end;
	struct frame *f = page_alloc_frame();
	ssize_t got;
	int err;

	if (f == NULL)
		return -ENOMEM;
	got = iobuf_take(b, (char *)frame_ptr(f) + off, n);
	if (got <= 0) {
		page_free_frame(f);
		return got;
	}
	end = off + (size_t)got;
	if ((size_t)got < n && index << PAGE_SHIFT < size &&
	    pos + (uint64_t)got < size) {
		/* A short copy: merge() keeps the old bytes that follow it. */
		err = -EEXIST;
	} else {
		memset(frame_ptr(f), 0, off);
		memset((char *)frame_ptr(f) + end, 0, PAGE_SIZE - end);
		err = page_insert_charged(pc, index, f, true);
	}
	if (err == 0) {
		err = publish(pc, f, pos + (uint64_t)got);
		return err != 0 ? err : got;
	}
	if (err == -EEXIST)
		err = merge(pc, f, pos, (size_t)got);
	page_free_frame(f);
	return err != 0 ? err : got;
}

static ssize_t
write_page(struct pagecache *pc, struct iobuf *b, uint64_t pos)
{
	uint64_t index = pos >> PAGE_SHIFT, size = pagecache_size(pc);
	size_t off = pos & PAGE_MASK, n = MIN(PAGE_SIZE - off, b->left);
	struct frame *f;
	int err;

	spin_lock(&pc->lock);
	f = page_find_any(pc, index);
	spin_unlock(&pc->lock);
	if (f == NULL) {
		if (index << PAGE_SHIFT >= size ||
		    (off == 0 && (n == PAGE_SIZE || pos + n >= size)))
			return write_fresh(pc, b, pos, n);
		err = pagecache_get(pc, index, false, &f);
		if (err != 0)
			return err == -EFAULT ? -EIO : err;
	}
	return write_into(pc, f, b, pos, n);
}

ssize_t
pagecache_write(struct pagecache *pc, struct iobuf *b, uint64_t pos)
{
	ssize_t done = 0;
	int err;

	if (b->left == 0)
		return 0;
	if (pos > PAGECACHE_MAX || b->left > PAGECACHE_MAX - pos)
		return -EFBIG;
	if (pos > pagecache_size(pc)) {
		err = page_clean_tail(pc);
		if (err != 0)
			return err;
	}
	while (b->left > 0) {
		size_t want = MIN(PAGE_SIZE - (pos & PAGE_MASK), b->left);
		ssize_t got;

		if (pc->dev != NULL)
			cache_throttle();
		got = write_page(pc, b, pos);
		if (got <= 0)
			return done > 0 ? done : got;
		done += got;
		pos += (uint64_t)got;
		if ((size_t)got < want)
			break;
	}
	return done;
}

/* ---- fallocate ---- */

/*
 * If page `index` has no block, allocate one.  The page is then zeroes in the
 * cache until it is written.  Returns the number of pages, 1 .. max, that have
 * blocks now.
 */
static int
reserve_block(struct pagecache *pc, uint64_t index, unsigned max)
{
	uint64_t block;
	struct frame *f;
	int n = pc->ops->map(pc, index, max, false, &block);

	if (n < 0 || block != PAGECACHE_HOLE)
		return n;
	cache_throttle();
	n = pagecache_get(pc, index, false, &f);
	if (n != 0)
		return n;
	n = page_give_block(pc, f);
	frame_unpin(f);
	return n != 0 ? n : 1;
}

int
pagecache_reserve(struct pagecache *pc, uint64_t start, uint64_t end)
{
	uint64_t index = start >> PAGE_SHIFT, left = page_count(end) - index;
	int n;

	for (; left > 0; left -= (unsigned)n, index += (unsigned)n) {
		if (thread_interrupted(WAIT_SIGNALS))
			return -EINTR;
		n = pc->dev != NULL
			    ? reserve_block(pc, index,
					    (unsigned)MIN(left, UINT64_C(1024)))
			    : page_reserve(pc, index);
		if (n < 0)
			return n;
		n = MAX(n, 1);
	}
	return 0;
}
