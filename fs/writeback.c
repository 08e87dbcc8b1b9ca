/* SPDX-License-Identifier: MIT */
/*
 * fs/writeback.c - write dirty pages back and free clean ones: the list of all
 * page caches, the list of dirty ones, the flusher and the shrinker.
 *
 * The flusher is a kernel thread that writes caches which have been dirty for
 * five seconds, or all of them when more than an eighth of RAM is dirty; above
 * a quarter, writers block in cache_throttle().  When memory is short, the
 * shrinker frees clean pages: it visits all caches in turn and evicts pages not
 * used since its last visit (second chance).  The shrinker itself never writes,
 * since its caller may hold any lock up to RECLAIM in kernel/locks.def; it
 * wakes the flusher and waits for it.  The only sleeping lock that flusher and
 * shrinker take is that of a memory object, and they allocate nothing under it.
 * So neither can deadlock with the shrinker's caller.  Metadata of a mounted
 * disk is written in an order (pagecache.ordered): the flusher leaves it to the
 * inode writer of fs/init.c and does not wait for that thread.
 *
 * cache_lock (the "G" of fs/pagecache.h) guards the two lists; it is the
 * innermost lock of the page cache.  `users` keeps a cache alive while the
 * flusher or shrinker works on it; pagecache_destroy() waits until it is 0.
 */
#include "fs/init.h"
#include "fs/pagetree.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/errno.h"

#define DIRTY_AGE   (5 * NSEC_PER_SEC)
#define RETRY_DELAY NSEC_PER_SEC
#define WAIT_QUEUES 64u
#define SWEEP_BATCH 64u

static struct spinlock cache_lock = SPINLOCK_INIT(LOCK_WRITEBACK);
static struct list_node all_caches = LIST_INIT(all_caches);
static struct list_node dirty_caches = LIST_INIT(dirty_caches);
static unsigned all_count, dirty_count; /* [G] lengths of the lists */

static _Atomic int64_t pages_cached, pages_dirty, pages_in_memory;
static uint64_t dirty_background, dirty_limit; /* [i] pages */

static struct waitq wait_queues[WAIT_QUEUES];
static struct waitq flusher_queue, progress_queue;
static _Atomic unsigned flusher_kicks;	 /* incremented to wake it */
static _Atomic uint32_t flush_all_asked; /* cleared by the next pass */
static _Atomic unsigned progress_made;	 /* incremented at completion */
static _Atomic int64_t pages_in_flight;	 /* being written now */
static struct thread *_Atomic flusher;	 /* [a] once it runs */
static struct timer age_timer;
static bool age_timer_on; /* [G] */

struct waitq *
cache_waitq(const void *key)
{
	uint64_t h = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);

	return &wait_queues[h >> 58];
}

/* Start a pass of the flusher; with `all`, it also writes pages not yet due. */
static void
kick_flusher(bool all)
{
	/* If a requested full pass has not yet started, it suffices. */
	if (all && atomic_exchange(&flush_all_asked, true))
		return;
	atomic_fetch_add(&flusher_kicks, 1);
	waitq_wake_one(&flusher_queue);
}

static void
cache_progress(void)
{
	atomic_fetch_add(&progress_made, 1);
	waitq_wake_all(&progress_queue);
}

void
cache_write_begins(unsigned pages)
{
	atomic_fetch_add(&pages_in_flight, pages);
}

void
cache_write_ends(unsigned pages)
{
	atomic_fetch_sub(&pages_in_flight, pages);
	cache_progress();
}

/* ---- the lists ---- */

void
cache_became_used(struct pagecache *pc)
{
	requires_lock(&pc->lock);
	spin_lock(&cache_lock);
	list_push_back(&all_caches, &pc->all_node);
	all_count++;
	spin_unlock(&cache_lock);
}

void
cache_became_unused(struct pagecache *pc)
{
	requires_lock(&pc->lock);
	spin_lock(&cache_lock);
	list_del(&pc->all_node);
	all_count--;
	spin_unlock(&cache_lock);
}

