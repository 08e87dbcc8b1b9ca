/* SPDX-License-Identifier: MIT */
/*
 * mm/frame.c - the page-frame database and its allocator.
 *
 * Free memory is a binary buddy system under one spin lock.  In front of it
 * each hart has a small cache of single pages.  A page in a cache has no
 * references, like any free page, but is not the head of a buddy block.  The
 * same holds for single pages that are freed to the buddy system: they go on
 * the chain `loose`.  They are merged into blocks only when a larger block is
 * needed and none is free, since most pages are soon allocated singly again.
 *
 * When memory runs out, a caller that may sleep calls the shrinkers (page
 * cache, slabs, inodes) and tries again.  frame_alloc() leaves the last RESERVE
 * pages to callers that may not sleep.  Debug builds fill free pages with
 * poison, and check it when a page is allocated.  Contexts and errors are in
 * mm/frame.h.
 */
#include "mm/frame.h"

#include "check/hooks.h"
#include "kernel/hart.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/string.h"

#define MAX_ORDER   15u	 /* blocks of 2^0 .. 2^14 pages */
#define CACHE_LEAST 64u	 /* pages: lower bound of cache_size */
#define CACHE_MOST  256u /* upper bound; else 1/64 of RAM for all harts */
#define RESERVE	    32u	 /* pages reserved for callers that may not sleep */
#define SHRINKERS   4u
#define POISON	    UINT64_C(0x6b6b6b6b6b6b6b6b)

struct frame *frame_table read_mostly;
paddr_t frame_base read_mostly;
uint64_t frame_count read_mostly;
uintptr_t frame_record_0 read_mostly;
struct frame *frame_zero read_mostly;

static struct spinlock buddy_lock = SPINLOCK_INIT(LOCK_BUDDY);
static struct list_node free_lists[MAX_ORDER]; /* [buddy_lock] */
static struct frame *loose;		       /* [buddy_lock] single pages */
static uint64_t loose_count;		       /* [buddy_lock] */
static uint64_t buddy_free;	/* [buddy_lock] pages, loose ones too */
static uint64_t least_free;	/* [buddy_lock] pages, in caches too */
static uint64_t free_at_reset;	/* [buddy_lock] likewise */
static uint64_t reserved_pages; /* [i] */

static struct frame_cache {
	struct frame *pages[CACHE_MOST]; /* [h] */
	unsigned count;			 /* [h] */
	unsigned least;			 /* [h] lowest since note_least() */
} cache_aligned caches[MAX_HARTS];

/*
 * If no single page is free and memory is not short, a refill takes a block of
 * 2^batch_order pages.  The records of 2^7 pages fill a page of the database,
 * which only one hart then writes.  With a smaller batch, the prefetcher of one
 * hart keeps fetching neighbouring records that another hart is writing
 * (docs/frames.md).
 */
static unsigned cache_size read_mostly;	 /* [i] >= 2 << batch_order */
static unsigned batch_order read_mostly; /* [i] */

static size_t (*shrinkers[SHRINKERS])(size_t pages);

/* ---- the buddy system ---- */

static void
buddy_push(struct frame *f, unsigned order)
{
	requires_lock(&buddy_lock);
	f->order = (uint8_t)order;
	f->head = true;
	list_push_front(&free_lists[order], &f->free);
	buddy_free += UINT64_C(1) << order;
}

static void
buddy_unlink(struct frame *f)
{
	requires_lock(&buddy_lock);
	assert(f->head && f->order < MAX_ORDER);
	f->head = false;
	list_del(&f->free);
	buddy_free -= UINT64_C(1) << f->order;
}

static void
buddy_give(struct frame *f, unsigned order)
{
	uint64_t i = (uint64_t)(f - frame_table);

	requires_lock(&buddy_lock);
	/* Invariant: block i of this order is free and on no list. */
	while (order + 1 < MAX_ORDER) {
		uint64_t j = i ^ (UINT64_C(1) << order);

		if (j + (UINT64_C(1) << order) > frame_count ||
		    !frame_table[j].head || frame_table[j].order != order)
			break;
		buddy_unlink(&frame_table[j]);
		i &= j;
		order++;
	}
	buddy_push(&frame_table[i], order);
}

/* Add a chain of n free pages to `loose`; *end is the last page's link. */
static void
loose_give(struct frame *first, struct frame **end, uint64_t n)
{
	requires_lock(&buddy_lock);
	*end = loose;
	loose = first;
	loose_count += n;
	buddy_free += n;
}

