/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/cow.c - share every page, copy each on its first write.
 *
 * After fork both tables name the same frames, none writable.  The first side
 * that writes a page faults and gets a copy.  The other side is then the only
 * owner: its first write faults too, and gets W back without a copy.
 * leaf_break() in mm/fault.c does both; it is core, because private file pages
 * and the zero page need it even without fork.
 *
 * What must hold: a private frame in more than one table is writable in none.
 *
 * Cost: fork looks at each resident page, takes a frame for each leaf table in
 * use, and flushes the TLB once.  Later each page that one side writes costs a
 * fault, and a copy while the other side still has the page.  The figures are
 * in docs/strategies/cow.md.
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
