/* SPDX-License-Identifier: MIT */
/*
 * mm/look.c - predicts what space_fault() would do at an address, without doing
 * it.
 *
 * Used by /proc/PID/pagewalk, which forkctl explain reads.  The decisions
 * repeat those of mm/fault.c and of the strategies' settle(): change them
 * together.  Row V2 of tests/user/look.c compares the prediction with the real
 * fault.  Context and locks are in mm/look.h.
 */
#include "mm/look.h"

#include "mm/pt.h"
#include "mm/space.h"
#include "mm/vma.h"

/*
 * What the fault would do to the page, after settle() has prepared its table.
 */
static unsigned
look_at_page(const struct vma *v, unsigned access, pte_t e, bool allowed,
	     bool sole)
{
	bool write = access == VM_WRITE;

	if (allowed)
		return LOOK_NOTHING;
	if (!pte_present(e)) {
		if (v->obj == NULL)
			return write ? LOOK_NEW_ZERO : LOOK_MAP_ZERO;
		return write && !(v->flags & VM_SHARED) ? LOOK_FILE_COPY
							: LOOK_MAP_FILE;
	}
	if (v->flags & VM_SHARED)
		return LOOK_SHARED_DIRTY;
	return sole ? LOOK_REUSE : LOOK_COPY;
}

static unsigned
look_at_access(const struct vma *v, unsigned access, pte_t slot, pte_t e)
{
	struct frame *t = slot_table(slot);
	bool detached = t != NULL && !pte_valid(slot), own, sole, allowed;
	unsigned first = 0;

	if (v == NULL || !(v->flags & access))
		return LOOK_REFUSED;
	own = t == NULL || table_is_own(t);
	sole = pte_present(e) && page_is_own(t, pte_frame(e));
	allowed = leaf_allows(e, access) &&
		  (access != VM_WRITE || !detached || sole);
	/* A shared table that is attached is kept if no leaf has to change. */
	if (detached)
		first = own ? LOOK_TABLE_TAKE : LOOK_TABLE_COPY;
	else if (!own && !allowed)
		first = LOOK_TABLE_COPY;
	return first | look_at_page(v, access, e, allowed, sole);
}

void
space_look(struct space *s, uaddr_t va, struct page_look *out)
{
	static const unsigned accesses[3] = { VM_READ, VM_WRITE, VM_EXEC };
	struct frame *t = NULL;
	struct vma *v;
	pte_t *slot;

	*out = (struct page_look){ 0 };
	rwlock_read(&s->lock);
	v = vma_find(s, va);
	if (v != NULL) {
		out->start = v->start;
		out->end = v->end;
		out->vma_flags = v->flags;
	}
	out->entry[0] = s->root[pt_index(va, 2)];
	slot = pt_slot(s, va, false);
	if (slot != NULL) {
		t = slot_table_lock(s, slot);
		out->entry[1] = pte_load(slot);
	}
	if (t != NULL) {
		out->table_share = t->table.share;
		out->table_live = (uint16_t)t->table.live;
		out->entry[2] = pte_load(&table_leaves(t)[pt_index(va, 0)]);
		if (pte_present(out->entry[2]))
			out->frame = frame_word(pte_frame(out->entry[2]));
	}
	for (unsigned i = 0; i < 3; i++)
		out->does[i] = (uint8_t)look_at_access(
			v, accesses[i], out->entry[1], out->entry[2]);
	if (t != NULL)
		spin_unlock(&t->table.lock);
	space_unlock_read(s);
}
