/* SPDX-License-Identifier: MIT */
/*
 * arch/irq.h - turn this hart's interrupts off and on, and wait for an
 * interrupt.
 *
 * Any context.  irq_disable() and irq_enable() do not nest; irq_push_off() and
 * irq_pop_off() (kernel/spinlock.h) do.
 */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

#include "lib/base.h"

#define SSTATUS_SIE (UINT64_C(1) << 1)

/* Turn interrupts off.  True if they were on. */
static inline bool
irq_disable(void)
{
	uint64_t old;

	__asm__ volatile("csrrci %0, sstatus, 2" : "=r"(old) : : "memory");
	return (old & SSTATUS_SIE) != 0;
}

static inline void
irq_enable(void)
{
	__asm__ volatile("csrsi sstatus, 2" : : : "memory");
}

static inline bool
irq_enabled(void)
{
	uint64_t s;

	__asm__ volatile("csrr %0, sstatus" : "=r"(s));
	return (s & SSTATUS_SIE) != 0;
}

/* Stop this hart until an interrupt is pending.  Interrupts off. */
static inline void
irq_wait(void)
{
	__asm__ volatile("wfi" : : : "memory");
}

#endif
