/*
 * tests/host/arch/hart.h - host builds have one hart.
 */
#ifndef ARCH_HART_H
#define ARCH_HART_H

#include "lib/base.h"

struct arch_hart {
	uint64_t unused;
};

void *arch_this_hart(void);

static inline void
cpu_relax(void)
{
}

#endif
