/* SPDX-License-Identifier: MIT */
/*
 * fs/pagetree.c - the radix tree that finds pages by number.
 *
 * A tree belongs to one page cache.  Every function runs under that cache's
 * spin lock and allocates nothing: the caller of pagetree_insert() passes the
 * nodes it may need, and gets -ENOMEM if they are too few.  An empty tree has
 * no nodes.  A level is added above the root when an index does not fit; levels
 * are removed only when the tree becomes empty.
 */
#include "fs/pagetree.h"

#include "kernel/panic.h"
#include "lib/errno.h"
#include "mm/slab.h"

static inline unsigned
slot_of(uint64_t index, unsigned level)
{
	return (unsigned)(index >> (PAGETREE_BITS * level)) &
	       (PAGETREE_SLOTS - 1);
}

static inline uint64_t
bit_of(uint64_t index, unsigned level)
{
	return UINT64_C(1) << slot_of(index, level);
}

/* Does `index` fit in a tree of this height? */
static inline bool
fits(uint64_t index, unsigned height)
{
	return height > 0 && index >> (PAGETREE_BITS * height) == 0;
}

struct frame *
pagetree_find(struct pagecache *pc, uint64_t index)
{
	struct pagecache_node *n = pc->root;
	unsigned level = pc->height;

	requires_lock(&pc->lock);
	if (!fits(index, level))
		return NULL;
	while (--level > 0) {
		n = n->slots[slot_of(index, level)];
		if (n == NULL)
			return NULL;
	}
	return n->slots[slot_of(index, 0)];
}

/*
 * Find the first set slot at or after *index in a node of this level; -1 if
 * none.  If the slot is a later one, *index becomes its first page number.
 */
static int
next_slot(uint64_t mask, unsigned level, uint64_t *index)
{
	unsigned shift = PAGETREE_BITS * level;
	unsigned at = slot_of(*index, level);
	unsigned found;

	mask &= UINT64_MAX << at;
	if (mask == 0)
		return -1;
	found = (unsigned)__builtin_ctzll(mask);
	if (found != at)
		*index = ((*index >> shift) + (found - at)) << shift;
	return (int)found;
}

struct frame *
pagetree_next(struct pagecache *pc, uint64_t index, bool dirty_only)
{
	requires_lock(&pc->lock);
	/* Invariant: no page that matches lies before `index`. */
	while (fits(index, pc->height)) {
		struct pagecache_node *n = pc->root;
		unsigned level = pc->height - 1;
		int slot;

		for (;;) {
			slot = next_slot(dirty_only ? n->dirty : n->used, level,
					 &index);
			if (slot < 0 || level == 0)
				break;
			n = n->slots[slot];
			level--;
		}
		if (slot >= 0)
			return n->slots[slot];
		/* No match in this node: continue after its last page. */
		level++;
		index = ((index >> (PAGETREE_BITS * level)) + 1)
			<< (PAGETREE_BITS * level);
	}
	return NULL;
}

static struct pagecache_node *
take_spare(struct pagecache_node **spare)
{
	struct pagecache_node *n = *spare;

	*spare = n->slots[0];
	n->slots[0] = NULL;
	return n;
}

/* Count the nodes missing from the root to the leaf node of `index`. */
static unsigned
nodes_missing(struct pagecache *pc, uint64_t index, unsigned height)
{
	struct pagecache_node *n = pc->root;
	unsigned level;

	if (n == NULL)
		return height;
	/* `height` is minimal, so the old root does not cover `index`. */
	if (height > pc->height)
		return (height - pc->height) + (height - 1);
	for (level = height - 1; level > 0; level--) {
		n = n->slots[slot_of(index, level)];
		if (n == NULL)
			return level;
	}
	return 0;
}

static bool
enough(struct pagecache_node *spare, unsigned need)
{
	while (need > 0 && spare != NULL) {
		spare = spare->slots[0];
		need--;
	}
	return need == 0;
}

static void
grow(struct pagecache *pc, unsigned height, struct pagecache_node **spare)
{
	if (pc->root == NULL) {
		pc->root = take_spare(spare);
		pc->height = height;
	}
	while (pc->height < height) {
		struct pagecache_node *n = take_spare(spare);

		n->slots[0] = pc->root;
		n->used = 1;
		n->dirty = pc->root->dirty != 0;
		pc->root = n;
		pc->height++;
	}
}

int
pagetree_insert(struct pagecache *pc, struct frame *f,
		struct pagecache_node **spare)
{
	uint64_t index = f->cache.index;
	unsigned height = MAX(pc->height, 1u);
	struct pagecache_node *n;

	requires_lock(&pc->lock);
	while (!fits(index, height))
		height++;
	if (!enough(*spare, nodes_missing(pc, index, height)))
		return -ENOMEM;
	grow(pc, height, spare);
	n = pc->root;
	for (unsigned level = height - 1; level > 0; level--) {
		void **at = &n->slots[slot_of(index, level)];

		if (*at == NULL) {
			*at = take_spare(spare);
			n->used |= bit_of(index, level);
		}
		n = *at;
	}
	if (n->slots[slot_of(index, 0)] != NULL)
		return -EEXIST;
	n->slots[slot_of(index, 0)] = f;
	n->used |= bit_of(index, 0);
	return 0;
}

/* Collect the nodes from the root (highest level) to index's leaf node. */
static void
path_to(struct pagecache *pc, uint64_t index,
	struct pagecache_node *path[PAGETREE_DEPTH])
{
	struct pagecache_node *n = pc->root;

	assert(fits(index, pc->height));
	for (unsigned level = pc->height; level-- > 0;) {
		assert(n != NULL);
		path[level] = n;
		if (level > 0)
			n = n->slots[slot_of(index, level)];
	}
}

void
pagetree_remove(struct pagecache *pc, uint64_t index)
{
	struct pagecache_node *path[PAGETREE_DEPTH];
	unsigned level;

	requires_lock(&pc->lock);
	pagetree_set_dirty(pc, index, false);
	path_to(pc, index, path);
	for (level = 0; level < pc->height; level++) {
		path[level]->slots[slot_of(index, level)] = NULL;
		path[level]->used &= ~bit_of(index, level);
		if (path[level]->used != 0)
			return;
		kfree(path[level]);
	}
	pc->root = NULL;
	pc->height = 0;
}

void
pagetree_set_dirty(struct pagecache *pc, uint64_t index, bool dirty)
{
	struct pagecache_node *path[PAGETREE_DEPTH];

	requires_lock(&pc->lock);
	path_to(pc, index, path);
	for (unsigned level = 0; level < pc->height; level++) {
		uint64_t bit = bit_of(index, level);

		if (dirty)
			path[level]->dirty |= bit;
		else
			path[level]->dirty &= ~bit;
		/* Stop: a page below is still dirty, so the bits above stay. */
		if (!dirty && path[level]->dirty != 0)
			break;
	}
}
