/* SPDX-License-Identifier: MIT */
/*
 * proc/itimer.h - interval timers of processes (setitimer(2)).
 *
 * ITIMER_REAL is a timer of kernel/time.h; the other two are compared with the
 * used processor time at each tick.
 */
#ifndef PROC_ITIMER_H
#define PROC_ITIMER_H

#include "proc/abi.h"
#include "lib/base.h"

struct process;
struct usage;

/*
 * setitimer(2) and getitimer(2) for the current process, in ns; value 0 disarms
 * the timer.  Process context; both take proc_lock.
 */
void itimer_set(enum itimer_kind kind, uint64_t value, uint64_t period,
		uint64_t *old_value, uint64_t *old_period);
void itimer_get(enum itimer_kind kind, uint64_t *value, uint64_t *period);
/*
 * Send the signals of p's processor-time timers that are due, since p has used
 * *u.
 */
void itimer_check_cpu(struct process *p, const struct usage *u) nonnull
	needs_lock(proc_lock);
void itimer_init(struct process *p) nonnull;

#endif
