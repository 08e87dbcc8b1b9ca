/*
 * kernel/irq.h - device interrupts: who handles which source.
 */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include "lib/base.h"

/*
 * Have handler(arg) called for interrupt source `irq` of the interrupt
 * controller, from interrupt context, interrupts off, on any hart.  Boot
 * time only.  Returns 0, -EINVAL for an unknown source, -EBUSY if taken.
 */
int
irq_register(unsigned irq, void (*handler)(void *arg), void *arg) must_check;

/* What the interrupt controller driver (PLIC) plugs in. */
struct irq_chip {
	const char *name;
	unsigned sources;	      /* valid sources are 1 .. sources */
	void (*enable)(unsigned irq); /* for all harts */
	unsigned (*claim)(void);      /* 0: nothing pending for this hart */
	void (*complete)(unsigned irq);
	void (*hart_init)(void); /* on each hart as it comes up */
};

/* Boot hart, before the other harts are started. */
void irq_set_chip(const struct irq_chip *chip) nonnull;

/* Called by the trap code on an external interrupt. */
void irq_dispatch(void);

/* On each hart as it comes up, before it enables interrupts. */
void irq_hart_init(void);

#endif
