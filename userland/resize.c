/* SPDX-License-Identifier: MIT */
/*
 * resize - ask the terminal how large it is, and tell the kernel.
 *
 * A serial line does not report that a window has changed.  resize moves the
 * cursor as far right and down as it goes, and asks the terminal for its place.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "lib/ulib.h"

#define TENTHS 30 /* of a second; the most to wait for each byte */

/* Keep the cursor, go far away, ask for the place, bring the cursor back. */
static const char question[] = "\0337\033[999;999H\033[6n\0338";

/*
 * ESC [ ROWS ; COLUMNS R; what was typed before it is lost.  Without an answer
 * all that comes is read, so that the shell does not find half of one.
 */
static bool
read_answer(int fd, struct winsize *size)
{
	char text[32], c;
	size_t n = 0;

	while (read(fd, &c, 1) == 1) {
		if (c == '\033')
			n = 0;
		if (n < sizeof(text) - 1)
			text[n++] = c;
		text[n] = '\0';
		if (c == 'R' && sscanf(text, "\033[%hu;%huR", &size->ws_row,
				       &size->ws_col) == 2)
			return true;
	}
	return false;
}

static bool
ask(int fd, struct winsize *size)
{
	struct termios saved, raw;
	bool answered;

	if (tcgetattr(fd, &saved) != 0)
		die("/dev/tty");
	raw = saved;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = TENTHS;
	if (tcsetattr(fd, TCSADRAIN, &raw) != 0)
		die("/dev/tty");
	answered = write_all(fd, question, sizeof(question) - 1) == 0 &&
		   read_answer(fd, size);
	tcsetattr(fd, TCSADRAIN, &saved);
	return answered;
}

int
main(int argc, char **argv)
{
	struct winsize size = { 0 };
	int fd;

	prog_init(argv,
		  "\n"
		  "Ask the terminal for its size, set it, and print it as\n"
		  "commands for a shell.");
	if (prog_option(argc, argv, "") != -1 || optind < argc)
		prog_usage();
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("/dev/tty");
	if (!ask(fd, &size))
		die_as("the terminal did not report its size");
	if (ioctl(fd, TIOCSWINSZ, &size) != 0)
		die("/dev/tty");
	printf("COLUMNS=%u;\nLINES=%u;\nexport COLUMNS LINES;\n", size.ws_col,
	       size.ws_row);
	return prog_end();
}
