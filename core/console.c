/* SPDX-License-Identifier: MIT */
/*
 * core/console.c - /dev/console of the core profile: bytes go to the firmware.
 *
 * There is no terminal: no line editing and no signals from keys.  A read polls
 * the firmware and sleeps in between, so it works without an interrupt.
 */
#include "arch/hart.h"
#include "core/files.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/errno.h"

#define POLL_NS (10 * NSEC_PER_SEC / 1000)

static ssize_t
console_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	char buf[128];
	size_t done = 0;

	while (b->left > 0) {
		ssize_t n = iobuf_take(b, buf, MIN(b->left, sizeof(buf)));

		if (n < 0)
			return done > 0 ? (ssize_t)done : n;
		machine_early_print(buf, (size_t)n);
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static ssize_t
console_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct waitq q;
	int c, err;
	char byte;

	if (b->left == 0)
		return 0;
	waitq_init(&q);
	while ((c = machine_early_read()) < 0) {
		err = wait_event_mode(&q, false, WAIT_SIGNALS,
				      time_now() + POLL_NS);
		if (err != -ETIMEDOUT)
			return -ERESTARTSYS;
	}
	byte = (char)c;
	return iobuf_put(b, &byte, 1);
}

const struct file_ops console_ops = {
	.read = console_read,
	.write = console_write,
};
