/* SPDX-License-Identifier: MIT */
/*
 * tests/host/fdt_test.c - the device tree reader.
 *
 * It reads trees written here, trees that QEMU makes, and 100,000 damaged ones,
 * which it must refuse or survive.  The address sanitizer watches every read.
 */
#include "check.h"
#include "fdt_build.h"

#include "lib/fdt.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#define FUZZ_BLOBS	100000
#define FUZZ_QEMU_EVERY 100
#define SANE_LIMIT	100000 /* no loop over a blob takes more steps */

static struct build sample;  /* filled by build_sample() */
static struct build sample2; /* the same with its blocks in another order */
static uint8_t *qemu_blob;   /* compact, or NULL without QEMU */
static size_t qemu_len;

/* ---- a tree with one of everything ---- */

static void
build_cpu(struct build *b, uint32_t id, const char *status, const char *isa)
{
	char name[16];

	snprintf(name, sizeof(name), "cpu@%x", id);
	begin_node(b, name);
	prop_string(b, "device_type", "cpu");
	prop_cells(b, "reg", id);
	prop(b, "status", status, strlen(status) + 1);
	prop(b, "riscv,isa", isa, strlen(isa) + 1);
	if (id == 3)
		prop_string(b, "riscv,isa-extensions", "i\0m\0zba\0sstc");
	begin_node(b, "interrupt-controller");
	prop_string(b, "compatible", "riscv,cpu-intc");
	prop_cells(b, "phandle", 100 + id);
	prop_cells(b, "#interrupt-cells", 1);
	end_node(b);
	end_node(b);
}

static void
build_cpus(struct build *b)
{
	begin_node(b, "cpus");
	prop_cells(b, "#address-cells", 1);
	prop_cells(b, "#size-cells", 0);
	prop_cells(b, "timebase-frequency", 10000000);
	build_cpu(b, 0, "disabled", "rv64imac");
	build_cpu(b, 1, "okay", "rv64imafdch_zicsr_zifencei_sstc");
	build_cpu(b, 2, "ok", "rv64gc_zba1p0");
	build_cpu(b, 3, "okay", "rv64imac");
	begin_node(b, "cpu-map");
	end_node(b);
	end_node(b);
}

static void
build_soc(struct build *b)
{
	begin_node(b, "soc");
	prop_string(b, "compatible", "simple-bus");
	prop_cells(b, "#address-cells", 1);
	prop_cells(b, "#size-cells", 1);
	prop_cells(b, "ranges", 0x0, 0x1, 0x20000000, 0x1000, 0x8000, 0x0,
		   0x10000000, 0x1000);
	prop_cells(b, "interrupt-parent", 7);
	begin_node(b, "uart@8000");
	prop_string(b, "compatible", "vendor,uart\0ns16550a");
	prop_cells(b, "reg", 0x8000, 0x100, 0x10, 0x20, 0xff0, 0x20);
	prop_cells(b, "interrupts", 10, 11);
	end_node(b);
	begin_node(b, "plic@0");
	prop_string(b, "compatible", "riscv,plic0");
	prop_cells(b, "phandle", 7);
	prop_cells(b, "#interrupt-cells", 1);
	prop_cells(b, "interrupts-extended", 101, 9, 102, 11, 101, 0xffffffff);
	end_node(b);
	begin_node(b, "inner");
	prop(b, "ranges", "", 0);
	prop_cells(b, "#address-cells", 1);
	prop_cells(b, "#size-cells", 1);
	begin_node(b, "dev@20");
	prop_cells(b, "reg", 0x20, 0x4);
	prop_string(b, "status", "disabled");
	end_node(b);
	end_node(b);
	begin_node(b, "closed");
	begin_node(b, "dev@20");
	prop_cells(b, "reg", 0, 0x20, 0x4);
	end_node(b);
	end_node(b);
	end_node(b);
}

static void
build_memory(struct build *b)
{
	begin_node(b, "memory@80000000");
	prop_string(b, "device_type", "memory");
	prop_cells(b, "reg", 0, 0x80000000, 0, 0x8000000, 2, 0, 1, 0);
	end_node(b);
	begin_node(b, "memory@300000000");
	prop_string(b, "device_type", "memory");
	prop_cells(b, "reg", 3, 0, 0, 0x1000, 0xffffffff, 0xfffff000, 0,
		   0x2000);
	end_node(b);
	begin_node(b, "reserved-memory");
	prop_cells(b, "#address-cells", 2);
	prop_cells(b, "#size-cells", 2);
	prop(b, "ranges", "", 0);
	begin_node(b, "firmware@80000000");
	prop_cells(b, "reg", 0, 0x80000000, 0, 0x40000);
	end_node(b);
	end_node(b);
}

