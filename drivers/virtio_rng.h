/* SPDX-License-Identifier: MIT */
/*
 * drivers/virtio_rng.h - random bytes from the host.
 *
 * The driver makes a first request at boot.  Without a device kernel/random.h
 * has only the boot loader's seed.
 */
#ifndef DRIVERS_VIRTIO_RNG_H
#define DRIVERS_VIRTIO_RNG_H

/*
 * Request random bytes.  They go to random_add() when they arrive, a moment
 * later.  No effect without a device or while a request is under way.  Any
 * context.
 */
void virtio_rng_request(void);

#endif
