/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/plain.c - copy-on-write, one page at a time: the strategy to read
 * first.
 *
 * After fork parent and child map the same frames, and the private frames are
 * read-only in both.  The first store to such a page by either process faults,
 * and leaf_break() (mm/fault.c) gives that process a copy.  The strategy cow
 * does the same in a loop that is tuned for speed (mm/fork/dup.c); this file
 * spells each step out.  It is the base of the exercises, and an oracle for
 * cow: both strategies must give every program the same memory.
 *
 * Invariant: a private frame that two tables map is writable in neither.
 *
 * Cost: a three-level walk for each page of each 2 MiB that has a leaf table.
 */
#include "mm/fork/strategy.h"

#include "arch/page.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "mm/space.h"
#include "mm/vma.h"

/*
 * Map the parent's page at va in the child, too.  The caller holds the locks of
 * both leaf tables, since a truncation may clear a leaf of a file mapping in
 * either table at any time.
 */
static int
share_leaf(struct fork_ctx *fc, bool private, uaddr_t va, pte_t *from,
	   struct frame *child_table)
{
	pte_t e = *from, shared = private ? e & ~PTE_W : e;

	requires_lock(&child_table->table.lock);
	if (!pte_present(e))
		return 0;
	/*
	 * Take a reference for the leaf of the child, except to the zero page.
	 */
	if (pte_frame(e) != frame_zero && !frame_get(pte_frame(e)))
		return -ENOMEM;
	/* Clear W in the parent, too: its next write must fault. */
	if (shared != e) {
		pte_change(&fc->parent->mmu, va, from, shared);
		tlb_note(fc->tb, va);
		forkstat_inc(&fc->parent->counters, FS_w_stripped);
	}
	pte_store(&table_leaves(child_table)[pt_index(va, 0)], shared);
	child_table->table.live++;
	forkstat_inc(&fc->parent->counters, FS_leaves_seen);
	if (private && pte_frame(e) != frame_zero)
		forkstat_inc(&fc->parent->counters, FS_pages_shared);
	return 0;
}

static int
share_page(struct fork_ctx *fc, bool private, uaddr_t va)
{
	struct frame *table, *child_table;
	pte_t *from = pt_leaf(fc->parent->root, va, &table);
	pte_t e = from == NULL ? 0 : pte_load(from);
	int err;

	if (!pte_present(e))
		return 0;
	/* A pinned frame stays with the parent: copy it for the child. */
	if (private && frame_pins_in(frame_word(pte_frame(e))) > 0)
		return space_dup_range(fc, va, va + PAGE_SIZE, DUP_COPY, NULL);
	child_table = pt_table(fc->child, va);
	if (child_table == NULL)
		return -ENOMEM;
	spin_lock(&table->table.lock);
	spin_lock(&child_table->table.lock);
	err = share_leaf(fc, private, va, from, child_table);
	spin_unlock(&child_table->table.lock);
	spin_unlock(&table->table.lock);
	return err;
}

static int
plain_fork(struct fork_ctx *fc)
{
	struct vma *v = vma_find_next(fc->parent, 0);
	int err = 0;

	for (; v != NULL && err == 0; v = vma_next(v)) {
		uaddr_t va = v->start;

		if (v->flags & (VM_DONTFORK | VM_WIPEONFORK))
			continue;
		/* pt_next_slot() skips empty slots, which map no page. */
		while (err == 0 && pt_next_slot(fc->parent, &va, v->end)) {
			err = share_page(fc, !(v->flags & VM_SHARED), va);
			va += PAGE_SIZE;
		}
		if (err == 0 && thread_interrupted(WAIT_KILLABLE))
			err = -EINTR;
	}
	return err;
}

static const struct fork_strategy fork_plain = {
	.name = "plain",
	.summary = "share pages one by one, copy each on its first write",
	.traits = FORK_DOWNGRADES_PARENT | FORK_SHARES_FRAMES,
	.fork = plain_fork,
};

FORK_STRATEGY(fork_plain);
