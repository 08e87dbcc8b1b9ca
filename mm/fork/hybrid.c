/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/hybrid.c - copy-on-write, but copy during fork the pages that are
 * likely to be written soon.
 *
 * Copying a page during fork is cheaper than a fault that copies it: a
 * prediction pays if it is right more than seven times in ten.  Fork predicts
 * writes to two kinds of pages.  The pages at the stack and thread pointers of
 * the forking thread are written by both processes before they return from the
 * call.  A hot page is a page that was copied because it was written while
 * shared.  After fork has copied a hot page, a write to it no longer faults.
 * So fork clears D on both sides: if D is set at the next fork, the prediction
 * was right and the page stays hot; if D is clear, the page is shared again.
 *
 * Invariant: that of cow.  A wrong prediction costs time, but does not change
 * any byte; the same holds for a D that the hardware sets while fork clears it.
 * While other threads run, fork only shares pages: an early copy would show
 * another instant than the shared pages.
 *
 * Cost: that of cow, plus a copy during fork for each hot page, minus a
 * copy-on-write fault for each hot page that is written afterwards.  The
 * figures are in docs/strategies/hybrid.md.
 */
#include "mm/fork/strategy.h"

#include "arch/page.h"
#include "mm/space.h"

#define HOT	FRAME_MARK  /* was written while shared */
#define WATCHED FRAME_MARK2 /* copied at the last fork */

/* Copy a hot page if it was written since the last fork, else share it. */
static enum dup_how
hybrid_choose(struct fork_ctx *fc, uaddr_t va, pte_t leaf)
{
	struct frame *f = pte_frame(leaf);

	if ((leaf & PTE_D) == 0) {
		frame_clear_flags(f, HOT | WATCHED);
		return DUP_SHARE;
	}
	if (frame_test_and_set(f, WATCHED) & WATCHED)
		forkstat_inc(&fc->parent->counters, FS_hot_hits);
	forkstat_inc(&fc->parent->counters, FS_hot_copies);
	return DUP_COPY_CLEAN;
}

static int
hybrid_fork(struct fork_ctx *fc)
{
	const uaddr_t last = USER_END - PAGE_SIZE;
	const uaddr_t now[] = { PAGE_DOWN(MIN(fc->sp, fc->tp)),
				PAGE_DOWN(MAX(fc->sp, fc->tp)) };
	uaddr_t at = 0;
	int err = 0;

	/*
	 * If the parent has other threads, share every page: a page copied here
	 * could differ in time from the shared pages, which the threads still
	 * write.
	 */
	if (space_threaded(fc->parent))
		return space_dup_range(fc, 0, USER_END, DUP_SHARE, NULL);
	for (unsigned i = 0; i < ARRAY_SIZE(now) && err == 0; i++) {
		if (now[i] < at || now[i] > last)
			continue;
		err = space_dup_range(fc, at, now[i], DUP_SHARE, hybrid_choose);
		at = now[i] + PAGE_SIZE;
		if (err == 0)
			err = space_dup_range(fc, now[i], at, DUP_COPY, NULL);
	}
	if (err != 0)
		return err;
	return space_dup_range(fc, at, USER_END, DUP_SHARE, hybrid_choose);
}

/*
 * When leaf_break() has copied a page, mark both frames hot: `now`, because
 * this space writes the page, and `old`, because the next child of the space
 * that keeps `old` is likely to write it, too.
 */
static void
hybrid_broke(struct space *s, struct vma *v, uaddr_t va, struct frame *old,
	     struct frame *now)
{
	if (old == now || (frame_word(old) & (FRAME_ZERO | FRAME_CACHE)))
		return;
	frame_set_flags(now, HOT);
	frame_set_flags(old, HOT);
}

static const struct fork_strategy fork_hybrid = {
	.name = "hybrid",
	.summary = "share pages, but copy at fork those likely to be written "
		   "soon",
	.traits =
		FORK_DOWNGRADES_PARENT | FORK_SHARES_FRAMES | FORK_CLEARS_DIRTY,
	.fork = hybrid_fork,
	.broke = hybrid_broke,
};

FORK_STRATEGY(fork_hybrid);
