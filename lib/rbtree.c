/* SPDX-License-Identifier: MIT */
/*
 * lib/rbtree.c - red-black trees.
 *
 * Invariants: the root is black; a red node has no red child; every path from a
 * node down to a NULL child has the same number of black nodes.  Insertion and
 * removal restore them in O(log n) with the two rotations.
 */
#include "lib/rbtree.h"

static bool
is_red(const struct rb_node *n)
{
	return n != NULL && n->red;
}

/* Replace `from` by `to` (or NULL) below from's parent, or as the root. */
static void
replace_child(struct rb_root *root, struct rb_node *from, struct rb_node *to)
{
	struct rb_node *up = from->parent;

	if (up == NULL)
		root->node = to;
	else if (up->left == from)
		up->left = to;
	else
		up->right = to;
	if (to != NULL)
		to->parent = up;
}

/*
 * Rotate left (or right): n's right (or left) child takes n's place and becomes
 * n's parent.
 */
static void
rotate(struct rb_root *root, struct rb_node *n, bool left)
{
	struct rb_node *up = left ? n->right : n->left;
	struct rb_node *mid = left ? up->left : up->right;

	replace_child(root, n, up);
	if (left) {
		n->right = mid;
		up->left = n;
	} else {
		n->left = mid;
		up->right = n;
	}
	n->parent = up;
	if (mid != NULL)
		mid->parent = n;
}

void
rb_insert_fix(struct rb_root *root, struct rb_node *n)
{
	/*
	 * Invariant: only the parent of n can be a red node with a red child.
	 */
	while (is_red(n->parent)) {
		struct rb_node *up = n->parent, *top = up->parent;
		bool left = top->left == up;
		struct rb_node *uncle = left ? top->right : top->left;

		if (is_red(uncle)) {
			up->red = uncle->red = false;
			top->red = true;
			n = top;
			continue;
		}
		if ((left ? up->right : up->left) == n) {
			rotate(root, up, left);
			up = n;
		}
		up->red = false;
		top->red = true;
		rotate(root, top, !left);
		break;
	}
	root->node->red = false;
}

/*
 * Restore the invariants after a black node was removed below `up`.  `n` (or
 * NULL) has taken the place of the removed node.
 */
static void
erase_fix(struct rb_root *root, struct rb_node *up, struct rb_node *n)
{
	/* Invariant: each path through n has one black node too few. */
	while (n != root->node && !is_red(n)) {
		bool left = up->left == n;
		struct rb_node *sib = left ? up->right : up->left;
		struct rb_node *near, *far;

		if (is_red(sib)) {
			sib->red = false;
			up->red = true;
			rotate(root, up, left);
			sib = left ? up->right : up->left;
		}
		near = left ? sib->left : sib->right;
		far = left ? sib->right : sib->left;
		if (!is_red(near) && !is_red(far)) {
			sib->red = true;
			n = up;
			up = n->parent;
			continue;
		}
		if (!is_red(far)) {
			near->red = false;
			sib->red = true;
			rotate(root, sib, !left);
			far = sib;
			sib = near;
		}
		sib->red = up->red;
		up->red = false;
		far->red = false;
		rotate(root, up, left);
		return;
	}
	if (n != NULL)
		n->red = false;
}

void
rb_erase(struct rb_root *root, struct rb_node *n)
{
	struct rb_node *child, *up;
	bool black;

	if (n->left != NULL && n->right != NULL) {
		/* The successor has no left child; move it to n's place. */
		struct rb_node *next = rb_next(n);

		child = next->right;
		black = !next->red;
		up = next->parent == n ? next : next->parent;
		replace_child(root, next, child);
		next->left = n->left;
		next->right = n->right;
		next->red = n->red;
		replace_child(root, n, next);
		next->left->parent = next;
		if (next->right != NULL)
			next->right->parent = next;
	} else {
		child = n->left != NULL ? n->left : n->right;
		black = !n->red;
		up = n->parent;
		replace_child(root, n, child);
	}
	if (black)
		erase_fix(root, up, child);
}

struct rb_node *
rb_first(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n != NULL && n->left != NULL)
		n = n->left;
	return n;
}

struct rb_node *
rb_last(const struct rb_root *root)
{
	struct rb_node *n = root->node;

	while (n != NULL && n->right != NULL)
		n = n->right;
	return n;
}

struct rb_node *
rb_next(const struct rb_node *n)
{
	const struct rb_node *up;

	if (n->right != NULL) {
		struct rb_node *d = n->right;

		while (d->left != NULL)
			d = d->left;
		return d;
	}
	for (up = n->parent; up != NULL && up->right == n; up = up->parent)
		n = up;
	return (struct rb_node *)(uintptr_t)up;
}

struct rb_node *
rb_prev(const struct rb_node *n)
{
	const struct rb_node *up;

	if (n->left != NULL) {
		struct rb_node *d = n->left;

		while (d->right != NULL)
			d = d->right;
		return d;
	}
	for (up = n->parent; up != NULL && up->left == n; up = up->parent)
		n = up;
	return (struct rb_node *)(uintptr_t)up;
}
