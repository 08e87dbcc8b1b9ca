/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/dup.c - copy a parent's leaves to a child's tables, for every fork
 * strategy.
 *
 * space_dup_range() is the entry point; its rules, context and errors are in
 * mm/fork/strategy.h.  It iterates over VMAs, then slots, then leaves, so that
 * decisions about the VMA stay outside the innermost loop.  The cost of one
 * shared page is in docs/strategies/cow.md.
 *
 * Both leaf tables are locked while leaves are copied, since a truncation may
 * clear leaves of file mappings at any time.  A copy of a page needs a frame,
 * which is allocated without sleeping.  If that fails, the locks are released,
 * a spare frame is allocated with reclaim, and the copy is tried again.
 */
#include "mm/fork/strategy.h"

#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/space.h"
#include "mm/vma.h"

struct dup {
	struct fork_ctx *fc;
	struct vma *vma; /* the parent's */
	enum dup_how how;
	dup_choose_fn *choose;
	struct frame *src, *dst; /* leaf tables */
	struct frame *spare;	 /* a frame for the next copy, or NULL */
	uaddr_t stripped;	 /* first page that lost W, or USER_END */
	uint64_t seen, shared, copied, pinned, w_stripped;
};

/* Result of one leaf. */
enum leaf_result { LEAF_DONE, LEAF_NEEDS_FRAME, LEAF_FAILED };

/* Copy a private page for the child, into the spare frame or a new frame. */
static enum leaf_result
leaf_copy(struct dup *d, pte_t e, struct frame *f, pte_t *to)
{
	struct frame *n = d->spare;
	pte_t bits = e & ((UINT64_C(1) << 10) - 1);

	requires_lock(&d->dst->table.lock);
	if (n == NULL) {
		n = frame_alloc(FRAME_ATOMIC);
		if (n == NULL)
			return LEAF_NEEDS_FRAME;
	}
	d->spare = NULL;
	page_copy(frame_ptr(n), frame_ptr(f));
	frame_set_flags(n, FRAME_ANON);
	if (unlikely(bits & PTE_X))
		mmu_sync_icache(&d->fc->child->mmu);
	/* Only the child maps the copy: set W if the VMA allows writes. */
	if (pte_valid(e) && (d->vma->flags & VM_WRITE))
		bits |= PTE_W | PTE_D;
	pte_store(to, pte_make(frame_pa(n), bits));
	d->copied++;
	return LEAF_DONE;
}

/*
 * Copy the page and clear D in both leaves: a D that is set later shows which
 * process has written to the page.
 */
static enum leaf_result
leaf_copy_clean(struct dup *d, pte_t e, struct frame *f, pte_t *from, pte_t *to,
		uaddr_t va)
{
	enum leaf_result r = leaf_copy(d, e, f, to);

	if (r != LEAF_DONE)
		return r;
	pte_store(to, *to & ~PTE_D);
	pte_change(&d->fc->parent->mmu, va, from, e & ~PTE_D);
	/* Flush, although W is kept: TLB entries may still have D. */
	tlb_note(d->fc->tb, va);
	return LEAF_DONE;
}

/* Share a private page: the same frame in both tables, with W clear. */
static inline enum leaf_result
leaf_share(struct dup *d, pte_t e, struct frame *f, pte_t *from, pte_t *to,
	   uaddr_t va)
{
	if (unlikely(!frame_get(f)))
		return LEAF_FAILED;
	if (e & PTE_W) {
		e &= ~PTE_W;
		pte_change(&d->fc->parent->mmu, va, from, e);
		d->w_stripped++;
		d->stripped = MIN(d->stripped, va);
	}
	*to = e;
	d->shared++;
	return LEAF_DONE;
}

/* Copy one present leaf of a private VMA. */
static inline enum leaf_result
leaf_private(struct dup *d, pte_t e, pte_t *from, pte_t *to, uaddr_t va)
{
	struct frame *f = pte_frame(e);
	uint64_t word = frame_word(f);
	enum dup_how how = d->how;

	if (unlikely(word & (FRAME_ZERO | FRAME_CACHE))) {
		assert((e & PTE_W) == 0);
		if ((word & FRAME_CACHE) && !frame_get(f))
			return LEAF_FAILED;
		d->shared += (word & FRAME_CACHE) != 0;
		*to = e;
		return LEAF_DONE;
	}
	if (unlikely(frame_pins_in(word) > 0)) {
		enum leaf_result r = leaf_copy(d, e, f, to);

		d->pinned += r == LEAF_DONE;
		return r;
	}
	if (unlikely((word & FRAME_MARK) && d->choose != NULL))
		how = d->choose(d->fc, va, e);
	if (how == DUP_COPY_CLEAN)
		return leaf_copy_clean(d, e, f, from, to, va);
	if (how == DUP_COPY)
		return leaf_copy(d, e, f, to);
	return leaf_share(d, e, f, from, to, va);
}