static void
build_sample(struct build *b)
{
	reserve(b, 0x80100000, 0x1000);
	build_cell(b, 4);
	begin_node(b, "");
	build_cell(b, 4);
	prop_cells(b, "#address-cells", 2);
	prop_cells(b, "#size-cells", 2);
	prop_string(b, "compatible", "test,board");
	begin_node(b, "aliases");
	prop_string(b, "serial0", "/soc/uart@8000");
	prop_string(b, "bus", "/soc");
	prop_string(b, "relative", "serial0");
	end_node(b);
	begin_node(b, "chosen");
	prop_string(b, "bootargs", "quiet fork=cow -- -x");
	prop_string(b, "stdout-path", "serial0:115200n8");
	prop_cells(b, "linux,initrd-start", 0, 0x84000000);
	prop_cells(b, "linux,initrd-end", 0x84010000);
	prop(b, "rng-seed", "12345678", 8);
	prop(b, "unended", "text", 4);
	end_node(b);
	build_memory(b);
	build_cpus(b);
	build_soc(b);
	end_node(b);
	build_end(b);
}

static struct fdt
open_sample(void)
{
	struct fdt f = { 0 };

	if (!fdt_open_max(&f, sample.blob, sample.len))
		abort();
	return f;
}

static struct fdt_node
node(const struct fdt *f, const char *path)
{
	struct fdt_node n = { 0 };

	if (!fdt_find_path(f, path, &n)) {
		printf("# no node %s\n", path);
		abort();
	}
	return n;
}

/* ---- tests on the sample ---- */

TEST(walk_visits_every_node_once_in_order)
{
	static const char *const names[] = {
		"",
		"aliases",
		"chosen",
		"memory@80000000",
		"memory@300000000",
		"reserved-memory",
		"firmware@80000000",
		"cpus",
		"cpu@0",
		"interrupt-controller",
		"cpu@1",
		"interrupt-controller",
		"cpu@2",
		"interrupt-controller",
		"cpu@3",
		"interrupt-controller",
		"cpu-map",
		"soc",
		"uart@8000",
		"plic@0",
		"inner",
		"dev@20",
		"closed",
		"dev@20",
	};
	struct fdt f = open_sample();
	struct fdt_node n;
	size_t i = 0;

	fdt_root(&f, &n);
	do {
		CHECK(i < ARRAY_SIZE(names) &&
		      strcmp(fdt_name(&n), names[i]) == 0);
		i++;
	} while (fdt_next(&n));
	CHECK(i == ARRAY_SIZE(names));
}

TEST(children_siblings_and_parents)
{
	struct fdt f = open_sample();
	struct fdt_node soc = node(&f, "/soc"), n, p;

	CHECK(soc.depth == 1 && fdt_child(&soc, &n));
	CHECK(strcmp(fdt_name(&n), "uart@8000") == 0 && !fdt_child(&n, &p));
	CHECK(fdt_sibling(&n) && strcmp(fdt_name(&n), "plic@0") == 0);
	CHECK(fdt_sibling(&n) && strcmp(fdt_name(&n), "inner") == 0);
	CHECK(fdt_sibling(&n) && strcmp(fdt_name(&n), "closed") == 0);
	CHECK(!fdt_sibling(&n) && strcmp(fdt_name(&n), "closed") == 0);
	CHECK(fdt_parent(&n, &p) && strcmp(fdt_name(&p), "soc") == 0);
	CHECK(fdt_parent(&p, &p) && fdt_name(&p)[0] == '\0');
	CHECK(!fdt_parent(&p, &p) && !fdt_sibling(&p));
	n = node(&f, "/cpus/cpu@3/interrupt-controller");
	CHECK(!fdt_sibling(&n) && fdt_next(&n));
	CHECK(strcmp(fdt_name(&n), "cpu-map") == 0 && n.depth == 2);
}

