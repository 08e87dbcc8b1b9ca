/* SPDX-License-Identifier: MIT */
/*
 * lib/rbtree.h - intrusive red-black trees.
 *
 * To insert a node, the caller walks down from root->node to the node's place,
 * calls rb_link() there and then rb_insert_fix().  No function allocates or
 * fails; the caller holds the lock that guards the tree.
 */
#ifndef LIB_RBTREE_H
#define LIB_RBTREE_H

#include "lib/base.h"

struct rb_node {
	struct rb_node *parent, *left, *right;
	bool red;
};

struct rb_root {
	struct rb_node *node;
};

/* Link `n` at `*at`, an empty child of `parent` (NULL for the root). */
static inline void
rb_link(struct rb_node *n, struct rb_node *parent, struct rb_node **at)
{
	n->parent = parent;
	n->left = n->right = NULL;
	n->red = true;
	*at = n;
}

/* Restore the balance after rb_link(). */
void rb_insert_fix(struct rb_root *root, struct rb_node *n);

/* Remove `n` from the tree. */
void rb_erase(struct rb_root *root, struct rb_node *n);

/* In-order neighbors; NULL at the ends. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *n);
struct rb_node *rb_prev(const struct rb_node *n);

#define rb_entry(n, type, member) container_of(n, type, member)

#endif
