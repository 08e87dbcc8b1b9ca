/* SPDX-License-Identifier: MIT */
/*
 * arch/riscv/machine.c - power off, reboot, and print on the firmware's
 * console.
 *
 * arch/machine.h and arch/hart.h declare these functions.  Any context, no
 * lock, because panic() calls them.  Without an exit hook a failure is reported
 * like a success.
 */
#include "arch/hart.h"

#include "arch/machine.h"
#include "arch/riscv/sbi.h"

static void (*exit_hook)(int status);

void
machine_set_exit(void (*hook)(int status))
{
	exit_hook = hook;
}

void
machine_power_off(int status)
{
	if (status != 0 && exit_hook != NULL)
		exit_hook(status);
	sbi_system_reset(SBI_SHUTDOWN, status != 0);
	for (;;)
		cpu_relax();
}

void
machine_reboot(void)
{
	sbi_system_reset(SBI_COLD_REBOOT, false);
	for (;;)
		cpu_relax();
}

void
machine_early_print(const char *text, size_t n)
{
	sbi_console_write(text, n);
}

int
machine_early_read(void)
{
	return sbi_console_read();
}
