/*
 * arch/machine.h - the machine as a whole: boot, harts, power.
 */
#ifndef ARCH_MACHINE_H
#define ARCH_MACHINE_H

#include "arch/hart.h"

/*
 * SBI cannot report a failing status, a test device can: how to end the
 * machine with one.  Until it is set a failure ends like a success.
 */
void machine_set_exit(void (*hook)(int status));

/* Start the other harts one after the other; returns how many came up. */
unsigned machine_start_harts(void);

/* Interrupts this hart listens to; at the end of its start-up. */
void machine_enable_interrupts(void);

#endif
