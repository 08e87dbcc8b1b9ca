/* SPDX-License-Identifier: MIT */
/*
 * arch/clock.h - read the machine's clock, and request a timer interrupt.
 *
 * Times are in nanoseconds since the machine started.  Other rooms use the
 * clocks and timers of kernel/time.h, which calls these functions.  No function
 * here takes a lock or fails.
 */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include "lib/base.h"

/* The time, from the counter that all harts share.  Any context. */
uint64_t clock_read(void);

/* The counter in ticks; kernel/random.c uses it as entropy. */
uint64_t clock_ticks(void);

/*
 * Request a timer interrupt on this hart at time ns, in place of the previous
 * request.  If ns is more than a second ahead, or UINT64_MAX (no event), the
 * interrupt comes after one second.  Interrupts off.
 */
void clock_set_event(uint64_t ns);

/*
 * The number of instructions this hart has executed.  0 if instret does not
 * count instructions: without -icount, QEMU derives it from host time.
 */
uint64_t clock_instret(void);

/* True if clock_instret() counts instructions; constant after boot. */
bool clock_counts(void);

#endif
