/*
 * drivers/virtio_rng.h - randomness from the host.
 */
#ifndef DRIVERS_VIRTIO_RNG_H
#define DRIVERS_VIRTIO_RNG_H

/*
 * Ask for more.  It goes to random_add() when it arrives, a moment later.
 * Nothing happens without a device or while a request is under way.  Any
 * context.
 */
void virtio_rng_request(void);

#endif
