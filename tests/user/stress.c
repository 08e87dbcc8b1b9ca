/* SPDX-License-Identifier: MIT */
/*
 * tests/user/stress.c - workers that fork, exec, pipe, write and kill at
 * random and check every byte they own.
 *
 *	stress [-s seed] [-p workers] [-p forks]
 *
 * What each worker does follows from the seed; how the workers meet does not.
 */
#include "utest.h"

#include <sched.h>

#define PAGES 32

static char *mine;	   /* a worker's pages, shared with its children */
static unsigned mine_seed; /* what they hold */

static unsigned
below(unsigned n)
{
	return utest_random() % n;
}

/* Takes some of the pages for its own, and looks at all of them. */
static void
rewrite_some(unsigned seed)
{
	unsigned first = below(PAGES), n = 1 + below(PAGES - first);

	EXPECT_EQ(pages_wrong(mine, PAGES, mine_seed), 0);
	pages_fill(mine + first * PG, n, seed);
	EXPECT_EQ(pages_wrong(mine + first * PG, n, seed), 0);
	EXPECT_EQ(pages_wrong(mine, first, mine_seed), 0);
}

static unsigned
do_write(void)
{
	unsigned code = below(100), seed = utest_random();
	pid_t pid = utest_fork();

	if (pid == 0) {
		rewrite_some(seed);
		_exit(utest_failures != 0 ? 101 : (int)code);
	}
	/* At the same time the worker changes its own side. */
	if (below(2) == 0) {
		mine_seed = utest_random();
		pages_fill(mine, PAGES, mine_seed);
	}
	EXPECT_EXIT(pid, (int)code);
	return 1;
}

static unsigned
do_exec(void)
{
	int code = (int)below(100);
	pid_t pid = utest_fork();

	if (pid == 0)
		exec_exit(code);
	EXPECT_EXIT(pid, code);
	return 1;
}

static unsigned
do_pipe(void)
{
	size_t want = PG * (1 + below(8)), got = 0;
	unsigned seed = utest_random();
	char *buf = pages_new(8);
	int fd[2];
	pid_t pid;

	REQUIRE(pipe(fd) == 0);
	pid = utest_fork();
	if (pid == 0) {
		pages_fill(buf, 8, seed);
		for (size_t done = 0; done < want;) {
			size_t n = 1 + below(5000);

			if (n > want - done)
				n = want - done;
			REQUIRE(write(fd[1], buf + done, n) == (ssize_t)n);
			done += n;
		}
		utest_done();
	}
	close(fd[1]);
	while (got < want) {
		ssize_t n = read(fd[0], buf + got, want - got);

		REQUIRE(n > 0);
		got += (size_t)n;
	}
	EXPECT_EQ(read(fd[0], buf, 1), 0);
	EXPECT_EQ(pages_wrong(buf, want / PG, seed), 0);
	EXPECT_CLEAN(pid);
	close(fd[0]);
	munmap(buf, 8 * PG);
	return 1;
}

static unsigned
do_kill(void)
{
	static const int sigs[] = { SIGKILL, SIGTERM, SIGSEGV };
	int sig = sigs[below(ARRAY_LEN(sigs))];
	unsigned wait = below(20000);
	pid_t pid = utest_fork();

	if (pid == 0)
		for (unsigned i = 0;; i++) {
			pages_fill(mine + i % PAGES * PG, 1, i);
			if (i % 16 == 15)
				sched_yield();
		}
	for (volatile unsigned i = 0; i < wait; i++)
		;
	REQUIRE(kill(pid, sig) == 0);
	EXPECT_KILLED(pid, sig);
	return 1;
}

/* A child that leaves before or after its own child. */
static unsigned
do_nest(void)
{
	bool leave = below(2) == 0;
	unsigned seed = utest_random();
	int fd[2];
	char byte;
	pid_t pid;

	REQUIRE(pipe(fd) == 0);
	pid = utest_fork();
	if (pid == 0) {
		pid_t grand = utest_fork();

		rewrite_some(seed + (grand == 0));
		if (grand == 0) {
			byte = utest_failures == 0 ? 'y' : 'n';
			REQUIRE(write(fd[1], &byte, 1) == 1);
			utest_done();
		}
		if (!leave)
			EXPECT_CLEAN(grand);
		utest_done();
	}
	close(fd[1]);
	EXPECT_CLEAN(pid);
	EXPECT_EQ(read(fd[0], &byte, 1), 1);
	EXPECT_EQ(byte, 'y');
	close(fd[0]);
	return 2;
}

static void
worker(unsigned id, unsigned forks, int progress)
{
	static unsigned (*const acts[])(void) = {
		do_write, do_write, do_write, do_exec,
		do_pipe,  do_kill,  do_nest,  do_kill,
	};
	unsigned done = 0, told = 0;

	utest_seed = utest_seed * 1000 + id;
	mine = pages_new(PAGES);
	mine_seed = id;
	pages_fill(mine, PAGES, mine_seed);
	while (done < forks) {
		done += acts[below(ARRAY_LEN(acts))]();
		if (pages_wrong(mine, PAGES, mine_seed) != 0)
			utest_fail(__FILE__, __LINE__,
				   "worker %u, fork %u: "
				   "another's bytes",
				   id, done);
		if (utest_failures != 0)
			utest_done();
		for (; told + 50 <= done; told += 50)
			REQUIRE(write(progress, "p", 1) == 1);
	}
	utest_done();
}

UTEST(stress, "S1 workers fork, exec, pipe, write and kill at random")
{
	unsigned workers = utest_param(0, 8), told = 0;
	unsigned forks = utest_param(1, utest_rounds(20000));
	pid_t pid[64];
	char byte;
	int fd[2];

	REQUIRE(workers >= 1 && workers <= ARRAY_LEN(pid));
	utest_note("%u workers, %u forks, seed %u", workers, forks, utest_seed);
	REQUIRE(pipe(fd) == 0);
	for (unsigned i = 0; i < workers; i++) {
		pid[i] = utest_fork();
		if (pid[i] == 0) {
			close(fd[0]);
			worker(i, (forks + workers - 1) / workers, fd[1]);
		}
	}
	close(fd[1]);
	while (read(fd[0], &byte, 1) == 1) {
		told += 50;
		if (told % 200 == 0)
			utest_note("%u forks", told);
	}
	for (unsigned i = 0; i < workers; i++)
		EXPECT_CLEAN(pid[i]);
}
