/* SPDX-License-Identifier: MIT */
/*
 * mm/object.c - unmaps pages of a memory object from every space.
 *
 * memobj_unmap() and memobj_cut() walk from the object to the page tables,
 * against the usual direction.  They hold the object's lock.  In the lock order
 * a space's lock comes before it, so they cannot take the spaces' locks.
 * Two rules make the walk safe.  A VMA leaves the object's list, under the
 * object's lock, before its space is destroyed.  pt_zap_free() clears a slot
 * under the two locks that slot_table_lock() takes, before the table can be
 * freed.
 */
#include "mm/object.h"

#include "mm/pt.h"
#include "mm/space.h"
#include "mm/tlb.h"
#include "mm/vma.h"

void
memobj_init(struct memobj *o, const struct memobj_ops *ops)
{
	static _Atomic uint64_t last;

	o->ops = ops;
	o->number = atomic_fetch_add(&last, 1) + 1;
	mutex_init(&o->lock, LOCK_OBJECT);
	list_init(&o->vmas);
}

/*
 * Clear and flush the leaves of v that map pages [first, last].  munmap() and
 * madvise() may have cleared a leaf already, but not flushed it yet.  The frame
 * stays allocated until they have flushed it, but a program can still store to
 * the page, and write-back must not mark it clean before the last store.  So
 * this function also flushes where it has found no leaf, if the mapping can
 * have leaves with W.
 */
static void
unmap_in_vma(struct vma *v, uint64_t first, uint64_t last, bool only_cache)
{
	const unsigned stores = VM_SHARED | VM_MAYWRITE;
	uint64_t pages = (v->end - v->start) >> PAGE_SHIFT;
	uint64_t lo = MAX(first, v->index);
	uint64_t hi = MIN(last, v->index + pages - 1);
	uaddr_t start = v->start + ((lo - v->index) << PAGE_SHIFT);
	uaddr_t end = v->start + ((hi - v->index + 1) << PAGE_SHIFT);
	struct tlb_batch tb;

	if (lo > hi)
		return;
	tlb_begin(&tb, v->space);
	pt_zap(v->space, start, end, only_cache, &tb);
	if ((v->flags & stores) == stores)
		tlb_note_range(&tb, start, end);
	tlb_flush(&tb);
	tlbcheck(&v->space->mmu, 0, "an object's pages are unmapped");
}

static void
unmap(struct memobj *o, uint64_t first, uint64_t last, bool only_cache)
{
	struct vma *v;

	mutex_lock(&o->lock);
	list_for_each_entry(v, &o->vmas, obj_node)
		unmap_in_vma(v, first, last, only_cache);
	mutex_unlock(&o->lock);
}

void
memobj_unmap(struct memobj *o, uint64_t first, uint64_t last)
{
	unmap(o, first, last, true);
}

void
memobj_cut(struct memobj *o, uint64_t first)
{
	unmap(o, first, UINT64_MAX, false);
}
