/* SPDX-License-Identifier: MIT */
/*
 * check/hooks.h - the calls by which the kernel reports events to the checkers.
 *
 * This is the only header of check/ that other rooms include.  Each hook is
 * defined in check/, above all rooms: a dependency inversion, so that a checker
 * may look at everything.  In builds without a checker its hooks are empty and
 * cost nothing.  Each section says what its checker proves; a violation panics.
 * docs/checks.md compares the checkers.
 */
#ifndef CHECK_HOOKS_H
#define CHECK_HOOKS_H

#include "arch/mmu.h"
#include "arch/page.h"
#include "lib/base.h"

#include <stdatomic.h>

struct fork_ctx;
struct frame_range;

/* ---- invalid accesses: check/kasan.c ---- */

/*
 * Detect invalid accesses with a shadow of kernel memory.
 *
 * In the kasan build the compiler adds a call of check/kasan.c before each
 * load and store, and the allocators poison memory that is not allocated.  The
 * shadow of address a is the byte at (a >> 3) + KASAN_OFFSET.  0: all eight
 * bytes are valid; 1 to 7: only that many bytes, from the first on; other
 * values: none is valid, and the value is the reason.  There is shadow for the
 * image (an array in it), for RAM through the direct map (an eighth of RAM,
 * reserved at boot) and for kernel stacks (a page each).  Device registers and
 * user addresses have no shadow and are not checked.
 *
 * In other builds the functions below do nothing.
 */

/* Reasons to poison memory; gcc has its own values for local variables. */
enum kasan_kind {
	KASAN_FREE_PAGE = 0xff,
	KASAN_FREE_OBJECT = 0xfe, /* of a slab */
	KASAN_SLAB = 0xfc,	  /* around an object of a slab */
	KASAN_FREE_STACK = 0xfb,  /* the thread has exited */
	KASAN_GLOBAL = 0xf9,	  /* around a global variable */
};

#ifdef TINE_KASAN
#define kasan_on()	   true
#define KASAN_REDZONE	   16u /* bytes behind each object of a slab */
#define KASAN_STACK_PAGES  1u  /* pages of shadow for a slot of 32 KiB */
#define KASAN_IMAGE_SHADOW (UINT64_C(4) << 20 >> 3)

/* The bytes of memory that one page of shadow covers. */
#define KASAN_SPAN (PAGE_SIZE << 3)

/* The address of the shadow of va, mapped or not. */
static inline vaddr_t
kasan_shadow(vaddr_t va)
{
	return (va >> 3) + KASAN_OFFSET;
}

/* True if va lies in the shadow of a kernel address. */
static inline bool
kasan_is_shadow(vaddr_t va)
{
	return va >= kasan_shadow(DIRECT_BASE) &&
	       va <= kasan_shadow(UINT64_MAX);
}

/* The image's shadow.  It is mapped before any checked C function runs. */
extern char kasan_image_shadow[KASAN_IMAGE_SHADOW];

/*
 * Start to check accesses to the image: its shadow is mapped.  Boot hart, once.
 */
void kasan_start(void);

/*
 * Reserve and map a shadow for each range of RAM: appends each shadow to
 * reserved[] and returns the new number; panics if it would exceed `most`.
 * Boot hart, before frame_init().
 */
unsigned
kasan_take_shadow(const struct frame_range *ram, unsigned nram,
		  struct frame_range *reserved, unsigned nres, unsigned most);

/*
 * Start to check accesses to the RAM range [start, end), the shadow of which is
 * mapped, and to kernel stacks; the shadow of a stack is mapped with the stack.
 * Boot hart, for each range.
 */
void kasan_init(paddr_t start, paddr_t end);

/*
 * kasan_poison() makes each access to the n bytes at `at` panic with a reason;
 * kasan_unpoison() makes the bytes valid again.  `at` is a multiple of 8, and
 * so is n for kasan_poison().  kasan_unpoison() leaves the bytes from at + n to
 * the next multiple of 8 invalid.  Any context.
 */
void kasan_poison(const void *at, size_t n, enum kasan_kind why) nonnull;
void kasan_unpoison(const void *at, size_t n) nonnull;

/*
 * Unpoison a slab object of n bytes at p, and poison the rest of `room` bytes.
 */
void kasan_object(void *p, size_t n, size_t room) nonnull;

