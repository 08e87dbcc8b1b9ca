/* SPDX-License-Identifier: MIT */
/*
 * fs/ttyio.c - read(2), write(2) and poll(2) on the terminal.
 *
 * The entry points are tty_read(), tty_write() and tty_poll(), in process
 * context.  A reader takes input in pieces under the terminal's spin lock, and
 * copies each piece to user memory without the lock.  A mutex serializes
 * writers; echo from an interrupt may appear between two pieces of one write.
 * Nothing is allocated.
 */
#include "fs/abi.h"
#include "fs/file.h"
#include "fs/poll.h"
#include "fs/ttyline.h"
#include "kernel/hart.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "lib/signo.h"

static bool
input_ready(size_t want)
{
	bool ready;

	spin_lock(&tty_console.lock);
	ready = line_ready(&tty_console, want);
	spin_unlock(&tty_console.lock);
	return ready;
}

uint32_t
tty_input_count(void)
{
	struct tty *t = &tty_console;
	uint32_t n;

	spin_lock(&t->lock);
	n = t->committed - t->tail;
	spin_unlock(&t->lock);
	return n;
}

/*
 * Sleep until `want` characters can be read, for at most `tenths` of a second
 * (0: no limit).
 */
static int
wait_for_input(size_t want, unsigned tenths)
{
	uint64_t deadline = tenths == 0
				    ? WAIT_FOREVER
				    : time_now() + tenths * (NSEC_PER_SEC / 10);

	return wait_event_mode(&tty_console.readers, input_ready(want),
			       WAIT_SIGNALS, deadline);
}

/*
 * Non-canonical mode: wait for VMIN characters, at most VTIME between two of
 * them; if VMIN is 0, at most VTIME for the first.  Returns 0 to read the
 * available input, perhaps none; or -errno.
 */
static int
wait_raw(size_t left, unsigned min, unsigned time)
{
	size_t want = MIN(left, (size_t)min), n;
	int err;

	if (min == 0) {
		err = time == 0 ? 0 : wait_for_input(1, time);
		return err == -ETIMEDOUT ? 0 : err;
	}
	err = wait_for_input(time == 0 ? want : 1, 0);
	while (err == 0 && time != 0 && (n = tty_input_count()) < want)
		err = wait_for_input(n + 1, time);
	if (err == -ETIMEDOUT || (err != 0 && tty_input_count() > 0))
		err = 0;
	return err;
}

static int
wait_to_read(struct file *f, size_t left)
{
	struct tty *t = &tty_console;
	unsigned min, time;
	bool canonical;

	spin_lock(&t->lock);
	canonical = (t->modes.lflag & ICANON) != 0;
	min = t->modes.cc[VMIN];
	time = t->modes.cc[VTIME];
	spin_unlock(&t->lock);
	if (f->flags & O_NONBLOCK) {
		if (input_ready(1) || (!canonical && min == 0 && time == 0))
			return 0;
		return -EAGAIN;
	}
	return canonical ? wait_for_input(1, 0) : wait_raw(left, min, time);
}

/*
 * Copy input to b until this read() is complete.  *nothing: there was no input.
 */
static ssize_t
take_input(struct iobuf *b, bool *nothing)
{
	struct tty *t = &tty_console;
	ssize_t done = 0, n;
	char buf[256];
	bool end = false;
	size_t got;

	*nothing = false;
	/*
	 * If b is full, loop once more: an end of file right after the bytes
	 * belongs to this read().
	 */
	while (!end) {
		size_t part = MIN(b->left, sizeof(buf));

		spin_lock(&t->lock);
		if (done == 0 && t->tail == t->committed)
			*nothing = true;
		got = line_take(t, buf, part, &end);
		spin_unlock(&t->lock);
		if (got == 0)
			break;
		n = iobuf_put(b, buf, got);
		if (n <= 0)
			return done > 0 ? done : n;
		done += n;
		if ((size_t)n < got)
			break;
	}
	return done;
}

ssize_t
tty_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	bool nothing, may_be_empty;
	ssize_t n;
	int err;

	(void)pos;
	if (b->left == 0)
		return 0;
	for (;;) {
		err = tty_check_foreground(SIGTTIN);
		if (err == 0)
			err = wait_to_read(f, b->left);
		if (err == 0)
			err = tty_check_foreground(SIGTTIN);
		if (err != 0)
			return err;
		n = take_input(b, &nothing);
		spin_lock(&tty_console.lock);
		may_be_empty = !(tty_console.modes.lflag & ICANON) &&
			       tty_console.modes.cc[VMIN] == 0;
		spin_unlock(&tty_console.lock);
		/* Otherwise, another reader took the input: wait again. */
		if (n != 0 || !nothing || may_be_empty)
			return n;
	}
}

ssize_t
tty_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct tty *t = &tty_console;
	char in[64], out[sizeof(in) * LINE_EXPAND];
	ssize_t done = 0;
	size_t n, len;
	int err;

	(void)f;
	(void)pos;
	err = (t->modes.lflag & TOSTOP) ? tty_check_foreground(SIGTTOU) : 0;
	if (err != 0)
		return err;
	mutex_lock(&t->output);
	while (b->left > 0) {
		n = MIN(b->left, sizeof(in));
		if (iobuf_take(b, in, n) != (ssize_t)n) {
			done = done > 0 ? done : -EFAULT;
			break;
		}
		spin_lock(&t->lock);
		len = line_output(t, in, n, out);
		spin_unlock(&t->lock);
		t->driver->write(out, len);
		done += (ssize_t)n;
		if (thread_current()->flags & (THREAD_SIGNAL | THREAD_KILL))
			break;
	}
	mutex_unlock(&t->output);
	return done;
}

unsigned
tty_poll(struct file *f, struct poll_table *pt)
{
	struct tty *t = &tty_console;
	unsigned ready = POLLOUT | POLLWRNORM;
	size_t want;

	(void)f;
	poll_wait(&t->readers, pt);
	spin_lock(&t->lock);
	want = t->modes.cc[VTIME] == 0 ? MAX(t->modes.cc[VMIN], 1) : 1;
	if (line_ready(t, want))
		ready |= POLLIN | POLLRDNORM;
	spin_unlock(&t->lock);
	return ready;
}
