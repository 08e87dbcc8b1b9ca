/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio.h - virtio devices on the MMIO transport (Virtual I/O Device
 * specification 1.1, section 4.2): what device drivers use.
 *
 * Only "modern" devices (version 2) are served.  A virtqueue has no lock: its
 * owner holds a lock around every call of a virtq function except virtq_kick().
 */
#ifndef DRIVERS_VIRTIO_H
#define DRIVERS_VIRTIO_H

#include "lib/fdt.h"

/* Feature bits every device may offer. */
#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)

struct virtio_device {
	volatile char *regs; /* [i] */
	paddr_t pa;	     /* [i] of the registers */
	unsigned irq;	     /* [i] */
	uint64_t features;   /* [i] negotiated */
	/*
	 * Called from interrupt context, no lock held.  used: a queue may have
	 * finished buffers.  broken: the device needs a reset.
	 */
	void (*used)(struct virtio_device *d);	 /* [i] */
	void (*broken)(struct virtio_device *d); /* [i] or NULL */
	void *driver_data;			 /* [i] */
};

/* One kind of device; the table of all kinds is in virtio_mmio.c. */
struct virtio_driver {
	uint32_t id;
	const char *name;
	uint64_t features; /* understood by the driver */
	/*
	 * The device is reset and features are agreed.  Make queues, set the
	 * callbacks, then virtio_start() as the last step that can fail.  Boot
	 * time.  0 or -E...; on failure the transport resets the device and
	 * frees `d`.
	 */
	int (*probe)(struct virtio_device *d);
};

extern const struct virtio_driver virtio_blk_driver;
extern const struct virtio_driver virtio_rng_driver;

/* Start the device and handle its interrupts.  0 or -E.... */
int virtio_start(struct virtio_device *d) nonnull must_check;

/* Stop the device: afterwards it touches no memory.  Any context. */
void virtio_reset(struct virtio_device *d) nonnull;

/* Device-specific configuration: one field, or 64 bits in one piece. */
uint32_t virtio_config32(struct virtio_device *d, unsigned at) nonnull;
uint64_t virtio_config64(struct virtio_device *d, unsigned at) nonnull;

/* ---- virtqueues ---- */

/* One piece of memory the device reads (out) or writes (in). */
struct virtq_buffer {
	paddr_t pa;
	uint32_t len;
};

struct virtq {
	struct virtio_device *dev;
	struct virtq_desc *desc;
	struct virtq_avail *avail;
	struct virtq_used *used;
	void **cookies;	     /* by head descriptor; NULL: not in flight */
	unsigned index;	     /* [i] */
	unsigned order;	     /* [i] of the memory block */
	uint16_t size;	     /* [i] descriptors, a power of two */
	uint16_t free_head;  /* first of the free list */
	uint16_t free_count; /* length of the free list */
	uint16_t last_used;  /* used entries taken so far */
};

/*
 * Make queue `index` with at most `want` descriptors (a power of two, up to
 * 1024).  0, -ENOMEM, or -ENXIO if the device has no such queue.  Boot time.
 */
int virtq_create(struct virtio_device *d, unsigned index, unsigned want,
		 struct virtq *q) nonnull must_check;
/* Only after virtio_reset(), or before virtio_start(). */
void virtq_destroy(struct virtq *q) nonnull;

/*
 * Offer `out` buffers to read and then `in` buffers to write, as one chain.
 * `cookie` (not NULL) comes back from virtq_take().  False, nothing done: not
 * enough free descriptors.
 */
bool virtq_add(struct virtq *q, const struct virtq_buffer *buffers,
	       unsigned out, unsigned in, void *cookie) nonnull must_check;

/*
 * Notify the device of the chains added.  Needs no lock, and is slow in a
 * virtual machine: do not call it with a contended lock held.
 */
void virtq_kick(struct virtq *q) nonnull;

/*
 * Take one finished chain: 1, with its cookie and the number of bytes written
 * into it; 0 if there is none; -EIO if the device's answer is invalid.
 */
int
virtq_take(struct virtq *q, void **cookie, uint32_t *len) nonnull must_check;

#endif