/* How many nodes are compatible with `with`; *first: the first of them. */
static unsigned
nodes_like(const struct fdt *f, const char *with, struct fdt_node *first)
{
	struct fdt_node n;
	unsigned found = 0;

	fdt_root(f, &n);
	do {
		if (fdt_compatible(&n, with) && found++ == 0)
			*first = n;
	} while (fdt_next(&n));
	return found;
}

TEST(find_by_path_alias_phandle_compatible)
{
	struct fdt f = open_sample();
	struct fdt_node n;

	CHECK(fdt_find_path(&f, "/", &n) && n.depth == 0);
	CHECK(fdt_find_path(&f, "/soc/uart", &n));
	CHECK(strcmp(fdt_name(&n), "uart@8000") == 0);
	CHECK(fdt_find_path(&f, "//soc//uart@8000/", &n));
	CHECK(!fdt_find_path(&f, "/soc/uart@800", &n));
	CHECK(!fdt_find_path(&f, "/soc/uar", &n));
	CHECK(!fdt_find_path(&f, "/so", &n) && !fdt_find_path(&f, "", &n));
	CHECK(fdt_find_path(&f, "serial0", &n) && n.depth == 2);
	CHECK(fdt_find_path(&f, "bus/inner/dev", &n) && n.depth == 3);
	CHECK(!fdt_find_path(&f, "relative", &n));
	CHECK(!fdt_find_path(&f, "serial", &n));
	CHECK(fdt_find_phandle(&f, 7, &n));
	CHECK(strcmp(fdt_name(&n), "plic@0") == 0);
	CHECK(!fdt_find_phandle(&f, 8, &n));
	CHECK(nodes_like(&f, "ns16550a", &n) == 1 && n.depth == 2);
	CHECK(fdt_compatible(&n, "vendor,uart") && !fdt_compatible(&n, "ns"));
	CHECK(nodes_like(&f, "test,board", &n) == 1 && n.depth == 0);
	CHECK(nodes_like(&f, "riscv,cpu-intc", &n) == 4);
}

TEST(properties)
{
	struct fdt f = open_sample();
	struct fdt_node n = node(&f, "/chosen"), uart = node(&f, "/soc/uart");
	struct fdt_prop p;
	uint32_t cell = 1;
	uint64_t v = 1;

	CHECK(fdt_prop_first(&n, &p) && strcmp(p.name, "bootargs") == 0);
	for (int i = 0; i < 5; i++)
		CHECK(fdt_prop_next(&n, &p));
	CHECK(strcmp(p.name, "unended") == 0 && p.len == 4);
	CHECK(fdt_string_at(&p, 0) == NULL && !fdt_prop_next(&n, &p));
	CHECK(fdt_string(&n, "unended") == NULL);
	CHECK(fdt_u64(&n, "linux,initrd-start", &v) && v == 0x84000000);
	CHECK(fdt_u64(&n, "linux,initrd-end", &v) && v == 0x84010000);
	CHECK(!fdt_u32(&n, "linux,initrd-start", &cell) && cell == 1);
	CHECK(!fdt_u64(&n, "bootargs", &v));
	CHECK(fdt_prop(&uart, "compatible", &p));
	CHECK(strcmp(fdt_string_at(&p, 1), "ns16550a") == 0);
	CHECK(fdt_string_at(&p, 2) == NULL);
	CHECK(fdt_prop(&uart, "interrupts", &p) && fdt_cell(&p, 1, &cell));
	CHECK(cell == 11 && !fdt_cell(&p, 2, &cell));
	CHECK(fdt_available(&uart));
	n = node(&f, "/soc/inner/dev");
	CHECK(!fdt_available(&n));
}

TEST(registers_are_translated)
{
	struct fdt f = open_sample();
	struct fdt_node n = node(&f, "/soc/uart");
	struct fdt_range r;

	CHECK(fdt_reg(&n, 0, &r) && r.start == 0x10000000 && r.size == 0x100);
	CHECK(fdt_reg(&n, 1, &r) && r.start == 0x120000010 && r.size == 0x20);
	/* It sticks out of the window: nothing answers there. */
	CHECK(!fdt_reg(&n, 2, &r) && !fdt_reg(&n, 3, &r));
	CHECK(!fdt_reg(&n, UINT32_MAX, &r));
	n = node(&f, "/soc/inner/dev");
	CHECK(fdt_reg(&n, 0, &r) && r.start == 0x120000020 && r.size == 4);
	n = node(&f, "/soc/closed/dev");
	CHECK(!fdt_reg(&n, 0, &r));
	n = node(&f, "/");
	CHECK(!fdt_reg(&n, 0, &r));
}

