/* SPDX-License-Identifier: MIT */
/*
 * fs/ttyline.h - internal to the terminal: its state, the line discipline
 * (fs/ttyline.c) between files and the driver, and the interface between
 * fs/tty.c and fs/ttyio.c.
 *
 * Keys: [t] tty->lock, a spin lock: input arrives in interrupts
 * [i] constant
 */
#ifndef FS_TTYLINE_H
#define FS_TTYLINE_H

#include "fs/file.h"
#include "fs/tty.h"
#include "kernel/mutex.h"

/* struct termios of the kernel ABI (36 bytes). */
#define TTY_CC 19
struct termios {
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t line;
	uint8_t cc[TTY_CC];
};

enum {
	VINTR,
	VQUIT,
	VERASE,
	VKILL,
	VEOF,
	VTIME,
	VMIN,
	VSWTC,
	VSTART,
	VSTOP,
	VSUSP,
	VEOL,
	VREPRINT,
	VDISCARD,
	VWERASE,
	VLNEXT,
	VEOL2,
};

#define ISTRIP	0x20u
#define INLCR	0x40u
#define IGNCR	0x80u
#define ICRNL	0x100u
#define IXON	0x400u
#define IMAXBEL 0x2000u
#define IUTF8	0x4000u

#define OPOST 0x1u
#define ONLCR 0x4u
#define OCRNL 0x8u
#define ONOCR 0x10u
#define XTABS 0x1800u

#define B38400 0xfu
#define CS8    0x30u
#define CREAD  0x80u

#define ISIG	0x1u
#define ICANON	0x2u
#define ECHO	0x8u
#define ECHOE	0x10u
#define ECHOK	0x20u
#define ECHONL	0x40u
#define NOFLSH	0x80u
#define TOSTOP	0x100u
#define ECHOCTL 0x200u
#define ECHOKE	0x800u
#define IEXTEN	0x8000u

struct winsize {
	uint16_t rows, columns, xpixels, ypixels;
};

#define TTY_RING 4096u /* a power of two */

/* Marks of a character in the ring. */
#define TTY_ENDS 1u /* the last character of a line */
#define TTY_EOF	 2u /* an end of file instead of a character */

struct tty {
	struct spinlock lock;
	struct mutex output;		     /* one writer at a time */
	struct waitq readers;		     /* input became readable */
	const struct console_driver *driver; /* [i] after boot */
	struct termios modes;		     /* [t] */
	struct winsize size;		     /* [t] */
	pid_t session;			     /* [t] session id, 0: none */
	pid_t foreground;		     /* [t] process group, 0: none */

	/*
	 * Input: [tail, committed) may be read, [committed, head) is the line
	 * being edited (empty unless ICANON).  Each of the three is a counter;
	 * modulo TTY_RING it is the index in the ring.
	 */
	uint32_t tail, committed, head; /* [t] */
	bool literal;			/* [t] after VLNEXT: next is data */
	unsigned column;		/* [t] of the cursor */
	unsigned line_column;		/* [t] start of the edited line */
	uint8_t marks[TTY_RING];	/* [t] TTY_* */
	char ring[TTY_RING];		/* [t] */
};

/*
 * Process an input character.  Returns the signal to send to the foreground
 * group, or 0.
 */
int line_input(struct tty *t, char c) needs_lock(t->lock);

/*
 * Dequeue at most n readable characters.  *end: this read() is complete (end of
 * a line, end of file, or no more input).
 */
size_t
line_take(struct tty *t, char *to, size_t n, bool *end) needs_lock(t->lock);

/* Is there enough input for a read() of `want` bytes? */
bool line_ready(const struct tty *t, size_t want) needs_lock(t->lock);

/* Discard all input. */
void line_flush(struct tty *t) needs_lock(t->lock);

/* ICANON changes: make all input so far readable. */
void line_mode_changed(struct tty *t) needs_lock(t->lock);

/*
 * Output processing: convert the n characters at `from` to at most n *
 * LINE_EXPAND at `to`, and update t->column.  Returns the number stored.
 */
#define LINE_EXPAND 8u
size_t line_output(struct tty *t, const char *from, size_t n, char *to)
	needs_lock(t->lock);

/* ---- between fs/tty.c and fs/ttyio.c ---- */

/*
 * Check that the caller may read (SIGTTIN) or change the terminal (SIGTTOU): a
 * background job may not.  0: it may, or ignores SIGTTOU; -ERESTARTSYS: the
 * signal was sent; -EIO: SIGTTIN is ignored, or the group is orphaned.  Process
 * context, no lock held.
 */
int tty_check_foreground(int sig) must_check;

/* The number of characters that may be read now. */
uint32_t tty_input_count(void);

/* struct file_ops. */
ssize_t tty_read(struct file *f, struct iobuf *b, uint64_t *pos);
ssize_t tty_write(struct file *f, struct iobuf *b, uint64_t *pos);
unsigned tty_poll(struct file *f, struct poll_table *pt);

#endif
