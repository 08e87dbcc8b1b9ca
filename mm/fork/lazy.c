/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/lazy.c - give parent and child the same leaf tables, unplugged.
 *
 * An upper entry of Sv39 cannot write-protect the 2 MiB below it, but it can be
 * invalid.  Fork makes each plain slot (see below) of the parent and the child
 * invalid and lets both remember the same leaf table (a detached slot), without
 * looking into it: the cost of fork depends on the number of tables, not of
 * pages.  The first access of any kind to such a 2 MiB, by either side, faults
 * and attaches a table: the first side gets a copy of the table without W, the
 * last side takes the table itself.  From there on it is plain copy-on-write.
 * A while after the fork a drain thread (mm/fork/drain.c) attaches the tables still
 * detached, so that the parent's later accesses need not.
 *
 * What must hold: a detached slot is invalid for the hardware; a table that a
 * detached slot names is attached nowhere.  Its leaves may keep W meanwhile, so
 * the last owner clears W in each leaf with a frame that another table maps,
 * too.  Detached slots are plain (slot_plain); one that has become mixed is
 * attached before it is forked.
 *
 * Cost: fork does little for each leaf table, however full, even the first
 * time.  Later the first side to touch each 2 MiB pays for a table and for
 * copying its leaves, the last side for looking through them.  The figures are
 * in docs/strategies/lazy.md.
 *
 * After Pang et al.: "Async-fork: Mitigating Query Latency Spikes Incurred by
 * the Fork-based Snapshot Mechanism from the OS Level", VLDB 2023, which lets
 * the child copy the tables; here the first side to touch a table copies it.
 */
#include "mm/fork/strategy.h"

#include "mm/space.h"

static inline bool
detached(pte_t slot)
{
	return (slot & PTE_DETACHED) != 0;
}

/* Detach the parent's slot, which an earlier fork may have left detached. */
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
	.summary = "unplug page tables at fork, attach each on the first use",
	.traits = FORK_DOWNGRADES_PARENT | FORK_SHARES_FRAMES |
		  FORK_SHARES_TABLES | FORK_DETACHES_TABLES,
	.fork = lazy_fork,
	.settle = lazy_settle,
	.background = lazy_background,
};

FORK_STRATEGY(fork_lazy);