/* Copy a leaf of a shared mapping: the same frame, W kept. */
static enum leaf_result
leaf_alias(pte_t e, pte_t *to)
{
	if (!frame_get(pte_frame(e)))
		return LEAF_FAILED;
	*to = e;
	return LEAF_DONE;
}

/*
 * The fast path: share private pages as leaf_share() does.  Returns the address
 * of the first leaf that leaf_private() must handle, or `end`.  Two steps are
 * unconditional, because a test would cost more.  The parent's entry is stored
 * back even if it had no W.  The frame's reference count is raised before its
 * word is tested, and lowered again if the page is pinned, is marked FRAME_MARK
 * while there is a choose(), or has too many references.
 */
static uaddr_t
share_leaves(struct dup *d, uaddr_t at, uaddr_t end)
{
	const uint64_t odd = FRAME_REFS_TOP | (FRAME_REF - FRAME_PIN) |
			     (d->choose != NULL ? FRAME_MARK : 0);
	const uintptr_t record_0 = frame_record_0;
	struct frame *const zero = frame_zero;
	struct mmu_space *const parent = &d->fc->parent->mmu;
	pte_t *from = &table_leaves(d->src)[pt_index(at, 0)];
	pte_t *to = &table_leaves(d->dst)[pt_index(at, 0)];
	pte_t *const first = from, *const stop =
					   from + ((end - at) / PAGE_SIZE);
	uint64_t stripped = 0, holes = 0, done;

	for (; from < stop; from++, to++) {
		pte_t e = *from;
		struct frame *f;
		uint64_t old;

		if (e == 0) {
			pte_t *next = pt_skip_empty(from, stop);

			holes += (uint64_t)(next - from);
			to += next - from;
			from = next;
			if (from == stop)
				break;
			e = *from;
		}
		f = pte_frame_from(record_0, e);
		if (unlikely(f == zero))
			break;
		old = atomic_fetch_add_explicit(&f->word, FRAME_REF,
						memory_order_relaxed);
		if (unlikely(old & odd)) {
			frame_put(f);
			break;
		}
		stripped += (e / PTE_W) & 1;
		e &= ~PTE_W;
		pte_change(parent, at + ((uaddr_t)(from - first) << PAGE_SHIFT),
			   from, e);
		*to = e;
	}
	done = (uint64_t)(from - first) - holes;
	if (stripped > 0)
		d->stripped = MIN(d->stripped, at);
	d->w_stripped += stripped;
	d->shared += done;
	d->seen += done;
	d->dst->table.live += (uint32_t)done;
	return at + ((uaddr_t)(from - first) << PAGE_SHIFT);
}

/*
 * Copy the leaves [at, end) of one slot.  Returns `end`, or the address of the
 * leaf that needs a frame or failed; *why is the result for that leaf.
 */
static uaddr_t
dup_leaves(struct dup *d, uaddr_t at, uaddr_t end, enum leaf_result *why)
{
	bool shared_vma = (d->vma->flags & VM_SHARED) != 0;
	bool simple = !shared_vma && d->how == DUP_SHARE;

	*why = LEAF_DONE;
	/*
	 * Lock both tables: a truncation may also clear leaves that were
	 * already copied to the child's table.
	 */
	spin_lock(&d->src->table.lock);
	spin_lock(&d->dst->table.lock);
	while (at < end) {
		pte_t *from, *to, e;

		if (simple && (at = share_leaves(d, at, end)) == end)
			break;
		from = &table_leaves(d->src)[pt_index(at, 0)];
		to = &table_leaves(d->dst)[pt_index(at, 0)];
		e = *from;
		if (pte_present(e)) {
			*why = shared_vma ? leaf_alias(e, to)
					  : leaf_private(d, e, from, to, at);
			if (unlikely(*why != LEAF_DONE))
				break;
			d->dst->table.live++;
			d->seen++;
		}
		at += PAGE_SIZE;
	}
	spin_unlock(&d->dst->table.lock);
	spin_unlock(&d->src->table.lock);
	return at;
}

