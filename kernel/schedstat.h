/* SPDX-License-Identifier: MIT */
/*
 * kernel/schedstat.h - what the scheduler has counted, for /proc.
 *
 * Any context, no lock.  The counters belong to the harts, and each hart
 * changes only its own; so a value of another hart may be slightly old.
 */
#ifndef KERNEL_SCHEDSTAT_H
#define KERNEL_SCHEDSTAT_H

#include "kernel/hart.h"
#include "lib/base.h"

/* The number of running and ready threads, the current one included. */
unsigned sched_load(void);
/* Instructions executed by this hart, except those counted while idle. */
uint64_t sched_instret(void);

/* Times of one hart since boot, in ns, for /proc/stat. */
struct sched_times {
	uint64_t busy_user, busy_sys, idle;
};
void sched_get_times(unsigned hart, struct sched_times *out) nonnull;

/* Event counts since boot, summed over all harts. */
struct sched_counts {
	uint64_t switches; /* from one thread to another */
	uint64_t untold;   /* an idle hart found work without an IPI */
};
void sched_get_counts(struct sched_counts *out) nonnull;

#endif
