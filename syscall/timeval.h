/* SPDX-License-Identifier: MIT */
/*
 * syscall/timeval.h - convert the times of programs to and from nanoseconds.
 *
 * Also deadlines, and sleeps that a signal interrupts (syscall/time.c).  The
 * conversions work in any context; the sleep functions act on the current
 * thread.
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

/* Convert to nanoseconds.  Longer times are clamped to about 292 years. */
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

/* The deadline `ns` from now by time_now(), clamped to WAIT_REAL - 1. */
static inline uint64_t
deadline_in(uint64_t ns)
{
	uint64_t now = time_now();

	return now + MIN(ns, WAIT_REAL - 1 - now);
}

/*
 * Is this call the restart of an interrupted sleep?  Then store the saved
 * deadline in *deadline; the caller must not read the time from user memory
 * again.  Each call that may return sleep_interrupted() calls this first, so
 * that no saved deadline is left for a later sleep.
 */
bool sleep_resumed(uint64_t *deadline) must_check nonnull;
/*
 * A signal has interrupted a sleep: save the deadline for the restart.  Returns
 * the result of the call, -ERESTART_SLEEP.
 */
int64_t sleep_interrupted(uint64_t deadline);

#endif
