/*
 * tests/kernel/ktest.c - the runner of the tests inside the kernel.
 *
 * It sorts nothing and believes nothing: the order is shuffled by a seed, and
 * after each test the free frames must be what they were and the audit clean.
 * Output is TAP on the console.
 */
#include "kernel/ktest.h"

#include "arch/hart.h"
#include "arch/kstack.h"
#include "arch/machine.h"
#include "kernel/boot.h"
#include "kernel/log.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/audit.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/space.h"

extern struct ktest *const __ktests_start[], *const __ktests_end[];

#define MAX_RUNS 256u

struct run {
	struct ktest *test;
	const struct fork_strategy *fork;
};

static struct run runs[MAX_RUNS];
static char audit_text[512];

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
	machine_early_print(text, (size_t)MIN(n, (int)sizeof(text) - 1));
}

void
ktest_fail(struct ktest *t, const char *file, int line, const char *what)
{
	t->failures++;
	say("# %s:%d: %s\n", file, line, what);
}

bool
ktest_mistake(const char *word)
{
	char asked[16];

	return boot_option("mistake", asked, sizeof(asked)) &&
	       strcmp(asked, word) == 0;
}

/* Does `name` as a whole match, where a star stands for anything? */
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

/* A pattern without stars may match any piece of the name. */
static bool
matches(const struct ktest *t, const char *pattern)
{
	char name[96];

	(void)snprintf(name, sizeof(name), "%s.%s", t->suite, t->name);
	return glob(pattern, name) ||
	       (strstr(pattern, "*") == NULL && strstr(name, pattern) != NULL);
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
			if (n < MAX_RUNS)
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

/* Free pages once every cache has given back what it can. */
static uint64_t
free_pages(void)
{
	struct frame_stats st;

	kstack_drain();
	(void)slab_shrink();
	frame_get_stats(&st);
	return st.free;
}

static bool
run_one(const struct run *r, unsigned number)
{
	uint64_t before = free_pages(), after;
	struct ktest *t = r->test;
	const char *name = r->fork ? fork_strategy_name(r->fork) : NULL;

	t->failures = 0;
	t->fork = r->fork;
	t->run(t);
	/* A kernel thread that has ended leaves its stack a moment later. */
	(void)KTEST_SETTLES((after = free_pages()) >= before);
	if (after != before) {
		t->failures++;
		say("# %ld pages lost\n", (int64_t)(before - after));
	}
	if (audit_run(audit_text, sizeof(audit_text)) != 0) {
		t->failures++;
		say("# audit: %s", audit_text);
	}
	say("%s %u - %s.%s%s%s\n", t->failures ? "not ok" : "ok", number,
	    t->suite, t->name, name ? " fork=" : "", name ? name : "");
	return t->failures == 0;
}

void
ktest_run(const char *pattern)
{
	unsigned n = collect(pattern), bad = 0;
	uint64_t seed = 1;
	char text[24];

	if (boot_option("seed", text, sizeof(text)))
		(void)str_to_u64(text, &seed, NULL);
	shuffle(n, seed);
	say("1..%u\n", n);
	for (unsigned i = 0; i < n; i++)
		bad += !run_one(&runs[i], i + 1);
	say("# %u of %u failed, seed=%lu\n", bad, n, seed);
	machine_power_off(bad != 0 || n == 0);
}