TEST(interrupts)
{
	struct fdt f = open_sample();
	struct fdt_node n = node(&f, "/soc/uart");
	struct fdt_irq irq;

	CHECK(fdt_interrupt(&n, 0, &irq) && irq.controller == 7);
	CHECK(irq.count == 1 && irq.cell[0] == 10);
	CHECK(fdt_interrupt(&n, 1, &irq) && irq.cell[0] == 11);
	CHECK(!fdt_interrupt(&n, 2, &irq));
	CHECK(!fdt_interrupt(&n, UINT32_MAX, &irq));
	n = node(&f, "/soc/plic");
	CHECK(fdt_interrupt(&n, 0, &irq) && irq.controller == 101);
	CHECK(irq.cell[0] == 9);
	CHECK(fdt_interrupt(&n, 1, &irq) && irq.controller == 102);
	CHECK(fdt_interrupt(&n, 2, &irq) && irq.cell[0] == UINT32_MAX);
	CHECK(!fdt_interrupt(&n, 3, &irq));
}

TEST(memory_and_reservations)
{
	struct fdt f = open_sample();
	struct fdt_range r;

	CHECK(fdt_memory(&f, 0, &r) && r.start == 0x80000000);
	CHECK(r.size == 0x8000000);
	CHECK(fdt_memory(&f, 1, &r) && r.start == 0x200000000);
	CHECK(r.size == 0x100000000);
	/* The last range of all wraps around and is not there. */
	CHECK(fdt_memory(&f, 2, &r) && r.start == 0x300000000);
	CHECK(!fdt_memory(&f, 3, &r));
	CHECK(fdt_reserved(&f, 0, &r) && r.start == 0x80100000);
	CHECK(fdt_reserved(&f, 1, &r) && r.start == 0x80000000);
	CHECK(r.size == 0x40000);
	CHECK(fdt_reserved(&f, 2, &r) && r.start == 0x84000000);
	CHECK(r.size == 0x10000 && !fdt_reserved(&f, 3, &r));
}

TEST(harts_and_their_extensions)
{
	struct fdt f = open_sample();
	struct fdt_cpu c;
	uint64_t hz = 0;

	CHECK(fdt_timebase(&f, &hz) && hz == 10000000);
	CHECK(fdt_cpu(&f, 0, &c) && c.id == 1 && c.intc == 101);
	CHECK(fdt_cpu_has(&c, "sstc") && fdt_cpu_has(&c, "zicsr"));
	CHECK(fdt_cpu_has(&c, "h") && fdt_cpu_has(&c, "d"));
	CHECK(!fdt_cpu_has(&c, "v") && !fdt_cpu_has(&c, "zba"));
	CHECK(!fdt_cpu_has(&c, "ssc") && !fdt_cpu_has(&c, "sst"));
	CHECK(!fdt_cpu_has(&c, "") && !fdt_cpu_has(&c, "z"));
	CHECK(fdt_cpu(&f, 1, &c) && c.id == 2 && fdt_cpu_has(&c, "f"));
	CHECK(fdt_cpu_has(&c, "zba") && fdt_cpu_has(&c, "zifencei"));
	CHECK(fdt_cpu_has(&c, "c") && !fdt_cpu_has(&c, "p"));
	/* The list of extensions stands above the string. */
	CHECK(fdt_cpu(&f, 2, &c) && c.id == 3 && fdt_cpu_has(&c, "sstc"));
	CHECK(!fdt_cpu_has(&c, "a") && fdt_cpu_has(&c, "zba"));
	CHECK(!fdt_cpu(&f, 3, &c));
}

TEST(chosen)
{
	struct fdt f = open_sample();
	const char *args = fdt_chosen_string(&f, "bootargs");
	struct fdt_node n;
	struct fdt_prop p;

	CHECK(args != NULL && strcmp(args, "quiet fork=cow -- -x") == 0);
	CHECK(fdt_chosen_string(&f, "unended") == NULL);
	CHECK(fdt_chosen_string(&f, "absent") == NULL);
	CHECK(fdt_chosen(&f, "rng-seed", &p) && p.len == 8);
	CHECK(fdt_stdout(&f, &n) && strcmp(fdt_name(&n), "uart@8000") == 0);
}

/* ---- refusals ---- */

