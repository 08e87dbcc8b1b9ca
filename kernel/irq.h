/* SPDX-License-Identifier: MIT */
/*
 * kernel/irq.h - register and dispatch handlers of device interrupts.
 *
 * The driver of the interrupt controller provides a struct irq_chip; device
 * drivers call irq_register(); the trap code calls irq_dispatch().
 */
#ifndef KERNEL_IRQ_H
#define KERNEL_IRQ_H

#include "lib/base.h"

/*
 * Register handler(arg) for source `irq` of the interrupt controller.  The
 * handler runs in interrupt context, interrupts off, on any hart.  Boot time
 * only.  Returns 0, -EINVAL for an unknown source, -EBUSY if the source has a
 * handler.
 */
int
irq_register(unsigned irq, void (*handler)(void *arg), void *arg) must_check;

/* The operations of the interrupt controller (PLIC), set by its driver. */
struct irq_chip {
	const char *name;
	unsigned sources;	      /* valid sources are 1 .. sources */
	void (*enable)(unsigned irq); /* for all harts */
	unsigned (*claim)(void);      /* 0: none pending for this hart */
	void (*complete)(unsigned irq);
	void (*hart_init)(void); /* on each hart at its start-up */
};

/* Set the controller.  Boot hart, before the other harts are started. */
void irq_set_chip(const struct irq_chip *chip) nonnull;

/* Called by the trap code on an external interrupt. */
void irq_dispatch(void);

/* Called on each hart at start-up, before it enables interrupts. */
void irq_hart_init(void);

#endif
