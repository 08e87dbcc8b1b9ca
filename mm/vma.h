/* SPDX-License-Identifier: MIT */
/*
 * mm/vma.h - the ordered set of VMAs of a space, for use inside mm/ only.
 *
 * Callers hold the space's lock: shared to read the set, exclusive to change
 * it.  vma_spare() needs no lock, may sleep, and can fail.  Except for
 * vma_clone_all(), the functions that change the set cannot fail.
 */
#ifndef MM_VMA_H
#define MM_VMA_H

#include "mm/pt.h"
#include "mm/space.h"

/* The VMA that contains `va`, or NULL. */
struct vma *vma_find(struct space *s, uaddr_t va);

/* The first VMA that ends above `va`, or NULL. */
struct vma *vma_find_next(struct space *s, uaddr_t va);

static inline struct vma *
vma_next(struct vma *v)
{
	struct rb_node *n = rb_next(&v->node);

	return n == NULL ? NULL : rb_entry(n, struct vma, node);
}

static inline struct vma *
vma_prev(struct vma *v)
{
	struct rb_node *n = rb_prev(&v->node);

	return n == NULL ? NULL : rb_entry(n, struct vma, node);
}

/* Does the leaf let the hardware make this access, one of VM_PROT? */
static inline bool
leaf_allows(pte_t e, unsigned access)
{
	const pte_t need = access == VM_WRITE  ? PTE_W
			   : access == VM_READ ? PTE_R
					       : PTE_X;

	return pte_valid(e) && (e & need) != 0;
}

/*
 * Initialize a VMA from vma_spare() as a mapping of `obj`, with a new reference
 * to it, or of anonymous memory (NULL).  From now on a truncation of the object
 * clears leaves in [start, end), so the range must be final.
 */
void
vma_init(struct vma *v, uaddr_t start, uaddr_t end, unsigned flags,
	 struct memobj *obj, uint64_t index) needs_write_lock(v->space->lock);

/*
 * Allocate a VMA as vma_spare() does, and initialize it as vma_init() does.  It
 * is not in the tree yet.  NULL if memory is short.
 */
struct vma *
vma_create(struct space *s, uaddr_t start, uaddr_t end, unsigned flags,
	   struct memobj *obj, uint64_t index) must_check;

/* Free a VMA that is not in the tree, and drop its reference to the object. */
void vma_free(struct vma *v);

/* Insert a VMA, which must not overlap another one; remove one. */
void vma_insert(struct vma *v);
void vma_remove(struct vma *v);

/*
 * Split the VMA at `at`: the VMA *spare, which the caller allocated, becomes
 * the upper part, and *spare is set to NULL.  Does nothing if `at` is a
 * boundary already, or if nothing is mapped there.
 */
void vma_split_at(struct space *s, uaddr_t at, struct vma **spare);

/* Allocate an empty VMA, charged to the space's user, or NULL. */
struct vma *vma_spare(struct space *s) must_check;

/*
 * VMAs for the two splits that a range can need.  Allocated before anything
 * changes; spares_drop() frees those that are left over.
 */
struct spares {
	struct vma *vma[2];
};
int spares_take(struct spares *sp, struct space *s) nonnull must_check;
void spares_drop(struct spares *sp) nonnull;

/* Make both ends of [start, end) boundaries. */
void vma_split_range(struct space *s, uaddr_t start, uaddr_t end,
		     struct spares *sp) nonnull;

/*
 * May s have `more` additional VMAs?  A VMA is charged to the user when it is
 * allocated, even if it is not in the tree: first allocate all that are needed,
 * then call vma_room().  Always true if `more` is 0.
 */
bool vma_room(struct space *s, unsigned more) nonnull;

/* The number of VMAs added when `start` and `end` become boundaries. */
unsigned vma_splits(struct space *s, uaddr_t start, uaddr_t end) nonnull;

/*
 * Does [start, end) lie in the middle of one VMA?  Then unmapping it leaves two
 * VMAs.
 */
bool vma_would_split(struct space *s, uaddr_t start, uaddr_t end) nonnull;

/*
 * Change the range of a VMA.  Takes the object's lock, because memobj_unmap()
 * reads the range without the space's lock.
 */
void vma_set_range(struct vma *v, uaddr_t start, uaddr_t end);

/* Merge `v` with neighbours that continue it. */
void vma_merge(struct vma *v);
/* Merge all VMAs of [start, end) with neighbours that continue them. */
void vma_merge_range(struct space *s, uaddr_t start, uaddr_t end) nonnull;

/* Is the whole range [start, end) unmapped? */
bool vma_range_free(struct space *s, uaddr_t start, uaddr_t end) nonnull
	needs_lock(s->lock);
/* The highest address of `len` free bytes below s->mmap_top; 0 if none. */
uaddr_t vma_find_gap(struct space *s, uint64_t len);
/*
 * As vma_find_gap(), but `hint` if `len` bytes are free there.  hint 0: no
 * hint.
 */
uaddr_t vma_place(struct space *s, uaddr_t hint, uint64_t len);

/*
 * Remove all VMAs of [start, end), and undo their commit charge.  Both ends are
 * boundaries.  The caller clears the leaves.
 */
void vma_remove_range(struct space *s, uaddr_t start, uaddr_t end);

/* The commit charge of [start, end) in a VMA with these flags, in pages. */
uint64_t vma_commit_pages(unsigned flags, const struct memobj *obj,
			  uaddr_t start, uaddr_t end);

/*
 * The commit charge of all VMAs of s, in pages.  s's lock is held, or the other
 * harts are stopped.
 */
uint64_t vma_commit_all(struct space *s) nonnull;

/* How many bytes of [start, end) are mapped. */
uint64_t vma_bytes(struct space *s, uaddr_t start, uaddr_t end) nonnull
	needs_lock(s->lock);

/* How many bytes of s are in VMAs with VM_LOCKED. */
uint64_t vma_locked_bytes(struct space *s) nonnull needs_lock(s->lock);

/*
 * Copy all VMAs that fork inherits into an empty child, and set *promised to
 * their commit charge in pages.  Returns 0, or -ENOMEM with only some of them
 * copied.
 */
int vma_clone_all(struct space *parent, struct space *child,
		  uint64_t *promised) must_check;

#endif