/* Open a copy of the sample with one header word changed. */
static bool
opens_with(unsigned offset, uint32_t value)
{
	uint8_t *copy = malloc(sample.len);
	struct fdt f;
	bool ok;

	memcpy(copy, sample.blob, sample.len);
	put32(copy + offset, value);
	ok = fdt_open_max(&f, copy, sample.len);
	free(copy);
	return ok;
}

TEST(bad_headers_are_refused)
{
	uint32_t len = (uint32_t)sample.len;
	struct fdt f;

	CHECK(opens_with(0, 0xd00dfeed));
	CHECK(!opens_with(0, 0xd00dfeec));
	CHECK(!opens_with(4, len + 1) && !opens_with(4, 39));
	CHECK(!opens_with(4, len - 1) && !opens_with(4, UINT32_MAX));
	CHECK(!opens_with(8, len + 4) && !opens_with(8, UINT32_MAX - 3));
	CHECK(!opens_with(8, get32(sample.blob + 8) + 2));
	CHECK(!opens_with(12, len) && !opens_with(12, UINT32_MAX));
	CHECK(!opens_with(16, len) && !opens_with(16, UINT32_MAX - 7));
	CHECK(!opens_with(20, 16) && !opens_with(24, 18));
	CHECK(!opens_with(32, UINT32_MAX) && !opens_with(32, 0));
	CHECK(!opens_with(36, UINT32_MAX) && !opens_with(36, 0));
	CHECK(!opens_with(36, (uint32_t)sample.node_len - 4));
	CHECK(!fdt_open_max(&f, sample.blob + 1, sample.len - 1));
	for (size_t n = 0; n < 40; n++)
		CHECK(!fdt_open_max(&f, sample.blob, n));
}

/* Does a structure block of just these cells open? */
static bool
opens_cells(const uint32_t *cells, size_t n)
{
	static struct build b;
	struct fdt f;

	free(b.blob);
	memset(&b, 0, sizeof(b));
	memcpy(b.strings, "x", 2);
	b.string_len = 2;
	for (size_t i = 0; i < n; i++)
		build_cell(&b, cells[i]);
	build_end(&b);
	return fdt_open_max(&f, b.blob, b.len);
}

#define OPENS(...)                                     \
	opens_cells((const uint32_t[]){ __VA_ARGS__ }, \
		    sizeof((const uint32_t[]){ __VA_ARGS__ }) / 4)

TEST(bad_nesting_is_refused)
{
	uint32_t deep[64];
	size_t n = 0;

	CHECK(OPENS(1, 0, 2) && OPENS(4, 1, 0, 4, 1, 0, 4, 2, 4, 2, 4));
	CHECK(OPENS(1, 0, 3, 4, 0, 77, 2));
	CHECK(!OPENS(4) && !OPENS(1, 0) && !OPENS(2) && !OPENS(1, 0, 2, 2));
	CHECK(!OPENS(1, 0, 2, 1, 0, 2) && !OPENS(3, 0, 0));
	CHECK(!OPENS(1, 0, 2, 3, 0, 0) && !OPENS(1, 0, 5, 2));
	CHECK(!OPENS(1, 0, 3, 0, 2, 2) && !OPENS(1, 0, 3, 400, 0, 2));
	CHECK(!OPENS(1, 0, 3, UINT32_MAX, 0, 2) && !OPENS(1, 0x41414141));
	for (unsigned depth = FDT_MAX_DEPTH; depth <= FDT_MAX_DEPTH + 1;
	     depth++) {
		n = 0;
		for (unsigned i = 0; i < depth; i++) {
			deep[n++] = 1;
			deep[n++] = 0;
		}
		for (unsigned i = 0; i < depth; i++)
			deep[n++] = 2;
		CHECK(opens_cells(deep, n) == (depth == FDT_MAX_DEPTH));
	}
}

/* Nothing but the blob's own end stops a search that ignores lengths. */
TEST(a_name_at_the_end_without_nul_is_refused)
{
	size_t len = sample2.len;
	uint8_t *copy = malloc(len);
	struct fdt f;

	memcpy(copy, sample2.blob, len);
	CHECK(fdt_open_max(&f, copy, len));
	for (size_t cells = 1; cells < 6; cells++) {
		memset(copy + len - 4 * cells, 'x', 4 * cells);
		put32(copy + len - 4 * cells, 1);
		CHECK(!fdt_open_max(&f, copy, len));
	}
	free(copy);
}

