/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/share.c - share a leaf table between several slots, and un-share it.
 *
 * At fork space_share_tables() makes a slot of the parent and a slot of the
 * child name the same leaf table.  Such a table is read-only for both: none of
 * its leaves has W while it is attached, and a space must un-share the table
 * with slot_own() before it changes the table.  A frame's reference count
 * includes the table once, however many slots name it (frame_maps_in()).
 *
 * The lock of the shared table orders two spaces that un-share it at the same
 * time.  The first space sees that the table is shared, and copies it.  Its
 * share is dropped only after a flush.  Until then the second space sees a
 * shared table and copies, too; afterwards it is the sole owner and keeps the
 * table (tests/models/odf.pml).
 */
#include "kernel/panic.h"
#include "lib/errno.h"
#include "mm/fork/strategy.h"
#include "mm/space.h"
#include "mm/vma.h"

unsigned
table_strip(struct space *s, struct frame *t, uaddr_t base)
{
	pte_t *const first = table_leaves(t), *const end = first + PT_ENTRIES;
	pte_t *leaf = first;
	unsigned stripped = 0;

	requires_lock(&t->table.lock);
	for (; leaf < end; leaf++) {
		pte_t e = *leaf;

		if (e == 0) {
			leaf = pt_skip_empty(leaf, end);
			if (leaf == end)
				break;
			e = *leaf;
		}
		stripped += (e / PTE_W) & 1;
		pte_change(&s->mmu, base + (uaddr_t)(leaf - first) * PAGE_SIZE,
			   leaf, e & ~PTE_W);
	}
	frame_set_flags(t, FRAME_NO_W);
	return stripped;
}

/* Drop the references of the leaves in [to, end), and clear the leaves. */
static void
undo_copy(pte_t *to, pte_t *end)
{
	for (; to < end; to++) {
		if (*to != 0 && pte_frame(*to) != frame_zero)
			frame_put(pte_frame(*to));
		*to = 0;
	}
}

/*
 * Copy the leaves of `from` to the empty table `to`, with W clear and one more
 * reference to each frame.  Returns 0, or -ENOMEM if a reference count is at
 * its limit; `to` is then empty again.
 */
static int
copy_leaves(struct frame *to, const struct frame *from)
{
	pte_t *src = table_leaves(from), *end = src + PT_ENTRIES, *at = src;
	pte_t *dst = table_leaves(to);

	requires_lock(&from->table.lock);
	for (; (at = pt_skip_empty(at, end)) < end; at++) {
		struct frame *f = pte_frame(*at);

		if (f != frame_zero && !frame_get(f)) {
			undo_copy(dst, dst + (at - src));
			return -ENOMEM;
		}
		dst[at - src] = *at & ~PTE_W;
	}
	to->table.live = from->table.live;
	frame_set_flags(to, FRAME_NO_W);
	return 0;
}

/*
 * Attach a detached table that no other slot names.  Its leaves may have W:
 * clear W in each leaf with a frame that another table maps.  The other table
 * is a copy of this one, made by a former owner.
 */
static void
attach(struct frame *t, pte_t *slot)
{
	pte_t *leaf = table_leaves(t), *end = leaf + PT_ENTRIES;

	for (; (leaf = pt_skip_empty(leaf, end)) < end; leaf++) {
		if ((*leaf & PTE_W) &&
		    frame_maps_in(frame_word(pte_frame(*leaf))) != 1)
			pte_store(leaf, *leaf & ~PTE_W);
	}
	__atomic_store_n(slot, slot_make(t), __ATOMIC_RELEASE);
}

/*
 * One attempt of slot_own().  Returns 1 if other slots name `t`, too, and
 * *fresh is NULL: the caller must allocate a table and try again.  If *left is
 * set, the caller must drop a share of that table after it has released the
 * locks.
 */
static int
own_locked(struct space *s, pte_t *slot, struct frame *t, struct frame **fresh,
	   struct tlb_batch *tb, struct frame **left)
{
	bool attached = pte_valid(*slot);

