/* SPDX-License-Identifier: MIT */
/*
 * kernel/wait.h - wait queues: sleep until a condition holds.
 *
 * Threads wait on a waitq for a condition that another lock or an atomic
 * guards.  They use wait_event() or one of its variants, which checks the
 * condition again after the thread is on the queue, so no wakeup is lost.
 * Waiting needs process context without spin locks.  Waking is allowed in any
 * context, also with spin locks held.
 *
 * Lifetime.  A waiter that a waker finds on the queue acquires q->lock once
 * more before it continues.  So the waiter continues after the waker has
 * released the lock, and the waker accesses neither the queue nor the waiter
 * afterwards.  A waiter that finds its condition true without a wakeup may
 * continue before the waker has read the queue.  So the waker must keep the
 * object that contains the queue alive: by a reference, or by the lock under
 * which the object is found and freed (proc_lock for the queues in a process or
 * task).  An object that may be freed at that moment, such as a request or a
 * page, uses a static queue: see cache_waitq() and drivers/block.c.
 */
#ifndef KERNEL_WAIT_H
#define KERNEL_WAIT_H

#include "kernel/spinlock.h"
#include "lib/errno.h"
#include "lib/list.h"

struct thread;

struct waitq {
	struct spinlock lock;
	struct list_node waiters; /* [lock] of struct waiter, oldest first */
};

struct waiter {
	struct list_node node; /* [waitq.lock] */
	struct thread *thread; /* [i] */
};

#define WAITQ_INIT(name)                                             \
	{                                                            \
		SPINLOCK_INIT(LOCK_WAITQ), LIST_INIT((name).waiters) \
	}

/* Events that end the sleep, besides a wake-up and the deadline. */
enum wait_mode {
	WAIT_FIRM,     /* none: only for waits that end soon in any case */
	WAIT_KILLABLE, /* a fatal signal */
	WAIT_SIGNALS,  /* any signal that is not blocked or ignored */
};

#define WAIT_FOREVER UINT64_MAX
/*
 * A flag in a deadline: the other bits are a time_real() value.  The sleep ends
 * when that clock reaches the value, even if the clock is set meanwhile.
 */
#define WAIT_REAL (UINT64_C(1) << 63)

void waitq_init(struct waitq *q) nonnull;

/*
 * True if the queue is empty and its lock is free.  For assertions where the
 * queue's memory is freed.
 */
bool waitq_unused(struct waitq *q) nonnull;

/* Wake the oldest waiter, or all waiters.  Cheap if the queue is empty. */
void waitq_wake_one(struct waitq *q) nonnull;
void waitq_wake_all(struct waitq *q) nonnull;

/* Wake the threads with a WAIT_REAL deadline: time_real() was set. */
void wait_clock_was_set(void);

/* Sleep for ns nanoseconds; signals do not end the sleep. */
void thread_sleep(uint64_t ns);

/* The steps of wait_event(), for a caller with several queues. */
void waiter_add(struct waitq *q, struct waiter *w, enum wait_mode mode);
void waiter_remove(struct waitq *q, struct waiter *w);
/*
 * Sleep, if the thread is still marked as sleeping.  deadline: a time_now()
 * value, WAIT_REAL with a time_real() value, or WAIT_FOREVER.  Returns 0 (the
 * caller checks its condition again), -ETIMEDOUT, or -ERESTARTSYS when a signal
 * of the mode's kind is pending.
 */
int waiter_sleep(struct waiter *w, enum wait_mode mode, uint64_t deadline);

/*
 * Sleep until `cond` holds.  Value: 0, -ETIMEDOUT, or -ERESTARTSYS; with
 * WAIT_FIRM and WAIT_FOREVER always 0.  `cond` is evaluated until it holds, and
 * never after that: it may have a side effect, such as acquiring a lock.
 */
#define wait_event_mode(q, cond, mode, deadline)                          \
	({                                                                \
		const uint64_t until_ = (deadline);                       \
		bool holds_ = (cond);                                     \
		struct waiter w_;                                         \
		int err_ = 0;                                             \
		while (!holds_ && err_ == 0) {                            \
			waiter_add((q), &w_, (mode));                     \
			holds_ = (cond);                                  \
			if (!holds_)                                      \
				err_ = waiter_sleep(&w_, (mode), until_); \
			waiter_remove((q), &w_);                          \
			holds_ = holds_ || (cond);                        \
		}                                                         \
		holds_ ? 0 : err_;                                        \
	})

#define wait_event(q, cond) \
	((void)wait_event_mode(q, cond, WAIT_FIRM, WAIT_FOREVER))
#define wait_event_signals(q, cond) \
	wait_event_mode(q, cond, WAIT_SIGNALS, WAIT_FOREVER)
#define wait_event_killable(q, cond) \
	wait_event_mode(q, cond, WAIT_KILLABLE, WAIT_FOREVER)

#endif
