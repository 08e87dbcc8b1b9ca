/* SPDX-License-Identifier: MIT */
/*
 * lib/fdt.h - reading a flattened device tree, the firmware's description of
 * the machine (Devicetree Specification 0.4, chapter 5).
 *
 * fdt_open() walks the whole blob once, checks offsets, nesting, lengths and
 * names, and refuses a damaged blob.  After that the tree cannot make any
 * function below read outside the blob or loop.  Contents are still not
 * trusted: for a property that is too short, a list without its NUL, or an
 * address that does not translate, the function returns false or NULL.
 *
 * Nothing is allocated; strings and data returned point into the blob and live
 * as long as the blob.  No state, so any context and any number of readers.
 * Output parameters are untouched when a function returns false.
 */
#ifndef LIB_FDT_H
#define LIB_FDT_H

#include "lib/base.h"

/* Limits: a larger blob or a deeper node is refused (the root has depth 0). */
#define FDT_MAX_SIZE  (UINT32_C(2) << 20)
#define FDT_MAX_DEPTH 12

struct fdt {
	const uint8_t *blob;
	uint32_t size;
	uint32_t nodes, nodes_end;     /* offsets of the structure block */
	uint32_t strings, strings_end; /* offsets of the strings block */
	uint32_t reserved;	       /* offset of the reservation block */
};

/* A node together with its ancestors, so that going up costs nothing. */
struct fdt_node {
	const struct fdt *fdt;
	unsigned depth;		      /* 0: the root */
	uint32_t path[FDT_MAX_DEPTH]; /* path[depth]: the node's own offset */
};

struct fdt_prop {
	const char *name;
	const uint8_t *data; /* aligned to 4 bytes */
	uint32_t len;
	uint32_t next; /* offset behind the property */
};

struct fdt_range {
	uint64_t start, size;
};

/*
 * Check a blob and make it readable.  False: not a device tree, damaged, or not
 * aligned to 4 bytes.  fdt_open_max() is for a blob in memory that ends after
 * `max` bytes.
 */
bool fdt_open(struct fdt *fdt, const void *blob) nonnull;
bool fdt_open_max(struct fdt *fdt, const void *blob, size_t max) nonnull;

/* ---- walking ---- */

/* The root node.  An opened tree always has one. */
void fdt_root(const struct fdt *fdt, struct fdt_node *n) nonnull;

/* Step to the next node in the order of the blob: parents before children. */
bool fdt_next(struct fdt_node *n) nonnull;

/* Step to the first child, the next node with the same parent, the parent. */
bool fdt_child(const struct fdt_node *n, struct fdt_node *child) nonnull;
bool fdt_sibling(struct fdt_node *n) nonnull;
bool fdt_parent(const struct fdt_node *n, struct fdt_node *parent) nonnull;

/* "uart@10000000"; the name of the root is empty. */
const char *fdt_name(const struct fdt_node *n) nonnull;

/*
 * Find by path ("/soc/uart@10000000", "/cpus"), where a unit address may be
 * left out.  A path without a leading '/' begins with a name from /aliases.
 */
bool fdt_find_path(const struct fdt *fdt, const char *path,
		   struct fdt_node *n) nonnull;
/* As fdt_find_path(), for the first `len` characters of `path`. */
bool fdt_find_path_n(const struct fdt *fdt, const char *path, size_t len,
		     struct fdt_node *n) nonnull;

bool fdt_find_phandle(const struct fdt *fdt, uint32_t phandle,
		      struct fdt_node *n) nonnull;

/* Is `with` one of the node's "compatible" strings? */
bool fdt_compatible(const struct fdt_node *n, const char *with) nonnull;

/* True if there is no "status", or if its value is "okay" or "ok". */
bool fdt_available(const struct fdt_node *n) nonnull;

/* ---- properties ---- */

/* Walk all properties, or find one by its name. */
bool fdt_prop_first(const struct fdt_node *n, struct fdt_prop *p) nonnull;
bool fdt_prop_next(const struct fdt_node *n, struct fdt_prop *p) nonnull;
bool fdt_prop(const struct fdt_node *n, const char *name,
	      struct fdt_prop *p) nonnull;

/* The i-th 32-bit cell. */
bool fdt_cell(const struct fdt_prop *p, unsigned i, uint32_t *value) nonnull;

/* The value of a property of one cell; of one or two cells. */
bool fdt_u32(const struct fdt_node *n, const char *name, uint32_t *v) nonnull;
bool fdt_u64(const struct fdt_node *n, const char *name, uint64_t *v) nonnull;

/* The i-th string of a string list; the first one of a property by name. */
const char *fdt_string_at(const struct fdt_prop *p, unsigned i) nonnull;
const char *fdt_string(const struct fdt_node *n, const char *name) nonnull;

/* ---- addresses and interrupts ---- */

/*
 * The i-th register range, as the processor sees it: translated through the
 * "ranges" of every bus above.  False also if a bus does not translate the
 * whole range, or if the range wraps.
 */
bool fdt_reg(const struct fdt_node *n, unsigned i, struct fdt_range *r) nonnull;

#define FDT_IRQ_CELLS 3

struct fdt_irq {
	uint32_t controller; /* its phandle */
	unsigned count;	     /* cells, at most FDT_IRQ_CELLS */
	uint32_t cell[FDT_IRQ_CELLS];
};

/*
 * The i-th entry of "interrupts-extended", or of "interrupts" with the
 * inherited "interrupt-parent".  False when there are no more entries.  An
 * entry of an unused context (0xffffffff) is returned like any other.
 */
bool fdt_interrupt(const struct fdt_node *n, unsigned i,
		   struct fdt_irq *irq) nonnull;

/* ---- the machine ---- */

/* The i-th range of RAM. */
bool fdt_memory(const struct fdt *fdt, unsigned i, struct fdt_range *r) nonnull;

/*
 * The i-th range of RAM that is not free memory: the reservation block, the
 * fixed ranges of /reserved-memory, and the initial RAM disk.  Ranges may
 * overlap.  The blob itself need not be among them.
 */
bool
fdt_reserved(const struct fdt *fdt, unsigned i, struct fdt_range *r) nonnull;

/* The initial RAM disk of /chosen. */
bool fdt_initrd(const struct fdt *fdt, struct fdt_range *r) nonnull;

struct fdt_cpu {
	struct fdt_node node;
	uint64_t id;   /* the hardware's hart id */
	uint32_t intc; /* phandle of the hart's interrupt controller, or 0 */
};

/* The i-th usable hart: harts with a status that forbids use are left out. */
bool fdt_cpu(const struct fdt *fdt, unsigned i, struct fdt_cpu *cpu) nonnull;

/* Does the hart have this extension ("sstc", "f", "zicsr")?  Lower case. */
bool fdt_cpu_has(const struct fdt_cpu *cpu, const char *extension) nonnull;

/* Ticks a second of the `time` counter. */
bool fdt_timebase(const struct fdt *fdt, uint64_t *hz) nonnull;

/* A property of /chosen ("rng-seed"); a property that is text ("bootargs"). */
bool
fdt_chosen(const struct fdt *fdt, const char *name, struct fdt_prop *p) nonnull;
const char *fdt_chosen_string(const struct fdt *fdt, const char *name) nonnull;

/* The device of "stdout-path", options behind ':' ignored. */
bool fdt_stdout(const struct fdt *fdt, struct fdt_node *n) nonnull;

#endif