static bool
table_has_leaves(const struct frame *t, uaddr_t at, uaddr_t end)
{
	pte_t *leaf = &table_leaves(t)[pt_index(at, 0)];
	pte_t *stop = leaf + ((end - at) >> PAGE_SHIFT);

	return pt_skip_empty(leaf, stop) < stop;
}

/*
 * Copy the leaves [at, end) of the parent's table d->src to the child's table
 * for this slot, which is created if it does not exist.
 */
static int
dup_slot(struct dup *d, uaddr_t at, uaddr_t end)
{
	enum leaf_result why;
	int err = 0;

	assert(at < end && (at ^ (end - 1)) < PT_SPAN_1);
	d->dst = pt_table(d->fc->child, at);
	if (d->dst == NULL)
		return -ENOMEM;
	d->stripped = USER_END;
	d->w_stripped = 0;
	while (err == 0 && (at = dup_leaves(d, at, end, &why)) < end) {
		if (why == LEAF_NEEDS_FRAME)
			d->spare = frame_alloc(FRAME_MAY_SLEEP);
		if (why == LEAF_FAILED || d->spare == NULL)
			err = -ENOMEM;
	}
	if (d->w_stripped > 0) {
		tlb_note_range(d->fc->tb, d->stripped, end);
		forkstat_add(&d->fc->parent->counters, FS_w_stripped,
			     d->w_stripped);
	}
	return err;
}

static void
dup_count(const struct dup *d)
{
	struct fork_counters *c = &d->fc->parent->counters;

	forkstat_add(c, FS_leaves_seen, d->seen);
	forkstat_add(c, FS_pages_shared, d->shared);
	forkstat_add(c, FS_pages_copied_at_fork, d->copied);
	forkstat_add(c, FS_pin_copies, d->pinned);
}

int
space_dup_range(struct fork_ctx *fc, uaddr_t start, uaddr_t end,
		enum dup_how how, dup_choose_fn *choose)
{
	struct dup d = { .fc = fc, .how = how, .choose = choose };
	struct vma *v = vma_find_next(fc->parent, start);
	int err = 0;

	requires_write_lock(&fc->parent->lock);
	for (; v != NULL && v->start < end && err == 0; v = vma_next(v)) {
		uaddr_t at = MAX(start, v->start), stop = MIN(end, v->end);
		pte_t *slot;

		if (v->flags & (VM_DONTFORK | VM_WIPEONFORK))
			continue;
		d.vma = v;
		while (err == 0 &&
		       (slot = pt_next_slot(fc->parent, &at, stop)) != NULL) {
			uaddr_t next = MIN(stop, (at | (PT_SPAN_1 - 1)) + 1);

			d.src = slot_table(*slot);
			if (table_has_leaves(d.src, at, next))
				err = dup_slot(&d, at, next);
			at = next;
			if (err == 0 && thread_interrupted(WAIT_KILLABLE))
				err = -EINTR;
		}
	}
	if (d.spare != NULL)
		frame_put(d.spare);
	dup_count(&d);
	return err;
}

bool
slot_plain(struct space *s, uaddr_t va)
{
	uaddr_t start = ROUND_DOWN(va, PT_SPAN_1), end = start + PT_SPAN_1;
	const unsigned odd = VM_SHARED | VM_DONTFORK | VM_WIPEONFORK;
	struct vma *v = vma_find_next(s, start);

	if (s->npins > 0)
		return false;
	for (; v != NULL && v->start < end; v = vma_next(v)) {
		if (v->obj != NULL || (v->flags & odd))
			return false;
	}
	return true;
}

bool
space_threaded(const struct space *s)
{
	return s->users > 1;
}

void
space_freeze(struct fork_ctx *fc, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find_next(fc->parent, start);

	for (; v != NULL && v->start < end; v = vma_next(v)) {
		if ((v->flags & VM_SHARED) == 0 && (v->flags & VM_WRITE))
			pt_protect(fc->parent, MAX(start, v->start),
				   MIN(end, v->end),
				   v->flags & (VM_READ | VM_EXEC), fc->tb);
	}
	tlb_flush(fc->tb);
}
