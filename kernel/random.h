/* SPDX-License-Identifier: MIT */
/*
 * kernel/random.h - generate unpredictable bytes.
 *
 * A ChaCha20 generator replaces its key after each use, so that earlier bytes
 * cannot be computed from its present key.  The bytes are as unpredictable as
 * the input of random_add(): the boot loader's seed and data of the virtio
 * entropy device.  Any context, also with spin locks held; never fails.
 */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include "lib/base.h"

/* Fill `buf` with n random bytes. */
void random_bytes(void *buf, size_t n);

/*
 * Mix n bytes into the key.  Bytes chosen by an attacker do no harm; secret
 * bytes add entropy.
 */
void random_add(const void *data, size_t n);

#endif
