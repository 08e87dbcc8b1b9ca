/* SPDX-License-Identifier: MIT */
/*
 * fs/pageio.c - transfers between cached pages and the disk.
 *
 * A read claims missing pages (BUSY, pinned), gets their block numbers from
 * ops->map(), and sends one request for each run of consecutive blocks.  The
 * completion handler makes pages VALID, so several requests can be in flight,
 * and only the reader of a page waits for it.  A write claims runs of dirty
 * pages the same way; after a write error, the page is dirty again.  The driver
 * logs the failures of the device.
 *
 * The entry points are page_read_in(), page_read_ahead(), page_write_range(),
 * page_write_wanted() and page_wait_writes(); they run in process context,
 * without a spin lock.  Requests live in kmalloc() memory.  If kmalloc() fails,
 * pages are sent one at a time with a request on the stack, so write-out needs
 * no memory.
 */
#include "fs/pagetree.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

#define SECTORS_PER_PAGE (PAGE_SIZE / SECTOR_SIZE)

struct page_io {
	struct block_request req;
	struct pagecache *pc;
	unsigned count;
	struct frame *frames[PAGECACHE_CLUSTER];
	struct block_segment segments[PAGECACHE_CLUSTER];
};

/* ---- completion; any context ---- */

static void
read_done(struct pagecache *pc, struct frame *f, int error)
{
	uint64_t start = (uint64_t)f->cache.index << PAGE_SHIFT;
	uint64_t size = pagecache_size(pc);

	if (error == 0) {
		/*
		 * Bytes beyond the size must read as zeroes if the file grows.
		 */
		if (size < start + PAGE_SIZE && size > start)
			memset((char *)frame_ptr(f) + (size - start), 0,
			       PAGE_SIZE - (size - start));
		frame_set_flags(f, FRAME_VALID);
	}
	page_unbusy(f);
}

static void
write_done(struct pagecache *pc, struct frame *f, int error)
{
	if (error != 0) {
		spin_lock(&pc->lock);
		pc->write_errors++;
		frame_set_flags(f, FRAME_ERROR);
		page_set_dirty(pc, f);
		spin_unlock(&pc->lock);
	} else if (frame_word(f) & FRAME_ERROR) {
		frame_clear_flags(f, FRAME_ERROR);
	}
	page_unbusy(f);
}

/*
 * Count a write as complete.  After the last one, pc may be freed at any time.
 */
static void
drop_in_flight(struct pagecache *pc)
{
	bool last;

	spin_lock(&pc->lock);
	last = --pc->in_flight == 0;
	spin_unlock(&pc->lock);
	if (last)
		waitq_wake_all(cache_waitq(pc));
}

static void
io_done(struct block_request *r)
{
	struct page_io *io = r->arg;
	struct pagecache *pc = io->pc;
	bool write = r->op == BLOCK_WRITE;

	for (unsigned i = 0; i < io->count; i++) {
		if (write)
			write_done(pc, io->frames[i], r->error);
		else
			read_done(pc, io->frames[i], r->error);
	}
	if (write) {
		drop_in_flight(pc);
		cache_write_ends(io->count);
	}
	kfree(io);
}

/* ---- submission ---- */

static void
transfer_one(struct pagecache *pc, enum block_op op, uint64_t block,
	     struct frame *f)
{
	int err = block_transfer(pc->dev, op, block * SECTORS_PER_PAGE,
				 frame_pa(f), (uint32_t)PAGE_SIZE);

	if (op == BLOCK_WRITE)
		write_done(pc, f, err);
	else
		read_done(pc, f, err);
}

static void
count_write(struct pagecache *pc, unsigned pages)
{
	spin_lock(&pc->lock);
	pc->in_flight++;
	spin_unlock(&pc->lock);
	cache_write_begins(pages);
}

/* Send n claimed pages of consecutive blocks, n <= PAGECACHE_CLUSTER. */
static void
submit_some(struct pagecache *pc, enum block_op op, uint64_t block,
	    struct frame **frames, unsigned n)
{
	struct page_io *io = kmalloc(sizeof(*io));

