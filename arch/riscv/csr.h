/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/csr.h - bits and accessors of the control and status registers
 * (The RISC-V Instruction Set Manual, Volume II, Privileged Architecture).
 *
 * Assembly files include this header for the constants.  Each accessor is also
 * a compiler barrier.
 */
#ifndef ARCH_RISCV_CSR_H
#define ARCH_RISCV_CSR_H

#define SSTATUS_SPIE_BIT 5
#define SSTATUS_SPIE	 0x20
#define SSTATUS_SPP	 0x100
#define SSTATUS_FS	 0x6000 /* 0 off, 1 initial, 2 clean, 3 dirty */
#define SSTATUS_FS_CLEAN 0x4000
#define SSTATUS_FS_DIRTY 0x6000

#define SIE_SSIE 0x2
#define SIE_STIE 0x20
#define SIE_SEIE 0x200

#define SATP_SV39 8 /* in bits 63:60 */

#define CAUSE_IRQ_SOFT	   1
#define CAUSE_IRQ_TIMER	   5
#define CAUSE_IRQ_EXTERNAL 9

#define CAUSE_FETCH_MISALIGNED 0
#define CAUSE_FETCH_ACCESS     1
#define CAUSE_ILLEGAL	       2
#define CAUSE_BREAKPOINT       3
#define CAUSE_LOAD_MISALIGNED  4
#define CAUSE_LOAD_ACCESS      5
#define CAUSE_STORE_MISALIGNED 6
#define CAUSE_STORE_ACCESS     7
#define CAUSE_ECALL_USER       8
#define CAUSE_FETCH_PAGE       12
#define CAUSE_LOAD_PAGE	       13
#define CAUSE_STORE_PAGE       15

#ifndef __ASSEMBLER__
#define csr_read(name)                                                      \
	({                                                                  \
		uint64_t v_;                                                \
		__asm__ volatile("csrr %0, " name : "=r"(v_) : : "memory"); \
		v_;                                                         \
	})
#define csr_op_(op, r, v) \
	__asm__ volatile(op " " r ", %0" : : "r"((uint64_t)(v)) : "memory")
#define csr_write(name, v) csr_op_("csrw", name, v)
#define csr_set(name, v)   csr_op_("csrs", name, v)
#define csr_clear(name, v) csr_op_("csrc", name, v)
#endif

#endif
