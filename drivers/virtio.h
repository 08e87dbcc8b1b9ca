/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio.h - the interface for drivers of virtio devices on the MMIO
 * transport (Virtual I/O Device specification 1.1, section 4.2).
 *
 * Only "modern" devices (version 2) are supported.  A virtqueue has no lock:
 * its owner holds a lock around every call of a virtq function except
 * virtq_kick().
 */
#ifndef DRIVERS_VIRTIO_H
#define DRIVERS_VIRTIO_H

#include "lib/fdt.h"

/* The feature bit that every modern device offers. */
#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)

struct virtio_device {
	volatile char *regs; /* [i] */
	paddr_t pa;	     /* [i] of the registers */
	unsigned irq;	     /* [i] */
	uint64_t features;   /* [i] negotiated */
	/*
	 * Called from interrupt context, no lock held.  used(): a queue may
	 * have completed chains.  broken(): the device needs a reset.
	 */
	void (*used)(struct virtio_device *d);	 /* [i] */
	void (*broken)(struct virtio_device *d); /* [i] or NULL */
	void *driver_data;			 /* [i] */
};

/* The driver of one device type; known[] in virtio_mmio.c lists all. */
struct virtio_driver {
	uint32_t id;
	const char *name;
	uint64_t features; /* understood by the driver */
	/*
	 * Called at boot, when the device is reset and features are negotiated.
	 * Create queues, set the callbacks, then call virtio_start() as the
	 * last step that can fail.  Returns 0 or -E...; on failure the
	 * transport resets the device and frees `d`.
	 */
	int (*probe)(struct virtio_device *d);
};

extern const struct virtio_driver virtio_blk_driver;
extern const struct virtio_driver virtio_rng_driver;

/* Register the interrupt handler and start the device.  Returns 0 or -E.... */
int virtio_start(struct virtio_device *d) nonnull must_check;

/* Reset the device: afterwards it accesses no memory.  Any context. */
void virtio_reset(struct virtio_device *d) nonnull;

/*
 * Read a field of the device-specific configuration: 32 bits, or 64 bits with
 * consistent halves.
 */
uint32_t virtio_config32(struct virtio_device *d, unsigned at) nonnull;
uint64_t virtio_config64(struct virtio_device *d, unsigned at) nonnull;

/* ---- virtqueues ---- */

/* A buffer that the device reads (out) or writes (in). */
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
 * Create queue `index` with at most `want` descriptors (a power of two, up to
 * 1024).  Returns 0, -ENOMEM, or -ENXIO if the device has no such queue or the
 * queue is in use.  Boot time.
 */
int virtq_create(struct virtio_device *d, unsigned index, unsigned want,
		 struct virtq *q) nonnull must_check;
/* Free a queue, only after virtio_reset() or before virtio_start(). */
void virtq_destroy(struct virtq *q) nonnull;

/*
 * Add a chain to the available ring: `out` buffers that the device reads, then
 * `in` buffers that it writes.  virtq_take() returns `cookie` (not NULL) later.
 * False, with no change, if too few descriptors are free.
 */
bool virtq_add(struct virtq *q, const struct virtq_buffer *buffers,
	       unsigned out, unsigned in, void *cookie) nonnull must_check;

/*
 * Notify the device of the chains added.  Needs no lock.  A notification is
 * slow in a virtual machine: do not call this with a contended lock held.
 */
void virtq_kick(struct virtq *q) nonnull;

/*
 * Remove one completed chain from the used ring.  Returns 1, with the chain's
 * cookie and the number of bytes that the device wrote; 0 if there is none;
 * -EIO if the used entry is invalid.
 */
int
virtq_take(struct virtq *q, void **cookie, uint32_t *len) nonnull must_check;

#endif
