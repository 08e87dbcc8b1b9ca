/* SPDX-License-Identifier: MIT */
/*
 * tests/host/check.h - tests of kernel parts on this computer, as TAP.
 *
 * A program defines test functions with TEST() and lists them with RUN() in
 * main().  CHECK() records a failure with its place and goes on.  Random
 * numbers come from check_random().  The first argument is their seed (default
 * 1); it is printed, so a failure can be repeated.
 */
#ifndef TESTS_HOST_CHECK_H
#define TESTS_HOST_CHECK_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned check_count, check_failed; /* tests */
static unsigned check_bad;		   /* failures of the running test */
static const char *check_skip_reason;
static uint64_t check_state = 1;

#define CHECK(cond)                                                         \
	do {                                                                \
		if (!(cond)) {                                              \
			check_bad++;                                        \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond); \
		}                                                           \
	} while (0)

/* Leave the test at once, not counting what it would have checked. */
#define SKIP(reason)                          \
	do {                                  \
		check_skip_reason = (reason); \
		return;                       \
	} while (0)

#define TEST(name) static void test_##name(void)
#define RUN(name)  check_run(#name, test_##name)

static inline uint64_t
check_random(void)
{
	/* Marsaglia's xorshift64*. */
	check_state ^= check_state >> 12;
	check_state ^= check_state << 25;
	check_state ^= check_state >> 27;
	return check_state * UINT64_C(0x2545f4914f6cdd1d);
}

static inline void
check_begin(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	check_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	printf("# reproduce: %s %llu", argv[0], (unsigned long long)seed);
	for (int i = 2; i < argc; i++)
		printf(" %s", argv[i]);
	printf("\n");
}

static inline void
check_run(const char *name, void (*test)(void))
{
	check_bad = 0;
	check_skip_reason = NULL;
	test();
	check_count++;
	check_failed += check_bad > 0;
	printf("%s %u - %s%s%s\n", check_bad > 0 ? "not ok" : "ok", check_count,
	       name, check_skip_reason != NULL ? " # SKIP " : "",
	       check_skip_reason != NULL ? check_skip_reason : "");
}

/* The plan and the sum; the value for main() to return. */
static inline int
check_end(void)
{
	printf("1..%u\n# %u passed, %u failed\n", check_count,
	       check_count - check_failed, check_failed);
	return check_failed > 0;
}

#endif