	if (op == BLOCK_WRITE)
		count_write(pc, n);
	if (io == NULL) {
		for (unsigned i = 0; i < n; i++)
			transfer_one(pc, op, block + i, frames[i]);
		if (op == BLOCK_WRITE) {
			drop_in_flight(pc);
			cache_write_ends(n);
		}
		return;
	}
	io->pc = pc;
	io->count = n;
	for (unsigned i = 0; i < n; i++) {
		io->frames[i] = frames[i];
		io->segments[i].pa = frame_pa(frames[i]);
		io->segments[i].len = (uint32_t)PAGE_SIZE;
	}
	io->req = (struct block_request){
		.op = op,
		.sector = block * SECTORS_PER_PAGE,
		.segments = io->segments,
		.segment_count = n,
		.done = io_done,
		.arg = io,
	};
	pc->dev->submit(pc->dev, &io->req);
}

/* Is [block, block + n) on the device?  A second check after map(). */
static bool
on_device(const struct pagecache *pc, uint64_t block, unsigned n)
{
	uint64_t blocks = pc->dev->sectors / SECTORS_PER_PAGE;

	return n <= blocks && block <= blocks - n;
}

static void
submit(struct pagecache *pc, enum block_op op, uint64_t block,
       struct frame **frames, unsigned n)
{
	unsigned most = MIN(pc->dev->max_segments, PAGECACHE_CLUSTER);

	assert(on_device(pc, block, n));
	while (n > 0) {
		unsigned part = MIN(n, most);

		submit_some(pc, op, block, frames, part);
		block += part;
		frames += part;
		n -= part;
	}
}

/* ---- reading ---- */

/*
 * Claim a missing page for reading: make it BUSY and pinned.  False if it is
 * cached or in transfer already, or with *err set: -EFAULT (beyond the size),
 * -ENOMEM, or -EEXIST (another thread inserted it).
 */
static bool
claim_missing(struct pagecache *pc, uint64_t index, struct frame **out,
	      int *err)
{
	struct frame *f;
	bool claimed = false;

	spin_lock(&pc->lock);
	f = pagetree_find(pc, index);
	if (f != NULL && index < page_count(pagecache_size(pc)) &&
	    !(frame_word(f) & (FRAME_VALID | FRAME_BUSY)) && frame_pin(f)) {
		frame_set_flags(f, FRAME_BUSY);
		claimed = true;
	}
	spin_unlock(&pc->lock);
	*out = f;
	if (f != NULL)
		return claimed;
	f = page_alloc_frame();
	if (f == NULL) {
		*err = -ENOMEM;
		return false;
	}
	*err = page_insert(pc, index, f, false);
	if (*err != 0) {
		page_free_frame(f);
		return false;
	}
	*out = f;
	return true;
}

/* Claim up to n consecutive missing pages; *err: why the run is short, or 0. */
static unsigned
claim_run(struct pagecache *pc, uint64_t index, unsigned n,
	  struct frame **frames, int *err)
{
	uint64_t end = page_count(pagecache_size(pc));
	unsigned i;

	*err = 0;
	if (index >= end) {
		*err = -EFAULT;
		return 0;
	}
	n = (unsigned)MIN((uint64_t)n, end - index);
	for (i = 0; i < n; i++) {
		if (!claim_missing(pc, index + i, &frames[i], err))
			break;
	}
	return i;
}

static void
fill_hole(struct pagecache *pc, struct frame *f)
{
	page_zero(frame_ptr(f));
	f->cache.extra = 0;
	read_done(pc, f, 0);
}

