/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/sbi.h - SBI calls into the firmware (RISC-V Supervisor Binary
 * Interface Specification v1.0).
 *
 * Any context, no lock.  Each call costs a few hundred instructions.  Only
 * sbi_hart_start() reports an error.
 */
#ifndef ARCH_RISCV_SBI_H
#define ARCH_RISCV_SBI_H

#include "lib/base.h"

struct sbi_result {
	int64_t error; /* 0 or a negative SBI error */
	int64_t value;
};

void sbi_console_write(const char *text, size_t n);
int sbi_console_read(void); /* a byte; negative: none has arrived */
void sbi_set_timer(uint64_t deadline);
void sbi_send_ipi(uint64_t hart_id);
/* Start a stopped hart at physical `entry` with a1 = opaque.  0 or -EIO. */
int sbi_hart_start(uint64_t hart_id, paddr_t entry, uint64_t opaque);

/*
 * Execute sfence.vma (for all ASIDs, or for one) or fence.i on other harts.
 * The range is [start, start + size) or, with size == 0, all addresses.  `mask`
 * has bit (id - base) for each hart id.  Returns when all of these harts have
 * executed the fence.
 */
void
sbi_remote_sfence(uint64_t mask, uint64_t base, vaddr_t start, uint64_t size);
void sbi_remote_sfence_asid(uint64_t mask, uint64_t base, vaddr_t start,
			    uint64_t size, uint64_t asid);
void sbi_remote_fence_i(uint64_t mask, uint64_t base);

enum sbi_reset { SBI_SHUTDOWN = 0, SBI_COLD_REBOOT = 1 };
void sbi_system_reset(enum sbi_reset type, bool failure);

#endif
