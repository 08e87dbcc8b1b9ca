/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/hybrid.c - copy-on-write, but copy at once what will be written at
 * once.
 *
 * Copying a page inside fork is cheaper than a fault that copies it: a guess
 * pays if it is right more than seven times in ten.  Two kinds of pages are
 * guessed.  The pages under the stack and thread pointers of the forking thread
 * are written by both sides before they have returned from the call.  A hot
 * page is one that was copied because it was written while shared.  Once fork
 * copies a hot page, the page takes no more faults that would show a write.  So
 * D is cleared on both sides: if D is set again at the next fork the guess was
 * right and the page stays hot, if not it is shared again.
 *
 * What must hold: what copy-on-write needs.  A wrong guess costs time, never a
 * byte; so does a D that the hardware sets while fork clears it.  Nothing is
 * copied early while other threads run: the copy would be of another instant
 * than the shared pages.
 *
 * Cost: that of cow, plus a copy inside fork for each hot page, minus a fault
 * with a copy for each hot page that is written afterwards.  The figures are in
 * docs/strategies/hybrid.md.
 */
#include "mm/fork/strategy.h"

#include "arch/page.h"
#include "mm/space.h"

#define HOT	FRAME_MARK  /* was written while shared */
#define WATCHED FRAME_MARK2 /* copied at the last fork */

/*
 * For a hot page: copy it if it was written since the last fork, else share it.
 */
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

	/* Other threads may write meanwhile: only sharing gives a snapshot. */
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
 * A shared page was copied at its first write.  Both frames become hot: `now`,
 * because this space writes the page, and `old`, because the next child of the
 * space that keeps `old` will write it, too.
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
	.summary = "share pages, but copy at fork those that will be written",
	.traits =
		FORK_DOWNGRADES_PARENT | FORK_SHARES_FRAMES | FORK_CLEARS_DIRTY,
	.fork = hybrid_fork,
	.broke = hybrid_broke,
};

FORK_STRATEGY(fork_hybrid);
