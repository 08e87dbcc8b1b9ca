/* SPDX-License-Identifier: MIT */
/*
 * arch/hart.h - the machine's part of struct hart, and ending the machine.
 *
 * kernel/hart.h has the rest of struct hart.  Any context; no function here
 * takes a lock.
 */
#ifndef ARCH_HART_H
#define ARCH_HART_H

#include "lib/base.h"

/* Offsets are used by trap.S through asm-offsets.h. */
struct arch_hart {
	uint64_t kernel_sp;    /* top of the running thread's kernel stack */
	uint64_t scratch[2];   /* for the trap entry */
	uint64_t emergency_sp; /* stack for reporting a stack overflow */
	const void *fp_owner;  /* thread with values in the FP registers */
};

struct hart;

/* The value of tp: this hart's struct hart, whenever the kernel runs. */
static inline void *
arch_this_hart(void)
{
	void *h;

	__asm__ volatile("mv %0, tp" : "=r"(h));
	return h;
}

/*
 * The body of a waiting loop.  It is not `pause`: for that instruction QEMU 7.2
 * leaves its inner loop and takes its big lock, and waiting harts then starve
 * the others.
 */
static inline void
cpu_relax(void)
{
	__asm__ volatile("nop" : : : "memory");
}

/* End QEMU: status 0 through SBI reset, others through the test device. */
noreturn void machine_power_off(int status);
noreturn void machine_reboot(void);

/* Text to the firmware's console, any context, slow. */
void machine_early_print(const char *text, size_t n);

#endif
