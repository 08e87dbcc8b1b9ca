/* SPDX-License-Identifier: MIT */
/*
 * check/ktest.h - declare and run tests inside the kernel.
 *
 * EXPECT records a failure and continues; REQUIRE records it and returns from
 * the test.  A test is named suite.case.  Tests run in a kernel thread, one
 * after the other, in an order shuffled by the boot argument seed=N; tests
 * declared with KTEST_EACH_FORK run once for every strategy.  After each test
 * the runner compares the number of free frames with the number before, and
 * runs the memory audit.
 */
#ifndef KERNEL_KTEST_H
#define KERNEL_KTEST_H

#include "kernel/wait.h"
#include "lib/base.h"

struct fork_strategy;

struct ktest {
	const char *suite, *name;
	void (*run)(struct ktest *t);
	bool per_strategy;		  /* run once for each strategy */
	unsigned failures;		  /* counted by the runner */
	const struct fork_strategy *fork; /* strategy to use, or NULL */
};

/* Print a "# file:line: what" diagnostic and count a failure. */
void ktest_fail(struct ktest *t, const char *file, int line, const char *what);

/*
 * True if the boot argument mistake=WORD names this word.  Then the test makes
 * that mistake and the kernel must panic; tests/guest/panic_test.py checks it.
 */
bool ktest_mistake(const char *word);

#define EXPECT(t, cond)                                             \
	do {                                                        \
		if (!(cond))                                        \
			ktest_fail((t), __FILE__, __LINE__, #cond); \
	} while (0)

#define REQUIRE(t, cond)                                            \
	do {                                                        \
		if (!(cond)) {                                      \
			ktest_fail((t), __FILE__, __LINE__, #cond); \
			return;                                     \
		}                                                   \
	} while (0)

/*
 * Poll until `cond` holds, for effects that become visible shortly after a
 * thread has exited.  False after ten seconds.  Process context.
 */
#define KTEST_SETTLES(cond)                                          \
	({                                                           \
		bool holds_ = (cond);                                \
		for (unsigned i_ = 0; !holds_ && i_ < 10000; i_++) { \
			thread_sleep(UINT64_C(1000000));             \
			holds_ = (cond);                             \
		}                                                    \
		holds_;                                              \
	})

#define KTEST_ENTRY_(s, n, each)                           \
	static void ktest_##s##_##n(struct ktest *t);      \
	static struct ktest ktest_entry_##s##_##n = {      \
		.suite = #s,                               \
		.name = #n,                                \
		.run = ktest_##s##_##n,                    \
		.per_strategy = (each),                    \
	};                                                 \
	static struct ktest *const ktest_ptr_##s##_##n     \
		__attribute__((used, section("ktests"))) = \
			&ktest_entry_##s##_##n;            \
	static void ktest_##s##_##n(struct ktest *t)

#define KTEST(suite, name)	     KTEST_ENTRY_(suite, name, false)
#define KTEST_EACH_FORK(suite, name) KTEST_ENTRY_(suite, name, true)

/*
 * Run the tests that `pattern` selects: a part of the name "suite.case", or the
 * whole name with * for any text.  Print TAP, and power off: status 0 if at
 * least one test was selected and all passed.  Process context.
 */
noreturn void ktest_run(const char *pattern);

#endif
