/* SPDX-License-Identifier: MIT */
/*
 * mm/advise.c - madvise, mlock and msync on a space: calls that leave its VMAs
 * where they are.
 *
 * The range may have holes, and VMAs that the call is not for.  A call that
 * changes VMAs or leaves first finds out how far it can go, takes all memory it
 * needs, and then cannot fail.  It ends at the first VMA that refuses, with the
 * part below done, as on Linux.  madvise and msync go on behind a hole, and
 * return -ENOMEM in the end; mlock and munlock end there.  msync and
 * MADV_REMOVE call the objects of the range one by one, without the space's
 * lock, and end at the first error.
 */
#include "lib/errno.h"
#include "mm/fork/settle.h"
#include "mm/space.h"
#include "mm/tlb.h"
#include "mm/vma.h"

/* Does the advice (`only`) not apply to v? */
static bool
refuses(const struct vma *v, unsigned only)
{
	return ((only & ADVISE_UNLOCKED) && (v->flags & VM_LOCKED)) ||
	       ((only & ADVISE_ANONYMOUS) && v->obj != NULL);
}

/*
 * How far can a call go on [at, *end)?  *end becomes that address.  0; -EINVAL,
 * a VMA refuses; -ENOMEM, there is a hole, which is the end unless `beyond`.
 */
static int
reach(struct space *s, uaddr_t at, uaddr_t *end, bool beyond, unsigned only)
{
	struct vma *v = vma_find_next(s, at);
	int err = *end > USER_END ? -ENOMEM : 0;

	*end = MIN(*end, USER_END);
	/* Invariant: [.., at) can be changed, except for its holes. */
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

/* Set and clear flags of all VMAs of [at, end).  0 or -ENOMEM. */
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

/* 1: call run() for the object that v maps; 0: do nothing; or -errno. */
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

		/*
		 * run() sleeps and may fault, so it is called without the lock.
		 */
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
