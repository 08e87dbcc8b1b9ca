/* SPDX-License-Identifier: MIT */
/*
 * tests/user/scale_oom.c - a process of 1 GiB in a machine without memory for
 * two.
 *
 *	scale_oom [-p MiB]
 *
 * fork() must return ENOMEM, lose no frame and end no process.
 */
#include "big.h"

/*
 * Under strict, fork is refused at once.  Otherwise an eager fork finds out on
 * the way; as a call that lacks memory it ends no process.
 */
static void
too_big(int policy)
{
	size_t n = utest_param(0, 1024) * (1ul << 20) / PG;
	long before;
	char *p;

	need_tine("elsewhere fork copies nothing");
	overcommit_set(policy);
	if (utest_ram() >= 2 * n * PG)
		SKIP("a machine of %lu MiB has room", utest_ram() >> 20);
	p = big_new(n);
	before = free_bytes();
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(1);
		if (!EXPECT_ERR(pid, ENOMEM))
			utest_wait(pid);
	}
	EXPECT_FREE(before);
	EXPECT_AUDIT();
	EXPECT_EQ(big_wrong(p, n, BIG_FIRST, n, 1, 0), 0);
	big_mark(p, n, 0, 1, BIG_PARENT);
	EXPECT_EQ(big_wrong(p, n, BIG_PARENT, n, 1, 0), 0);
	/* There is room for an eighth of it twice. */
	REQUIRE(munmap(p + n / 8 * PG, (n - n / 8) * PG) == 0);
	EXPECT_SIGNAL(SIGUSR1, big_mark(p, n / 8, 0, 1, BIG_CHILD);
		      raise(SIGUSR1));
	EXPECT_EQ(big_wrong(p, n / 8, BIG_PARENT, n, 1, 0), 0);
}

UTEST(toobig, "S4 1 GiB that does not fit twice: fork says so, all goes on")
{
	too_big(COMMIT_HEURISTIC);
}

UTEST(toobig_strict, "S4 the same under strict accounting")
{
	too_big(COMMIT_STRICT);
}
