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

#include "arch/irq.h"
#include "kernel/hart.h"
#include "kernel/panic.h"

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

/* For spin_lock(): the lock was not free. */
void spin_lock_slow(struct spinlock *l) nonnull;

/* Turn interrupts off without a lock, and back; calls nest. */
static inline void
irq_push_off(void)
{
	bool on = irq_disable();
	struct hart *h = this_hart();

	if (h->spin_depth++ == 0)
		h->spin_irqs = on;
}

static inline void
irq_pop_off(void)
{
	struct hart *h = this_hart();

	if (--h->spin_depth == 0 && h->spin_irqs)
		irq_enable();
}

/* Take the lock if it is free. */
static inline bool
spin_try(struct spinlock *l)
{
	uint32_t free = 0;

	return __atomic_compare_exchange_n(&l->owner, &free,
					   this_hart()->index + 1, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void
spin_lock(struct spinlock *l)
{
	irq_push_off();
	if (unlikely(!spin_try(l)))
		spin_lock_slow(l);
}

static inline bool must_check
spin_trylock(struct spinlock *l)
{
	irq_push_off();
	if (spin_try(l))
		return true;
	irq_pop_off();
	return false;
}

/* Does this hart hold it? */
static inline bool
spin_held(const struct spinlock *l)
{
	return __atomic_load_n(&l->owner, __ATOMIC_RELAXED) ==
	       this_hart()->index + 1;
}

static inline void
spin_unlock(struct spinlock *l)
{
	assert(spin_held(l));
	__atomic_store_n(&l->owner, 0, __ATOMIC_RELEASE);
	irq_pop_off();
}

/* May this context sleep?  No spin lock held, not in an interrupt handler. */
static inline bool
may_sleep(void)
{
	struct hart *h = this_hart();

	return h->spin_depth == 0 && h->irq_depth == 0;
}

#endif
