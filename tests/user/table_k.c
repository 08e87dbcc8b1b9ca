/* SPDX-License-Identifier: MIT */
/*
 * tests/user/table_k.c - leaf tables that several slots name, and what the
 * strategies promise to count: rows B11, D10-D12, D14, E13, F3 and K4-K8.
 *
 * A block is 2 MiB at a multiple of 2 MiB: what one leaf table maps.  A child
 * that only waits keeps the tables shared while the parent changes mappings,
 * permissions and pages in them.
 */
#include "utest.h"

#define BLOCK	  ((size_t)2 << 20)
#define PER_TABLE (BLOCK / PG)

/* n whole blocks of fresh private memory. */
static char *
blocks_new(size_t n)
{
	char *p = pages_new((n + 1) * PER_TABLE);

	return (char *)(((uintptr_t)p + BLOCK - 1) & ~(BLOCK - 1));
}

/* A child that only waits to be let go, so that what fork shared stays so. */
static pid_t
idle_child(struct peer *c)
{
	if (fork_peer(c) == 0) {
		peer_wait(c);
		utest_done();
	}
	return c->pid;
}

static void
end_child(struct peer *c)
{
	peer_post(c);
	PEER_END(c);
}

/* ---- rights and kinds of mappings inside one shared table ---- */

UTEST(b11, "B11 mprotect in the middle of a shared table touches one side only")
{
	char *p = blocks_new(1), *middle = p + 100 * PG;
	struct peer c;

	pages_fill(p, 100, 1);
	pages_fill(middle, PER_TABLE - 100, 1);
	if (fork_peer(&c) == 0) {
		REQUIRE(mprotect(middle, 8 * PG, PROT_READ) == 0);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, 100, 1), 0);
		EXPECT_FAULT(SIGSEGV, SEGV_ACCERR, middle, poke(middle, 1));
		pages_fill(p, 100, 3);
		EXPECT_EQ(pages_wrong(middle, PER_TABLE - 100, 1), 0);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(pages_wrong(p, 100, 1), 0);
	EXPECT_EQ(pages_wrong(middle, PER_TABLE - 100, 1), 0);
	pages_fill(p, PER_TABLE, 2);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(p, PER_TABLE, 2), 0);
	EXPECT_AUDIT();
}

UTEST(b11_unmap,
      "B11 munmap in the middle of a shared table touches one side only")
{
	char *p = blocks_new(1), *middle = p + 100 * PG;
	struct peer c;

	pages_fill(p, PER_TABLE, 1);
	if (fork_peer(&c) == 0) {
		REQUIRE(munmap(middle, 8 * PG) == 0);
		EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, middle, peek(middle));
		EXPECT_EQ(pages_wrong(p, 100, 1), 0);
		peer_post(&c);
		peer_wait(&c);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(pages_wrong(p, PER_TABLE, 1), 0);
	EXPECT_AUDIT();
	peer_post(&c);
	PEER_END(&c);
	pages_fill(p, PER_TABLE, 2);
}

UTEST(d10, "D10 shared and private pages in one table keep their rules")
{
	char *p = blocks_new(1), *shared = p + 7 * PG;
	struct peer c;

	pages_fill(p, 4, 1);
	REQUIRE(mmap(shared, PG, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == shared);
	poke(shared, 'a');
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(peek(shared), 'p');
		EXPECT_EQ(pages_wrong(p, 4, 1), 0);
		pages_fill(p, 4, 3);
		poke(shared, 'c');
		utest_done();
	}
	poke(shared, 'p');
	pages_fill(p, 4, 2);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(peek(shared), 'c');
	EXPECT_EQ(pages_wrong(p, 4, 2), 0);
}