/* Panic if p, which is to be freed, is poisoned (double free).  Any context. */
void kasan_check_free(const void *p) nonnull;
#else
#define kasan_on()					   false
#define KASAN_REDZONE					   0u
#define KASAN_STACK_PAGES				   0u
#define KASAN_SPAN					   PAGE_SIZE
#define kasan_shadow(va)				   (va)
#define kasan_is_shadow(va)				   false
#define kasan_init(start, end)				   ((void)0)
#define kasan_take_shadow(ram, nram, reserved, nres, most) (nres)
#define kasan_poison(at, n, why)			   ((void)0)
#define kasan_unpoison(at, n)				   ((void)0)
#define kasan_object(p, n, room)			   ((void)0)
#define kasan_check_free(p)				   ((void)0)
#endif

/* ---- lock order: check/lockcheck.c ---- */

/*
 * Lock classes, and the lock checker of debug builds.
 *
 * Every lock has a class.  kernel/locks.def lists the classes in lock order:
 * the holder of a lock may acquire only locks of later classes, or of the same
 * class if the list says that it nests.  A cycle of waiting threads is then
 * impossible.  A violation panics the first time the code runs, even if no
 * other thread uses the locks.  The checker also panics if a thread sleeps or
 * accesses user memory with a spin lock held or in an interrupt handler, or if
 * a system call returns with a lock held.
 *
 * Release builds and host builds have the classes but not the checks.
 */

enum lock_class {
	LOCK_NONE, /* not initialized: acquiring it panics */
#define LOCK(name, nests) LOCK_##name,
#define SPIN(name, nests) LOCK_##name,
#include "kernel/locks.def"
#undef LOCK
#undef SPIN
	LOCK_CLASSES
};

#if defined(TINE_DEBUG) && !defined(TINE_HOST)
#define LOCK_CHECK     1
#define LOCKS_HELD_MAX 12
#else
#define LOCK_CHECK     0
#define LOCKS_HELD_MAX 1 /* unused; small, since each new thread clears it */
#endif

/* The locks that a hart (spin) or a thread (sleeping) holds, oldest first. */
struct locks_held {
	unsigned count;
	struct lock_held {
		enum lock_class kind;
		const void *lock, *from; /* from: address of the call */
	} at[LOCKS_HELD_MAX];
};

#if LOCK_CHECK
/* Panic unless this context may acquire a lock of that class now. */
void lock_check(enum lock_class kind);

/*
 * Called by the functions that acquire and release locks: record a lock
 * acquired at the address `from` (NULL: by the caller), or a release.
 */
void lock_taken(enum lock_class kind, const void *lock, const void *from);
void lock_dropped(enum lock_class kind, const void *lock);

/* Panic unless this context may sleep. */
void lock_check_sleep(void);

/*
 * Panic unless this context may make an allocation that may sleep.  Such an
 * allocation may run reclaim.  Reclaim acquires locks as if it held a lock of
 * the class LOCK_RECLAIM, to which no lock belongs: only locks of later
 * classes.  So an allocation with a lock of a later class held is an error, and
 * so is one inside reclaim.  Every such allocation calls this function first,
 * even if a cache serves it: a wrong call is found the first time it runs, not
 * when memory is short.
 */
void lock_check_alloc(void);

/*
 * Panic if the thread holds any lock.  Called before the return to user mode.
 */
void lock_check_none(void);
#else
static inline void
lock_check(enum lock_class kind)
{
}

static inline void
lock_taken(enum lock_class kind, const void *lock, const void *from)
{
}

static inline void
lock_dropped(enum lock_class kind, const void *lock)
{
}

static inline void
lock_check_sleep(void)
{
}

static inline void
lock_check_alloc(void)
{
}

static inline void
lock_check_none(void)
{
}
#endif

struct spinlock;
struct mutex;
struct rwlock;

bool mutex_held(const struct mutex *m) nonnull;		/* by this thread */
bool rwlock_held(const struct rwlock *l) nonnull;	/* by any thread */
bool rwlock_write_held(const struct rwlock *l) nonnull; /* by this thread */

/*
 * At the top of a function: assert that the caller has acquired the lock, a spin
 * lock, mutex or rwlock.  An rwlock has no list of its readers, so requires_lock()
 * accepts it if any thread holds it.
 */
#define requires_lock(l)       assert(lock_is_held(l))
#define requires_write_lock(l) assert(rwlock_write_held(l))
#define lock_is_held(l)                               \
	_Generic((l), LOCK_TYPE(spinlock, spin_held), \
		 LOCK_TYPE(mutex, mutex_held),        \
		 LOCK_TYPE(rwlock, rwlock_held))(l)
#define LOCK_TYPE(type, held) struct type * : held, const struct type * : held

