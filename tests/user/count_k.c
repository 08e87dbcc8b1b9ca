/*
 * tests/user/count_k.c - what the strategies say they do, counted: rows K1
 * and K2.  They need /proc/self/forkstat.
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

/* By how much one fork whose child only leaves raises a counter. */
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
