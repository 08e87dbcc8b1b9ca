/* SPDX-License-Identifier: MIT */
/*
 * arch/mmio.h - map and access device registers.
 *
 * Accesses to one device stay in program order.  They are also ordered with
 * accesses to memory: a device sees the stores before a register write, and
 * loads after a register read see the stores of the device.
 */
#ifndef ARCH_MMIO_H
#define ARCH_MMIO_H

#include "lib/base.h"

/*
 * Map the device registers [pa, pa + size) in the direct map; boot time only.
 * Returns their address, or NULL if the direct map has no root entry for the
 * range or no memory is left for page tables.
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

/* Barriers for memory that is shared with a device (virtio rings). */
#define device_wmb() __asm__ volatile("fence w, w" : : : "memory")
#define device_rmb() __asm__ volatile("fence r, r" : : : "memory")
#define device_mb()  __asm__ volatile("fence rw, rw" : : : "memory")

#endif
