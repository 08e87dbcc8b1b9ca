/* SPDX-License-Identifier: MIT */
/*
 * lib/fdt_machine.c - reading data on the whole machine from the device tree:
 * RAM, reserved ranges, harts, and the boot loader's settings in /chosen.
 *
 * lib/fdt.h has the rules: any context, no state, false or NULL for missing or
 * malformed data.  The index i counts the entries of all nodes together.
 */
#include "lib/fdt.h"

#include "lib/string.h"

static bool
is_device_type(const struct fdt_node *n, const char *type)
{
	const char *s = fdt_string(n, "device_type");

	return s != NULL && strcmp(s, type) == 0;
}

bool
fdt_memory(const struct fdt *fdt, unsigned i, struct fdt_range *r)
{
	struct fdt_node root, n;
	bool more;

	fdt_root(fdt, &root);
	for (more = fdt_child(&root, &n); more; more = fdt_sibling(&n)) {
		struct fdt_range found;

		if (!is_device_type(&n, "memory") || !fdt_available(&n))
			continue;
		for (unsigned k = 0; fdt_reg(&n, k, &found); k++) {
			if (i-- == 0) {
				*r = found;
				return true;
			}
		}
	}
	return false;
}

static uint64_t
read_be64(const uint8_t *p)
{
	uint64_t v = 0;

	for (unsigned k = 0; k < 8; k++)
		v = v << 8 | p[k];
	return v;
}

/*
 * Search the three sources in order; `i` counts down across all of them.  An
 * entry of the reservation block that wraps around is skipped.
 */
bool
fdt_reserved(const struct fdt *fdt, unsigned i, struct fdt_range *r)
{
	struct fdt_node parent, n;
	struct fdt_range found;
	bool more;

	for (uint32_t at = fdt->reserved; fdt->size - at >= 16; at += 16) {
		found.start = read_be64(fdt->blob + at);
		found.size = read_be64(fdt->blob + at + 8);
		if (found.start == 0 && found.size == 0)
			break;
		if (found.start + found.size >= found.start && i-- == 0) {
			*r = found;
			return true;
		}
	}
	if (fdt_find_path(fdt, "/reserved-memory", &parent)) {
		for (more = fdt_child(&parent, &n); more;
		     more = fdt_sibling(&n)) {
			for (unsigned k = 0; fdt_reg(&n, k, &found); k++) {
				if (i-- == 0) {
					*r = found;
					return true;
				}
			}
		}
	}
	return i == 0 && fdt_initrd(fdt, r);
}

bool
fdt_initrd(const struct fdt *fdt, struct fdt_range *r)
{
	struct fdt_node chosen;
	uint64_t start, end;

	if (!fdt_find_path(fdt, "/chosen", &chosen) ||
	    !fdt_u64(&chosen, "linux,initrd-start", &start) ||
	    !fdt_u64(&chosen, "linux,initrd-end", &end) || end <= start)
		return false;
	r->start = start;
	r->size = end - start;
	return true;
}

/* Fill in `cpu` from a child of /cpus; false if the child is no usable hart. */
static bool
read_cpu(const struct fdt_node *n, uint32_t address_cells, struct fdt_cpu *cpu)
{
	struct fdt_prop reg;
	struct fdt_node child;
	uint32_t high = 0, low;
	bool more;

	if (!is_device_type(n, "cpu") || !fdt_available(n) ||
	    !fdt_prop(n, "reg", &reg))
		return false;
	if (address_cells == 2 && !fdt_cell(&reg, 0, &high))
		return false;
	if (!fdt_cell(&reg, address_cells - 1, &low))
		return false;
	cpu->node = *n;
	cpu->id = (uint64_t)high << 32 | low;
	cpu->intc = 0;
	for (more = fdt_child(n, &child); more; more = fdt_sibling(&child)) {
		if (fdt_compatible(&child, "riscv,cpu-intc"))
			(void)fdt_u32(&child, "phandle", &cpu->intc);
	}
	return true;
}

