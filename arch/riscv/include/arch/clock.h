/* SPDX-License-Identifier: MIT */
/*
 * arch/clock.h - the machine's clock, in nanoseconds since it started.
 *
 * kernel/time.h builds clocks and timers on it; other rooms use that.  Nothing
 * here fails or takes a lock.
 */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include "lib/base.h"

/* Nanoseconds, from the counter that all harts share.  Any context. */
uint64_t clock_read(void);

/* The counter itself; its value is some entropy. */
uint64_t clock_ticks(void);

/*
 * Request a timer interrupt on this hart at clock_read() >= ns, in place of the
 * previous request.  It comes earlier if ns is more than a second ahead, also
 * for UINT64_MAX, which means no event.  Interrupts off.
 */
void clock_set_event(uint64_t ns);

/*
 * Instructions this hart has executed; 0 if instret does not count
 * instructions: in QEMU without -icount it shows the host's time.
 */
uint64_t clock_instret(void);

/* Does clock_instret() count?  Known since boot. */
bool clock_counts(void);

#endif
