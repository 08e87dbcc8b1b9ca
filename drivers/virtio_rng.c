/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio_rng.c - random bytes from the host, for kernel/random.h.
 *
 * There is one buffer; the device owns it from the request to the interrupt.
 * rng_probe() makes a first request at boot.  rng.lock guards the queue and
 * `busy`.  A device that returns an invalid used entry is reset and not used
 * again.
 */
#include "drivers/virtio_rng.h"

#include "arch/page.h"
#include "drivers/virtio.h"
#include "kernel/log.h"
#include "kernel/random.h"
#include "kernel/spinlock.h"
#include "lib/errno.h"
#include "mm/slab.h"

#define BYTES 64u

static struct {
	struct spinlock lock;
	struct virtio_device *virtio; /* [i] NULL: no device */
	struct virtq queue;	      /* [lock] */
	uint8_t *buffer;	      /* [i] pointer; the device's while busy */
	bool busy;		      /* [lock] */
} rng = { .lock = SPINLOCK_INIT(LOCK_RNG) };

void
virtio_rng_request(void)
{
	const struct virtq_buffer b = {
		rng.virtio != NULL ? virt_to_phys(rng.buffer) : 0, BYTES
	};

	if (rng.virtio == NULL)
		return;
	spin_lock(&rng.lock);
	if (!rng.busy && virtq_add(&rng.queue, &b, 0, 1, rng.buffer)) {
		rng.busy = true;
		virtq_kick(&rng.queue);
	}
	spin_unlock(&rng.lock);
}

static void
rng_used(struct virtio_device *d)
{
	uint32_t len = 0;
	void *cookie;
	int got;

	spin_lock(&rng.lock);
	got = virtq_take(&rng.queue, &cookie, &len);
	spin_unlock(&rng.lock);
	if (got == -EIO) {
		log_error("virtio-rng: invalid used entry; device disabled");
		virtio_reset(d);
	}
	if (got != 1)
		return;
	/* `busy` is still set, so no new request overwrites the buffer. */
	random_add(rng.buffer, MIN(len, BYTES));
	spin_lock(&rng.lock);
	rng.busy = false;
	spin_unlock(&rng.lock);
}

static int
rng_probe(struct virtio_device *d)
{
	int err;

	if (rng.virtio != NULL)
		return -EBUSY;
	rng.buffer = kzalloc(BYTES);
	if (rng.buffer == NULL)
		return -ENOMEM;
	err = virtq_create(d, 0, 8, &rng.queue);
	if (err != 0)
		goto free_buffer;
	d->used = rng_used;
	err = virtio_start(d);
	if (err != 0)
		goto free_queue;
	rng.virtio = d;
	virtio_rng_request();
	log_info("virtio-rng: at %#lx, interrupt %u", d->pa, d->irq);
	return 0;

free_queue:
	virtio_reset(d);
	virtq_destroy(&rng.queue);
free_buffer:
	kfree(rng.buffer);
	return err;
}

const struct virtio_driver virtio_rng_driver = {
	.id = 4,
	.name = "virtio-rng",
	.features = 0,
	.probe = rng_probe,
};
