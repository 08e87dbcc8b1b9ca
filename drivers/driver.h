/* SPDX-License-Identifier: MIT */
/*
 * drivers/driver.h - which driver serves which device of the device tree.
 *
 * A driver is one constant record, put into the linker section `drivers` by
 * DRIVER(); adding a driver means adding one file.  drivers_init() probes every
 * available node with the driver that names it in its `compatible` list, in the
 * order of `stage` and, within a stage, by falling address.  After a probe that
 * fails, the boot goes on without that device, with one log line.
 */
#ifndef DRIVERS_DRIVER_H
#define DRIVERS_DRIVER_H

#include "lib/fdt.h"

enum driver_stage {
	DRIVER_INTERRUPTS, /* interrupt controllers: other drivers need them */
	DRIVER_CONSOLE,	   /* so that later messages can be seen */
	DRIVER_DEVICES,
};

struct driver {
	const char *name;
	const char *const *compatible; /* ends with NULL */
	enum driver_stage stage;
	/*
	 * Called in the boot thread, before the other harts start; it may
	 * allocate.  Returns 0; -ENODEV if there is nothing behind the node
	 * (silent); any other error is logged.  After an error the driver keeps
	 * nothing.
	 */
	int (*probe)(const struct fdt_node *n);
};

#define DRIVER(d)                                   \
	static const struct driver *const d##_entry \
		__attribute__((used, section("drivers"))) = &(d)

/* Boot time, once, after the allocators and before anything needs a disk. */
void drivers_init(const struct fdt *fdt) nonnull;

/* ---- helpers for probes ---- */

/*
 * Map the node's i-th register range and store its start in *pa, unless pa is
 * NULL.  NULL: there is no such range, it is shorter than `least`, or it cannot
 * be mapped.
 */
volatile void *driver_map(const struct fdt_node *n, unsigned i, uint64_t least,
			  paddr_t *pa) must_check;

/* The node's first interrupt source, or 0. */
unsigned driver_irq(const struct fdt_node *n) nonnull;

#endif
