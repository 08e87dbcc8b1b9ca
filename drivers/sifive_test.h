/* SPDX-License-Identifier: MIT */
/*
 * drivers/sifive_test.h - QEMU's test device, which can end the machine with an
 * exit status.
 *
 * Its driver runs at boot; panic() reaches the device through
 * machine_set_exit().
 */
#ifndef DRIVERS_SIFIVE_TEST_H
#define DRIVERS_SIFIVE_TEST_H

#include "lib/base.h"

extern paddr_t sifive_test_pa; /* [i] after boot; 0: there is none */

/*
 * End QEMU with this exit status (its low 8 bits).  Returns if there is no
 * such device.  Any context.
 */
void sifive_test_exit(int status);

#endif