UTEST(d10_later, "D10 a shared page mapped into a table that is shared already")
{
	char *p = blocks_new(1), *shared = p + 7 * PG;
	struct peer c, d;

	pages_fill(p, 4, 1);
	idle_child(&c);
	REQUIRE(mmap(shared, PG, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == shared);
	if (fork_peer(&d) == 0) {
		poke(shared, 's');
		EXPECT_EQ(pages_wrong(p, 4, 1), 0);
		pages_fill(p, 4, 2);
		utest_done();
	}
	PEER_END(&d);
	EXPECT_EQ(peek(shared), 's');
	EXPECT_EQ(pages_wrong(p, 4, 1), 0);
	end_child(&c);
}

UTEST(d8, "D8 a page filled in a shared table is seen by its own side only")
{
	char *p = blocks_new(1);
	struct peer c;

	poke(p, 1); /* the table exists and is shared */
	if (fork_peer(&c) == 0) {
		poke(p + 9 * PG, 'c');
		EXPECT_EQ(peek(p + 10 * PG), 0);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(peek(p + 9 * PG), 'c');
		EXPECT_EQ(peek(p + 11 * PG), 0);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_AUDIT();
	EXPECT_EQ(peek(p + 9 * PG), 0);
	poke(p + 9 * PG, 'p');
	poke(p + 11 * PG, 'p');
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(peek(p + 9 * PG), 'p');
}

UTEST(d11, "D11 pages advised DONTFORK are absent in the child")
{
	char *p = blocks_new(1);
	pid_t pid;

	if (on_qemu_user())
		SKIP("qemu-riscv64 does not pass this advice on");
	pages_fill(p, 8, 1);
	REQUIRE(madvise(p + 2 * PG, 2 * PG, MADV_DONTFORK) == 0);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(pages_wrong(p, 1, 1), 0);
		EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, p + 2 * PG,
			     peek(p + 2 * PG));
		pages_fill(p + 4 * PG, 4, 2);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(pages_wrong(p, 8, 1), 0);
	pages_fill(p, 8, 3);
}

UTEST(d12, "D12 pages advised WIPEONFORK are zero in child and grandchild")
{
	char *p = blocks_new(1);
	pid_t pid;

	if (on_qemu_user())
		SKIP("qemu-riscv64 does not pass this advice on");
	pages_fill(p, 8, 1);
	REQUIRE(madvise(p + 2 * PG, 2 * PG, MADV_WIPEONFORK) == 0);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(bytes_wrong(p + 2 * PG, 2 * PG, 0), 0);
		pages_fill(p, 8, 2);
		pid = utest_fork();
		if (pid == 0) {
			EXPECT_EQ(bytes_wrong(p + 2 * PG, 2 * PG, 0), 0);
			EXPECT_EQ(pages_wrong(p, 2, 2), 0);
			utest_done();
		}
		EXPECT_CLEAN(pid);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(pages_wrong(p, 8, 1), 0);
}

UTEST(d14, "D14 mremap moves forked pages into another shared table")
{
	char *p = blocks_new(3), *q;
	struct peer c;

	/* From the middle of one table to a place that the kernel chooses. */
	pages_fill(p, 2 * PER_TABLE, 1);
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, 2 * PER_TABLE, 1), 0);
		utest_done();
	}
	q = mremap(p + PER_TABLE / 2 * PG, BLOCK, 2 * BLOCK, MREMAP_MAYMOVE);
	REQUIRE(q != MAP_FAILED);
	for (size_t i = 0; i < PER_TABLE; i++) {
		volatile uint64_t *word = (uint64_t *)(q + i * PG);

		*word = i;
	}
	EXPECT_EQ(pages_wrong(p, PER_TABLE / 2, 1), 0);
	EXPECT_EQ(bytes_wrong(q + BLOCK, BLOCK, 0), 0);
	peer_post(&c);
	PEER_END(&c);
	for (size_t i = 0; i < PER_TABLE; i++)
		EXPECT_EQ(*(volatile uint64_t *)(q + i * PG), i);
	EXPECT_AUDIT();
}

UTEST(d14_hole, "D14 mremap moves pages into a hole of a shared table")
{
	char *p = blocks_new(1), *hole = p + 64 * PG, *src = pages_new(32), *q;
	struct peer c;

	pages_fill(p, PER_TABLE, 1);
	pages_fill(src, 8, 2);
	REQUIRE(munmap(hole, 32 * PG) == 0);
	q = mmap(NULL, 32 * PG, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(q != MAP_FAILED && munmap(q, 32 * PG) == 0);
	if (q != hole)
		SKIP("the hole is not where the next mapping goes");
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_FAULT(SIGSEGV, SEGV_MAPERR, hole, peek(hole));
		EXPECT_EQ(pages_wrong(p, 64, 1), 0);
		EXPECT_EQ(pages_wrong(src, 8, 2), 0);
		utest_done();
	}
	/* The next mapping is in the way of growing in place. */
	q = mremap(src, 31 * PG, 32 * PG, MREMAP_MAYMOVE);
	EXPECT(q == hole);
	EXPECT_EQ(pages_wrong(q, 8, 2), 0);
	pages_fill(q, 32, 3);
	EXPECT_AUDIT();
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(q, 32, 3), 0);
	EXPECT_EQ(pages_wrong(p, 64, 1), 0);
}

UTEST(d14_discard,
      "D14 discarding one mapping of a shared table spares the rest")
{
	char *p = blocks_new(1);
	struct peer c;

	pages_fill(p, PER_TABLE, 1);
	/* Two mappings that cover the block together. */
	REQUIRE(mprotect(p, 16 * PG, PROT_READ) == 0);
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, PER_TABLE, 1), 0);
		utest_done();
	}
	REQUIRE(madvise(p, BLOCK, MADV_DONTNEED) == 0);
	EXPECT_EQ(bytes_wrong(p, BLOCK, 0), 0);
	peer_post(&c);
	PEER_END(&c);
}

