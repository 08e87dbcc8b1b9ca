/* SPDX-License-Identifier: MIT */
/*
 * mm/frame.h - physical memory, page by page.
 *
 * Every page of RAM has one 32-byte record.  Its first word holds the number of
 * references, the number of pins and the flags, so that one atomic load is a
 * consistent view.  docs/frames.md explains the counts of a program's page:
 *
 *   each present leaf in each distinct page table	refs + 1
 *   being in the page cache (FRAME_CACHE)		refs + 1
 *   a pin (its bytes are in use for a while)	refs + 1, pins + 1
 *
 * There are no other references, and the zero page is not counted at all.  So
 * frame_maps_in() = refs - pins - (in the cache) is the number of distinct
 * tables that map the frame.  `refs` is set to 1 by the allocator, never raised
 * from 0; 0 means free.
 */
#ifndef MM_FRAME_H
#define MM_FRAME_H

#include "arch/page.h"
#include "kernel/panic.h"
#include "kernel/spinlock.h"
#include "lib/list.h"

#include <stdatomic.h>

/* Flags, the low 16 bits of the word. */
#define FRAME_ZERO (1u << 0) /* the shared zero page: immortal, uncounted */
#define FRAME_CACHE \
	(1u << 1)		/* in the page cache, never mapped writable
				  by a private mapping */
#define FRAME_TABLE  (1u << 2)	/* a leaf page table; `table` is valid */
#define FRAME_NO_W   (1u << 3)	/* leaf table: no leaf has W */
#define FRAME_MARK   (1u << 4)	/* for the fork strategy of its spaces */
#define FRAME_KERNEL (1u << 5)	/* kernel data: slab, stacks, tables */
#define FRAME_DIRTY  (1u << 6)	/* page cache: newer than the disk */
#define FRAME_BUSY   (1u << 7)	/* page cache: I/O in flight */
#define FRAME_VALID  (1u << 8)	/* page cache: holds the file's bytes */
#define FRAME_SEEN   (1u << 9)	/* page cache: used since the last sweep */
#define FRAME_ERROR  (1u << 10) /* page cache: a write failed */
#define FRAME_ANON   (1u << 11) /* private user memory */
#define FRAME_UPPER  (1u << 12) /* a root or upper page table */
#define FRAME_MARK2  (1u << 13) /* for the fork strategy, too */
#define FRAME_CODE   (1u << 14) /* mmu_sync_icache() since it was filled */

#define FRAME_PIN      (UINT64_C(1) << 16)
#define FRAME_REF      (UINT64_C(1) << 32)
#define FRAME_REFS_MAX (UINT32_C(1) << 31)
#define FRAME_REFS_TOP (UINT64_C(1) << 63) /* refs >= FRAME_REFS_MAX */

struct frame {
	_Atomic uint64_t word; /* refs:32 | pins:16 | flags:16 */
	union {
		struct { /* FRAME_TABLE */
			struct spinlock lock;
			_Atomic uint32_t share; /* slots that name it */
			uint32_t live;		/* [lock] present leaves */
		} table;
		struct { /* FRAME_CACHE: guarded by the owning cache */
			void *owner;
			uint32_t index; /* page number in the owner */
			uint32_t extra; /* for the owner */
		} cache;
		struct list_node free; /* refs == 0: buddy free list */
		struct frame *next;    /* refs == 0: a chain of single pages */
		struct {	       /* FRAME_KERNEL: for the owner */
			void *owner;
			uint64_t data;
		} kernel;
	};
	uint32_t stamp; /* debug: tid of the last owner */
	uint8_t order;	/* [buddy lock] of a free block's head */
	bool head;	/* [buddy lock] this is the head of a free block */
	bool poisoned;	/* debug: free, and filled with poison */
	uint8_t unused;
};

_Static_assert(sizeof(struct frame) == 32, "32 bytes a page: 1/128 of RAM");

/* How frame_alloc() may behave when memory is short. */
enum frame_how {
	/*
	 * Reclaim memory, which may sleep.  Process context, no lock held that
	 * reclaim takes: RECLAIM and all classes below it in kernel/locks.def.
	 */
	FRAME_MAY_SLEEP,
	FRAME_ATOMIC, /* never sleep */
};

/*
 * One page with refs == 1, pins and flags 0, contents undefined (poison in
 * debug builds).  The caller owns the reference.  NULL: out of memory, or an
 * injected failure.
 */
