/* SPDX-License-Identifier: MIT */
/*
 * mm/vma.c - the ordered set of VMAs of a space.
 *
 * The set is a red-black tree, ordered by address.  A look-up first tries the
 * VMA that the last look-up found.  vma_set_range() takes the object's lock,
 * because memobj_unmap() reads the range without the space's lock.  Functions
 * that allocate are separate from functions that change the tree, so that a
 * change never fails half-way.  Only vma_clone_all() does both: if it fails,
 * fork destroys the child.  Locks and errors are in mm/vma.h.
 */
#include "mm/vma.h"

#include "kernel/panic.h"
#include "lib/errno.h"
#include "mm/access.h"
#include "mm/commit.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "mm/user.h"

static struct vma *
entry(struct rb_node *n)
{
	return rb_entry(n, struct vma, node);
}

struct vma *
vma_find_next(struct space *s, uaddr_t va)
{
	struct rb_node *n = s->vmas.node;
	struct vma *best = NULL;

	/* Invariant: best is the lowest VMA seen that ends above va. */
	while (n != NULL) {
		struct vma *v = entry(n);

		if (v->end > va) {
			best = v;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

struct vma *
vma_find(struct space *s, uaddr_t va)
{
	struct vma *v =
		atomic_load_explicit(&s->last_hit, memory_order_relaxed);

	if (v != NULL && va >= v->start && va < v->end)
		return v;
	v = vma_find_next(s, va);
	if (v == NULL || v->start > va)
		return NULL;
	atomic_store_explicit(&s->last_hit, v, memory_order_relaxed);
	return v;
}

struct vma *
vma_spare(struct space *s)
{
	struct vma *v = kmalloc(sizeof(*v));

	if (v == NULL)
		return NULL;
	user_add(s->user, USER_VMAS, 1);
	v->space = s;
	v->obj = NULL;
	list_init(&v->obj_node);
	return v;
}

bool
vma_room(struct space *s, unsigned more)
{
	return more == 0 || (s->vma_count + more <= SPACE_VMA_MAX &&
			     user_within(s->user, USER_VMAS));
}

/* Does `at` lie inside a VMA, above its start? */
static bool
inside(struct space *s, uaddr_t at)
{
	struct vma *v = vma_find(s, at);

	return v != NULL && v->start < at;
}

unsigned
vma_splits(struct space *s, uaddr_t start, uaddr_t end)
{
	return inside(s, start) + inside(s, end);
}

bool
vma_would_split(struct space *s, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find(s, start);

	return v != NULL && v->start < start && v->end > end;
}

static void
attach_object(struct vma *v, struct memobj *obj, uint64_t index)
{
	v->obj = obj;
	v->index = index;
	if (obj == NULL || memobj_is_eternal(obj))
		return;
	obj->ops->get(obj);
	mutex_lock(&obj->lock);
	/* From here on a truncation reaches v: its range must be final. */
	list_push_back(&obj->vmas, &v->obj_node);
	mutex_unlock(&obj->lock);
}

void
vma_init(struct vma *v, uaddr_t start, uaddr_t end, unsigned flags,
	 struct memobj *obj, uint64_t index)
{
	requires_write_lock(&v->space->lock);
	assert(start < end && PAGE_DOWN(start) == start);
	v->start = start;
	v->end = end;
	v->flags = flags;
	attach_object(v, obj, index);
}

struct vma *
vma_create(struct space *s, uaddr_t start, uaddr_t end, unsigned flags,
	   struct memobj *obj, uint64_t index)
{
	struct vma *v = vma_spare(s);

	if (v != NULL)
		vma_init(v, start, end, flags, obj, index);
	return v;
}

void
vma_free(struct vma *v)
{
	struct memobj *obj = v->obj;

	if (obj != NULL && !memobj_is_eternal(obj)) {
		mutex_lock(&obj->lock);
		list_del(&v->obj_node);
		mutex_unlock(&obj->lock);
		obj->ops->put(obj);
	}
	user_uncharge(v->space->user, USER_VMAS, 1);
	kfree(v);
}

void
vma_insert(struct vma *v)
{
	struct space *s = v->space;
	struct rb_node **at = &s->vmas.node, *up = NULL;

	requires_write_lock(&s->lock);
	while (*at != NULL) {
		up = *at;
		assert(v->end <= entry(up)->start ||
		       v->start >= entry(up)->end);
		at = v->start < entry(up)->start ? &up->left : &up->right;
	}
	rb_link(&v->node, up, at);
	rb_insert_fix(&s->vmas, &v->node);
	s->vma_count++;
}

void
vma_remove(struct vma *v)
{
	struct space *s = v->space;

	if (s->last_hit == v)
		s->last_hit = NULL;
	assert(s->vma_count > 0);
	rb_erase(&s->vmas, &v->node);
	s->vma_count--;
}

void
vma_set_range(struct vma *v, uaddr_t start, uaddr_t end)
{
	assert(start < end && end <= USER_END);
	if (v->obj != NULL)
		mutex_lock(&v->obj->lock);
	v->index += (start - v->start) >> PAGE_SHIFT;
	v->start = start;
	v->end = end;
	if (v->obj != NULL)
		mutex_unlock(&v->obj->lock);
}

/* The page of v's object that `at` maps. */
static uint64_t
index_at(const struct vma *v, uaddr_t at)
{
	return v->index + ((at - v->start) >> PAGE_SHIFT);
}

void
vma_split_at(struct space *s, uaddr_t at, struct vma **spare)
{
	struct vma *v = vma_find(s, at), *hi = *spare;

	if (v == NULL || v->start == at)
		return;
	assert(hi != NULL);
	*spare = NULL;
	vma_init(hi, at, v->end, v->flags, v->obj, index_at(v, at));
	vma_set_range(v, v->start, at);
	vma_insert(hi);
}

int
spares_take(struct spares *sp, struct space *s)
{
	sp->vma[0] = vma_spare(s);
	sp->vma[1] = vma_spare(s);
	if (sp->vma[0] != NULL && sp->vma[1] != NULL)
		return 0;
	spares_drop(sp);
	return -ENOMEM;
}

void
spares_drop(struct spares *sp)
{
	for (unsigned i = 0; i < 2; i++) {
		if (sp->vma[i] != NULL)
			vma_free(sp->vma[i]);
		sp->vma[i] = NULL;
	}
}

void
vma_split_range(struct space *s, uaddr_t start, uaddr_t end, struct spares *sp)
{
	vma_split_at(s, start, &sp->vma[0]);
	vma_split_at(s, end, &sp->vma[1]);
}

/*
 * Does `hi` continue `lo`: adjacent, with the same flags, and the next pages of
 * the same object?
 */
static bool
continues(const struct vma *lo, const struct vma *hi)
{
	return lo->end == hi->start && lo->flags == hi->flags &&
	       lo->obj == hi->obj &&
	       (lo->obj == NULL || index_at(lo, lo->end) == hi->index);
}

/* Merge `hi`, which continues `lo`, into `lo`. */
static void
absorb(struct vma *lo, struct vma *hi)
{
	vma_remove(hi);
	vma_set_range(lo, lo->start, hi->end);
	vma_free(hi);
}

void
vma_merge(struct vma *v)
{
	struct vma *lo = vma_prev(v), *hi = vma_next(v);

	if (hi != NULL && continues(v, hi))
		absorb(v, hi);
	if (lo != NULL && continues(lo, v))
		absorb(lo, v);
}

void
vma_merge_range(struct space *s, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find_next(s, start == 0 ? 0 : start - 1), *hi;

	/* Invariant: below v, no two neighbours in the range can be merged. */
	while (v != NULL && v->start < end && (hi = vma_next(v)) != NULL) {
		if (continues(v, hi))
			absorb(v, hi);
		else
			v = hi;
	}
}

uaddr_t
vma_find_gap(struct space *s, uint64_t len)
{
	uaddr_t top = s->mmap_top;
	struct rb_node *n;

	/* Invariant: [top, s->mmap_top) holds no gap of this length. */
	for (n = rb_last(&s->vmas); n != NULL; n = rb_prev(n)) {
		struct vma *v = entry(n);

		if (v->end <= top && top - v->end >= len)
			return top - len;
		top = MIN(top, v->start);
	}
	return top >= USER_MIN + len ? top - len : 0;
}

bool
vma_range_free(struct space *s, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find_next(s, start);

	requires_lock(&s->lock);
	return v == NULL || v->start >= end;
}

uaddr_t
vma_place(struct space *s, uaddr_t hint, uint64_t len)
{
	if (hint >= USER_MIN && user_range_ok(hint, len) &&
	    vma_range_free(s, hint, hint + len))
		return hint;
	return vma_find_gap(s, len);
}

void
vma_remove_range(struct space *s, uaddr_t start, uaddr_t end)
{
	struct vma *v = vma_find_next(s, start), *next;

	for (; v != NULL && v->start < end; v = next) {
		uint64_t pages =
			vma_commit_pages(v->flags, v->obj, v->start, v->end);

		next = vma_next(v);
		vma_remove(v);
		commit_release(pages);
		s->committed -= pages;
		vma_free(v);
	}
}

uint64_t
vma_commit_pages(unsigned flags, const struct memobj *obj, uaddr_t start,
		 uaddr_t end)
{
	bool counts =
		(flags & VM_WRITE) && !(flags & (VM_SHARED | VM_NORESERVE));

	(void)obj;
	return counts ? (end - start) >> PAGE_SHIFT : 0;
}

uint64_t
vma_commit_all(struct space *s)
{
	uint64_t pages = 0;

	for (struct rb_node *n = rb_first(&s->vmas); n != NULL; n = rb_next(n))
		pages += vma_commit_pages(entry(n)->flags, entry(n)->obj,
					  entry(n)->start, entry(n)->end);
	return pages;
}

int
vma_clone_all(struct space *parent, struct space *child, uint64_t *promised)
{
	struct rb_node *n;

	*promised = 0;
	for (n = rb_first(&parent->vmas); n != NULL; n = rb_next(n)) {
		struct vma *v = entry(n), *copy;

		if (v->flags & VM_DONTFORK)
			continue;
		copy = vma_create(child, v->start, v->end, v->flags & ~VM_LOCKS,
				  v->obj, v->index);
		if (copy == NULL)
			return -ENOMEM;
		vma_insert(copy);
		if (!user_within(child->user, USER_VMAS))
			return -ENOMEM;
		*promised +=
			vma_commit_pages(v->flags, v->obj, v->start, v->end);
	}
	return 0;
}