/* Start reading claimed pages.  Completion clears BUSY; success sets VALID. */
static int
start_reads(struct pagecache *pc, uint64_t index, struct frame **frames,
	    unsigned n)
{
	uint64_t block;
	unsigned i = 0;
	int run = 0;

	while (i < n) {
		run = pc->ops->map(pc, index + i, n - i, false, &block);
		if (run > 0 && block != PAGECACHE_HOLE &&
		    !on_device(pc, block, (unsigned)run))
			run = -EUCLEAN;
		if (run < 0)
			break;
		for (int k = 0; k < run && block == PAGECACHE_HOLE; k++)
			fill_hole(pc, frames[i + (unsigned)k]);
		for (int k = 0; k < run && block != PAGECACHE_HOLE; k++)
			frames[i + (unsigned)k]->cache.extra =
				(uint32_t)(block + (unsigned)k + 1);
		if (block != PAGECACHE_HOLE)
			submit(pc, BLOCK_READ, block, frames + i,
			       (unsigned)run);
		i += (unsigned)run;
	}
	for (; i < n; i++)
		page_unbusy(frames[i]);
	return run < 0 ? run : 0;
}

/* Wait for the transfer of a page.  True if it is then valid and cached. */
static bool
wait_valid(struct frame *f)
{
	page_wait(f);
	return (frame_word(f) & (FRAME_VALID | FRAME_CACHE)) ==
	       (FRAME_VALID | FRAME_CACHE);
}

/* Find a page that is valid or in transfer, and pin it; or NULL. */
static struct frame *
find_pinned(struct pagecache *pc, uint64_t index)
{
	struct frame *f;

	spin_lock(&pc->lock);
	f = pagetree_find(pc, index);
	if (f != NULL &&
	    (index >= page_count(pagecache_size(pc)) ||
	     !(frame_word(f) & (FRAME_VALID | FRAME_BUSY)) || !frame_pin(f)))
		f = NULL;
	spin_unlock(&pc->lock);
	return f;
}

int
page_read_in(struct pagecache *pc, uint64_t index, unsigned window,
	     struct frame **out)
{
	struct frame *frames[PAGECACHE_CLUSTER], *f;
	unsigned n;
	int err;

	window = CLAMP(window, 1u, PAGECACHE_CLUSTER);
	for (;;) {
		f = find_pinned(pc, index);
		if (f != NULL) {
			if (wait_valid(f))
				break;
			frame_unpin(f);
			continue; /* that read failed: claim the page */
		}
		n = claim_run(pc, index, window, frames, &err);
		if (n == 0) {
			if (err != 0 && err != -EEXIST)
				return err;
			continue;
		}
		f = frames[0];
		if (!frame_pin(f)) /* unreachable: the claim pinned it */
			panic("page cache: a claimed frame cannot be pinned");
		err = start_reads(pc, index, frames, n);
		if (wait_valid(f))
			break;
		frame_unpin(f);
		return err != 0 ? err : -EIO;
	}
	*out = f;
	return 0;
}

void
page_read_ahead(struct pagecache *pc, uint64_t index, unsigned n)
{
	struct frame *frames[PAGECACHE_CLUSTER];
	int err;

	n = claim_run(pc, index, MIN(n, PAGECACHE_CLUSTER), frames, &err);
	/* Ignore the error: page_read_in() reads again and reports its own. */
	if (n > 0)
		(void)start_reads(pc, index, frames, n);
}

/* ---- writing ---- */

struct write_pass {
	struct pagecache *pc;
	uint64_t next, last; /* pages still to look at */
	bool wait;
	pagecache_want_fn want; /* NULL: all of them */
	void *want_arg;
	uint64_t skipped, sent;
	struct frame *frames[PAGECACHE_CLUSTER];
	unsigned count;
	uint64_t block; /* of frames[0] */
};

/* May this dirty page be written now? */
static bool
writable_now(const struct pagecache *pc, const struct frame *f)
{
	uint64_t word = frame_word(f);

	requires_lock(&pc->lock);
	/*
	 * If a file is mapped writable, a pin on its page may belong to a fault
	 * that is about to store a writable leaf: that page must stay dirty.
	 * In an `ordered` cache a pin does not count: a mounted disk has blocks
	 * that are always pinned.
	 */
	return (word & FRAME_BUSY) == 0 &&
	       (!pc->wmapped || pc->ordered || frame_pins_in(word) == 0);
}

