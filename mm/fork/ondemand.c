/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/ondemand.c - share the leaf tables, copy each on the first change
 * inside its 2 MiB.
 *
 * Copy-on-write one level up.  Fork hangs the parent's leaf tables from the
 * child's slots, too.  An upper entry of Sv39 cannot write-protect the 2 MiB
 * below it (its permission bits are reserved), so the first fork clears W in
 * every leaf of a table; a later fork finds FRAME_NO_W on the table and need not
 * look into it.  The first side that writes, fills or maps something in the
 * 2 MiB gets its own copy of the table (settle).  From there on it is plain
 * copy-on-write.
 *
 * What must hold: a table in more than one slot has no leaf with W, and every
 * VMA in its 2 MiB is private, anonymous and inherited by fork (slot_plain,
 * tested at every fork: a VMA may have been added).  A frame's count includes
 * such a table once, however many slots name it.
 *
 * Cost: the first fork looks at each leaf, later forks at each leaf table only;
 * no memory but upper tables.  Later each 2 MiB that a side changes costs a
 * table and the copying of its leaves.  The figures are in
 * docs/strategies/ondemand.md.
 *
 * After Zhao, Gong, Fonseca: "On-demand-fork: A Microsecond Fork for
 * Memory-Intensive and Latency-Sensitive Applications", EuroSys 2021.
 */
#include "mm/fork/strategy.h"

#include "mm/space.h"

/* Strip W from the table's leaves, unless FRAME_NO_W says that none has W. */
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
			continue; /* dropped as a whole */
		err = slot_own(s, slot, tb);
	}
	tlb_flush(tb);
	return err;
}

static const struct fork_strategy fork_ondemand = {
	.name = "ondemand",
	.summary = "share page tables, copy each on the first change in 2 MiB",
	.traits = FORK_DOWNGRADES_PARENT | FORK_SHARES_FRAMES |
		  FORK_SHARES_TABLES,
	.fork = ondemand_fork,
	.settle = ondemand_settle,
};

FORK_STRATEGY(fork_ondemand);
