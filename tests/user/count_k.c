/* SPDX-License-Identifier: MIT */
/*
 * tests/user/count_k.c - what the strategies say they do, counted: rows K1, K2
 * and K9.
 *
 * A test reads a counter of /proc/self/forkstat, makes one fork or one write,
 * and compares the growth with the number of pages.  K0 tests the counters
 * themselves.  Skipped on Linux, which has no such file.
 */
#include "utest.h"

#define N 100

UTEST(k1, "K1 eager: after fork nothing anonymous is left to break")
{
	char *p = pages_new(N);
	long copies, reuses;
	struct peer c;

	need_strategy("eager");
	pages_fill(p, N, 1);
	fork_peer(&c);
	copies = stat_get("break_copy");
	reuses = stat_get("break_reuse");
	REQUIRE(copies >= 0 && reuses >= 0);
	pages_fill(p, N, c.pid == 0 ? 2 : 3);
	EXPECT_GREW("break_copy", copies, 0);
	EXPECT_GREW("break_reuse", reuses, 0);
	if (c.pid == 0)
		utest_done();
	PEER_END(&c);
}

/* Forks a child that only exits; by how much that raises a counter. */
static long
growth(const char *name)
{
	long before = stat_get(name);
	pid_t pid;

	REQUIRE(before >= 0);
	pid = utest_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	return stat_get(name) - before;
}

UTEST(k1_copies, "K1 eager: fork copies each present page once")
{
	long without, with;
	char *p;

	need_strategy("eager");
	p = pages_new(2 * N);
	growth("pages_copied_at_fork");
	without = growth("pages_copied_at_fork");
	pages_fill(p, N, 1);
	with = growth("pages_copied_at_fork");
	EXPECT_EQ(with - without, N);
}

UTEST(k2, "K2 cow: fork copies no page and looks at each leaf once")
{
	long without, with;
	char *p;

	need_strategy("cow");
	p = pages_new(2 * N);
	EXPECT_EQ(growth("pages_copied_at_fork"), 0);
	without = growth("leaves_seen");
	/* Half of the pages stay untouched, and must not be looked at. */
	pages_fill(p, N, 1);
	with = growth("leaves_seen");
	EXPECT_EQ(with - without, N);
	EXPECT_EQ(growth("pages_copied_at_fork"), 0);
}

UTEST(k2_break, "K2 cow: the first write to each shared page copies it once")
{
	char *p = pages_new(N);
	struct peer c;
	long copies;

	need_strategy("cow");
	pages_fill(p, N, 1);
	if (fork_peer(&c) == 0) {
		copies = stat_get("break_copy");
		copies = stat_get("break_copy");
		REQUIRE(copies >= 0);
		pages_fill(p, N, 2);
		EXPECT_GREW("break_copy", copies, N);
		pages_fill(p, N, 3);
		EXPECT_GREW("break_copy", copies, N);
		utest_done();
	}
	/* The parent must not write while the child counts. */
	EXPECT_CLEAN(c.pid);
	EXPECT_EQ(pages_wrong(p, N, 1), 0);
}

UTEST(k_reset, "K0 a write to /proc/self/forkstat sets the counters to zero")
{
	int fd;

	need_tine("there are no counters elsewhere");
	growth("forks");
	EXPECT(stat_get("forks") >= 1);
	fd = open("/proc/self/forkstat", O_WRONLY);
	REQUIRE(fd >= 0);
	EXPECT_EQ(write(fd, "0", 1), 1);
	close(fd);
	EXPECT_EQ(stat_get("forks"), 0);
	EXPECT_EQ(growth("forks"), 1);
}

static const char *const all = "/proc/forkstat";

/* What /proc/forkstat says about the peak while n pages are taken and freed. */
static long
peak_of(long n)
{
	int fd = open(all, O_WRONLY);
	char *p;

	REQUIRE(fd >= 0 && write(fd, "peak", 4) == 4);
	close(fd);
	p = pages_new((size_t)n);
	pages_fill(p, (size_t)n, 1);
	EXPECT(munmap(p, (size_t)n * PG) == 0);
	return number_in(all, "frames_peak") -
	       number_in(all, "frames_at_reset");
}

