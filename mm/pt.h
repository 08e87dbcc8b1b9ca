/* SPDX-License-Identifier: MIT */
/*
 * mm/pt.h - user page tables, with three levels: root, upper tables, leaf
 * tables.
 *
 * An entry of an upper table is called a *slot*: it covers 2 MiB and names one
 * leaf table.  Upper tables are freed only with their space, so a pointer to a
 * slot stays valid.  The frame record of a leaf table counts the slots that
 * name the table (table.share) and its present leaves (table.live); its lock
 * guards the 512 entries.
 *
 * A leaf is *valid* if the hardware may use it.  A *parked* leaf keeps its
 * frame and its reference, but PROT_NONE hides it from the hardware.  A leaf is
 * *present* if it is valid or parked.
 */
#ifndef MM_PT_H
#define MM_PT_H

#include "check/hooks.h"
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

/* The PTE bits of a leaf with rights `prot`.  Without rights it is parked. */
static inline pte_t
pt_leaf_bits(unsigned prot)
{
	return pte_user_bits(prot) ^ (prot != 0 ? 0 : PTE_V | PTE_PARKED);
}

/*
 * Store to a leaf, or to a slot, that may be in the TLB of a hart.  The caller
 * notes the necessary flush (mm/tlb.h).  For a leaf, it holds the table's lock;
 * for a slot, pt_lock or the space's lock for writing.  The store to a slot is
 * a release: it publishes the contents of the new table.  pte_store() is for
 * entries that no hart can have in its TLB.
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
 * A space counts the tables that it names, shared ones included, and charges
 * them to its user (mm/user.h).  pt_count() adds n tables; it returns false,
 * and changes nothing, beyond the user's limit.  pt_uncount_all() undoes the
 * whole charge.  The caller holds pt_lock, or no other thread can reach the
 * space (while it is created or destroyed).
 */
bool pt_count(struct space *s, uint32_t n) must_check;
/*
 * As pt_count() for tables that the space already names: also counts beyond the
 * limit, but returns false.
 */
bool pt_count_named(struct space *s, uint32_t n) must_check;
void pt_uncount_all(struct space *s);
/*
 * May the space's user have one more table?  If so, the table is charged in
 * advance.  Takes pt_lock.
 */
bool pt_may_grow(struct space *s);

/*
 * The slot for `va`.  With `make`, allocates the upper table if there is none,
 * and may sleep.  NULL: there is no upper table; with `make`, no memory, or the
 * user may have no more tables.
 */
pte_t *pt_slot(struct space *s, uaddr_t va, bool make);

/*
 * Find the first non-empty slot that covers an address in [*va, end).  If *va
 * lies below the slot's first address, set *va to that address.  NULL if there
 * is no such slot.
 */
pte_t *pt_next_slot(struct space *s, uaddr_t *va, uaddr_t end);

/*
 * The first non-zero entry in [at, end), or `end`.  Optimized for sparse tables
 * with their used entries side by side.
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
 * Lock and return the table behind a slot; NULL if the slot is empty.  Needed
 * if the space's lock is not held for writing: the slot may change at any
 * moment, and its old table may then be freed.  The returned table is not freed
 * before its lock is released.  Takes pt_lock for a short time; any context.
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

/* Allocate a zeroed leaf table with share 1; or NULL.  May sleep. */
struct frame *table_alloc(struct space *s) must_check;

/*
 * Does only one slot name the table?  If so, this stays true while the caller
 * holds the lock of the space with that slot: only a fork of that space adds a
 * share.
 */
static inline bool
table_is_own(const struct frame *table)
{
	return atomic_load_explicit(
		       &((struct frame *)(uintptr_t)table)->table.share,
		       memory_order_acquire) == 1;
}

/*
 * Does only one space map the private page f, which `table` maps?  Without the
 * table lock the result is only a hint.  The rule is in docs/frames.md.
 */
static inline bool
page_is_own(const struct frame *table, const struct frame *f)
{
	uint64_t word = frame_word(f);

	return (word & (FRAME_ZERO | FRAME_CACHE)) == 0 &&
	       frame_maps_in(word) == 1 && table_is_own(table);
}

/*
 * Drop this space's share of the table.  If it was the last, drop the
 * references of all leaves and free the table.  Never sleeps.
 */
void table_put(struct space *s, struct frame *table);

/*
 * The leaf table for `va`, allocated if there is none.  May sleep.  A detached
 * table is returned unchanged, so call settle() first.  NULL: no memory, or the
 * user may have no more tables.
 */
struct frame *
pt_table(struct space *s, uaddr_t va) must_check needs_lock(s->lock);

/*
 * Find the leaf for `va` below `root`, and its table, as the hardware walker
 * does.  Takes no lock: check the leaf again under the table lock.  NULL if no
 * attached table covers `va`; the leaf may be empty.
 */
static inline pte_t *
pt_leaf(const pte_t *root, uaddr_t va, struct frame **table);

/*
 * Clear all leaves in [start, end).  Needs the space's lock for writing, or
 * another guarantee that the tables are not freed.  only_cache: clear only
 * leaves that name a page-cache frame.  The batch drops the references after
 * the flush.
 */
void pt_zap(struct space *s, uaddr_t start, uaddr_t end, bool only_cache,
	    struct tlb_batch *tb);

/* As pt_zap() for all leaves, but also drop leaf tables without leaves. */
void pt_zap_free(struct space *s, uaddr_t start, uaddr_t end,
		 struct tlb_batch *tb) needs_write_lock(s->lock);

/* Free all leaves and tables of a space that no hart uses any longer. */
void pt_destroy(struct space *s);

/*
 * Set the rights of every present leaf in the range to `prot`, but never add W:
 * a later write fault adds it.
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
