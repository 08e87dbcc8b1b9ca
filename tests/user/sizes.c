/* SPDX-License-Identifier: MIT */
/*
 * tests/user/sizes.c - sizes that a program chooses: row X17.
 *
 * poll, select, descriptor tables, vectors and command lines take whatever
 * Linux takes, however large, and also when free memory is in single pages.
 */
#include "utest.h"

#include <poll.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* What fork and exec hand on, and Linux's hard limit here may be. */
#define MANY  10000u
#define TABLE (1u << 20) /* numbers of the largest table there is */

/* Allows descriptors 0 .. n - 1, or leaves the test. */
static void
allow(rlim_t n)
{
	struct rlimit l;

	REQUIRE(getrlimit(RLIMIT_NOFILE, &l) == 0);
	l.rlim_cur = n;
	if (l.rlim_max < n)
		l.rlim_max = n;
	if (setrlimit(RLIMIT_NOFILE, &l) == 0)
		return;
	need_tine("so many descriptors are not allowed here");
	REQUIRE(!"the limit can be raised");
}

/* ---- poll -------------------------------------------------------------- */

static struct pollfd fds[MANY];

/* Every fourth entry each: empty pipe, its other end, none, not open. */
static void
poll_mixed(unsigned n, const int *p)
{
	unsigned ready = 0, wrong = 0;

	for (unsigned i = 0; i < n; i++) {
		int fd[] = { p[0], p[1], -1, 3000 };

		fds[i] = (struct pollfd){ fd[i % 4], POLLIN | POLLOUT, 0x7fff };
		ready += i % 2;
	}
	EXPECT_EQ(poll(fds, n, 0), ready);
	for (unsigned i = 0; i < n; i++) {
		short want[] = { 0, POLLOUT, 0, POLLNVAL };

		wrong += fds[i].revents != want[i % 4];
	}
	EXPECT_EQ(wrong, 0);
}

/*
 * All polls wait for the same byte: for nothing at first, and then until it
 * comes.  It may come while the entries are looked at one after the other, so
 * the first answer may lack some of them.
 */
static void
poll_asleep(unsigned n, const int *p)
{
	unsigned wrong = 0;
	pid_t pid;
	char c;

	for (unsigned i = 0; i < n; i++)
		fds[i] = (struct pollfd){ p[0], POLLIN, 0 };
	EXPECT_EQ(poll(fds, n, 0), 0);
	EXPECT_EQ(poll(fds, n, 1), 0);
	pid = utest_fork();
	if (pid == 0)
		_exit(write(p[1], "x", 1) != 1);
	EXPECT(poll(fds, n, -1) > 0);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(poll(fds, n, -1), n);
	for (unsigned i = 0; i < n; i++)
		wrong += fds[i].revents != POLLIN;
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(read(p[0], &c, 1), 1);
}

UTEST(poll, "X17 poll takes as many descriptors as the limit allows")
{
	static const unsigned counts[] = { 1,	 16,   17,   272,  2048,
					   2049, 4096, 9999, 10000 };
	int p[2];

	allow(MANY);
	REQUIRE(pipe(p) == 0);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
		poll_mixed(counts[i], p);
		poll_asleep(counts[i], p);
	}
	allow(counts[0] + 100);
	EXPECT_ERR(poll(fds, counts[0] + 101, 0), EINVAL);
}

/* ---- select ------------------------------------------------------------ */

#define BITS (8 * sizeof(unsigned long))

static unsigned long in[MANY / BITS + 1], out[MANY / BITS + 1];

static long
select_now(unsigned n)
{
	struct timespec none = { 0, 0 };

	return syscall(SYS_pselect6, n, in, out, NULL, &none, NULL);
}

static void
add(unsigned long *set, unsigned fd)
{
	set[fd / BITS] |= 1ul << fd % BITS;
}

static bool
has(const unsigned long *set, unsigned fd)
{
	return set[fd / BITS] >> fd % BITS & 1;
}

/* The two ends of a pipe at these numbers, each in both sets. */
static void
select_ends(unsigned rd, unsigned wr, unsigned n)
{
	unsigned members = 0;

	memset(in, 0, sizeof(in));
	memset(out, 0, sizeof(out));
	add(in, rd);
	add(in, wr);
	add(out, rd);
	add(out, wr);
	EXPECT_EQ(select_now(n), 1);
	for (unsigned fd = 0; fd < n; fd++)
		members += has(in, fd) + has(out, fd);
	EXPECT_EQ(members, 1);
	EXPECT(has(out, wr));
}

UTEST(select, "X17 select takes sets of any size")
{
	static const unsigned at[] = { 62, 63, 64, 1023, 1024, 4095, 9998 };
	int p[2];

	if (on_qemu_user())
		SKIP("qemu-user has sets of 1,024 bits");
	allow(MANY);
	REQUIRE(pipe(p) == 0);
	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		int rd = (int)at[i], wr = rd + 1;

		REQUIRE(dup2(p[0], rd) == rd && dup2(p[1], wr) == wr);
		select_ends(at[i], at[i] + 1, at[i] + 2);
		select_ends((unsigned)p[0], at[i] + 1, MANY);
		select_ends(at[i], (unsigned)p[1], MANY);
		close(rd);
		add(in, (unsigned)rd);
		EXPECT_ERR(select_now(MANY), EBADF);
		close(wr);
	}
}

