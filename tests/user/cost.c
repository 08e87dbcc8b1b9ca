/* SPDX-License-Identifier: MIT */
/*
 * tests/user/cost.c - what things cost, and in what that grows.
 *
 * Only for a QEMU with one hart that counts instructions (-icount shift=0):
 * there a nanosecond is an instruction, and every figure is the same each time.
 */
#include "utest.h"

#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

static long
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

/* ---- fork under cow ------------------------------------------------------ */

enum { TABLE = 512 }; /* pages that a leaf table maps */

/*
 * The least that the kernel counted for a fork with `tables` leaf tables more
 * than the program has itself, each with so many present pages, all writable.
 */
static long
fork_cost(size_t tables, size_t pages)
{
	size_t span = (tables + 1) * TABLE * PG;
	long least = -1;
	char *p = mmap(NULL, span, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *first = (char *)(((uintptr_t)p + TABLE * PG - 1) &
			       ~(uintptr_t)(TABLE * PG - 1));

	REQUIRE(p != MAP_FAILED);
	for (int round = 0; round < 4; round++) {
		long before, cost;
		pid_t pid;

		for (size_t t = 0; t < tables; t++)
			for (size_t i = 0; i < pages; i++)
				poke(first + (t * TABLE + i) * PG, 1);
		before = stat_get("fork_instret");
		REQUIRE(before >= 0);
		pid = utest_fork();
		if (pid == 0)
			_exit(0);
		EXPECT_EXIT(pid, 0);
		cost = stat_get("fork_instret") - before;
		if (round > 0 && (least < 0 || cost < least))
			least = cost;
	}
	REQUIRE(munmap(p, span) == 0);
	return least;
}

static void
expect_fit(double a, double b, double c, size_t tables, size_t pages)
{
	double fit = a + b * (double)tables + c * (double)(tables * pages);
	long cost = fork_cost(tables, pages);

	utest_note("%zu tables of %zu pages: %ld, and %.0f by the formula",
		   tables, pages, cost, fit);
	EXPECT((double)cost < 1.05 * fit && (double)cost > 0.95 * fit);
}

UTEST(k3, "K3 cow: a fork costs a + b a table + c a page, within 5 percent")
{
	double a, b, c;
	long sparse;

	need_strategy("cow");
	a = (double)fork_cost(0, 0);
	c = ((double)fork_cost(32, TABLE) - (double)fork_cost(32, 1)) /
	    (32 * (TABLE - 1));
	sparse = fork_cost(32, 1);
	b = ((double)sparse - a) / 32 - c;
	utest_note("a %.0f, b %.1f, c %.2f", a, b, c);
	EXPECT(b > 0 && c > 0);
	expect_fit(a, b, c, 1, TABLE / 2);
	for (size_t mib = 2; mib <= 64; mib *= 2)
		if (mib != 32)
			expect_fit(a, b, c, mib / 2, TABLE);
	expect_fit(a, b, c, 8, 100);
}

/* ---- among many processes ------------------------------------------------ */

/* What one step of each costs among n other processes. */
struct steps {
	long fork, list, wait_one, wait_any;
};

/* A child that has told that it lives; what the call of fork cost us. */
static long
fork_one(pid_t *pid, const int *tell, const int *stay)
{
	long cost, t = now();
	char byte = 0;

	*pid = utest_fork();
	if (*pid == 0) {
		if (write(tell[1], &byte, 1) == 1)
			(void)!read(stay[0], &byte, 1);
		_exit(0);
	}
	cost = now() - t;
	REQUIRE(read(tell[0], &byte, 1) == 1);
	return cost;
}

static long
list_proc(void)
{
	DIR *d = opendir("/proc");
	long last = 0, count = 0;
	struct dirent *e;

	REQUIRE(d != NULL);
	while ((e = readdir(d)) != NULL) {
		long pid = atol(e->d_name);

		if (pid > 0) {
			EXPECT(pid > last);
			last = pid;
		}
		count++;
	}
	closedir(d);
	return count;
}

static void
measure(unsigned n, struct steps *s)
{
	pid_t *pid = malloc(n * sizeof(*pid));
	int tell[2], stay[2];
	long t;

	REQUIRE(pid != NULL && pipe(tell) == 0 && pipe(stay) == 0);
	s->fork = LONG_MAX;
	for (unsigned i = 0; i < n; i++) {
		t = fork_one(&pid[i], tell, stay);
		/* Now and then one is interrupted. */
		if (i >= n - n / 10 && t < s->fork)
			s->fork = t;
	}
	t = now();
	s->list = list_proc();
	s->list = (now() - t) / s->list;
	t = now();
	for (unsigned i = n; i > n / 2; i--) {
		REQUIRE(kill(pid[i - 1], SIGKILL) == 0);
		EXPECT_KILLED(pid[i - 1], SIGKILL);
	}
	s->wait_one = (now() - t) / (n - n / 2);
	t = now();
	for (unsigned i = n / 2; i > 0; i--) {
		REQUIRE(kill(pid[i - 1], SIGKILL) == 0);
		EXPECT_EQ(wait(NULL), pid[i - 1]);
	}
	s->wait_any = (now() - t) / (n / 2);
	utest_note("%u: fork %ld, a line of /proc %ld, kill and wait %ld %ld",
		   n, s->fork, s->list, s->wait_one, s->wait_any);
	for (int i = 0; i < 2; i++) {
		close(tell[i]);
		close(stay[i]);
	}
	free(pid);
}

UTEST(steps, "S5 fork, wait and /proc cost among 1,000 as among 100 processes")
{
	struct steps few, many;

	need_tine("instructions are counted only there");
	measure(100, &few);
	measure(1000, &many);
	EXPECT(many.fork < few.fork * 5 / 4);
	EXPECT(many.list < few.list * 5 / 4);
	EXPECT(many.wait_one < few.wait_one * 5 / 4);
	EXPECT(many.wait_any < few.wait_any * 5 / 4);
}

/* ---- among many files ---------------------------------------------------- */

/* Without the waiting for the disk, in thousands. */
static long
own_time(void)
{
	struct rusage u;

	REQUIRE(getrusage(RUSAGE_SELF, &u) == 0);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 +
	       u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

/* What the `n` files from number `first` on cost each, 100 to a directory. */
static long
make_files(unsigned first, unsigned n)
{
	long t = own_time();
	char name[32];
	int fd;

	for (unsigned i = first; i < first + n; i++) {
		snprintf(name, sizeof(name), "d%u", i / 100);
		REQUIRE(i % 100 != 0 || mkdir(name, 0755) == 0);
		snprintf(name, sizeof(name), "d%u/f%u", i / 100, i);
		fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0644);
		REQUIRE(fd >= 0);
		close(fd);
	}
	return (own_time() - t) * 1000 / n;
}

/* What it costs to mount a file system and to let it go. */
static long
mount_something(void)
{
	const int rounds = 20;
	long t = own_time();

	for (int i = 0; i < rounds; i++) {
		REQUIRE(mount("none", "mnt", "tmpfs", 0, NULL) == 0);
		REQUIRE(umount("mnt") == 0);
	}
	return (own_time() - t) * 1000 / rounds;
}

UTEST(files,
      "S6 a file, and a mount, cost among 5,000 not yet written as among 500")
{
	char dir[] = "/cost.XXXXXX";
	long few, many, mount_few, mount_many;

	need_tine("instructions are counted only there");
	REQUIRE(mkdtemp(dir) != NULL && chdir(dir) == 0);
	REQUIRE(mkdir("mnt", 0755) == 0);
	(void)make_files(0, 500);
	few = make_files(500, 500);
	mount_few = mount_something();
	(void)make_files(1000, 4000);
	many = make_files(5000, 500);
	mount_many = mount_something();
	utest_note("behind 500: %ld each, behind 5,000: %ld", few, many);
	utest_note("mount and umount: %ld, and %ld", mount_few, mount_many);
	EXPECT(many < few * 3 / 2);
	EXPECT(mount_many < mount_few * 3 / 2);
}

/* ---- between two that compute ------------------------------------------- */

enum { TURNS = 50 };

/* Counts up in *mine until *other has grown TURNS times while this waited. */
static void
take_turns(volatile unsigned *mine, volatile unsigned *other)
{
	unsigned seen = *other;

	for (unsigned turns = 0; turns < TURNS; ++*mine) {
		if (*other != seen) {
			seen = *other;
			turns++;
		}
	}
}

/* The time between two switches: with slices of two ticks it is 20 ms. */
UTEST(slices, "S7 a slice is as long as sched_rr_get_interval() says")
{
	volatile unsigned *words = shared_new(1);
	struct timespec slice;
	long begin, mean;
	pid_t pid;

	need_tine("instructions are counted only there");
	REQUIRE(sched_rr_get_interval(0, &slice) == 0);
	pid = utest_fork();
	if (pid == 0) {
		take_turns(&words[1], &words[0]);
		utest_done();
	}
	begin = now();
	take_turns(&words[0], &words[1]);
	mean = (now() - begin) / (2 * TURNS);
	EXPECT_CLEAN(pid);
	utest_note("a slice: %ld us, of %ld", mean / 1000,
		   slice.tv_nsec / 1000);
	EXPECT(mean > slice.tv_nsec * 9 / 10);
	EXPECT(mean < slice.tv_nsec * 11 / 10);
}
