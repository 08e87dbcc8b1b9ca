/* SPDX-License-Identifier: MIT */
/*
 * kernel/spinlock.c - the slow path of spin_lock().
 *
 * spin_lock_slow() is called with interrupts off when a lock is not free.  The
 * hart waits in a loop of plain loads of the lock word (kernel/spinlock.h) and
 * tries to take the lock only when it looks free, so it does not take the cache
 * line away from the holder.  No queue: with eight harts and short sections,
 * fairness is not worth a bigger lock.  Taking a lock twice panics.
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
