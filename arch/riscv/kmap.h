/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/kmap.h - build and change the kernel half of every page table.
 *
 * kmap_init() builds the kernel half once at boot: the direct map of RAM (RW,
 * never X, and read-only for the kernel's text and constants), the image (text
 * RX, rodata R, data RW), room for kernel stacks, device registers.  User roots
 * copy the upper 256 entries of kernel_root, so all of these entries are made
 * at boot.
 */
#ifndef ARCH_RISCV_KMAP_H
#define ARCH_RISCV_KMAP_H

#include "arch/mmu.h"

struct phys_range {
	paddr_t start, end;
};

/*
 * Build the final table from the RAM ranges, which begin and end at multiples
 * of PAGE_SIZE, and load it.  Boot hart only.  Before this call the direct map
 * has only the gigabyte of the device tree.
 */
void kmap_init(const struct phys_range *ram, unsigned count);

/*
 * KASAN builds, boot hart only.  kmap_shadow_image() maps the image's shadow,
 * in the page table of entry.S and in the final one, and starts checking;
 * entry.S calls it before any other C function.  kmap_shadow_ram() maps `pa` as
 * the shadow of a RAM range that begins and ends at a multiple of KASAN_SPAN,
 * and allocates the tables for the shadow of stacks; call it before
 * kmap_init().
 */
void kmap_shadow_image(void);
void kmap_shadow_ram(const struct phys_range *r, paddr_t pa);

/* The physical addresses of the image, [start, end). */
struct phys_range kmap_image(void);

/*
 * Map or unmap one 4 KiB page of the kernel half outside the direct map (kernel
 * stacks).  The caller serializes the calls.  kmap_page() returns 0 or -ENOMEM.
 * After kmap_unpage() the caller flushes the TLBs of all harts before it reuses
 * the address.
 */
int kmap_page(vaddr_t va, paddr_t pa) must_check;
void kmap_unpage(vaddr_t va);

/*
 * Unlink the leaf table that covers `va`; all of its leaves are already
 * unmapped.  Returns the table, which the caller frees after a TLB flush on
 * every hart, or NULL if there is none.
 */
void *kmap_take_table(vaddr_t va);

/* The physical address of a page that kmap_page() has mapped. */
paddr_t kmap_lookup(vaddr_t va);

/* Describe an address for panic_trap(): "kernel data", "a kernel stack"... */
const char *kmap_describe(vaddr_t va);

extern pte_t kernel_root[PT_ENTRIES];
extern uint64_t kernel_satp;
extern paddr_t image_pa;

#endif
