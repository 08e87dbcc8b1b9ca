/* SPDX-License-Identifier: MIT */
/*
 * tests/user/promise_m.c - how much memory is promised under which policy: rows
 * M1-M5, M16 and M18.
 *
 * The calls that promise memory are tried at the limits of each policy, and
 * Committed_AS of /proc/meminfo is compared with what they asked for.
 * docs/memory.md explains the policies; shortage_m.c has what happens when
 * memory really runs out.
 */
#include "utest.h"

#include <sys/resource.h>
#include <sys/wait.h>

#define MIB (1ul << 20)

static long
committed_pages(void)
{
	return number_in("/proc/meminfo", "Committed_AS") / 4;
}

static char *
map(size_t len, int prot, int how)
{
	char *p = mmap(NULL, len, prot, MAP_ANONYMOUS | how, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static char *
map_private(size_t len)
{
	return map(len, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}

/* ---- the policies -------------------------------------------------------- */

#define POLICY "/proc/sys/vm/overcommit_memory"

UTEST(heuristic, "M1 heuristic refuses what alone is more than all memory")
{
	const int rw = PROT_READ | PROT_WRITE;
	size_t more, less;
	char *p, *small;

	need_tine("the policy is for the whole computer");
	overcommit_set(COMMIT_HEURISTIC);
	more = memory_total() + MIB;
	less = memory_total() - MIB;
	small = map_private(PG);
	EXPECT(map_private(more) == NULL && errno == ENOMEM);
	EXPECT(map(more, rw, MAP_SHARED) == NULL && errno == ENOMEM);
	EXPECT(mremap(small, PG, more + PG, MREMAP_MAYMOVE) == MAP_FAILED &&
	       errno == ENOMEM);
	EXPECT(sbrk((intptr_t)more) == (void *)-1 && errno == ENOMEM);
	EXPECT(map(more, rw, MAP_PRIVATE | MAP_NORESERVE) != NULL);
	EXPECT((p = map(more, PROT_NONE, MAP_PRIVATE)) != NULL);
	EXPECT_ERR(mprotect(p, more, rw), ENOMEM);
	EXPECT_EQ(mprotect(p, less, rw), 0);
	/*
	 * The sum of all mappings does not count, nor what fork promises again.
	 */
	for (int i = 0; i < 3; i++)
		EXPECT(map_private(less) != NULL);
	EXPECT(mremap(small, PG, less, MREMAP_MAYMOVE) != MAP_FAILED);
	EXPECT_SIGNAL(SIGUSR1, poke(p, 1); raise(SIGUSR1));
	EXPECT_AUDIT();
}

UTEST(always, "M2 always refuses nothing, strict what is beyond its limit")
{
	size_t limit;

	need_tine("the policy is for the whole computer");
	overcommit_set(COMMIT_ALWAYS);
	EXPECT(map_private(2 * memory_total()) != NULL);
	EXPECT_SIGNAL(SIGUSR1, raise(SIGUSR1));
	overcommit_set(COMMIT_STRICT);
	limit = (size_t)number_in("/proc/meminfo", "CommitLimit") * 1024;
	EXPECT(limit < memory_total() && limit > memory_total() / 2);
	/* Older promises count, so not even one page is left. */
	EXPECT(map_private(PG) == NULL && errno == ENOMEM);
	EXPECT_ERR(fork(), ENOMEM);
	EXPECT_AUDIT();
}

UTEST(policy, "M3 root alone writes overcommit_memory, and 0, 1 or 2")
{
	static const char *const bad[] = { "3", "-1", "x", "", "1 2", "0x" };
	static const char *const good[] = { "1", "2\n", "0" };
	pid_t pid;

	need_tine("the policy is for the whole computer");
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		EXPECT_EQ(put_text(POLICY, good[i]), 0);
		EXPECT_EQ(overcommit(), good[i][0] - '0');
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (bad[i][0] != '\0')
			EXPECT_EQ(put_text(POLICY, bad[i]), EINVAL);
	EXPECT_EQ(overcommit(), 0);
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(setgid(1000) == 0 && setuid(1000) == 0);
		EXPECT_EQ(put_text(POLICY, "1"), EACCES);
		EXPECT_EQ(overcommit(), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(change, "M4 charges are counted under every policy, which may change")
{
	const int rw = PROT_READ | PROT_WRITE;
	const size_t pages = memory_total() * 3 / 4 / PG, n = pages * PG;
	char *p, *lax, *strict;
	long before;

	need_tine("the policy is for the whole computer");
	overcommit_set(COMMIT_HEURISTIC);
	before = committed_pages();
	p = map_private(n);
	lax = map(n, rw, MAP_PRIVATE | MAP_NORESERVE);
	REQUIRE(p != NULL && lax != NULL);
	EXPECT_EQ(committed_pages() - before, (long)pages);
	overcommit_set(COMMIT_STRICT);
	/* A mapping stays as it was promised; a new one is charged. */
	EXPECT(map(n, rw, MAP_PRIVATE | MAP_NORESERVE) == NULL);
	strict = map(8 * PG, rw, MAP_PRIVATE | MAP_NORESERVE);
	EXPECT(strict != NULL);
	EXPECT_EQ(committed_pages() - before, (long)pages + 8);
	EXPECT_EQ(mprotect(p, n, PROT_READ), 0);
	EXPECT_EQ(mprotect(lax, n, PROT_READ), 0);
	EXPECT_EQ(mprotect(lax, n, rw), 0);
	EXPECT_EQ(committed_pages() - before, 8);
	EXPECT_EQ(mprotect(p, n, rw), 0);
	/* The mapping is promised already and asks for nothing more. */
	EXPECT_EQ(mprotect(p, n, rw), 0);
	overcommit_set(COMMIT_ALWAYS);
	EXPECT_EQ(munmap(p, n / 2 / PG * PG), 0);
	EXPECT_AUDIT();
	EXPECT_EQ(munmap(p, n), 0);
	EXPECT_EQ(munmap(lax, n), 0);
	EXPECT_EQ(munmap(strict, 8 * PG), 0);
	EXPECT_EQ(committed_pages() - before, 0);
	EXPECT_AUDIT();
}

UTEST(large, "M5 a process that fills most of memory forks")
{
	bool eager = strcmp(strategy(), "eager") == 0;
	size_t n;
	pid_t pid;
	char *p;

	need_tine("the policy is for the whole computer");
	n = memory_total() / 256 * 150 / PG;
	p = pages_new(n);
	for (size_t i = 0; i < n; i++)
		poke(p + i * PG, (char)i);
	for (int i = 0; i < 3; i++) {
		pid = fork();
		if (pid == 0) {
			poke(p, 99);
			_exit(peek(p + n / 2 * PG) == (char)(n / 2) ? 7 : 8);
		}
		/* Copies that do not fit are refused, and no process ends. */
		if (eager)
			EXPECT_ERR(pid, ENOMEM);
		else
			EXPECT_EXIT(pid, 7);
	}
	for (size_t i = 0; i < n; i++)
		if (peek(p + i * PG) != (char)i)
			utest_fail(__FILE__, __LINE__, "page %zu is wrong", i);
	overcommit_set(COMMIT_STRICT);
	EXPECT_ERR(fork(), ENOMEM);
}

static unsigned
deep(unsigned depth)
{
	volatile char here[PG];

	here[0] = (char)depth;
	return depth == 0 ? 0 : deep(depth - 1) + (unsigned)here[0];
}

UTEST(stack,
      "M18 a stack that a limit stops is SIGSEGV, and ends no other process")
{
	struct rlimit limit;
	pid_t pid;

	need_tine("the policy is for the whole computer");
	REQUIRE(getrlimit(RLIMIT_AS, &limit) == 0);
	limit.rlim_cur = 64 * PG;
	EXPECT_SIGNAL(SIGSEGV, setrlimit(RLIMIT_AS, &limit); deep(1000));
	pid = utest_fork();
	if (pid == 0) {
		EXPECT(map_private(memory_total() - MIB) != NULL);
		overcommit_set(COMMIT_STRICT);
		deep(1000);
		utest_done();
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

/* ---- many processes ------------------------------------------------------ */

static char bss[1200 * 1024];

/*
 * Under strict, fork promises all of bss again for each child, and 256 MiB has
 * memory for 168 such promises.
 */
UTEST(many, "M16 thousands of children of a program with 1.2 MiB of bss live")
{
	static pid_t child[4000];
	const unsigned most = utest_rounds(ARRAY_LEN(child));
	unsigned n = 0;
	int fd[2];

	need_strategy("cow");
	if (memory_total() < 200 * MIB)
		SKIP("a machine of %lu MiB has no room", memory_total() / MIB);
	memset(bss, 1, sizeof(bss));
	REQUIRE(pipe(fd) == 0);
	for (; n < most; n++) {
		child[n] = fork();
		if (child[n] == 0) {
			char byte;

			close(fd[1]);
			_exit(read(fd[0], &byte, 1) != 0);
		}
		if (child[n] < 0)
			break;
	}
	EXPECT_EQ(n, most);
	utest_note("%u children, %ld KiB free", n,
		   number_in("/proc/meminfo", "MemFree"));
	close(fd[1]);
	while (n-- > 0)
		EXPECT_EXIT(child[n], 0);
}
