/* SPDX-License-Identifier: MIT */
/*
 * fs/ttyline.h - the inside of the terminal: its state, the line discipline
 * (fs/ttyline.c) between files and the driver, and what fs/tty.c and fs/ttyio.c
 * share.
 *
 * Keys: [t] tty->lock, a spin lock: input arrives in interrupts
 * [i] constant
 */
#ifndef FS_TTYLINE_H
#define FS_TTYLINE_H

#include "fs/tty.h"
#include "fs/vfs.h"
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
	pid_t session;			     /* [t] that owns it; 0: none */
	pid_t foreground;		     /* [t] process group, 0: none */

	/*
	 * Input: [tail, committed) may be read, [committed, head) is the line
	 * being edited (nothing, unless ICANON).  A character's place in the
	 * ring is the counter modulo the ring's size.
	 */
	uint32_t tail, committed, head; /* [t] */
	bool literal;		 /* [t] VLNEXT came: next character is data */
	unsigned column;	 /* [t] of the cursor */
	unsigned line_column;	 /* [t] where the edited line began */
	uint8_t marks[TTY_RING]; /* [t] TTY_* */
	char ring[TTY_RING];	 /* [t] */
};

/*
 * A character arrived.  tty->lock held.  Returns the signal to send to the
 * foreground group, or 0.
 */
int line_input(struct tty *t, char c);

/*
 * Take at most n > 0 readable characters.  tty->lock held.  *end: this read()
 * is over (a line ended, an end of file, or nothing is left).
 */
size_t line_take(struct tty *t, char *to, size_t n, bool *end);

/* Is there enough input for a read() of `want` bytes?  tty->lock held. */
bool line_ready(const struct tty *t, size_t want);

/* Forget all input.  tty->lock held. */
void line_flush(struct tty *t);

/* ICANON was switched: everything typed so far may be read.  Lock held. */
void line_mode_changed(struct tty *t);

/*
 * Output processing: store at `to` what the n characters at `from` become, at
 * most LINE_EXPAND times as many, and move t->column.  Returns how many.
 * tty->lock held.
 */
#define LINE_EXPAND 8u
size_t line_output(struct tty *t, const char *from, size_t n, char *to);

/* ---- between fs/tty.c and fs/ttyio.c ---- */

#define SIGTTIN 21
#define SIGTTOU 22

/*
 * A job in the background may not read (SIGTTIN), nor change the terminal
 * (SIGTTOU).  0 to go on; -ERESTARTSYS after the signal was sent; -EIO if the
 * signal would do nothing.  Process context, no lock held.
 */
int tty_check_foreground(int sig) must_check;

/* Characters that may be read now. */
uint32_t tty_input_count(void);

/* struct file_ops. */
ssize_t tty_read(struct file *f, struct iobuf *b, uint64_t *pos);
ssize_t tty_write(struct file *f, struct iobuf *b, uint64_t *pos);
unsigned tty_poll(struct file *f, struct poll_table *pt);

#endif
