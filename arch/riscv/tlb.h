/*
 * arch/riscv/tlb.h - flushing that only arch/ itself needs.
 */
#ifndef ARCH_RISCV_TLB_H
#define ARCH_RISCV_TLB_H

#include "arch/mmu.h"

/* Everything, kernel mappings too, on every hart that is online. */
void tlb_flush_kernel_all(void);

/* Find out how many ASID bits there are; boot hart, before any space. */
void mmu_init(void);

#endif
