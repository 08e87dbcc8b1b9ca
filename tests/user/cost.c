/*
 * tests/user/cost.c - what things cost, and in what that grows.
 *
 * Only for a QEMU with one hart that counts instructions (-icount shift=0):
 * there a nanosecond is an instruction, and every figure is the same each time.
 */
#include "utest.h"

/* ---- fork under cow ------------------------------------------------------ */

enum { TABLE = 512 }; /* pages that a leaf table maps */

/*
 * The least that the kernel counted for a fork with `tables` leaf tables more
 * than the program has itself, each with so many present pages, all writable.
 */
static long
fork_cost(size_t tables, size_t pages)
{
	size_t span = (tables + 1) * TABLE * PG;
	long least = -1;
	char *p = mmap(NULL, span, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char *first = (char *)(((uintptr_t)p + TABLE * PG - 1) &
			       ~(uintptr_t)(TABLE * PG - 1));

	REQUIRE(p != MAP_FAILED);
	for (int round = 0; round < 4; round++) {
		long before, cost;
		pid_t pid;

		for (size_t t = 0; t < tables; t++)
			for (size_t i = 0; i < pages; i++)
				poke(first + (t * TABLE + i) * PG, 1);
		before = stat_get("fork_instret");
		REQUIRE(before >= 0);
		pid = utest_fork();
		if (pid == 0)
			_exit(0);
		EXPECT_EXIT(pid, 0);
		cost = stat_get("fork_instret") - before;
		if (round > 0 && (least < 0 || cost < least))
			least = cost;
	}
	REQUIRE(munmap(p, span) == 0);
	return least;
}

static void
expect_fit(double a, double b, double c, size_t tables, size_t pages)
{
	double fit = a + b * (double)tables + c * (double)(tables * pages);
	long cost = fork_cost(tables, pages);

	utest_note("%zu tables of %zu pages: %ld, and %.0f by the formula",
		   tables, pages, cost, fit);
	EXPECT((double)cost < 1.05 * fit && (double)cost > 0.95 * fit);
}

UTEST(k3, "K3 cow: a fork costs a + b a table + c a page, within 5 percent")
{
	double a, b, c;
	long sparse;

	need_strategy("cow");
	a = (double)fork_cost(0, 0);
	c = ((double)fork_cost(32, TABLE) - (double)fork_cost(32, 1)) /
	    (32 * (TABLE - 1));
	sparse = fork_cost(32, 1);
	b = ((double)sparse - a) / 32 - c;
	utest_note("a %.0f, b %.1f, c %.2f", a, b, c);
	EXPECT(b > 0 && c > 0);
	expect_fit(a, b, c, 1, TABLE / 2);
	for (size_t mib = 2; mib <= 64; mib *= 2)
		if (mib != 32)
			expect_fit(a, b, c, mib / 2, TABLE);
	expect_fit(a, b, c, 8, 100);
}
