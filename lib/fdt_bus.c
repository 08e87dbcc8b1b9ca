/* SPDX-License-Identifier: MIT */
/*
 * lib/fdt_bus.c - translating addresses and finding interrupts in the device
 * tree.
 *
 * The "reg" property of a node is in the address space of its parent bus; the
 * "ranges" property of each bus translates to the address space of the next
 * bus.  Numbers have one or two cells: addresses of more cells (PCI) are not
 * translated.  fdt_reg() and fdt_interrupt() are the entry points; lib/fdt.h
 * has the rules.
 */
#include "lib/fdt.h"

/* The number of cells of an address and of a size in the children of a node. */
struct cells {
	uint32_t address, size;
};

static struct cells
cells_of(const struct fdt_node *bus)
{
	struct cells c = { 2, 1 }; /* the specification's defaults */

	(void)fdt_u32(bus, "#address-cells", &c.address);
	(void)fdt_u32(bus, "#size-cells", &c.size);
	return c;
}

/*
 * Read the number in `count` cells from cell `i` on.  False if the property is
 * too short, or if count > 2.
 */
static bool
read_number(const struct fdt_prop *p, uint64_t i, uint32_t count,
	    uint64_t *value)
{
	uint64_t v = 0;
	uint32_t cell;

	if (count > 2 || i + count > p->len / 4)
		return false;
	for (uint32_t k = 0; k < count; k++) {
		if (!fdt_cell(p, (unsigned)i + k, &cell))
			return false;
		v = v << 32 | cell;
	}
	*value = v;
	return true;
}

/* Translate `r` from the address space below `bus` to that below `parent`. */
static bool
translate(const struct fdt_node *bus, const struct fdt_node *parent,
	  struct fdt_range *r)
{
	struct cells own = cells_of(bus), up = cells_of(parent);
	uint64_t child, target, size;
	struct fdt_prop p;

	if (!fdt_prop(bus, "ranges", &p))
		return false;
	if (p.len == 0)
		return true;
	if (own.address > 2 || own.size > 2 || up.address > 2)
		return false;
	for (uint64_t i = 0;; i += own.address + up.address + own.size) {
		if (!read_number(&p, i, own.address, &child) ||
		    !read_number(&p, i + own.address, up.address, &target) ||
		    !read_number(&p, i + own.address + up.address, own.size,
				 &size) ||
		    own.size == 0)
			return false;
		if (r->start >= child && r->start - child <= size &&
		    r->size <= size - (r->start - child)) {
			r->start = r->start - child + target;
			return r->start >= target;
		}
	}
}

bool
fdt_reg(const struct fdt_node *n, unsigned i, struct fdt_range *r)
{
	struct fdt_node bus = *n, parent;
	struct fdt_range out = { 0, 0 };
	struct fdt_prop reg;
	struct cells c;
	uint64_t at;

	if (!fdt_parent(n, &bus) || !fdt_prop(n, "reg", &reg))
		return false;
	c = cells_of(&bus);
	if (c.address > 2 || c.size > 2)
		return false;
	at = (uint64_t)i * (c.address + c.size);
	if (c.address == 0 || !read_number(&reg, at, c.address, &out.start) ||
	    !read_number(&reg, at + c.address, c.size, &out.size))
		return false;
	/* Invariant: `out` is in the address space of the children of `bus`. */
	while (fdt_parent(&bus, &parent)) {
		if (!translate(&bus, &parent, &out))
			return false;
		bus = parent;
	}
	if (out.start + out.size < out.start)
		return false;
	*r = out;
	return true;
}

/*
 * The value of "interrupt-parent" in the node or in its nearest ancestor with
 * that property.
 */
static bool
interrupt_parent(const struct fdt_node *n, uint32_t *phandle)
{
	struct fdt_node at = *n;

	do {
		if (fdt_u32(&at, "interrupt-parent", phandle))
			return true;
	} while (fdt_parent(&at, &at));
	return false;
}

/* The number of cells that describe one interrupt of this controller. */
static bool
interrupt_cells(const struct fdt *fdt, uint32_t controller, uint32_t *cells)
{
	struct fdt_node n;

	return fdt_find_phandle(fdt, controller, &n) &&
	       fdt_u32(&n, "#interrupt-cells", cells) && *cells > 0 &&
	       *cells <= FDT_IRQ_CELLS;
}

static bool
read_irq(const struct fdt_prop *p, uint64_t at, struct fdt_irq *irq)
{
	if (at + irq->count > p->len / 4)
		return false;
	for (unsigned k = 0; k < irq->count; k++) {
		if (!fdt_cell(p, (unsigned)at + k, &irq->cell[k]))
			return false;
	}
	return true;
}

/*
 * Find entry i of "interrupts-extended".  An entry is a controller's phandle
 * and a number of cells that depends on the controller, so the search begins at
 * entry 0.
 */
static bool
extended_irq(const struct fdt_node *n, const struct fdt_prop *p, unsigned i,
	     struct fdt_irq *irq)
{
	struct fdt_irq found = { 0 };
	uint32_t cells = 0, last = 0;
	unsigned at = 0;

	for (;;) {
		if (!fdt_cell(p, at, &found.controller))
			return false;
		/*
		 * Adjacent entries often have the same controller: look it up
		 * once.
		 */
		if (cells == 0 || found.controller != last) {
			last = found.controller;
			if (!interrupt_cells(n->fdt, last, &cells))
				return false;
		}
		at++;
		if (i-- == 0)
			break;
		at += cells;
	}
	found.count = cells;
	if (!read_irq(p, at, &found))
		return false;
	*irq = found;
	return true;
}

bool
fdt_interrupt(const struct fdt_node *n, unsigned i, struct fdt_irq *irq)
{
	struct fdt_irq found = { 0 };
	struct fdt_prop p;
	uint32_t cells;

	if (fdt_prop(n, "interrupts-extended", &p))
		return extended_irq(n, &p, i, irq);
	if (!fdt_prop(n, "interrupts", &p) ||
	    !interrupt_parent(n, &found.controller) ||
	    !interrupt_cells(n->fdt, found.controller, &cells))
		return false;
	found.count = cells;
	if (!read_irq(&p, (uint64_t)i * cells, &found))
		return false;
	*irq = found;
	return true;
}
