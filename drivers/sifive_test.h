/* SPDX-License-Identifier: MIT */
/*
 * drivers/sifive_test.h - QEMU's test device, which stops QEMU with an exit
 * status.
 *
 * The device is probed at boot.  panic() reaches sifive_test_exit() through
 * machine_set_exit().
 */
#ifndef DRIVERS_SIFIVE_TEST_H
#define DRIVERS_SIFIVE_TEST_H

#include "lib/base.h"

extern paddr_t sifive_test_pa; /* [i] after boot; 0: there is none */

/*
 * Stop QEMU with `status`, 0 to 255, as its exit status; with 1 for any other
 * value, of which the host would see the low 8 bits, perhaps 0.  Returns only
 * if there is no test device.  Any context.
 */
void sifive_test_exit(int status);

#endif
