/* SPDX-License-Identifier: MIT */
/*
 * mm/remap.c - mremap: grows, shrinks, moves or duplicates one mapping.
 *
 * space_remap() is the entry; its errors are in mm/remap.h.  A move transfers
 * the leaves to the new address, so no page is copied or faulted in again.  The
 * tables at the new address are allocated before anything changes.  The VMAs
 * and leaves are changed last, and that step cannot fail.
 */
#include "mm/remap.h"

#include "lib/errno.h"
#include "mm/access.h"
#include "mm/fork/settle.h"
#include "mm/limit.h"
#include "mm/map.h"
#include "mm/space.h"
#include "mm/tlb.h"
#include "mm/vma.h"

/* Allocate tables at `to` for every slot at `from` that names a table. */
static int
prepare_tables(struct space *s, uaddr_t from, uaddr_t to, uint64_t len)
{
	uaddr_t at = from;

	while (pt_next_slot(s, &at, from + len) != NULL) {
		uaddr_t stop = MIN(from + len, (at | (PT_SPAN_1 - 1)) + 1);

		/* The leaves of one slot can move to two slots at `to`. */
		if (pt_table(s, to + (at - from)) == NULL ||
		    pt_table(s, to + (stop - from) - 1) == NULL)
			return -ENOMEM;
		at = stop;
	}
	return 0;
}

static void
move_leaf(struct space *s, pte_t *leaf, struct frame *table, uaddr_t from,
	  uaddr_t to)
{
	struct frame *dst = NULL; /* prepare_tables() allocated it */
	pte_t *place = pt_leaf(s->root, to, &dst);

	if (dst != table)
		spin_lock(&dst->table.lock);
	if (*leaf & PTE_W)
		frame_clear_flags(dst, FRAME_NO_W);
	pte_change(&s->mmu, to, place, *leaf);
	pte_change(&s->mmu, from, leaf, 0);
	dst->table.live++;
	table->table.live--;
	if (dst != table)
		spin_unlock(&dst->table.lock);
}

/*
 * Move the leaves of [from, from + len), which map `obj` or, if NULL, anonymous
 * memory.  The object's lock is held until the flush: otherwise memobj_unmap()
 * could find a leaf at its new address, flush only that address and free the
 * frame, while a TLB still has the translation of the old address.
 */
static void
move_leaves(struct space *s, uaddr_t from, uaddr_t to, uint64_t len,
	    struct memobj *obj, struct tlb_batch *tb)
{
	uaddr_t at = from;
	pte_t *slot;

	if (obj != NULL)
		mutex_lock(&obj->lock);
	while ((slot = pt_next_slot(s, &at, from + len)) != NULL) {
		uaddr_t stop = MIN(from + len, (at | (PT_SPAN_1 - 1)) + 1);
		struct frame *table = slot_table(*slot);

		spin_lock(&table->table.lock);
		for (; at < stop; at += PAGE_SIZE) {
			pte_t *leaf = &table_leaves(table)[pt_index(at, 0)];

			if (!pte_present(*leaf))
				continue;
			tlb_note(tb, at);
			move_leaf(s, leaf, table, at, to + (at - from));
		}
		spin_unlock(&table->table.lock);
	}
	tlb_flush(tb);
	if (obj != NULL)
		mutex_unlock(&obj->lock);
}

/* The request, in whole pages. */
struct remap {
	uaddr_t old;
	uint64_t old_len, new_len;
	unsigned how; /* REMAP_* */
	uaddr_t to;   /* address of the new mapping; at first a hint, or 0 */
};

/* Charge for the new mapping, minus the mappings that it replaces. */
static int
charge_move(struct space *s, const struct vma *v, const struct remap *m)
{
	bool keep = (m->how & REMAP_KEEP) != 0;
	uint64_t given = keep ? 0 : m->old_len;
	uint64_t pages =
		vma_commit_pages(v->flags, v->obj, 0, m->new_len - given);

	if (m->how & REMAP_FIXED)
		given += vma_bytes(s, m->to, m->to + m->new_len);
	/*
	 * REMAP_KEEP moves VM_LOCKED to the new mapping, so the total of locked
	 * memory stays the same.
	 */
	return space_charge(s, keep ? v->flags & ~VM_LOCKS : v->flags,
			    m->new_len - MIN(given, m->new_len), pages);
}

/*
 * Allocate and charge all that a move needs.  Returns 0; or -ENOMEM or -EAGAIN
 * with nothing changed.
 */
static int
prepare_move(struct space *s, const struct vma *v, const struct remap *m)
{
	bool fixed = (m->how & REMAP_FIXED) != 0;
	uaddr_t end = m->to + m->new_len;
	unsigned more = 1 + vma_splits(s, m->old, m->old + m->old_len);

	if (fixed)
		more += vma_splits(s, m->to, end);
	if (!vma_room(s, more) ||
	    settle(s, m->old, m->old + m->old_len, SETTLE_EDIT) != 0 ||
	    settle(s, m->to, end, fixed ? SETTLE_EDIT : SETTLE_FILL) != 0 ||
	    prepare_tables(s, m->old, m->to, m->old_len) != 0)
		return -ENOMEM;
	return charge_move(s, v, m);
}

static void
move_mapping(struct space *s, const struct remap *m, struct vma *n,
	     struct spares *src, struct spares *dst)
{
	uaddr_t old_end = m->old + m->old_len, end = m->to + m->new_len;
	struct tlb_batch tb;
	struct vma *v;

