/* SPDX-License-Identifier: MIT */
/*
 * fs/tty.c - the terminal: sessions and job control, ioctl, opening; reading
 * and writing are in fs/ttyio.c, the line discipline is fs/ttyline.c.
 *
 * There is one terminal.  Its spin lock guards the state that input changes.
 * The lock is released before a signal is sent, since proc/ takes its own locks
 * for that, and before user memory is copied.  tty_receive() runs in any
 * context; files are used in process context.  Nothing is allocated.
 */
#include "drivers/uart.h"
#include "fs/abi.h"
#include "fs/current.h"
#include "fs/special.h"
#include "fs/ttyline.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/thread.h"
#include "lib/signo.h"
#include "lib/string.h"
#include "mm/access.h"

#define TCGETS	   0x5401
#define TCSETS	   0x5402
#define TCSETSW	   0x5403
#define TCSETSF	   0x5404
#define TCSBRK	   0x5409
#define TCXONC	   0x540a
#define TCFLSH	   0x540b
#define TIOCSCTTY  0x540e
#define TIOCGPGRP  0x540f
#define TIOCSPGRP  0x5410
#define TIOCOUTQ   0x5411
#define TIOCGWINSZ 0x5413
#define TIOCSWINSZ 0x5414
#define TIOCNOTTY  0x5422
#define TCSBRKP	   0x5425
#define TIOCGSID   0x5429

_Static_assert(sizeof(struct termios) == 36, "termios is part of the ABI");

static const struct console_driver uart_driver = { uart_write };

struct tty tty_console = {
	.lock = SPINLOCK_INIT(LOCK_TTY),
	.output = MUTEX_INIT(tty_console.output, LOCK_TTY_OUTPUT),
	.readers = WAITQ_INIT(tty_console.readers),
	.driver = &uart_driver,
	.modes = {
		.iflag = ICRNL | IXON,
		.oflag = OPOST | ONLCR,
		.cflag = B38400 | CS8 | CREAD,
		.lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL |
			 ECHOKE | IEXTEN,
		.cc = {
			[VINTR] = 3, [VQUIT] = 28, [VERASE] = 127,
			[VKILL] = 21, [VEOF] = 4, [VMIN] = 1, [VSTART] = 17,
			[VSTOP] = 19, [VSUSP] = 26, [VREPRINT] = 18,
			[VDISCARD] = 15, [VWERASE] = 23, [VLNEXT] = 22,
		},
	},
	.size = { .rows = 24, .columns = 80 },
};

static void (*signal_hook)(pid_t pgrp, int sig); /* [i] after boot */

void
tty_set_output(const struct console_driver *driver)
{
	tty_console.driver = driver;
}

void
tty_set_size(const char *text)
{
	uint64_t rows, columns;
	const char *end;

	if (!str_to_u64(text, &rows, &end) || *end != 'x' ||
	    !str_to_u64(end + 1, &columns, &end) || *end != '\0' ||
	    rows > UINT16_MAX || columns > UINT16_MAX) {
		log_warn("tty: window size \"%s\" ignored: expected "
			 "ROWSxCOLUMNS",
			 text);
		return;
	}
	tty_console.size.rows = (uint16_t)rows;
	tty_console.size.columns = (uint16_t)columns;
}

void
tty_set_signal_hook(void (*signal_pgrp)(pid_t pgrp, int sig))
{
	signal_hook = signal_pgrp;
}

static void
send_signal(pid_t pgrp, int sig)
{
	if (pgrp > 0 && sig != 0 && signal_hook != NULL)
		signal_hook(pgrp, sig);
}

void
tty_receive(char c)
{
	struct tty *t = &tty_console;
	pid_t pgrp;
	int sig;

	spin_lock(&t->lock);
	sig = line_input(t, c);
	pgrp = t->foreground;
	spin_unlock(&t->lock);
	send_signal(pgrp, sig);
	waitq_wake_all(&t->readers);
}

