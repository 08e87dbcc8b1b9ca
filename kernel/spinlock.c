/*
 * kernel/spinlock.c - spin locks.
 *
 * The lock word is the owner's hart number + 1.  Waiting is a load loop with a
 * pause hint, so a waiting hart does not take the cache line away from the
 * holder.  No queue: with eight harts and short sections fairness is not worth
 * a bigger lock.
 */
#include "kernel/spinlock.h"

#include "arch/irq.h"
#include "kernel/hart.h"
#include "kernel/panic.h"

void
irq_push_off(void)
{
	bool on = irq_disable();
	struct hart *h = this_hart();

	if (h->spin_depth++ == 0)
		h->spin_irqs = on;
}

void
irq_pop_off(void)
{
	struct hart *h = this_hart();

	assert(h->spin_depth > 0);
	if (--h->spin_depth == 0 && h->spin_irqs)
		irq_enable();
}

bool
spin_held(const struct spinlock *l)
{
	return __atomic_load_n(&l->owner, __ATOMIC_RELAXED) ==
	       this_hart()->index + 1;
}

void
spin_lock(struct spinlock *l)
{
	uint32_t me, free;

	irq_push_off();
	me = this_hart()->index + 1;
	for (;;) {
		free = 0;
		if (likely(__atomic_compare_exchange_n(&l->owner, &free, me,
						       false, __ATOMIC_ACQUIRE,
						       __ATOMIC_RELAXED)))
			return;
		if (unlikely(free == me))
			panic("spin lock %p taken twice by this hart",
			      (void *)l);
		while (__atomic_load_n(&l->owner, __ATOMIC_RELAXED) != 0)
			cpu_relax();
	}
}

bool
spin_trylock(struct spinlock *l)
{
	uint32_t free = 0;

	irq_push_off();
	if (__atomic_compare_exchange_n(&l->owner, &free,
					this_hart()->index + 1, false,
					__ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return true;
	irq_pop_off();
	return false;
}

void
spin_unlock(struct spinlock *l)
{
	assert(spin_held(l));
	__atomic_store_n(&l->owner, 0, __ATOMIC_RELEASE);
	irq_pop_off();
}

bool
may_sleep(void)
{
	struct hart *h = this_hart();

	return h->spin_depth == 0 && h->irq_depth == 0;
}