static void
age_timer_fire(struct timer *t)
{
	spin_lock(&cache_lock);
	age_timer_on = false;
	spin_unlock(&cache_lock);
	kick_flusher(false);
}

/* [G] A cache is dirty: start a flusher pass after `delay`. */
static void
arm_age_timer(uint64_t delay)
{
	if (age_timer_on || atomic_load(&flusher) == NULL)
		return;
	age_timer_on = true;
	timer_start(&age_timer, time_now() + delay);
}

void
cache_became_dirty(struct pagecache *pc)
{
	requires_lock(&pc->lock);
	spin_lock(&cache_lock);
	list_push_back(&dirty_caches, &pc->dirty_node);
	dirty_count++;
	arm_age_timer(DIRTY_AGE);
	spin_unlock(&cache_lock);
}

void
cache_became_clean(struct pagecache *pc)
{
	requires_lock(&pc->lock);
	spin_lock(&cache_lock);
	list_del(&pc->dirty_node);
	dirty_count--;
	spin_unlock(&cache_lock);
}

void
cache_count(struct pagecache *pc, int pages, int dirty)
{
	if (pages != 0)
		atomic_fetch_add_explicit(pc->dev != NULL ? &pages_cached
							  : &pages_in_memory,
					  pages, memory_order_relaxed);
	if (dirty != 0)
		atomic_fetch_add_explicit(&pages_dirty, dirty,
					  memory_order_relaxed);
}

static uint64_t
dirty_now(void)
{
	int64_t n = atomic_load_explicit(&pages_dirty, memory_order_relaxed);

	return n > 0 ? (uint64_t)n : 0;
}

/* The number of pages that cannot be freed before a write completes. */
static uint64_t
unclean_now(void)
{
	return dirty_now() + (uint64_t)atomic_load(&pages_in_flight);
}

/*
 * Increment `users` of the first cache on the list and move that cache to the
 * end.  NULL: the list is empty.
 */
static struct pagecache *
take_all_first(void)
{
	struct pagecache *pc = NULL;

	spin_lock(&cache_lock);
	if (!list_empty(&all_caches)) {
		pc = list_first(&all_caches, struct pagecache, all_node);
		list_del(&pc->all_node);
		list_push_back(&all_caches, &pc->all_node);
		pc->users++;
	}
	spin_unlock(&cache_lock);
	return pc;
}

static struct pagecache *
take_dirty_first(void)
{
	struct pagecache *pc = NULL;

	spin_lock(&cache_lock);
	if (!list_empty(&dirty_caches)) {
		pc = list_first(&dirty_caches, struct pagecache, dirty_node);
		list_del(&pc->dirty_node);
		list_push_back(&dirty_caches, &pc->dirty_node);
		pc->users++;
	}
	spin_unlock(&cache_lock);
	return pc;
}

static void
leave(struct pagecache *pc)
{
	struct waitq *q = cache_waitq(&pc->users);
	bool last;

	spin_lock(&cache_lock);
	last = --pc->users == 0;
	spin_unlock(&cache_lock);
	/* pagecache_destroy() may have returned already: do not use pc. */
	if (last)
		waitq_wake_all(q);
}

static bool
has_users(struct pagecache *pc)
{
	bool users;

	spin_lock(&cache_lock);
	users = pc->users > 0;
	spin_unlock(&cache_lock);
	return users;
}

void
cache_wait_users(struct pagecache *pc)
{
	assert(!list_linked(&pc->all_node) && !list_linked(&pc->dirty_node));
	wait_event(cache_waitq(&pc->users), !has_users(pc));
}

/* ---- the flusher ---- */

