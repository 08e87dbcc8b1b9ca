/* SPDX-License-Identifier: MIT */
/*
 * tests/user/kill_e.c - row E5: processes that fork and write are killed at any
 * moment, and no other process notices.
 *
 * All processes have inherited the same pages.  The victims write them and fork
 * until they die.  The bystanders keep reading theirs, and write them, too.
 * The test itself kills.
 */
#include "utest.h"

#include <sched.h>

enum { PAGES = 24, VICTIMS = 3, BYSTANDERS = 2 };

/* What processes that die cannot tell by themselves. */
struct tally {
	_Atomic bool stop;
	_Atomic unsigned forks, damage;
};

static char *pages;
static struct tally *tally;

/* Writes some of the pages, in another row each time, and reads them back. */
static void
scribble(unsigned seed)
{
	for (unsigned i = 0; i < PAGES; i++) {
		char *p = pages + (i * 7 + seed) % PAGES * PG;

		if ((i + seed) % 3 == 0)
			continue;
		pages_fill(p, 1, seed);
		tally->damage += pages_wrong(p, 1, seed) != 0;
	}
}

/* A child of a victim; some of these fork once more.  It ends. */
static void
offspring(unsigned seed)
{
	scribble(seed);
	if (seed % 4 == 0 && fork() == 0)
		scribble(seed + 1);
	_exit(0);
}

static void
victim(unsigned seed)
{
	char *const half = pages + PAGES / 2 * PG;

	for (;; seed++) {
		pid_t pid;

		pages_fill(pages, PAGES / 2, seed);
		pages_fill(half, PAGES / 2, seed);
		pid = fork();
		if (pid == 0)
			offspring(seed);
		if (pid < 0)
			sched_yield(); /* no memory: others will end */
		else
			tally->forks++;
		pages_fill(pages, PAGES / 2, seed + 1);
		while (pid > 0 && seed % 2 == 0 && waitpid(-1, NULL, 0) > 0)
			;
		tally->damage += pages_wrong(pages, PAGES / 2, seed + 1) != 0;
		tally->damage += pages_wrong(half, PAGES / 2, seed) != 0;
	}
}

/* In a process group of its own, with all its descendants. */
static pid_t
new_victim(unsigned seed)
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		setpgid(0, 0);
		victim(seed);
	}
	setpgid(pid, pid);
	return pid;
}

/* Looks at what it inherited and at what it wrote, and has a child look. */
static void
bystander(unsigned seed)
{
	const unsigned old = PAGES / 2;
	char *own = pages + old * PG;

	for (; !tally->stop && utest_failures == 0; seed++) {
		pid_t pid;

		pages_fill(own, PAGES - old, seed);
		EXPECT_EQ(pages_wrong(pages, old, 1), 0);
		pid = utest_fork();
		if (pid == 0) {
			EXPECT_EQ(pages_wrong(pages, old, 1), 0);
			EXPECT_EQ(pages_wrong(own, PAGES - old, seed), 0);
			pages_fill(pages, PAGES, seed + 1);
			utest_done();
		}
		EXPECT_CLEAN(pid);
		EXPECT_EQ(pages_wrong(own, PAGES - old, seed), 0);
	}
	utest_done();
}

/* Lets other processes run, each time for a different while. */
static void
wait_a_little(void)
{
	for (unsigned n = utest_random() % 4; n > 0; n--)
		sched_yield();
	for (volatile unsigned n = utest_random() % 4096; n > 0; n--)
		;
}

UTEST(e5, "E5 killed while they fork and write: no damage to others")
{
	const unsigned kills = utest_rounds(200);
	pid_t victims[VICTIMS], watchers[BYSTANDERS];

	pages = pages_new(PAGES);
	tally = shared_new(1);
	pages_fill(pages, PAGES, 1);
	for (unsigned i = 0; i < BYSTANDERS; i++) {
		watchers[i] = utest_fork();
		if (watchers[i] == 0)
			bystander(100 * (i + 1));
	}
	for (unsigned i = 0; i < VICTIMS; i++)
		victims[i] = new_victim(utest_random());
	for (unsigned n = 0; n < kills; n++) {
		pid_t *v = &victims[n % VICTIMS];

		wait_a_little();
		/* Alone, or with all its children. */
		REQUIRE(kill(n % 3 == 0 ? *v : -*v, SIGKILL) == 0);
		EXPECT_KILLED(*v, SIGKILL);
		*v = new_victim(utest_random());
		EXPECT_EQ(pages_wrong(pages, PAGES, 1), 0);
		if (n % 10 == 9)
			utest_note("%u killed, %u forks", n + 1, tally->forks);
	}
	for (unsigned i = 0; i < VICTIMS; i++) {
		REQUIRE(kill(-victims[i], SIGKILL) == 0);
		EXPECT_KILLED(victims[i], SIGKILL);
	}
	tally->stop = true;
	for (unsigned i = 0; i < BYSTANDERS; i++)
		EXPECT_CLEAN(watchers[i]);
	EXPECT(tally->forks > kills / 4);
	EXPECT_EQ(tally->damage, 0);
	EXPECT_EQ(pages_wrong(pages, PAGES, 1), 0);
}
