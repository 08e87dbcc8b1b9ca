/* SPDX-License-Identifier: MIT */
/*
 * arch/mmio.h - device registers.
 *
 * Accesses to one device stay in program order, and are ordered against
 * ordinary memory as drivers expect: the device sees stores to memory before a
 * register write, and loads after a register read see what the device wrote.
 */
#ifndef ARCH_MMIO_H
#define ARCH_MMIO_H

#include "lib/base.h"

/*
 * Make [pa, pa + size) of device memory accessible; boot time only.  Returns
 * its address, or NULL if the direct map has no room for it or memory is out.
 */
volatile void *mmio_map(paddr_t pa, uint64_t size) must_check;

static inline uint8_t
mmio_read8(const volatile void *at)
{
	uint8_t v = *(const volatile uint8_t *)at;

	__asm__ volatile("fence i, ir" : : : "memory");
	return v;
}

static inline uint32_t
mmio_read32(const volatile void *at)
{
	uint32_t v = *(const volatile uint32_t *)at;

	__asm__ volatile("fence i, ir" : : : "memory");
	return v;
}

static inline void
mmio_write8(volatile void *at, uint8_t v)
{
	__asm__ volatile("fence w, o" : : : "memory");
	*(volatile uint8_t *)at = v;
}

static inline void
mmio_write32(volatile void *at, uint32_t v)
{
	__asm__ volatile("fence w, o" : : : "memory");
	*(volatile uint32_t *)at = v;
}

/* Ordinary memory shared with a device (virtio rings). */
#define device_wmb() __asm__ volatile("fence w, w" : : : "memory")
#define device_rmb() __asm__ volatile("fence r, r" : : : "memory")
#define device_mb()  __asm__ volatile("fence rw, rw" : : : "memory")

#endif
