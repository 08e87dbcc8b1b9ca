/*
 * arch/riscv/clock.h - the time counter and this hart's timer.
 */
#ifndef ARCH_RISCV_CLOCK_H
#define ARCH_RISCV_CLOCK_H

#include "lib/base.h"

/* Once, on the boot hart: the device tree's timebase, in Hz. */
void clock_init(uint64_t hz, bool has_sstc);

#endif
