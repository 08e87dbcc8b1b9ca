/*
 * kernel/random.h - unpredictable bytes.
 *
 * A ChaCha20 generator whose key is replaced by its own output after each use,
 * so that nobody can compute earlier bytes from the memory of now.  It is as
 * good as what random_add() was given: the boot loader's seed and the virtio
 * entropy device.  Any context, also with spin locks held; never fails.
 */
#ifndef KERNEL_RANDOM_H
#define KERNEL_RANDOM_H

#include "lib/base.h"

/* Fill `buf` with n random bytes. */
void random_bytes(void *buf, size_t n);

/*
 * Mix n bytes into the generator.  Bytes an attacker chose do no harm; bytes
 * nobody knows help.
 */
void random_add(const void *data, size_t n);

#endif
