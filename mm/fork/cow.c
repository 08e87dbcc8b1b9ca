/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/cow.c - share every page, copy each on its first write.
 *
 * After fork both page tables map the same private frames, none writable; but a
 * pinned page is copied at once.  The first process that writes to a page takes
 * a copy-on-write fault, and leaf_break() in mm/fault.c gives it a copy.  The
 * other process is then the sole owner: its first write faults too, and
 * leaf_break() sets W again without a copy.  leaf_break() belongs to core,
 * because private file pages and the zero page need it even without fork.
 *
 * Invariant: a private frame that more than one table maps is writable in none.
 *
 * Cost: fork visits each resident page, allocates a frame for each leaf table
 * in use, and flushes the TLB once.  Later the first write to a page costs a
 * fault, and a copy if the other process still maps the frame.  The figures are
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
