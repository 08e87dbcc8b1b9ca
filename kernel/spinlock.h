/* SPDX-License-Identifier: MIT */
/*
 * kernel/spinlock.h - spin locks: short mutual exclusion between harts.
 *
 * Acquiring a spin lock turns this hart's interrupts off until its last spin
 * lock is released, so interrupt handlers may acquire any spin lock.  The
 * holder of a spin lock must not sleep, make an allocation that may sleep, or
 * access user memory.  The lock word has the owner, so ownership can be
 * asserted, and acquiring a lock twice panics instead of hanging.  A lock has 4
 * bytes, so that it fits in a frame record.  Any context.
 */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include "arch/irq.h"
#include "check/hooks.h"
#include "kernel/hart.h"
#include "kernel/panic.h"

/*
 * The owner in the word is 0 if the lock is free, else the hart index + 1.
 * Release builds: word = owner.  Where locks are checked (debug builds, see
 * check/hooks.h): word = class << LOCK_CLASS_SHIFT | owner.
 */
struct spinlock {
	uint32_t word; /* [a] */
};

#define SPINLOCK_INIT(kind)     \
	{                       \
		LOCK_WORD(kind) \
	}

static inline void
spin_init(struct spinlock *l, enum lock_class kind)
{
	l->word = LOCK_WORD(kind);
}

/*
 * The number of times a spin_lock() had to wait, all locks together; for /proc.
 */
extern _Atomic uint64_t spin_waits;

/* For spin_lock(): wait until the lock is free, and acquire it. */
void spin_lock_slow(struct spinlock *l) nonnull;

/* Turn interrupts off and on again without a lock; calls nest. */
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

/* The class of a lock; only where locks are checked. */
static inline enum lock_class
spin_class(const struct spinlock *l)
{
	return l->word >> LOCK_CLASS_SHIFT;
}

/* Acquire the lock if it is free. */
static inline bool
spin_try(struct spinlock *l)
{
	uint32_t free = LOCK_UNOWNED(l->word);

	return __atomic_compare_exchange_n(&l->word, &free,
					   free | (this_hart()->index + 1),
					   false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

static always_inline void
spin_lock(struct spinlock *l)
{
	irq_push_off();
	lock_check(spin_class(l));
	if (unlikely(!spin_try(l)))
		spin_lock_slow(l);
	lock_taken(spin_class(l), l, NULL);
}

static always_inline bool must_check
spin_trylock(struct spinlock *l)
{
	irq_push_off();
	if (spin_try(l)) {
		lock_taken(spin_class(l), l, NULL);
		return true;
	}
	irq_pop_off();
	return false;
}

/* Does this hart hold the lock? */
static inline bool
spin_held(const struct spinlock *l)
{
	return LOCK_OWNER(__atomic_load_n(&l->word, __ATOMIC_RELAXED)) ==
	       this_hart()->index + 1;
}

static inline void
spin_unlock(struct spinlock *l)
{
	assert(spin_held(l));
	lock_dropped(spin_class(l), l);
	__atomic_store_n(&l->word, LOCK_UNOWNED(l->word), __ATOMIC_RELEASE);
	irq_pop_off();
}

/*
 * May this context sleep?  Not with a spin lock held, after irq_push_off(), or
 * in an interrupt handler.
 */
static inline bool
may_sleep(void)
{
	struct hart *h = this_hart();

	return h->spin_depth == 0 && h->irq_depth == 0;
}

#endif
