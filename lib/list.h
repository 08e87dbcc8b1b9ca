/* SPDX-License-Identifier: MIT */
/*
 * lib/list.h - intrusive doubly linked lists.
 *
 * A list is a head node, which is linked to itself when the list is empty;
 * elements embed a node.  No function allocates or fails.  The caller holds the
 * lock that guards the list, if any.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/base.h"

struct list_node {
	struct list_node *next, *prev;
};

#define LIST_INIT(name)          \
	{                        \
		&(name), &(name) \
	}

/* Initialize `n` as an empty list, or as an element that is on no list. */
static inline void
list_init(struct list_node *n)
{
	n->next = n->prev = n;
}

static inline bool
list_empty(const struct list_node *head)
{
	return head->next == head;
}

/* Is this element on a list?  Valid after list_init() or list_del(). */
static inline bool
list_linked(const struct list_node *n)
{
	return n->next != n;
}

static inline void
list_insert_(struct list_node *n, struct list_node *prev,
	     struct list_node *next)
{
	n->prev = prev;
	n->next = next;
	prev->next = n;
	next->prev = n;
}

static inline void
list_push_front(struct list_node *head, struct list_node *n)
{
	list_insert_(n, head, head->next);
}

static inline void
list_push_back(struct list_node *head, struct list_node *n)
{
	list_insert_(n, head->prev, head);
}

/* Insert `n` before the element `at`. */
static inline void
list_insert_before(struct list_node *at, struct list_node *n)
{
	list_insert_(n, at->prev, at);
}

/* Remove `n` from its list, if any, and leave `n` unlinked. */
static inline void
list_del(struct list_node *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	list_init(n);
}

/* Remove and return the first element; NULL if the list is empty. */
static inline struct list_node *
list_pop_front(struct list_node *head)
{
	struct list_node *n = head->next;

	if (n == head)
		return NULL;
	list_del(n);
	return n;
}

#define list_entry(node, type, member) container_of(node, type, member)

#define list_first(head, type, member) list_entry((head)->next, type, member)

#define list_for_each(it, head) \
	for ((it) = (head)->next; (it) != (head); (it) = (it)->next)

/* Iterate over a list; the body may remove the current element. */
#define list_for_each_safe(it, tmp, head)                             \
	for ((it) = (head)->next, (tmp) = (it)->next; (it) != (head); \
	     (it) = (tmp), (tmp) = (it)->next)

#define list_for_each_entry(it, head, member)                    \
	for ((it) = list_first(head, __typeof__(*(it)), member); \
	     &(it)->member != (head);                            \
	     (it) = list_entry((it)->member.next, __typeof__(*(it)), member))

#define list_for_each_entry_safe(it, tmp, head, member)                       \
	for ((it) = list_first(head, __typeof__(*(it)), member),              \
	    (tmp) = list_entry((it)->member.next, __typeof__(*(it)), member); \
	     &(it)->member != (head); (it) = (tmp),                           \
	    (tmp) = list_entry((tmp)->member.next, __typeof__(*(it)), member))

#endif
