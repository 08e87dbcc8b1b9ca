/* SPDX-License-Identifier: MIT */
/*
 * kernel/lockcheck.h - lock classes, and the lock checker of debug builds.
 *
 * Every lock has a class.  kernel/locks.def lists the classes in lock order:
 * the holder of a lock may acquire only locks of later classes.  A cycle of
 * waiting threads is then impossible.  A violation panics the first time the
 * code runs, even if no other thread uses the locks.  The checker also panics
 * if a thread sleeps or accesses user memory with a spin lock held or in an
 * interrupt handler, or if a system call returns with a lock held.
 *
 * Release builds and host builds have the classes but not the checks.
 */
#ifndef KERNEL_LOCKCHECK_H
#define KERNEL_LOCKCHECK_H

#include "lib/base.h"

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

/*
 * The word of a spin lock: the owner in 8 bits and, if checked, the class
 * above.
 */
#define LOCK_CLASS_SHIFT   8
#define LOCK_WORD(kind)	   (LOCK_CHECK ? (kind) << LOCK_CLASS_SHIFT : 0)
#define LOCK_OWNER(word)   (LOCK_CHECK ? (word) % 256 : (word))
#define LOCK_UNOWNED(word) (LOCK_CHECK ? (word) & ~UINT32_C(0xff) : 0)

#endif
