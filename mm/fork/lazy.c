/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/lazy.c - share the leaf tables in invalid slots, attach each table on
 * the first access.
 *
 * An upper entry of Sv39 cannot write-protect the 2 MiB below it, but it can be
 * invalid.  Fork turns each plain slot (see slot_plain()) of the parent and the
 * child into a detached slot: it is invalid for the hardware, but still names
 * the shared leaf table.  Fork does not read the leaves, so its cost depends on
 * the number of tables, not of pages.  The first access to such a 2 MiB by
 * either process faults and attaches a table: the first process gets a copy of
 * the table without W, the last process attaches the table itself.  From then
 * on these pages are copy-on-write as under cow.  Some time after the fork the
 * drain thread (mm/fork/drain.c) attaches the tables that are still detached,
 * so that later accesses do not fault on them.
 *
 * Invariant: a table that a detached slot names is attached to no slot.  Its
 * leaves may keep W meanwhile, so the last owner clears W in each leaf with a
 * frame that another table maps, too.  Detached slots are plain; a slot that is
 * no longer plain (mixed) is attached before it is forked.
 *
 * Cost: fork writes at most two slots for each shared leaf table, however full,
 * at the first fork as at later ones.  Later the first process that accesses
 * each 2 MiB allocates a table and copies the leaves; the last process scans
 * them.  The figures are in docs/strategies/lazy.md.
 *
 * After Pang et al.: "Async-fork: Mitigating Query Latency Spikes Incurred by
 * the Fork-based Snapshot Mechanism from the OS Level", VLDB 2023.  There the
 * child copies the tables; here the first process that accesses a table copies
 * it.
 */
#include "mm/fork/strategy.h"

#include "mm/space.h"

static inline bool
detached(pte_t slot)
{
	return (slot & PTE_DETACHED) != 0;
}

/* Detach the parent's slot, unless an earlier fork has detached it already. */
static void
unplug(struct fork_ctx *fc, pte_t *slot, struct frame *table, uaddr_t base)
{
	if (detached(pte_load(slot)))
		return;
	pte_change_slot(&fc->parent->mmu, slot,
			(*slot & ~PTE_V) | PTE_DETACHED);
	tlb_note_table(fc->tb);
}

static int
lazy_fork(struct fork_ctx *fc)
{
	return space_share_tables(fc, unplug);
}

static int
lazy_settle(struct space *s, uaddr_t start, uaddr_t end, enum settle_why why,
	    struct tlb_batch *tb)
{
	uaddr_t at = start, stop;
	pte_t *slot;
	int err = 0;

	for (; err == 0 && (slot = pt_next_slot(s, &at, end)) != NULL;
	     at = stop) {
		stop = MIN(end, ROUND_DOWN(at, PT_SPAN_1) + PT_SPAN_1);
		if (!detached(pte_load(slot)) ||
		    (why == SETTLE_ZAP && stop - at == PT_SPAN_1))
			continue;
		err = slot_own(s, slot, tb);
	}
	return err;
}

static unsigned
lazy_background(struct space *s, unsigned budget)
{
	struct tlb_batch tb;
	uaddr_t at = 0;
	pte_t *slot;

	tlb_begin(&tb, s);
	for (; budget > 0 && (slot = pt_next_slot(s, &at, USER_END)) != NULL;
	     at = ROUND_DOWN(at, PT_SPAN_1) + PT_SPAN_1) {
		if (!detached(pte_load(slot)))
			continue;
		if (slot_own(s, slot, &tb) != 0)
			break; /* no memory: the next access tries again */
		budget--;
	}
	return budget;
}

static const struct fork_strategy fork_lazy = {
	.name = "lazy",
	.summary = "detach page tables at fork, attach each on the first "
		   "access",
	.traits = FORK_DOWNGRADES_PARENT | FORK_SHARES_FRAMES |
		  FORK_SHARES_TABLES | FORK_DETACHES_TABLES,
	.fork = lazy_fork,
	.settle = lazy_settle,
	.background = lazy_background,
};

FORK_STRATEGY(fork_lazy);
