/*
 * kernel/timer.h - this hart's timer interrupt, for arch/ and the scheduler.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include "lib/base.h"

#define TICK_NS UINT64_C(10000000) /* a busy hart is interrupted at 100 Hz */

/* From the trap code, interrupts off. */
void timer_interrupt(void);

/*
 * A hart that runs threads ticks; an idle one only wakes for its timers.
 * Called by the scheduler, interrupts off, when that changes.
 */
void timer_hart_busy(bool busy);

#endif
