/*
 * mm/remap.c - mremap: growing, shrinking and moving one mapping.
 *
 * A move takes the leaves along, so no page is copied and none is faulted in
 * again.  The tables of the new place are made before the first leaf moves.
 */
#include "lib/errno.h"
#include "mm/settle.h"
#include "mm/space.h"
#include "mm/tlb.h"
#include "mm/vma.h"

/* Tables at `to` for every slot at `from` that has leaves. */
static int
prepare_tables(struct space *s, uaddr_t from, uaddr_t to, uint64_t len)
{
	uaddr_t at = from;

	while (pt_next_slot(s, &at, from + len) != NULL) {
		uaddr_t stop = MIN(from + len, (at | (PT_SPAN_1 - 1)) + 1);

		/* One source slot can straddle two at the new place. */
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
	struct frame *dst = NULL; /* prepare_tables() made it */
	pte_t *place = pt_leaf(s->root, to, &dst);

	if (dst != table)
		spin_lock(&dst->table.lock);
	if (*leaf & PTE_W)
		frame_clear_flags(dst, FRAME_NOW);
	pte_change(&s->mmu, to, place, *leaf);
	pte_change(&s->mmu, from, leaf, 0);
	dst->table.live++;
	table->table.live--;
	if (dst != table)
		spin_unlock(&dst->table.lock);
}

static void
move_leaves(struct space *s, uaddr_t from, uaddr_t to, uint64_t len,
	    struct tlb_batch *tb)
{
	uaddr_t at = from;
	pte_t *slot;

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
}

/* `v` covers [old, old + old_len); the lock is held for writing. */
static int64_t
move(struct space *s, struct vma *v, uaddr_t old, uint64_t old_len,
     uint64_t new_len)
{
	uaddr_t to = vma_find_gap(s, new_len);
	uint64_t index = v->index + ((old - v->start) >> PAGE_SHIFT);
	struct vma *lo = vma_spare(s), *hi = vma_spare(s), *n;
	uint64_t grow =
		vma_commit_pages(v->flags, v->obj, 0, new_len - old_len);
	struct tlb_batch tb;
	int64_t err = -ENOMEM;

	n = vma_create(s, to, to + new_len, v->flags, v->obj, index);
	tlb_begin(&tb, s);
	if (to == 0 || lo == NULL || hi == NULL || n == NULL ||
	    !vma_room(s, 1 + vma_splits(s, old, old + old_len)) ||
	    settle(s, old, old + old_len, SETTLE_EDIT) != 0 ||
	    settle(s, to, to + old_len, SETTLE_FILL) != 0 ||
	    prepare_tables(s, old, to, old_len) != 0)
		goto out;
	err = space_charge(s, v->flags, new_len - old_len, grow);
	if (err != 0)
		goto out;
	vma_split_at(s, old, &lo);
	vma_split_at(s, old + old_len, &hi);
	vma_insert(n);
	move_leaves(s, old, to, old_len, &tb);
	v = vma_find(s, old);
	vma_remove(v);
	vma_free(v);
	vma_merge(n);
	n = NULL;
	err = (int64_t)to;
out:
	if (n != NULL)
		vma_free(n);
	if (lo != NULL)
		vma_free(lo);
	if (hi != NULL)
		vma_free(hi);
	return err;
}

/* Grow `v`, which ends at old + old_len, in place.  False: there is no room. */
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

int64_t
space_remap(struct space *s, uaddr_t old, uint64_t old_len, uint64_t new_len,
	    bool may_move)
{
	struct vma *v;
	int64_t r;

	if (!IS_ALIGNED(old, PAGE_SIZE) || new_len == 0 || old_len == 0 ||
	    new_len > USER_END || old_len > USER_END)
		return -EINVAL;
	old_len = PAGE_UP(old_len);
	new_len = PAGE_UP(new_len);
	if (!user_range_ok(old, old_len))
		return -EFAULT;
	if (new_len < old_len) {
		rwlock_read(&s->lock);
		v = vma_find(s, old);
		space_unlock_read(s);
		if (v == NULL)
			return -EFAULT;
		r = space_unmap(s, old + new_len, old_len - new_len);
		return r < 0 ? r : (int64_t)old;
	}
	rwlock_write(&s->lock);
	v = vma_find(s, old);
	if (v == NULL || v->end < old + old_len)
		r = -EFAULT;
	else if (new_len == old_len)
		r = (int64_t)old;
	else if (v->end == old + old_len &&
		 grow_in_place(s, v, new_len - old_len, &r))
		r = r < 0 ? r : (int64_t)old;
	else
		r = may_move ? move(s, v, old, old_len, new_len) : -ENOMEM;
	space_unlock(s);
	return r;
}
