/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/clock.h - initialize the time counter and the hart's timer.
 *
 * Only kernel/main.c calls clock_init(); other rooms use arch/clock.h.  Nothing
 * here fails.
 */
#ifndef ARCH_RISCV_CLOCK_H
#define ARCH_RISCV_CLOCK_H

#include "lib/base.h"

/*
 * Initialize the clock.  hz: timebase-frequency of the device tree.  Boot hart.
 */
void clock_init(uint64_t hz, bool has_sstc);

#endif
