/* SPDX-License-Identifier: MIT */
/*
 * fs/tty.h - the terminal: the line discipline between programs and the console
 * driver, and the controlling terminal of a session.
 *
 * There is one terminal, the console.  The driver calls tty_receive() for
 * input; output goes to the driver's write().  Programs open the terminal as
 * /dev/console, /dev/tty and /dev/tty0.
 */
#ifndef FS_TTY_H
#define FS_TTY_H

#include "lib/base.h"

struct tty;
extern struct tty tty_console;

/* The operations of a console driver. */
struct console_driver {
	/*
	 * Send n bytes unchanged.  Any context, also with the tty's spin lock
	 * held; busy-waits while the transmitter is full.
	 */
	void (*write)(const char *text, size_t n);
};

/* Set the console driver for output.  Boot time; *driver is never freed. */
void tty_set_output(const struct console_driver *driver);

/*
 * Set the window size from "ROWSxCOLUMNS".  Any other text is logged and
 * changes nothing.  Boot time.
 */
void tty_set_size(const char *text);

/* Process one input character.  Any context, usually the UART's interrupt. */
void tty_receive(char c);

/* Set the function that sends a signal to a process group; once, by proc/. */
void tty_set_signal_hook(void (*signal_pgrp)(pid_t pgrp, int sig));

/*
 * The leader of session `sid` exits, or releases its terminal.  If this
 * terminal belongs to that session, it belongs to no session afterwards.
 * Returns the former foreground group (the caller sends SIGHUP and SIGCONT), or
 * 0.
 */
pid_t tty_session_gone(pid_t sid);

/* For /proc/<pid>/stat: foreground group of session `sid`'s terminal, or -1. */
pid_t tty_foreground(pid_t sid);
/* Device number of the terminal of session `sid`, or 0. */
uint32_t tty_device(pid_t sid);

#endif
