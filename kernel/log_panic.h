/*
 * kernel/log_panic.h - the log's side doors for panic(): no lock is taken,
 * output goes through the firmware.  Only after every other hart has stopped.
 */
#ifndef KERNEL_LOG_PANIC_H
#define KERNEL_LOG_PANIC_H

#include "lib/base.h"

void panic_take_log(void);
void panic_print(const char *fmt, ...) print_format(1, 2);
/* The last `bytes` of the log, from a line's start. */
void panic_print_log(size_t bytes);

#endif
