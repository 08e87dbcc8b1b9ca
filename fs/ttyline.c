/* SPDX-License-Identifier: MIT */
/*
 * fs/ttyline.c - the line discipline: special characters, line editing and echo
 * for input, and output processing.
 *
 * The entry points are line_input(), line_take(), line_output() and the small
 * functions at the end.  Many calls come from the UART's interrupt; echo goes
 * directly to the driver.  If the ring is full, input is dropped; nothing is
 * allocated.
 */
#include "fs/ttyline.h"

#define SIG_INT	 2
#define SIG_QUIT 3
#define SIG_TSTP 20

#define TAB 8u

/* ---- output ---- */

static bool
is_control(char c)
{
	return (uint8_t)c < 0x20 || c == 0x7f;
}

/* The cursor column after `c` is printed at `column`. */
static unsigned
next_column(unsigned column, char c, bool utf8)
{
	switch (c) {
	case '\r':
	case '\n':
		return 0;
	case '\b':
		return column > 0 ? column - 1 : 0;
	case '\t':
		return ROUND_DOWN(column, TAB) + TAB;
	}
	if (is_control(c) || (utf8 && ((uint8_t)c & 0xc0) == 0x80))
		return column;
	return column + 1;
}

size_t
line_output(struct tty *t, const char *from, size_t n, char *to)
{
	uint32_t flags = t->modes.oflag;
	bool utf8 = (t->modes.iflag & IUTF8) != 0;
	size_t done = 0;

	requires_lock(&t->lock);
	for (size_t i = 0; i < n; i++) {
		unsigned before = t->column;
		char c = from[i];

		if ((flags & OPOST) && c == '\r' && (flags & ONOCR) &&
		    before == 0)
			continue;
		if ((flags & OPOST) && c == '\r' && (flags & OCRNL))
			c = '\n';
		if (c != '\n' || (flags & (OPOST | ONLCR)) == (OPOST | ONLCR))
			t->column = next_column(before, c, utf8);
		if ((flags & OPOST) && c == '\n' && (flags & ONLCR)) {
			to[done++] = '\r';
		} else if ((flags & OPOST) && c == '\t' &&
			   (flags & XTABS) == XTABS) {
			while (before++ < t->column)
				to[done++] = ' ';
			continue;
		}
		to[done++] = c;
	}
	return done;
}

/* ---- echo ---- */

static void
echo_text(struct tty *t, const char *text, size_t n)
{
	char out[4 * LINE_EXPAND];

	while (n > 0) {
		size_t part = MIN(n, (size_t)4);

		t->driver->write(out, line_output(t, text, part, out));
		text += part;
		n -= part;
	}
}

static void
echo_char(struct tty *t, char c)
{
	if (is_control(c) && c != '\t' && c != '\n' &&
	    (t->modes.lflag & ECHOCTL)) {
		char text[2] = { '^', (char)(c ^ 0x40) };

		echo_text(t, text, 2);
	} else {
		echo_text(t, &c, 1);
	}
}

static void
echo_if(struct tty *t, char c)
{
	if (t->modes.lflag & ECHO)
		echo_char(t, c);
	else if (c == '\n' &&
		 (t->modes.lflag & (ECHONL | ICANON)) == (ECHONL | ICANON))
		echo_text(t, &c, 1);
}

/* The screen column of the character at ring position `end`. */
static unsigned
column_of(const struct tty *t, uint32_t end)
{
	bool utf8 = (t->modes.iflag & IUTF8) != 0;
	unsigned column = t->line_column;

	for (uint32_t i = t->committed; i != end; i++) {
		char c = t->ring[i % TTY_RING];

		if (is_control(c) && c != '\t')
			column += t->modes.lflag & ECHOCTL ? 2 : 0;
		else
			column = next_column(column, c, utf8);
	}
	return column;
}

/* ---- editing ---- */

/* Erase the edited line from `to` on, on the screen too. */
static void
erase_to(struct tty *t, uint32_t to)
{
	unsigned was = column_of(t, t->head), now = column_of(t, to);

	t->head = to;
	if (!(t->modes.lflag & ECHO))
		return;
	if (!(t->modes.lflag & ECHOE)) {
		echo_char(t, (char)t->modes.cc[VERASE]);
		return;
	}
	for (; was > now; was--)
		echo_text(t, "\b \b", 3);
}

/* The position one character back; a UTF-8 sequence is one character. */
static uint32_t
step_back(const struct tty *t, uint32_t at)
{
	while (at != t->committed) {
		at--;
		if (!(t->modes.iflag & IUTF8) ||
		    ((uint8_t)t->ring[at % TTY_RING] & 0xc0) != 0x80)
			break;
	}
	return at;
}

static bool
is_blank(const struct tty *t, uint32_t at)
{
	char c = t->ring[at % TTY_RING];

	return c == ' ' || c == '\t';
}

static void
erase_word(struct tty *t)
{
	uint32_t to = t->head;

	while (to != t->committed && is_blank(t, to - 1))
		to--;
	while (to != t->committed && !is_blank(t, to - 1))
		to--;
	erase_to(t, to);
}

static void
kill_line(struct tty *t)
{
	uint32_t lflag = t->modes.lflag;

	if ((lflag & ECHO) && !(lflag & ECHOKE)) {
		t->head = t->committed;
		echo_char(t, (char)t->modes.cc[VKILL]);
		if (lflag & ECHOK)
			echo_text(t, "\n", 1);
		t->line_column = t->column;
		return;
	}
	erase_to(t, t->committed);
}

