/* SPDX-License-Identifier: MIT */
/*
 * kernel/timer.h - handle this hart's timer interrupt and its tick.
 *
 * timer_interrupt() fires the timers of kernel/time.h that are due and calls
 * sched_tick() on a hart that runs threads.  Both functions acquire the lock of
 * the hart's timer queue; timers fire with no lock held.
 */
#ifndef KERNEL_TIMER_H
#define KERNEL_TIMER_H

#include "lib/base.h"

#define TICK_NS UINT64_C(10000000) /* a busy hart is interrupted at 100 Hz */

/* Called by the trap code, interrupts off. */
void timer_interrupt(void);

/*
 * Start the tick of this hart (busy), or stop it: an idle hart is interrupted
 * only for its timers.  The scheduler calls this function, interrupts off, when
 * a hart becomes busy or idle.
 */
void timer_hart_busy(bool busy);

#endif