/* All of a set's descriptors are open, and wait until something comes. */
UTEST(selectfull, "X17 a full set of FD_SETSIZE descriptors wakes up")
{
	int p[2], last, count = 0;
	fd_set set, now;
	pid_t pid;

	allow(FD_SETSIZE);
	REQUIRE(pipe(p) == 0);
	FD_ZERO(&set);
	do {
		last = dup(p[0]);
		if (last >= 0) {
			FD_SET(last, &set);
			count++;
		}
	} while (last >= 0 && last < FD_SETSIZE - 1);
	REQUIRE_EQ(last, FD_SETSIZE - 1);
	pid = utest_fork();
	if (pid == 0)
		_exit(write(p[1], "x", 1) != 1);
	now = set;
	EXPECT(select(FD_SETSIZE, &now, NULL, NULL, NULL) > 0);
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(select(FD_SETSIZE, &set, NULL, NULL, NULL), count);
}

/* ---- the table of descriptors ------------------------------------------ */

/* Every number below `n` that is free: taken in order, and closed again. */
static void
fill_table(unsigned n)
{
	int first = dup(0), fd = first, next, wrong = 0;

	REQUIRE(first >= 0 && (unsigned)first + 2 < n / 2);
	while ((next = dup(0)) >= 0) {
		wrong += next <= fd;
		fd = next;
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(fd, n - 1);
	EXPECT_ERR(dup(0), EMFILE);
	/* The lowest free number, wherever it is. */
	close((int)n / 2);
	close(first + 1);
	EXPECT_EQ(dup(0), first + 1);
	EXPECT_EQ(fcntl(0, F_DUPFD, first + 2), n / 2);
	EXPECT_EQ(syscall(SYS_close_range, first, n - 1, 0), 0);
	EXPECT_EQ(dup(0), first);
	close(first);
}

UTEST(table, "X17 a table of descriptors fills up to the limit")
{
	allow(MANY);
	fill_table(MANY);
	allow(100);
	fill_table(100);
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* High numbers cost little, and go the way of others. */
static void
far_apart(int high)
{
	int fd[] = { 33, 600, 5000, high };
	pid_t pid;

	for (size_t i = 0; i < ARRAY_LEN(fd); i++)
		REQUIRE_EQ(dup2(1, fd[i]), fd[i]);
	REQUIRE(fcntl(600, F_SETFD, FD_CLOEXEC) == 0);
	REQUIRE(fcntl(high, F_SETFD, FD_CLOEXEC) == 0);
	pid = utest_fork();
	if (pid == 0) {
		for (size_t i = 0; i < ARRAY_LEN(fd); i++)
			EXPECT(is_open(fd[i]) && !is_open(fd[i] - 1));
		EXPECT_EQ(fcntl(5000, F_GETFD), 0);
		EXPECT_EQ(fcntl(high, F_GETFD), FD_CLOEXEC);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(dup(0), 3);
	close(3);
	EXPECT_EQ(syscall(SYS_close_range, 34, high - 1, 0), 0);
	EXPECT(is_open(33) && !is_open(600) && !is_open(5000) && is_open(high));
	EXPECT_EQ(close(high), 0);
	EXPECT_ERR(close(high), EBADF);
	EXPECT_ERR(dup2(0, high + 1), EBADF);
	EXPECT_EQ(close(33), 0);
}

UTEST(far, "X17 descriptors far apart, over fork")
{
	allow(MANY);
	far_apart(MANY - 1);
}

UTEST(farthest, "X17 the highest descriptor there is")
{
	struct pollfd p = { .fd = TABLE - 1, .events = POLLOUT };

	allow(TABLE);
	far_apart(TABLE - 1);
	REQUIRE_EQ(dup2(1, TABLE - 1), TABLE - 1);
	EXPECT_EQ(poll(&p, 1, -1), 1);
}

/* ---- the rest ---------------------------------------------------------- */

UTEST(vector, "X17 a vector of IOV_MAX parts, and one more")
{
	static struct iovec v[1025];
	static char bytes[1025];
	int fd = temp_file_of('v', 1025);

	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		v[i] = (struct iovec){ &bytes[ARRAY_LEN(v) - 1 - i], 1 };
	EXPECT_EQ(readv(fd, v, 1024), 1024);
	EXPECT_EQ(bytes_wrong(bytes + 1, 1024, 'v'), 0);
	EXPECT_ERR(readv(fd, v, 1025), EINVAL);
	close(fd);
}

/* The bytes that a process shows as its command line, once it is `name`. */
static size_t
cmdline_of(pid_t pid, const char *name)
{
	size_t length = strlen(name) + 1, total = 0;
	static char got[100000];
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	for (;;) {
		fd = open(path, O_RDONLY);
		REQUIRE(fd >= 0);
		n = read(fd, got, length);
		if (n == (ssize_t)length && memcmp(got, name, length) == 0)
			break;
		/* Not yet. */
		close(fd);
		sched_yield();
	}
	for (; n > 0; n = read(fd, got, sizeof(got)))
		total += (size_t)n;
	close(fd);
	return total;
}

UTEST(cmdline, "X17 a command line of many pages is shown whole")
{
	enum { LONG = 100000, COUNT = 8 };
	static char arg[LONG + 1];
	char *argv[2 + COUNT + 1] = { "utest", "--cat" };
	int p[2];
	pid_t pid;

	if (on_qemu_user())
		SKIP("qemu-user shows its own arguments, too");
	memset(arg, 'a', LONG);
	for (int i = 0; i < COUNT; i++)
		argv[2 + i] = arg;
	REQUIRE(pipe2(p, O_CLOEXEC) == 0);
	pid = utest_fork();
	if (pid == 0) {
		dup2(p[0], 0); /* ends when this does */
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	EXPECT_EQ(cmdline_of(pid, argv[0]), 6 + 6 + COUNT * (LONG + 1));
	close(p[1]);
	EXPECT_EXIT(pid, 0);
}
