/* SPDX-License-Identifier: MIT */
/*
 * arch/hart.h - the architecture's part of struct hart, power-off and reboot.
 *
 * kernel/hart.h has the rest of struct hart.  Any context; no function here
 * takes a lock.
 */
#ifndef ARCH_HART_H
#define ARCH_HART_H

#include "lib/base.h"

/*
 * trap.S and entry.S access the first three fields by their offsets in
 * asm-offsets.h.
 */
struct arch_hart {
	uint64_t kernel_sp;    /* top of the running thread's kernel stack */
	uint64_t scratch[2];   /* for the trap entry */
	uint64_t emergency_sp; /* stack for reporting a stack overflow */
	uint64_t stacks_seen;  /* [h] arch/riscv/kstack.c */
	const void *fp_owner;  /* thread that owns the FP registers */
};

struct hart;

/* Read tp: in the kernel it points at the struct hart of this hart. */
static inline void *
arch_this_hart(void)
{
	void *h;

	__asm__ volatile("mv %0, tp" : "=r"(h));
	return h;
}

/*
 * The body of a spin loop.  It is a nop because for `pause` QEMU 7.2 leaves its
 * inner loop and acquires its big lock, so that spinning harts starve the
 * others.
 */
static inline void
cpu_relax(void)
{
	__asm__ volatile("nop" : : : "memory");
}

/* Power off: status 0 through SBI reset, others through the test device. */
noreturn void machine_power_off(int status);
noreturn void machine_reboot(void);

/* Write text to the firmware's console.  Any context; slow. */
void machine_early_print(const char *text, size_t n);
/* Read a byte from the firmware's console; negative: none.  Any context. */
int machine_early_read(void);

#endif
