/* SPDX-License-Identifier: MIT */
/*
 * kernel/log.h - the kernel's messages.
 *
 * Every message goes to a ring that dmesg and panic show, and, if its level is
 * at or below the console level (boot argument loglevel=N or quiet), to the
 * console.  Any context, also with spin locks held; never sleeps or fails.
 */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include "lib/base.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* One message; a newline is added.  Name its source: "virtio-blk: ...". */
void log_print(enum log_level level, const char *fmt, ...) print_format(2, 3);

#define log_error(...) log_print(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_print(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_print(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_print(LOG_DEBUG, __VA_ARGS__)

/*
 * Copy at most `n` bytes of the ring's text from position `pos` (bytes since
 * boot); positions that are already overwritten start at the oldest byte.
 * Returns the number copied and stores the next position.
 */
size_t log_read(uint64_t pos, char *buf, size_t n, uint64_t *next);

/* Limit a message that a program can provoke: true at most ~10 times/s. */
bool log_ratelimit(void);

/* Messages above this level stay off the console. */
void log_set_console_level(enum log_level level);

/* Where console text goes once a UART driver runs; NULL: the SBI console. */
void log_set_console(void (*write)(const char *text, size_t n));

#endif
