/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/ondemand.c - share the leaf tables, copy each on the first change
 * inside its 2 MiB.
 *
 * This is copy-on-write one level up: fork makes the child's slots name the
 * parent's leaf tables.  An upper entry of Sv39 cannot write-protect the 2 MiB
 * below it (its permission bits are reserved), so the first fork clears W in
 * every leaf of a table; a later fork finds FRAME_NO_W on the table and skips
 * its leaves.  The first process that writes, fills or maps a page in the 2 MiB
 * un-shares the table: settle() gives it a copy.  From then on these pages are
 * copy-on-write as under cow.
 *
 * Invariant: a table that several slots name has no leaf with W, and every VMA
 * in its 2 MiB is private, anonymous and inherited by fork.  slot_plain() tests
 * the VMAs at every fork, since a VMA may have been added.  Each leaf of such a
 * table counts once in its frame's reference count, however many slots name the
 * table.
 *
 * Cost: the first fork visits each leaf, later forks visit each leaf table
 * only.  Fork allocates upper tables, and leaf tables for slots that are not
 * plain.  Later the first change in each shared 2 MiB costs a table and a copy
 * of its leaves.  The figures are in docs/strategies/ondemand.md.
 *
 * After Zhao, Gong, Fonseca: "On-demand-fork: A Microsecond Fork for
 * Memory-Intensive and Latency-Sensitive Applications", EuroSys 2021.
 */
#include "mm/fork/strategy.h"

#include "mm/space.h"

/* Clear W in the table's leaves, unless FRAME_NO_W shows that no leaf has W. */
static void
write_protect(struct fork_ctx *fc, pte_t *slot, struct frame *t, uaddr_t base)
{
	unsigned stripped;

	if (frame_word(t) & FRAME_NO_W)
		return;
	spin_lock(&t->table.lock);
	stripped = table_strip(fc->parent, t, base);
	spin_unlock(&t->table.lock);
	forkstat_add(&fc->parent->counters, FS_leaves_seen, t->table.live);
	forkstat_add(&fc->parent->counters, FS_w_stripped, stripped);
	if (stripped > 0)
		tlb_note_range(fc->tb, base, base + PT_SPAN_1);
}

static int
ondemand_fork(struct fork_ctx *fc)
{
	return space_share_tables(fc, write_protect);
}

static int
ondemand_settle(struct space *s, uaddr_t start, uaddr_t end,
		enum settle_why why, struct tlb_batch *tb)
{
	uaddr_t at = start, stop;
	pte_t *slot;
	int err = 0;

	if (why == SETTLE_READ)
		return 0;
	for (; err == 0 && (slot = pt_next_slot(s, &at, end)) != NULL;
	     at = stop) {
		stop = MIN(end, ROUND_DOWN(at, PT_SPAN_1) + PT_SPAN_1);
		if (why == SETTLE_ZAP && stop - at == PT_SPAN_1)
			continue; /* core will drop the table */
		err = slot_own(s, slot, tb);
	}
	tlb_flush(tb);
	return err;
}

static const struct fork_strategy fork_ondemand = {
	.name = "ondemand",
	.summary = "share leaf tables, copy each on its first change",
	.traits = FORK_DOWNGRADES_PARENT | FORK_SHARES_FRAMES |
		  FORK_SHARES_TABLES,
	.fork = ondemand_fork,
	.settle = ondemand_settle,
};

FORK_STRATEGY(fork_ondemand);
