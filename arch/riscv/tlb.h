/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/tlb.h - flush the kernel's TLB entries, and set up ASIDs at boot.
 *
 * mm/ uses arch/mmu.h.  tlb_flush_kernel_all() may be called in any context,
 * also with spin locks held, and returns when every hart has flushed.
 */
#ifndef ARCH_RISCV_TLB_H
#define ARCH_RISCV_TLB_H

#include "arch/mmu.h"

/* Flush all TLB entries, also the kernel's, on every hart that is online. */
void tlb_flush_kernel_all(void);

#define ASID_BITS_MAX 16u

/*
 * Detect the number of ASID bits of the hart, and use at most `asid_bits`.
 * Boot hart, before any space exists.
 */
void mmu_init(unsigned asid_bits);

#endif