	requires_lock(&s->pt_lock);
	requires_lock(&t->table.lock);
	if (table_is_own(t)) {
		if (!attached) {
			attach(t, slot);
			forkstat_inc(&s->counters, FS_tables_reused);
		}
		return 0;
	}
	if (*fresh == NULL)
		return 1;
	if (copy_leaves(*fresh, t) != 0)
		return -ENOMEM;
	pte_change_slot(&s->mmu, slot, slot_make(*fresh));
	*fresh = NULL;
	forkstat_inc(&s->counters, FS_tables_copied);
	if (attached) {
		tlb_note_table(tb);
		tlb_put_table(tb, t);
	} else {
		*left = t; /* detached: no hart reaches t by this slot */
	}
	return 0;
}

int
slot_own(struct space *s, pte_t *slot, struct tlb_batch *tb)
{
	struct frame *t, *fresh = NULL, *left = NULL;
	int err;

	requires_lock(&s->lock);
	for (;;) {
		/* *slot names t until pt_lock, which guards it, is released. */
		spin_lock(&s->pt_lock);
		t = slot_table(*slot);
		spin_lock(&t->table.lock);
		err = own_locked(s, slot, t, &fresh, tb, &left);
		spin_unlock(&t->table.lock);
		spin_unlock(&s->pt_lock);
		if (err != 1)
			break;
		fresh = table_alloc(s);
		if (fresh == NULL)
			return -ENOMEM;
	}
	if (fresh != NULL)
		table_put(s, fresh);
	if (left != NULL)
		table_put(s, left);
	return err;
}

/*
 * The end of the run of plain slots that begins at `base`, or `base` if that
 * slot is mixed.  After the first slot, the run includes only slots that the
 * VMA at `base` covers completely: they are plain, too.
 */
static uaddr_t
plain_up_to(struct space *s, uaddr_t base)
{
	struct vma *v;

	if (!slot_plain(s, base))
		return base;
	v = vma_find(s, base);
	return v == NULL ? base + PT_SPAN_1
			 : MAX(base + PT_SPAN_1, ROUND_DOWN(v->end, PT_SPAN_1));
}

/*
 * Share the tables of the parent's plain slots [from, end), which begin at
 * address `base`.  `to` is the child's slot for `base`.
 */
static int
share_slots(struct fork_ctx *fc, pte_t *from, pte_t *end, pte_t *to,
	    uaddr_t base, slot_prepare_fn *prepare)
{
	uint32_t shared = 0;

	for (; from < end; from++, to++, base += PT_SPAN_1) {
		struct frame *t = slot_table(*from);

		if (t == NULL)
			continue;
		prepare(fc, from, t, base);
		atomic_fetch_add_explicit(&t->table.share, 1,
					  memory_order_relaxed);
		pte_store(to, *from);
		shared++;
	}
	forkstat_add(&fc->parent->counters, FS_tables_shared, shared);
	/*
	 * Charge all tables at once.  If this exceeds the user's limit, fork
	 * fails, and destroying the child drops the shares.
	 */
	return pt_count_named(fc->child, shared) ? 0 : -ENOMEM;
}

int
space_share_tables(struct fork_ctx *fc, slot_prepare_fn *prepare)
{
	uaddr_t at = 0, stop;
	pte_t *slot, *to;
	int err = 0;

	for (; err == 0 &&
	       (slot = pt_next_slot(fc->parent, &at, USER_END)) != NULL;
	     at = stop) {
		at = ROUND_DOWN(at, PT_SPAN_1);
		stop = MIN(plain_up_to(fc->parent, at),
			   ROUND_DOWN(at, PT_SPAN_2) + PT_SPAN_2);
		if (stop > at) {
			to = pt_slot(fc->child, at, true);
			if (to == NULL)
				return -ENOMEM;
			err = share_slots(fc, slot,
					  slot + (stop - at) / PT_SPAN_1, to,
					  at, prepare);
			continue;
		}
		stop = at + PT_SPAN_1;
		if (!pte_valid(*slot))
			err = slot_own(fc->parent, slot, fc->tb);
		if (err == 0)
			err = space_dup_range(fc, at, stop, DUP_SHARE, NULL);
	}
	return err;
}
