/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/eager.c - copy every anonymous page during fork.
 *
 * This is the baseline for measuring the other strategies, and the oracle for
 * testing them: after fork no anonymous page is shared, so no later access
 * depends on copy-on-write.
 *
 * Invariant: exactly one table maps an anonymous frame, so no write to
 * anonymous memory after a fork needs a copy (the counter break_copy stays 0).
 *
 * Cost: fork copies each resident anonymous page, and allocates a frame for
 * each copy and for each leaf table in use.  A process with one thread has no
 * cost after fork.  The figures are in docs/strategies/eager.md.
 *
 * If the parent has several threads, copying alone gives no snapshot: a thread
 * could write page 1 after it was copied, and then page 2 before it is copied.
 * So fork first write-protects every private page.  A thread that writes during
 * the fork faults and blocks until fork ends; then leaf_break() sets W again
 * without a copy.
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
	.summary = "copy every anonymous page at fork",
	.fork = eager_fork,
};

FORK_STRATEGY(fork_eager);
