/* SPDX-License-Identifier: MIT */
/*
 * mm/inspect.c - reads a space and counts its pages, without changing it.
 *
 * Used by /proc, mincore, futex keys, and the choice of a process to kill when
 * memory is short.  All functions run in process context and take the space's
 * lock for reading; mm/inspect.h describes their results.  While a function
 * holds the lock, a strategy may replace the table in a slot.  A slot becomes
 * empty only with the lock held for writing, so slot_table_lock() always finds
 * a table in a slot that pt_next_slot() returned.
 */
#include "mm/inspect.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/space.h"
#include "mm/vma.h"

bool
space_next_vma(struct space *s, uaddr_t at, struct vma_info *out)
{
	struct vma *v;

	rwlock_read(&s->lock);
	v = vma_find_next(s, at);
	if (v != NULL) {
		*out = (struct vma_info){ .start = v->start,
					  .end = v->end,
					  .flags = v->flags,
					  .index = v->index,
					  .obj = v->obj };
		if (v->obj != NULL)
			memobj_get(v->obj);
	}
	space_unlock_read(s);
	return v != NULL;
}

int
space_shared_place(struct space *s, uaddr_t va, uint64_t *object,
		   uint64_t *offset)
{
	struct vma *v;
	int err = 0;

	rwlock_read(&s->lock);
	v = vma_find(s, va);
	if (v == NULL || (v->obj == NULL && !(v->flags & VM_WRITE))) {
		err = -EFAULT;
	} else if ((v->flags & VM_SHARED) && v->obj != NULL) {
		*object = v->obj->number;
		*offset = (v->index << PAGE_SHIFT) + (va - v->start);
	}
	space_unlock_read(s);
	return err;
}

int
space_is_resident(struct space *s, uaddr_t va)
{
	int result = -ENOMEM;
	struct vma *v;

	rwlock_read(&s->lock);
	v = vma_find(s, va);
	if (v != NULL) {
		pte_t *slot = pt_slot(s, va, false);
		struct frame *t =
			slot == NULL ? NULL : slot_table_lock(s, slot);

		result = t != NULL && pte_present(pte_load(&table_leaves(
					      t)[pt_index(va, 0)]));
		if (t != NULL)
			spin_unlock(&t->table.lock);
		if (!result && v->obj != NULL && v->obj->ops->cached != NULL)
			result = v->obj->ops->cached(
				v->obj,
				v->index + ((va - v->start) >> PAGE_SHIFT));
	}
	space_unlock_read(s);
	return result;
}

/* Count one present leaf, in a table that `share` slots name. */
static void
count_leaf(pte_t leaf, unsigned share, struct page_counts *c)
{
	uint64_t word = frame_word(pte_frame(leaf));
	/*
	 * `mappers` counts the distinct tables that map the page, and the other
	 * slots that name this table.  `maps` can be 0 although the leaf is
	 * present: fill_object() stores the leaf before it turns its pin into a
	 * mapping.
	 */
	uint64_t maps = frame_maps_in(word);
	uint64_t mappers = MAX(maps, UINT64_C(1)) + share - 1;
	bool dirty = (word & (FRAME_CACHE | FRAME_DIRTY)) != FRAME_CACHE;

	if (word & FRAME_ZERO)
		return;
	c->resident++;
	c->file += (word & FRAME_CACHE) != 0;
	c->dirty += dirty;
	c->part += PAGE_SIZE / mappers;
	c->sole += mappers == 1;
	c->sole_dirty += dirty && mappers == 1;
}

/* Count the leaves in [start, end).  Returns how many leaf tables hold them. */
static uint64_t
count_pages(struct space *s, uaddr_t start, uaddr_t end, struct page_counts *c)
{
	uint64_t tables = 0;
	uaddr_t at = start;
	pte_t *slot;

	for (; (slot = pt_next_slot(s, &at, end)) != NULL; tables++) {
		uaddr_t stop = MIN(end, (at | (PT_SPAN_1 - 1)) + 1);
		struct frame *t = slot_table_lock(s, slot);
		const pte_t *leaf = &table_leaves(t)[pt_index(at, 0)];

		for (; at < stop; at += PAGE_SIZE, leaf++) {
			pte_t e = pte_load(leaf);

			if (pte_present(e))
				count_leaf(e, t->table.share, c);
		}
		spin_unlock(&t->table.lock);
	}
	return tables;
}

void
space_get_usage(struct space *s, struct space_usage *u)
{
	struct page_counts c = { 0 };
	struct vma *v;

	memset(u, 0, sizeof(*u));
	rwlock_read(&s->lock);
	for (v = vma_find_next(s, 0); v != NULL; v = vma_next(v)) {
		uint64_t pages = (v->end - v->start) >> PAGE_SHIFT;

		u->size += pages;
		if (v->flags & VM_STACK)
			u->stack += pages;
		else if (v->flags & VM_EXEC)
			u->text += pages;
		else if ((v->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
			u->data += pages;
	}
	u->locked = vma_locked_bytes(s) >> PAGE_SHIFT;
	u->tables = 1 + count_pages(s, 0, USER_END, &c);
	for (unsigned i = 0; i < PT_ENTRIES / 2; i++)
		u->tables += pte_valid(s->root[i]);
	u->resident = c.resident;
	u->shared = c.file;
	space_unlock_read(s);
}

void
space_count_pages(struct space *s, uaddr_t start, uaddr_t end,
		  struct page_counts *c)
{
	*c = (struct page_counts){ 0 };
	rwlock_read(&s->lock);
	(void)count_pages(s, start, end, c);
	space_unlock_read(s);
}

/*
 * Count the pages of v that destroying s would free: no other table maps them,
 * and no other slot names their table.
 */
static uint64_t
own_pages(struct space *s, const struct vma *v)
{
	uint64_t pages = 0;
	uaddr_t at = v->start;
	pte_t *slot;

	while ((slot = pt_next_slot(s, &at, v->end)) != NULL) {
		uaddr_t stop = MIN(v->end, (at | (PT_SPAN_1 - 1)) + 1);
		struct frame *t = slot_table_lock(s, slot);
		const pte_t *leaf = &table_leaves(t)[pt_index(at, 0)];

		for (; at < stop; at += PAGE_SIZE, leaf++) {
			pte_t e = pte_load(leaf);
			uint64_t word;

			if (!pte_present(e) || t->table.share > 1)
				continue;
			word = frame_word(pte_frame(e));
			pages += frame_maps_in(word) == 1 &&
				 !(word & FRAME_ZERO) &&
				 (!(word & FRAME_CACHE) ||
				  (v->flags & VM_NAMELESS));
		}
		spin_unlock(&t->table.lock);
	}
	return pages;
}

uint64_t
space_own_pages(struct space *s)
{
	uint64_t pages = 1; /* the root */
	uaddr_t at = 0;
	struct vma *v;
	pte_t *slot;

	rwlock_read(&s->lock);
	for (v = vma_find_next(s, 0); v != NULL; v = vma_next(v))
		pages += own_pages(s, v);
	for (; (slot = pt_next_slot(s, &at, USER_END)) != NULL;
	     at = (at | (PT_SPAN_1 - 1)) + 1) {
		struct frame *t = slot_table_lock(s, slot);

		pages += t->table.share == 1;
		spin_unlock(&t->table.lock);
	}
	for (unsigned i = 0; i < PT_ENTRIES / 2; i++)
		pages += pte_valid(s->root[i]);
	space_unlock_read(s);
	return pages;
}