static struct frame *
loose_take(void)
{
	struct frame *f = loose;

	requires_lock(&buddy_lock);
	loose = f->next;
	loose_count--;
	buddy_free--;
	return f;
}

static struct frame *
buddy_take(unsigned order)
{
	struct frame *f;
	unsigned o = order;

	requires_lock(&buddy_lock);
	if (order == 0 && loose != NULL)
		return loose_take();
	while (o < MAX_ORDER && list_empty(&free_lists[o]))
		o++;
	if (o == MAX_ORDER && loose_count >> order > 0) {
		while (loose != NULL)
			buddy_give(loose_take(), 0);
		return buddy_take(order);
	}
	if (o == MAX_ORDER)
		return NULL;
	f = list_first(&free_lists[o], struct frame, free);
	buddy_unlink(f);
	while (o > order) {
		o--;
		buddy_push(f + (UINT64_C(1) << o), o);
	}
	return f;
}

/* The number of free pages, including those in the per-hart caches. */
static uint64_t
free_now(void)
{
	uint64_t free = buddy_free;

	for (unsigned i = 0; i < MAX_HARTS; i++)
		free += caches[i].count;
	return free;
}

/*
 * The lowest number of free pages since this hart's last note_least().  Exact
 * with one hart: for other harts' caches only the present size is known.
 */
static uint64_t
least_since(const struct frame_cache *mine)
{
	return free_now() - (mine->count - mine->least);
}

/*
 * Update least_free.  After boot, called before each change of buddy_free, and
 * also after one that allocates pages or changes a hart's cache.
 */
static void
note_least(struct frame_cache *mine)
{
	least_free = MIN(least_free, least_since(mine));
	mine->least = mine->count;
}

/* ---- poison ---- */

#ifdef TINE_DEBUG
static bool unchecked
poison_intact(const struct frame *f)
{
	const uint64_t *w = frame_ptr(f);

	for (unsigned i = 0; i < PAGE_SIZE / sizeof(*w); i++) {
		if (w[i] != POISON)
			return false;
	}
	return true;
}

void
frame_poison(struct frame *f)
{
	tlbcheck(NULL, frame_pa(f), "a frame is freed");
	memset(frame_ptr(f), (int)(POISON & 0xff), PAGE_SIZE);
	f->poisoned = true;
	kasan_poison(frame_ptr(f), PAGE_SIZE, KASAN_FREE_PAGE);
}

static void
check_fresh(const struct frame *f)
{
	if (frame_word(f) >> 16 != 0)
		panic("frame %#lx is free but has references (word %#lx)",
		      frame_pa(f), frame_word(f));
	if (f->poisoned && !poison_intact(f))
		panic("frame %#lx was written after it was freed (last owner: "
		      "thread %u)",
		      frame_pa(f), f->stamp);
}
#else
static inline void
check_fresh(const struct frame *f)
{
}
#endif

/* ---- allocation ---- */

static void
refill(struct frame_cache *c, enum frame_how how)
{
	const unsigned batch = 1u << batch_order;

	spin_lock(&buddy_lock);
	note_least(c);
	while (c->count < batch &&
	       (how == FRAME_ATOMIC || buddy_free > RESERVE)) {
		unsigned order = 0;
		struct frame *f;

		if (loose == NULL && list_empty(&free_lists[0]) &&
		    buddy_free > cache_size)
			order = batch_order;
		f = buddy_take(order);
		if (f == NULL && order > 0)
			f = buddy_take(order = 0);
		if (f == NULL)
			break;
		for (unsigned i = 0; i < 1u << order; i++)
			c->pages[c->count++] = f + i;
	}
	note_least(c);
	spin_unlock(&buddy_lock);
}

static struct frame *
take_one(enum frame_how how)
{
	struct frame_cache *c;
	struct frame *f = NULL;

	irq_push_off();
	c = &caches[this_hart()->index];
	if (unlikely(c->count == 0))
		refill(c, how);
	if (likely(c->count > 0))
		f = c->pages[--c->count];
	c->least = MIN(c->least, c->count);
	irq_pop_off();
	return f;
}

static bool
shrink(size_t pages)
{
	size_t freed = 0;

	lock_taken(LOCK_RECLAIM, shrinkers, NULL);
	for (unsigned i = 0; i < SHRINKERS && shrinkers[i] != NULL; i++)
		freed += shrinkers[i](pages);
	lock_dropped(LOCK_RECLAIM, shrinkers);
	return freed > 0;
}