/* Must this pass write page `index`? */
static inline bool
wanted(const struct write_pass *w, uint64_t index)
{
	requires_lock(&w->pc->lock);
	return w->want == NULL || w->want(index, w->want_arg);
}

/* Claim the run of dirty pages in consecutive blocks from f on. */
static void
claim_dirty_run(struct write_pass *w, struct frame *f)
{
	struct pagecache *pc = w->pc;
	uint64_t index = f->cache.index;
	uint32_t extra = f->cache.extra;

	requires_lock(&w->pc->lock);
	w->block = extra - UINT64_C(1);
	w->count = 0;
	do {
		if (!frame_pin(f))
			break;
		frame_set_flags(f, FRAME_BUSY);
		page_clear_dirty(pc, f);
		w->frames[w->count++] = f;
		f = pagetree_find(pc, index + w->count);
	} while (w->count < PAGECACHE_CLUSTER && f != NULL &&
		 index + w->count <= w->last && (frame_word(f) & FRAME_DIRTY) &&
		 wanted(w, index + w->count) && writable_now(pc, f) &&
		 f->cache.extra == extra + w->count);
	w->next = index + MAX(w->count, 1u);
	/*
	 * The pages are marked clean but not yet written: count the run as in
	 * flight, so that a sync waits for it.
	 */
	pc->in_flight += w->count > 0;
}

/* Claim the next run of dirty pages; false if no more are found. */
static bool
next_dirty_run(struct write_pass *w)
{
	struct pagecache *pc = w->pc;
	struct frame *f;

	w->count = 0;
	spin_lock(&pc->lock);
	while ((f = pagetree_next(pc, w->next, true)) != NULL &&
	       f->cache.index <= w->last && w->count == 0) {
		if (!wanted(w, f->cache.index)) {
			w->next = f->cache.index + UINT64_C(1);
		} else if (writable_now(pc, f)) {
			claim_dirty_run(w, f);
		} else if (w->wait && (frame_word(f) & FRAME_BUSY) &&
			   frame_pin(f)) {
			w->next = f->cache.index;
			spin_unlock(&pc->lock);
			page_wait(f);
			frame_unpin(f);
			spin_lock(&pc->lock);
		} else {
			w->skipped += !(frame_word(f) & FRAME_BUSY);
			w->next = f->cache.index + UINT64_C(1);
		}
	}
	spin_unlock(&pc->lock);
	return w->count > 0;
}

static void
write_runs(struct write_pass *w)
{
	struct pagecache *pc = w->pc;

	while (next_dirty_run(w)) {
		/*
		 * Unmap the pages before the device reads them, so that the
		 * next store faults and marks the page dirty again.
		 */
		if (pc->wmapped)
			memobj_unmap(&pc->obj, w->frames[0]->cache.index,
				     w->frames[0]->cache.index + w->count - 1);
		w->sent += w->count;
		submit(pc, BLOCK_WRITE, w->block, w->frames, w->count);
		drop_in_flight(pc);
	}
}

uint64_t
page_write_range(struct pagecache *pc, uint64_t first, uint64_t last, bool wait)
{
	struct write_pass w = {
		.pc = pc, .next = first, .last = last, .wait = wait
	};

	write_runs(&w);
	return w.skipped;
}

uint64_t
page_write_wanted(struct pagecache *pc, pagecache_want_fn want, void *arg)
{
	struct write_pass w = {
		.pc = pc,
		.last = UINT32_MAX,
		.wait = true,
		.want = want,
		.want_arg = arg,
	};

	write_runs(&w);
	return w.sent;
}

void
page_wait_writes(struct pagecache *pc)
{
	bool busy;

	do {
		spin_lock(&pc->lock);
		busy = pc->in_flight > 0;
		spin_unlock(&pc->lock);
		if (busy)
			wait_event(cache_waitq(pc),
				   __atomic_load_n(&pc->in_flight,
						   __ATOMIC_ACQUIRE) == 0);
	} while (busy);
}
