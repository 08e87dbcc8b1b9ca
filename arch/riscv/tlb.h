/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/tlb.h - TLB functions for arch/ itself and for the boot.
 *
 * mm/ uses arch/mmu.h.  tlb_flush_kernel_all() may be called in any context,
 * also with spin locks held, and returns when every hart has flushed.
 */
#ifndef ARCH_RISCV_TLB_H
#define ARCH_RISCV_TLB_H

#include "arch/mmu.h"

/* Flush all entries, also of the kernel, on every hart that is online. */
void tlb_flush_kernel_all(void);

#define ASID_BITS_MAX 16u

/*
 * Find out how many ASID bits the hart has, and use at most `asid_bits` of
 * them.  Boot hart, before any space exists.
 */
void mmu_init(unsigned asid_bits);

#endif