	tlb_begin(&tb, s);
	if (m->how & REMAP_FIXED) {
		vma_split_range(s, m->to, end, dst);
		pt_zap(s, m->to, end, false, &tb); /* the tables stay */
		tlb_flush(&tb);
		vma_remove_range(s, m->to, end);
	}
	if (m->old_len > 0)
		vma_split_range(s, m->old, old_end, src);
	v = vma_find(s, m->old);
	/*
	 * vma_init() appends n to the object's list, so memobj_unmap() finds
	 * the leaves at v before the move, and at n after it.
	 */
	vma_init(n, m->to, end, v->flags, v->obj,
		 v->index + ((m->old - v->start) >> PAGE_SHIFT));
	vma_insert(n);
	move_leaves(s, m->old, m->to, m->old_len, v->obj, &tb);
	if (m->how & REMAP_KEEP) {
		v->flags &= ~VM_LOCKS;
		vma_merge_range(s, m->old, old_end);
	} else if (m->old_len > 0) {
		vma_remove(v);
		vma_free(v);
	}
	vma_merge_range(s, m->to, end);
}

/* Move or duplicate the old range, which lies in `v`. */
static int64_t
move(struct space *s, const struct vma *v, struct remap *m)
{
	struct spares src = { { NULL, NULL } }, dst = { { NULL, NULL } };
	bool fixed = (m->how & REMAP_FIXED) != 0;
	struct vma *n;
	int err = -ENOMEM;

	requires_write_lock(&s->lock);
	n = vma_spare(s);
	if (!fixed)
		m->to = vma_place(s, m->to, m->new_len);
	if (n != NULL && (fixed || m->to != 0) && spares_take(&src, s) == 0 &&
	    (!fixed || spares_take(&dst, s) == 0))
		err = prepare_move(s, v, m);
	if (err == 0)
		move_mapping(s, m, n, &src, &dst);
	else if (n != NULL)
		vma_free(n);
	spares_drop(&src);
	spares_drop(&dst);
	return err != 0 ? err : (int64_t)m->to;
}

/*
 * Grow `v`, which ends at old + old_len, in place.  False if there is no room;
 * otherwise *err is the result.
 */
static bool
grow_in_place(struct space *s, struct vma *v, uint64_t more, int64_t *err)
{
	struct vma *next = vma_next(v);
	uint64_t pages = vma_commit_pages(v->flags, v->obj, 0, more);

	if (!user_range_ok(v->end, more) ||
	    (next != NULL && next->start < v->end + more) ||
	    v->end + more > s->mmap_top)
		return false;
	*err = space_charge(s, v->flags, more, pages);
	if (*err == 0) {
		vma_set_range(v, v->start, v->end + more);
		vma_merge(v);
	}
	return true;
}

static int64_t
remap_locked(struct space *s, struct remap *m)
{
	bool elsewhere = (m->how & (REMAP_FIXED | REMAP_KEEP)) != 0;
	struct vma *v = vma_find(s, m->old);
	int64_t r;

	if (v == NULL)
		return -EFAULT;
	if (!elsewhere && m->new_len == m->old_len)
		return (int64_t)m->old;
	/* old_len 0 duplicates the mapping, which must be shared. */
	if (m->old_len == 0 && !(v->flags & VM_SHARED))
		return -EINVAL;
	if (v->end < m->old + m->old_len)
		return -EFAULT;
	if (!elsewhere && m->old_len > 0 && v->end == m->old + m->old_len &&
	    grow_in_place(s, v, m->new_len - m->old_len, &r))
		return r < 0 ? r : (int64_t)m->old;
	return m->how & REMAP_MAY_MOVE ? move(s, v, m) : -ENOMEM;
}

/*
 * Shrink the mapping: unmap the excess.  -EFAULT if nothing is mapped at `old`.
 */
static int
cut_off(struct space *s, struct remap *m)
{
	uint64_t more = m->old_len - m->new_len;
	bool there;

	rwlock_read(&s->lock);
	there = vma_find(s, m->old) != NULL;
	space_unlock_read(s);
	m->old_len = m->new_len;
	return there ? space_unmap(s, m->old + m->new_len, more) : -EFAULT;
}

/* Is m->to a possible address for the new mapping? */
static bool
place_ok(const struct remap *m)
{
	return IS_ALIGNED(m->to, PAGE_SIZE) &&
	       user_range_ok(m->to, m->new_len) &&
	       (m->to + m->new_len <= m->old ||
		m->old + MAX(m->old_len, PAGE_SIZE) <= m->to);
}

int64_t
space_remap(struct space *s, uaddr_t old, uint64_t old_len, uint64_t new_len,
	    unsigned how, uaddr_t to)
{
	struct remap m = { old, PAGE_UP(old_len), PAGE_UP(new_len), how, to };
	int64_t r = 0;

	if (!IS_ALIGNED(old, PAGE_SIZE) || new_len == 0 || new_len > USER_END ||
	    old_len > USER_END)
		return -EINVAL;
	if (!user_range_ok(old, m.old_len))
		return -EFAULT;
	if ((how & (REMAP_FIXED | REMAP_KEEP)) && !place_ok(&m))
		return -EINVAL;
	if (m.new_len < m.old_len)
		r = cut_off(s, &m);
	if (r != 0)
		return r;
	rwlock_write(&s->lock);
	r = remap_locked(s, &m);
	space_unlock(s);
	return r;
}
