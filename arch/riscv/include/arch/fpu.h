/*
 * arch/fpu.h - floating-point registers at a context switch.
 */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H

#include "lib/base.h"

struct thread;

/* Called by the scheduler with interrupts off, before context_switch(). */
void fp_switch(struct thread *prev, struct thread *next);

/*
 * The current thread met an illegal instruction.  True when that was the first
 * FP instruction since it was switched in: its registers are loaded now, and
 * the instruction is to be tried again.
 */
bool fp_first_use(struct thread *t);

#endif
