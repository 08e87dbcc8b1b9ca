/* SPDX-License-Identifier: MIT */
/*
 * arch/trap.h - the functions that the trap code calls in the rooms above.
 *
 * proc/ and syscall/ implement them.  They run in process context with
 * interrupts on and no lock held, on the kernel stack of the thread that
 * trapped.
 */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

#include "arch/context.h"

/* The kinds of access, with the values of VM_READ, VM_WRITE, VM_EXEC. */
#define ACCESS_READ  1u
#define ACCESS_WRITE 2u
#define ACCESS_EXEC  4u

/* A system call: run it and store its result in a0 (syscall/). */
void syscall_dispatch(struct trapframe *tf);

/* A page fault in user mode. */
void process_fault(struct trapframe *tf, unsigned access, uaddr_t va);

/* Other faults of a program: they become signals. */
void process_illegal(struct trapframe *tf);
void process_breakpoint(struct trapframe *tf);
void process_misaligned(struct trapframe *tf);
void process_bus_error(struct trapframe *tf);

/*
 * The current thread is about to return to user mode and has flags set: switch
 * threads, deliver signals, or end the thread.  Called with interrupts on;
 * returns with interrupts off and none of these flags set.
 */
void process_return_to_user(struct trapframe *tf);

#endif
