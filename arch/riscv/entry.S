/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/entry.S - the first instructions of every hart.
 *
 * The boot hart arrives from the firmware in S-mode with paging off, a0 = hart
 * id, a1 = physical address of the device tree.  Before any C function runs,
 * this code builds a page table that maps the image at its link address, page
 * by page: text RX, rodata and symbols R, data RW.  Enabling paging makes the
 * next instruction fetch fault, because the physical address is not mapped;
 * stvec points at the virtual continuation, so the fault *is* the jump.  The
 * gigabyte that contains the device tree is mapped readable in the direct map.
 * Later kmap_init() loads the final table, which replaces this one.
 *
 * SBI HSM starts the other harts one at a time at the same address; the first
 * hart that arrives is the boot hart.  Another hart loads its struct hart from
 * starting_harts[], indexed by its id, and enables paging in the same way with
 * the final table.  All harts share one entry point, because OpenSBI 1.1 marks
 * a hart as started before it stores the entry address: a slow hart may arrive
 * here even if another entry was requested.
 */
#include "arch/riscv/csr.h"
#include "asm-offsets.h"

#define PTE_TABLE 0x01
#define PTE_RX	  0x6b /* V R X G A */
#define PTE_RO	  0x63 /* V R G A */
#define PTE_RW	  0xe7 /* V R W G A D */

/* Two leaf tables map an image of at most 4 MiB; kernel.ld checks the size. */
#define BOOT_LEAF_TABLES 2

	.section .text.entry, "ax"
	.globl	_start
	.type	_start, @function
_start:
	csrw	sie, zero
	rdinstret s4			/* s4 = instructions so far */
	lla	t0, boot_hart_came
	li	t1, 1
	amoswap.w.aq t1, t1, (t0)
	bnez	t1, secondary_start
	mv	s0, a0			/* s0 = hart id */
	mv	s1, a1			/* s1 = device tree */

	lla	t0, __bss_start		/* clear bss, boot tables included */
	lla	t1, __bss_end
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b

	lla	s2, __image_start	/* s2 = image in RAM */
	lla	t0, image_pa
	sd	s2, 0(t0)
	lla	t0, boot_instret
	sd	s4, 0(t0)

	/* root[510] -> boot_l1; boot_l1[1..] -> boot_l0 */
	lla	s3, boot_root
	lla	t0, boot_l1
	srli	t1, t0, 2
	ori	t1, t1, PTE_TABLE
	li	t2, 510 * 8
	add	t2, s3, t2
	sd	t1, 0(t2)
	lla	t1, boot_l0
	srli	t1, t1, 2
	ori	t1, t1, PTE_TABLE
	sd	t1, 8(t0)
	addi	t1, t1, 0x400		/* PTE of the next page */
	sd	t1, 16(t0)

	/* one leaf PTE for each page of the image */
	lla	t0, boot_l0
	mv	t1, s2			/* t1 = page */
	lla	t2, __text_end
	lla	t3, __rodata_end
	lla	t4, __ksyms_start
	lla	t5, __image_end
2:	li	t6, PTE_RX
	bltu	t1, t2, 3f
	li	t6, PTE_RO
	bltu	t1, t3, 3f
	li	t6, PTE_RW
	bltu	t1, t4, 3f
	li	t6, PTE_RO
3:	srli	a2, t1, 2
	or	a2, a2, t6
	sd	a2, 0(t0)
	addi	t0, t0, 8
	lui	a2, 1
	add	t1, t1, a2
	bltu	t1, t5, 2b

	/* root[256 + GiB of the device tree]: a readable gigapage */
	srli	t0, s1, 30
	slli	t1, t0, 28
	ori	t1, t1, PTE_RO
	addi	t0, t0, 256
	slli	t0, t0, 3
	add	t0, t0, s3
	sd	t1, 0(t0)

	srli	a0, s3, 12		/* satp for boot_root */
	li	t0, SATP_SV39
	slli	t0, t0, 60
	or	a0, a0, t0
	lla	a1, .Lboot_virtual
	call	paging_on

	.balign 4
.Lboot_virtual:
	lla	tp, harts		/* struct hart of the boot hart */
	lla	sp, boot_stack_top
	lla	t0, emergency_stacks + 4096
	sd	t0, HART_EMERGENCY_SP(tp)
	csrw	sscratch, zero
	lla	t0, trap_entry
	csrw	stvec, t0
#ifdef TINE_KASAN
	call	kmap_shadow_image	/* keeps s0 and s1 */
#endif
	mv	a0, s0
	mv	a1, s1
	li	s0, 0			/* ends frame-pointer chains */
	li	ra, 0
	tail	kernel_boot		/* void kernel_boot(hart id, dtb) */
	.size	_start, . - _start

/*
 * Enable paging.  a0 = satp, a1 = physical address of the continuation; the
 * jump goes to its virtual address.  Clobbers t0, t1.
 */
paging_on:
	lla	t0, image_pa
	ld	t0, 0(t0)
	li	t1, IMAGE_VA
	sub	t1, t1, t0		/* virtual - physical */
	add	a1, a1, t1
	csrw	stvec, a1
	sfence.vma
	csrw	satp, a0
	nop				/* this fetch faults: jump to stvec */
	ret

	.type	secondary_start, @function
secondary_start:
	li	t0, LAST_HART_ID
	bgtu	a0, t0, .Lpark
	lla	t0, starting_harts
	slli	t1, a0, 3
	add	t0, t0, t1
	ld	s1, 0(t0)		/* s1 = struct hart, virtual */
	beqz	s1, .Lpark		/* no struct hart: park */
	lla	t0, kernel_satp
	ld	a0, 0(t0)
	lla	a1, .Lsecondary_virtual
	call	paging_on

	.balign 4
.Lsecondary_virtual:
	mv	tp, s1
	ld	sp, HART_KERNEL_SP(tp)
	csrw	sscratch, zero
	lla	t0, trap_entry
	csrw	stvec, t0
	li	s0, 0
	li	ra, 0
	tail	kernel_boot_secondary

.Lpark:
	wfi
	j	.Lpark
	.size	secondary_start, . - secondary_start

/*
 * void stack_call(vaddr_t top, void (*fn)(void)) - continue in fn() on another
 * stack; the current one is abandoned.
 */
	.globl	stack_call
	.type	stack_call, @function
stack_call:
	mv	sp, a0
	li	s0, 0
	li	ra, 0
	jr	a1
	.size	stack_call, . - stack_call

	.section .data
	.balign	4
boot_hart_came:	.word 0			/* not in bss, which is cleared later */

	.section .bss
	.balign	4096
	.globl	boot_root
boot_root:	.space 4096
boot_l1:	.space 4096
boot_l0:	.space 4096 * BOOT_LEAF_TABLES
	.globl	emergency_stacks
emergency_stacks: .space 4096 * 8	/* one for each hart */
	/*
	 * trap.S detects an overflow by bit 14 of sp: a stack is the upper half
	 * of 32 KiB.  The lower half of these 32 KiB is spare memory, so an
	 * overflow during boot overwrites nothing.
	 */
	.balign	32768
	.space	32768
	.globl	boot_stack_top
boot_stack_top:
