/* SPDX-License-Identifier: MIT */
/*
 * kernel/log.c - store the kernel's messages in a ring and print them.
 *
 * A spin lock guards the ring.  log_print() formats a line on the stack,
 * appends it to the ring and, if its level is at most the console level, writes
 * it to the console while the lock is held, so that lines of several harts do
 * not mix.  panic() reinitializes the lock with panic_take_log().
 */
#include "kernel/log.h"

#include "kernel/hart.h"
#include "kernel/log_panic.h"
#include "kernel/spinlock.h"
#include "kernel/thread.h"
#include "lib/printf.h"
#include "lib/string.h"

#define RING_SIZE 32768u /* a power of two */
#define LINE_MAX  240

static struct spinlock log_lock = SPINLOCK_INIT(LOCK_LOG);
static char ring[RING_SIZE]; /* [log_lock] */
static uint64_t ring_end;    /* [log_lock] bytes ever written */
static enum log_level console_level = LOG_INFO;
static void (*console)(const char *text, size_t n);
static bool panicking;

void
log_set_console_level(enum log_level level)
{
	console_level = level;
}

void
log_set_console(void (*write)(const char *text, size_t n))
{
	console = write;
}

static void
console_write(const char *text, size_t n)
{
	if (console != NULL && !panicking)
		console(text, n);
	else
		machine_early_print(text, n);
}

static void
ring_append(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		ring[ring_end++ % RING_SIZE] = text[i];
}

void
log_print(enum log_level level, const char *fmt, ...)
{
	uint64_t ms = time_now() / 1000000;
	char line[LINE_MAX];
	va_list ap;
	int n;

	n = snprintf(line, sizeof(line), "[%5lu.%03lu] ", ms / 1000, ms % 1000);
	va_start(ap, fmt);
	n += vsnprintf(line + n, sizeof(line) - (size_t)n, fmt, ap);
	va_end(ap);
	n = MIN(n, LINE_MAX - 2);
	line[n++] = '\n';

	spin_lock(&log_lock);
	ring_append(line, (size_t)n);
	if (level <= console_level)
		console_write(line, (size_t)n);
	spin_unlock(&log_lock);
}

size_t
log_read(uint64_t pos, char *buf, size_t n, uint64_t *next)
{
	size_t i;

	spin_lock(&log_lock);
	if (ring_end > RING_SIZE)
		pos = MAX(pos, ring_end - RING_SIZE);
	pos = MIN(pos, ring_end);
	for (i = 0; i < n && pos < ring_end; i++)
		buf[i] = ring[pos++ % RING_SIZE];
	spin_unlock(&log_lock);
	*next = pos;
	return i;
}

bool
log_ratelimit(void)
{
	static uint64_t window; /* second of the last count */
	static uint32_t in_window;
	uint64_t now = time_now() / NSEC_PER_SEC;
	bool ok;

	spin_lock(&log_lock);
	if (now != window) {
		window = now;
		in_window = 0;
	}
	ok = in_window++ < 10;
	spin_unlock(&log_lock);
	return ok;
}

void
panic_print(const char *fmt, ...)
{
	char line[LINE_MAX];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	console_write(line, (size_t)MIN(n, LINE_MAX - 1));
}

void
panic_take_log(void)
{
	panicking = true;
	spin_init(&log_lock, LOCK_LOG);
}

void
panic_print_log(size_t bytes)
{
	uint64_t pos = ring_end > bytes ? ring_end - bytes : 0;

	/* Start at the beginning of a line. */
	while (pos > 0 && pos < ring_end && ring[(pos - 1) % RING_SIZE] != '\n')
		pos++;
	for (; pos < ring_end; pos++)
		console_write(&ring[pos % RING_SIZE], 1);
}
