/* SPDX-License-Identifier: MIT */
/*
 * check/ktest.c - run the tests inside the kernel.
 *
 * The tests run in an order shuffled by a seed.  After each test, the number of
 * free frames must be the same as before, and the audit must find no violation.
 * Otherwise later tests would fail for the same reason, so the machine powers
 * off, and tools/tine/ktest.py boots again with ktestfrom=N.  The output is TAP
 * on the firmware's console.
 */
#include "check/ktest.h"

#include "arch/hart.h"
#include "arch/kstack.h"
#include "arch/machine.h"
#include "check/audit.h"
#include "kernel/boot.h"
#include "kernel/log.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/fork/registry.h"
#include "mm/frame.h"
#include "mm/slab.h"

extern struct ktest *const __ktests_start[], *const __ktests_end[];

#define MAX_RUNS 256u

struct run {
	struct ktest *test;
	const struct fork_strategy *fork;
};

static struct run runs[MAX_RUNS];
static char audit_text[512];

static void
put(const char *text, size_t n)
{
	machine_early_print(text, n);
}

static void say(const char *fmt, ...) print_format(1, 2);

static void
say(const char *fmt, ...)
{
	char text[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put(text, (size_t)MIN(n, (int)sizeof(text) - 1));
}

void
ktest_fail(struct ktest *t, const char *file, int line, const char *what)
{
	t->failures++;
	say("# %s:%d: ", file, line);
	put(what, strlen(what));
	say("\n");
}

bool
ktest_mistake(const char *word)
{
	char asked[16];

	return boot_option("mistake", asked, sizeof(asked)) &&
	       strcmp(asked, word) == 0;
}

/* Does `pattern` match the whole of `name`?  A star stands for any text. */
static bool
glob(const char *pattern, const char *name)
{
	for (; *pattern != '*'; pattern++, name++) {
		if (*pattern != *name)
			return false;
		if (*pattern == '\0')
			return true;
	}
	do {
		if (glob(pattern + 1, name))
			return true;
	} while (*name++ != '\0');
	return false;
}

/* A pattern without stars also matches any part of "suite.case". */
static bool
matches(const struct ktest *t, const char *pattern)
{
	char name[96];

	(void)snprintf(name, sizeof(name), "%s.%s", t->suite, t->name);
	return glob(pattern, name) ||
	       (strstr(pattern, "*") == NULL && strstr(name, pattern) != NULL);
}

/*
 * With ktestfork=NAME, run only the tests of that strategy; with
 * ktestfork=none, only the tests without a strategy.
 */
static bool
asked_for(const struct fork_strategy *st)
{
	char name[32];

	return !boot_option("ktestfork", name, sizeof(name)) ||
	       strcmp(name, st ? fork_strategy_name(st) : "none") == 0;
}

static unsigned
collect(const char *pattern)
{
	unsigned n = 0;

	for (struct ktest *const *p = __ktests_start; p < __ktests_end; p++) {
		const struct fork_strategy *st = NULL;
		unsigned i = 0;

		if (!matches(*p, pattern))
			continue;
		do {
			if ((*p)->per_strategy && !(st = fork_strategy_at(i)))
				break;
			if (n < MAX_RUNS && asked_for(st))
				runs[n++] = (struct run){ *p, st };
			i++;
		} while ((*p)->per_strategy);
	}
	return n;
}

static void
shuffle(unsigned n, uint64_t seed)
{
	for (unsigned i = n; i > 1; i--) {
		unsigned j;
		struct run r;

		seed = seed * UINT64_C(6364136223846793005) +
		       1442695040888963407;
		j = (unsigned)(seed >> 33) % i;
		r = runs[i - 1];
		runs[i - 1] = runs[j];
		runs[j] = r;
	}
}

/* Empty the caches of stacks and slabs; return the number of free pages. */
static uint64_t
free_pages(void)
{
	struct frame_stats st;

	kstack_drain();
	(void)slab_shrink();
	frame_get_stats(&st);
	return st.free;
}

/*
 * Run the audit and print its lines as TAP comments.  True if it finds nothing.
 */
static bool
audit_is_clean(void)
{
	const char *line = audit_text;

	if (audit_run(audit_text, sizeof(audit_text)) == 0)
		return true;
	while (*line != '\0') {
		const char *end = strchr(line, '\n');
		size_t n = end ? (size_t)(end - line) : strlen(line);

		say("# audit: ");
		put(line, n);
		say("\n");
		line += n + (end != NULL);
	}
	return false;
}

enum result { PASSED, FAILED, LEFT_SOMETHING };

static enum result
run_one(const struct run *r, unsigned number)
{
	uint64_t before = free_pages(), after;
	enum result result = PASSED;
	struct ktest *t = r->test;
	char name[96];

	(void)snprintf(name, sizeof(name), "%s.%s%s%s", t->suite, t->name,
		       r->fork ? " fork=" : "",
		       r->fork ? fork_strategy_name(r->fork) : "");
	say("# running %s\n", name);
	t->failures = 0;
	t->fork = r->fork;
	t->run(t);
	/* Wait: the stack of an ended kernel thread is freed a moment later. */
	(void)KTEST_SETTLES((after = free_pages()) >= before);
	if (after != before) {
		result = LEFT_SOMETHING;
		say("# %ld pages lost\n", (int64_t)(before - after));
	}
	if (!audit_is_clean())
		result = LEFT_SOMETHING;
	if (t->failures > 0 && result == PASSED)
		result = FAILED;
	say("%s %u - %s\n", result == PASSED ? "ok" : "not ok", number, name);
	return result;
}

void
ktest_run(const char *pattern)
{
	unsigned n = collect(pattern), bad = 0;
	enum result result = PASSED;
	uint64_t seed = 1, from = 1;
	char text[24];

	if (boot_option("seed", text, sizeof(text)))
		(void)str_to_u64(text, &seed, NULL);
	if (boot_option("ktestfrom", text, sizeof(text)))
		(void)str_to_u64(text, &from, NULL);
	from = MIN(MAX(from, 1), n + 1ul);
	shuffle(n, seed);
	say("1..%lu\n", n + 1 - from);
	for (uint64_t i = from; i <= n && result != LEFT_SOMETHING; i++) {
		result = run_one(&runs[i - 1], (unsigned)(i + 1 - from));
		bad += result != PASSED;
	}
	if (result == LEFT_SOMETHING)
		say("# the tests behind it need another boot\n");
	say("# %u of %u failed, seed=%lu\n", bad, n, seed);
	machine_power_off(bad != 0 || n == 0);
}
