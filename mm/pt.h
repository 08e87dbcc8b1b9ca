/* SPDX-License-Identifier: MIT */
/*
 * mm/pt.h - user page tables.
 *
 * Three levels: the root, upper tables, and leaf tables.  An entry of an upper
 * table is called a *slot*; it decides 2 MiB and names one leaf table.  Upper
 * tables live as long as the space, so a pointer to a slot stays good.  A leaf
 * table's frame record counts the slots that name it (table.share) and its
 * present leaves (table.live), and its lock guards the 512 entries.
 *
 * A leaf is *valid* (the hardware may use it), or *parked*: it keeps its frame
 * and its reference, but PROT_NONE hides it from the hardware.  Both are
 * present.
 */
#ifndef MM_PT_H
#define MM_PT_H

#include "kernel/tlbcheck.h"
#include "mm/frame.h"

struct space;
struct tlb_batch;

#define PTE_PARKED   PTE_SW1
#define PTE_DETACHED PTE_SW0 /* in a slot: the table is not attached */

static inline bool
pte_present(pte_t leaf)
{
	return (leaf & (PTE_V | PTE_PARKED)) != 0;
}

/* Bits of a leaf for VM_PROT bits; for none of them the leaf is parked. */
static inline pte_t
pt_leaf_bits(unsigned prot)
{
	return pte_user_bits(prot) ^ (prot != 0 ? 0 : PTE_V | PTE_PARKED);
}

/*
 * Store to a leaf, or to a slot, that a hart may have in its TLB.  The caller
 * notes what must be flushed (mm/tlb.h), and holds the lock of the table (for a
 * slot: the space's pt_lock).  The store to a slot publishes the new table with
 * its contents.  pte_store() is for entries that no hart can have read yet.
 */
static inline void
pte_change(struct mmu_space *m, uaddr_t va, pte_t *leaf, pte_t e)
{
	const pte_t rights = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U | PTE_D;
	pte_t old = tlbcheck_on() ? pte_load(leaf) : 0;

	pte_store(leaf, e);
	if (pte_valid(old) && (pte_pa(old) != pte_pa(e) || (old & ~e & rights)))
		tlbcheck_weaker(m, va, old, false);
}

static inline void
pte_change_slot(struct mmu_space *m, pte_t *slot, pte_t e)
{
	pte_t old = tlbcheck_on() ? pte_load(slot) : 0;

	__atomic_store_n(slot, e, __ATOMIC_RELEASE);
	if (pte_valid(old) && (pte_pa(old) != pte_pa(e) || !pte_valid(e)))
		tlbcheck_weaker(m, 0, old, true);
}

/* As pte_frame(), for loops that keep frame_record_0 in a register. */
static inline struct frame *
pte_frame_from(uintptr_t record_0, pte_t leaf)
{
	assert(frame_valid_pa(pte_pa(leaf)));
	return (struct frame *)(record_0 + (leaf >> 10) * sizeof(struct frame));
}

static inline struct frame *
pte_frame(pte_t leaf)
{
	return pte_frame_from(frame_record_0, leaf);
}

/*
 * A space counts the tables that it names, shared ones too, and charges them to
 * its user (mm/user.h).  pt_count() counts n tables more; false, and nothing
 * has changed, when the user may have no more.  pt_uncount_all() gives the
 * whole charge back.  The caller holds pt_lock, or no other thread can reach
 * the space (before it is listed, and at its end).
 */
bool pt_count(struct space *s, uint32_t n) must_check;
/* As pt_count(), for tables that the space names already: always counted. */
bool pt_count_named(struct space *s, uint32_t n) must_check;
void pt_uncount_all(struct space *s);
/*
 * May the space's user have one table more?  If so, the table is charged ahead.
 * Takes pt_lock.
 */
bool pt_may_grow(struct space *s);

/*
 * The slot for `va`.  `make`: create the upper table if there is none.  NULL:
 * no upper table there; with `make`, no memory, or the user may have no more
 * tables.  May sleep if `make`.
 */
pte_t *pt_slot(struct space *s, uaddr_t va, bool make);

/*
 * Find the first non-empty slot that decides an address in [*va, end).  *va
 * moves up to the slot's first address if it lies below.  NULL at the end.
 */
pte_t *pt_next_slot(struct space *s, uaddr_t *va, uaddr_t end);

/*
 * The first entry in [at, end) that is not 0, or end.  Tables are sparse, but
 * the entries in use lie side by side.
 */
