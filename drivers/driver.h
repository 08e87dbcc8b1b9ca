/* SPDX-License-Identifier: MIT */
/*
 * drivers/driver.h - how a driver registers for nodes of the device tree.
 *
 * A driver is one constant record that DRIVER() puts into the linker section
 * `drivers`; to add a driver, add one file.  drivers_init() probes every
 * available node with the driver that has a matching `compatible` list, in the
 * order of `stage` and, within a stage, in descending order of address.  If a
 * probe fails, the boot continues without that device and logs one line.
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
	 * Called in the boot thread, before the other harts start; may
	 * allocate.  Returns 0, -ENODEV if the device is absent (not logged),
	 * or another error, which drivers_init() logs.  Before it returns an
	 * error, the driver must free all memory it has allocated.
	 */
	int (*probe)(const struct fdt_node *n);
};

#define DRIVER(d)                                   \
	static const struct driver *const d##_entry \
		__attribute__((used, section("drivers"))) = &(d)

/*
 * Probe all devices.  Boot time, once, when the allocators work and before the
 * first access to a disk.
 */
void drivers_init(const struct fdt *fdt) nonnull;

/* ---- helpers for probes ---- */

/*
 * Map the node's i-th register range and store its start in *pa, unless pa is
 * NULL.  Returns NULL if there is no such range, if it is shorter than `least`,
 * or if it cannot be mapped.
 */
volatile void *driver_map(const struct fdt_node *n, unsigned i, uint64_t least,
			  paddr_t *pa) must_check;

/* The node's first interrupt source, or 0. */
unsigned driver_irq(const struct fdt_node *n) nonnull;

#endif
