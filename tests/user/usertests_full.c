/* SPDX-License-Identifier: MIT */
/*
 * tests/user/usertests_full.c - tests that use up the disk, its inodes or
 * processor time.
 *
 * The tests of usertests_fs.c that count blocks, in Tine only, where no other
 * program uses the disk; and the limit RLIMIT_CPU (X14).  What was used up is
 * free again at the end.
 */
#include "fstest.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <time.h>

#define POPULATE_WRITE 23 /* not in every library's headers */

static struct statfs
room(void)
{
	struct statfs st;

	sync();
	REQUIRE(statfs(".", &st) == 0);
	return st;
}

static void
bad_writes(void)
{
	char *bad = (char *)0xffffffffff000;
	struct statfs before, after;

	put("warm", 'x', 1);
	REQUIRE(unlink("warm") == 0);
	before = room();
	for (unsigned i = 0; i < utest_rounds(600); i++) {
		int fd = open("junk", O_CREAT | O_WRONLY, 0644);

		REQUIRE(fd >= 0);
		EXPECT_ERR(write(fd, bad, 1), EFAULT);
		EXPECT_ERR(write(fd, bad, 50000), EFAULT);
		close(fd);
		REQUIRE(unlink("junk") == 0);
	}
	put("after", 'y', 3);
	EXPECT_FILE("after", 'y', 3);
	REQUIRE(unlink("after") == 0);
	after = room();
	if (!on_tine())
		return;
	EXPECT_EQ(after.f_bfree, before.f_bfree);
	EXPECT_EQ(after.f_ffree, before.f_ffree);
}

UTEST(badwrite, "U badwrite: writes that fail use up no block")
{
	on_each_fs(bad_writes);
}

/* Fills files until the disk is full; returns how many bytes that took. */
static size_t
fill_disk(void)
{
	static char buf[64 * 1024];
	size_t total = 0, part;
	char name[32];

	memset(buf, 'z', sizeof(buf));
	for (unsigned i = 0;; i++) {
		ssize_t n = 1;
		int fd;

		snprintf(name, sizeof(name), "full%u", i);
		fd = open(name, O_CREAT | O_WRONLY | O_TRUNC, 0644);
		if (fd < 0)
			break;
		for (part = 0; part < 8u << 20; part += (size_t)n) {
			n = write(fd, buf, sizeof(buf));
			if (n < (ssize_t)sizeof(buf))
				break;
		}
		if (n < 0)
			EXPECT_EQ(errno, ENOSPC);
		total += part;
		close(fd);
		utest_note("%zu KiB written", total >> 10);
		if (n < (ssize_t)sizeof(buf))
			break;
	}
	return total;
}

enum { HOLES = 4 };

static char *
file_of_holes(void)
{
	int fd = open("holes", O_CREAT | O_RDWR, 0600);
	char *p;

	REQUIRE(fd >= 0 && ftruncate(fd, HOLES * PG) == 0);
	p = mmap(NULL, HOLES * PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(p != MAP_FAILED && close(fd) == 0);
	return p;
}

static void
no_block_for_a_page(char *p)
{
	EXPECT_SIGNAL(SIGBUS, poke(p, 1));
	EXPECT_ERR(madvise(p, HOLES * PG, POPULATE_WRITE), EFAULT);
	REQUIRE(munmap(p, HOLES * PG) == 0 && unlink("holes") == 0);
}

static void
disk_full(void)
{
	struct statfs before = room(), after;
	char name[32], *hole = file_of_holes();
	struct stat st;

	EXPECT(fill_disk() > 0);
	no_block_for_a_page(hole);
	/* With no block left, calls that need none work; others say ENOSPC. */
	for (unsigned i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "dir%u", i);
		if (mkdir(name, 0755) != 0) {
			EXPECT_EQ(errno, ENOSPC);
			break;
		}
		EXPECT_EQ(rmdir(name), 0);
	}
	for (unsigned i = 0;; i++) {
		snprintf(name, sizeof(name), "full%u", i);
		if (stat(name, &st) != 0)
			break;
		EXPECT_EQ(unlink(name), 0);
	}
	after = room();
	/* The directory itself may keep blocks that it grew by. */
	EXPECT(before.f_bfree - after.f_bfree <= 2);
	EXPECT_EQ(after.f_ffree, before.f_ffree);
	put("again", 'a', 100000);
	EXPECT_FILE("again", 'a', 100000);
}

