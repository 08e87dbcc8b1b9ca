/* SPDX-License-Identifier: MIT */
/*
 * arch/context.h - the saved registers of a thread.
 *
 * A context switch saves struct context, a trap saves struct trapframe, and
 * struct fpstate has the floating-point registers.  Nothing here fails.
 */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include "lib/base.h"

/* The callee-saved registers: a context switch saves only these. */
struct context {
	uint64_t ra, sp, s[12];
};

/* Save into `from`, load `to`, return on the stack of `to`.  Interrupts off. */
void context_switch(struct context *from, struct context *to);

/*
 * Prepare a context: the first switch to it calls entry(arg) on the stack that
 * ends at `top`.
 */
void context_init(struct context *c, vaddr_t top, void (*entry)(void *arg),
		  void *arg);

/*
 * The registers at a trap.  The frame of a trap from user mode is at the top of
 * the kernel stack.
 */
struct trapframe {
	uint64_t pc;
	union {
		uint64_t x[31]; /* x1 .. x31 */
		struct {
			uint64_t ra, sp, gp, tp, t0, t1, t2, s0, s1;
			uint64_t a[8];
			uint64_t s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
			uint64_t t3, t4, t5, t6;
		};
	};
	uint64_t status; /* sstatus */
	uint64_t cause, tval;
	uint64_t orig_a0; /* a0 at the system call, for restarts */
};

/* Floating-point registers, in the layout of the signal frame. */
struct fpstate {
	uint64_t f[32];
	uint32_t fcsr;
	uint32_t pad;
};

struct thread;

/* The trapframe with the user registers of t, while t is in the kernel. */
struct trapframe *thread_trapframe(struct thread *t);

/*
 * Enter user mode with the registers of the thread's trapframe.  The first
 * function of a new user thread ends with this call.
 */
noreturn void enter_user(struct trapframe *tf);

/* Fill a trapframe so that the program starts at `entry` with stack `sp`. */
void trapframe_init_user(struct trapframe *tf, uaddr_t entry, uaddr_t sp);

/*
 * For the current thread t.  fp_save() stores its FP registers in t->fp if they
 * have changed.  Call fp_changed() after a change of t->fp: the next FP
 * instruction then loads the new values.
 */
void fp_save(struct thread *t);
void fp_changed(struct thread *t);

#endif
