/* SPDX-License-Identifier: MIT */
/*
 * syscall/timeval.h - times as programs see them.
 *
 * Conversion to and from nanoseconds, deadlines, and sleeps that a signal
 * interrupts (syscall/time.c).  The conversions work in any context; the sleep
 * functions are for the current thread.
 */
#ifndef SYSCALL_TIMEVAL_H
#define SYSCALL_TIMEVAL_H

#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/base.h"
#include "lib/errno.h"

struct user_timespec {
	int64_t sec, nsec;
};

struct user_timeval {
	int64_t sec, usec;
};

/* Nanoseconds, without overflow: very long times become about 292 years. */
static inline uint64_t
ns_of(int64_t sec, int64_t nsec)
{
	const int64_t most = INT64_MAX / (int64_t)NSEC_PER_SEC - 1;

	return (uint64_t)(MIN(sec, most) * (int64_t)NSEC_PER_SEC + nsec);
}

static inline bool
timespec_ok(const struct user_timespec *ts)
{
	return ts->sec >= 0 && ts->nsec >= 0 &&
	       ts->nsec < (int64_t)NSEC_PER_SEC;
}

static inline struct user_timespec
timespec_of(uint64_t ns)
{
	return (struct user_timespec){ (int64_t)(ns / NSEC_PER_SEC),
				       (int64_t)(ns % NSEC_PER_SEC) };
}

static inline struct user_timeval
timeval_of(uint64_t ns)
{
	return (struct user_timeval){ (int64_t)(ns / NSEC_PER_SEC),
				      (int64_t)(ns % NSEC_PER_SEC / 1000) };
}

/* A deadline on the clock of time_now(); very long times are cut. */
static inline uint64_t
deadline_in(uint64_t ns)
{
	uint64_t now = time_now();

	return now + MIN(ns, WAIT_REAL - 1 - now);
}

/*
 * Does the call run again after an interruption, since no handler ran?  Then
 * *deadline is the old one, and the time in user memory does not count.  A call
 * that may end with sleep_interrupted() asks this first.
 */
bool sleep_resumed(uint64_t *deadline) must_check nonnull;
/* A signal ended a sleep before its deadline: what the call returns. */
int64_t sleep_interrupted(uint64_t deadline);

#endif
