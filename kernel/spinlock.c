/*
 * kernel/spinlock.c - spin locks that are not free.
 *
 * The lock word is the owner's hart number + 1.  Waiting is a load loop with a
 * pause hint, so a waiting hart does not take the cache line away from the
 * holder.  No queue: with eight harts and short sections fairness is not worth
 * a bigger lock.
 */
#include "kernel/spinlock.h"

_Atomic uint64_t spin_waits;

void
spin_lock_slow(struct spinlock *l)
{
	if (spin_held(l))
		panic("spin lock %p taken twice by this hart", (void *)l);
	atomic_fetch_add_explicit(&spin_waits, 1, memory_order_relaxed);
	do {
		while (LOCK_OWNER(__atomic_load_n(&l->word,
						  __ATOMIC_RELAXED)) != 0)
			cpu_relax();
	} while (!spin_try(l));
}
