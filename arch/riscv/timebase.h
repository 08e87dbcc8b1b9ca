/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/timebase.h - convert between ticks of the time counter and
 * nanoseconds.
 *
 * Both directions multiply by a 32.32 fixed-point ratio.  ns_per_tick is
 * rounded down, by less than one part in 10^9, so the clock loses that much.
 * ticks_per_ns is its inverse, rounded up.  A rounding error grows with the
 * time that is converted; so an event is converted as its distance from the
 * present, and not as a time since boot.  No state; any context.
 * tests/host/timebase_test.c compiles this file.
 */
#ifndef ARCH_RISCV_TIMEBASE_H
#define ARCH_RISCV_TIMEBASE_H

#include "kernel/time.h"

struct timebase {
	uint64_t ns_per_tick;  /* << 32 */
	uint64_t ticks_per_ns; /* << 32 */
};

/* Ratios for a counter of hz ticks a second, 1 MHz to 1 GHz. */
static inline struct timebase
timebase_make(uint64_t hz)
{
	struct timebase b;

	/* NSEC_PER_SEC < 2^30, so this shift does not overflow. */
	b.ns_per_tick = (NSEC_PER_SEC << 32) / hz;
	b.ticks_per_ns = UINT64_MAX / b.ns_per_tick + 1;
	return b;
}

/* The time in nanoseconds when the counter shows `ticks`. */
static inline uint64_t
timebase_ns(const struct timebase *b, uint64_t ticks)
{
	return (uint64_t)(((unsigned __int128)ticks * b->ns_per_tick) >> 32);
}

/*
 * The value of the counter at the time ns, or `ticks`, its present value, if ns
 * has passed.  timebase_ns() of the result is never before ns; if ns is at most
 * a second ahead, that time is less than two ticks after ns.
 */
static inline uint64_t
timebase_event(const struct timebase *b, uint64_t ticks, uint64_t ns)
{
	uint64_t now = timebase_ns(b, ticks);
	uint64_t ahead = ns > now ? ns - now : 0;
	unsigned __int128 scaled = (unsigned __int128)ahead * b->ticks_per_ns;

	return ticks + (uint64_t)((scaled + UINT32_MAX) >> 32);
}

#endif
