/* SPDX-License-Identifier: MIT */
/*
 * tests/user/fork_a.c - what fork promises about memory: rows A1-A14 and
 * A16-A19 of docs/checklist.md.
 *
 * Each side of a fork sees only its own bytes.  Pages hold a pattern that
 * depends on a seed and on the place, so a page of the wrong process or at the
 * wrong address shows.  fork_a_cpu.c has the rows about registers, thread_g.c
 * those with threads.
 */
#include "utest.h"

#include <sched.h>

#define N 64

UTEST(a1, "A1 child reads what the parent wrote")
{
	char *p = pages_new(N);
	pid_t pid;

	pages_fill(p, N, 1);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(pages_wrong(p, N, 1), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(pages_wrong(p, N, 1), 0);
}

UTEST(a2, "A2 parent rewrites, child reads old bytes")
{
	char *p = pages_new(N);
	struct peer c;

	pages_fill(p, N, 1);
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, N, 1), 0);
		utest_done();
	}
	pages_fill(p, N, 2);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(p, N, 2), 0);
}

UTEST(a3, "A3 child rewrites, parent reads old bytes")
{
	char *p = pages_new(N);
	struct peer c;

	pages_fill(p, N, 1);
	if (fork_peer(&c) == 0) {
		pages_fill(p, N, 2);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, N, 2), 0);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(pages_wrong(p, N, 1), 0);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(p, N, 1), 0);
}

static void
both_write(bool parent_first)
{
	char *p = pages_new(2);
	struct peer c;

	pages_fill(p, 2, 1);
	if (fork_peer(&c) == 0) {
		if (parent_first)
			peer_wait(&c);
		pages_fill(p, 1, 3);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, 1, 3), 0);
		utest_done();
	}
	if (!parent_first)
		peer_wait(&c);
	pages_fill(p, 1, 2);
	if (parent_first) {
		peer_post(&c);
		peer_wait(&c);
	}
	EXPECT_EQ(pages_wrong(p, 1, 2), 0);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(p, 1, 2), 0);
	EXPECT_EQ(munmap(p, 2 * PG), 0);
}

UTEST(a4, "A4 both write the same page, in both orders")
{
	both_write(true);
	both_write(false);
}

