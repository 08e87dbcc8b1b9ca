/*
 * drivers/driver.h - which driver serves which device of the device tree.
 *
 * A driver is one constant record, put into the linker section `drivers` by
 * DRIVER(); adding one means adding one file.  drivers_init() offers every
 * available node to the drivers whose `compatible` list names it, in the order
 * of `stage` and then in the order of the device tree.  A probe that fails
 * costs one log line and that device, nothing else.
 */
#ifndef DRIVERS_DRIVER_H
#define DRIVERS_DRIVER_H

#include "lib/fdt.h"

enum driver_stage {
	DRIVER_INTERRUPTS, /* interrupt controllers: others register with them */
	DRIVER_CONSOLE,	   /* so that what follows can be seen */
	DRIVER_DEVICES,
};

struct driver {
	const char *name;
	const char *const *compatible; /* ends with NULL */
	enum driver_stage stage;
	/*
	 * Boot hart, interrupts off: it may allocate, but not sleep.
	 * Returns 0; -ENODEV when there is nothing behind the node (silent);
	 * any other error is logged.  On failure the driver has kept nothing.
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
 * Map the node's i-th register range; its start goes to *pa unless that is
 * NULL.  NULL: there is none, it is shorter than `least`, or no memory.
 */
volatile void *driver_map(const struct fdt_node *n, unsigned i, uint64_t least,
			  paddr_t *pa) must_check;

/* The node's first interrupt source, or 0. */
unsigned driver_irq(const struct fdt_node *n) nonnull;

#endif
