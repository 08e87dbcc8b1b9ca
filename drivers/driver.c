/* SPDX-License-Identifier: MIT */
/*
 * drivers/driver.c - match the nodes of the device tree with drivers.
 *
 * drivers_init() walks the tree once, collects the nodes that have a driver,
 * sorts them, and probes them.  Within a stage devices are probed in descending
 * order of address: QEMU's virt machine assigns its virtio slots from the
 * highest address down, so the devices come in the order of -device on QEMU's
 * command line, and the first disk is vda.
 *
 * Runs once at boot on one hart, so no lock is needed.
 */
#include "drivers/driver.h"

#include "arch/mmio.h"
#include "kernel/log.h"
#include "lib/errno.h"
#include "lib/string.h"

#define MAX_MATCHES 48

extern const struct driver *const __drivers_start[];
extern const struct driver *const __drivers_end[];

struct match {
	const struct driver *driver;
	uint64_t address;
	struct fdt_node node;
};

static struct match matches[MAX_MATCHES];
static unsigned match_count;

/* Is `compatible` in the driver's list? */
static bool
serves(const struct driver *d, const char *compatible)
{
	for (const char *const *s = d->compatible; *s != NULL; s++) {
		if (strcmp(*s, compatible) == 0)
			return true;
	}
	return false;
}

/*
 * The driver for the node's most specific "compatible" string that any driver
 * lists, or NULL.
 */
static const struct driver *
driver_for(const struct fdt_node *n)
{
	const struct driver *const *d;
	struct fdt_prop p;
	const char *s;

	if (!fdt_prop(n, "compatible", &p))
		return NULL;
	for (unsigned i = 0; (s = fdt_string_at(&p, i)) != NULL; i++) {
		for (d = __drivers_start; d < __drivers_end; d++) {
			if (serves(*d, s))
				return *d;
		}
	}
	return NULL;
}

static bool
comes_before(const struct match *a, const struct match *b)
{
	if (a->driver->stage != b->driver->stage)
		return a->driver->stage < b->driver->stage;
	return a->address > b->address;
}

/* Insert a match in order; equal matches keep the order of the tree. */
static void
match_add(const struct driver *d, const struct fdt_node *n)
{
	struct match m = { .driver = d, .node = *n };
	struct fdt_range reg;
	unsigned i;

	if (match_count == MAX_MATCHES) {
		log_warn("drivers: more than %d devices; ignoring %s",
			 MAX_MATCHES, fdt_name(n));
		return;
	}
	if (fdt_reg(n, 0, &reg))
		m.address = reg.start;
	for (i = match_count++; i > 0 && comes_before(&m, &matches[i - 1]); i--)
		matches[i] = matches[i - 1];
	matches[i] = m;
}

static void
collect(const struct fdt *fdt)
{
	struct fdt_node n;

	fdt_root(fdt, &n);
	do {
		const struct driver *d = driver_for(&n);

		if (d != NULL && fdt_available(&n))
			match_add(d, &n);
	} while (fdt_next(&n));
}

void
drivers_init(const struct fdt *fdt)
{
	collect(fdt);
	for (unsigned i = 0; i < match_count; i++) {
		const struct match *m = &matches[i];
		int err = m->driver->probe(&m->node);

		if (err != 0 && err != -ENODEV)
			log_error("%s: probe of %s failed (error %d)",
				  m->driver->name, fdt_name(&m->node), -err);
	}
}

volatile void *
driver_map(const struct fdt_node *n, unsigned i, uint64_t least, paddr_t *pa)
{
	struct fdt_range reg;

	if (!fdt_reg(n, i, &reg) || reg.size < least)
		return NULL;
	if (pa != NULL)
		*pa = reg.start;
	return mmio_map(reg.start, reg.size);
}

unsigned
driver_irq(const struct fdt_node *n)
{
	struct fdt_irq irq;

	return fdt_interrupt(n, 0, &irq) ? irq.cell[0] : 0;
}
