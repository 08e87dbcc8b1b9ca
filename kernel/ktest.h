/*
 * kernel/ktest.h - tests that run inside the kernel.
 *
 * EXPECT records a failure and goes on; REQUIRE records it and leaves the
 * test.  A test is named suite.case.  Tests run in a kernel thread, one after
 * the other, in an order shuffled by the boot argument seed=N; those declared
 * with KTEST_EACH_FORK run once for every strategy.  After each test the
 * runner compares free frames with before and runs the memory audit.
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
	unsigned failures;		  /* the runner's */
	const struct fork_strategy *fork; /* the one to use, or NULL */
};

/* Print a "# file:line: what" diagnostic and count a failure. */
void ktest_fail(struct ktest *t, const char *file, int line, const char *what);

/*
 * Does the boot argument mistake=WORD ask for this one?  Then the test makes it
 * and the kernel must panic, which tests/guest/panic_test.py looks at.
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
 * Look until `cond` holds, for what threads leave behind a moment after they
 * are done.  A failure takes ten seconds.  Process context.
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
 * Run the tests whose "suite.name" contains `pattern` ("*": all), print TAP,
 * and power off: status 0 when all passed.  Process context.
 */
noreturn void ktest_run(const char *pattern);

#endif
