/* SPDX-License-Identifier: MIT */
/*
 * mm/fault.c - the page-fault handler.
 *
 * space_fault() is the entry.  It handles every page fault of a program, and
 * every kernel access to user memory that finds a leaf missing or too weak.
 * The VMA says whether the access is allowed.  If it is, the action depends on
 * the leaf:
 *
 *   allows it already		nothing: another thread was faster, or the TLB
 *				held an old entry
 *   present, W missing		shared: notify the object and set W
 *				private: leaf_break()
 *   absent			fill it: zero page, fresh page, or page cache
 *
 * leaf_break() handles every copy-on-write fault on a present leaf.  It
 * allocates before it takes the table lock, and decides under the lock.  It
 * replaces a frame in the order break, flush, make: no thread can read the old
 * page after another thread has written the new one.
 *
 * space_look() in mm/look.c says what space_fault() would do.  Locks, contexts
 * and errors are in mm/fault.h.
 */
#include "mm/fault.h"

#include "kernel/panic.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/fork/settle.h"
#include "mm/limit.h"
#include "mm/space.h"
#include "mm/vma.h"

/* Internal result: the fault lost a race and must be tried again. */
#define RETRY 1

struct fault {
	struct space *s;
	struct vma *v;
	uaddr_t va;	 /* page-aligned */
	unsigned access; /* VM_PROT bits only */
	struct frame *table;
	pte_t *leaf;
};

/* Store a leaf.  If the leaf has W, clear FRAME_NO_W on the table. */
static inline void
store_leaf(struct fault *ft, pte_t e)
{
	requires_lock(&ft->table->table.lock);
	if ((e & PTE_W) && (frame_word(ft->table) & FRAME_NO_W))
		frame_clear_flags(ft->table, FRAME_NO_W);
	pte_change(&ft->s->mmu, ft->va, ft->leaf, e);
}

/*
 * Prepare f for execution: afterwards no hart can fetch stale instructions from
 * the frame.
 */
static inline void
sync_code(const struct fault *ft, struct frame *f)
{
	if (likely(frame_word(f) & FRAME_CODE)) {
		mmu_catch_up_icache(&ft->s->mmu);
		return;
	}
	mmu_sync_icache(&ft->s->mmu);
	frame_set_flags(f, FRAME_CODE);
}

static inline pte_t
leaf_make(const struct fault *ft, struct frame *f, bool writable)
{
	unsigned prot = ft->v->flags & VM_PROT;

	if (prot & VM_EXEC)
		sync_code(ft, f);
	if (!writable)
		prot &= ~VM_WRITE;
	if (ft->v->flags & VM_WRITE)
		prot |= VM_READ;
	return pte_make(frame_pa(f), pt_leaf_bits(prot));
}

static inline void
notify_broke(struct fault *ft, struct frame *old, struct frame *now)
{
	const struct fork_strategy *st = ft->s->strategy;

	if (st->broke != NULL)
		st->broke(ft->s, ft->v, ft->va, old, now);
}

/* ---- breaking a present leaf ---- */

static void
count_break(struct fault *ft, const struct frame *old)
{
	uint64_t word = frame_word(old);
	enum fork_counter which = FS_break_copy;

	if (word & FRAME_ZERO)
		which = FS_break_zero;
	else if (word & FRAME_CACHE)
		which = FS_break_file;
	forkstat_inc(&ft->s->counters, which);
}

/* Copy `old` to `fresh`, and make the leaf name `fresh`. */
static void
replace_frame(struct fault *ft, struct frame *old, struct frame *fresh)
{
	requires_lock(&ft->table->table.lock);
	if (old == frame_zero)
		page_zero(frame_ptr(fresh));
	else
		page_copy(frame_ptr(fresh), frame_ptr(old));
	frame_set_flags(fresh, FRAME_ANON);
	pte_change(&ft->s->mmu, ft->va, ft->leaf, 0); /* break ... */
	tlb_flush_page(ft->s, ft->va);
	store_leaf(ft, leaf_make(ft, fresh, true)); /* ... before make */
	count_break(ft, old);
	notify_broke(ft, old, fresh);
	if (old != frame_zero)
		leaf_put(ft->s, old);
}

static int
leaf_break(struct fault *ft)
{
	pte_t before = pte_load(ft->leaf);
	struct frame *fresh = NULL, *old;
	int err = 0;

	/* Another thread's leaf_break(), or memobj_unmap(), cleared the leaf. */
	if (unlikely(!pte_present(before)))
		return RETRY;
	old = pte_frame(before);
	if (!page_is_own(ft->table, old)) {
		fresh = frame_alloc(FRAME_MAY_SLEEP);
		if (fresh == NULL)
			return -ENOMEM;
	}
	spin_lock(&ft->table->table.lock);
	if (unlikely(*ft->leaf != before)) {
		err = RETRY;
	} else if (page_is_own(ft->table, old)) {
		if (likely(ft->v->flags & VM_WRITE))
			store_leaf(ft, before | PTE_W | PTE_D);
		mmu_flush_local(&ft->s->mmu, ft->va);
		forkstat_inc(&ft->s->counters, FS_break_reuse);
		notify_broke(ft, old, old);
	} else if (fresh != NULL) {
		replace_frame(ft, old, fresh);
		fresh = NULL;
	} else {
		err = RETRY; /* page shared meanwhile: retry with a frame */
	}
	spin_unlock(&ft->table->table.lock);
	if (fresh != NULL)
		frame_put(fresh);
	return err;
}

