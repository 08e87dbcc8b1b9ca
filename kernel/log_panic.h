/* SPDX-License-Identifier: MIT */
/*
 * kernel/log_panic.h - print from panic().
 *
 * The functions take no lock and print through the firmware.  Only panic() and
 * panic_trap() call them, after they have sent IPI_STOP to every other hart.
 * Any context; none of the functions fails.
 */
#ifndef KERNEL_LOG_PANIC_H
#define KERNEL_LOG_PANIC_H

#include "lib/base.h"

/* Reinitialize the lock of the log and bypass the UART.  Call it first. */
void panic_take_log(void);
void panic_print(const char *fmt, ...) print_format(1, 2);
/* Print the last `bytes` of the log, from the start of a line. */
void panic_print_log(size_t bytes);

#endif