bool
fdt_cpu(const struct fdt *fdt, unsigned i, struct fdt_cpu *cpu)
{
	struct fdt_node cpus, n;
	struct fdt_cpu found;
	uint32_t address_cells = 1;
	bool more;

	if (!fdt_find_path(fdt, "/cpus", &cpus))
		return false;
	(void)fdt_u32(&cpus, "#address-cells", &address_cells);
	if (address_cells != 1 && address_cells != 2)
		return false;
	for (more = fdt_child(&cpus, &n); more; more = fdt_sibling(&n)) {
		if (read_cpu(&n, address_cells, &found) && i-- == 0) {
			*cpu = found;
			return true;
		}
	}
	return false;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Is s[0 .. n) the extension, possibly with a version such as "2p0"? */
static bool
isa_word(const char *s, size_t n, const char *extension)
{
	size_t len = strlen(extension);

	if (n < len || strncmp(s, extension, len) != 0)
		return false;
	for (size_t k = len; k < n; k++) {
		if (!is_digit(s[k]) && !(s[k] == 'p' && is_digit(s[k - 1])))
			return false;
	}
	return true;
}

/*
 * Search the first word of an ISA string, such as "rv64imafdc".  Each letter is
 * an extension, except that z, s or x begins a long name that ends the word.
 */
static bool
isa_letters(const char *s, size_t n, const char *extension)
{
	const bool one = extension[1] == '\0';

	for (size_t k = 4; k < n; k++) {
		if ((s[k] == 'z' || s[k] == 's' || s[k] == 'x') && k + 1 < n)
			return isa_word(s + k, n - k, extension);
		if (s[k] == 'p' && is_digit(s[k - 1]))
			continue;
		if (one && s[k] == extension[0])
			return true;
		if (s[k] == 'g' && ((one && strchr("imafd", extension[0])) ||
				    strcmp(extension, "zicsr") == 0 ||
				    strcmp(extension, "zifencei") == 0))
			return true;
	}
	return false;
}

static bool
isa_has(const char *isa, const char *extension)
{
	const char *end = strchr(isa, '_');
	size_t n = end != NULL ? (size_t)(end - isa) : strlen(isa);

	if (n < 4 || strncmp(isa, "rv", 2) != 0)
		return false;
	if (isa_letters(isa, n, extension))
		return true;
	while (isa[n] == '_') {
		isa += n + 1;
		end = strchr(isa, '_');
		n = end != NULL ? (size_t)(end - isa) : strlen(isa);
		if (isa_word(isa, n, extension))
			return true;
	}
	return false;
}

bool
fdt_cpu_has(const struct fdt_cpu *cpu, const char *extension)
{
	struct fdt_prop p;
	const char *s;

	if (extension[0] == '\0')
		return false;
	/* "riscv,isa-extensions" overrides "riscv,isa" if both exist. */
	if (fdt_prop(&cpu->node, "riscv,isa-extensions", &p)) {
		for (unsigned i = 0; (s = fdt_string_at(&p, i)) != NULL; i++) {
			if (strcmp(s, extension) == 0)
				return true;
		}
		return false;
	}
	s = fdt_string(&cpu->node, "riscv,isa");
	return s != NULL && isa_has(s, extension);
}

bool
fdt_timebase(const struct fdt *fdt, uint64_t *hz)
{
	struct fdt_node cpus;
	struct fdt_cpu cpu;
	uint64_t found;

	if (!fdt_find_path(fdt, "/cpus", &cpus))
		return false;
	if (!fdt_u64(&cpus, "timebase-frequency", &found) &&
	    !(fdt_cpu(fdt, 0, &cpu) &&
	      fdt_u64(&cpu.node, "timebase-frequency", &found)))
		return false;
	if (found == 0)
		return false;
	*hz = found;
	return true;
}

bool
fdt_chosen(const struct fdt *fdt, const char *name, struct fdt_prop *p)
{
	struct fdt_node chosen;

	return fdt_find_path(fdt, "/chosen", &chosen) &&
	       fdt_prop(&chosen, name, p);
}

const char *
fdt_chosen_string(const struct fdt *fdt, const char *name)
{
	struct fdt_prop p;

	return fdt_chosen(fdt, name, &p) ? fdt_string_at(&p, 0) : NULL;
}

bool
fdt_stdout(const struct fdt *fdt, struct fdt_node *n)
{
	const char *path = fdt_chosen_string(fdt, "stdout-path");
	const char *colon;

	if (path == NULL)
		path = fdt_chosen_string(fdt, "linux,stdout-path");
	if (path == NULL)
		return false;
	colon = strchr(path, ':');
	return fdt_find_path_n(
		fdt, path,
		colon != NULL ? (size_t)(colon - path) : strlen(path), n);
}
