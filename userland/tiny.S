/* SPDX-License-Identifier: MIT */
/*
 * tiny - the smallest possible program: it starts and exits with 0.
 *
 * For measuring execve: no libc, no stack, no data, one page of text.
 */
	.section .text
	.globl	_start
	.type	_start, @function
_start:
	li	a0, 0		/* the status */
	li	a7, 94		/* exit_group */
	ecall
	unimp			/* not reached */
	.size	_start, . - _start

	.section .note.GNU-stack, "", @progbits
