/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio_rng.h - request random bytes from the host.
 *
 * The driver makes a first request at boot.  Without a device, the generator of
 * kernel/random.h has only the boot loader's seed.
 */
#ifndef DRIVERS_VIRTIO_RNG_H
#define DRIVERS_VIRTIO_RNG_H

/*
 * Request random bytes.  When they arrive, the interrupt handler passes them to
 * random_add().  No effect without a device or while a request is in flight.
 * Any context.
 */
void virtio_rng_request(void);

#endif
