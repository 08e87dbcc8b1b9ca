/* SPDX-License-Identifier: MIT */
/*
 * kernel/load.c - the load averages for /proc/loadavg and sysinfo(2).
 *
 * Every five seconds a timer counts the running and ready threads, and moves
 * each of three averages towards that number.  The old value of an average is
 * weighted with e^(-5/60), e^(-5/300) or e^(-5/900), so that the average
 * follows the last 1, 5 or 15 minutes.  Only the timer writes the averages; any
 * context may read them.
 */
#include "kernel/load.h"

#include "kernel/schedstat.h"
#include "kernel/time.h"

#define PERIOD (5 * NSEC_PER_SEC)
#define ONE    (UINT64_C(1) << LOAD_SHIFT)

/* e^(-5/60), e^(-5/300) and e^(-5/900) in 1/ONE. */
static const uint64_t keep[LOAD_AVERAGES] = { 60296, 64453, 65173 };

static _Atomic uint64_t average[LOAD_AVERAGES]; /* [a] in 1/ONE */
static struct timer timer;

static void
sample(struct timer *t)
{
	uint64_t now = sched_load() * ONE;

	for (unsigned i = 0; i < LOAD_AVERAGES; i++) {
		uint64_t sum = average[i] * keep[i] + now * (ONE - keep[i]);

		/* Round towards `now`, so that the average reaches it. */
		average[i] = (sum + (now > average[i] ? ONE - 1 : 0)) / ONE;
	}
	timer_start(t, time_now() + PERIOD);
}

void
load_init(void)
{
	timer_init(&timer, sample);
	timer_start(&timer, time_now() + PERIOD);
}

uint64_t
load_average(unsigned i)
{
	return average[i];
}