/* Write the cache if it has been dirty for DIRTY_AGE, or if `all`. */
static void
flush_cache(struct pagecache *pc, bool all)
{
	uint64_t now = time_now();
	bool due;

	spin_lock(&pc->lock);
	due = pc->dirty > 0 && (all || now - pc->dirty_since >= DIRTY_AGE);
	spin_unlock(&pc->lock);
	if (!due)
		return;
	if (pc->ordered) {
		inode_writer_hurry();
		return;
	}
	(void)page_write_range(pc, 0, UINT32_MAX, false);
	/* Restart the age of pages dirtied again or with a write error. */
	spin_lock(&pc->lock);
	pc->dirty_since = now;
	spin_unlock(&pc->lock);
}

static void
flush_pass(bool all)
{
	unsigned n;

	spin_lock(&cache_lock);
	n = dirty_count;
	spin_unlock(&cache_lock);
	while (n-- > 0) {
		struct pagecache *pc = take_dirty_first();

		if (pc == NULL)
			break;
		flush_cache(pc, all);
		leave(pc);
	}
}

static void
flusher_main(void *arg)
{
	unsigned seen = 0, kicks;
	bool all;

	atomic_store(&flusher, thread_current());
	for (;;) {
		spin_lock(&cache_lock);
		if (dirty_count > 0)
			arm_age_timer(RETRY_DELAY);
		spin_unlock(&cache_lock);
		wait_event(&flusher_queue,
			   (kicks = atomic_load(&flusher_kicks)) != seen);
		seen = kicks;
		all = atomic_exchange(&flush_all_asked, false);
		flush_pass(all || dirty_now() > dirty_background);
		/*
		 * cache_write_ends() counts each completed write as progress.
		 * While writes are in flight, a pass that found no work must
		 * not count: a waiter would use up its tries and report a
		 * shortage, though pages are about to become clean.
		 */
		if (atomic_load(&pages_in_flight) == 0)
			cache_progress();
	}
}

/*
 * Start a flusher pass, and wait until a write completes or the pass has found
 * no page to write.  The flusher takes no lock that the caller may hold: see
 * the head of this file.
 */
static void
wait_for_flusher(void)
{
	unsigned before = atomic_load(&progress_made);
	struct thread *t = atomic_load(&flusher);

	if (t == NULL || t == thread_current())
		return;
	kick_flusher(true);
	wait_event(&progress_queue, atomic_load(&progress_made) != before);
}

void
cache_throttle(void)
{
	if (likely(unclean_now() <= dirty_background))
		return;
	if (dirty_now() > dirty_background)
		kick_flusher(true);
	/* A bounded loop: write errors must not block a writer for ever. */
	for (unsigned i = 0; i < 64 && unclean_now() > dirty_limit; i++)
		wait_for_flusher();
}

/* ---- the shrinker ---- */

/* Evict a clean page; with `force`, a recently used one too. */
static bool
try_evict(struct pagecache *pc, struct frame *f, bool force)
{
	uint64_t word = frame_word(f);

	requires_lock(&pc->lock);
	/*
	 * Only the cache may refer to the page; a pin could become a mapping.
	 */
	if ((word & (FRAME_DIRTY | FRAME_BUSY)) || frame_refs_in(word) != 1 ||
	    frame_pins_in(word) > 0)
		return false;
	if ((word & FRAME_SEEN) && !force) {
		frame_clear_flags(f, FRAME_SEEN);
		return false;
	}
	page_remove(pc, f);
	return true;
}

/* Do only page tables refer to the page?  Then unmapping makes it evictable. */
static bool
only_mapped(const struct frame *f)
{
	uint64_t word = frame_word(f);

	return !(word & (FRAME_DIRTY | FRAME_BUSY)) &&
	       frame_pins_in(word) == 0 && frame_maps_in(word) > 0;
}

enum sweep { SWEEP_OLD, SWEEP_UNMAPPED, SWEEP_ALL };

/*
 * Try to evict up to SWEEP_BATCH pages from *index on.  *mapped: a page that
 * the caller must unmap before it can be evicted, or NULL.
 */
