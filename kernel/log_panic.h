/* SPDX-License-Identifier: MIT */
/*
 * kernel/log_panic.h - the functions of the log for panic().
 *
 * No lock is taken, and output goes through the firmware.  Only panic() and
 * panic_trap() call these functions, after they have told every other hart to
 * stop.  Any context; none of the functions fails.
 */
#ifndef KERNEL_LOG_PANIC_H
#define KERNEL_LOG_PANIC_H

#include "lib/base.h"

/* Break the lock of the log and bypass the UART; comes first. */
void panic_take_log(void);
void panic_print(const char *fmt, ...) print_format(1, 2);
/* Print the last `bytes` of the log, from the start of a line. */
void panic_print_log(size_t bytes);

#endif