struct frame *frame_alloc(enum frame_how how) must_check;

/*
 * 2^order contiguous pages for the kernel (FRAME_KERNEL is set); NULL as above,
 * or for more than 64 MiB.
 */
struct frame *frame_alloc_order(unsigned order, enum frame_how how) must_check;

/* Free a block from frame_alloc_order() that has no other reference. */
void frame_free_order(struct frame *f, unsigned order) nonnull;

/*
 * One more reference; refs must be > 0.  False, and nothing changed, when the
 * count is at its limit (2^31): the caller treats it as -ENOMEM.
 */
static inline bool frame_get(struct frame *f) must_check;

/* One reference less; frees the page at 0.  Any context. */
static inline void frame_put(struct frame *f);

/*
 * One more reference and pin, for using the bytes: no mapping is counted.  refs
 * must be > 0.  False, and nothing changed, when a count is at its limit.  The
 * last frame_unpin() may free the page.  Any context.
 */
bool frame_pin(struct frame *f) nonnull must_check;
void frame_unpin(struct frame *f) nonnull;
/* Turn a pin into the reference of a leaf that is about to be stored. */
void frame_pin_to_map(struct frame *f) nonnull;

/* Change flags; frame_test_and_set() returns those that were set before. */
static inline void frame_set_flags(struct frame *f, unsigned flags);
static inline void frame_clear_flags(struct frame *f, unsigned flags);
static inline unsigned frame_test_and_set(struct frame *f, unsigned flags);

static inline uint64_t
frame_word(const struct frame *f)
{
	return atomic_load_explicit(&((struct frame *)(uintptr_t)f)->word,
				    memory_order_acquire);
}

static inline uint32_t
frame_refs_in(uint64_t word)
{
	return (uint32_t)(word >> 32);
}

static inline uint32_t
frame_pins_in(uint64_t word)
{
	return (uint32_t)(word >> 16) & 0xffff;
}

/* Number of distinct page tables that map the frame. */
static inline uint32_t
frame_maps_in(uint64_t word)
{
	return frame_refs_in(word) - frame_pins_in(word) -
	       ((word & FRAME_CACHE) != 0);
}

extern struct frame *frame_table; /* [i] record of the first page of RAM */
extern paddr_t frame_base;	  /* [i] physical address of that page */
extern uint64_t frame_count;	  /* [i] records */
extern uintptr_t frame_record_0;  /* [i] where page 0's record would be */

/* Has the page at this physical address a record? */
static inline bool
frame_valid_pa(paddr_t pa)
{
	return (pa - frame_base) >> PAGE_SHIFT < frame_count;
}

/* The record of a page of RAM; asserts that it is one. */
static inline struct frame *
frame_of_pa(paddr_t pa)
{
	assert(frame_valid_pa(pa));
	return (struct frame *)(frame_record_0 +
				(pa >> PAGE_SHIFT) * sizeof(struct frame));
}

static inline paddr_t
frame_pa(const struct frame *f)
{
	return frame_base + ((uint64_t)(f - frame_table) << PAGE_SHIFT);
}

/* The page's bytes, through the direct map. */
static inline void *
frame_ptr(const struct frame *f)
{
	return phys_to_virt(frame_pa(f));
}

/* The record behind a direct-map pointer. */
static inline struct frame *
frame_of_ptr(const void *p)
{
	return frame_of_pa(virt_to_phys(p));
}

extern struct frame *frame_zero; /* [i] the zero page */

struct frame_range {
	paddr_t start,
		end; /* [start, end), page-aligned outwards if reserved */
};

/*
 * Boot, once: make records for all of `ram` and free all pages that lie in no
 * `reserved` range.  Panics when the records themselves find no room.
 */
void frame_init(const struct frame_range *ram, unsigned ram_count,
		const struct frame_range *reserved, unsigned reserved_count);

/*
 * Boot, before frame_init(): where `size` bytes of RAM lie in no reserved
 * range, at a multiple of `align`; 0 if nowhere.
 */
paddr_t
frame_find_room(uint64_t size, uint64_t align, const struct frame_range *ram,
		unsigned ram_count, const struct frame_range *reserved,
		unsigned reserved_count) must_check;

/*
 * The steps of frame_init(), for mm/frame_boot.c: make records of `count`
 * frames from `base` on, in `table`, which has room for them; free the frames
 * of [start, end); all are there, so set the zero page up.  frame_ready()
 * panics when no frame is free.
 */
