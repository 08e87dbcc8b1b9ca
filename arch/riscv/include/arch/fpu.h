/* SPDX-License-Identifier: MIT */
/*
 * arch/fpu.h - floating-point registers at a context switch.
 *
 * A thread's values are loaded at its first FP instruction after a switch; see
 * arch/riscv/context.c.  arch/context.h has fp_save() and fp_changed().
 */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H

#include "lib/base.h"

struct thread;

/* Called by the scheduler with interrupts off, before context_switch(). */
void fp_switch(struct thread *prev, struct thread *next);

/*
 * The current thread trapped at an illegal instruction.  True if this was its
 * first FP instruction since it was switched in: its FP registers are loaded
 * now, and the instruction can be executed again.
 */
bool fp_first_use(struct thread *t);

#endif