UTEST(a5, "A5 grandchild writes a page unwritten since the first fork")
{
	char *p = pages_new(1);
	struct peer c, g;

	pages_fill(p, 1, 1);
	if (fork_peer(&c) == 0) {
		if (fork_peer(&g) == 0) {
			pages_fill(p, 1, 3);
			peer_post(&g);
			peer_wait(&g);
			EXPECT_EQ(pages_wrong(p, 1, 3), 0);
			utest_done();
		}
		peer_wait(&g);
		EXPECT_EQ(pages_wrong(p, 1, 1), 0);
		pages_fill(p, 1, 2);
		peer_post(&c);
		peer_wait(&c);
		peer_post(&g);
		PEER_END(&g);
		EXPECT_EQ(pages_wrong(p, 1, 2), 0);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(pages_wrong(p, 1, 1), 0);
	poke(p, 'x');
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(peek(p), 'x');
}

/*
 * Generation i writes page i, forks the next one, waits for all of them, and
 * then must see exactly the first i + 1 pages written.
 */
static unsigned generations;

static void
generation(char *p, unsigned i)
{
	pid_t pid = -1;

	pages_fill(p + i * PG, 1, 100 + i);
	if (i + 1 < generations) {
		pid = utest_fork();
		if (pid == 0) {
			generation(p, i + 1);
			utest_done();
		}
		EXPECT_CLEAN(pid);
	}
	for (unsigned k = 0; k < N; k++)
		EXPECT_EQ(pages_wrong(p + k * PG, 1, k <= i ? 100 + k : 7), 0);
}

UTEST(a6, "A6 a chain of 64 forks keeps 64 different snapshots")
{
	char *p = pages_new(N);

	for (unsigned k = 0; k < N; k++)
		pages_fill(p + k * PG, 1, 7);
	generations = utest_processes(N);
	generation(p, 0);
}

static volatile sig_atomic_t told;

static void
on_told(int sig)
{
	(void)sig;
	told = 1;
}

/* Waits for SIGUSR1, which the caller has blocked. */
static void
wait_until_told(void)
{
	sigset_t none;

	sigemptyset(&none);
	while (!told)
		sigsuspend(&none);
}

UTEST(a7, "A7 300 children share a page and leave in random order")
{
	static pid_t pid[300];
	unsigned children = utest_processes(ARRAY_LEN(pid));
	char *p = pages_new(2);
	sigset_t usr1;
	int ready[2];
	char byte;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	REQUIRE(sigprocmask(SIG_BLOCK, &usr1, NULL) == 0);
	REQUIRE(signal(SIGUSR1, on_told) != SIG_ERR);
	REQUIRE(pipe(ready) == 0);
	pages_fill(p, 2, 1);
	for (unsigned i = 0; i < children; i++) {
		pid[i] = utest_fork();
		if (pid[i] != 0)
			continue;
		/* Every third child takes the second page for its own. */
		if (i % 3 == 0)
			pages_fill(p + PG, 1, i + 10);
		REQUIRE(write(ready[1], "r", 1) == 1);
		wait_until_told();
		EXPECT_EQ(pages_wrong(p, 1, 1), 0);
		if (i % 3 == 0)
			EXPECT_EQ(pages_wrong(p + PG, 1, i + 10), 0);
		else
			EXPECT_EQ(pages_wrong(p, 2, 1), 0);
		utest_done();
	}
	for (unsigned i = 0; i < children; i++)
		REQUIRE(read(ready[0], &byte, 1) == 1);
	for (unsigned i = children; i > 0; i--) {
		unsigned k = utest_random() % i;
		pid_t chosen = pid[k];

		pid[k] = pid[i - 1];
		REQUIRE(kill(chosen, SIGUSR1) == 0);
		EXPECT_CLEAN(chosen);
	}
	EXPECT_EQ(pages_wrong(p, 2, 1), 0);
}

UTEST(a8, "A8 child gone, parent writes without memory and without a copy")
{
	char *p = pages_new(N);
	int fd = fail_try();
	long copies, left = 1;
	pid_t pid;

	pages_fill(p, N, 1);
	pid = utest_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	/* Twice: the first read breaks the pages that reading itself writes. */
	copies = stat_get("break_copy");
	copies = stat_get("break_copy");
	if (fd >= 0)
		fail_arm(fd, 1);
	pages_fill(p, N, 2);
	if (fd >= 0)
		left = fail_disarm(fd);
	EXPECT_EQ(left, 1);
	EXPECT_GREW("break_copy", copies, 0);
	EXPECT_EQ(pages_wrong(p, N, 2), 0);
}

UTEST(a8_reuse, "A8 under cow each page comes back by reuse")
{
	char *p = pages_new(N);
	long reuses;
	pid_t pid;

	need_strategy("cow");
	pages_fill(p, N, 1);
	pid = utest_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	reuses = stat_get("break_reuse");
	reuses = stat_get("break_reuse");
	pages_fill(p, N, 2);
	EXPECT_GREW("break_reuse", reuses, N);
}

/* A child of fork that has certainly finished its exec and still runs. */
static pid_t
exec_and_stay(int *to, int *from)
{
	int in[2], out[2];
	char c = 0;
	pid_t pid;

	REQUIRE(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(dup2(in[0], 0) == 0 && dup2(out[1], 1) == 1);
		exec_cat();
	}
	close(in[0]);
	close(out[1]);
	REQUIRE(write(in[1], "x", 1) == 1);
	REQUIRE(read(out[0], &c, 1) == 1);
	REQUIRE_EQ(c, 'x');
	*to = in[1];
	*from = out[0];
	return pid;
}

UTEST(a9, "A9 child has execed, parent writes without a copy")
{
	char *p = pages_new(N);
	long copies, reuses;
	int to, from;
	pid_t pid;

	pages_fill(p, N, 1);
	pid = exec_and_stay(&to, &from);
	/* Twice: the first read breaks the pages that reading itself writes. */
	for (int twice = 0; twice < 2; twice++) {
		copies = stat_get("break_copy");
		reuses = stat_get("break_reuse");
	}
	pages_fill(p, N, 2);
	EXPECT_GREW("break_copy", copies, 0);
	if (strcmp(strategy(), "cow") == 0)
		EXPECT_GREW("break_reuse", reuses, N);
	EXPECT_EQ(pages_wrong(p, N, 2), 0);
	close(to);
	close(from);
	EXPECT_EXIT(pid, 0);
}

UTEST(a10, "A10 children that exit at once leave no frame behind")
{
	char *p = pages_new(N);
	long bytes;

	pages_fill(p, N, 1);
	bytes = free_bytes();
	for (unsigned i = 0; i < utest_rounds(200); i++) {
		pid_t pid = utest_fork();

		if (pid == 0)
			_exit(i % 100);
		EXPECT_EXIT(pid, (int)(i % 100));
	}
	EXPECT_FREE(bytes);
	EXPECT_EQ(pages_wrong(p, N, 1), 0);
}

/* Writes 256 KiB of stack below the caller and reads it back. */
static size_t __attribute__((noinline)) deep_stack(unsigned seed)
{
	char room[64 * PG];
	volatile char *v = room;
	size_t wrong = 0;

	for (size_t i = 0; i < sizeof(room); i += 256)
		v[i] = (char)(seed + i / 256);
	for (size_t i = 0; i < sizeof(room); i += 256)
		wrong += v[i] != (char)(seed + i / 256);
	return wrong;
}

static void
grow(unsigned seed, struct peer *other)
{
	char *brk0 = sbrk(0);
	char *heap = sbrk(N * PG);

	REQUIRE(heap == brk0);
	EXPECT_EQ(bytes_wrong(heap, N * PG, 0), 0);
	/*
	 * The break may lie anywhere, and the pattern wants whole words: align.
	 */
	heap = (char *)(((uintptr_t)heap + 7) & ~7ul);
	pages_fill(heap, N - 1, seed);
	EXPECT_EQ(deep_stack(seed), 0);
	peer_post(other);
	peer_wait(other);
	EXPECT_EQ(pages_wrong(heap, N - 1, seed), 0);
	EXPECT_EQ(deep_stack(seed + 1), 0);
}

UTEST(a11, "A11 both grow the heap and the stack, each its own")
{
	struct peer c;

	if (fork_peer(&c) == 0) {
		grow(2, &c);
		utest_done();
	}
	grow(3, &c);
	PEER_END(&c);
}

/* A page as high as a program can have one. */
static char *
high_page(void)
{
	const uintptr_t top = (1ul << 38) - (2ul << 20);

	for (uintptr_t k = 0; k < 4096; k++) {
		void *want = (void *)(top - (k << 21));
		void *p = mmap(want, PG, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (p == want)
			return p;
		if (p != MAP_FAILED)
			munmap(p, PG);
	}
	return NULL;
}

/* island[0] and [64] are data, [16..31] a hole, [32..47] PROT_NONE. */
static void
check_sparse(char *island, char *high, unsigned seed)
{
	EXPECT_EQ(pages_wrong(island, 1, seed), 0);
	EXPECT_EQ(pages_wrong(island + 64 * PG, 1, seed), 0);
	EXPECT_EQ(pages_wrong(high, 1, seed), 0);
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, island + 20 * PG,
		     peek(island + 20 * PG));
	EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, island + 31 * PG + 8,
		     poke(island + 31 * PG + 8, 1));
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, island + 32 * PG,
		     peek(island + 32 * PG));
	EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, island + 47 * PG,
		     poke(island + 47 * PG, 1));
}

