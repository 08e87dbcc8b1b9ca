/* SPDX-License-Identifier: MIT */
/*
 * kernel/schedstat.c - statistics of the scheduler, for /proc and the boot
 * message.
 *
 * Any context, no lock: other harts update their counters meanwhile, so a
 * figure may be slightly old.
 */
#include "kernel/schedstat.h"

#include "arch/clock.h"
#include "kernel/runqueue.h"
#include "kernel/time.h"

uint64_t
sched_instret(void)
{
	return clock_instret() - this_queue()->idle_instret;
}

unsigned
sched_load(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < hart_count; i++) {
		if (harts[i].online)
			n += run_queues[i].length +
			     (run_queues[i].current != &run_queues[i].idle);
	}
	return n;
}

void
sched_get_counts(struct sched_counts *out)
{
	*out = (struct sched_counts){ 0, 0 };
	for (unsigned i = 0; i < hart_count; i++) {
		out->switches += run_queues[i].counts.switches;
		out->untold += run_queues[i].counts.untold;
	}
}

void
sched_get_times(unsigned hart, struct sched_times *out)
{
	const struct run_queue *q = &run_queues[hart];

	out->busy_user = q->user_ns;
	out->busy_sys = q->sys_ns;
	out->idle = q->idle_ns;
	if (q->current == &q->idle)
		out->idle += time_now() - q->idle.stamp;
}
