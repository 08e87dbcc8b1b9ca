/* SPDX-License-Identifier: MIT */
/*
 * kernel/timer.h - this hart's timer interrupt, for arch/ and the scheduler.
 *
 * timer_interrupt() fires the timers of kernel/time.h that are due and calls
 * sched_tick() on a hart that runs threads.  Both functions take the lock of
 * the hart's timer queue; timers fire with no lock held.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include "lib/base.h"

#define TICK_NS UINT64_C(10000000) /* a busy hart is interrupted at 100 Hz */

/* From the trap code, interrupts off. */
void timer_interrupt(void);

/*
 * A hart that runs threads ticks; an idle hart only wakes for its timers.  The
 * scheduler calls this, interrupts off, when a hart becomes busy or idle.
 */
void timer_hart_busy(bool busy);

#endif