/* ---- lives and deaths of a shared table ---- */

UTEST(e13, "E13 both sides unshare one table, the old one is freed once")
{
	char *p = blocks_new(1);

	for (unsigned i = 0; i < utest_rounds(200); i++) {
		struct peer c;

		pages_fill(p, 16, i);
		if (fork_peer(&c) == 0) {
			peer_post(&c);
			pages_fill(p, 16, i + 1);
			EXPECT_EQ(pages_wrong(p, 16, i + 1), 0);
			utest_done();
		}
		peer_wait(&c);
		pages_fill(p, 16, i + 2);
		PEER_END(&c);
		EXPECT_EQ(pages_wrong(p, 16, i + 2), 0);
	}
	EXPECT_AUDIT();
}

UTEST(e13_chain, "E13 a table shared by many is given up in any order")
{
	unsigned n = utest_processes(12);
	char *p = blocks_new(1);
	struct peer c[12];

	pages_fill(p, PER_TABLE, 1);
	for (unsigned i = 0; i < n; i++) {
		if (fork_peer(&c[i]) == 0) {
			peer_wait(&c[i]);
			EXPECT_EQ(pages_wrong(p, PER_TABLE, 1), 0);
			if (i % 3 == 0)
				pages_fill(p + i * PG, 4, 100 + i);
			if (i % 3 == 1)
				munmap(p, BLOCK);
			utest_done();
		}
	}
	poke(p, 'x');
	for (unsigned i = 0; i < n; i++)
		end_child(&c[i * 7 % n]);
	EXPECT_EQ(peek(p), 'x');
	EXPECT_EQ(pages_wrong(p, PER_TABLE, 1), 1);
	EXPECT_AUDIT();
}

/* The nth allocation fails for n = 1, 2, ..: -ENOMEM and nothing changed. */
#define EACH_SHORTAGE(fd, p, call)                                     \
	do {                                                           \
		long r_ = -1;                                          \
		for (long n_ = 1; r_ != 0 && n_ < 100; n_++) {         \
			fail_arm((fd), n_);                            \
			r_ = (call);                                   \
			if (fail_disarm(fd) > 0)                       \
				EXPECT_EQ(r_, 0);                      \
			else                                           \
				EXPECT(r_ == 0 || errno == ENOMEM);    \
			if (r_ != 0)                                   \
				EXPECT_EQ(pages_wrong((p), 36, 1), 0); \
		}                                                      \
		EXPECT_EQ(r_, 0);                                      \
	} while (0)

UTEST(f3,
      "F3 shared tables: munmap, mprotect, madvise fail whole or not at all")
{
	int fd = fail_open();
	char *p = blocks_new(1);
	struct peer c;

	pages_fill(p, 36, 1);
	pages_fill(p + 36 * PG, PER_TABLE - 36, 1);
	idle_child(&c);
	EACH_SHORTAGE(fd, p, mprotect(p + 8 * PG, 4 * PG, PROT_READ));
	end_child(&c);
	idle_child(&c);
	EACH_SHORTAGE(fd, p, madvise(p + 16 * PG, 4 * PG, MADV_DONTFORK));
	end_child(&c);
	idle_child(&c);
	EACH_SHORTAGE(fd, p, munmap(p + 32 * PG, 4 * PG));
	EXPECT_EQ(pages_wrong(p, 32, 1), 0);
	EXPECT_EQ(pages_wrong(p + 36 * PG, PER_TABLE - 36, 1), 0);
	end_child(&c);
	EXPECT_AUDIT();
}

/* ---- what the strategies count ---- */

/* Forks a child that stays a while; how much that raises a counter. */
static long
fork_growth(const char *name)
{
	long before = stat_get(name), after;
	struct peer c;

	REQUIRE(before >= 0);
	before = stat_get(name);
	idle_child(&c);
	after = stat_get(name);
	end_child(&c);
	return after - before;
}

UTEST(k4, "K4 ondemand: a second fork does not look at untouched memory")
{
	long leaves, stripped;
	struct peer c;
	char *p;

	need_strategy("ondemand");
	fork_growth("leaves_seen");
	leaves = fork_growth("leaves_seen");
	stripped = fork_growth("w_stripped");
	p = blocks_new(4);
	pages_fill(p, 4 * PER_TABLE, 1);
	EXPECT(fork_growth("w_stripped") >= stripped + 4 * (long)PER_TABLE);
	/* The harness's own pages vary; these are 2,048. */
	EXPECT(fork_growth("leaves_seen") < leaves + 20);
	EXPECT(fork_growth("w_stripped") < stripped + 20);
	EXPECT_EQ(fork_growth("pages_copied_at_fork"), 0);
	EXPECT(fork_growth("tables_shared") >= 4);
	idle_child(&c);
	EXPECT_EQ(pages_wrong(p, 4 * PER_TABLE, 1), 0);
	end_child(&c);
}

