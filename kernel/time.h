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

/* Nanoseconds since 1970, from the RTC at boot or clock_settime(). */
uint64_t time_real(void);
void time_set_real(uint64_t ns);

/*
 * A timer calls `fire` once, from interrupt context with no lock held, at or
 * after `deadline`.  The structure belongs to the caller.
 */
struct timer {
	struct rb_node node; /* [timer lock of the hart] */
	uint64_t deadline;
	void (*fire)(struct timer *t);
	int hart; /* [timer lock] where it is queued, -1 when it is not */
};

void timer_init(struct timer *t, void (*fire)(struct timer *t)) nonnull;

/* Start, or move, a timer.  Any context. */
void timer_start(struct timer *t, uint64_t deadline) nonnull;

/*
 * Stop a timer.  Afterwards fire() is neither running nor will run.  Not from
 * inside fire(), nor with a lock held that fire() takes.
 */
void timer_stop(struct timer *t) nonnull;

#endif
