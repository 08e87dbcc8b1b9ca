/* SPDX-License-Identifier: MIT */
/*
 * tests/user/map_d.c - kinds of mapping across fork: rows D1-D8, D13 and D15.
 *
 * Shared memory stays shared, private file pages never reach the file, and the
 * zero frame stays zero.  Both sides of a fork write, and each then looks at
 * its memory and at the file.  table_k.c has the rows about leaf tables, D10 to
 * D14.
 */
#include "utest.h"

/* Each level writes its word and then sees those of all the levels below. */
static void
level(volatile uint32_t *w, unsigned i)
{
	pid_t pid;

	w[i] = 0x1000 + i;
	w[1024 + i] = 0x2000 + i;
	if (i < 3) {
		pid = utest_fork();
		if (pid == 0) {
			level(w, i + 1);
			utest_done();
		}
		EXPECT_CLEAN(pid);
	}
	for (unsigned k = 0; k <= 3; k++) {
		EXPECT_EQ(w[k], 0x1000 + k);
		EXPECT_EQ(w[1024 + k], 0x2000 + k);
	}
}

UTEST(d1, "D1 shared anonymous memory is seen through 3 levels of fork")
{
	level(shared_new(2), 0);
}

UTEST(d1_late, "D1 shared pages first touched after fork are shared too")
{
	volatile uint32_t *w = shared_new(2);
	struct peer c;

	if (fork_peer(&c) == 0) {
		w[0] = 11;
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(w[1024], 22);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(w[0], 11);
	w[1024] = 22;
	peer_post(&c);
	PEER_END(&c);
}

UTEST(d2, "D2 a store to shared memory after fork copies nothing")
{
	volatile uint32_t *w = shared_new(2);
	long copies = -1;
	struct peer c;

	w[0] = 1;
	w[1024] = 1;
	if (fork_peer(&c) == 0) {
		for (int i = 0; i < 2; i++)
			copies = stat_get("break_copy");
		w[0]++;
		w[1024]++;
		EXPECT_GREW("break_copy", copies, 0);
		utest_done();
	}
	for (int i = 0; i < 2; i++)
		copies = stat_get("break_copy");
	__atomic_fetch_add(&w[1], 5, __ATOMIC_SEQ_CST);
	EXPECT_GREW("break_copy", copies, 0);
	PEER_END(&c);
	EXPECT_EQ(w[0], 2);
	EXPECT_EQ(w[1024], 2);
	EXPECT_EQ(w[1], 5);
}

UTEST(d3, "D3 a shared file mapping: both write, the file has both")
{
	int fd = temp_file_of('f', 2 * PG);
	char *p = mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	static char back[2 * PG];
	struct peer c;
	int got;

	REQUIRE(p != MAP_FAILED);
	poke(p, 'p');
	if (fork_peer(&c) == 0) {
		EXPECT_EQ(peek(p), 'p');
		poke(p + 1, 'c');
		poke(p + PG, 'c');
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(peek(p + PG + 1), 'P');
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(peek(p + 1), 'c');
	poke(p + PG + 1, 'P');
	peer_post(&c);
	PEER_END(&c);
	got = msync(p, 2 * PG, MS_SYNC);
	EXPECT(got == 0 || errno == ENOSYS);
	REQUIRE(pread(fd, back, sizeof(back), 0) == sizeof(back));
	EXPECT_EQ(memcmp(back, "pcff", 4), 0);
	EXPECT_EQ(memcmp(back + PG, "cPff", 4), 0);
	/* A write to the file must also show in the mapping. */
	REQUIRE(pwrite(fd, "w", 1, 2) == 1);
	EXPECT_EQ(peek(p + 2), 'w');
	REQUIRE(munmap(p, 2 * PG) == 0);
	REQUIRE(pread(fd, back, 3, 0) == 3);
	EXPECT_EQ(memcmp(back, "pcw", 3), 0);
}

static char *
private_file(int fd, size_t n)
{
	char *p =
		mmap(NULL, n * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	REQUIRE(p != MAP_FAILED);
	return p;
}

/* The file itself and a mapping made now show nothing but c. */
static void
file_is(int fd, size_t n, int c)
{
	char *q = private_file(fd, n);
	static char back[4 * PG];

	EXPECT_EQ(bytes_wrong(q, n * PG, c), 0);
	REQUIRE(munmap(q, n * PG) == 0);
	REQUIRE(pread(fd, back, n * PG, 0) == (ssize_t)(n * PG));
	EXPECT_EQ(bytes_wrong(back, n * PG, c), 0);
}

UTEST(d4, "D4 a private file page written by the child stays the child's")
{
	int fd = temp_file_of('f', 3 * PG);
	char *p = private_file(fd, 3);
	struct peer third, c;

	/* A third process has the same mapping; one page has been read. */
	EXPECT_EQ(peek(p), 'f');
	if (fork_peer(&third) == 0) {
		peer_wait(&third);
		EXPECT_EQ(bytes_wrong(p, 3 * PG, 'f'), 0);
		file_is(fd, 3, 'f');
		utest_done();
	}
	if (fork_peer(&c) == 0) {
		memset(p, 'c', 2 * PG);
		EXPECT_EQ(bytes_wrong(p, 2 * PG, 'c'), 0);
		EXPECT_EQ(bytes_wrong(p + 2 * PG, PG, 'f'), 0);
		file_is(fd, 3, 'f');
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(bytes_wrong(p, 2 * PG, 'c'), 0);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(bytes_wrong(p, 3 * PG, 'f'), 0);
	file_is(fd, 3, 'f');
	peer_post(&third);
	PEER_END(&third);
	peer_post(&c);
	PEER_END(&c);
}

UTEST(d5, "D5 the child inherits a private file page its parent wrote")
{
	int fd = temp_file_of('f', 2 * PG);
	char *p = private_file(fd, 2);
	struct peer c;

	memset(p, 'p', PG);
	if (fork_peer(&c) == 0) {
		EXPECT_EQ(bytes_wrong(p, PG, 'p'), 0);
		EXPECT_EQ(bytes_wrong(p + PG, PG, 'f'), 0);
		memset(p, 'c', PG);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(bytes_wrong(p, PG, 'c'), 0);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(bytes_wrong(p, PG, 'p'), 0);
	memset(p, 'q', PG);
	file_is(fd, 2, 'f');
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(bytes_wrong(p, PG, 'q'), 0);
	EXPECT_EQ(bytes_wrong(p + PG, PG, 'f'), 0);
}

UTEST(d6, "D6 the only mapper of a private file page copies it to write")
{
	int fd = temp_file_of('f', 2 * PG);
	char *p = private_file(fd, 2);
	long reuses;

	EXPECT_EQ(bytes_wrong(p, 2 * PG, 'f'), 0);
	reuses = stat_get("break_reuse");
	reuses = stat_get("break_reuse");
	memset(p, 'p', 2 * PG);
	EXPECT_GREW("break_reuse", reuses, 0);
	EXPECT_EQ(bytes_wrong(p, 2 * PG, 'p'), 0);
	file_is(fd, 2, 'f');
	EXPECT_AUDIT();
}

UTEST(d6_fork, "D6 the same when a forked child was the other mapper")
{
	int fd = temp_file_of('f', PG);
	char *p = private_file(fd, 1);
	pid_t pid;

	EXPECT_EQ(bytes_wrong(p, PG, 'f'), 0);
	pid = utest_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_EXIT(pid, 0);
	memset(p, 'p', PG);
	file_is(fd, 1, 'f');
	EXPECT_EQ(bytes_wrong(p, PG, 'p'), 0);
}

static void
zero_then_own(char *p, unsigned seed, struct peer *other)
{
	EXPECT_EQ(bytes_wrong(p, 8 * PG, 0), 0);
	pages_fill(p, 4, seed);
	peer_post(other);
	peer_wait(other);
	EXPECT_EQ(pages_wrong(p, 4, seed), 0);
	EXPECT_EQ(bytes_wrong(p + 4 * PG, 4 * PG, 0), 0);
}

/* Both sides of a fork write pages that read as zero, and a new one is zero. */
static void
both_from_zero(char *p)
{
	struct peer c;
	char *q;

	if (fork_peer(&c) == 0) {
		zero_then_own(p, 2, &c);
		utest_done();
	}
	zero_then_own(p, 3, &c);
	PEER_END(&c);
	q = pages_new(8);
	EXPECT_EQ(bytes_wrong(q, 8 * PG, 0), 0);
	EXPECT_AUDIT();
}

UTEST(d7, "D7 pages that were only read: both write, zero stays zero")
{
	char *p = pages_new(8);

	EXPECT_EQ(bytes_wrong(p, 8 * PG, 0), 0);
	both_from_zero(p);
}

UTEST(d8, "D8 pages never touched: both write, zero stays zero")
{
	both_from_zero(pages_new(8));
}

UTEST(d8_count, "D8 a page never touched takes one fault after fork")
{
	/* What ends a fault; only the last of them may have happened. */
	static const char *const counters[] = {
		"break_copy", "break_reuse", "break_zero", "break_file",
		"fill_file",  "spurious",    "fill_zero",
	};
	long before[ARRAY_LEN(counters)];
	char *p = pages_new(8);
	struct peer c;

	need_tine("counts faults");
	fork_peer(&c);
	for (int twice = 0; twice < 2; twice++)
		for (size_t i = 0; i < ARRAY_LEN(counters); i++)
			before[i] = stat_get(counters[i]);
	for (size_t i = 0; i < 8; i++)
		poke(p + i * PG, 1);
	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		EXPECT_GREW(counters[i], before[i],
			    i == ARRAY_LEN(counters) - 1 ? 8 : 0);
	if (c.pid == 0)
		utest_done();
	PEER_END(&c);
}

/*
 * Two private pages of a file; the write gives the process its own second page.
 */
static char *
half_broken(int fd)
{
	char *p =
		mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);

	REQUIRE(p != MAP_FAILED);
	EXPECT_EQ(bytes_wrong(p, 2 * PG, 'f'), 0);
	poke(p + PG, 'w');
	return p;
}

UTEST(d13, "D13 a truncated file: SIGBUS on its pages and on copies, in both")
{
	int fd = temp_file_of('f', 2 * PG);
	char *p = half_broken(fd);
	struct peer c;

	fork_peer(&c);
	if (c.pid != 0) {
		EXPECT_EQ(ftruncate(fd, 0), 0);
		peer_post(&c);
	} else {
		peer_wait(&c);
	}
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, p, peek(p));
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, p, poke(p, 'x'));
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, p + PG, peek(p + PG));
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, p + PG, poke(p + PG, 'x'));
	/* After the file has grown again, its new pages are zero. */
	if (c.pid != 0) {
		peer_wait(&c);
		EXPECT_EQ(ftruncate(fd, 2 * PG), 0);
		peer_post(&c);
	} else {
		peer_post(&c);
		peer_wait(&c);
	}
	EXPECT_EQ(bytes_wrong(p, 2 * PG, 0), 0);
	poke(p + PG, c.pid == 0 ? 'c' : 'p');
	EXPECT_EQ(peek(p + PG), c.pid == 0 ? 'c' : 'p');
	if (c.pid == 0)
		utest_done();
	PEER_END(&c);
	file_is(fd, 2, 0);
	close(fd);
}

