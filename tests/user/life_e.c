/* SPDX-License-Identifier: MIT */
/*
 * tests/user/life_e.c - processes end in every order: rows E1-E3 and E12.
 *
 * Thousands of children exit, execute or are killed, parents leave before their
 * children, and forks go on up to the limits of processes and of memory.  In
 * the end every frame is free again.
 */
#include "utest.h"

#include <sys/resource.h>

#define N 32

static void
many(unsigned total, const char *what, pid_t (*one)(unsigned), int want)
{
	long bytes;

	/* The pages that this loop makes our own are not a leak. */
	for (unsigned i = 0; i < 3; i++) {
		EXPECT_EQ(utest_wait(one(i)), want);
		utest_note("%u %s", i, what);
		bytes = free_bytes();
	}
	for (unsigned i = 0; i < total; i++) {
		int status = utest_wait(one(i));

		if (status != want) {
			utest_fail(__FILE__, __LINE__, "%s %u: wait status %#x",
				   what, i, status);
			break;
		}
		if (i % 200 == 199)
			utest_note("%u %s", i + 1, what);
	}
	EXPECT_FREE(bytes);
}

static pid_t
fork_exit(unsigned i)
{
	pid_t pid = utest_fork();

	(void)i;
	if (pid == 0)
		_exit(5);
	return pid;
}

/* Now and then this program, which needs more than the smallest one. */
static pid_t
fork_exec(unsigned i)
{
	pid_t pid = utest_fork();

	if (pid == 0 && on_tine() && i % 8 != 0) {
		execl("/bin/tiny", "tiny", NULL);
		_exit(127);
	}
	if (pid == 0)
		exec_exit(0);
	return pid;
}

static volatile char *kill_page;

/* The child is killed while it breaks pages, at any point of that. */
static pid_t
fork_kill(unsigned i)
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		for (unsigned k = 0;; k++)
			kill_page[k % N * PG] = (char)k;
	}
	if (i % 4 == 0)
		kill_page[i % N * PG]++;
	REQUIRE(kill(pid, SIGKILL) == 0);
	return pid;
}

UTEST(e1_exit, "E1 10,000 times fork and exit, frames are back")
{
	many(utest_rounds(10000), "fork+exit", fork_exit, 5 << 8);
}

UTEST(e1_exec, "E1 10,000 times fork and exec, frames are back")
{
	many(utest_rounds(10000), "fork+exec", fork_exec, 0);
}

UTEST(e1_kill, "E1 10,000 times fork and kill, frames are back")
{
	kill_page = pages_new(N);
	for (unsigned i = 0; i < N; i++)
		kill_page[i * PG] = 1;
	many(utest_rounds(10000), "fork+kill", fork_kill, SIGKILL);
}

/*
 * Runs in a child after its parent has ended and been waited for by the test.
 */
static void
child_alone(char *p, struct peer *c)
{
	long copies, reuses;

	peer_wait(c);
	for (int twice = 0; twice < 2; twice++) {
		copies = stat_get("break_copy");
		reuses = stat_get("break_reuse");
	}
	EXPECT_EQ(pages_wrong(p, N, 1), 0);
	pages_fill(p, N, 2);
	EXPECT_EQ(pages_wrong(p, N, 2), 0);
	EXPECT_GREW("break_copy", copies, 0);
	if (strcmp(strategy(), "cow") == 0)
		EXPECT_GREW("break_reuse", reuses, N);
	peer_send(c, utest_failures == 0 ? 'y' : 'n');
}

UTEST(e2, "E2 the parent leaves first, the child then owns its pages")
{
	struct peer c;

	if (fork_peer(&c) == 0) {
		char *p = pages_new(N);
		pid_t pid;

		pages_fill(p, N, 1);
		pid = utest_fork();
		if (pid == 0)
			child_alone(p, &c);
		utest_done();
	}
	EXPECT_CLEAN(c.pid);
	peer_post(&c);
	EXPECT_EQ(peer_recv(&c), 'y');
}

enum { WIDE = 3, NODES = 1 + WIDE + WIDE * WIDE };

/* Keeps own pages of its generation until told to go, then checks them. */
static void
node(char *p, unsigned id, int tell, const int *gate)
{
	char byte;

	pages_fill(p, N, id);
	REQUIRE(write(tell, "r", 1) == 1);
	REQUIRE(read(gate[2 * id], &byte, 1) == 1);
	EXPECT_EQ(pages_wrong(p, N, id), 0);
	byte = utest_failures == 0 ? 'y' : 'n';
	REQUIRE(write(tell, &byte, 1) == 1);
	utest_done();
}

