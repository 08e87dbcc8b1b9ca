/* SPDX-License-Identifier: MIT */
/*
 * arch/trap.h - the handlers that the trap code calls.
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

/* Execute a system call and store its result in a0 (syscall/). */
void syscall_dispatch(struct trapframe *tf);

/* A page fault in user mode. */
void process_fault(struct trapframe *tf, unsigned access, uaddr_t va);

/* The other exceptions of a program: each becomes a signal. */
void process_illegal(struct trapframe *tf);
void process_breakpoint(struct trapframe *tf);
void process_misaligned(struct trapframe *tf);
void process_bus_error(struct trapframe *tf);

/*
 * Handle the flags of the current thread before it returns to user mode:
 * reschedule, deliver signals, or exit.  Called with interrupts on; returns
 * with interrupts off when none of THREAD_SIGNAL, THREAD_KILL and
 * THREAD_RESCHED is set.
 */
void process_return_to_user(struct trapframe *tf);

#endif