UTEST(a12, "A12 holes, a page near 256 GiB and PROT_NONE islands survive fork")
{
	char *island = pages_new(65), *high = high_page();
	struct peer c;

	REQUIRE(high != NULL);
	if (on_tine())
		EXPECT_EQ((uintptr_t)high, (1ul << 38) - (2ul << 20));
	REQUIRE(munmap(island + 16 * PG, 16 * PG) == 0);
	REQUIRE(mprotect(island + 32 * PG, 16 * PG, PROT_NONE) == 0);
	pages_fill(island, 1, 1);
	pages_fill(island + 64 * PG, 1, 1);
	pages_fill(high, 1, 1);
	if (fork_peer(&c) == 0) {
		check_sparse(island, high, 1);
		pages_fill(high, 1, 2);
		pages_fill(island, 1, 2);
		pages_fill(island + 64 * PG, 1, 2);
		peer_post(&c);
		peer_wait(&c);
		check_sparse(island, high, 2);
		utest_done();
	}
	peer_wait(&c);
	check_sparse(island, high, 1);
	peer_post(&c);
	PEER_END(&c);
}

/* An odd frame size, so that frames lie across pages in every way. */
static size_t __attribute__((noinline))
recurse(unsigned depth, unsigned seed, pid_t *pid)
{
	char room[1009];
	volatile char *v = room;
	size_t wrong;

	for (size_t i = 0; i < sizeof(room); i++)
		v[i] = (char)(depth * 3 + i);
	if (depth > 0)
		wrong = recurse(depth - 1, seed, pid);
	else
		wrong = (*pid = utest_fork()) < 0;
	for (size_t i = 0; i < sizeof(room); i++)
		wrong += v[i] != (char)(depth * 3 + i);
	/* The child scribbles over what the parent is still to read. */
	if (*pid == 0)
		memset(room, (int)seed, sizeof(room));
	return wrong + (*pid == 0 && v[7] != (char)seed);
}

