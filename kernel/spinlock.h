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
#include "kernel/lockcheck.h"
#include "kernel/panic.h"

/* word: class << 8 | owner, which is 0 if free, else hart number + 1 */
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

/* How often a lock was not free, all locks together; for /proc. */
extern _Atomic uint64_t spin_waits;

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

/* Which class of lock it is; only where locks are checked. */
static inline enum lock_class
spin_class(const struct spinlock *l)
{
	return l->word >> LOCK_CLASS_SHIFT;
}

/* Take the lock if it is free. */
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

/* Does this hart hold it? */
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

/* May this context sleep?  No spin lock held, not in an interrupt handler. */
static inline bool
may_sleep(void)
{
	struct hart *h = this_hart();

	return h->spin_depth == 0 && h->irq_depth == 0;
}

#endif
