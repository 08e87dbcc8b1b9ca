/*
 * kernel/lockcheck.h - the lock checker of debug builds.
 *
 * Every lock has a class, and kernel/locks.def lists the classes in the one
 * order in which they may be taken: with a lock held, only locks of later
 * classes.  A cycle of waiting threads is then impossible, and a breach panics
 * the first time the code runs, whoever else is about.  Also checked: nobody
 * sleeps, or touches user memory, with a spin lock held or in an interrupt
 * handler, and no system call returns with a lock.
 *
 * Release builds and host builds have the classes and none of the checks.
 */
#ifndef KERNEL_LOCKCHECK_H
#define KERNEL_LOCKCHECK_H

#include "lib/base.h"

enum lock_class {
	LOCK_NONE, /* not initialised: taking it panics */
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
#define LOCKS_HELD_MAX 1 /* of no use, and cleared for each new thread */
#endif

/* The locks that a hart (spin) or a thread (sleeping) holds, oldest first. */
struct locks_held {
	unsigned count;
	struct lock_held {
		enum lock_class kind;
		const void *lock, *from; /* from: where it was taken */
	} at[LOCKS_HELD_MAX];
};

#if LOCK_CHECK
/* May this context take a lock of that class now?  Panics if not. */
void lock_check(enum lock_class kind);

/*
 * A lock was taken at `from`, or by the caller if that is NULL; lock_dropped()
 * when it is given back.  For the locks themselves.
 */
void lock_taken(enum lock_class kind, const void *lock, const void *from);
void lock_dropped(enum lock_class kind, const void *lock);

/* Panics unless this context may sleep. */
void lock_check_sleep(void);

/*
 * Panics unless this context may allocate memory and sleep for it.  Reclaim,
 * which such an allocation may have to run, holds LOCK_RECLAIM, a class that
 * no lock has: it takes only locks of later classes, so with one of those held
 * nothing may be allocated, and nothing may inside reclaim itself.  Called at
 * the entry of every such allocation, also where cached memory serves it: a
 * wrong place is found the first time it runs, not when memory is short.
 */
void lock_check_alloc(void);

/* Panics if the current thread holds any lock: it goes back to user mode. */
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

/* What the upper bits of a free spin lock's word say: its class, if checked. */
#define LOCK_CLASS_SHIFT   8
#define LOCK_WORD(kind)	   (LOCK_CHECK ? (kind) << LOCK_CLASS_SHIFT : 0)
#define LOCK_OWNER(word)   (LOCK_CHECK ? (word) % 256 : (word))
#define LOCK_UNOWNED(word) (LOCK_CHECK ? (word) & ~UINT32_C(0xff) : 0)

#endif