static size_t
sweep_batch(struct pagecache *pc, uint64_t *index, enum sweep how,
	    struct frame **mapped, bool *end)
{
	struct frame *f = NULL;
	size_t freed = 0;

	*mapped = NULL;
	spin_lock(&pc->lock);
	for (unsigned i = 0; i < SWEEP_BATCH; i++) {
		f = pagetree_next(pc, *index, false);
		if (f == NULL)
			break;
		*index = f->cache.index + UINT64_C(1);
		if (try_evict(pc, f, how != SWEEP_OLD)) {
			freed++;
		} else if (how == SWEEP_ALL && only_mapped(f)) {
			*mapped = f;
			break;
		}
	}
	*end = f == NULL;
	spin_unlock(&pc->lock);
	return freed;
}

static size_t
sweep_cache(struct pagecache *pc, size_t goal, enum sweep how)
{
	uint64_t start = __atomic_load_n(&pc->hand, __ATOMIC_RELAXED);
	uint64_t index = start;
	bool end = false, wrapped = start == 0;
	size_t freed = 0;
	struct frame *mapped;

	while (freed < goal && (!wrapped || !end)) {
		if (end) {
			wrapped = true;
			index = 0;
		}
		freed += sweep_batch(pc, &index, how, &mapped, &end);
		if (mapped != NULL) {
			memobj_unmap(&pc->obj, index - 1, index - 1);
			spin_lock(&pc->lock);
			mapped = pagetree_find(pc, index - 1);
			if (mapped != NULL)
				freed += try_evict(pc, mapped, true);
			spin_unlock(&pc->lock);
		}
		if (wrapped && start != 0 && index >= start)
			break;
	}
	__atomic_store_n(&pc->hand, end ? 0 : (uint32_t)index,
			 __ATOMIC_RELAXED);
	return freed;
}

static size_t
sweep(size_t goal, enum sweep how)
{
	size_t freed = 0;
	unsigned n;

	spin_lock(&cache_lock);
	n = all_count;
	spin_unlock(&cache_lock);
	while (n-- > 0 && freed < goal) {
		struct pagecache *pc = take_all_first();

		if (pc == NULL)
			break;
		if (pc->dev != NULL)
			freed += sweep_cache(pc, goal - freed, how);
		leave(pc);
	}
	return freed;
}

static size_t
shrink(size_t pages)
{
	size_t freed = sweep(pages, SWEEP_OLD);

	if (freed < pages)
		freed += sweep(pages - freed, SWEEP_UNMAPPED);
	if (freed < pages)
		freed += sweep(pages - freed, SWEEP_ALL);
	for (unsigned i = 0; i < 8 && freed == 0 && unclean_now() > 0; i++) {
		wait_for_flusher();
		freed = sweep(pages, SWEEP_ALL);
	}
	return freed;
}

size_t
pagecache_drop_clean(void)
{
	return sweep(SIZE_MAX, SWEEP_ALL);
}

void
pagecache_get_stats(struct pagecache_stats *s)
{
	s->cached = (uint64_t)atomic_load(&pages_cached);
	s->dirty = dirty_now();
	s->in_memory = (uint64_t)atomic_load(&pages_in_memory);
}

void
pagecache_system_init(void)
{
	struct frame_stats fs;

	frame_get_stats(&fs);
	dirty_background = (fs.total - fs.reserved) / 8;
	dirty_limit = (fs.total - fs.reserved) / 4;
	for (unsigned i = 0; i < WAIT_QUEUES; i++)
		waitq_init(&wait_queues[i]);
	waitq_init(&flusher_queue);
	waitq_init(&progress_queue);
	timer_init(&age_timer, age_timer_fire);
	frame_register_shrinker(shrink);
	if (thread_spawn_kernel("flusher", flusher_main, NULL) != 0)
		log_error("page cache: cannot start the flusher (no memory): "
			  "dirty pages are written only by sync");
}
