/*
 * kernel/time.h - clocks and timers.
 *
 * Time is nanoseconds in 64 bits: since boot (monotonic) or since 1970 (real).
 */
#ifndef KERNEL_TIME_H
#define KERNEL_TIME_H

#include "lib/base.h"
#include "lib/rbtree.h"

#define NSEC_PER_SEC UINT64_C(1000000000)

/* Nanoseconds since boot.  Any context. */
uint64_t time_now(void);

/*
 * Nanoseconds since 1970, below 2^63, from the RTC at boot or clock_settime().
 * Setting wakes those who sleep until such a time: process context.
 */
uint64_t time_real(void);
void time_set_real(uint64_t ns);

/*
 * A timer calls `fire` once, from interrupt context with no lock held, at or
 * after `deadline`.  The structure belongs to the caller, who must shut it down
 * before its memory is used for something else.
 */
struct timer {
	struct rb_node node; /* [timer lock of the hart] */
	uint64_t deadline;   /* [timer lock] */
	void (*fire)(struct timer *t);
	int hart;    /* [timer lock] whose queue it belongs to, or TIMER_* */
	bool queued; /* [timer lock] in that queue's tree */
};

#define TIMER_NEW  (-1) /* never started */
#define TIMER_SHUT (-2) /* never to be started again */

void timer_init(struct timer *t, void (*fire)(struct timer *t)) nonnull;

/*
 * Start, or move, a timer; nothing once it is shut down.  Any context, also
 * fire() itself.
 */
void timer_start(struct timer *t, uint64_t deadline) nonnull;

/*
 * Take a timer off its queue.  A fire() that has begun goes on and may start
 * the timer again.  Any context.
 */
void timer_cancel(struct timer *t) nonnull;

/*
 * End a timer for good: afterwards it is on no queue, fire() does not run on
 * any hart, and timer_start() does nothing.  Waits, spinning, for a fire() that
 * runs on another hart: not from inside fire(), nor with a lock held that
 * fire() takes.
 */
void timer_shutdown(struct timer *t) nonnull;

/*
 * May the timer's memory be used for something else?  For assertions where it
 * is freed.
 */
bool timer_gone(const struct timer *t) nonnull;

#endif
