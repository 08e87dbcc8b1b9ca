/* SPDX-License-Identifier: MIT */
/*
 * tests/user/scale.c - a thousand processes at once, and one of 1 GiB.
 *
 *	scale [-p processes] [-p MiB]
 *
 * The many share a page that none of them writes and each write a page of their
 * own; /proc must list each process once.  The big one forks, and both sides
 * write a few pages and compare all.
 */
#include "big.h"

#include <dirent.h>
#include <sys/sysinfo.h>

/* ---- many processes ----------------------------------------------------- */

enum { PARENT = 1 << 20 }; /* the pattern of pages that no child writes */

struct crowd {
	unsigned n;
	pid_t *pid;   /* ascending, as long as numbers do not wrap */
	char *own;    /* a page that each child writes */
	char *kept;   /* a page that no child writes */
	int tell[2];  /* children to parent: 'y' or 'n' */
	int check[2]; /* parent to children: look at your page */
	int stay[2];  /* nothing is ever written to it */
};

static void
crowd_tell(const struct crowd *c, unsigned i)
{
	EXPECT_EQ(pages_wrong(c->own, 1, i), 0);
	EXPECT_EQ(pages_wrong(c->kept, 1, PARENT), 0);
	REQUIRE(write(c->tell[1], utest_failures == 0 ? "y" : "n", 1) == 1);
}

/* Child i: writes its page, looks at it again when told, then only lives. */
static void
crowd_child(const struct crowd *c, unsigned i)
{
	char byte;

	EXPECT_EQ(pages_wrong(c->own, 1, PARENT), 0);
	pages_fill(c->own, 1, i);
	crowd_tell(c, i);
	REQUIRE(read(c->check[0], &byte, 1) == 1);
	crowd_tell(c, i);
	REQUIRE(read(c->stay[0], &byte, 1) == 1);
	utest_done();
}

/* Every child has told that all is well. */
static void
crowd_hear(const struct crowd *c)
{
	for (unsigned i = 0; i < c->n; i++) {
		char byte = 0;

		REQUIRE(read(c->tell[0], &byte, 1) == 1);
		REQUIRE_EQ(byte, 'y');
	}
}

static void
crowd_gather(struct crowd *c, unsigned n)
{
	c->n = n;
	c->pid = malloc(n * sizeof(*c->pid));
	REQUIRE(c->pid != NULL);
	c->own = pages_new(1);
	c->kept = pages_new(1);
	pages_fill(c->own, 1, PARENT);
	pages_fill(c->kept, 1, PARENT);
	REQUIRE(pipe(c->tell) == 0 && pipe(c->check) == 0 &&
		pipe(c->stay) == 0);
	for (unsigned i = 0; i < n; i++) {
		if (i % 250 == 0)
			utest_note("%u forked", i);
		c->pid[i] = utest_fork();
		if (c->pid[i] == 0)
			crowd_child(c, i);
	}
	crowd_hear(c);
}

/* A crowd's position of a pid, or -1. */
static int
crowd_find(const struct crowd *c, pid_t pid)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->pid[i] == pid)
			return (int)i;
	return -1;
}

/* The state letter of a child of this process, from its stat file. */
static char
state_of_child(pid_t pid)
{
	char path[40], text[512], state = '?';
	int fd, ppid = -1;
	ssize_t n;
	char *p;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	REQUIRE(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	REQUIRE(n > 0);
	text[n] = '\0';
	p = strrchr(text, ')');
	REQUIRE(p != NULL && sscanf(p + 1, " %c %d", &state, &ppid) == 2);
	EXPECT_EQ(ppid, getpid());
	return state;
}

/* How many of them /proc lists: each once, and none of them dead. */
static unsigned
crowd_listed(const struct crowd *c)
{
	DIR *d = opendir("/proc");
	char *seen = calloc(c->n, 1);
	unsigned found = 0;
	struct dirent *e;

	REQUIRE(d != NULL && seen != NULL);
	while ((e = readdir(d)) != NULL) {
		int i = crowd_find(c, atoi(e->d_name));

		if (i < 0)
			continue;
		EXPECT_EQ(seen[i]++, 0);
		EXPECT(strchr("RS", state_of_child(c->pid[i])) != NULL);
		found++;
	}
	closedir(d);
	free(seen);
	return found;
}

static unsigned
system_processes(void)
{
	struct sysinfo info;

	REQUIRE(sysinfo(&info) == 0);
	return info.procs;
}

/* Half of them by their numbers, the newest first; the rest as they come. */
static void
crowd_reap(const struct crowd *c)
{
	for (unsigned i = c->n; i > c->n / 2; i--)
		EXPECT_KILLED(c->pid[i - 1], SIGKILL);
	for (unsigned i = 0; i < c->n / 2; i++) {
		int status = 0, at = crowd_find(c, wait(&status));

		REQUIRE(at >= 0);
		EXPECT_EQ(status & 0x7f, SIGKILL);
	}
	EXPECT_ERR(wait(NULL), ECHILD);
}

UTEST(crowd, "S2 a thousand processes live at once, each with its own page")
{
	char *checks;
	struct crowd c;
	unsigned before;

	need_tine("looks at /proc, where others are, too");
	before = system_processes();
	crowd_gather(&c, utest_param(0, 1000));
	utest_note("%u live", c.n);
	EXPECT_EQ(system_processes() - before, c.n);
	EXPECT_EQ(crowd_listed(&c), c.n);
	utest_note("listed");
	checks = calloc(c.n, 1);
	REQUIRE(checks != NULL);
	REQUIRE(write(c.check[1], checks, c.n) == (ssize_t)c.n);
	crowd_hear(&c);
	EXPECT_EQ(pages_wrong(c.own, 1, PARENT), 0);
	utest_note("checked");
	for (unsigned i = 0; i < c.n; i++)
		EXPECT_EQ(kill(c.pid[i], SIGKILL), 0);
	crowd_reap(&c);
	EXPECT_EQ(system_processes(), before);
}

/* ---- a big process ------------------------------------------------------ */

enum { STEP = 509 };

UTEST(big, "S3 1 GiB forks, and both sides keep what they had and write")
{
	size_t n = utest_param(1, 1024) * (1ul << 20) / PG;
	struct peer c;
	char *p;

	need_tine("Linux has no strategies to compare");
	if (utest_ram() < 3 * n * PG)
		SKIP("a machine of %lu MiB is too small", utest_ram() >> 20);
	p = big_new(n);
	fork_peer(&c);
	if (c.pid == 0) {
		EXPECT_EQ(big_wrong(p, n, BIG_FIRST, n, 1, 0), 0);
		big_mark(p, n, 1, STEP, BIG_CHILD);
		utest_note("the child has looked and written");
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(big_wrong(p, n, BIG_FIRST, 1, STEP, BIG_CHILD), 0);
		EXPECT(big_resident() >= n);
		utest_done();
	}
	peer_wait(&c);
	big_mark(p, n, 0, STEP, BIG_PARENT);
	EXPECT_EQ(big_wrong(p, n, BIG_FIRST, 0, STEP, BIG_PARENT), 0);
	utest_note("so has the parent");
	peer_post(&c);
	PEER_END(&c);
	utest_note("the child has left");
	EXPECT_AUDIT();
	big_mark(p, n, 0, 1, BIG_CHILD);
	EXPECT_EQ(big_wrong(p, n, BIG_CHILD, n, 1, 0), 0);
}
