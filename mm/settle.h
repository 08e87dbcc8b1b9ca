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

/*
 * Settle [start, end) for `why`; the space's lock is held, exclusively for
 * EDIT and ZAP.  0 or -ENOMEM with nothing visible changed.
 */
static inline int
settle(struct space *s, uaddr_t start, uaddr_t end, enum settle_why why)
{
	assert(why < SETTLE_EDIT ? rwlock_held(&s->lock)
				 : rwlock_write_held(&s->lock));
	if (likely(s->strategy->settle == NULL))
		return 0;
	return settle_deferred(s, start, end, why);
}

#endif
