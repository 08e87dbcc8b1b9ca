/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/eager.c - copy every page, now.
 *
 * The baseline that other strategies are measured against, and the oracle that
 * they are tested against: after fork no anonymous page is shared, so nothing
 * can go wrong later.
 *
 * What must hold: an anonymous frame is in one table only, so no write to
 * anonymous memory after a fork ever copies (break_copy stays 0 for it).
 *
 * Cost: fork copies each resident page of private memory, and takes a frame for
 * each copy and for each leaf table in use; nothing afterwards.  The figures
 * are in docs/strategies/eager.md.
 *
 * With several threads in the parent the copy would not be a snapshot: they
 * could write page 1 after it was copied and page 2 before.  So fork first
 * write-protects every page.  A thread that wants to write waits for the fork
 * and then takes its page back without a copy.
 */
#include "mm/fork/strategy.h"

#include "arch/page.h"

static int
eager_fork(struct fork_ctx *fc)
{
	if (space_threaded(fc->parent))
		space_freeze(fc, 0, USER_END);
	return space_dup_range(fc, 0, USER_END, DUP_COPY, NULL);
}

static const struct fork_strategy fork_eager = {
	.name = "eager",
	.summary = "copy every page at fork, share nothing",
	.fork = eager_fork,
};

FORK_STRATEGY(fork_eager);
