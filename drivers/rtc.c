/* SPDX-License-Identifier: MIT */
/*
 * drivers/rtc.c - read the time from the goldfish real-time clock.
 *
 * rtc_probe() reads the clock, in nanoseconds since 1970, once at boot and sets
 * time_real().  From then on the time counter advances time_real().  Without a
 * clock, time_real() begins in 1970.
 */
#include "drivers/driver.h"

#include "arch/mmio.h"
#include "kernel/log.h"
#include "kernel/time.h"
#include "lib/errno.h"

#define TIME_LOW  0x00 /* reading it latches the high half */
#define TIME_HIGH 0x04

static int
rtc_probe(const struct fdt_node *n)
{
	volatile char *regs = driver_map(n, 0, 8, NULL);
	uint64_t ns;

	if (regs == NULL)
		return -ENOMEM;
	ns = mmio_read32(regs + TIME_LOW);
	ns |= (uint64_t)mmio_read32(regs + TIME_HIGH) << 32;
	time_set_real(ns);
	log_info("rtc: %lu seconds since 1970", ns / NSEC_PER_SEC);
	return 0;
}

static const char *const rtc_names[] = { "google,goldfish-rtc", NULL };

static const struct driver rtc_driver = {
	.name = "rtc",
	.compatible = rtc_names,
	.stage = DRIVER_DEVICES,
	.probe = rtc_probe,
};

DRIVER(rtc_driver);
