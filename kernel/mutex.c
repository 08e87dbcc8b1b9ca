/* SPDX-License-Identifier: MIT */
/*
 * kernel/mutex.c - acquire and release mutexes and rwlocks.
 *
 * kernel/mutex.h has the rules.  Acquiring a free lock is one compare-and-swap.
 * A release reads the wait queue and locks it only if a thread waits.  A
 * released mutex goes to the first thread that tries to acquire it, which need
 * not be the woken waiter.  Process context, no spin lock held; nothing here
 * fails.
 */
#include "kernel/mutex.h"

#include "kernel/hart.h"
#include "kernel/panic.h"

void
mutex_init(struct mutex *m, enum lock_class kind)
{
	m->kind = kind;
	atomic_store_explicit(&m->owner, NULL, memory_order_relaxed);
	waitq_init(&m->waitq);
}

bool
mutex_held(const struct mutex *m)
{
	return atomic_load_explicit(&((struct mutex *)(uintptr_t)m)->owner,
				    memory_order_relaxed) == thread_current();
}

static bool
try_take(struct mutex *m)
{
	struct thread *none = NULL;

	return atomic_compare_exchange_strong_explicit(&m->owner, &none,
						       thread_current(),
						       memory_order_acquire,
						       memory_order_relaxed);
}

void
mutex_lock(struct mutex *m)
{
	lock_check_sleep();
	assert(!mutex_held(m));
	lock_check(m->kind);
	if (unlikely(!try_take(m)))
		wait_event(&m->waitq, try_take(m));
	lock_taken(m->kind, m, __builtin_return_address(0));
}

void
mutex_unlock(struct mutex *m)
{
	assert(mutex_held(m));
	lock_dropped(m->kind, m);
	atomic_store_explicit(&m->owner, NULL, memory_order_release);
	waitq_wake_one(&m->waitq);
}

void
rwlock_init(struct rwlock *l, enum lock_class kind)
{
	l->kind = kind;
	atomic_store_explicit(&l->state, 0, memory_order_relaxed);
	atomic_store_explicit(&l->writers_waiting, 0, memory_order_relaxed);
	l->writer = NULL;
	waitq_init(&l->waitq);
}

bool
rwlock_write_held(const struct rwlock *l)
{
	return l->writer == thread_current();
}

bool
rwlock_writing(const struct rwlock *l)
{
	return (atomic_load_explicit(&((struct rwlock *)(uintptr_t)l)->state,
				     memory_order_relaxed) &
		RWLOCK_WRITER) != 0;
}

bool
rwlock_held(const struct rwlock *l)
{
	return (atomic_load_explicit(&((struct rwlock *)(uintptr_t)l)->state,
				     memory_order_relaxed) &
		~RWLOCK_WAITING) != 0;
}

void
rwlock_read_slow(struct rwlock *l)
{
	lock_check_sleep();
	assert(!rwlock_write_held(l));
	wait_event(&l->waitq, rwlock_try_read(l));
}

static bool
try_write(struct rwlock *l)
{
	uint32_t n = atomic_load_explicit(&l->state, memory_order_relaxed);

	return (n & ~RWLOCK_WAITING) == 0 &&
	       atomic_compare_exchange_strong_explicit(&l->state, &n,
						       n | RWLOCK_WRITER,
						       memory_order_acquire,
						       memory_order_relaxed);
}

/* Set RWLOCK_WAITING before each try: another writer may have cleared it. */
static bool
announce_and_try_write(struct rwlock *l)
{
	atomic_fetch_or(&l->state, RWLOCK_WAITING);
	return try_write(l);
}

void
rwlock_write(struct rwlock *l)
{
	lock_check_sleep();
	assert(!rwlock_write_held(l));
	lock_check(l->kind);
	if (unlikely(!try_write(l))) {
		atomic_fetch_add(&l->writers_waiting, 1);
		wait_event(&l->waitq, announce_and_try_write(l));
		if (atomic_fetch_sub(&l->writers_waiting, 1) == 1)
			atomic_fetch_and(&l->state, ~RWLOCK_WAITING);
	}
	l->writer = thread_current();
	lock_taken(l->kind, l, __builtin_return_address(0));
}

void
rwlock_unwrite(struct rwlock *l)
{
	assert(rwlock_write_held(l));
	lock_dropped(l->kind, l);
	l->writer = NULL;
	atomic_fetch_and(&l->state, ~RWLOCK_WRITER);
	waitq_wake_all(&l->waitq);
}
