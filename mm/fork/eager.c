/*
 * mm/fork/eager.c - copy every page, now.
 *
 * The baseline every other strategy is measured against, and the oracle they
 * are tested against: after fork no anonymous page is shared, so nothing can
 * go wrong later.
 *
 * What must hold: an anonymous frame is in one table only, so no write to
 * anonymous memory after a fork ever copies (break_copy stays 0 for it).
 *
 * Cost: with P resident pages in T leaf tables, about 1,300 P + 700 T
 * instructions and P frames at fork; nothing afterwards.
 *
 * With several threads in the parent the copy would not be a snapshot: they
 * could write page 1 after it was copied and page 2 before.  So every page is
 * write-protected first; a thread that wants to write waits for the fork and
 * then takes its page back without a copy.
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
