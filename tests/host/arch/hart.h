/*
 * tests/host/arch/hart.h - harts of host builds: one, unless a test has more.
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