UTEST(d13_part, "D13 the page that a truncated file ends in stays one's own")
{
	int fd = temp_file_of('f', 3 * PG);
	char *p = private_file(fd, 3);

	memset(p, 'w', 3 * PG);
	EXPECT_EQ(ftruncate(fd, PG + 100), 0);
	EXPECT_EQ(bytes_wrong(p, 2 * PG, 'w'), 0);
	EXPECT_FAULT(SIGBUS, BUS_ADRERR, p + 2 * PG, peek(p + 2 * PG));
	EXPECT_EQ(ftruncate(fd, 3 * PG), 0);
	EXPECT_EQ(bytes_wrong(p, 2 * PG, 'w'), 0);
	EXPECT_EQ(bytes_wrong(p + 2 * PG, PG, 0), 0);
	EXPECT_AUDIT();
}

UTEST(d15, "D15 one file, shared in the parent and private in the child")
{
	int fd = temp_file_of('f', 2 * PG);
	char *shared =
		mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct peer c;

	REQUIRE(shared != MAP_FAILED);
	poke(shared, '1');
	if (fork_peer(&c) == 0) {
		char *own = mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE, fd, 0);

		REQUIRE(own != MAP_FAILED);
		EXPECT_EQ(peek(own), '1');
		poke(own + PG, 'c');
		EXPECT_EQ(peek(shared + PG), 'f');
		poke(shared, '2'); /* the mapping of before the fork */
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(peek(own + PG), 'c');
		EXPECT_EQ(peek(shared + PG), '3');
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(peek(shared), '2');
	EXPECT_EQ(peek(shared + PG), 'f');
	poke(shared + PG, '3');
	peer_post(&c);
	PEER_END(&c);
	close(fd);
}