UTEST(a13, "A13 fork at the bottom of a deep recursion, both return")
{
	pid_t pid = -1;
	size_t wrong = recurse(200, 0x5a, &pid);

	EXPECT_EQ(wrong, 0);
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
}

static volatile int vfork_seen;

static int
vfork_child(void *arg)
{
	char *p = arg;

	/* Time for a parent that is wrongly running to be caught at it. */
	for (int i = 0; i < 50; i++)
		sched_yield();
	poke(p, 'v');
	vfork_seen = 7;
	exec_exit(9);
}

UTEST(a18, "A18 CLONE_VM|CLONE_VFORK copies nothing and shows its writes")
{
	static const char *const counters[] = {
		"pages_copied_at_fork", "pages_shared",	 "leaves_seen",
		"tables_copied",	"tables_shared", "w_stripped",
	};
	char *stack = pages_new(16), *p = pages_new(1);
	long before[ARRAY_LEN(counters)];
	pid_t pid;

	if (on_qemu_user())
		SKIP("qemu-user turns vfork into fork");
	poke(p, 'p');
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		before[i] = stat_get(counters[i]);
	pid = clone(vfork_child, stack + 16 * PG,
		    CLONE_VM | CLONE_VFORK | SIGCHLD, p);
	REQUIRE(pid > 0);
	EXPECT_EQ(vfork_seen, 7);
	EXPECT_EQ(peek(p), 'v');
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		EXPECT_GREW(counters[i], before[i], 0);
	EXPECT_EXIT(pid, 9);
}

static pid_t handler_pid;
static volatile int handler_local;

static void
fork_in_handler(int sig)
{
	volatile int local = sig;

	handler_pid = utest_fork();
	if (handler_pid == 0)
		local += 100;
	handler_local = local;
}

UTEST(a19, "A19 fork inside a signal handler on an alternate stack")
{
	volatile int mine = 5;
	stack_t ss = { .ss_size = 16 * PG }, now;
	struct sigaction sa;

	ss.ss_sp = pages_new(16);
	REQUIRE(sigaltstack(&ss, NULL) == 0);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = fork_in_handler;
	sa.sa_flags = SA_ONSTACK;
	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	REQUIRE(raise(SIGUSR1) == 0);
	EXPECT_EQ(handler_local, handler_pid == 0 ? SIGUSR1 + 100 : SIGUSR1);
	EXPECT_EQ(mine, 5);
	REQUIRE(sigaltstack(NULL, &now) == 0);
	EXPECT_EQ(now.ss_flags, 0);
	if (handler_pid == 0)
		utest_done();
	EXPECT_CLEAN(handler_pid);
}
