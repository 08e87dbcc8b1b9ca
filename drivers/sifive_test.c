/* SPDX-License-Identifier: MIT */
/*
 * drivers/sifive_test.c - the driver of QEMU's test device.
 *
 * The device has one register: a write to it stops QEMU with an exit status,
 * which SBI cannot set.  kernel/main.c passes sifive_test_exit() to
 * machine_set_exit().  Without the device sifive_test_exit() returns.
 */
#include "drivers/sifive_test.h"

#include "arch/mmio.h"
#include "drivers/driver.h"
#include "kernel/log.h"
#include "lib/errno.h"

#define FINISH_PASS 0x5555u
#define FINISH_FAIL 0x3333u /* status in the upper half */

paddr_t sifive_test_pa;
static volatile void *regs; /* [i] */

void
sifive_test_exit(int status)
{
	if (regs == NULL)
		return;
	if (status < 0 || status > 255)
		status = 1;
	if (status == 0)
		mmio_write32(regs, FINISH_PASS);
	else
		mmio_write32(regs, (uint32_t)status << 16 | FINISH_FAIL);
}

static int
sifive_test_probe(const struct fdt_node *n)
{
	if (regs != NULL)
		return -EBUSY;
	regs = driver_map(n, 0, 4, &sifive_test_pa);
	if (regs == NULL)
		return -ENOMEM;
	log_info("sifive-test: exit status at %#lx", sifive_test_pa);
	return 0;
}

static const char *const sifive_test_names[] = { "sifive,test0", NULL };

static const struct driver sifive_test_driver = {
	.name = "sifive-test",
	.compatible = sifive_test_names,
	.stage = DRIVER_INTERRUPTS, /* early: for panics */
	.probe = sifive_test_probe,
};

DRIVER(sifive_test_driver);
