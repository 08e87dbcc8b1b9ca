/* SPDX-License-Identifier: MIT */
/*
 * mm/map.c - mmap, munmap, mprotect and brk on a space.
 *
 * Each call first acquires all memory that it may need (VMAs for the splits,
 * the commit charge, settled tables), and only then changes the set of VMAs.
 * So a call that runs out of memory has changed nothing.  space_map(),
 * space_unmap(), space_protect() and space_brk() run in process context and
 * take the space's lock; their errors are in mm/map.h.
 */
#include "mm/map.h"

#include "kernel/panic.h"
#include "lib/errno.h"
#include "mm/access.h"
#include "mm/commit.h"
#include "mm/fork/settle.h"
#include "mm/limit.h"
#include "mm/space.h"
#include "mm/tlb.h"
#include "mm/vma.h"

static bool
range_ok(uaddr_t at, uint64_t len)
{
	return IS_ALIGNED(at, PAGE_SIZE) && len > 0 && len <= USER_END &&
	       user_range_ok(at, PAGE_UP(len));
}

/* Unmap [start, end); both ends are boundaries of VMAs.  Cannot fail. */
static void
remove_range(struct space *s, uaddr_t start, uaddr_t end, struct tlb_batch *tb)
{
	requires_write_lock(&s->lock);
	/*
	 * Clear the leaves while the VMAs are still on their objects' lists,
	 * through which write-back finds the leaves.
	 */
	pt_zap_free(s, start, end, tb);
	tlb_flush(tb);
	vma_remove_range(s, start, end);
}

/* The arguments of space_map().  `at` becomes the address of the mapping. */
struct request {
	uaddr_t at;
	uint64_t len;
	unsigned flags;
	enum map_where where;
	struct memobj *obj; /* NULL: anonymous memory */
	uint64_t index;
};

/*
 * Insert `v` as the mapping that the request describes.  The caller has checked
 * all arguments.  Returns the address; or an error, with `v` and all mappings
 * unchanged.
 */
static int64_t
map_locked(struct space *s, struct request *r, struct vma *v)
{
	struct spares sp = { { NULL, NULL } };
	struct tlb_batch tb;
	unsigned splits;
	bool replace;
	uaddr_t end;
	int err = 0;

	requires_write_lock(&s->lock);
	if (r->where == MAP_HINT)
		r->at = vma_place(s, r->at, r->len);
	if (r->where == MAP_HINT && r->at == 0)
		return -ENOMEM;
	end = r->at + r->len;
	splits = vma_splits(s, r->at, end);
	if (splits > 0 && spares_take(&sp, s) != 0)
		return -ENOMEM;
	replace = !vma_range_free(s, r->at, end);
	if (!vma_room(s, 1 + splits))
		err = -ENOMEM;
	else if (replace && r->where == MAP_NOREPLACE)
		err = -EEXIST;
	else if (replace)
		err = settle(s, r->at, end, SETTLE_ZAP);
	r->flags |= s->map_flags;
	if (err == 0)
		err = space_charge(
			s, r->flags,
			r->len - (replace ? vma_bytes(s, r->at, end) : 0),
			vma_commit_pages(r->flags, r->obj, r->at, end));
	if (err == 0 && replace) {
		tlb_begin(&tb, s);
		vma_split_range(s, r->at, end, &sp);
		remove_range(s, r->at, end, &tb);
	}
	spares_drop(&sp);
	if (err != 0)
		return err;
	vma_init(v, r->at, end, r->flags, r->obj, r->index);
	vma_insert(v);
	vma_merge(v);
	return (int64_t)r->at;
}

int64_t
space_map(struct space *s, uaddr_t at, uint64_t len, unsigned flags,
	  enum map_where where, struct memobj *obj, uint64_t index)
{
	struct request r = { at, PAGE_UP(len), flags, where, obj, index };
	struct vma *v;
	int64_t to;

	if (len == 0 || !IS_ALIGNED(at, PAGE_SIZE))
		return -EINVAL;
	if (obj != NULL && (flags & VM_GROWSDOWN))
		return -EINVAL; /* VM_GROWSDOWN needs anonymous memory */
	if (len > USER_END)
		return -ENOMEM;
	if (where != MAP_HINT && !user_range_ok(at, r.len))
		return -ENOMEM;
	if (flags & VM_WRITE)
		r.flags |= VM_READ; /* there is no write-only page */
	if (commit_policy() == COMMIT_STRICT)
		r.flags &= ~VM_NORESERVE;
	v = vma_spare(s);
	if (v == NULL)
		return -ENOMEM;
	rwlock_write(&s->lock);
	to = map_locked(s, &r, v);
	space_unlock(s);
	if (to < 0)
		vma_free(v);
	return to;
}

int
space_unmap(struct space *s, uaddr_t at, uint64_t len)
{
	struct tlb_batch tb;
	struct spares sp;
	int err;

	if (!range_ok(at, len))
		return -EINVAL;
	len = PAGE_UP(len);
	if (spares_take(&sp, s) != 0)
		return -ENOMEM;
	tlb_begin(&tb, s);
	rwlock_write(&s->lock);
	if (!vma_room(s, vma_would_split(s, at, at + len)))
		err = -ENOMEM;
	else
		err = settle(s, at, at + len, SETTLE_ZAP);
	if (err == 0) {
		vma_split_range(s, at, at + len, &sp);
		remove_range(s, at, at + len, &tb);
	}
	space_unlock(s);
	spares_drop(&sp);
	return err;
}

static bool
may_have(const struct vma *v, unsigned prot)
{
	if ((prot & VM_WRITE) && (v->flags & VM_SHARED) &&
	    !(v->flags & VM_MAYWRITE))
		return false;
	return !((prot & VM_EXEC) && (v->flags & VM_NOEXEC));
}

