/* SPDX-License-Identifier: MIT */
/*
 * mm/vma.h - the ordered set of VMAs of a space, for mm/ itself.
 *
 * Callers hold the space's lock: shared to look, exclusive to change.
 * Allocating a VMA needs no lock, may sleep, and can fail.  The functions that
 * change the set cannot fail.
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

/* Does the hardware allow this access, one of VM_PROT, by the leaf? */
static inline bool
leaf_allows(pte_t e, unsigned access)
{
	const pte_t need = access == VM_WRITE  ? PTE_W
			   : access == VM_READ ? PTE_R
					       : PTE_X;

	return pte_valid(e) && (e & need) != 0;
}

/*
 * Fill in a VMA from vma_spare(): a mapping of `obj`, to which it takes a
 * reference, or of anonymous memory (NULL).  From then on a truncation of the
 * object clears the leaves of [start, end), so this must be the VMA's place, and
 * the space's lock is held for writing.
 */
void vma_init(struct vma *v, uaddr_t start, uaddr_t end, unsigned flags,
	      struct memobj *obj, uint64_t index);

/*
 * A VMA on no tree, charged to the space's user; NULL: no memory.  Filled
 * in as by vma_init().
 */
struct vma *
vma_create(struct space *s, uaddr_t start, uaddr_t end, unsigned flags,
	   struct memobj *obj, uint64_t index) must_check;

/* Free a VMA that is on no tree, and drop its reference to the object. */
void vma_free(struct vma *v);

/* Put the VMA in, which must not overlap another one; take it out. */
void vma_insert(struct vma *v);
void vma_remove(struct vma *v);

/*
 * Make `at` a boundary between VMAs: `spare`, allocated by the caller, becomes
 * the upper part, and *spare NULL.  Nothing if `at` is a boundary already.
 */
void vma_split_at(struct space *s, uaddr_t at, struct vma **spare);

/* An empty VMA for vma_split_at(), or NULL. */
struct vma *vma_spare(struct space *s) must_check;

/*
 * VMAs for the two splits a range can need: taken before anything changes; what
 * is left over is dropped.
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
 * May s have `more` VMAs more?  VMAs on no tree count for the user already:
 * allocate all that are needed, then ask.  True when `more` is 0.
 */
bool vma_room(struct space *s, unsigned more) nonnull;

/* How many VMAs are added when `start` and `end` become boundaries. */
unsigned vma_splits(struct space *s, uaddr_t start, uaddr_t end) nonnull;

/* Is [start, end) the middle of one VMA, so that unmapping it makes two? */
bool vma_would_split(struct space *s, uaddr_t start, uaddr_t end) nonnull;

/*
 * Move a VMA's ends.  Takes the object's lock, since memobj_unmap() reads the
 * ends without the space's.
 */
void vma_set_range(struct vma *v, uaddr_t start, uaddr_t end);

/* Merge `v` with neighbours that continue it. */
void vma_merge(struct vma *v);
/* Merge all VMAs of [start, end) with neighbours that continue them. */
void vma_merge_range(struct space *s, uaddr_t start, uaddr_t end) nonnull;

/* Is no part of [start, end) mapped?  s's lock held. */
bool vma_range_free(struct space *s, uaddr_t start, uaddr_t end) nonnull;
/* The highest free gap of `len` bytes below s->mmap_top; 0: none. */
uaddr_t vma_find_gap(struct space *s, uint64_t len);
/* As vma_find_gap(), but `hint` if `len` bytes are free there; 0: no hint. */
uaddr_t vma_place(struct space *s, uaddr_t hint, uint64_t len);

/*
 * Take all VMAs of [start, end) out and give back what they promise.  Both ends
 * are boundaries.  The caller clears the leaves.
 */
void vma_remove_range(struct space *s, uaddr_t start, uaddr_t end);

/*
 * Pages of [start, end) that a VMA of this kind promises to back with memory.
 */
uint64_t vma_commit_pages(unsigned flags, const struct memobj *obj,
			  uaddr_t start, uaddr_t end);

/* Pages that all VMAs of s promise; s's lock held, or other harts stopped. */
uint64_t vma_commit_all(struct space *s) nonnull;

/* How many bytes of [start, end) are mapped; s's lock held. */
uint64_t vma_bytes(struct space *s, uaddr_t start, uaddr_t end) nonnull;

/* How many bytes are VM_LOCKED; s's lock held. */
uint64_t vma_locked_bytes(struct space *s) nonnull;

/*
 * May the current process map `bytes` more with these VM_* in s?  0; -ENOMEM,
 * LIMIT_AS or LIMIT_DATA; -EAGAIN, LIMIT_MEMLOCK.  s's lock held.
 */
int limit_check(struct space *s, unsigned flags, uint64_t bytes) must_check;
/* May the VMAs of [start, end) become `prot`?  0 or -ENOMEM, LIMIT_DATA. */
int limit_check_protect(struct space *s, uaddr_t start, uaddr_t end,
			unsigned prot) must_check;
/* May [start, end) be locked?  0 or -ENOMEM, LIMIT_MEMLOCK. */
int limit_check_lock(struct space *s, uaddr_t start, uaddr_t end) must_check;

/*
 * Charge for `bytes` about to be mapped in s, which promise `pages`: 0, an
 * error of limit_check(), or -ENOMEM beyond the commit limit.  s's lock held
 * for writing.
 */
int space_charge(struct space *s, unsigned flags, uint64_t bytes,
		 uint64_t pages) must_check;

/*
 * Copy all VMAs that fork inherits into an empty child; *promised is how many
 * pages they promise.  0 or -ENOMEM, with some of them copied.
 */
int vma_clone_all(struct space *parent, struct space *child,
		  uint64_t *promised) must_check;

#endif
