/*
 * kernel/magazine.h - each hart's stock of like things.
 *
 * Before a store that all harts share, every hart has a magazine: taking and
 * giving back touch only that, and the store sees many at once.  Each has a
 * lock, since its hart is looked up before and whoever is short of memory
 * empties those of the others; else nobody waits for it.  Any context.
 * After J. Bonwick, J. Adams: Magazines and Vmem, USENIX 2001, section 3.
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

/* The newest of the items, now the caller's; NULL: there is none. */
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

/* Keep an item.  False: there are max <= MAGAZINE_MAX, it stays the caller's. */
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

/* All but `keep` items, into items[MAGAZINE_MAX]; returns how many. */
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
