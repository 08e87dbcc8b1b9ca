/* SPDX-License-Identifier: MIT */
/*
 * arch/fpu.h - switch floating-point registers lazily.
 *
 * A thread's values are loaded at its first FP instruction after a switch; see
 * arch/riscv/context.c.  arch/context.h has fp_save() and fp_changed().
 */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H

#include "lib/base.h"

struct thread;

/*
 * Switch the FP state.  The scheduler calls fp_switch() with interrupts off,
 * before context_switch().
 */
void fp_switch(struct thread *prev, struct thread *next);

/*
 * Handle an illegal-instruction trap of the current thread.  If FP was off for
 * the thread, load its FP registers and return true: the thread executes the
 * instruction again.  False: the instruction is illegal.
 */
bool fp_first_use(struct thread *t);

#endif