/* ---- filling an absent leaf ---- */

/*
 * Store `f` in the empty leaf, which takes over the caller's reference.
 * Returns 0; or RETRY if the leaf is no longer empty, and the caller keeps the
 * reference.
 */
static int
install(struct fault *ft, struct frame *f, bool writable)
{
	int err = RETRY;

	spin_lock(&ft->table->table.lock);
	if (likely(*ft->leaf == 0)) {
		store_leaf(ft, leaf_make(ft, f, writable));
		ft->table->table.live++;
		err = 0;
	}
	spin_unlock(&ft->table->table.lock);
	return err;
}

static int
fill_anonymous(struct fault *ft)
{
	struct frame *f;
	int err;

	if (ft->access != VM_WRITE)
		return install(ft, frame_zero, false);
	f = frame_alloc(FRAME_MAY_SLEEP);
	if (f == NULL)
		return -ENOMEM;
	page_zero(frame_ptr(f));
	frame_set_flags(f, FRAME_ANON);
	err = install(ft, f, true);
	if (err != 0)
		frame_put(f);
	else
		forkstat_inc(&ft->s->counters, FS_fill_zero);
	return err;
}

/*
 * Write to an absent page of a private file mapping: map a copy of the
 * page-cache page.
 */
static int
fill_private_copy(struct fault *ft, struct frame *cached)
{
	struct frame *f = frame_alloc(FRAME_MAY_SLEEP);
	int err;

	if (f == NULL)
		return -ENOMEM;
	page_copy(frame_ptr(f), frame_ptr(cached));
	frame_set_flags(f, FRAME_ANON);
	err = install(ft, f, true);
	if (err != 0)
		frame_put(f);
	else
		forkstat_inc(&ft->s->counters, FS_break_file);
	return err;
}

static int
fill_object(struct fault *ft)
{
	struct memobj *obj = ft->v->obj;
	uint64_t index = ft->v->index + ((ft->va - ft->v->start) >> PAGE_SHIFT);
	bool shared = (ft->v->flags & VM_SHARED) != 0;
	bool write = ft->access == VM_WRITE;
	struct frame *f;
	int err = obj->ops->get_page(obj, index, shared && write, &f);

	if (err != 0)
		return err == -EFAULT ? -ENXIO : err;
	assert(frame_word(f) & FRAME_CACHE);
	if (write && !shared) {
		err = fill_private_copy(ft, f);
		frame_unpin(f);
		return err;
	}
	/*
	 * Turn interrupts off: an audit between install() and
	 * frame_pin_to_map() would count one reference as a leaf and as a pin.
	 */
	irq_push_off();
	err = install(ft, f, shared && write);
	if (err == 0)
		frame_pin_to_map(f);
	irq_pop_off();
	if (err == 0) {
		forkstat_inc(&ft->s->counters, FS_fill_file);
	} else {
		frame_unpin(f);
	}
	return err;
}

/*
 * First write to a shared page since its last write-back: mark the page dirty,
 * then set W.
 */
static int
shared_write(struct fault *ft)
{
	struct memobj *obj = ft->v->obj;
	uint64_t index = ft->v->index + ((ft->va - ft->v->start) >> PAGE_SHIFT);
	pte_t before = pte_load(ft->leaf);
	struct frame *f;
	int err = obj->ops->get_page(obj, index, true, &f);

	if (err != 0)
		return err == -EFAULT ? -ENXIO : err;
	spin_lock(&ft->table->table.lock);
	if (*ft->leaf == before && pte_present(before) &&
	    pte_frame(before) == f) {
		store_leaf(ft, before | PTE_W | PTE_D);
		mmu_flush_local(&ft->s->mmu, ft->va);
	} else {
		err = RETRY;
	}
	spin_unlock(&ft->table->table.lock);
	frame_unpin(f);
	return err;
}

/* ---- the decision ---- */

/*
 * Set D in a leaf from which a strategy has cleared it to detect writes.  This
 * hart faults on a clear D, instead of setting D in hardware.
 */
static void
set_dirty(struct fault *ft, pte_t before)
{
	spin_lock(&ft->table->table.lock);
	if (*ft->leaf == before)
		pte_change(&ft->s->mmu, ft->va, ft->leaf, before | PTE_D);
	spin_unlock(&ft->table->table.lock);
}

