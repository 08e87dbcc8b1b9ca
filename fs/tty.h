/* SPDX-License-Identifier: MIT */
/*
 * fs/tty.h - the terminal: a line discipline between programs and the console
 * driver.
 *
 * There is one terminal, the console.  Characters come in through tty_receive()
 * and go out through the driver's write().  Programs reach the terminal as
 * /dev/console, /dev/tty and /dev/tty0.
 */
#ifndef FS_TTY_H
#define FS_TTY_H

#include "lib/base.h"

struct tty;
extern struct tty tty_console;

/* What a console driver offers. */
struct console_driver {
	/*
	 * Send n bytes, as they are.  Any context, also with the tty's spin
	 * lock held; waits, without sleeping, for a full transmitter.
	 */
	void (*write)(const char *text, size_t n);
};

/* Send output to `driver` from now on.  Boot time; it is never freed. */
void tty_set_output(const struct console_driver *driver);

/*
 * Set the size of the window from "ROWSxCOLUMNS".  Other text is logged, and
 * nothing changes.  Boot time.
 */
void tty_set_size(const char *text);

/* One character arrived.  Any context, usually the UART's interrupt. */
void tty_receive(char c);

/* How a terminal sends a signal to a process group; set once by proc/. */
void tty_set_signal_hook(void (*signal_pgrp)(pid_t pgrp, int sig));

/*
 * The leader of session `sid` exits, or gives the terminal up.  If this
 * terminal belongs to that session, it belongs to none afterwards.  Returns the
 * former foreground group (the caller sends SIGHUP and SIGCONT), or 0.
 */
pid_t tty_session_gone(pid_t sid);

/* For /proc/<pid>/stat: foreground group of session `sid`'s terminal, or -1. */
pid_t tty_foreground(pid_t sid);
/* Device number of the terminal of session `sid`, or 0. */
uint32_t tty_device(pid_t sid);

#endif