/* ---- trees made by QEMU ---- */

/* Cut QEMU's 1 MiB blob down to what it uses. */
static void
compact(uint8_t *blob)
{
	size_t strings = get32(blob + 12) + get32(blob + 32);
	size_t nodes = get32(blob + 8) + get32(blob + 36);

	qemu_len = strings > nodes ? strings : nodes;
	free(qemu_blob);
	qemu_blob = malloc(qemu_len);
	memcpy(qemu_blob, blob, qemu_len);
	put32(qemu_blob + 4, (uint32_t)qemu_len);
}

/* Have QEMU write its tree. */
static bool
load_qemu(unsigned harts, unsigned mib)
{
	char path[] = "/tmp/tine-fdt-XXXXXX", command[256];
	uint8_t *blob = NULL;
	int fd = mkstemp(path);
	FILE *file;
	long n = 0;

	if (fd < 0)
		return false;
	close(fd);
	snprintf(command, sizeof(command),
		 "timeout 20 qemu-system-riscv64 -machine virt,dumpdtb=%s "
		 "-smp %u -m %uM -display none "
		 ">/dev/null 2>&1",
		 path, harts, mib);
	if (system(command) == 0 && (file = fopen(path, "rb")) != NULL) {
		blob = malloc(2 << 20);
		n = (long)fread(blob, 1, 2 << 20, file);
		fclose(file);
	}
	unlink(path);
	if (n > 40)
		compact(blob);
	free(blob);
	return n > 40;
}

static void
check_qemu(unsigned harts, uint64_t mib)
{
	struct fdt f;
	struct fdt_range r;
	struct fdt_cpu c;
	struct fdt_irq irq;
	struct fdt_node n;
	unsigned i;
	uint64_t hz = 0;

	CHECK(fdt_open_max(&f, qemu_blob, qemu_len));
	CHECK(fdt_memory(&f, 0, &r) && r.start == 0x80000000);
	CHECK(r.size == mib << 20 && !fdt_memory(&f, 1, &r));
	for (i = 0; fdt_cpu(&f, i, &c); i++) {
		CHECK(c.id == i && c.intc != 0 && fdt_cpu_has(&c, "d"));
		CHECK(fdt_cpu_has(&c, "zicsr") && !fdt_cpu_has(&c, "zzz"));
	}
	CHECK(i == harts && fdt_timebase(&f, &hz) && hz == 10000000);
	CHECK(fdt_stdout(&f, &n) && fdt_compatible(&n, "ns16550a"));
	CHECK(fdt_reg(&n, 0, &r) && r.start == 0x10000000);
	CHECK(fdt_interrupt(&n, 0, &irq) && irq.cell[0] == 10);
	CHECK(nodes_like(&f, "riscv,plic0", &n) == 1);
	for (i = 0; fdt_interrupt(&n, i, &irq); i++)
		;
	CHECK(i == 2 * harts);
	CHECK(nodes_like(&f, "virtio,mmio", &n) == 8);
}

TEST(qemu_trees)
{
	if (system("qemu-system-riscv64 --version >/dev/null 2>&1") != 0)
		SKIP("no qemu-system-riscv64");
	for (unsigned harts = 1; harts <= 8; harts *= 2) {
		CHECK(load_qemu(harts, 512 * harts));
		check_qemu(harts, 512 * harts);
	}
}

/* ---- damaged trees ---- */

static size_t sink; /* keeps reads from being optimised away */

static void
touch(const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		sink += ((const uint8_t *)p)[i];
}

static void
exercise_node(const struct fdt_node *n)
{
	struct fdt_prop p;
	struct fdt_range r;
	struct fdt_irq irq;
	const char *s;
	bool more;
	unsigned steps = 0;

	touch(fdt_name(n), strlen(fdt_name(n)));
	for (more = fdt_prop_first(n, &p); more; more = fdt_prop_next(n, &p)) {
		touch(p.name, strlen(p.name));
		touch(p.data, p.len);
		for (unsigned i = 0; (s = fdt_string_at(&p, i)) != NULL; i++)
			touch(s, i < 3 ? strlen(s) : 0);
		CHECK(++steps < SANE_LIMIT);
	}
	for (unsigned i = 0; i < 3; i++) {
		sink += fdt_reg(n, i, &r);
		sink += fdt_interrupt(n, i, &irq);
	}
	sink += fdt_available(n) + fdt_compatible(n, "virtio,mmio");
}

