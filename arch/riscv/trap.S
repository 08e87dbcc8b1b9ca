/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/trap.S - enter the kernel on a trap, and return from it.
 *
 * Rules that hold whenever a hart runs:
 *
 *		in user mode		    in the kernel
 *   sscratch	this hart's struct hart	    0
 *   tp		the program's		    this hart's struct hart
 *   sp		the program's		    current thread's kernel stack
 *
 * So on entry `sscratch == 0` means that the trap came from the kernel.
 *
 * A kernel stack is the upper half of 32 KiB of address space; the lower half
 * is unmapped.  Bit 14 of sp is therefore set while sp is inside a stack and
 * clear after an overflow.  The entry tests the bit before it stores the frame.
 * After an overflow it switches to this hart's emergency stack and panics.
 *
 * The return path does not restore tp for a kernel frame: tp already points at
 * this hart's struct hart.
 *
 * Offsets (TF_*, HART_*) are generated from the C structs by offsets.c.
 */
#include "arch/riscv/csr.h"
#include "asm-offsets.h"

	.macro	SAVE_BUT_SP_TP_T0
	sd	ra, TF_RA(sp)
	sd	gp, TF_GP(sp)
	sd	t1, TF_T1(sp)
	sd	t2, TF_T2(sp)
	sd	s0, TF_S0(sp)
	sd	s1, TF_S1(sp)
	sd	a0, TF_A0(sp)
	sd	a1, TF_A1(sp)
	sd	a2, TF_A2(sp)
	sd	a3, TF_A3(sp)
	sd	a4, TF_A4(sp)
	sd	a5, TF_A5(sp)
	sd	a6, TF_A6(sp)
	sd	a7, TF_A7(sp)
	sd	s2, TF_S2(sp)
	sd	s3, TF_S3(sp)
	sd	s4, TF_S4(sp)
	sd	s5, TF_S5(sp)
	sd	s6, TF_S6(sp)
	sd	s7, TF_S7(sp)
	sd	s8, TF_S8(sp)
	sd	s9, TF_S9(sp)
	sd	s10, TF_S10(sp)
	sd	s11, TF_S11(sp)
	sd	t3, TF_T3(sp)
	sd	t4, TF_T4(sp)
	sd	t5, TF_T5(sp)
	sd	t6, TF_T6(sp)
	.endm

	.macro	SAVE_TRAP_STATE		/* clobbers t0-t2, a0 = cause */
	csrr	t0, sepc
	csrr	t1, sstatus
	csrr	t2, stval
	csrr	a0, scause
	sd	t0, TF_PC(sp)
	sd	t1, TF_STATUS(sp)
	sd	t2, TF_TVAL(sp)
	sd	a0, TF_CAUSE(sp)
	.endm

	.macro	RESTORE_BUT_SP_TP
	ld	t0, TF_PC(sp)
	ld	t1, TF_STATUS(sp)
	csrw	sepc, t0
	csrw	sstatus, t1
	ld	ra, TF_RA(sp)
	ld	gp, TF_GP(sp)
	ld	t0, TF_T0(sp)
	ld	t1, TF_T1(sp)
	ld	t2, TF_T2(sp)
	ld	s0, TF_S0(sp)
	ld	s1, TF_S1(sp)
	ld	a0, TF_A0(sp)
	ld	a1, TF_A1(sp)
	ld	a2, TF_A2(sp)
	ld	a3, TF_A3(sp)
	ld	a4, TF_A4(sp)
	ld	a5, TF_A5(sp)
	ld	a6, TF_A6(sp)
	ld	a7, TF_A7(sp)
	ld	s2, TF_S2(sp)
	ld	s3, TF_S3(sp)
	ld	s4, TF_S4(sp)
	ld	s5, TF_S5(sp)
	ld	s6, TF_S6(sp)
	ld	s7, TF_S7(sp)
	ld	s8, TF_S8(sp)
	ld	s9, TF_S9(sp)
	ld	s10, TF_S10(sp)
	ld	s11, TF_S11(sp)
	ld	t3, TF_T3(sp)
	ld	t4, TF_T4(sp)
	ld	t5, TF_T5(sp)
	ld	t6, TF_T6(sp)
	.endm

	/* Describe to unwinders where the interrupted registers are saved. */
	.macro	CFI_FRAME
	.cfi_signal_frame
	.cfi_def_cfa sp, 0
	.cfi_offset 64, TF_PC		/* column of the return address */
	.cfi_offset ra, TF_RA
	.cfi_offset sp, TF_SP
	.cfi_offset s0, TF_S0
	.cfi_offset s1, TF_S1
	.cfi_return_column 64
	.endm

	.section .text.trap, "ax"
	.balign	4			/* stvec keeps its mode in bits 1:0 */
	.globl	trap_entry
	.type	trap_entry, @function
	.cfi_startproc
