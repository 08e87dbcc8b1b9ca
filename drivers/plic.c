/* SPDX-License-Identifier: MIT */
/*
 * drivers/plic.c - the driver of the RISC-V platform-level interrupt controller
 * (PLIC).
 *
 * Every hart has a supervisor-mode context.  Entry i of "interrupts-extended"
 * gives the hart and mode of context i.  Each source is enabled in the contexts
 * of all harts, and the first hart that claims an interrupt handles it.  Until
 * a hart is up, the threshold of its context masks all interrupts.
 *
 * plic_claim() and plic_complete() access only the registers of the calling
 * hart's context and need no lock.
 */
#include "drivers/driver.h"

#include "arch/mmio.h"
#include "kernel/hart.h"
#include "kernel/irq.h"
#include "kernel/log.h"
#include "kernel/spinlock.h"
#include "lib/errno.h"

#define SUPERVISOR_EXTERNAL 9u /* interrupt cause, in the device tree */
#define NO_CONTEXT	    UINT32_MAX
#define MAX_CONTEXTS	    15872u
#define MAX_SOURCES	    1023u
#define THRESHOLD_ALL	    0u
#define THRESHOLD_NONE	    7u

/* Register offsets. */
#define PRIORITY(irq)	 (4u * (irq))
#define ENABLE(ctx, irq) (0x2000u + 0x80u * (ctx) + (irq) / 32 * 4)
#define THRESHOLD(ctx)	 (0x200000u + 0x1000u * (ctx))
#define CLAIM(ctx)	 (0x200004u + 0x1000u * (ctx))

static volatile char *regs;	    /* [i] */
static uint32_t context[MAX_HARTS]; /* [i] by hart index, or NO_CONTEXT */
static struct irq_chip plic_chip;   /* [i] */
static struct spinlock plic_lock = SPINLOCK_INIT(LOCK_PLIC);
static uint32_t enabled[MAX_SOURCES / 32 + 1]; /* [plic_lock] bit per source */

static void
plic_enable(unsigned irq)
{
	spin_lock(&plic_lock);
	enabled[irq / 32] |= UINT32_C(1) << (irq % 32);
	mmio_write32(regs + PRIORITY(irq), 1);
	for (unsigned h = 0; h < MAX_HARTS; h++) {
		if (context[h] != NO_CONTEXT)
			mmio_write32(regs + ENABLE(context[h], irq),
				     enabled[irq / 32]);
	}
	spin_unlock(&plic_lock);
}

static unsigned
plic_claim(void)
{
	uint32_t ctx = context[this_hart()->index];

	return ctx == NO_CONTEXT ? 0 : mmio_read32(regs + CLAIM(ctx));
}

static void
plic_complete(unsigned irq)
{
	uint32_t ctx = context[this_hart()->index];

	if (ctx != NO_CONTEXT)
		mmio_write32(regs + CLAIM(ctx), irq);
}

/*
 * The firmware clears a hart's context when the hart starts, so write the
 * enable bits of all registered sources again.
 */
static void
plic_hart_init(void)
{
	uint32_t ctx = context[this_hart()->index];

	if (ctx == NO_CONTEXT)
		return;
	spin_lock(&plic_lock);
	for (unsigned irq = 0; irq <= plic_chip.sources; irq += 32)
		mmio_write32(regs + ENABLE(ctx, irq), enabled[irq / 32]);
	mmio_write32(regs + THRESHOLD(ctx), THRESHOLD_ALL);
	spin_unlock(&plic_lock);
}

static struct irq_chip plic_chip = {
	.name = "plic",
	.enable = plic_enable,
	.claim = plic_claim,
	.complete = plic_complete,
	.hart_init = plic_hart_init,
};

/* Find the hart with the interrupt controller that has phandle `intc`. */
static bool
hart_of_intc(const struct fdt *fdt, uint32_t intc, unsigned *index)
{
	struct fdt_cpu cpu;

	for (unsigned i = 0; fdt_cpu(fdt, i, &cpu); i++) {
		if (cpu.intc != intc)
			continue;
		for (unsigned h = 0; h < hart_count; h++) {
			if (harts[h].id == cpu.id) {
				*index = h;
				return true;
			}
		}
	}
	return false;
}

/*
 * Find the context of every hart and mask all sources in it.  Returns the
 * number of harts that have a context.
 */
static unsigned
find_contexts(const struct fdt_node *n, uint64_t size, unsigned sources)
{
	unsigned found = 0, hart;
	struct fdt_irq to;

	for (unsigned h = 0; h < MAX_HARTS; h++)
		context[h] = NO_CONTEXT;
	for (unsigned ctx = 0; ctx < MAX_CONTEXTS; ctx++) {
		if (!fdt_interrupt(n, ctx, &to))
			break;
		if (to.cell[0] != SUPERVISOR_EXTERNAL ||
		    CLAIM(ctx) + 4 > size ||
		    !hart_of_intc(n->fdt, to.controller, &hart))
			continue;
		if (context[hart] == NO_CONTEXT)
			found++;
		context[hart] = ctx;
		mmio_write32(regs + THRESHOLD(ctx), THRESHOLD_NONE);
		for (unsigned irq = 0; irq <= sources; irq += 32)
			mmio_write32(regs + ENABLE(ctx, irq), 0);
	}
	return found;
}

static int
plic_probe(const struct fdt_node *n)
{
	struct fdt_range reg;
	uint32_t sources;
	unsigned served;

	if (regs != NULL)
		return -EBUSY;
	if (!fdt_u32(n, "riscv,ndev", &sources) || sources == 0 ||
	    sources > MAX_SOURCES || !fdt_reg(n, 0, &reg))
		return -EINVAL;
	regs = driver_map(n, 0, CLAIM(1) + 4, NULL);
	if (regs == NULL)
		return -ENOMEM;
	served = find_contexts(n, reg.size, sources);
	if (context[this_hart()->index] == NO_CONTEXT) {
		regs = NULL;
		return -ENXIO;
	}
	plic_chip.sources = sources;
	irq_set_chip(&plic_chip);
	plic_hart_init();
	log_info("plic: %u interrupt sources, %u of %u harts", sources, served,
		 hart_count);
	return 0;
}

static const char *const plic_names[] = { "sifive,plic-1.0.0", "riscv,plic0",
					  NULL };

static const struct driver plic_driver = {
	.name = "plic",
	.compatible = plic_names,
	.stage = DRIVER_INTERRUPTS,
	.probe = plic_probe,
};

DRIVER(plic_driver);