/*
 * May all of [start, *end) become `prot`?  Returns 0; -ENOMEM at a hole; or
 * -EACCES at a VMA that may not have `prot`.  After an error *end is the
 * address of the hole or VMA.  *charge is set to the pages that must be charged
 * to commit, *refund to those that can be uncharged.
 */
static int
check_protect(struct space *s, uaddr_t start, uaddr_t *end, unsigned prot,
	      uint64_t *charge, uint64_t *refund)
{
	struct vma *v = vma_find(s, start);

	*charge = *refund = 0;
	/*
	 * Invariant: the range below `start` is mapped and may become `prot`.
	 */
	while (start < *end) {
		uint64_t was, will;
		uaddr_t stop;

		if (v == NULL || v->start > start || !may_have(v, prot)) {
			*end = start;
			return v == NULL || v->start > start ? -ENOMEM
							     : -EACCES;
		}
		stop = MIN(*end, v->end);
		will = vma_commit_pages((v->flags & ~VM_PROT) | prot, v->obj,
					start, stop);
		was = vma_commit_pages(v->flags, v->obj, start, stop);
		*charge += will - MIN(will, was);
		*refund += was - MIN(will, was);
		start = stop;
		v = vma_next(v);
	}
	return 0;
}

/*
 * Set *start to the start of the first VMA of [*start, end), which must be a
 * stack.  Returns 0; -EINVAL if the VMA is not a stack; -ENOMEM if there is no
 * VMA.
 */
static int
find_stack(struct space *s, uaddr_t *start, uaddr_t end)
{
	struct vma *v = vma_find_next(s, *start);

	if (v == NULL || v->start >= end)
		return -ENOMEM;
	*start = v->start;
	return v->flags & VM_GROWSDOWN ? 0 : -EINVAL;
}

static int
protect_locked(struct space *s, uaddr_t start, uaddr_t end, unsigned prot,
	       struct spares *sp)
{
	uint64_t charge, refund;
	struct tlb_batch tb;
	struct vma *v;
	int why = check_protect(s, start, &end, prot, &charge, &refund), err;

	if (start == end)
		return why;
	err = limit_check_protect(s, start, end, prot);
	if (err == 0 && !vma_room(s, vma_splits(s, start, end)))
		err = -ENOMEM;
	if (err != 0)
		return err;
	tlb_begin(&tb, s);
	err = settle(s, start, end, SETTLE_EDIT);
	if (err == 0)
		err = commit_charge(charge);
	if (err != 0)
		return err;
	commit_release(refund);
	s->committed += charge - refund;
	vma_split_range(s, start, end, sp);
	for (v = vma_find(s, start); v != NULL && v->start < end;
	     v = vma_next(v)) {
		v->flags = (v->flags & ~VM_PROT) | prot;
		pt_protect(s, v->start, v->end, prot, &tb);
	}
	tlb_flush(&tb);
	vma_merge_range(s, start, end);
	return why;
}

int
space_protect(struct space *s, uaddr_t at, uint64_t len, unsigned prot)
{
	struct spares sp;
	uaddr_t start = at;
	int err = 0;

	if (len == 0)
		return IS_ALIGNED(at, PAGE_SIZE) ? 0 : -EINVAL;
	if (!IS_ALIGNED(at, PAGE_SIZE))
		return -EINVAL;
	if (!range_ok(at, len))
		return -ENOMEM;
	if (prot & VM_WRITE)
		prot |= VM_READ;
	if (spares_take(&sp, s) != 0)
		return -ENOMEM;
	rwlock_write(&s->lock);
	len = PAGE_UP(len);
	if (prot & VM_GROWSDOWN)
		err = find_stack(s, &start, at + len);
	if (err == 0)
		err = protect_locked(s, start, at + len, prot & VM_PROT, &sp);
	space_unlock(s);
	spares_drop(&sp);
	return err;
}

/* Extend the heap from `old` to `new`, both page-aligned. */
static int
brk_grow(struct space *s, uaddr_t old, uaddr_t new)
{
	const unsigned flags =
		VM_READ | VM_WRITE | VM_MAYWRITE | VM_HEAP | s->map_flags;
	struct vma *v;

	requires_write_lock(&s->lock);
	if (!vma_range_free(s, old, new) || new > s->mmap_top)
		return -ENOMEM;
	v = vma_create(s, old, new, flags, NULL, 0);
	if (v == NULL)
		return -ENOMEM;
	if (!vma_room(s, 1) ||
	    space_charge(s, flags, new - old, (new - old) >> PAGE_SHIFT) != 0) {
		vma_free(v);
		return -ENOMEM;
	}
	vma_insert(v);
	vma_merge(v);
	return 0;
}

uaddr_t
space_brk(struct space *s, uaddr_t to)
{
	uaddr_t old, new, result;

	rwlock_write(&s->lock);
	result = s->brk;
	old = PAGE_UP(s->brk);
	new = PAGE_UP(to);
	if (to < s->brk_start || to > USER_END)
		goto out;
	if (new > old && brk_grow(s, old, new) != 0)
		goto out;
	if (new < old) {
		struct tlb_batch tb;
		struct spares sp;

		if (spares_take(&sp, s) != 0)
			goto out;
		tlb_begin(&tb, s);
		if (settle(s, new, old, SETTLE_ZAP) != 0) {
			spares_drop(&sp);
			goto out;
		}
		vma_split_range(s, new, old, &sp);
		remove_range(s, new, old, &tb);
		spares_drop(&sp);
	}
	result = s->brk = to;
out:
	space_unlock(s);
	return result;
}