trap_entry:
	csrrw	tp, sscratch, tp	/* tp = hart or 0; sscratch = old tp */
	bnez	tp, .Lfrom_user

.Lfrom_kernel:				/* tp = 0; sscratch = hart; sp kernel */
	csrrw	tp, sscratch, zero	/* tp = hart; sscratch = 0 */
	sd	t0, HART_SCRATCH(tp)
	addi	t0, sp, -TF_SIZE
	slli	t0, t0, 63 - 14		/* bit 14 to the sign */
	bgez	t0, .Loverflow
	addi	sp, sp, -TF_SIZE
.Lframe:
	CFI_FRAME
	ld	t0, HART_SCRATCH(tp)
	sd	t0, TF_T0(sp)
	addi	t0, sp, TF_SIZE
	sd	t0, TF_SP(sp)
	sd	tp, TF_TP(sp)
	SAVE_BUT_SP_TP_T0
	SAVE_TRAP_STATE
	addi	s0, sp, TF_SIZE		/* a frame-pointer link for panic */
	mv	a0, sp
	call	trap_from_kernel	/* void trap_from_kernel(tf) */
	RESTORE_BUT_SP_TP
	ld	sp, TF_SP(sp)
	sret

.Loverflow:
	sd	sp, HART_SCRATCH + 8(tp)
	ld	sp, HART_EMERGENCY_SP(tp)
	addi	sp, sp, -TF_SIZE
	ld	t0, HART_SCRATCH(tp)
	sd	t0, TF_T0(sp)
	ld	t0, HART_SCRATCH + 8(tp)
	sd	t0, TF_SP(sp)
	sd	tp, TF_TP(sp)
	SAVE_BUT_SP_TP_T0
	SAVE_TRAP_STATE
	mv	a0, sp
	call	trap_stack_overflow	/* does not return */
	.cfi_endproc

	.cfi_startproc
.Lfrom_user:				/* tp = hart; sscratch = user tp */
	sd	sp, HART_SCRATCH(tp)
	ld	sp, HART_KERNEL_SP(tp)
	addi	sp, sp, -TF_SIZE
	CFI_FRAME
	sd	t0, TF_T0(sp)
	ld	t0, HART_SCRATCH(tp)
	sd	t0, TF_SP(sp)
	csrrw	t0, sscratch, zero	/* t0 = user tp; sscratch = 0 */
	sd	t0, TF_TP(sp)
	SAVE_BUT_SP_TP_T0
	SAVE_TRAP_STATE
	li	s0, 0			/* backtraces end here */
	mv	a1, a0
	mv	a0, sp
	call	trap_from_user		/* void trap_from_user(tf, cause) */

trap_return_user:			/* interrupts off, sp = the frame */
	csrw	sscratch, tp
	RESTORE_BUT_SP_TP
	ld	tp, TF_TP(sp)
	ld	sp, TF_SP(sp)
	sret
	.cfi_endproc
	.size	trap_entry, . - trap_entry

/*
 * noreturn void enter_user(struct trapframe *tf) - enter user mode.  tf is at
 * the top of the current thread's kernel stack.
 */
	.globl	enter_user
	.type	enter_user, @function
enter_user:
	csrci	sstatus, 2
	mv	sp, a0
	j	trap_return_user
	.size	enter_user, . - enter_user
