/* SPDX-License-Identifier: MIT */
/*
 * mm/frame.h - the page-frame database: one record of 32 bytes per page of RAM.
 *
 * The first word of a record holds the reference count, the pin count and the
 * flags, so that one atomic load is a consistent view.  docs/frames.md explains
 * the counts of a program's page:
 *
 *   each present leaf in each distinct page table	refs + 1
 *   being in the page cache (FRAME_CACHE)		refs + 1
 *   a pin (the page's bytes are in use)		refs + 1, pins + 1
 *
 * There are no other references, and the zero page is not counted.  So
 * frame_maps_in() = refs - pins - (1 if in the page cache) is the number of
 * distinct tables that map the frame.  The allocator sets `refs` to 1.  A free
 * page has 0 references, and no function raises the count from 0.
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
#define FRAME_CODE   (1u << 14) /* icache synchronized since the last fill */

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
	 * Reclaim memory if none is free; may sleep.  Process context.  The
	 * caller holds no lock that reclaim takes: class RECLAIM and all
	 * classes below it in kernel/locks.def.
	 */
	FRAME_MAY_SLEEP,
	FRAME_ATOMIC, /* never sleep */
};

/*
 * Allocate one page.  refs is 1, pins and flags are 0, the contents are
 * undefined (poison in debug builds).  The caller owns the reference.  NULL:
 * out of memory, or an injected failure.
 */
struct frame *frame_alloc(enum frame_how how) must_check;

/*
 * Allocate 2^order contiguous pages for the kernel, with FRAME_KERNEL set.
 * NULL: as for frame_alloc(), or the block would be larger than 64 MiB.
 */
struct frame *frame_alloc_order(unsigned order, enum frame_how how) must_check;

/* Free a block from frame_alloc_order().  Each page must have one reference. */
void frame_free_order(struct frame *f, unsigned order) nonnull;

/*
 * Take one more reference; refs must be > 0.  Returns false, and changes
 * nothing, if the count is at its limit (2^31): the caller returns -ENOMEM.
 */
static inline bool frame_get(struct frame *f) must_check;

/* Drop one reference.  Frees the page if it was the last.  Any context. */
static inline void frame_put(struct frame *f);

/*
 * Pin a page to use its bytes: take a reference and a pin, which do not count
 * as a mapping.  refs must be > 0.  Returns false, and changes nothing, if a
 * count is at its limit.  frame_unpin() drops both, and frees the page if the
 * reference was the last.  Any context.
 */
bool frame_pin(struct frame *f) nonnull must_check;
void frame_unpin(struct frame *f) nonnull;
/* Turn a pin into the reference of a leaf that the caller has just stored. */
void frame_pin_to_map(struct frame *f) nonnull;

/*
 * Set or clear flags.  frame_test_and_set() returns those of `flags` that were
 * already set.
 */
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

/* Does the page at this physical address have a record? */
static inline bool
frame_valid_pa(paddr_t pa)
{
	return (pa - frame_base) >> PAGE_SHIFT < frame_count;
}

/* The record of the page of RAM at pa.  Asserts that the page has one. */
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
		end; /* [start, end); reserved: rounded outwards to pages */
};

/*
 * Boot, once: make records for all of `ram`, and free all pages outside the
 * `reserved` ranges.  Panics if there is no room for the records.
 */
void frame_init(const struct frame_range *ram, unsigned ram_count,
		const struct frame_range *reserved, unsigned reserved_count);

/*
 * Boot, before frame_init(): find `size` bytes of RAM, aligned to `align`,
 * outside the reserved ranges.  Returns their address, or 0 if there is no
 * room.
 */
paddr_t
frame_find_room(uint64_t size, uint64_t align, const struct frame_range *ram,
		unsigned ram_count, const struct frame_range *reserved,
		unsigned reserved_count) must_check;

/*
 * The steps of frame_init(), for mm/frame_boot.c.  frame_begin() makes records
 * in `table` for `count` frames from `base` on; `table` must have room for
 * them.  frame_give() frees the frames of [start, end).  frame_ready(), called
 * last, sets up the zero page; it panics if no frame is free.
 */
void frame_begin(struct frame *table, paddr_t base, uint64_t count) nonnull;
void frame_give(paddr_t start, paddr_t end);
void frame_ready(void);

struct frame_stats {
	uint64_t total, free; /* pages; free includes per-hart caches */
	uint64_t reserved;    /* firmware, kernel image, frame table */
	uint64_t least;	      /* lowest since the reset; exact on one hart */
	uint64_t at_reset;    /* `free` at the reset */
};
void frame_get_stats(struct frame_stats *s) nonnull;
/*
 * Restart `least` from the present number of free pages.  Before the first call
 * `least` counts from boot.
 */
void frame_reset_least(void);

/* Return the pages of this hart's cache to the buddy system. */
void frame_drain_caches(void);
/*
 * Return the pages of all harts' caches to the buddy system, for a shortage of
 * memory.  Stops the other harts meanwhile.  Process context, no spin lock
 * held; may sleep.
 */
void frame_drain_all(void);

/*
 * Register a function that can free memory.  It is called in process context to
 * free about `pages` pages, and returns how many it freed.  The calling thread
 * holds no spin lock, but may hold locks above RECLAIM in kernel/locks.def.
 * Boot time only.
 */
void frame_register_shrinker(size_t (*shrink)(size_t pages));

/* ---- reference counting, inline because every fault and fork uses it ---- */

/*
 * Free a page after its last reference was dropped.  Called only by frame_put()
 * and frame_unpin().
 */
void frame_release(struct frame *f) nonnull;

/*
 * Prepare a page for the free list: debug builds check that no hart can still
 * use the page, and fill it with poison.
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
 * Drop one reference.  True if it was the last: the caller must free the page.
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
 * A batch drops many references.  frame_batch_begin() orders the caller's
 * accesses to the pages before all later calls of frame_batch_put().  If
 * frame_batch_put() drops the last reference to a page, frame_batch_end() frees
 * the page.  The cost of frame_batch_end() has a bound that does not depend on
 * the number of pages.
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