UTEST(diskfull, "U diskfull: no block left is ENOSPC and does no harm")
{
	need_tine("fills the disk");
	on_the_disk(disk_full);
}

static void
out_of_inodes(void)
{
	struct statfs before = room(), after;
	unsigned n = 0;
	char name[32];
	int fd;

	/* Directories of 200, so that a look-up stays short. */
	for (;; n++) {
		if (n % 200 == 0) {
			snprintf(name, sizeof(name), "d%u", n / 200);
			if (mkdir(name, 0755) != 0)
				break;
		}
		snprintf(name, sizeof(name), "d%u/f%u", n / 200, n % 200);
		fd = open(name, O_CREAT | O_WRONLY | O_EXCL, 0644);
		if (fd < 0)
			break;
		close(fd);
		if (n % 1000 == 999)
			utest_note("%u files", n + 1);
	}
	EXPECT_EQ(errno, ENOSPC);
	EXPECT(n > 0);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "d%u/f%u", i / 200, i % 200);
		if (!EXPECT_EQ(unlink(name), 0))
			break;
		if (i % 1000 == 999)
			utest_note("%u removed", i + 1);
	}
	for (unsigned i = 0; i <= n / 200; i++) {
		snprintf(name, sizeof(name), "d%u", i);
		rmdir(name);
	}
	after = room();
	EXPECT_EQ(after.f_ffree, before.f_ffree);
	put("again", 'a', 1);
}

UTEST(outofinodes, "U outofinodes: no inode left is ENOSPC and does no harm")
{
	need_tine("uses up the disk's inodes");
	on_the_disk(out_of_inodes);
}

static volatile sig_atomic_t warnings;

static void
on_xcpu(int sig)
{
	(void)sig;
	warnings++;
}

/* Ways to use a processor without an end; the last three in small pieces. */
static void
just_run(void)
{
}

static void
yield(void)
{
	sched_yield();
}

static void
nap(void)
{
	struct timespec t = { 0, 100000 };

	for (volatile int i = 0; i < 1000000; i++)
		;
	nanosleep(&t, NULL);
}

static void
fork_and_wait(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	waitpid(pid, NULL, 0);
}

/* A child that never stops by itself, and how it was stopped. */
static int
spin_under(void (*step)(void), rlim_t soft, rlim_t hard, bool heed,
	   long *used_ms)
{
	struct rlimit limit = { soft, hard };
	struct sigaction act = { .sa_handler = on_xcpu };
	struct rusage u;
	int status;
	pid_t pid = utest_fork();

	if (pid == 0) {
		REQUIRE(setrlimit(RLIMIT_CPU, &limit) == 0);
		if (!heed)
			REQUIRE(sigaction(SIGXCPU, &act, NULL) == 0);
		for (;;) {
			step();
			if (warnings > 3)
				_exit(1);
		}
	}
	REQUIRE(wait4(pid, &status, 0, &u) == pid);
	*used_ms = (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 +
		   (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000;
	return WIFSIGNALED(status) ? WTERMSIG(status) : -status;
}

UTEST(limit_cpu,
      "X14 RLIMIT_CPU: SIGXCPU at the soft limit, SIGKILL at the hard one")
{
	static void (*const steps[])(void) = { just_run, yield, nap,
					       fork_and_wait };
	size_t n = utest_rounds(2) > 1 ? ARRAY_LEN(steps) : 2;
	/* Linux counts ticks for the limit, and not for getrusage(). */
	bool exact = on_tine();
	long used;

	/*
	 * Not before the soft limit, and before the hard one: the signal itself
	 * says so.  How much before depends on what else the computer does.
	 */
	for (size_t i = 0; i < n; i++) {
		EXPECT_EQ(spin_under(steps[i], 1, 10, true, &used), SIGXCPU);
		utest_note("%zu: SIGXCPU after %ld ms", i, used);
		EXPECT(used >= 990 || !exact);
	}
	EXPECT_EQ(spin_under(just_run, 1, 2, false, &used), SIGKILL);
	utest_note("SIGKILL after %ld ms", used);
	EXPECT(used >= 1990 || !exact);
}
