/* SPDX-License-Identifier: MIT */
/*
 * kernel/log.h - log messages of the kernel, and read the log.
 *
 * Every message goes to a ring that dmesg and panic() print, and, if its level
 * is at or below the console level (boot argument loglevel=N or quiet), to the
 * console.  Any context, also with spin locks held; never sleeps or fails.
 */
#ifndef KERNEL_LOG_H
#define KERNEL_LOG_H

#include "lib/base.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Log one message and a newline.  Begin with the source: "virtio-blk: ...". */
void log_print(enum log_level level, const char *fmt, ...) print_format(2, 3);

#define log_error(...) log_print(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_print(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_print(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_print(LOG_DEBUG, __VA_ARGS__)

/*
 * Copy at most `n` bytes of the ring's text from position `pos` (bytes since
 * boot), or from the oldest byte if that position is already overwritten.
 * Returns the number of bytes copied, and stores the next position in *next.
 */
size_t log_read(uint64_t pos, char *buf, size_t n, uint64_t *next);

/*
 * Rate limit for messages that a program can cause: true at most about 10 times
 * a second, for all callers together.
 */
bool log_ratelimit(void);

/* Set the console level: messages above it are not printed. */
void log_set_console_level(enum log_level level);

/* Set the console output function of a UART driver; NULL: the SBI console. */
void log_set_console(void (*write)(const char *text, size_t n));

#endif
