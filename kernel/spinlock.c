/* SPDX-License-Identifier: MIT */
/*
 * kernel/spinlock.c - wait for a spin lock: the slow path of spin_lock().
 *
 * spin_lock_slow() is called with interrupts off when a lock is not free.  The
 * hart spins with plain loads of the lock word (kernel/spinlock.h) and tries to
 * acquire the lock only when it looks free, so it does not invalidate the cache
 * line of the holder.  There is no queue: with eight harts and short critical
 * sections, fairness is not worth a larger lock.  Acquiring a lock twice
 * panics.
 */
#include "kernel/spinlock.h"

_Atomic uint64_t spin_waits;

void
spin_lock_slow(struct spinlock *l)
{
	if (spin_held(l))
		panic("spin lock %p acquired twice by this hart", (void *)l);
	atomic_fetch_add_explicit(&spin_waits, 1, memory_order_relaxed);
	do {
		while (LOCK_OWNER(__atomic_load_n(&l->word,
						  __ATOMIC_RELAXED)) != 0)
			cpu_relax();
	} while (!spin_try(l));
}
