/* SPDX-License-Identifier: MIT */
/*
 * less - show text a screen at a time.
 *
 * Keys come from /dev/tty, for the text may come from standard input.  Text is
 * read only as far as it has been shown, and while it is waited for the keys
 * work.  Each key draws the whole screen again.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <regex.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "less.h"
#include "lib/ulib.h"

enum {
	KEY_NONE,
	KEY_CTRL_B = 2,
	KEY_CTRL_D = 4,
	KEY_CTRL_F = 6,
	KEY_CTRL_N = 14,
	KEY_CTRL_P = 16,
	KEY_CTRL_U = 21,
	KEY_ESCAPE = 27,
	KEY_ERASE = 127,
	KEY_UP = 256,
	KEY_DOWN,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_HOME,
	KEY_END,
	KEY_CLOSED,
};

static const char help[] =
	"space b: page  j k: line  d u: half  g G: ends  / ? n N: search  q: quit";

static int keys; /* the terminal, for reading and writing */
static struct termios saved;
static sigset_t while_waiting; /* the signals blocked while poll() waits */
static volatile sig_atomic_t interrupted, continued;

static unsigned width, height; /* of the part that shows text */
static struct place top;
static char message[128]; /* for the last row, shown once */

static regex_t pattern;
static bool have_pattern, search_backward;

/* ---- the terminal ---- */

static void
on_signal(int sig)
{
	interrupted |= sig == SIGINT;
	continued |= sig == SIGCONT;
}

static void
raw_mode(void)
{
	struct termios raw = saved;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(keys, TCSADRAIN, &raw);
}

static bool
open_terminal(void)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = SA_RESTART };
	sigset_t blocked;

	keys = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (keys < 0 || tcgetattr(keys, &saved) != 0)
		return false;
	/* Unblocked only while ppoll() waits: it then returns for each. */
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGWINCH);
	sigaddset(&blocked, SIGCONT);
	sigprocmask(SIG_BLOCK, &blocked, &while_waiting);
	sigaction(SIGWINCH, &action, NULL);
	sigaction(SIGCONT, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	raw_mode();
	return true;
}

static void
look_at_size(void)
{
	struct winsize size = { 0 };

	(void)ioctl(keys, TIOCGWINSZ, &size);
	width = size.ws_col > 0 ? size.ws_col : 80;
	height = size.ws_row > 1 ? size.ws_row - 1 : 23;
	if (top.line < text_lines())
		top = text_row_of(top, width);
}

/* ---- waiting ---- */

/*
 * Wait for a key, and for text if `text`.  Returns the revents of the keys: 0
 * when only text has come, or a signal.
 */
static int
wait_for(bool text, int milliseconds)
{
	struct timespec limit = { milliseconds / 1000,
				  milliseconds % 1000 * 1000000L };
	struct pollfd fds[2] = { { .fd = keys, .events = POLLIN },
				 { .fd = text ? text_fd() : -1,
				   .events = POLLIN } };
	int n = ppoll(fds, 2, milliseconds < 0 ? NULL : &limit, &while_waiting);

	if (n > 0 && fds[1].revents != 0) {
		text_read();
		return 0;
	}
	return n > 0 ? fds[0].revents : 0;
}

/* Read until there are so many lines, a key is typed or Ctrl-C. */
static void
read_lines(size_t lines)
{
	while (!text_ended() && text_lines() < lines && !interrupted &&
	       wait_for(true, -1) == 0 && !continued)
		;
}

static int
read_byte(void)
{
	unsigned char c;

	return read(keys, &c, 1) == 1 ? c : KEY_CLOSED;
}

/* What follows ESC, if it comes at once. */
static int
escape_key(void)
{
	int c, number = 0;

	if (wait_for(false, 100) == 0)
		return KEY_ESCAPE;
	c = read_byte();
	if (c != '[' && c != 'O')
		return KEY_NONE;
	while ((c = read_byte()) >= '0' && c <= '9')
		number = number * 10 % 1000 + c - '0';
	switch (c) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		return number == 5		    ? KEY_PAGE_UP
		       : number == 6		    ? KEY_PAGE_DOWN
		       : number == 1 || number == 7 ? KEY_HOME
		       : number == 4 || number == 8 ? KEY_END
						    : KEY_NONE;
	}
	return c == KEY_CLOSED ? c : KEY_NONE;
}

/* A key; KEY_NONE when a signal or text came in its place. */
static int
read_key(bool text)
{
	int c;

	if (wait_for(text, -1) == 0)
		return KEY_NONE;
	c = read_byte();
	return c == KEY_ESCAPE ? escape_key() : c;
}

