/*
 * mm/fork/cow.c - share every page, copy each on its first write.
 *
 * After fork both tables name the same frames, none writable.  The first side
 * that writes a page faults and gets a copy; the other side, then the only
 * one left, just gets W back.  Both happen in leaf_break(), which is core:
 * private file pages and the zero page need it even without fork.
 *
 * What must hold: a private frame in more than one table is writable in none.
 *
 * Cost: with P resident pages in T leaf tables, about 25 P + 700 T
 * instructions and T frames at fork, plus one TLB flush; later about 1,600 for
 * each page one side writes while both live, 400 when only one is left.
 */
#include "mm/fork/strategy.h"

#include "arch/page.h"

static int
cow_fork(struct fork_ctx *fc)
{
	return space_dup_range(fc, 0, USER_END, DUP_SHARE, NULL);
}

static const struct fork_strategy fork_cow = {
	.name = "cow",
	.summary = "share pages, copy each on its first write",
	.traits = FORK_DOWNGRADES_PARENT | FORK_SHARES_FRAMES,
	.fork = cow_fork,
};

FORK_STRATEGY(fork_cow);
