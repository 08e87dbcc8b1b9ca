/* SPDX-License-Identifier: MIT */
/*
 * kernel/time.h - read the clocks, and start timers.
 *
 * Time is nanoseconds in 64 bits: since boot (monotonic) or since 1970 (real).
 * A timer calls a function from interrupt context at a time_now() value; to
 * sleep, a thread uses kernel/wait.h instead.
 */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include "lib/base.h"
#include "lib/rbtree.h"

#define NSEC_PER_SEC UINT64_C(1000000000)

/* Nanoseconds since boot.  Any context. */
uint64_t time_now(void);

/*
 * Nanoseconds since 1970, below 2^63, set from the RTC at boot or by
 * clock_settime().  time_set_real() wakes the threads that sleep until a
 * time_real() value; call it in process context.
 */
uint64_t time_real(void);
void time_set_real(uint64_t ns);

/*
 * A timer calls `fire` once, from interrupt context with no lock held, at or
 * after `deadline`.  The structure belongs to the caller, which must call
 * timer_shutdown() before it frees the memory.
 */
struct timer {
	struct rb_node node; /* [timer lock of the hart] */
	uint64_t deadline;   /* [timer lock] */
	void (*fire)(struct timer *t);
	int hart;    /* [timer lock] hart of its queue, or TIMER_* */
	bool queued; /* [timer lock] in that queue's tree */
};

#define TIMER_NEW  (-1) /* never started */
#define TIMER_SHUT (-2) /* never to be started again */

void timer_init(struct timer *t, void (*fire)(struct timer *t)) nonnull;

/*
 * Start a timer, or change its deadline; no effect after timer_shutdown().  Any
 * context, also fire() itself.
 */
void timer_start(struct timer *t, uint64_t deadline) nonnull;

/*
 * Dequeue a timer.  A fire() that is running continues and may start the timer
 * again.  Any context.
 */
void timer_cancel(struct timer *t) nonnull;

/*
 * Shut a timer down: afterwards it is on no queue, fire() runs on no hart, and
 * timer_start() has no effect.  Spins until a fire() on another hart has
 * returned.  So do not call it from fire(), or with a lock held that fire()
 * acquires.
 */
void timer_shutdown(struct timer *t) nonnull;

/*
 * True if the timer is on no queue and fires on no hart, so that its memory may
 * be freed.  For assertions.
 */
bool timer_gone(const struct timer *t) nonnull;

/*
 * Split a real time, which may lie before 1970: time_seconds() is its whole
 * seconds, and time_rest() the rest, 0 to 999,999,999 ns.
 */
static inline int64_t
time_rest(int64_t ns)
{
	int64_t rest = ns % (int64_t)NSEC_PER_SEC;

	return rest < 0 ? rest + (int64_t)NSEC_PER_SEC : rest;
}

static inline int64_t
time_seconds(int64_t ns)
{
	int64_t s = ns / (int64_t)NSEC_PER_SEC;

	return ns % (int64_t)NSEC_PER_SEC < 0 ? s - 1 : s;
}

#endif
