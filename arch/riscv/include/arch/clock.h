/*
 * arch/clock.h - the machine's clock, in nanoseconds since it started.
 */
#ifndef ARCH_CLOCK_H
#define ARCH_CLOCK_H

#include "lib/base.h"

/* Nanoseconds on the counter all harts share.  Any context. */
uint64_t clock_read(void);

/* The counter itself: some entropy. */
uint64_t clock_ticks(void);

/*
 * Ask for a timer interrupt on this hart at clock_read() >= ns; replaces the
 * previous wish.  UINT64_MAX: none.  Interrupts off.
 */
void clock_set_event(uint64_t ns);

/*
 * Instructions this hart has executed; 0 where instret does not count them:
 * QEMU without -icount has its host's time there.
 */
uint64_t clock_instret(void);

/* Does clock_instret() count?  Known since boot. */
bool clock_counts(void);

#endif
