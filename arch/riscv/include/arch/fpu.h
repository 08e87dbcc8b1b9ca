/*
 * arch/fpu.h - floating-point registers at a context switch.
 */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H

struct thread;

/* Called by the scheduler with interrupts off, before context_switch(). */
void fp_switch(struct thread *prev, struct thread *next);

#endif