static void
reprint(struct tty *t)
{
	echo_char(t, (char)t->modes.cc[VREPRINT]);
	echo_text(t, "\n", 1);
	t->line_column = t->column;
	for (uint32_t i = t->committed; i != t->head; i++)
		echo_char(t, t->ring[i % TTY_RING]);
}

/* Is `c` the special character cc[i]?  A zero in cc[] disables it. */
static bool
means(const struct tty *t, char c, unsigned i)
{
	return c != '\0' && (uint8_t)c == t->modes.cc[i];
}

/* Append a character to the ring; one slot is kept for the end of a line. */
static bool
push(struct tty *t, char c, uint8_t mark)
{
	uint32_t used = t->head - t->tail;

	if (used >= TTY_RING - (mark == 0)) {
		if (t->modes.iflag & IMAXBEL)
			t->driver->write("\a", 1);
		return false;
	}
	if (t->head == t->committed)
		t->line_column = t->column;
	t->ring[t->head % TTY_RING] = c;
	t->marks[t->head % TTY_RING] = mark;
	t->head++;
	return true;
}

static void
end_line(struct tty *t, char c, uint8_t mark)
{
	if (push(t, c, mark))
		t->committed = t->head;
}

/* Handle an editing character.  False: `c` is not one. */
static bool
edit(struct tty *t, char c)
{
	bool extended = (t->modes.lflag & IEXTEN) != 0;

	if (means(t, c, VERASE) ||
	    (t->modes.cc[VERASE] != 0 && (c == '\b' || c == 0x7f))) {
		if (t->head != t->committed)
			erase_to(t, step_back(t, t->head));
	} else if (means(t, c, VKILL)) {
		kill_line(t);
	} else if (extended && means(t, c, VWERASE)) {
		erase_word(t);
	} else if (extended && means(t, c, VREPRINT)) {
		if (t->modes.lflag & ECHO)
			reprint(t);
	} else if (extended && means(t, c, VLNEXT)) {
		t->literal = true;
		if (t->modes.lflag & ECHO)
			echo_text(t, "^\b", 2);
	} else if (means(t, c, VEOF)) {
		end_line(t, c, TTY_EOF | TTY_ENDS);
	} else {
		return false;
	}
	return true;
}

static int
signal_of(const struct tty *t, char c)
{
	if (!(t->modes.lflag & ISIG))
		return 0;
	return means(t, c, VINTR)   ? SIG_INT
	       : means(t, c, VQUIT) ? SIG_QUIT
	       : means(t, c, VSUSP) ? SIG_TSTP
				    : 0;
}

/* Process a character that is data. */
static void
plain(struct tty *t, char c)
{
	bool ends = c == '\n' || means(t, c, VEOL) || means(t, c, VEOL2);

	if (!(t->modes.lflag & ICANON)) {
		if (push(t, c, 0)) {
			t->committed = t->head;
			echo_if(t, c);
		}
	} else if (ends && !t->literal) {
		echo_if(t, c);
		end_line(t, c, TTY_ENDS);
	} else if (push(t, c, 0)) {
		echo_if(t, c);
	}
	t->literal = false;
}

int
line_input(struct tty *t, char c)
{
	uint32_t iflag = t->modes.iflag;
	int sig;

	requires_lock(&t->lock);
	if (iflag & ISTRIP)
		c &= 0x7f;
	if (t->literal) {
		plain(t, c);
		return 0;
	}
	if (c == '\r' && (iflag & IGNCR))
		return 0;
	if (c == '\r' && (iflag & ICRNL))
		c = '\n';
	else if (c == '\n' && (iflag & INLCR))
		c = '\r';
	sig = signal_of(t, c);
	if (sig != 0) {
		if (!(t->modes.lflag & NOFLSH))
			line_flush(t);
		if (t->modes.lflag & ECHO)
			echo_char(t, c);
		return sig;
	}
	if (!(t->modes.lflag & ICANON) || !edit(t, c))
		plain(t, c);
	return 0;
}

/* ---- reading ---- */

bool
line_ready(const struct tty *t, size_t want)
{
	uint32_t there = t->committed - t->tail;

	requires_lock(&t->lock);
	return there >= (t->modes.lflag & ICANON ? 1 : want);
}

size_t
line_take(struct tty *t, char *to, size_t n, bool *end)
{
	bool canonical = (t->modes.lflag & ICANON) != 0;
	uint8_t mark = 0;
	size_t done = 0;

	requires_lock(&t->lock);
	while (t->tail != t->committed && !(mark & TTY_ENDS)) {
		mark = t->marks[t->tail % TTY_RING];
		if (!(mark & TTY_EOF)) {
			if (done == n) {
				*end = false;
				return done;
			}
			to[done++] = t->ring[t->tail % TTY_RING];
		}
		t->tail++;
		if (!canonical)
			mark = 0;
	}
	*end = true;
	return done;
}

void
line_flush(struct tty *t)
{
	requires_lock(&t->lock);
	t->tail = t->committed = t->head;
	t->literal = false;
}

void
line_mode_changed(struct tty *t)
{
	requires_lock(&t->lock);
	t->committed = t->head;
	t->literal = false;
}
