/* SPDX-License-Identifier: MIT */
/*
 * lib/fdt.h - reading a flattened device tree, the firmware's description of
 * the machine (Devicetree Specification 0.4, chapter 5).
 *
 * fdt_open() walks the whole blob once, checks offsets, nesting, lengths and
 * names, and rejects a damaged blob.  After that every function below
 * terminates and reads only inside the blob.  The contents are still not
 * trusted: for a property that is too short, a list without its NUL, or an
 * address that does not translate, the function returns false or NULL.
 *
 * Nothing is allocated; returned strings and data point into the blob, which
 * must stay in memory.  No state, so any context and any number of readers.  If
 * a function returns false, its output parameters are unchanged.
 */
#ifndef LIB_FDT_H
#define LIB_FDT_H

#include "lib/base.h"

/*
 * Limits: fdt_open() rejects a larger blob, and a blob with more levels of
 * nodes (the root is the first level).
 */
#define FDT_MAX_SIZE  (UINT32_C(2) << 20)
#define FDT_MAX_DEPTH 12

struct fdt {
	const uint8_t *blob;
	uint32_t size;
	uint32_t nodes, nodes_end;     /* offsets of the structure block */
	uint32_t strings, strings_end; /* offsets of the strings block */
	uint32_t reserved;	       /* offset of the reservation block */
};

/* A node and its ancestors, so that fdt_parent() needs no search. */
struct fdt_node {
	const struct fdt *fdt;
	unsigned depth;		      /* 0: the root */
	uint32_t path[FDT_MAX_DEPTH]; /* path[depth]: the node's own offset */
};

struct fdt_prop {
	const char *name;
	const uint8_t *data; /* aligned to 4 bytes */
	uint32_t len;
	uint32_t next; /* offset after the property */
};

struct fdt_range {
	uint64_t start, size;
};

/*
 * Check a blob and fill in *fdt.  False: not a device tree, damaged, or not
 * aligned to 4 bytes.  fdt_open_max() reads at most `max` bytes and rejects a
 * longer blob.
 */
bool fdt_open(struct fdt *fdt, const void *blob) nonnull;
bool fdt_open_max(struct fdt *fdt, const void *blob, size_t max) nonnull;

/* ---- walking ---- */

/* The root node.  An opened tree always has one. */
void fdt_root(const struct fdt *fdt, struct fdt_node *n) nonnull;

/* Step to the next node in the order of the blob: parents before children. */
bool fdt_next(struct fdt_node *n) nonnull;

/* Step to the first child, to the next sibling, or to the parent. */
bool fdt_child(const struct fdt_node *n, struct fdt_node *child) nonnull;
bool fdt_sibling(struct fdt_node *n) nonnull;
bool fdt_parent(const struct fdt_node *n, struct fdt_node *parent) nonnull;

/* The name of a node, such as "uart@10000000"; empty for the root. */
const char *fdt_name(const struct fdt_node *n) nonnull;

/*
 * Find a node by its path ("/soc/uart@10000000", "/cpus"), in which unit
 * addresses may be omitted.  A path without a leading '/' begins with a name
 * from /aliases.
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

/* True if the node has no "status", or if its value is "okay" or "ok". */
bool fdt_available(const struct fdt_node *n) nonnull;

/* ---- properties ---- */

/* Iterate over the properties of a node, or find a property by name. */
bool fdt_prop_first(const struct fdt_node *n, struct fdt_prop *p) nonnull;
bool fdt_prop_next(const struct fdt_node *n, struct fdt_prop *p) nonnull;
bool fdt_prop(const struct fdt_node *n, const char *name,
	      struct fdt_prop *p) nonnull;

/* The i-th 32-bit cell. */
bool fdt_cell(const struct fdt_prop *p, unsigned i, uint32_t *value) nonnull;

/* Read a property of one cell; read a property of one or two cells. */
bool fdt_u32(const struct fdt_node *n, const char *name, uint32_t *v) nonnull;
bool fdt_u64(const struct fdt_node *n, const char *name, uint64_t *v) nonnull;

/* The i-th string of a string list; the first string of a named property. */
const char *fdt_string_at(const struct fdt_prop *p, unsigned i) nonnull;
const char *fdt_string(const struct fdt_node *n, const char *name) nonnull;

/* ---- addresses and interrupts ---- */

/*
 * The i-th register range as a physical address: translated through the
 * "ranges" of every bus above the node.  False if there is no such range, if a
 * bus does not translate all of it, or if it wraps around.
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
 * inherited "interrupt-parent".  False if there are no more entries, or if the
 * entry is malformed.  An entry of an unused context (cell 0xffffffff) is
 * returned like any other.
 */
bool fdt_interrupt(const struct fdt_node *n, unsigned i,
		   struct fdt_irq *irq) nonnull;

/* ---- the machine ---- */

/* The i-th range of RAM. */
bool fdt_memory(const struct fdt *fdt, unsigned i, struct fdt_range *r) nonnull;

/*
 * The i-th reserved range of RAM: from the reservation block, from the fixed
 * ranges of /reserved-memory, and the initial RAM disk.  Ranges may overlap.
 * The caller must reserve the blob itself.
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

/*
 * The i-th usable hart: harts for which fdt_available() is false are skipped.
 */
bool fdt_cpu(const struct fdt *fdt, unsigned i, struct fdt_cpu *cpu) nonnull;

/* Does the hart have this extension ("sstc", "f", "zicsr"; lower case)? */
bool fdt_cpu_has(const struct fdt_cpu *cpu, const char *extension) nonnull;

/* The frequency of the `time` counter. */
bool fdt_timebase(const struct fdt *fdt, uint64_t *hz) nonnull;

/* A property of /chosen, as data ("rng-seed") or as text ("bootargs"). */
bool
fdt_chosen(const struct fdt *fdt, const char *name, struct fdt_prop *p) nonnull;
const char *fdt_chosen_string(const struct fdt *fdt, const char *name) nonnull;

/* The node that "stdout-path" names; options after ':' are ignored. */
bool fdt_stdout(const struct fdt *fdt, struct fdt_node *n) nonnull;

#endif
