/*
 * kernel/wait.h - sleeping until something happens.
 *
 * A waitq is where threads wait for a condition that some other lock or
 * atomic guards.  The pattern is wait_event*(): it re-checks the condition
 * after putting itself on the queue, so a wake-up between the check and the
 * sleep is not lost.  Process context, no spin lock held.  Waking is allowed
 * anywhere, also from interrupts and with spin locks held.
 *
 * Lifetime.  A thread that a waker finds on the queue takes q->lock once more
 * before it goes on, so it leaves after the waker has released the lock, and
 * the waker touches neither the queue nor the waiter afterwards.  But a thread
 * that finds its condition true by itself goes on without the lock, perhaps
 * before the waker has looked at the queue.  So the waker keeps the object
 * with the queue alive: it holds a reference of its own, or the lock under
 * which the object is found and freed (proc_lock for those in a process or
 * task).  A queue for an object that may end at that moment, such as a
 * request or a page, is a static one (cache_waitq(), block.c).
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

/* Who may end the sleep besides a wake-up. */
enum wait_mode {
	WAIT_FIRM,     /* nobody: only for waits that end by themselves soon */
	WAIT_KILLABLE, /* a fatal signal */
	WAIT_SIGNALS,  /* any signal that is not blocked or ignored */
};

#define WAIT_FOREVER UINT64_MAX
/*
 * Of a deadline: the other bits are a time_real() value, and the sleep ends when
 * that clock shows it, also if it is set meanwhile.
 */
#define WAIT_REAL (UINT64_C(1) << 63)

void waitq_init(struct waitq *q) nonnull;

/*
 * Does no thread wait here, and no waker hold the lock?  For assertions where
 * the queue's memory is freed.
 */
bool waitq_unused(struct waitq *q) nonnull;

/* Wake the oldest waiter, or all of them.  Cheap when nobody waits. */
void waitq_wake_one(struct waitq *q) nonnull;
void waitq_wake_all(struct waitq *q) nonnull;

/* The clock of time_real() was set.  Process context. */
void wait_clock_was_set(void);

/* Sleep for so many nanoseconds, whatever happens. */
void thread_sleep(uint64_t ns);

/* The pieces of wait_event(); a caller with several queues may use them. */
void waiter_add(struct waitq *q, struct waiter *w, enum wait_mode mode);
void waiter_remove(struct waitq *q, struct waiter *w);
/*
 * Sleep if still marked as waiting.  deadline: time_now() value, WAIT_REAL
 * with a time_real() value, or WAIT_FOREVER.  Returns 0 (woken, perhaps for
 * nothing), -ETIMEDOUT, or -ERESTARTSYS when a signal of the mode's kind is
 * pending.
 */
int waiter_sleep(struct waiter *w, enum wait_mode mode, uint64_t deadline);

/*
 * Sleep until `cond` holds.  Value: 0, -ETIMEDOUT, or -ERESTARTSYS; with
 * WAIT_FIRM and WAIT_FOREVER always 0.  `cond` is evaluated many times, but
 * never again after it held: it may take what it asks for.
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