void frame_begin(struct frame *table, paddr_t base, uint64_t count) nonnull;
void frame_give(paddr_t start, paddr_t end);
void frame_ready(void);

struct frame_stats {
	uint64_t total, free; /* pages; free includes per-hart caches */
	uint64_t reserved;    /* firmware, kernel image, this table */
	uint64_t least;	      /* lowest since the reset; exact on one hart */
	uint64_t at_reset;    /* `free` at the reset */
};
void frame_get_stats(struct frame_stats *s) nonnull;
/*
 * Count `least` anew from now on.  Before the first call it counts from boot.
 */
void frame_reset_least(void);

/* Return this hart's cache to the buddy lists. */
void frame_drain_caches(void);
/*
 * Return the caches of all harts, for when memory is gone.  The other harts
 * stop meanwhile.  Process context, no spin lock held; may sleep.
 */
void frame_drain_all(void);

/*
 * Register a function that can give memory back.  It is called in process
 * context to free about `pages`, and returns how many it freed.  The calling
 * thread holds no spin lock, but may hold locks above RECLAIM in
 * kernel/locks.def.  Boot time only.
 */
void frame_register_shrinker(size_t (*shrink)(size_t pages));

/* ---- the counting, inline because every fault and fork is made of it ---- */

/* The last reference is gone: the page is free.  For frame_put() only. */
void frame_release(struct frame *f) nonnull;

/*
 * Prepare a page for being free: debug builds check that no hart may still use
 * the page, and fill it with poison.
 */
#ifdef TINE_DEBUG
void frame_poison(struct frame *f) nonnull;
#else
static inline void
frame_poison(struct frame *f)
{
}
#endif

static inline bool
frame_get(struct frame *f)
{
	uint64_t old = atomic_fetch_add_explicit(&f->word, FRAME_REF,
						 memory_order_relaxed);

	assert(frame_refs_in(old) > 0 && (old & FRAME_ZERO) == 0);
	if (likely((old & FRAME_REFS_TOP) == 0))
		return true;
	atomic_fetch_sub_explicit(&f->word, FRAME_REF, memory_order_relaxed);
	return false;
}

/*
 * One reference less.  True: that was the last, and the page is the caller's.
 */
static inline bool
frame_drop(struct frame *f)
{
	uint64_t old = atomic_fetch_sub_explicit(&f->word, FRAME_REF,
						 memory_order_relaxed);

	assert(frame_refs_in(old) > frame_pins_in(old));
	if (frame_refs_in(old) > 1)
		return false;
	atomic_thread_fence(memory_order_acquire);
	return true;
}

static inline void
frame_put(struct frame *f)
{
	atomic_thread_fence(memory_order_release);
	if (frame_drop(f))
		frame_release(f);
}

/*
 * Giving up many references.  frame_batch_begin() orders the caller's accesses
 * to the pages before all the frame_batch_put() that follow.  Pages that lose
 * their last reference are free after frame_batch_end().  The cost of that call
 * has a bound that does not depend on their number.
 */
struct frame_batch {
	struct frame *first, **end; /* chained by `next` */
	unsigned count;
};

static inline void
frame_batch_begin(struct frame_batch *b)
{
	atomic_thread_fence(memory_order_release);
	b->end = &b->first;
	b->count = 0;
}

static inline void
frame_batch_put(struct frame_batch *b, struct frame *f)
{
	if (!frame_drop(f))
		return;
	frame_poison(f);
	atomic_store_explicit(&f->word, 0, memory_order_relaxed);
	*b->end = f;
	b->end = &f->next;
	b->count++;
}

void frame_batch_end(struct frame_batch *b) nonnull;

static inline void
frame_set_flags(struct frame *f, unsigned flags)
{
	atomic_fetch_or_explicit(&f->word, flags, memory_order_acq_rel);
}

static inline void
frame_clear_flags(struct frame *f, unsigned flags)
{
	atomic_fetch_and_explicit(&f->word, ~(uint64_t)flags,
				  memory_order_acq_rel);
}

static inline unsigned
frame_test_and_set(struct frame *f, unsigned flags)
{
	return (unsigned)(atomic_fetch_or_explicit(&f->word, flags,
						   memory_order_acq_rel) &
			  flags);
}

#endif
