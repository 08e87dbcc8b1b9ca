/*
 * kernel/timer.c - clocks and timers.
 *
 * Each hart keeps the timers that were started on it in a tree by deadline and
 * programs its clock event for the earliest of them, or for the next tick if
 * it is busy.
 */
#include "kernel/timer.h"

#include "arch/clock.h"
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/time.h"

struct timer_queue {
	struct spinlock lock;
	struct rb_root timers; /* [lock] by deadline */
	struct timer *firing;  /* [lock] whose fire() runs now */
	uint64_t next_tick;    /* [h] UINT64_MAX while idle */
	uint64_t armed;	       /* [h] when the clock event will come */
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
}

void
timer_init(struct timer *t, void (*fire)(struct timer *t))
{
	t->fire = fire;
	t->hart = -1;
}

/*
 * The queue lock is held and the queue is this hart's.  An event that comes too
 * early is left alone: it costs one interrupt in ten milliseconds, while a hart
 * that sleeps and wakes would set the clock each time.
 */
static void
program(struct timer_queue *q)
{
	struct rb_node *n = rb_first(&q->timers);
	uint64_t at = q->next_tick;

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

/* Lock the queue the timer is on; NULL if it is on none. */
static struct timer_queue *
timer_queue_lock(struct timer *t)
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

void
timer_start(struct timer *t, uint64_t deadline)
{
	struct timer_queue *q = timer_queue_lock(t);

	if (q != NULL) {
		rb_erase(&q->timers, &t->node);
		__atomic_store_n(&t->hart, -1, __ATOMIC_RELAXED);
		spin_unlock(&q->lock);
	}
	irq_push_off();
	q = &queues[this_hart()->index];
	spin_lock(&q->lock);
	t->deadline = deadline;
	__atomic_store_n(&t->hart, (int)this_hart()->index, __ATOMIC_RELAXED);
	queue_insert(q, t);
	program(q);
	spin_unlock(&q->lock);
	irq_pop_off();
}

void
timer_stop(struct timer *t)
{
	struct timer_queue *q = timer_queue_lock(t);

	if (q != NULL) {
		rb_erase(&q->timers, &t->node);
		__atomic_store_n(&t->hart, -1, __ATOMIC_RELAXED);
		spin_unlock(&q->lock);
		return;
	}
	/* Fired or firing: fire() runs with `firing` set; wait it out. */
	for (unsigned i = 0; i < hart_count; i++) {
		while (__atomic_load_n(&queues[i].firing, __ATOMIC_ACQUIRE) ==
		       t)
			cpu_relax();
	}
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
		rb_erase(&q->timers, &t->node);
		__atomic_store_n(&q->firing, t, __ATOMIC_RELAXED);
		__atomic_store_n(&t->hart, -1, __ATOMIC_RELEASE);
		spin_unlock(&q->lock);
		t->fire(t);
		/* The structure may be gone from here on. */
		__atomic_store_n(&q->firing, NULL, __ATOMIC_RELEASE);
		spin_lock(&q->lock);
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
