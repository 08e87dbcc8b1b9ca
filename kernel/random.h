/* SPDX-License-Identifier: MIT */
/*
 * kernel/random.h - unpredictable bytes.
 *
 * A ChaCha20 generator.  Its output replaces its key after each use, so that
 * earlier bytes cannot be computed from the present memory.  The bytes are as
 * unpredictable as what random_add() was given: the boot loader's seed and data
 * of the virtio entropy device.  Any context, also with spin locks held; never
 * fails.
 */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include "lib/base.h"

/* Fill `buf` with n random bytes. */
void random_bytes(void *buf, size_t n);

/*
 * Mix n bytes into the generator.  Bytes an attacker chose do no harm; secret
 * bytes help.
 */
void random_add(const void *data, size_t n);

#endif
