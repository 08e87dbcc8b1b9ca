/* SPDX-License-Identifier: MIT */
/*
 * tests/host/arch/hart.h - harts of host builds, in place of the machine's.
 *
 * There is one, unless a test defines arch_this_hart() for more (timer_test.c).
 * A loop that waits for another hart calls host_cpu_relax().
 */
#ifndef ARCH_HART_H
#define ARCH_HART_H

#include "lib/base.h"

struct arch_hart {
	uint64_t unused;
};

void *arch_this_hart(void);

/* A hart waits for another one. */
void host_cpu_relax(void);

static inline void
cpu_relax(void)
{
	host_cpu_relax();
}

#endif