/* 1 + 3 + 9 processes; each writes all pages after it forked its own. */
static void
family(char *p, int tell, const int *gate)
{
	for (unsigned i = 0; i < WIDE; i++) {
		if (utest_fork() != 0)
			continue;
		pages_fill(p, N / 2, 50 + i);
		for (unsigned k = 0; k < WIDE; k++)
			if (utest_fork() == 0)
				node(p, 1 + WIDE + i * WIDE + k, tell, gate);
		node(p, 1 + i, tell, gate);
	}
	node(p, 0, tell, gate);
}

UTEST(e3, "E3 three generations leave in random order")
{
	for (unsigned round = 0; round < 5; round++) {
		int gate[2 * NODES], tell[2];
		unsigned order[NODES];
		char *p = pages_new(N), byte = 0;
		pid_t pid;

		REQUIRE(pipe(tell) == 0);
		for (unsigned i = 0; i < NODES; i++) {
			REQUIRE(pipe(&gate[2 * i]) == 0);
			order[i] = i;
		}
		pages_fill(p, N, 99);
		pid = utest_fork();
		if (pid == 0)
			family(p, tell[1], gate);
		for (unsigned i = 0; i < NODES; i++)
			REQUIRE(read(tell[0], &byte, 1) == 1);
		for (unsigned i = NODES; i > 0; i--) {
			unsigned k = utest_random() % i;
			unsigned id = order[k];

			order[k] = order[i - 1];
			REQUIRE(write(gate[2 * id + 1], "g", 1) == 1);
			REQUIRE(read(tell[0], &byte, 1) == 1);
			EXPECT_EQ(byte, 'y');
		}
		EXPECT_CLEAN(pid);
		EXPECT_EQ(pages_wrong(p, N, 99), 0);
		REQUIRE(munmap(p, N * PG) == 0);
		close(tell[0]);
		close(tell[1]);
		for (unsigned i = 0; i < 2 * NODES; i++)
			close(gate[i]);
	}
}

/* ---- E12 ---- */

static pid_t bombs[512];

/* Forks children that wait to be killed, until fork fails; how many. */
static unsigned
bomb(unsigned most, char *each, size_t pages)
{
	unsigned n = 0;

	for (; n < most; n++) {
		bombs[n] = fork();
		if (bombs[n] < 0)
			break;
		if (bombs[n] == 0) {
			for (size_t i = 0; i < pages; i++)
				poke(each + i * PG, 1);
			while (true)
				pause();
		}
		if (n % 50 == 49)
			utest_note("%u processes", n + 1);
	}
	return n;
}

static void
defuse(unsigned n)
{
	int status;

	for (unsigned i = 0; i < n; i++)
		kill(bombs[i], SIGKILL);
	for (unsigned i = 0; i < n; i++)
		EXPECT_EQ(waitpid(bombs[i], &status, 0), bombs[i]);
}

static void
still_usable(void)
{
	pid_t pid = utest_fork();

	if (pid == 0)
		exec_exit(7);
	EXPECT_EXIT(pid, 7);
}

UTEST(e12_processes, "E12 forks up to the limit of processes: EAGAIN")
{
	struct rlimit few = { 40, 40 };
	unsigned n;
	pid_t pid;

	if (on_qemu_user())
		SKIP("qemu-riscv64 has threads of its own, which count");
	if (geteuid() != 0)
		SKIP("only root can become a user without processes");
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(setrlimit(RLIMIT_NPROC, &few) == 0);
		REQUIRE(setgid(4321) == 0 && setuid(4321) == 0);
		n = bomb(100, NULL, 0);
		EXPECT_EQ(errno, EAGAIN);
		EXPECT_EQ(n, 39);
		defuse(n);
		pid = utest_fork();
		if (pid == 0)
			utest_done();
		EXPECT_CLEAN(pid);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	still_usable();
}

UTEST(e12_memory, "E12 forks up to the commit limit: ENOMEM, and no later kill")
{
	const size_t pages = 1024;
	unsigned n;
	char *p;

	need_tine("the policy is for the whole computer");
	overcommit_set(COMMIT_STRICT);
	p = pages_new(pages);
	n = bomb(ARRAY_LEN(bombs), p, pages / 64);
	EXPECT(n > 0 && n < ARRAY_LEN(bombs));
	EXPECT_EQ(errno, ENOMEM);
	utest_note("%u processes of 4 MiB", n);
	for (unsigned i = 0; i < n; i++)
		EXPECT_EQ(kill(bombs[i], 0), 0);
	EXPECT_EQ(waitpid(-1, NULL, WNOHANG), 0);
	defuse(n);
	still_usable();
}
