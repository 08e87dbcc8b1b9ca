/* SPDX-License-Identifier: MIT */
/*
 * kernel/mutex.h - sleeping locks: mutexes and rwlocks.
 *
 * The holder may sleep.  Process context only, no spin lock held.  Not
 * recursive: acquiring a lock twice panics in debug builds.  A mutex has one
 * holder.  An rwlock has many readers or one writer; writers are preferred, so
 * a reader must not acquire it twice.
 *
 * A release first frees the lock and then reads the wait queue.  In between,
 * another thread may acquire and release the lock.  So a thread must not decide
 * under an object's own mutex that it is the last user of the object.  Instead,
 * each thread that acquires the mutex holds a reference to the object, and
 * drops the reference after unlocking (kernel/wait.h, "Lifetime").
 */
#ifndef KERNEL_MUTEX_H
#define KERNEL_MUTEX_H

#include "kernel/wait.h"

struct mutex {
	struct thread *_Atomic owner;
	struct waitq waitq;
	enum lock_class kind; /* [i] */
};

#define MUTEX_INIT(name, kind)                       \
	{                                            \
		NULL, WAITQ_INIT((name).waitq), kind \
	}

void mutex_init(struct mutex *m, enum lock_class kind) nonnull;
void mutex_lock(struct mutex *m) nonnull;
void mutex_unlock(struct mutex *m) nonnull;

struct rwlock {
	_Atomic uint32_t state; /* RWLOCK_* | number of readers */
	_Atomic uint32_t writers_waiting;
	struct thread *writer; /* for assertions */
	struct waitq waitq;
	enum lock_class kind; /* [i] */
};

#define RWLOCK_WRITER  (1u << 31) /* held for writing */
#define RWLOCK_WAITING (1u << 30) /* a writer waits: no new readers */

void rwlock_init(struct rwlock *l, enum lock_class kind) nonnull;
static inline void rwlock_read(struct rwlock *l);
static inline void rwlock_unread(struct rwlock *l);
void rwlock_write(struct rwlock *l) nonnull;
void rwlock_unwrite(struct rwlock *l) nonnull;
bool rwlock_writing(const struct rwlock *l) nonnull; /* by any thread */

/* ---- the fast path, inline because every page fault takes it ---- */

void rwlock_read_slow(struct rwlock *l) nonnull;

static inline bool
rwlock_try_read(struct rwlock *l)
{
	uint32_t n = atomic_load_explicit(&l->state, memory_order_relaxed);

	/* Retry if only the number of readers has changed. */
	while ((n & (RWLOCK_WRITER | RWLOCK_WAITING)) == 0) {
		if (atomic_compare_exchange_weak_explicit(&l->state, &n, n + 1,
							  memory_order_acquire,
							  memory_order_relaxed))
			return true;
	}
	return false;
}

static inline void
rwlock_read(struct rwlock *l)
{
	lock_check(l->kind);
	if (unlikely(!rwlock_try_read(l)))
		rwlock_read_slow(l);
	lock_taken(l->kind, l, NULL);
}

static inline void
rwlock_unread(struct rwlock *l)
{
	uint32_t old =
		atomic_fetch_sub_explicit(&l->state, 1, memory_order_seq_cst);

	lock_dropped(l->kind, l);
	/* Only a writer waits until readers release the lock. */
	if (unlikely(old & RWLOCK_WAITING))
		waitq_wake_all(&l->waitq);
}

#endif