/* ---- sessions and job control ---- */

pid_t
tty_session_gone(pid_t sid)
{
	struct tty *t = &tty_console;
	pid_t foreground = 0;

	spin_lock(&t->lock);
	if (sid > 0 && t->session == sid) {
		foreground = t->foreground;
		t->session = t->foreground = 0;
	}
	spin_unlock(&t->lock);
	return foreground;
}

pid_t
tty_foreground(pid_t sid)
{
	struct tty *t = &tty_console;
	pid_t pgrp;

	spin_lock(&t->lock);
	pgrp = sid > 0 && t->session == sid ? t->foreground : -1;
	spin_unlock(&t->lock);
	return pgrp;
}

uint32_t
tty_device(pid_t sid)
{
	return tty_foreground(sid) < 0 ? 0 : DEV_MAKE(MAJOR_TTY, 1);
}

/* Is this terminal the current process's controlling terminal? */
static bool
is_ours(void)
{
	return tty_foreground(current_tty_session()) >= 0;
}

int
tty_check_foreground(int sig)
{
	pid_t foreground = tty_foreground(current_tty_session());
	pid_t pgrp = current_pgrp();

	if (foreground <= 0 || foreground == pgrp)
		return 0;
	if (current_signal_ignored(sig))
		return sig == SIGTTIN ? -EIO : 0;
	if (current_pgrp_orphaned())
		return -EIO;
	send_signal(pgrp, sig);
	return -ERESTARTSYS;
}

/*
 * Make this the controlling terminal of the session leader, if no session has
 * it, or `steal`.
 */
static int
become_controlling(bool steal)
{
	struct tty *t = &tty_console;
	pid_t sid = current_tty_session(), pgrp = current_pgrp();
	int err = 0;

	if (!current_is_session_leader())
		return -EPERM;
	spin_lock(&t->lock);
	if (t->session == 0 || (t->session != sid && steal)) {
		t->session = sid;
		t->foreground = pgrp;
	} else if (t->session != sid) {
		err = -EPERM;
	}
	spin_unlock(&t->lock);
	return err;
}

static int
give_up_controlling(void)
{
	pid_t foreground;

	if (!is_ours())
		return -ENOTTY;
	/* Only the leader's TIOCNOTTY takes the terminal from the session. */
	if (!current_is_session_leader()) {
		current_give_up_tty();
		return 0;
	}
	foreground = tty_session_gone(current_tty_session());
	send_signal(foreground, SIGHUP);
	send_signal(foreground, SIGCONT);
	return 0;
}

static int
set_foreground(uaddr_t arg)
{
	struct tty *t = &tty_console;
	pid_t sid = current_tty_session();
	int32_t pgrp;
	int err;

	if (!is_ours())
		return -ENOTTY;
	err = tty_check_foreground(SIGTTOU);
	if (err == 0)
		err = copy_from_user(&pgrp, arg, sizeof(pgrp));
	if (err != 0)
		return err;
	if (pgrp <= 0)
		return -EINVAL;
	if (!pgrp_in_session(pgrp, sid))
		return -EPERM;
	spin_lock(&t->lock);
	if (t->session == sid)
		t->foreground = pgrp;
	else
		err = -ENOTTY;
	spin_unlock(&t->lock);
	/* Readers must check again whether they are in the background. */
	waitq_wake_all(&t->readers);
	return err;
}

/* ---- ioctl ---- */

static int
get_modes(uaddr_t arg)
{
	struct termios modes;

	spin_lock(&tty_console.lock);
	modes = tty_console.modes;
	spin_unlock(&tty_console.lock);
	return copy_to_user(arg, &modes, sizeof(modes));
}

