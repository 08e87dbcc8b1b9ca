/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/settle.h - how core (mm/) makes a strategy complete its deferred
 * work.
 *
 * A strategy may leave a leaf table shared or detached after fork.  Before core
 * accesses the leaves of a range, it calls settle() with the reason.  When
 * settle() has returned 0, the tables are attached, and un-shared if the reason
 * requires it.  For a strategy without a settle operation, which defers
 * nothing, the call costs one test.
 */
#ifndef MM_FORK_SETTLE_H
#define MM_FORK_SETTLE_H

#include "kernel/panic.h"
#include "mm/fork/strategy.h"
#include "mm/space.h"

/* The slow path of settle(), for a strategy with a settle operation only. */
int settle_deferred(struct space *s, uaddr_t start, uaddr_t end,
		    enum settle_why why) must_check;

/* Is the slot of `va` settled for `why` already?  True for most faults. */
static inline bool
slot_settled(struct space *s, uaddr_t va, enum settle_why why)
{
	pte_t *slot = pt_slot(s, va, false);
	pte_t e = slot == NULL ? 0 : pte_load(slot);

	if (e == 0)
		return true;
	return pte_valid(e) &&
	       (why == SETTLE_READ || table_is_own(slot_table(e)));
}

/*
 * Settle [start, end) for `why`.  May sleep.  Returns 0, or -ENOMEM with no
 * change that a program can see.
 */
static inline int
settle(struct space *s, uaddr_t start, uaddr_t end, enum settle_why why)
{
	assert(why < SETTLE_EDIT ? rwlock_held(&s->lock)
				 : rwlock_write_held(&s->lock));
	if (likely(s->strategy->settle == NULL) ||
	    (end - start == 1 && slot_settled(s, start, why)))
		return 0;
	return settle_deferred(s, start, end, why);
}

#endif
