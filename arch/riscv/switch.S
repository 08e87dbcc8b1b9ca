/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/switch.S - switch contexts; save and load the floating-point
 * registers.
 *
 * The scheduler calls context_switch() with interrupts off and the lock of this
 * hart's run queue held.  Only arch/riscv/context.c calls fp_store() and
 * fp_load(), with sstatus.FS on.
 */
#include "asm-offsets.h"

	.text
/* void context_switch(struct context *from (a0), struct context *to (a1)) */
	.globl	context_switch
	.type	context_switch, @function
context_switch:
	sd	ra, CTX_RA(a0)
	sd	sp, CTX_SP(a0)
	sd	s0, CTX_S + 0(a0)
	sd	s1, CTX_S + 8(a0)
	sd	s2, CTX_S + 16(a0)
	sd	s3, CTX_S + 24(a0)
	sd	s4, CTX_S + 32(a0)
	sd	s5, CTX_S + 40(a0)
	sd	s6, CTX_S + 48(a0)
	sd	s7, CTX_S + 56(a0)
	sd	s8, CTX_S + 64(a0)
	sd	s9, CTX_S + 72(a0)
	sd	s10, CTX_S + 80(a0)
	sd	s11, CTX_S + 88(a0)
	ld	ra, CTX_RA(a1)
	ld	sp, CTX_SP(a1)
	ld	s0, CTX_S + 0(a1)
	ld	s1, CTX_S + 8(a1)
	ld	s2, CTX_S + 16(a1)
	ld	s3, CTX_S + 24(a1)
	ld	s4, CTX_S + 32(a1)
	ld	s5, CTX_S + 40(a1)
	ld	s6, CTX_S + 48(a1)
	ld	s7, CTX_S + 56(a1)
	ld	s8, CTX_S + 64(a1)
	ld	s9, CTX_S + 72(a1)
	ld	s10, CTX_S + 80(a1)
	ld	s11, CTX_S + 88(a1)
	ret
	.size	context_switch, . - context_switch

/*
 * A new context starts here, at its first switch-in: s1 = function, s2 = its
 * argument.
 */
	.globl	context_start
	.type	context_start, @function
context_start:
	li	s0, 0
	mv	a0, s2
	jalr	s1
	unimp				/* the function must not return */
	.size	context_start, . - context_start

	.option	push
	.option	arch, +d
/* void fp_store(struct fpstate *) */
	.globl	fp_store
	.type	fp_store, @function
fp_store:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	fsd	f\n, 8 * \n(a0)
	.endr
	.irp	n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fsd	f\n, 8 * \n(a0)
	.endr
	frcsr	t0
	sw	t0, 256(a0)
	ret
	.size	fp_store, . - fp_store

/* void fp_load(const struct fpstate *) */
	.globl	fp_load
	.type	fp_load, @function
fp_load:
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15
	fld	f\n, 8 * \n(a0)
	.endr
	.irp	n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fld	f\n, 8 * \n(a0)
	.endr
	lw	t0, 256(a0)
	fscsr	t0
	ret
	.size	fp_load, . - fp_load
	.option	pop
