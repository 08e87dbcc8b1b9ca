/* SPDX-License-Identifier: MIT */
/*
 * tests/user/usertests_held.c - what a user can make the kernel hold, and that
 * each of these is bounded.
 *
 * The user gets the right error, another user still works, and what was taken
 * comes back.  docs/limits.md has the table of the limits.
 */
#include "utest.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define SOMEBODY 61234
#define OTHER	 61235

/* ---- acting as a user ---- */

/* Runs fn in a child that is this user; it must end without a failure. */
static void
as_user(uid_t uid, void (*fn)(void))
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		utest_become(uid);
		fn();
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

static void
need_root(void)
{
	if (getuid() != 0)
		SKIP("only root becomes another user");
}

/* ---- numbers in /proc ---- */

static long
proc_get(const char *path)
{
	FILE *f = fopen(path, "r");
	long n = -1;

	if (f == NULL)
		return -1;
	if (fscanf(f, "%ld", &n) != 1)
		n = -1;
	fclose(f);
	return n;
}

static bool
proc_set(const char *path, long n)
{
	int fd = open(path, O_WRONLY);
	char text[32];
	int len = snprintf(text, sizeof(text), "%ld\n", n);
	bool ok = fd >= 0 && write(fd, text, (size_t)len) == len;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* ---- pipes ---- */

#define SOFT	 "/proc/sys/fs/pipe-user-pages-soft"
#define HARD	 "/proc/sys/fs/pipe-user-pages-hard"
#define MAX_SIZE "/proc/sys/fs/pipe-max-size"

/* Makes a pipe and returns its capacity in pages; -1 and errno if refused. */
static long
pipe_pages(int *wr)
{
	int fd[2] = { -1, -1 };
	const int err = pipe(fd);

	if (wr != NULL)
		*wr = fd[1];
	if (err != 0)
		return -1;
	return fcntl(fd[1], F_GETPIPE_SZ) / (long)PG;
}

/* With a soft limit of 64 pages and a hard one of 80. */
static void
fill_pipes(void)
{
	int first, wr;

	EXPECT_EQ(pipe_pages(&first), 16);
	for (unsigned i = 1; i < 4; i++)
		EXPECT_EQ(pipe_pages(NULL), 16);
	EXPECT_EQ(pipe_pages(&wr), 2);
	EXPECT_ERR(fcntl(wr, F_SETPIPE_SZ, 4 * PG), EPERM);
	EXPECT_EQ(fcntl(wr, F_SETPIPE_SZ, 1), PG);
	EXPECT_ERR(fcntl(wr, F_SETPIPE_SZ, 2 * PG), EPERM);
	for (unsigned i = 0; i < 7; i++)
		EXPECT_EQ(pipe_pages(NULL), 2);
	EXPECT_ERR(pipe_pages(NULL), ENFILE);
	/* Pages that one pipe gives up are free for another. */
	EXPECT_EQ(fcntl(first, F_SETPIPE_SZ, 2 * PG), 2 * PG);
	EXPECT_EQ(pipe_pages(NULL), 2);
}

static void
one_pipe(void)
{
	int wr;

	EXPECT_EQ(pipe_pages(&wr), 16);
	EXPECT_EQ(fcntl(wr, F_SETPIPE_SZ, 32 * PG), 32 * PG);
	EXPECT_ERR(fcntl(wr, F_SETPIPE_SZ, 2 << 20), EPERM);
	EXPECT_ERR(fcntl(wr, F_SETPIPE_SZ, UINT32_MAX), EINVAL);
}

static void
pipes_bounded(void)
{
	struct peer c;
	int wr;

	if (fork_peer(&c) == 0) {
		utest_become(SOMEBODY);
		fill_pipes();
		peer_post(&c);
		peer_wait(&c);
		utest_done();
	}
	peer_wait(&c);
	as_user(OTHER, one_pipe);
	EXPECT_EQ(pipe_pages(&wr), 16); /* root's */
	EXPECT_EQ(fcntl(wr, F_SETPIPE_SZ, 2 << 20), 2 << 20);
	EXPECT_ERR(fcntl(wr, F_SETPIPE_SZ, UINT32_MAX), EINVAL);
	peer_post(&c);
	PEER_END(&c);
	as_user(SOMEBODY, one_pipe);
}

/*
 * A pipe counts for the user that made it, wherever it goes.  setuid() does not
 * take it along.
 */
static void
pipes_stay(void)
{
	EXPECT_EQ(pipe_pages(NULL), 16);
	EXPECT_EQ(pipe_pages(NULL), 16);
	utest_become(SOMEBODY);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ(pipe_pages(NULL), 16);
	EXPECT_EQ(pipe_pages(NULL), 2);
}

static void
with_pipe_limits(long soft, long hard, void (*fn)(void))
{
	long old_soft = proc_get(SOFT), old_hard = proc_get(HARD);
	pid_t pid;

	need_tine("limits of the whole machine are set");
	REQUIRE(proc_set(SOFT, soft) && proc_set(HARD, hard));
	pid = utest_fork();
	if (pid == 0) {
		fn();
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT(proc_set(SOFT, old_soft) && proc_set(HARD, old_hard));
}

UTEST(pipes, "Z1 a user's pipes hold so many pages and no more")
{
	with_pipe_limits(64, 80, pipes_bounded);
	with_pipe_limits(64, 80, pipes_stay);
}

static void
small_pipe(void)
{
	int wr;

	EXPECT_EQ(pipe_pages(&wr), 1);
	EXPECT_ERR(fcntl(wr, F_SETPIPE_SZ, 2 * PG), EPERM);
	EXPECT(!proc_set(MAX_SIZE, PG));
	EXPECT_EQ(errno, EACCES);
}

UTEST(pipesysctl, "Z2 the limits of pipes, for root to write")
{
	long max = proc_get(MAX_SIZE);

	need_tine("limits of the whole machine are set");
	EXPECT_EQ(max, 1 << 20);
	EXPECT(proc_set(MAX_SIZE, 5 * PG));
	EXPECT_EQ(proc_get(MAX_SIZE), 8 * PG);
	EXPECT(proc_set(MAX_SIZE, 0));
	EXPECT_EQ(proc_get(MAX_SIZE), PG);
	EXPECT_ERR(proc_set(MAX_SIZE, UINT32_MAX) ? 0 : -1, EINVAL);
	as_user(SOMEBODY, small_pipe);
	EXPECT(proc_set(MAX_SIZE, max));
	EXPECT(proc_get(SOFT) > 0);
	EXPECT_ERR(proc_set(SOFT, -1) ? 0 : -1, EINVAL);
}

/* Three processes hold all the pipes that one user may have, full. */
static void
hog_pipes(struct peer *c)
{
	static char big[64 * 1024];
	int q[500], n = 0, fd[2];

	utest_become(SOMEBODY);
	while (n < 500 && pipe(fd) == 0) {
		fcntl(fd[1], F_SETFL, O_NONBLOCK);
		fcntl(fd[1], F_SETPIPE_SZ, 1 << 20);
		q[n++] = fd[1];
	}
	for (int i = 0; i < n; i++) {
		while (write(q[i], big, sizeof(big)) > 0)
			;
	}
	peer_post(c);
	peer_wait(c);
	utest_done();
}

UTEST(pipehog, "Z3 one user's pipes leave memory to others")
{
	long before, taken, charged;
	struct peer c[3];
	size_t n;

	need_tine("memory is counted");
	before = free_bytes();
	charged = number_in("/proc/meminfo", "Committed_AS:");
	for (unsigned i = 0; i < 3; i++) {
		if (fork_peer(&c[i]) == 0)
			hog_pipes(&c[i]);
		peer_wait(&c[i]);
	}
	taken = before - free_bytes();
	EXPECT(taken / (long)PG <= proc_get(HARD) * 5 / 4 + 2048);
	charged = number_in("/proc/meminfo", "Committed_AS:") - charged;
	EXPECT(charged * 1024 >= proc_get(SOFT) / 2 * (long)PG);
	/* Root may have a quarter of memory. */
	n = utest_ram() / PG / 4;
	pages_fill(pages_new(n), n, 1);
	for (unsigned i = 0; i < 3; i++) {
		peer_post(&c[i]);
		PEER_END(&c[i]);
	}
}

/* ---- signals ---- */

static int
queue_one(int sig)
{
	union sigval v = { .sival_int = 1 };

	return sigqueue(getpid(), sig, v);
}

/* Queues signals to itself until it is refused; how many. */
static unsigned
queue_all(void)
{
	sigset_t all;
	unsigned n = 0;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	while (n < 1000 && queue_one(SIGRTMIN + 1) == 0)
		n++;
	EXPECT_EQ(errno, EAGAIN);
	return n;
}

static void
queue_nothing(void)
{
	EXPECT_EQ(queue_all(), 0);
}

static void
queue_ten(void)
{
	EXPECT_EQ(queue_all(), 10);
}

UTEST(sigpending, "Z4 queued signals are bounded a user")
{
	struct rlimit ten = { 10, 10 };
	struct peer c;

	need_root();
	if (on_qemu_user())
		SKIP("qemu-riscv64 queues signals itself");
	REQUIRE(setrlimit(RLIMIT_SIGPENDING, &ten) == 0);
	if (fork_peer(&c) == 0) {
		utest_become(SOMEBODY);
		EXPECT_EQ(queue_all(), 10);
		/* Other signals may still wait. */
		EXPECT_EQ(queue_one(SIGUSR1), 0);
		EXPECT_EQ(kill(getpid(), SIGRTMIN + 2), 0);
		peer_post(&c);
		peer_wait(&c);
		utest_done();
	}
	peer_wait(&c);
	as_user(SOMEBODY, queue_nothing);
	as_user(OTHER, queue_ten);
	peer_post(&c);
	PEER_END(&c);
	as_user(SOMEBODY, queue_ten);
}

/* ---- tasks ---- */

static void
fork_four(void)
{
	struct rlimit five = { 5, 5 };
	pid_t pid[5];

	REQUIRE(setrlimit(RLIMIT_NPROC, &five) == 0);
	for (unsigned i = 0; i < 5; i++) {
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(0);
	}
	/* The dead count until they are waited for. */
	EXPECT(pid[3] > 0);
	EXPECT_EQ(pid[4], -1);
	EXPECT_EQ(waitpid(pid[0], NULL, 0), pid[0]);
	pid[0] = fork();
	if (pid[0] == 0)
		_exit(0);
	EXPECT(pid[0] > 0);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ(waitpid(pid[i], NULL, 0), pid[i]);
}

UTEST(nproc, "Z5 tasks are bounded a user, the dead ones included")
{
	need_root();
	if (on_qemu_user())
		SKIP("qemu-riscv64 has threads of its own");
	as_user(SOMEBODY, fork_four);
	as_user(OTHER, fork_four);
	as_user(SOMEBODY, fork_four);
}

/* ---- what /proc/sys/kernel/user_* bound ---- */

#define FILES "/proc/sys/kernel/user_files"
#define VMAS  "/proc/sys/kernel/user_vmas"
#define TEXTS "/proc/sys/kernel/user_texts"

/* Root has none of these bounds. */
static void
open_sixty(void)
{
	for (unsigned i = 0; i < 60; i++)
		EXPECT(open("/dev/null", O_RDONLY) >= 0);
}

/* fn twice as one user and once as another, while a user may hold n. */
static void
with_most(const char *path, long n, void (*fn)(void))
{
	long old = proc_get(path);

	need_tine("limits of the whole machine are set");
	REQUIRE(old > n && proc_set(path, n));
	as_user(SOMEBODY, fn);
	as_user(SOMEBODY, fn);
	as_user(OTHER, fn);
	as_user(0, open_sixty);
	EXPECT(proc_set(path, old));
}

static void
open_fifty(void)
{
	int fd[50], pair[2];

	for (unsigned i = 0; i < 50; i++)
		fd[i] = open("/dev/null", O_RDONLY);
	EXPECT(fd[49] >= 0);
	EXPECT_ERR(open("/dev/null", O_RDONLY), ENFILE);
	EXPECT_ERR(pipe(pair), ENFILE);
	EXPECT_EQ(close(dup(fd[0])), 0); /* one file, two numbers */
	EXPECT_EQ(close(fd[0]), 0);
	EXPECT_ERR(pipe(pair), ENFILE);
	EXPECT_EQ(close(fd[1]), 0);
	EXPECT_EQ(pipe(pair), 0);
}

UTEST(files, "Z17 open files are bounded a user")
{
	with_most(FILES, 50, open_fifty);
}

static void
split_pages(void)
{
	char *p = mmap(NULL, 400 * PG, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);
	unsigned n = 0;
	pid_t pid;

	REQUIRE(p != MAP_FAILED);
	while (n < 200 && mprotect(p + 2 * n * PG, PG, PROT_NONE) == 0)
		n++;
	EXPECT_EQ(errno, ENOMEM);
	EXPECT(n > 100 && n < 150);
	EXPECT_EQ(fork(), -1);
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_ERR(munmap(p + 398 * PG, PG), ENOMEM); /* splits a mapping */
	/* In its place two more; whether or not there is room for one. */
	for (unsigned i = 0; i < 2; i++) {
		EXPECT(mmap(p + 398 * PG, PG, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			    0) == MAP_FAILED);
		EXPECT_EQ(errno, ENOMEM);
		EXPECT_EQ(munmap(p + i * PG, PG), 0);
	}
	EXPECT_EQ(munmap(p, 400 * PG), 0);
	pid = utest_fork();
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
}

/* A space counts for the user of the process that made it: fork first. */
static void
split_in_child(void)
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		split_pages();
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(vmas, "Z18 mappings are bounded a user")
{
	with_most(VMAS, 300, split_in_child);
}

static void
hold_texts(void)
{
	int fd[5];
	char c;

	for (unsigned i = 0; i < 5; i++) {
		fd[i] = open("/proc/version", O_RDONLY);
		REQUIRE(fd[i] >= 0);
	}
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ(read(fd[i], &c, 1), 1);
	EXPECT_ERR(read(fd[4], &c, 1), ENOMEM);
	EXPECT_EQ(close(fd[0]), 0);
	EXPECT_EQ(read(fd[4], &c, 1), 1);
}

UTEST(texts, "Z19 texts of open files of /proc are bounded a user")
{
	with_most(TEXTS, 4, hold_texts);
}

/* ---- names in memory ---- */

#define NAMES 300u

static const char *
long_name(unsigned i)
{
	static char name[300];

	snprintf(name, sizeof(name), "%s/%0200u-%d", utest_dir, i, getpid());
	return name;
}

UTEST(names, "Z20 names in a tmpfs count as its pages and are charged")
{
	struct statfs before, now;
	long charged;
	int fd;

	need_tine("memory is counted");
	fd = open(long_name(0), O_CREAT | O_WRONLY, 0600);
	REQUIRE(fd >= 0 && close(fd) == 0);
	REQUIRE(statfs(utest_dir, &before) == 0);
	if (before.f_type != 0x01021994)
		SKIP("no tmpfs");
	charged = number_in("/proc/meminfo", "Committed_AS:");
	for (unsigned i = 1; i < NAMES; i++) {
		char first[300];

		strcpy(first, long_name(0));
		REQUIRE(link(first, long_name(i)) == 0);
	}
	REQUIRE(statfs(utest_dir, &now) == 0);
	EXPECT(before.f_bfree - now.f_bfree >= NAMES * 200 / PG);
	charged = number_in("/proc/meminfo", "Committed_AS:") - charged;
	EXPECT(charged * 1024 >= (long)(NAMES * 200 / PG * PG));
	for (unsigned i = 0; i < NAMES; i++)
		EXPECT_EQ(unlink(long_name(i)), 0);
	REQUIRE(statfs(utest_dir, &now) == 0);
	EXPECT(now.f_bfree >= before.f_bfree);
}
