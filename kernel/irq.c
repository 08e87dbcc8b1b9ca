/* SPDX-License-Identifier: MIT */
/*
 * kernel/irq.c - dispatch device interrupts to the handlers of their sources.
 *
 * Drivers register handlers at boot; the trap code calls irq_dispatch(), which
 * claims sources from the controller until none is pending.  The table is
 * constant once the other harts run, so no lock is needed.  An interrupt
 * without a handler is logged and completed.
 */
#include "kernel/irq.h"

#include "kernel/log.h"
#include "lib/errno.h"

#define MAX_SOURCES 128u

static const struct irq_chip *chip;
/* [i] after boot; written before the source is enabled. */
static struct {
	void (*handler)(void *arg);
	void *arg;
} handlers[MAX_SOURCES];

void
irq_set_chip(const struct irq_chip *c)
{
	chip = c;
	c->hart_init(); /* other harts call irq_hart_init() later */
}

void
irq_hart_init(void)
{
	if (chip != NULL)
		chip->hart_init();
}

int
irq_register(unsigned irq, void (*handler)(void *arg), void *arg)
{
	if (chip == NULL || irq == 0 || irq > chip->sources ||
	    irq >= MAX_SOURCES)
		return -EINVAL;
	if (handlers[irq].handler != NULL)
		return -EBUSY;
	handlers[irq].arg = arg;
	handlers[irq].handler = handler;
	chip->enable(irq);
	return 0;
}

void
irq_dispatch(void)
{
	unsigned irq;

	while (chip != NULL && (irq = chip->claim()) != 0) {
		if (irq < MAX_SOURCES && handlers[irq].handler != NULL)
			handlers[irq].handler(handlers[irq].arg);
		else if (log_ratelimit())
			log_warn("irq: no handler for source %u", irq);
		chip->complete(irq);
	}
}