/* ---- the screen ---- */

/* The next place in a line that has the pattern, from `byte` on. */
static bool
find_in(const char *line, size_t size, size_t byte, regmatch_t *match)
{
	if (!have_pattern || byte > size)
		return false;
	match->rm_so = (regoff_t)byte;
	match->rm_eo = (regoff_t)size;
	return regexec(&pattern, line, 1, match,
		       REG_STARTEND | (byte > 0 ? REG_NOTBOL : 0)) == 0;
}

/*
 * Draw the row at *at, with the matches of the pattern in reverse, and go to
 * the next row.  False: it was the last row so far.
 */
static bool
draw_row(struct place *at)
{
	struct place row = *at;
	bool more = text_down(at, width), reverse = false;
	size_t size, end, bytes;
	const char *line = text_line(row.line, &size);
	regmatch_t match = { 0, 0 };
	bool found = find_in(line, size, 0, &match);
	unsigned column = 0;
	char shown[16];

	end = more && at->line == row.line ? at->byte : size;
	for (size_t byte = row.byte; byte < end; byte += bytes) {
		bool inside;

		while (found && (size_t)match.rm_eo <= byte)
			found = find_in(line, size,
					(size_t)match.rm_eo +
						(match.rm_eo == match.rm_so),
					&match);
		inside = found && (size_t)match.rm_so <= byte;
		if (inside != reverse)
			fputs(inside ? "\033[7m" : "\033[m", stdout);
		reverse = inside;
		column += text_show(line + byte, size - byte, column, shown,
				    &bytes);
		fputs(shown, stdout);
	}
	if (reverse)
		fputs("\033[m", stdout);
	return more;
}

/* Draw the whole screen.  Returns true if there is nothing below it so far. */
static bool
draw(void)
{
	struct place at = top;
	bool more = text_lines() > 0;

	fputs("\033[H", stdout);
	for (unsigned row = 0; row < height; row++) {
		fputs("\033[K", stdout);
		if (more)
			more = draw_row(&at);
		else
			putchar('~');
		fputs("\r\n", stdout);
	}
	fputs("\033[K", stdout);
	if (message[0] != '\0')
		printf("\033[7m%.*s\033[m", (int)width - 1, message);
	else
		fputs(!more && text_ended() ? "\033[7m(END)\033[m" : ":",
		      stdout);
	message[0] = '\0';
	fflush(stdout);
	return !more;
}

/* ---- moving ---- */

/* Is there a row below the screen?  Text is read to find out. */
static bool
more_below(void)
{
	struct place at = top;

	read_lines(top.line + height + 1);
	for (unsigned row = 0; row < height; row++)
		if (!text_down(&at, width))
			return false;
	return true;
}

static void
forward(size_t rows)
{
	while (rows-- > 0 && more_below())
		(void)text_down(&top, width);
}

static void
backward(size_t rows)
{
	while (rows-- > 0 && text_up(&top, width))
		;
}

static void
go_to_line(size_t line)
{
	read_lines(line + 1);
	if (text_lines() == 0)
		return;
	top = (struct place){ line < text_lines() ? line : text_lines() - 1,
			      0 };
}

static void
go_to_end(void)
{
	read_lines((size_t)-1);
	if (text_lines() == 0)
		return;
	top = text_row_of((struct place){ text_lines() - 1, (size_t)-1 },
			  width);
	backward(height - 1);
}

/* ---- searching ---- */

static void
search(bool back)
{
	size_t line = top.line, size;
	const char *text;
	regmatch_t match;

	if (!have_pattern) {
		snprintf(message, sizeof(message), "nothing to search for");
		return;
	}
	while (!interrupted && (back ? line-- > 0 : true)) {
		if (!back)
			read_lines(++line + 1);
		if (line >= text_lines())
			break;
		text = text_line(line, &size);
		if (find_in(text, size, 0, &match)) {
			top = text_row_of((struct place){ line,
							  (size_t)match.rm_so },
					  width);
			return;
		}
	}
	snprintf(message, sizeof(message), "pattern not found");
}

/* Let a pattern be typed in the last row.  False: given up. */
static bool
read_pattern(char kind, char *typed, size_t size)
{
	size_t n = 0;
	int key = KEY_NONE;

	while (key != '\r' && key != '\n') {
		typed[n] = '\0';
		printf("\r\033[K%c%s", kind, typed);
		fflush(stdout);
		key = read_key(false);
		if (key == KEY_ESCAPE || key == KEY_CLOSED || interrupted ||
		    ((key == KEY_ERASE || key == '\b') && n == 0))
			return false;
		if (key == KEY_ERASE || key == '\b') {
			while (n > 0 && (typed[--n] & 0xc0) == 0x80)
				;
		} else if (key >= ' ' && key < 256 && n < size - 1) {
			typed[n++] = (char)key;
		}
	}
	return true;
}

