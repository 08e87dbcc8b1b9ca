/* SPDX-License-Identifier: MIT */
/*
 * tests/host/timebase_test.c - the conversions of arch/riscv/timebase.h, at
 * many uptimes and counter frequencies.
 *
 * An event that comes before its deadline is set again, for a time in the past,
 * so the hart is interrupted without end until the deadline.
 */
#include "check.h"

#include "arch/riscv/timebase.h"
#include "lib/base.h"

#include <inttypes.h>

#define YEAR (UINT64_C(365) * 24 * 3600 * NSEC_PER_SEC)

static const uint64_t frequencies[] = {
	1000000,   1193182,   3000000,	 3579545,   4000000,	7000001,
	10000000,  12288000,  14318180,	 24000000,  25000000,	32768000,
	100000000, 333333333, 700000000, 999999999, 1000000000,
};

static const uint64_t distances[] = {
	0,     1,	2,	 99,	    100,       101,
	12345, 1000000, 9999999, 123456789, 999999999, NSEC_PER_SEC,
};

/* The ticks of ns since boot, exact but for less than a tick. */
static uint64_t
ticks_at(uint64_t ns, uint64_t hz)
{
	return (uint64_t)((unsigned __int128)ns * hz / NSEC_PER_SEC);
}

/* An event at `ahead` ns from the time that a counter at `ticks` shows. */
static void
check_event(const struct timebase *b, uint64_t hz, uint64_t ticks,
	    uint64_t ahead)
{
	uint64_t ns = timebase_ns(b, ticks) + ahead;
	uint64_t event = timebase_event(b, ticks, ns);
	uint64_t shown = timebase_ns(b, event);
	uint64_t two_ticks = 2 * (NSEC_PER_SEC / hz + 1);

	if (shown >= ns && shown - ns <= two_ticks + 1)
		return;
	check_bad++;
	printf("# %" PRIu64 " Hz, up %" PRIu64 " s: an event %" PRIu64
	       " ns ahead comes %" PRId64 " ns after its deadline\n",
	       hz, timebase_ns(b, ticks) / NSEC_PER_SEC, ahead,
	       (int64_t)(shown - ns));
}

static void
check_uptime(uint64_t hz, uint64_t up)
{
	struct timebase b = timebase_make(hz);
	uint64_t ticks = ticks_at(up, hz);

	for (unsigned i = 0; i < ARRAY_SIZE(distances) && check_bad < 10; i++)
		check_event(&b, hz, ticks, distances[i]);
	for (unsigned i = 0; i < 20 && check_bad < 10; i++)
		check_event(&b, hz, ticks, check_random() % NSEC_PER_SEC);
}

TEST(an_event_comes_at_its_deadline)
{
	for (unsigned i = 0; i < ARRAY_SIZE(frequencies); i++) {
		uint64_t hz = frequencies[i];

		for (uint64_t up = 1; up < 300 * YEAR; up += up / 2 + 1)
			check_uptime(hz, up);
		for (unsigned n = 0; n < 200; n++)
			check_uptime(hz, check_random() % (500 * YEAR));
	}
}

/* A time that has passed, by however much, is an event at the present tick. */
TEST(an_event_in_the_past_comes_now)
{
	for (unsigned i = 0; i < ARRAY_SIZE(frequencies); i++) {
		struct timebase b = timebase_make(frequencies[i]);
		uint64_t ticks = ticks_at(40 * YEAR, frequencies[i]);

		CHECK(timebase_event(&b, ticks, 0) == ticks);
		CHECK(timebase_event(&b, ticks, timebase_ns(&b, ticks)) ==
		      ticks);
	}
}

/* A year of ticks is a year, but for one part in 10^9. */
TEST(the_clock_keeps_time)
{
	for (unsigned i = 0; i < ARRAY_SIZE(frequencies); i++) {
		struct timebase b = timebase_make(frequencies[i]);
		uint64_t ns = timebase_ns(&b, ticks_at(YEAR, frequencies[i]));

		CHECK(ns <= YEAR && YEAR - ns < YEAR / NSEC_PER_SEC + 1001);
	}
}

int
main(int argc, char **argv)
{
	check_begin(argc, argv);
	RUN(an_event_comes_at_its_deadline);
	RUN(an_event_in_the_past_comes_now);
	RUN(the_clock_keeps_time);
	return check_end();
}
