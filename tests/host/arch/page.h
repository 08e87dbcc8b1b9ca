/* SPDX-License-Identifier: MIT */
/*
 * tests/host/arch/page.h - the direct map of host builds.
 *
 * "RAM" is one piece of memory, reached as if it began at physical address
 * HOST_RAM_BASE.  The first pages, which hold the frame table, lie side by
 * side.  Behind each other page is one that must not be touched: there the
 * address sanitizer sees an access over the end of a page.
 */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include "lib/base.h"

#define USER_END      (UINT64_C(1) << 38)
#define HOST_RAM_BASE UINT64_C(0x80000000)

extern char *host_ram;
extern uint64_t host_ram_linear; /* bytes without guards */

static inline void *
phys_to_virt(paddr_t pa)
{
	uint64_t at = pa - HOST_RAM_BASE;

	if (at >= host_ram_linear)
		at += PAGE_DOWN(at - host_ram_linear);
	return host_ram + at;
}

static inline paddr_t
virt_to_phys(const void *p)
{
	uint64_t at = (uint64_t)((const char *)p - host_ram);

	if (at >= host_ram_linear) {
		at -= host_ram_linear;
		at = host_ram_linear + at / (2 * PAGE_SIZE) * PAGE_SIZE +
		     at % PAGE_SIZE;
	}
	return at + HOST_RAM_BASE;
}

#endif
