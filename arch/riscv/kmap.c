/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/kmap.c - build the kernel half of the page table.
 *
 * kmap_range() maps a range with the largest leaves that fit.  Page tables come
 * from a small static pool until kmap_init() is done, and from page_alloc()
 * after that.  If the pool is too small for the memory layout, the boot panics.
 * arch/riscv/kmap.h has the contexts and the errors.
 */
#include "arch/riscv/kmap.h"

#include "arch/mmio.h"
#include "arch/riscv/csr.h"
#include "check/hooks.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "lib/errno.h"
#include "lib/string.h"

#define EARLY_TABLES (kasan_on() ? 48 : 24)

#define BITS_RX (PTE_V | PTE_R | PTE_X | PTE_G | PTE_A)
#define BITS_RO (PTE_V | PTE_R | PTE_G | PTE_A)
#define BITS_RW (PTE_V | PTE_R | PTE_W | PTE_G | PTE_A | PTE_D)

extern char __image_start[], __text_end[], __rodata_end[], __ksyms_start[],
	__image_end[];

pte_t kernel_root[PT_ENTRIES] __attribute__((aligned(PAGE_SIZE)));
uint64_t kernel_satp read_mostly;
paddr_t image_pa __attribute__((section(".data"))); /* set by entry.S */

static pte_t early_tables[EARLY_TABLES][PT_ENTRIES]
	__attribute__((aligned(PAGE_SIZE)));
static unsigned early_used;
static bool pages_ready; /* tables come from page_alloc() */

/* The physical address of an object in the image. */
static paddr_t
image_to_phys(const void *p)
{
	return (paddr_t)(uintptr_t)p - (paddr_t)(uintptr_t)__image_start +
	       image_pa;
}

struct phys_range
kmap_image(void)
{
	return (struct phys_range){ image_pa, image_to_phys(__image_end) };
}

/*
 * Allocate a zeroed table, from the pool until kmap_init() is done.  Returns
 * its physical address, or 0 if out of memory.
 */
static paddr_t
table_new(void)
{
	void *page;

	if (!pages_ready) {
		if (early_used == EARLY_TABLES)
			panic("boot: the memory layout needs more than %d "
			      "kernel page tables",
			      EARLY_TABLES);
		return image_to_phys(early_tables[early_used++]);
	}
	page = page_alloc(false);
	if (page == NULL)
		return 0;
	page_zero(page);
	return virt_to_phys(page);
}

/* The virtual address of the table at `pa`.  The pool is in the image. */
static pte_t *
table_at(paddr_t pa)
{
	paddr_t first = image_to_phys(early_tables);

	if (pa - first < sizeof(early_tables))
		return (pte_t *)((char *)early_tables + (pa - first));
	return phys_to_virt(pa);
}

/*
 * Return the entry for `va` at `level`, and allocate missing tables above it.
 * NULL if out of memory.
 */
static pte_t *
kmap_slot(vaddr_t va, unsigned level)
{
	pte_t *table = kernel_root;

	for (unsigned l = PT_LEVELS - 1; l > level; l--) {
		pte_t *slot = &table[pt_index(va, l)];

		if (!pte_valid(*slot)) {
			paddr_t pa = table_new();

			if (pa == 0)
				return NULL;
			pte_store(slot, pte_make(pa, PTE_V));
		}
		table = table_at(pte_pa(*slot));
	}
	return &table[pt_index(va, level)];
}

static int
kmap_range(vaddr_t va, paddr_t pa, uint64_t size, pte_t bits)
{
	assert(IS_ALIGNED(va | pa | size, PAGE_SIZE));
	while (size > 0) {
		unsigned level = 0;
		pte_t *slot;

		/* Invariant: [va, va + size) is still to be mapped. */
		while (level + 1 < PT_LEVELS && size >= pt_span(level + 1) &&
		       IS_ALIGNED(va | pa, pt_span(level + 1)))
			level++;
		slot = kmap_slot(va, level);
		if (slot == NULL)
			return -ENOMEM;
		pte_store(slot, pte_make(pa, bits));
		va += pt_span(level);
		pa += pt_span(level);
		size -= pt_span(level);
	}
	return 0;
}

/* Map [pa, end) at boot, when table_new() panics if the pool is empty. */
static void
kmap_boot(vaddr_t va, paddr_t pa, paddr_t end, pte_t bits)
{
	if (end > pa && kmap_range(va, pa, end - pa, bits) != 0)
		panic("boot: no memory for kernel page tables");
}

static void
map_image(void)
{
	vaddr_t va = (vaddr_t)(uintptr_t)__image_start;
	paddr_t text = image_to_phys(__text_end);
	paddr_t rodata = image_to_phys(__rodata_end);
	paddr_t ksyms = image_to_phys(__ksyms_start);
	paddr_t end = image_to_phys(__image_end);

	kmap_boot(va, image_pa, text, BITS_RX);
	kmap_boot(va + (text - image_pa), text, rodata, BITS_RO);
	kmap_boot(va + (rodata - image_pa), rodata, ksyms, BITS_RW);
	kmap_boot(va + (ksyms - image_pa), ksyms, end, BITS_RO);
}