/* Ask everything there is to ask. */
static void
exercise(const struct fdt *f)
{
	struct fdt_node n;
	struct fdt_range r;
	struct fdt_prop p;
	struct fdt_cpu c;
	uint64_t hz;
	unsigned steps = 0;
	const char *s;

	fdt_root(f, &n);
	do {
		exercise_node(&n);
		CHECK(++steps < SANE_LIMIT);
	} while (fdt_next(&n));
	for (unsigned i = 0; fdt_memory(f, i, &r); i++)
		CHECK(i < SANE_LIMIT);
	for (unsigned i = 0; fdt_reserved(f, i, &r); i++)
		CHECK(i < SANE_LIMIT);
	for (unsigned i = 0; fdt_cpu(f, i, &c); i++)
		sink += fdt_cpu_has(&c, "sstc") + fdt_cpu_has(&c, "f");
	sink += fdt_timebase(f, &hz) + fdt_initrd(f, &r) + fdt_stdout(f, &n);
	s = fdt_chosen_string(f, "bootargs");
	touch(s, s != NULL ? strlen(s) : 0);
	if (fdt_chosen(f, "rng-seed", &p))
		touch(p.data, p.len);
	sink += fdt_find_path(f, "serial0", &n);
}

static void
mutate(uint8_t *blob, size_t len)
{
	static const uint32_t words[] = {
		0,  1,	2,	    3,		4,	    5,	       9,
		12, 64, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff
	};
	unsigned times = 1 + (unsigned)(check_random() % 4);

	while (times-- > 0) {
		size_t at = check_random() % len, word = at & ~(size_t)3;

		/* Headers and the first cells decide most: hit them often. */
		if (check_random() % 8 == 0)
			word = (check_random() % 64) * 4;
		if (word + 4 > len)
			word = 0;
		switch (check_random() % 4) {
		case 0:
			blob[at] ^= (uint8_t)(1u << (check_random() % 8));
			break;
		case 1:
			blob[at] = (uint8_t)check_random();
			break;
		case 2:
			put32(blob + word,
			      words[check_random() % (sizeof(words) / 4)]);
			break;
		default:
			put32(blob + word,
			      get32(blob + word) +
				      (uint32_t)(check_random() % 17) - 8);
		}
	}
}

TEST(damaged_trees_do_no_harm)
{
	unsigned opened = 0;

	for (unsigned i = 0; i < FUZZ_BLOBS && check_bad == 0; i++) {
		bool real = qemu_blob != NULL && i % FUZZ_QEMU_EVERY == 0;
		const struct build *made = i % 4 == 1 ? &sample2 : &sample;
		size_t len = real ? qemu_len : made->len, keep = len;
		uint8_t *copy;
		struct fdt f;

		/* One in eight is cut short: its memory ends early as well. */
		if (check_random() % 8 == 0)
			keep = 40 + check_random() % (len - 40);
		copy = malloc(keep);
		memcpy(copy, real ? qemu_blob : made->blob, keep);
		mutate(copy, keep);
		if (keep < len && check_random() % 2 == 0)
			put32(copy + 4, (uint32_t)keep);
		if (fdt_open_max(&f, copy, keep)) {
			opened++;
			exercise(&f);
		}
		free(copy);
	}
	printf("# %u of %u damaged trees were opened\n", opened, FUZZ_BLOBS);
	CHECK(opened > FUZZ_BLOBS / 20 && opened < FUZZ_BLOBS);
}

int
main(int argc, char **argv)
{
	check_begin(argc, argv);
	build_sample(&sample);
	sample2.nodes_last = true;
	build_sample(&sample2);
	RUN(walk_visits_every_node_once_in_order);
	RUN(children_siblings_and_parents);
	RUN(find_by_path_alias_phandle_compatible);
	RUN(properties);
	RUN(registers_are_translated);
	RUN(interrupts);
	RUN(memory_and_reservations);
	RUN(harts_and_their_extensions);
	RUN(chosen);
	RUN(bad_headers_are_refused);
	RUN(bad_nesting_is_refused);
	RUN(a_name_at_the_end_without_nul_is_refused);
	RUN(qemu_trees);
	RUN(damaged_trees_do_no_harm);
	return check_end();
}
