/*
 * mm/settle.h - the one way core asks a strategy to undo deferral.
 */
#ifndef MM_SETTLE_H
#define MM_SETTLE_H

#include "kernel/panic.h"
#include "mm/fork/strategy.h"
#include "mm/space.h"

/* The strategy defers something: let it settle.  For settle() only. */
int settle_deferred(struct space *s, uaddr_t start, uaddr_t end,
		    enum settle_why why) must_check;

/* Is this address's slot as settle() would leave it?  Most faults find it so. */
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
 * Settle [start, end) for `why`; the space's lock is held, exclusively for
 * EDIT and ZAP.  0 or -ENOMEM with nothing visible changed.
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