/* Map RAM in the direct map: RW, but the image's text and constants RO. */
static void
map_ram(const struct phys_range *r)
{
	const struct phys_range parts[] = {
		{ image_pa, image_to_phys(__rodata_end) },
		{ image_to_phys(__ksyms_start), image_to_phys(__image_end) },
	};
	paddr_t at = r->start;

	for (unsigned i = 0; i < ARRAY_SIZE(parts); i++) {
		paddr_t start = CLAMP(parts[i].start, at, r->end);
		paddr_t end = CLAMP(parts[i].end, at, r->end);

		if (start >= end)
			continue;
		kmap_boot(DIRECT_BASE + at, at, start, BITS_RW);
		kmap_boot(DIRECT_BASE + start, start, end, BITS_RO);
		at = end;
	}
	kmap_boot(DIRECT_BASE + at, at, r->end, BITS_RW);
}

#ifdef TINE_KASAN
extern pte_t boot_root[PT_ENTRIES]; /* entry.S */

void
kmap_shadow_image(void)
{
	vaddr_t va = kasan_shadow((vaddr_t)(uintptr_t)__image_start);
	paddr_t pa = image_to_phys(kasan_image_shadow);

	kmap_boot(va, pa, pa + sizeof(kasan_image_shadow), BITS_RW);
	boot_root[pt_index(va, 2)] = kernel_root[pt_index(va, 2)];
	__asm__ volatile("sfence.vma" : : : "memory");
	kasan_start();
}

void
kmap_shadow_ram(const struct phys_range *r, paddr_t pa)
{
	vaddr_t va = kasan_shadow(DIRECT_BASE + r->start);
	vaddr_t stacks = kasan_shadow(KSTACK_BASE);

	kmap_boot(va, pa, pa + (r->end - r->start) / 8, BITS_RW);
	/*
	 * Allocate all leaf tables for the stacks' shadow.  They are never
	 * freed.
	 */
	for (uint64_t at = 0; at < KSTACK_AREA / 8; at += PT_SPAN_1)
		(void)kmap_slot(stacks + at, 0);
}
#endif

void
kmap_init(const struct phys_range *ram, unsigned count)
{
	map_image();
	for (unsigned i = 0; i < count; i++)
		map_ram(&ram[i]);
	/*
	 * Create the root entries for stacks and devices now, because user
	 * roots will copy them.
	 */
	(void)kmap_slot(KSTACK_BASE, 1);
	for (paddr_t gib = 0; gib < 2; gib++) {
		vaddr_t va = DIRECT_BASE + (gib << 30);

		if (!pte_valid(kernel_root[pt_index(va, 2)]))
			(void)kmap_slot(va, 1);
	}
	kernel_satp = ((uint64_t)SATP_SV39 << 60) |
		      image_to_phys(kernel_root) >> PAGE_SHIFT;
	csr_write("satp", kernel_satp);
	__asm__ volatile("sfence.vma" : : : "memory");
	pages_ready = true;
}

int
kmap_page(vaddr_t va, paddr_t pa)
{
	return kmap_range(va, pa, PAGE_SIZE, BITS_RW);
}

void
kmap_unpage(vaddr_t va)
{
	pte_t *slot = kmap_slot(va, 0);

	if (slot != NULL)
		pte_store(slot, 0);
}

void *
kmap_take_table(vaddr_t va)
{
	pte_t *slot = kmap_slot(va, 1);
	pte_t entry;

	if (slot == NULL || !pte_valid(*slot))
		return NULL;
	entry = *slot;
	pte_store(slot, 0);
	return table_at(pte_pa(entry));
}

paddr_t
kmap_lookup(vaddr_t va)
{
	return pte_pa(*kmap_slot(va, 0));
}

/*
 * Has every GiB of [start, end) a table below its root entry?  User roots have
 * only the root entries that kmap_init() made, and an entry that is a leaf (a
 * GiB of RAM) has no table to change.
 */
static bool
has_root_entries(paddr_t start, paddr_t end)
{
	for (paddr_t at = ROUND_DOWN(start, PT_SPAN_2); at < end;
	     at += PT_SPAN_2) {
		pte_t e = kernel_root[pt_index(DIRECT_BASE + at, 2)];

		if (!pte_valid(e) || pte_is_leaf(e))
			return false;
	}
	return true;
}

volatile void *
mmio_map(paddr_t pa, uint64_t size)
{
	paddr_t start = PAGE_DOWN(pa), end = PAGE_UP(pa + size);

	if (end > DIRECT_SIZE || end <= start ||
	    !has_root_entries(start, end) ||
	    kmap_range(DIRECT_BASE + start, start, end - start, BITS_RW) != 0)
		return NULL;
	__asm__ volatile("sfence.vma" : : : "memory");
	return (volatile char *)phys_to_virt(pa);
}

const char *
kmap_describe(vaddr_t va)
{
	const char *p = (const char *)(uintptr_t)va;

	if (va < PAGE_SIZE)
		return "a NULL pointer";
	if (va < USER_END)
		return "a user address";
	if (va >= KSTACK_BASE && va < KSTACK_BASE + (UINT64_C(1) << 30))
		return (va & (UINT64_C(1) << 14)) != 0
			       ? "a kernel stack"
			       : "the guard page of a kernel stack";
	if (p >= __image_start && p < __text_end)
		return "kernel text (read and execute only)";
	if (p >= __text_end && p < __rodata_end)
		return "kernel read-only data";
	if (p >= __rodata_end && p < __ksyms_start)
		return "kernel data";
	if (va >= DIRECT_BASE && va < DIRECT_BASE + DIRECT_SIZE)
		return page_is_ram(va - DIRECT_BASE)
			       ? "RAM through the direct map"
			       : "a direct-map address outside RAM";
	if (kasan_is_shadow(va))
		return "a part of the KASAN shadow without memory";
	if (va >= USER_END && va < DIRECT_BASE)
		return "a non-canonical address";
	return "an unmapped kernel address";
}