/* Find the leaf again after settle(), which may have replaced the table. */
static inline void
find_settled(struct fault *ft)
{
	if (unlikely(ft->s->strategy->settle != NULL))
		ft->leaf = pt_leaf(ft->s->root, ft->va, &ft->table);
}

/*
 * The leaf allows the access, but this hart faulted: its TLB held an old entry.
 * If the strategy replaces tables, that entry may be a slot, which a flush of
 * one page need not remove: flush the whole space on this hart.
 */
static inline void
forget_old_entries(struct fault *ft)
{
	if (likely(ft->s->strategy->settle == NULL))
		mmu_flush_local(&ft->s->mmu, ft->va);
	else
		mmu_flush_local_all(&ft->s->mmu);
}

static int
handle_leaf(struct fault *ft)
{
	struct space *s = ft->s;
	pte_t e = pte_load(ft->leaf);
	int err;

	if (leaf_allows(e, ft->access)) {
		if (unlikely(ft->access == VM_WRITE && (e & PTE_D) == 0))
			set_dirty(ft, e);
		forget_old_entries(ft);
		forkstat_inc(&s->counters, FS_spurious);
		return 0;
	}
	if (pte_present(e)) {
		/*
		 * An access that the VMA allows can lack only W here.  A forced
		 * access (VM_FORCE) needs only a present leaf, which another
		 * thread has just filled.
		 */
		if (unlikely(ft->access != VM_WRITE))
			return 0;
		if (ft->v->flags & VM_SHARED)
			return shared_write(ft);
		err = settle(s, ft->va, ft->va + 1, SETTLE_WRITE);
		if (err != 0)
			return err;
		find_settled(ft);
		return leaf_break(ft);
	}
	err = settle(s, ft->va, ft->va + 1, SETTLE_FILL);
	if (err != 0)
		return err;
	find_settled(ft);
	return ft->v->obj == NULL ? fill_anonymous(ft) : fill_object(ft);
}

/* VM_FORCE: a debugger may read every page, and write private pages. */
static inline bool
access_allowed(const struct vma *v, unsigned access)
{
	return (v->flags & access & VM_PROT) != 0 ||
	       (unlikely(access & VM_FORCE) &&
		((access & VM_READ) || !(v->flags & VM_SHARED)));
}

static int
fault_in_vma(struct space *s, struct vma *v, uaddr_t va, unsigned access)
{
	struct fault ft = {
		.s = s, .v = v, .va = PAGE_DOWN(va), .access = access & VM_PROT
	};
	int err;

	if (!access_allowed(v, access))
		return -EACCES;
	err = settle(s, ft.va, ft.va + 1, SETTLE_READ);
	if (err != 0)
		return err;
	ft.leaf = pt_leaf(s->root, ft.va, &ft.table);
	if (unlikely(ft.leaf == NULL)) {
		ft.table = pt_table(s, ft.va);
		if (ft.table == NULL)
			return -ENOMEM;
		ft.leaf = &table_leaves(ft.table)[pt_index(va, 0)];
	}
	return handle_leaf(&ft);
}

/*
 * If `va` lies below a stack, grow the stack down to it.  Takes the space's
 * lock for writing.  Returns RETRY if the fault should be tried again, or
 * -EFAULT.
 */
static int
grow_stack(struct space *s, uaddr_t va)
{
	uint64_t limit = current_memory_limit(LIMIT_STACK), pages;
	uaddr_t start = PAGE_DOWN(va);
	int err = -EFAULT;
	struct vma *v, *below;

	rwlock_write(&s->lock);
	v = vma_find_next(s, va);
	if (v == NULL || (v->start > va && !(v->flags & VM_GROWSDOWN)))
		goto out;
	if (v->start <= va) {
		err = RETRY; /* another thread has mapped va */
		goto out;
	}
	below = vma_prev(v);
	if (v->end - start > limit || start < USER_MIN ||
	    limit_check(s, v->flags, v->start - start) != 0 ||
	    (below != NULL &&
	     start - MIN(start, below->end) < STACK_GAP_PAGES * PAGE_SIZE))
		goto out;
	pages = vma_commit_pages(v->flags, v->obj, start, v->start);
	/* If this exceeds a limit, va stays unmapped: the result is -EFAULT. */
	if (space_charge(s, v->flags, v->start - start, pages) != 0)
		goto out;
	v->start = start;
	err = RETRY;
out:
	space_unlock(s);
	return err;
}

int
space_fault(struct space *s, uaddr_t va, unsigned access)
{
	struct vma *v;
	int err;

	if (va >= USER_END)
		return -EFAULT;
	do {
		rwlock_read(&s->lock);
		v = vma_find(s, va);
		err = v != NULL ? fault_in_vma(s, v, va, access) : -EFAULT;
		space_unlock_read(s);
		if (unlikely(v == NULL))
			err = grow_stack(s, va);
	} while (err == RETRY);
	return err;
}
