/* SPDX-License-Identifier: MIT */
/*
 * tests/host/kernel/spinlock.h - spin locks of host builds, in place of the
 * kernel's.
 *
 * The functions are in shim/sched.c.  Another thread may run whenever a lock is
 * released; a lock that is taken twice is a panic, since only one thread runs.
 */
#ifndef KERNEL_SPINLOCK_H
#define KERNEL_SPINLOCK_H

#include "check/hooks.h"
#include "kernel/hart.h"
#include "kernel/panic.h"

struct spinlock {
	uint32_t owner; /* 0 free, 1 taken */
};

#define SPINLOCK_INIT(kind) \
	{                   \
		0           \
	}

static inline void
spin_init(struct spinlock *l, enum lock_class kind)
{
	l->owner = 0;
}

void spin_lock(struct spinlock *l) nonnull;
void spin_unlock(struct spinlock *l) nonnull;
bool spin_trylock(struct spinlock *l) nonnull must_check;
bool spin_held(const struct spinlock *l) nonnull;
void irq_push_off(void);
void irq_pop_off(void);
bool may_sleep(void);

#endif