static int
set_modes(uaddr_t arg, unsigned cmd)
{
	struct tty *t = &tty_console;
	struct termios modes;
	int err = tty_check_foreground(SIGTTOU);

	if (err == 0)
		err = copy_from_user(&modes, arg, sizeof(modes));
	if (err != 0)
		return err;
	/* TCSETSW, TCSETSF: first wait for a write that uses the old modes. */
	if (cmd != TCSETS)
		mutex_lock(&t->output);
	spin_lock(&t->lock);
	if (cmd == TCSETSF)
		line_flush(t);
	if ((t->modes.lflag ^ modes.lflag) & ICANON)
		line_mode_changed(t);
	t->modes = modes;
	spin_unlock(&t->lock);
	if (cmd != TCSETS)
		mutex_unlock(&t->output);
	waitq_wake_all(&t->readers);
	return 0;
}

static int
get_size(uaddr_t arg)
{
	struct winsize size;

	spin_lock(&tty_console.lock);
	size = tty_console.size;
	spin_unlock(&tty_console.lock);
	return copy_to_user(arg, &size, sizeof(size));
}

static int
set_size(uaddr_t arg)
{
	struct tty *t = &tty_console;
	struct winsize size;
	bool changed;
	pid_t pgrp;
	int err = copy_from_user(&size, arg, sizeof(size));

	if (err != 0)
		return err;
	spin_lock(&t->lock);
	changed = size.rows != t->size.rows || size.columns != t->size.columns;
	t->size = size;
	pgrp = t->foreground;
	spin_unlock(&t->lock);
	if (changed)
		send_signal(pgrp, SIGWINCH);
	return 0;
}

static int
flush(uint64_t which)
{
	int err;

	/* 0: input, 1: output, 2: both; the kernel queues no output. */
	if (which > 2)
		return -EINVAL;
	err = tty_check_foreground(SIGTTOU);
	if (err == 0 && which != 1) {
		spin_lock(&tty_console.lock);
		line_flush(&tty_console);
		spin_unlock(&tty_console.lock);
	}
	return err;
}

static int
put_int(uaddr_t arg, int32_t value)
{
	return copy_to_user(arg, &value, sizeof(value));
}

static int64_t
tty_ioctl(struct file *f, unsigned cmd, uint64_t arg)
{
	(void)f;
	switch (cmd) {
	case TCGETS:
		return get_modes(arg);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_modes(arg, cmd);
	case TCSBRK:
	case TCSBRKP:
	case TCXONC:
		return 0; /* no break, no queued output */
	case TCFLSH:
		return flush(arg);
	case TIOCGWINSZ:
		return get_size(arg);
	case TIOCSWINSZ:
		return set_size(arg);
	case TIOCSCTTY:
		return become_controlling(arg == 1 &&
					  thread_current()->cred.euid == 0);
	case TIOCNOTTY:
		return give_up_controlling();
	case TIOCGPGRP:
		return is_ours()
			       ? put_int(arg,
					 tty_foreground(current_tty_session()))
			       : -ENOTTY;
	case TIOCSPGRP:
		return set_foreground(arg);
	case TIOCGSID:
		return is_ours() ? put_int(arg, current_tty_session())
				 : -ENOTTY;
	case FIONREAD:
		return put_int(arg, (int32_t)tty_input_count());
	case TIOCOUTQ:
		return put_int(arg, 0);
	}
	return -ENOTTY;
}

/* ---- opening ---- */

/* A session leader without a terminal gets this one as controlling terminal. */
static int
tty_open(struct file *f)
{
	if (!(f->flags & O_NOCTTY) && current_is_session_leader())
		(void)become_controlling(false);
	return 0;
}

/* /dev/tty is the controlling terminal; -ENXIO if the process has none. */
static int
current_open(struct file *f)
{
	(void)f;
	return is_ours() ? 0 : -ENXIO;
}

#define TTY_OPS                                                   \
	.read = tty_read, .write = tty_write, .ioctl = tty_ioctl, \
	.poll = tty_poll

const struct file_ops tty_file_ops = { .open = tty_open, TTY_OPS };
const struct file_ops tty_console_file_ops = { TTY_OPS };
const struct file_ops tty_current_file_ops = { .open = current_open, TTY_OPS };
