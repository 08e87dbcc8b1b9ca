/* SPDX-License-Identifier: MIT */
/*
 * arch/page.h - the layout of virtual memory, and direct-map addresses.
 *
 *   0                    .. USER_END        programs (2^38 bytes)
 *   0xffffffc0_00000000  + physical address direct map of RAM and devices
 *   0xffffffe0_00000000  + KSTACK_AREA      kernel stacks with guard pages
 *   0xfffffff0_00000000  + 2^35 bytes       KASAN builds: the shadow
 *   0xffffffff_80000000  ..                 the kernel image
 */
#ifndef ARCH_PAGE_H
#define ARCH_PAGE_H

#include "lib/base.h"

#define USER_END    (UINT64_C(1) << 38)
#define DIRECT_BASE UINT64_C(0xffffffc000000000)
#define DIRECT_SIZE (UINT64_C(1) << 37)
#define KSTACK_BASE UINT64_C(0xffffffe000000000)
#define KSTACK_AREA (UINT64_C(256) << 20)
#define KERNEL_BASE UINT64_C(0xffffffff80000000)

/* The direct-map address of pa, valid for every byte of RAM. */
static inline void *
phys_to_virt(paddr_t pa)
{
	return (void *)(uintptr_t)(DIRECT_BASE + pa);
}

/*
 * The inverse of phys_to_virt().  Only for pointers into the direct map, not
 * for stacks or globals.
 */
static inline paddr_t
virt_to_phys(const void *p)
{
	return (paddr_t)(uintptr_t)p - DIRECT_BASE;
}

#endif
