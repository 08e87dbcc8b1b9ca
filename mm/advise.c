/* SPDX-License-Identifier: MIT */
/*
 * mm/advise.c - madvise, mlock and msync: calls on a range that keep its
 * mappings.
 *
 * The range may have holes, and VMAs to which the call does not apply.  A call
 * that changes VMAs or leaves first finds how far it may go, and allocates all
 * memory that it needs; the change itself cannot fail.  As on Linux, the call
 * stops at the first VMA to which it does not apply, after changing the part
 * below.  A hole makes the result -ENOMEM: mlock and munlock stop there,
 * madvise and msync continue after the hole.  msync and MADV_REMOVE call the
 * memory objects of the range one by one, without the space's lock, and stop at
 * the first error.
 */
#include "mm/advise.h"

#include "lib/errno.h"
#include "mm/access.h"
#include "mm/fork/settle.h"
#include "mm/limit.h"
#include "mm/space.h"
#include "mm/tlb.h"
#include "mm/vma.h"

/* Is v excluded by `only`, a set of ADVISE_* restrictions? */
static bool
refuses(const struct vma *v, unsigned only)
{
	return ((only & ADVISE_UNLOCKED) && (v->flags & VM_LOCKED)) ||
	       ((only & ADVISE_ANONYMOUS) && v->obj != NULL);
}

/*
 * Find how far a call may go in [at, *end), and set *end to that address.
 * Returns 0; -EINVAL if a VMA is excluded by `only`; -ENOMEM if there is a
 * hole.  Unless `beyond` is set, the call may go only as far as the first hole.
 */
static int
reach(struct space *s, uaddr_t at, uaddr_t *end, bool beyond, unsigned only)
{
	struct vma *v = vma_find_next(s, at);
	int err = *end > USER_END ? -ENOMEM : 0;

	*end = MIN(*end, USER_END);
	/* Invariant: every VMA of the range below `at` may be changed. */
	while (at < *end) {
		if (v == NULL || v->start > at) {
			err = -ENOMEM;
			if (!beyond)
				*end = at;
			at = v == NULL ? *end : v->start;
		} else if (refuses(v, only)) {
			*end = at;
			err = -EINVAL;
		} else {
			at = v->end;
			v = vma_next(v);
		}
	}
	return err;
}

int
space_suits(struct space *s, uaddr_t at, uint64_t len, unsigned only)
{
	uaddr_t end = at + PAGE_UP(len);
	int err;

	rwlock_read(&s->lock);
	err = reach(s, at, &end, true, only);
	space_unlock_read(s);
	return err;
}

int
space_discard(struct space *s, uaddr_t at, uint64_t len, unsigned only)
{
	uaddr_t end = at + PAGE_UP(len);
	struct tlb_batch tb;
	int err = 0, why;

	tlb_begin(&tb, s);
	rwlock_write(&s->lock);
	why = reach(s, at, &end, true, only);
	if (at < end)
		err = settle(s, at, end, SETTLE_ZAP);
	if (at < end && err == 0) {
		pt_zap_free(s, at, end, &tb);
		tlb_flush(&tb);
	}
	space_unlock(s);
	return err != 0 ? err : why;
}

/* Set and clear flags of all VMAs in [at, end).  Returns 0 or -ENOMEM. */
static int
change_flags(struct space *s, uaddr_t at, uaddr_t end, unsigned set,
	     unsigned clear, struct spares *sp)
{
	struct vma *v;
	int err;

	if (at >= end)
		return 0;
	if (!vma_room(s, vma_splits(s, at, end)))
		return -ENOMEM;
	err = settle(s, at, end, SETTLE_EDIT);
	if (err != 0)
		return err;
	vma_split_range(s, at, end, sp);
	v = vma_find_next(s, at);
	for (; v != NULL && v->start < end; v = vma_next(v))
		v->flags = (v->flags & ~clear) | set;
	vma_merge_range(s, at, end);
	return 0;
}

