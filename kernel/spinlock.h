/*
 * kernel/spinlock.h - short mutual exclusion between harts.
 *
 * Taking a lock turns this hart's interrupts off until the last one is
 * released, so interrupt handlers may take any spin lock.  While one is held
 * the holder must not sleep, allocate with sleeping, or touch user memory.
 * The lock word holds the owner, so ownership can be asserted and taking a
 * lock twice panics instead of hanging.  4 bytes: it fits in a frame record.
 */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include "lib/base.h"

struct spinlock {
	uint32_t owner; /* [a] 0 free, else hart number + 1 */
};

#define SPINLOCK_INIT \
	{             \
		0     \
	}

static inline void
spin_init(struct spinlock *l)
{
	l->owner = 0;
}

void spin_lock(struct spinlock *l) nonnull;
void spin_unlock(struct spinlock *l) nonnull;
bool spin_trylock(struct spinlock *l) nonnull must_check;

/* Does this hart hold it? */
bool spin_held(const struct spinlock *l) nonnull;

/* Turn interrupts off without a lock, and back; calls nest. */
void irq_push_off(void);
void irq_pop_off(void);

/* May this context sleep?  No spin lock held, not in an interrupt handler. */
bool may_sleep(void);

#endif