static inline pte_t *
pt_skip_empty(pte_t *at, pte_t *end)
{
	if (at < end && *at != 0)
		return at;
	while (end - at >= 8 && (at[0] | at[1] | at[2] | at[3] | at[4] | at[5] |
				 at[6] | at[7]) == 0)
		at += 8;
	while (at < end && *at == 0)
		at++;
	return at;
}

/* The leaf table behind a slot, attached or not; NULL if the slot is empty. */
static inline struct frame *
slot_table(pte_t slot)
{
	if ((slot & (PTE_V | PTE_DETACHED)) == 0)
		return NULL;
	return frame_of_pa(pte_pa(slot));
}

/*
 * The table behind a slot with its lock taken, or NULL.  For callers that do
 * not hold the space's lock for writing: the slot may change at any moment, and
 * then its old table may be freed.  The table that is returned stays until its
 * lock is released.  Takes pt_lock for a moment; any context.
 */
struct frame *slot_table_lock(struct space *s, pte_t *slot);

static inline pte_t
slot_make(const struct frame *table)
{
	return pte_make(frame_pa(table), PTE_V);
}

static inline pte_t *
table_leaves(const struct frame *table)
{
	return frame_ptr(table);
}

/* A zeroed leaf table with share == 1, or NULL.  May sleep. */
struct frame *table_alloc(struct space *s) must_check;

/*
 * Does only one slot name the table?  True stays true while the caller holds
 * the lock of the space with that slot: only a fork of that space adds a share.
 */
static inline bool
table_is_own(const struct frame *table)
{
	return atomic_load_explicit(
		       &((struct frame *)(uintptr_t)table)->table.share,
		       memory_order_acquire) == 1;
}

/*
 * Is the space that holds this leaf the only one that sees the private page f?
 * The table lock is held, or the answer is a guess.  The rule is in
 * docs/frames.md.
 */
static inline bool
page_is_own(const struct frame *table, const struct frame *f)
{
	uint64_t word = frame_word(f);

	return (word & (FRAME_ZERO | FRAME_CACHE)) == 0 &&
	       frame_maps_in(word) == 1 && table_is_own(table);
}

/*
 * This space gives up one share of the table.  With the last share every leaf's
 * frame is dropped and the table freed.  Never sleeps.
 */
void table_put(struct space *s, struct frame *table);

/*
 * The leaf table for `va`, made if need be (space lock held, may sleep).  A
 * detached table is returned as it is: settle first.  NULL: no memory, or the
 * user may have no more tables.
 */
struct frame *pt_table(struct space *s, uaddr_t va) must_check;

/*
 * The leaf for `va` below `root` and its table, as the hardware walker finds
 * them, without locks: re-check under the table lock.  NULL when no attached
 * table covers `va`; the leaf itself may be empty.
 */
static inline pte_t *
pt_leaf(const pte_t *root, uaddr_t va, struct frame **table);

/*
 * Clear all leaves in [start, end).  Needs the space's lock for writing, or
 * other assurance that the tables stay.  only_cache: only leaves that name a
 * page-cache frame.  Frames go through the batch.
 */
void pt_zap(struct space *s, uaddr_t start, uaddr_t end, bool only_cache,
	    struct tlb_batch *tb);

/*
 * As pt_zap(), and give up leaf tables left without a leaf.  The space's lock
 * is held for writing.
 */
void
pt_zap_free(struct space *s, uaddr_t start, uaddr_t end, struct tlb_batch *tb);

/* Free every leaf and table of a space that no hart runs any longer. */
void pt_destroy(struct space *s);

/*
 * Give every present leaf in the range the rights `prot`.  W is only taken
 * away: a fault brings it back.
 */
void pt_protect(struct space *s, uaddr_t start, uaddr_t end, unsigned prot,
		struct tlb_batch *tb);

static inline pte_t *
pt_leaf(const pte_t *root, uaddr_t va, struct frame **table)
{
	pte_t upper = __atomic_load_n(&root[pt_index(va, 2)], __ATOMIC_RELAXED);
	pte_t slot;

	if (unlikely(!pte_valid(upper)))
		return NULL;
	slot = __atomic_load_n((pte_t *)phys_to_virt(pte_pa(upper)) +
				       pt_index(va, 1),
			       __ATOMIC_ACQUIRE);
	if (unlikely(!pte_valid(slot)))
		return NULL;
	*table = frame_of_pa(pte_pa(slot));
	return (pte_t *)phys_to_virt(pte_pa(slot)) + pt_index(va, 0);
}

#endif
