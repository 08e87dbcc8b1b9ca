/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/clock.h - setting up the time counter and the hart's timer.
 *
 * For kernel/main.c and arch/riscv/trap.c; other rooms use arch/clock.h.
 * Nothing here fails.
 */
#ifndef ARCH_RISCV_CLOCK_H
#define ARCH_RISCV_CLOCK_H

#include "lib/base.h"

/* Once, on the boot hart: the device tree's timebase, in Hz. */
void clock_init(uint64_t hz, bool has_sstc);

#endif
