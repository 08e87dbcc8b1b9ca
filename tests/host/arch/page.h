/*
 * tests/host/arch/page.h - the direct map of host builds: "RAM" is one piece
 * of memory, reached as if it began at physical address HOST_RAM_BASE.
 */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include "lib/base.h"

#define USER_END      (UINT64_C(1) << 38)
#define HOST_RAM_BASE UINT64_C(0x80000000)

extern char *host_ram;

static inline void *
phys_to_virt(paddr_t pa)
{
	return host_ram + (pa - HOST_RAM_BASE);
}

static inline paddr_t
virt_to_phys(const void *p)
{
	return (paddr_t)((const char *)p - host_ram) + HOST_RAM_BASE;
}

#endif