int
space_advise(struct space *s, uaddr_t at, uint64_t len, unsigned set,
	     unsigned clear)
{
	unsigned only = set & VM_WIPEONFORK ? ADVISE_ANONYMOUS : 0;
	uaddr_t end = at + PAGE_UP(len);
	struct spares sp;
	int err, why;

	if (spares_take(&sp, s) != 0)
		return -ENOMEM;
	rwlock_write(&s->lock);
	why = reach(s, at, &end, true, only);
	err = change_flags(s, at, end, set, clear, &sp);
	space_unlock(s);
	spares_drop(&sp);
	return err != 0 ? err : why;
}

int
space_lock_range(struct space *s, uaddr_t at, uint64_t len, unsigned set,
		 unsigned clear)
{
	uaddr_t end = at + PAGE_UP(len);
	struct spares sp;
	int err = 0, why;

	if (spares_take(&sp, s) != 0)
		return -ENOMEM;
	rwlock_write(&s->lock);
	why = reach(s, at, &end, false, 0);
	if (set != 0)
		err = limit_check_lock(s, at, end);
	if (err == 0)
		err = change_flags(s, at, end, set, clear, &sp);
	space_unlock(s);
	spares_drop(&sp);
	return err != 0 ? err : why;
}

/* ---- calls to the objects of a range ---- */

/*
 * Returns 1 to call run() for the object that v maps, 0 to skip v, or an error.
 */
typedef int choose_fn(const struct vma *v, bool arg);
typedef int run_fn(struct memobj *o, uint64_t start, uint64_t end);

static int
for_objects(struct space *s, uaddr_t at, uaddr_t end, choose_fn *choose,
	    bool arg, run_fn *run)
{
	int err = 0, why = 0;

	while (at < end && err == 0) {
		struct memobj *obj = NULL;
		uaddr_t stop = end;
		uint64_t from = 0;
		struct vma *v;

		/* Release the lock before run(), which may sleep or fault. */
		rwlock_read(&s->lock);
		v = vma_find_next(s, at);
		if (v == NULL || v->start > at)
			why = -ENOMEM;
		if (v != NULL && v->start < end) {
			at = MAX(at, v->start);
			stop = MIN(end, v->end);
			err = choose(v, arg);
			if (err > 0) {
				obj = v->obj;
				memobj_get(obj);
				from = (v->index << PAGE_SHIFT) + at - v->start;
			}
		}
		space_unlock_read(s);
		if (obj != NULL) {
			err = run(obj, from, from + (stop - at));
			memobj_put(obj);
		}
		at = stop;
	}
	return err != 0 ? err : why;
}

static int
choose_synced(const struct vma *v, bool invalidate)
{
	if (invalidate && (v->flags & VM_LOCKED))
		return -EBUSY;
	return v->obj != NULL && (v->flags & VM_SHARED) &&
	       v->obj->ops->sync != NULL;
}

static int
run_sync(struct memobj *o, uint64_t start, uint64_t end)
{
	return o->ops->sync(o, start, end);
}

int
space_sync(struct space *s, uaddr_t at, uint64_t len, bool invalidate)
{
	if (!IS_ALIGNED(at, PAGE_SIZE))
		return -EINVAL;
	if (!user_range_ok(at, PAGE_UP(len)))
		return -ENOMEM;
	return for_objects(s, at, at + PAGE_UP(len), choose_synced, invalidate,
			   run_sync);
}

static int
choose_removed(const struct vma *v, bool arg)
{
	const unsigned both = VM_SHARED | VM_WRITE;

	(void)arg;
	if (v->obj == NULL || (v->flags & VM_LOCKED))
		return -EINVAL;
	return (v->flags & both) == both ? 1 : -EACCES;
}

static int
run_remove(struct memobj *o, uint64_t start, uint64_t end)
{
	return o->ops->remove == NULL ? -EOPNOTSUPP
				      : o->ops->remove(o, start, end);
}

int
space_remove(struct space *s, uaddr_t at, uint64_t len)
{
	return for_objects(s, at, at + PAGE_UP(len), choose_removed, false,
			   run_remove);
}
