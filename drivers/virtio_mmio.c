/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio_mmio.c - find virtio devices and negotiate features.
 *
 * The device tree lists slots, most of them empty.  virtio_probe() runs for
 * each slot at boot: it looks for a driver in known[], resets the device,
 * negotiates features and calls the driver's probe().  After any failure the
 * device stays in reset, so it accesses no memory.
 */
#include "drivers/virtio.h"

#include "arch/hart.h"
#include "arch/mmio.h"
#include "drivers/driver.h"
#include "drivers/virtio_regs.h"
#include "kernel/irq.h"
#include "kernel/log.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define MAGIC	       0x74726976u /* "virt" */
#define VERSION_LEGACY 1u
#define VERSION_MODERN 2u

#define STATUS_ACKNOWLEDGE 1u
#define STATUS_DRIVER	   2u
#define STATUS_DRIVER_OK   4u
#define STATUS_FEATURES_OK 8u
#define STATUS_NEEDS_RESET 64u

#define IRQ_USED   1u
#define IRQ_CONFIG 2u

#define RESET_POLLS  1000000u
#define CONFIG_TRIES 100u /* to read a 64-bit field consistently */

/* To support another type of device, add its driver here. */
static const struct virtio_driver *const known[] = {
	&virtio_blk_driver,
	&virtio_rng_driver,
};

static void
status_add(struct virtio_device *d, uint32_t bits)
{
	mmio_write32(d->regs + REG_STATUS,
		     mmio_read32(d->regs + REG_STATUS) | bits);
}

void
virtio_reset(struct virtio_device *d)
{
	mmio_write32(d->regs + REG_STATUS, 0);
	/* The status reads 0 once the device accesses no more memory. */
	for (unsigned i = 0; i < RESET_POLLS; i++) {
		if (mmio_read32(d->regs + REG_STATUS) == 0)
			return;
		cpu_relax();
	}
	log_error("virtio: reset of the device at %#lx timed out", d->pa);
}

static uint64_t
offered_features(struct virtio_device *d)
{
	uint64_t low;

	mmio_write32(d->regs + REG_FEATURES_SEL, 0);
	low = mmio_read32(d->regs + REG_FEATURES);
	mmio_write32(d->regs + REG_FEATURES_SEL, 1);
	return (uint64_t)mmio_read32(d->regs + REG_FEATURES) << 32 | low;
}

/*
 * Reset the device and accept the features that both sides support.  Returns 0
 * or -EIO.
 */
static int
negotiate(struct virtio_device *d, uint64_t understood)
{
	virtio_reset(d);
	status_add(d, STATUS_ACKNOWLEDGE);
	status_add(d, STATUS_DRIVER);
	d->features = offered_features(d) & (understood | VIRTIO_F_VERSION_1);
	mmio_write32(d->regs + REG_ACCEPTED_SEL, 0);
	mmio_write32(d->regs + REG_ACCEPTED, (uint32_t)d->features);
	mmio_write32(d->regs + REG_ACCEPTED_SEL, 1);
	mmio_write32(d->regs + REG_ACCEPTED, (uint32_t)(d->features >> 32));
	if ((d->features & VIRTIO_F_VERSION_1) == 0)
		return -EIO;
	status_add(d, STATUS_FEATURES_OK);
	if ((mmio_read32(d->regs + REG_STATUS) & STATUS_FEATURES_OK) == 0)
		return -EIO;
	return 0;
}

static void
virtio_interrupt(void *arg)
{
	struct virtio_device *d = arg;
	uint32_t why = mmio_read32(d->regs + REG_IRQ_STATUS);

	/* Acknowledge first, so that a later event raises a new interrupt. */
	mmio_write32(d->regs + REG_IRQ_ACK, why);
	if ((why & IRQ_USED) != 0)
		d->used(d);
	if ((why & IRQ_CONFIG) != 0 && d->broken != NULL &&
	    (mmio_read32(d->regs + REG_STATUS) & STATUS_NEEDS_RESET) != 0)
		d->broken(d);
}

int
virtio_start(struct virtio_device *d)
{
	int err = irq_register(d->irq, virtio_interrupt, d);

	if (err != 0)
		return err;
	status_add(d, STATUS_DRIVER_OK);
	return 0;
}

uint32_t
virtio_config32(struct virtio_device *d, unsigned at)
{
	return mmio_read32(d->regs + REG_CONFIG + at);
}

uint64_t
virtio_config64(struct virtio_device *d, unsigned at)
{
	uint32_t before, low, high;
	unsigned tries = 0;

	/* A changed generation means that the halves may be inconsistent. */
	do {
		before = mmio_read32(d->regs + REG_CONFIG_GENERATION);
		low = virtio_config32(d, at);
		high = virtio_config32(d, at + 4);
	} while (mmio_read32(d->regs + REG_CONFIG_GENERATION) != before &&
		 ++tries < CONFIG_TRIES);
	return (uint64_t)high << 32 | low;
}

static const struct virtio_driver *
driver_of(uint32_t id)
{
	for (unsigned i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i]->id == id)
			return known[i];
	}
	return NULL;
}

/* The id of the device in the slot; 0 if there is no usable device. */
static uint32_t
identify(volatile char *regs, paddr_t pa)
{
	uint32_t id, version;

	if (mmio_read32(regs + REG_MAGIC) != MAGIC)
		return 0;
	id = mmio_read32(regs + REG_DEVICE_ID);
	version = mmio_read32(regs + REG_VERSION);
	if (id == 0 || version == VERSION_MODERN)
		return id;
	if (version == VERSION_LEGACY)
		log_error("virtio: the device at %#lx is a legacy device; "
			  "start QEMU with -global "
			  "virtio-mmio.force-legacy=false",
			  pa);
	else
		log_error("virtio: the device at %#lx has unsupported version "
			  "%u",
			  pa, version);
	return 0;
}

static int
virtio_probe(const struct fdt_node *n)
{
	const struct virtio_driver *driver;
	struct virtio_device *d;
	volatile char *regs;
	uint32_t id;
	paddr_t pa;
	int err;

	regs = driver_map(n, 0, REG_END, &pa);
	if (regs == NULL)
		return -ENOMEM;
	id = identify(regs, pa);
	if (id == 0)
		return -ENODEV;
	driver = driver_of(id);
	if (driver == NULL) {
		log_info("virtio: no driver for device type %u at %#lx", id,
			 pa);
		return -ENODEV;
	}
	d = kzalloc(sizeof(*d));
	if (d == NULL)
		return -ENOMEM;
	d->regs = regs;
	d->pa = pa;
	d->irq = driver_irq(n);
	err = negotiate(d, driver->features);
	if (err == 0)
		err = driver->probe(d);
	if (err != 0) {
		virtio_reset(d);
		kfree(d);
	}
	return err;
}

static const char *const virtio_names[] = { "virtio,mmio", NULL };

static const struct driver virtio_mmio_driver = {
	.name = "virtio",
	.compatible = virtio_names,
	.stage = DRIVER_DEVICES,
	.probe = virtio_probe,
};

DRIVER(virtio_mmio_driver);
