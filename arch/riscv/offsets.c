/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/offsets.c - export structure offsets to assembly files.
 *
 * The file is only compiled to assembly; tools/offsets.py converts the "->NAME
 * value" lines to asm-offsets.h.
 */
#include "arch/context.h"
#include "arch/page.h"
#include "kernel/hart.h"

#define DEFINE(name, value) __asm__ volatile("\n->" name " %0" : : "i"(value))
#define TF(name, field)	    DEFINE("TF_" name, offsetof(struct trapframe, field))

void offsets(void);

void
offsets(void)
{
	TF("PC", pc);
	TF("RA", ra);
	TF("SP", sp);
	TF("GP", gp);
	TF("TP", tp);
	TF("T0", t0);
	TF("T1", t1);
	TF("T2", t2);
	TF("S0", s0);
	TF("S1", s1);
	TF("A0", a[0]);
	TF("A1", a[1]);
	TF("A2", a[2]);
	TF("A3", a[3]);
	TF("A4", a[4]);
	TF("A5", a[5]);
	TF("A6", a[6]);
	TF("A7", a[7]);
	TF("S2", s2);
	TF("S3", s3);
	TF("S4", s4);
	TF("S5", s5);
	TF("S6", s6);
	TF("S7", s7);
	TF("S8", s8);
	TF("S9", s9);
	TF("S10", s10);
	TF("S11", s11);
	TF("T3", t3);
	TF("T4", t4);
	TF("T5", t5);
	TF("T6", t6);
	TF("STATUS", status);
	TF("CAUSE", cause);
	TF("TVAL", tval);
	DEFINE("TF_SIZE", sizeof(struct trapframe));
	DEFINE("HART_KERNEL_SP", offsetof(struct hart, arch.kernel_sp));
	DEFINE("HART_SCRATCH", offsetof(struct hart, arch.scratch));
	DEFINE("HART_EMERGENCY_SP", offsetof(struct hart, arch.emergency_sp));
	DEFINE("CTX_RA", offsetof(struct context, ra));
	DEFINE("CTX_SP", offsetof(struct context, sp));
	DEFINE("CTX_S", offsetof(struct context, s));
	DEFINE("LAST_HART_ID", MAX_HART_ID);
	DEFINE("IMAGE_VA", KERNEL_BASE + 0x200000);
}