UTEST(k5, "K5 ondemand: a written byte copies one table and one page")
{
	long tables, pages;
	struct peer c;
	char *p;

	need_strategy("ondemand");
	p = blocks_new(2);
	pages_fill(p, 2 * PER_TABLE, 1);
	if (fork_peer(&c) == 0) {
		tables = stat_get("tables_copied");
		pages = stat_get("break_copy");
		tables = stat_get("tables_copied");
		pages = stat_get("break_copy");
		poke(p + 5 * PG, 2);
		EXPECT_GREW("tables_copied", tables, 1);
		EXPECT_GREW("break_copy", pages, 1);
		poke(p + 6 * PG, 2);
		EXPECT_GREW("tables_copied", tables, 1);
		EXPECT_GREW("break_copy", pages, 2);
		utest_done();
	}
	EXPECT_CLEAN(c.pid);
	EXPECT_EQ(pages_wrong(p, 2 * PER_TABLE, 1), 0);
}

UTEST(k6, "K6 lazy: fork looks at no leaf of plain memory, even the first time")
{
	long leaves, copied;
	char *p;

	need_strategy("lazy");
	fork_growth("leaves_seen");
	leaves = fork_growth("leaves_seen");
	p = blocks_new(4);
	pages_fill(p, 4 * PER_TABLE, 1);
	/* The harness's own pages vary; these are 2,048. */
	EXPECT(fork_growth("leaves_seen") < leaves + 20);
	copied = fork_growth("pages_copied_at_fork");
	EXPECT_EQ(copied, 0);
	EXPECT(fork_growth("tables_shared") >= 4);
	EXPECT_EQ(pages_wrong(p, 4 * PER_TABLE, 1), 0);
}

UTEST(k6_last,
      "K6 lazy: the last owner of a table does not write what is shared")
{
	char *p = blocks_new(1);
	struct peer c;

	need_strategy("lazy");
	pages_fill(p, 32, 1);
	if (fork_peer(&c) == 0) {
		/* The child attaches first, by reading: its table is a copy. */
		EXPECT_EQ(pages_wrong(p, 32, 1), 0);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(pages_wrong(p, 32, 1), 0);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_AUDIT();
	pages_fill(p, 32, 2);
	EXPECT_AUDIT();
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(pages_wrong(p, 32, 2), 0);
}

UTEST(k7, "K7 hybrid: a server that writes the same 10 pages stops faulting")
{
	char *p;

	need_strategy("hybrid");
	p = blocks_new(1);
	pages_fill(p, 100, 1);
	for (unsigned round = 1; round <= 6; round++) {
		long copies, hits = stat_get("hot_hits");
		struct peer c;

		idle_child(&c);
		copies = stat_get("break_copy");
		copies = stat_get("break_copy");
		for (unsigned i = 0; i < 10; i++)
			poke(p + i * PG, (char)round);
		if (round >= 3) {
			EXPECT_GREW("break_copy", copies, 0);
			EXPECT(stat_get("hot_hits") - hits >= 9);
		}
		end_child(&c);
	}
}

UTEST(k7_stop, "K7 hybrid: a page that is no longer written is shared again")
{
	long copies = 0;
	struct peer c;
	char *p;

	need_strategy("hybrid");
	p = blocks_new(1);
	pages_fill(p, 50, 1);
	for (unsigned round = 0; round < 3; round++) {
		idle_child(&c);
		pages_fill(p, 50, 2);
		end_child(&c);
	}
	for (unsigned round = 0; round < 3; round++)
		copies = fork_growth("pages_copied_at_fork");
	/* Stack, thread pointer and what the harness itself writes remain. */
	EXPECT(copies < 25);
}

UTEST(k8,
      "K8 a page never touched before fork takes one fault on its first write")
{
	char *p = pages_new(64);
	long fills, again;
	struct peer c;

	need_tine("there are no counters elsewhere");
	if (fork_peer(&c) == 0) {
		fills = stat_get("fill_zero");
		fills = stat_get("fill_zero");
		again = stat_get("spurious");
		for (unsigned i = 0; i < 64; i++)
			poke(p + i * PG, 1);
		EXPECT_GREW("fill_zero", fills, 64);
		EXPECT_GREW("spurious", again, 0);
		utest_done();
	}
	EXPECT_CLEAN(c.pid);
	EXPECT_EQ(bytes_wrong(p, 64 * PG, 0), 0);
}