static inline void
claim(struct frame *f)
{
	kasan_unpoison(frame_ptr(f), PAGE_SIZE);
	check_fresh(f);
#ifdef TINE_DEBUG
	f->stamp = (uint32_t)thread_current()->tid;
	f->poisoned = false;
#endif
	atomic_store_explicit(&f->word, FRAME_REF, memory_order_relaxed);
}

struct frame *
frame_alloc(enum frame_how how)
{
	struct frame *f;

	if (how == FRAME_MAY_SLEEP)
		lock_check_alloc();
	if (unlikely(thread_should_fail()))
		return NULL;
	for (;;) {
		f = take_one(how);
		if (likely(f != NULL)) {
			claim(f);
			return f;
		}
		if (how == FRAME_ATOMIC || !shrink(UINT64_C(1) << batch_order))
			return NULL;
	}
}

struct frame *
frame_alloc_order(unsigned order, enum frame_how how)
{
	struct frame *f;

	if (how == FRAME_MAY_SLEEP)
		lock_check_alloc();
	if (unlikely(order >= MAX_ORDER || thread_should_fail()))
		return NULL;
	for (;;) {
		spin_lock(&buddy_lock);
		note_least(&caches[this_hart()->index]);
		f = buddy_take(order);
		note_least(&caches[this_hart()->index]);
		spin_unlock(&buddy_lock);
		if (f != NULL)
			break;
		if (how == FRAME_ATOMIC || !shrink(UINT64_C(1) << order))
			return NULL;
		frame_drain_caches();
	}
	for (unsigned i = 0; i < 1u << order; i++) {
		claim(f + i);
		frame_set_flags(f + i, FRAME_KERNEL);
	}
	return f;
}

static void
cache_spill(struct frame_cache *c, unsigned keep)
{
	struct frame *f;

	spin_lock(&buddy_lock);
	note_least(c);
	while (c->count > keep) {
		f = c->pages[--c->count];
		loose_give(f, &f->next, 1);
	}
	note_least(c);
	spin_unlock(&buddy_lock);
}

void
frame_release(struct frame *f)
{
	struct frame_cache *c;

	assert(frame_refs_in(frame_word(f)) == 0);
	frame_poison(f);
	atomic_store_explicit(&f->word, 0, memory_order_relaxed);
	irq_push_off();
	c = &caches[this_hart()->index];
	if (unlikely(c->count == cache_size))
		cache_spill(c, cache_size - (2u << batch_order));
	c->pages[c->count++] = f;
	irq_pop_off();
}

void
frame_batch_end(struct frame_batch *b)
{
	struct frame_cache *c;

	irq_push_off();
	c = &caches[this_hart()->index];
	if (b->count > cache_size / 2) {
		spin_lock(&buddy_lock);
		note_least(c);
		loose_give(b->first, b->end, b->count);
		spin_unlock(&buddy_lock);
		b->count = 0;
	} else if (c->count + b->count > cache_size) {
		cache_spill(c, cache_size / 2);
	}
	for (; b->count > 0; b->count--) {
		c->pages[c->count++] = b->first;
		b->first = b->first->next;
	}
	irq_pop_off();
}

void
frame_free_order(struct frame *f, unsigned order)
{
	for (unsigned i = 0; i < 1u << order; i++) {
		assert(frame_refs_in(frame_word(f + i)) == 1);
		frame_poison(f + i);
		atomic_store_explicit(&f[i].word, 0, memory_order_relaxed);
	}
	spin_lock(&buddy_lock);
	note_least(&caches[this_hart()->index]);
	buddy_give(f, order);
	spin_unlock(&buddy_lock);
}

void
frame_drain_caches(void)
{
	irq_push_off();
	cache_spill(&caches[this_hart()->index], 0);
	irq_pop_off();
}

void
frame_drain_all(void)
{
	/*
	 * A hart uses its cache with interrupts off, so no hart is stopped in
	 * the middle of a change to its cache.
	 */
	hart_stop_others();
	for (unsigned i = 0; i < hart_count; i++)
		cache_spill(&caches[i], 0);
	hart_resume_others();
}

/* ---- counts ---- */

bool
frame_pin(struct frame *f)
{
	uint64_t old = atomic_fetch_add_explicit(
		&f->word, FRAME_REF + FRAME_PIN, memory_order_acquire);

	assert(frame_refs_in(old) > 0);
	if (likely((old & FRAME_REFS_TOP) == 0 && frame_pins_in(old) < 0xffff))
		return true;
	atomic_fetch_sub_explicit(&f->word, FRAME_REF + FRAME_PIN,
				  memory_order_relaxed);
	return false;
}

