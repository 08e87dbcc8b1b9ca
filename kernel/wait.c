/* SPDX-License-Identifier: MIT */
/*
 * kernel/wait.c - block threads on wait queues, and wake them.
 *
 * kernel/wait.h describes the use and the lifetime rules.  A struct waiter is
 * on the stack of the sleeping thread.  A waker unlinks the waiter, so a waiter
 * that is still linked has not been woken by a waker.  To sleep, a thread calls
 * waiter_add(), waiter_sleep() and waiter_remove(), in process context without
 * spin locks.  waitq_wake_one() and waitq_wake_all() wake threads, in any
 * context.  Nothing here allocates.
 */
#include "kernel/wait.h"

#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "kernel/time.h"

void
waitq_init(struct waitq *q)
{
	spin_init(&q->lock, LOCK_WAITQ);
	list_init(&q->waiters);
}

bool
waitq_unused(struct waitq *q)
{
	bool unused = spin_trylock(&q->lock);

	if (unused) {
		unused = list_empty(&q->waiters);
		spin_unlock(&q->lock);
	}
	return unused;
}

void
waiter_add(struct waitq *q, struct waiter *w, enum wait_mode mode)
{
	lock_check_sleep();
	w->thread = thread_current();
	sched_prepare(mode);
	spin_lock(&q->lock);
	list_push_back(&q->waiters, &w->node);
	spin_unlock(&q->lock);
	/*
	 * The caller checks its condition next.  The fence pairs with the fence
	 * in waitq_wake_one() and waitq_wake_all(): either the caller sees the
	 * new condition, or the waker sees the waiter.
	 */
	atomic_thread_fence(memory_order_seq_cst);
}

void
waiter_remove(struct waitq *q, struct waiter *w)
{
	spin_lock(&q->lock);
	list_del(&w->node);
	spin_unlock(&q->lock);
	sched_cancel();
}

struct sleep_timer {
	struct timer timer;
	struct thread *thread;
};

static void
sleep_timer_fire(struct timer *t)
{
	sched_wake(container_of(t, struct sleep_timer, timer)->thread);
}

/*
 * Sleep until woken or until `deadline`.  Returns 0, or -ETIMEDOUT without a
 * sleep if the deadline has already passed.
 */
static int
sleep_until(struct thread *thread, uint64_t deadline)
{
	struct sleep_timer st = { .thread = thread };

	if (time_now() >= deadline)
		return -ETIMEDOUT;
	timer_init(&st.timer, sleep_timer_fire);
	timer_start(&st.timer, deadline);
	sched_switch();
	timer_shutdown(&st.timer);
	assert(timer_gone(&st.timer));
	return 0;
}

/* The threads in sleep_until_real(). */
static struct waitq real_sleepers = WAITQ_INIT(real_sleepers);

void
wait_clock_was_set(void)
{
	waitq_wake_all(&real_sleepers);
}

/*
 * As sleep_until(), for a time_real() value.  Setting the clock wakes the
 * thread.  The thread finds its condition unchanged and calls this function
 * again, which computes the time_now() deadline from the new clock.
 */
static int
sleep_until_real(struct thread *thread, uint64_t deadline)
{
	struct waiter w = { .thread = thread };
	uint64_t now;
	int err = -ETIMEDOUT;

	spin_lock(&real_sleepers.lock);
	list_push_back(&real_sleepers.waiters, &w.node);
	spin_unlock(&real_sleepers.lock);
	/*
	 * As in waiter_add(): either this thread reads the new clock, or
	 * wait_clock_was_set() sees the waiter.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	now = time_real();
	if (now < deadline)
		err = sleep_until(thread, time_now() + (deadline - now));
	spin_lock(&real_sleepers.lock);
	list_del(&w.node);
	spin_unlock(&real_sleepers.lock);
	return err;
}

int
waiter_sleep(struct waiter *w, enum wait_mode mode, uint64_t deadline)
{
	if (thread_interrupted(mode))
		return -ERESTARTSYS;
	if (deadline == WAIT_FOREVER)
		sched_switch();
	else if (deadline & WAIT_REAL)
		return sleep_until_real(w->thread, deadline & ~WAIT_REAL);
	else
		return sleep_until(w->thread, deadline);
	return 0;
}

/* Execute a full barrier, then return true if the queue is empty. */
static inline bool
nobody_waits(struct waitq *q)
{
	atomic_thread_fence(memory_order_seq_cst);
	return list_empty(&q->waiters);
}

/* Dequeue the first waiter, or all, and make their threads ready. */
static void
wake(struct waitq *q, bool all)
{
	struct list_node *n;
	hart_mask_t untold = 0;

	spin_lock(&q->lock);
	while ((n = list_pop_front(&q->waiters)) != NULL) {
		struct waiter *w = list_entry(n, struct waiter, node);

		untold |= sched_wake_untold(w->thread);
		if (!all)
			break;
	}
	if (likely(untold == 0)) {
		spin_unlock(&q->lock);
		return;
	}
	/* Unlock before the slow IPIs: the woken threads need the lock. */
	irq_push_off();
	spin_unlock(&q->lock);
	sched_tell(untold);
	irq_pop_off();
}

void
waitq_wake_one(struct waitq *q)
{
	if (!nobody_waits(q))
		wake(q, false);
}

void
waitq_wake_all(struct waitq *q)
{
	if (!nobody_waits(q))
		wake(q, true);
}

void
thread_sleep(uint64_t ns)
{
	struct waitq nobody = WAITQ_INIT(nobody);

	(void)wait_event_mode(&nobody, false, WAIT_FIRM, time_now() + ns);
}
