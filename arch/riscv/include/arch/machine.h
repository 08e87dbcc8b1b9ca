/* SPDX-License-Identifier: MIT */
/*
 * arch/machine.h - start the harts of the machine and enable interrupts.
 *
 * kernel/main.c calls these functions at boot; arch/hart.h has
 * machine_power_off() and machine_reboot().
 */
#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H

#include "arch/hart.h"

/*
 * Set the function that powers off with a failing status: SBI cannot report a
 * status, a test device can.  Until then a failure is reported like a success.
 */
void machine_set_exit(void (*hook)(int status));

/*
 * Start the other harts one after the other.  Returns the number of harts
 * online, the boot hart included.
 */
unsigned machine_start_harts(void);

/* Enable the interrupt sources of this hart, at the end of its start-up. */
void machine_enable_interrupts(void);

#endif