void
frame_unpin(struct frame *f)
{
	uint64_t old = atomic_fetch_sub_explicit(
		&f->word, FRAME_REF + FRAME_PIN, memory_order_release);

	assert(frame_pins_in(old) > 0);
	if (frame_refs_in(old) == 1) {
		atomic_thread_fence(memory_order_acquire);
		frame_release(f);
	}
}

void
frame_pin_to_map(struct frame *f)
{
	uint64_t old = atomic_fetch_sub_explicit(&f->word, FRAME_PIN,
						 memory_order_relaxed);

	assert(frame_pins_in(old) > 0);
}

/* ---- kernel/page.h: pages for rooms below mm/ ---- */

void *
page_alloc(bool may_sleep_here)
{
	struct frame *f =
		frame_alloc(may_sleep_here ? FRAME_MAY_SLEEP : FRAME_ATOMIC);

	if (f == NULL)
		return NULL;
	frame_set_flags(f, FRAME_KERNEL);
	return frame_ptr(f);
}

void
page_free(void *page)
{
	frame_put(frame_of_ptr(page));
}

bool
page_is_ram(paddr_t pa)
{
	return frame_valid_pa(pa);
}

/* ---- boot ---- */

void
frame_begin(struct frame *table, paddr_t base, uint64_t count)
{
	frame_base = base;
	frame_count = count;
	frame_table = table;
	frame_record_0 = (uintptr_t)frame_table -
			 (base >> PAGE_SHIFT) * sizeof(struct frame);
	memset(frame_table, 0, count * sizeof(struct frame));
	cache_size = (unsigned)MAX(
		CACHE_LEAST, MIN(CACHE_MOST, frame_count / 64 / MAX_HARTS));
	batch_order = cache_size == CACHE_MOST ? 7 : 4;
	for (unsigned i = 0; i < MAX_ORDER; i++)
		list_init(&free_lists[i]);
	for (uint64_t i = 0; i < frame_count; i++)
		frame_table[i].word = FRAME_REF | FRAME_KERNEL;
}

void
frame_give(paddr_t start, paddr_t end)
{
	uint64_t i = (start - frame_base) >> PAGE_SHIFT;
	uint64_t stop = (end - frame_base) >> PAGE_SHIFT;

	kasan_poison(phys_to_virt(start), end - start, KASAN_FREE_PAGE);
	spin_lock(&buddy_lock);
	while (i < stop) {
		unsigned order = 0;

		while (order + 1 < MAX_ORDER &&
		       IS_ALIGNED(i, UINT64_C(2) << order) &&
		       i + (UINT64_C(2) << order) <= stop)
			order++;
		for (uint64_t k = 0; k < UINT64_C(1) << order; k++)
			atomic_store_explicit(&frame_table[i + k].word, 0,
					      memory_order_relaxed);
		buddy_push(&frame_table[i], order);
		i += UINT64_C(1) << order;
	}
	spin_unlock(&buddy_lock);
}

void
frame_ready(void)
{
	spin_lock(&buddy_lock);
	reserved_pages = frame_count - buddy_free;
	frame_zero = buddy_take(0);
	spin_unlock(&buddy_lock);
	if (frame_zero == NULL)
		panic("boot: no free page frame");
	kasan_unpoison(frame_ptr(frame_zero), PAGE_SIZE);
	page_zero(frame_ptr(frame_zero));
	frame_zero->word = FRAME_REF | FRAME_ZERO;
	frame_reset_least();
}

void
frame_register_shrinker(size_t (*fn)(size_t pages))
{
	for (unsigned i = 0; i < SHRINKERS; i++) {
		if (shrinkers[i] == NULL) {
			shrinkers[i] = fn;
			return;
		}
	}
	panic("frames: more than %u shrinkers", SHRINKERS);
}

void
frame_get_stats(struct frame_stats *s)
{
	s->total = frame_count;
	s->reserved = reserved_pages;
	s->free = free_now();
	s->at_reset = free_at_reset;
	irq_push_off();
	s->least = MIN(least_free, least_since(&caches[this_hart()->index]));
	irq_pop_off();
}

void
frame_reset_least(void)
{
	spin_lock(&buddy_lock);
	for (unsigned i = 0; i < MAX_HARTS; i++)
		caches[i].least = caches[i].count;
	least_free = free_at_reset = free_now();
	spin_unlock(&buddy_lock);
}