/*
 * The word of a spin lock: the owner in the low 8 bits and, if locks are
 * checked, the class in the bits above.
 */
#define LOCK_CLASS_SHIFT   8
#define LOCK_WORD(kind)	   (LOCK_CHECK ? (kind) << LOCK_CLASS_SHIFT : 0)
#define LOCK_OWNER(word)   (LOCK_CHECK ? (word) % 256 : (word))
#define LOCK_UNOWNED(word) (LOCK_CHECK ? (word) & ~UINT32_C(0xff) : 0)

/* ---- stale TLB entries: check/tlbcheck.c ---- */

/*
 * Check that no TLB keeps an entry that lost a right.
 *
 * QEMU flushes more than an sfence.vma requires, so wrong operands of a flush
 * go unnoticed there.  With -Dtlbcheck=true the kernel records each store that
 * removes a right, the frame or the table from an entry.  A hart is removed
 * from the record only when it has executed an sfence.vma that covers the
 * entry.  The kernel panics if a record is left when the entry's frame or table
 * is freed, or its space is unlocked.  A hart that ran another space meanwhile
 * must flush before it runs the space again.
 *
 * The check does not rely on batches (mm/tlb.h) or on mmu_flush().  It is exact
 * for 8 entries per thread and space; one more record is for all others.
 */

#define ASID_ANY UINT64_MAX

#ifdef TINE_TLBCHECK
/*
 * Record a store to an entry that TLBs may hold: the leaf of `va` or, if slot,
 * an entry that pointed at a table; `old` is its value before.  Any context;
 * the caller must hold the lock of the entry.
 */
void
tlbcheck_weaker(struct mmu_space *m, uaddr_t va, pte_t old, bool slot) nonnull;

/* Record a flush of [at, at + size) of an ASID by this hart; size 0: all. */
void tlbcheck_flushed(uaddr_t at, uint64_t size, uint64_t asid);
/* As tlbcheck_flushed(), for the harts of an SBI mask and its base. */
void tlbcheck_flushed_by(uint64_t mask, uint64_t base, uaddr_t at,
			 uint64_t size, uint64_t asid);

/*
 * Record that this hart starts to load a space (NULL: none), or has loaded it.
 */
void tlbcheck_enter(struct mmu_space *m, uint64_t asid);
void tlbcheck_entered(struct mmu_space *m) nonnull;

/*
 * Panic if a hart may still use an entry that this thread changed in space m
 * (NULL: that any thread changed in any space) and that pointed at `frame` (0:
 * any).  The panic message contains `when`.
 */
void tlbcheck(const struct mmu_space *m, paddr_t frame, const char *when);
/* The space will not run again: drop its records. */
void tlbcheck_dead(struct mmu_space *m) nonnull;
#define tlbcheck_on() true
#else
#define tlbcheck_on()					false
#define tlbcheck_weaker(m, va, old, slot)		((void)(m))
#define tlbcheck_flushed(at, size, asid)		((void)0)
#define tlbcheck_flushed_by(mask, base, at, size, asid) ((void)0)
#define tlbcheck_enter(m, asid)				((void)0)
#define tlbcheck_entered(m)				((void)0)
#define tlbcheck(m, frame, when)			((void)0)
#define tlbcheck_dead(m)				((void)0)
#endif

/* ---- a wrong fork: check/forkaudit.c ---- */

/*
 * A debug check at fork: compares the page tables of parent and child.
 *
 * The debug kernel checks the first 16 forks under each strategy, and then
 * every 64th.  With the boot argument audit=fork it checks every fork.  If a
 * check fails, the kernel panics; the message names the strategy and the page,
 * and says what is wrong.
 */

#ifdef TINE_DEBUG
/*
 * Check one fork.  Called after a strategy's fork() has succeeded and the TLB
 * has been flushed.  No other thread can run in the child.  Changes no counter.
 */
void fork_audit(struct fork_ctx *fc) nonnull needs_write_lock(fc->parent->lock)
	needs_write_lock(fc->child->lock);

/* Boot: check every fork if `word` is "fork".  False for any other word. */
bool fork_audit_init(const char *word) nonnull;
#else
#define fork_audit(fc) ((void)(fc))

static inline bool
fork_audit_init(const char *word)
{
	return false;
}
#endif

/* ---- events of fork: check/trace.c ---- */

extern _Atomic bool forktrace_on; /* [a] counts are being recorded */

/* Record that n was added to counter `which`.  Any context. */
void forktrace_put(unsigned which, uint64_t n);

#endif
