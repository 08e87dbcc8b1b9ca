/* SPDX-License-Identifier: MIT */
/*
 * arch/machine.h - the machine as a whole: boot, harts, power.
 *
 * kernel/main.c calls these functions at boot; arch/hart.h has the functions
 * that end the machine.
 */
#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H

#include "arch/hart.h"

/*
 * Set the function that ends the machine with a failing status: SBI cannot
 * report one, a test device can.  Until then a failure ends like a success.
 */
void machine_set_exit(void (*hook)(int status));

/* Start the other harts one after the other; returns how many came up. */
unsigned machine_start_harts(void);

/* Enable the interrupt sources of this hart, at the end of its start-up. */
void machine_enable_interrupts(void);

#endif
