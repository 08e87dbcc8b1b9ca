/* SPDX-License-Identifier: MIT */
/*
 * kernel/timer.c - read the clocks, and queue and fire timers.
 *
 * Each hart keeps the timers that were started on it in a tree by deadline and
 * programs its clock event for the earliest of them, or for the next tick if
 * the hart is busy.
 *
 * A timer that has been started belongs to one hart's queue, even while it is
 * not in the tree; the lock of that queue guards the timer.  A timer moves to
 * another queue only when it is started again, and never while fire() runs.  So
 * one check under one lock finds whether a timer is queued and whether it
 * fires.  A timer that is shut down belongs to no queue and cannot be queued
 * again.
 */
#include "kernel/timer.h"

#include "arch/clock.h"
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "kernel/wait.h"

struct timer_queue {
	struct spinlock lock;
	struct rb_root timers; /* [lock] by deadline */
	struct timer *firing;  /* [lock] the timer that fires now */
	uint64_t next_tick;    /* [h] UINT64_MAX while idle */
	uint64_t armed;	       /* [h] time of the clock event */
} cache_aligned;

static struct timer_queue queues[MAX_HARTS] = {
	[0 ... MAX_HARTS - 1] = { .lock = SPINLOCK_INIT(LOCK_TIMERS),
				  .armed = UINT64_MAX },
};
static _Atomic int64_t real_offset; /* real time - time_now() */

uint64_t
time_now(void)
{
	return clock_read();
}

uint64_t
time_real(void)
{
	return time_now() + (uint64_t)atomic_load_explicit(
				    &real_offset, memory_order_relaxed);
}

void
time_set_real(uint64_t ns)
{
	atomic_store(&real_offset, (int64_t)(ns - time_now()));
	wait_clock_was_set();
}

void
timer_init(struct timer *t, void (*fire)(struct timer *t))
{
	t->fire = fire;
	t->queued = false;
	t->hart = TIMER_NEW;
}

/*
 * Set the clock event for the queue of this hart.  An event that is earlier
 * than necessary is not moved: it costs at most one interrupt in ten
 * milliseconds.  Otherwise a hart that often sleeps and wakes would set the
 * clock event each time.
 */
static void
program(struct timer_queue *q)
{
	struct rb_node *n = rb_first(&q->timers);
	uint64_t at = q->next_tick;

	requires_lock(&q->lock);
	if (n != NULL)
		at = MIN(at, rb_entry(n, struct timer, node)->deadline);
	if (q->armed < at)
		return;
	q->armed = at;
	clock_set_event(at);
}

static void
queue_insert(struct timer_queue *q, struct timer *t)
{
	struct rb_node **at = &q->timers.node, *up = NULL;

	while (*at != NULL) {
		up = *at;
		if (t->deadline < rb_entry(up, struct timer, node)->deadline)
			at = &up->left;
		else
			at = &up->right;
	}
	rb_link(&t->node, up, at);
	rb_insert_fix(&q->timers, &t->node);
}

/* Lock the queue that the timer belongs to; NULL if it belongs to none. */
static struct timer_queue *
lock_queue_of(struct timer *t)
{
	for (;;) {
		int hart = __atomic_load_n(&t->hart, __ATOMIC_ACQUIRE);
		struct timer_queue *q = &queues[hart < 0 ? 0 : hart];

		if (hart < 0)
			return NULL;
		spin_lock(&q->lock);
		if (t->hart == hart)
			return q;
		spin_unlock(&q->lock);
	}
}

/* Remove t from the tree of its queue q. */
static void
dequeue(struct timer_queue *q, struct timer *t)
{
	requires_lock(&q->lock);
	if (t->queued)
		rb_erase(&q->timers, &t->node);
	t->queued = false;
}

/*
 * Lock the queue into which this hart must start the timer: this hart's or,
 * while the timer fires, the queue on which it fires.  NULL if the timer was
 * shut down.  Interrupts are off.
 */
static struct timer_queue *
lock_queue_for(struct timer *t)
{
	int here = (int)this_hart()->index, none = TIMER_NEW;
	struct timer_queue *q;

	(void)__atomic_compare_exchange_n(&t->hart, &none, here, false,
					  __ATOMIC_RELAXED, __ATOMIC_RELAXED);
	while ((q = lock_queue_of(t)) != NULL) {
		if (q == &queues[here] || q->firing == t)
			break;
		dequeue(q, t);
		__atomic_store_n(&t->hart, here, __ATOMIC_RELEASE);
		spin_unlock(&q->lock);
	}
	return q;
}

void
timer_start(struct timer *t, uint64_t deadline)
{
	struct timer_queue *q;

	irq_push_off();
	q = lock_queue_for(t);
	if (q != NULL) {
		dequeue(q, t);
		t->deadline = deadline;
		t->queued = true;
		queue_insert(q, t);
		/*
		 * Otherwise t->fire() is running on another hart.  That hart
		 * sets its clock event after fire() returns.
		 */
		if (q == &queues[this_hart()->index])
			program(q);
		spin_unlock(&q->lock);
	}
	irq_pop_off();
}

void
timer_cancel(struct timer *t)
{
	struct timer_queue *q = lock_queue_of(t);

	if (q != NULL) {
		dequeue(q, t);
		spin_unlock(&q->lock);
	}
}

void
timer_shutdown(struct timer *t)
{
	int none = TIMER_NEW;
	struct timer_queue *q;

	/* A timer that was never started has no fire() to wait for. */
	if (__atomic_compare_exchange_n(&t->hart, &none, TIMER_SHUT, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED))
		return;
	q = lock_queue_of(t);
	if (q == NULL)
		return;
	dequeue(q, t);
	__atomic_store_n(&t->hart, TIMER_SHUT, __ATOMIC_RELEASE);
	assert(q->firing != t || q != &queues[this_hart()->index]);
	spin_unlock(&q->lock);
	/* The timer cannot be queued any more, so this fire() is the last. */
	while (__atomic_load_n(&q->firing, __ATOMIC_ACQUIRE) == t)
		cpu_relax();
}

bool
timer_gone(const struct timer *t)
{
	for (unsigned i = 0; i < hart_count; i++) {
		if (__atomic_load_n(&queues[i].firing, __ATOMIC_ACQUIRE) == t)
			return false;
	}
	return __atomic_load_n(&t->hart, __ATOMIC_ACQUIRE) < 0 && !t->queued;
}

void
timer_interrupt(void)
{
	struct timer_queue *q = &queues[this_hart()->index];
	bool tick = false;
	struct rb_node *n;

	spin_lock(&q->lock);
	while ((n = rb_first(&q->timers)) != NULL) {
		struct timer *t = rb_entry(n, struct timer, node);

		if (t->deadline > time_now())
			break;
		dequeue(q, t);
		q->firing = t;
		spin_unlock(&q->lock);
		t->fire(t);
		spin_lock(&q->lock);
		/* The timer may be freed as soon as this store is visible. */
		__atomic_store_n(&q->firing, NULL, __ATOMIC_RELEASE);
	}
	if (time_now() >= q->next_tick) {
		q->next_tick = time_now() + TICK_NS;
		tick = true;
	}
	q->armed = UINT64_MAX;
	program(q);
	spin_unlock(&q->lock);
	if (tick)
		sched_tick();
}

void
timer_hart_busy(bool busy)
{
	struct timer_queue *q = &queues[this_hart()->index];

	spin_lock(&q->lock);
	q->next_tick = busy ? time_now() + TICK_NS : UINT64_MAX;
	program(q);
	spin_unlock(&q->lock);
}