static void
search_for_new(char kind)
{
	char typed[100];
	regex_t fresh;
	int error;

	if (!read_pattern(kind, typed, sizeof(typed)))
		return;
	if (typed[0] != '\0') { /* else the one before */
		error = regcomp(&fresh, typed, REG_EXTENDED);
		if (error != 0) {
			regerror(error, &fresh, message, sizeof(message));
			return;
		}
		if (have_pattern)
			regfree(&pattern);
		pattern = fresh;
		have_pattern = true;
	}
	search_backward = kind == '?';
	search(search_backward);
}

/* ---- keys ---- */

/* number: what was typed before the key, 0 for nothing.  False: quit. */
static bool
obey(int key, size_t number)
{
	size_t lines = number > 0 ? number : 1;
	size_t half = number > 0 ? number : height / 2 + 1;
	size_t page = number > 0 ? number : height;

	switch (key) {
	case 'q':
	case 'Q':
	case KEY_CLOSED:
		return false;
	case ' ':
	case 'f':
	case KEY_CTRL_F:
	case KEY_PAGE_DOWN:
		forward(page);
		break;
	case 'b':
	case KEY_CTRL_B:
	case KEY_PAGE_UP:
		backward(page);
		break;
	case 'd':
	case KEY_CTRL_D:
		forward(half);
		break;
	case 'u':
	case KEY_CTRL_U:
		backward(half);
		break;
	case 'j':
	case 'e':
	case '\r':
	case '\n':
	case KEY_CTRL_N:
	case KEY_DOWN:
		forward(lines);
		break;
	case 'k':
	case 'y':
	case KEY_CTRL_P:
	case KEY_UP:
		backward(lines);
		break;
	case 'g':
	case '<':
	case KEY_HOME:
		go_to_line(lines - 1);
		break;
	case 'G':
	case '>':
	case KEY_END:
		if (number > 0)
			go_to_line(number - 1);
		else
			go_to_end();
		break;
	case '/':
	case '?':
		search_for_new((char)key);
		break;
	case 'n':
		search(search_backward);
		break;
	case 'N':
		search(!search_backward);
		break;
	case 'h':
		snprintf(message, sizeof(message), "%s", help);
		break;
	}
	return true;
}

static void
page(void)
{
	bool room = true, go_on = true;
	size_t number = 0;

	while (go_on) {
		int key;

		if (continued)
			raw_mode();
		continued = 0;
		look_at_size();
		room = draw();
		key = read_key(room && !text_ended());
		if (key >= '0' && key <= '9') {
			number = number * 10 % 1000000000 + (size_t)(key - '0');
			continue;
		}
		interrupted = 0;
		go_on = key == KEY_NONE || obey(key, number);
		if (key != KEY_NONE)
			number = 0;
	}
	fputs("\r\033[K", stdout);
	fflush(stdout);
	tcsetattr(keys, TCSADRAIN, &saved);
}

/* Without a terminal: all of it, at once. */
static void
copy(char **paths)
{
	struct input in;

	for (; *paths != NULL; paths++) {
		if (!input_open(&in, *paths))
			continue;
		(void)copy_fd(in.fd, in.name, STDOUT_FILENO, "write error");
		input_close(&in);
	}
}

int
main(int argc, char **argv)
{
	static char from_stdin[] = "-";
	char *only_stdin[] = { from_stdin, NULL };
	char **paths;

	prog_init(argv,
		  "[FILE...]\n"
		  "  space b     a page down, up; d u: half of one\n"
		  "  j k         a line down, up; also the arrows\n"
		  "  g G         the first, the last line; 10g: the tenth\n"
		  "  /RE ?RE     search down, up; n N: again, and back\n"
		  "  q           quit");
	while (prog_option(argc, argv, "") != -1)
		;
	if (optind == argc && isatty(STDIN_FILENO))
		prog_usage();
	paths = optind < argc ? argv + optind : only_stdin;
	if (!isatty(STDOUT_FILENO) || !open_terminal()) {
		copy(paths);
		return prog_end();
	}
	text_open(paths);
	if (!text_ended())
		page();
	else
		tcsetattr(keys, TCSADRAIN, &saved);
	return prog_end();
}
