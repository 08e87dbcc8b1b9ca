/*
 * arch/riscv/tlb.h - flushing that only arch/ itself needs.
 */
#ifndef ARCH_RISCV_TLB_H
#define ARCH_RISCV_TLB_H

#include "arch/mmu.h"

/* Everything, kernel mappings too, on every hart that is online. */
void tlb_flush_kernel_all(void);

#define ASID_BITS_MAX 16u

/*
 * Find out how many ASID bits there are, and use at most `asid_bits` of them;
 * boot hart, before any space.
 */
void mmu_init(unsigned asid_bits);

#endif
