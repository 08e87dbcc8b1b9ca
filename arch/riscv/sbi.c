/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/sbi.c - make SBI calls into the firmware.
 *
 * sbi_call() is the ecall: a7 = extension, a6 = function, a0 to a4 arguments.
 * The calls of remote sfence.vma report each flush to the TLB oracle
 * (check/hooks.h).  Any context, no lock.
 */
#include "arch/riscv/sbi.h"

#include "check/hooks.h"
#include "lib/errno.h"

#define EXT_LEGACY_PUTCHAR 0x01
#define EXT_LEGACY_GETCHAR 0x02
#define EXT_BASE	   0x10
#define EXT_TIME	   0x54494D45
#define EXT_IPI		   0x735049
#define EXT_RFENCE	   0x52464E43
#define EXT_HSM		   0x48534D
#define EXT_SRST	   0x53525354

static struct sbi_result
sbi_call(uint64_t ext, uint64_t fn, uint64_t x0, uint64_t x1, uint64_t x2,
	 uint64_t x3, uint64_t x4)
{
	register uint64_t a0 __asm__("a0") = x0;
	register uint64_t a1 __asm__("a1") = x1;
	register uint64_t a2 __asm__("a2") = x2;
	register uint64_t a3 __asm__("a3") = x3;
	register uint64_t a4 __asm__("a4") = x4;
	register uint64_t a6 __asm__("a6") = fn;
	register uint64_t a7 __asm__("a7") = ext;

	__asm__ volatile("ecall"
			 : "+r"(a0), "+r"(a1)
			 : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7)
			 : "memory");
	return (struct sbi_result){ (int64_t)a0, (int64_t)a1 };
}

void
sbi_console_write(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '\n')
			sbi_call(EXT_LEGACY_PUTCHAR, 0, '\r', 0, 0, 0, 0);
		sbi_call(EXT_LEGACY_PUTCHAR, 0, (uint8_t)text[i], 0, 0, 0, 0);
	}
}

int
sbi_console_read(void)
{
	return (int)sbi_call(EXT_LEGACY_GETCHAR, 0, 0, 0, 0, 0, 0).error;
}

void
sbi_set_timer(uint64_t deadline)
{
	sbi_call(EXT_TIME, 0, deadline, 0, 0, 0, 0);
}

void
sbi_send_ipi(uint64_t hart_id)
{
	sbi_call(EXT_IPI, 0, 1, hart_id, 0, 0, 0);
}

int
sbi_hart_start(uint64_t hart_id, paddr_t entry, uint64_t opaque)
{
	struct sbi_result r =
		sbi_call(EXT_HSM, 0, hart_id, entry, opaque, 0, 0);

	return r.error == 0 ? 0 : -EIO;
}

void
sbi_remote_sfence(uint64_t mask, uint64_t base, vaddr_t start, uint64_t size)
{
	sbi_call(EXT_RFENCE, 1, mask, base, size == 0 ? 0 : start, size, 0);
	tlbcheck_flushed_by(mask, base, start, size, ASID_ANY);
}

void
sbi_remote_sfence_asid(uint64_t mask, uint64_t base, vaddr_t start,
		       uint64_t size, uint64_t asid)
{
	sbi_call(EXT_RFENCE, 2, mask, base, size == 0 ? 0 : start, size, asid);
	tlbcheck_flushed_by(mask, base, start, size, asid);
}

void
sbi_remote_fence_i(uint64_t mask, uint64_t base)
{
	sbi_call(EXT_RFENCE, 0, mask, base, 0, 0, 0);
}

void
sbi_system_reset(enum sbi_reset type, bool failure)
{
	sbi_call(EXT_SRST, 0, type, failure, 0, 0, 0);
}