UTEST(k_peak, "K0 the peak of a run is what it had in use, and little more")
{
	const bool exact = sysconf(_SC_NPROCESSORS_ONLN) == 1;

	need_tine("there are no counters elsewhere");
	for (long n = 3; n < 1000; n *= 4) {
		long more = peak_of(n);

		/*
		 * Page tables, and reading it takes a few, too.  A kernel
		 * thread that happened to free pages meanwhile will not the
		 * next time.
		 */
		for (int i = 0; exact && i < 5; i++) {
			if (more >= n && more <= n + 32)
				break;
			more = peak_of(n);
		}
		EXPECT(!exact || (more >= n && more <= n + 32));
		/* With more harts pages go from cache to cache unseen. */
		EXPECT(more <= n + 2048);
	}
}

UTEST(k_system, "K0 /proc/forkstat knows what processes did that are gone")
{
	long before;
	pid_t pid;
	int fd;

	need_tine("there are no counters elsewhere");
	before = number_in(all, "fill_zero");
	REQUIRE(before >= 0);
	pid = utest_fork();
	if (pid == 0) {
		pages_fill(pages_new(N), N, 1);
		/* What starts again here does not in the system. */
		fd = open("/proc/self/forkstat", O_WRONLY);
		REQUIRE(write(fd, "0", 1) == 1);
		pages_fill(pages_new(N), N, 1);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT(number_in(all, "fill_zero") - before >= 2 * N);
}

/* ---- K9 ---- */

enum { COUNTERS = 40, ROUNDS = 12 };

struct counts {
	unsigned n;
	char name[COUNTERS][32];
	long value[COUNTERS];
};

static struct counts *
counts_of(struct counts *c)
{
	FILE *f = fopen(all, "r");

	REQUIRE(f != NULL);
	c->n = 0;
	while (c->n < COUNTERS &&
	       fscanf(f, "%31s %ld", c->name[c->n], &c->value[c->n]) == 2)
		c->n++;
	fclose(f);
	return c;
}

static void
trace_turn(const char *word)
{
	int fd = open("/proc/mm/trace", O_WRONLY);

	REQUIRE(fd >= 0);
	EXPECT_EQ(write(fd, word, strlen(word)), strlen(word));
	close(fd);
}

/* Adds up what the ring holds, with the names of c. */
static void
trace_sums(struct counts *c)
{
	FILE *f = fopen("/proc/mm/trace", "r");
	char name[32], head[32];
	unsigned i;
	long n;

	REQUIRE(f != NULL && fgets(head, sizeof(head), f) != NULL);
	EXPECT(strcmp(head, "off, 0 lost\n") == 0);
	memset(c->value, 0, sizeof(c->value));
	while (fscanf(f, "%*s hart %*u thread %*u %31s %ld", name, &n) == 2) {
		for (i = 0; i < c->n && strcmp(c->name[i], name) != 0; i++)
			;
		REQUIRE(i < c->n);
		c->value[i] += n;
	}
	EXPECT(feof(f));
	fclose(f);
}

/* Forks, breaks pages on both sides, becomes another program. */
static void
fork_and_write(char *p)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		pid_t pid = utest_fork();

		pages_fill(p + (pid == 0) * PG, 6, i);
		if (pid == 0 && i % 4 == 0)
			exec_exit(0);
		if (pid == 0)
			_exit(0);
		EXPECT_EXIT(pid, 0);
	}
}

UTEST(k9, "K9 the counters are the sums of what the ring of events holds")
{
	static struct counts before[2], after[2], sums;
	char *p = pages_new(N);

	need_tine("there are no counters elsewhere");
	/* So that reading the counters counts little. */
	for (unsigned i = 0; i < 2; i++) {
		pages_fill(p, N, 1);
		counts_of(&before[i]);
		counts_of(&after[i]);
	}
	counts_of(&before[0]);
	trace_turn("on");
	counts_of(&before[1]);
	fork_and_write(p);
	counts_of(&after[0]);
	trace_turn("off");
	sums = *counts_of(&after[1]);
	trace_sums(&sums);
	trace_turn("free");
	for (unsigned i = 0; i < sums.n; i++) {
		long least = after[0].value[i] - before[1].value[i];
		long most = after[1].value[i] - before[0].value[i];

		/* Not counters of the kind, and not in the ring. */
		if (strncmp(sums.name[i], "frames_", 7) == 0 ||
		    strcmp(sums.name[i], "spin_waits") == 0)
			continue;
		if (sums.value[i] < least || sums.value[i] > most)
			utest_fail(__FILE__, __LINE__,
				   "%s: %ld events, counted %ld to %ld",
				   sums.name[i], sums.value[i], least, most);
		if (strcmp(sums.name[i], "forks") == 0)
			EXPECT(least == ROUNDS && most == ROUNDS);
	}
}
