/* SPDX-License-Identifier: MIT */
/*
 * kernel/magazine.h - a per-hart cache in front of a shared allocator.
 *
 * A magazine holds free items of one kind for one hart.  To allocate or free an
 * item, a hart accesses only its own magazine; items move between it and the
 * shared allocator in batches.  A magazine has a lock, because a hart that is
 * short of memory drains the magazines of all harts; otherwise the lock is
 * uncontended.  Any context.  After J. Bonwick, J. Adams: Magazines and Vmem,
 * USENIX 2001, section 3.
 */
#ifndef KERNEL_MAGAZINE_H
#define KERNEL_MAGAZINE_H

#include "kernel/hart.h"
#include "kernel/spinlock.h"

#define MAGAZINE_MAX 32u

struct magazine {
	struct spinlock lock;
	unsigned count;		   /* [lock] */
	void *items[MAGAZINE_MAX]; /* [lock] */
} cache_aligned;

/* Remove and return the newest item; NULL if the magazine is empty. */
static inline void *
magazine_get(struct magazine *m)
{
	void *item = NULL;

	spin_lock(&m->lock);
	if (likely(m->count > 0))
		item = m->items[--m->count];
	spin_unlock(&m->lock);
	return item;
}

/*
 * Add an item.  False, and the caller keeps the item, if the magazine has `max`
 * items already; max <= MAGAZINE_MAX.
 */
static inline bool must_check
magazine_put(struct magazine *m, void *item, unsigned max)
{
	bool room;

	spin_lock(&m->lock);
	room = m->count < max;
	if (likely(room))
		m->items[m->count++] = item;
	spin_unlock(&m->lock);
	return room;
}

/* Move all but `keep` items to items[MAGAZINE_MAX]; returns their number. */
static inline unsigned
magazine_take(struct magazine *m, unsigned keep, void **items)
{
	unsigned n = 0;

	spin_lock(&m->lock);
	while (m->count > keep)
		items[n++] = m->items[--m->count];
	spin_unlock(&m->lock);
	return n;
}

#endif
