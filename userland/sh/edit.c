/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/edit.c - the line editor.
 *
 * The terminal is raw only while a line is edited.  The screen is kept right
 * by one routine, edit_refresh(): it goes to where the prompt began, clears what
 * follows and draws everything again, however many rows that takes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "../lib/screen.h"
#include "sh.h"
#include "edit.h"

#define LINE_LIMIT 32768

static struct buf killed; /* for Ctrl-Y */

/* ---- the screen ------------------------------------------------------ */

struct screen {
	size_t columns, rows;
};

static struct screen
look_at_screen(void)
{
	struct winsize size = { 0 };

	(void)ioctl(1, TIOCGWINSZ, &size);
	return (struct screen){ size.ws_col < 4 ? 80 : size.ws_col,
				size.ws_row < 2 ? 24 : size.ws_row };
}

static bool
goes_on(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/*
 * Columns from the start of the prompt to behind the character at s, which
 * comes at column `at`.  A wide character without room in a row goes to the
 * next.
 */
static size_t
column_behind(size_t at, const char *s, size_t n, size_t per_row, size_t *bytes)
{
	unsigned wide = char_columns(s, n, bytes);

	return at + (wide == 2 && at % per_row == per_row - 1) + wide;
}

/* The same for the first n bytes of the line. */
static size_t
column_of(const struct editor *ed, size_t n, size_t per_row)
{
	size_t at = ed->prompt_width, bytes;

	for (size_t i = 0; i < n; i += bytes)
		at = column_behind(at, ed->line->p + i, n - i, per_row, &bytes);
	return at;
}

static size_t
width(const char *s)
{
	size_t w = 0, bytes;

	for (; *s != '\0'; s += bytes)
		w += char_columns(s, strlen(s), &bytes);
	return w;
}

size_t
edit_prompt_width(const char *s)
{
	size_t w = 0, bytes;

	for (; *s != '\0'; s += bytes) {
		bytes = 1;
		if (*s == '\r') {
			w = 0;
		} else if (*s == '\033' && s[1] == '[') {
			for (bytes = 2; s[bytes] != '\0'; bytes++)
				if (s[bytes] >= '@' && s[bytes] <= '~')
					break;
			bytes += s[bytes] != '\0';
		} else if ((unsigned char)*s >= ' ') {
			w += char_columns(s, strlen(s), &bytes);
		}
	}
	return w;
}

void
edit_put(struct editor *ed, const char *s)
{
	buf_puts(&ed->out, s);
}

void
edit_flush(struct editor *ed)
{
	size_t done = 0;

	while (done < ed->out.len) {
		ssize_t n = write(1, ed->out.p + done, ed->out.len - done);

		if (n < 0 && errno != EINTR)
			break;
		done += n > 0 ? n : 0;
	}
	ed->out.len = 0;
}

static void
move(struct editor *ed, size_t n, char direction)
{
	char text[32];

	if (n == 0)
		return;
	snprintf(text, sizeof(text), "\033[%zu%c", n, direction);
	edit_put(ed, text);
}

/*
 * Draw the part of the line between two columns, which begin a row.  A control
 * character is shown as "?", since the terminal would obey it.
 */
static void
put_line(struct editor *ed, size_t from, size_t to, size_t per_row)
{
	const char *p = ed->line->p;
	size_t at = ed->prompt_width, bytes;

	if (from == 0)
		edit_put(ed, ed->prompt);
	for (size_t column = from; from > 0 && column < at; column++)
		edit_put(ed, " ");
	for (size_t i = 0; i < ed->line->len; i += bytes) {
		at = column_behind(at, p + i, ed->line->len - i, per_row,
				   &bytes);
		if (at <= from || at > to)
			continue;
		if ((unsigned char)p[i] < ' ' || p[i] == 127)
			edit_put(ed, "?");
		else
			buf_add(&ed->out, p + i, bytes);
	}
}

void
edit_refresh(struct editor *ed)
{
	struct screen screen = look_at_screen();
	size_t w = screen.columns;
	size_t end = column_of(ed, ed->line->len, w);
	size_t at = column_of(ed, ed->pos, w);
	size_t first = 0, last = end / w;

	/* Not all rows may fit on the screen: draw those around the cursor. */
	if (last >= screen.rows) {
		first = at / w < screen.rows ? 0 : at / w - screen.rows + 1;
		last = first + screen.rows - 1;
	}
	/* A terminal that is now narrower or wider has moved the text. */
	if (w != ed->per_row)
		ed->row = ed->column / w;
	move(ed, ed->row, 'A');
	edit_put(ed, "\r\033[J");
	put_line(ed, first * w, (last + 1) * w, w);
	/* A full row leaves the cursor at its end; take it to the next. */
	if (end > 0 && end % w == 0 && end / w == last)
		edit_put(ed, "\r\n");
	move(ed, last - at / w, 'A');
	edit_put(ed, "\r");
	move(ed, at % w, 'C');
	ed->row = at / w - first;
	ed->column = at - first * w;
	ed->per_row = w;
}

/* The next drawing begins where the cursor is, at the start of a row. */
static void
start_row(struct editor *ed)
{
	ed->row = 0;
	ed->column = 0;
}

/* ---- keys ------------------------------------------------------------ */

static int
read_byte(void)
{
	unsigned char c;

	for (;;) {
		ssize_t n = read(0, &c, 1);

		if (n == 1)
			return c;
		if (n == 0)
			return KEY_CLOSED;
		if (errno != EINTR)
			return KEY_CLOSED;
		if (interrupted())
			return KEY_BROKEN;
	}
}

/* ESC [ 3 ~ and friends; `first` is what follows the bracket. */
static int
numbered_key(int first)
{
	int number = 0, modifier = 0, c = first;

	while (c >= '0' && c <= '9') {
		number = number > 999 ? number : number * 10 + (c - '0');
		c = read_byte();
	}
	if (c == ';') {
		while ((c = read_byte()) >= '0' && c <= '9')
			modifier = c - '0';
	}
	switch (c) {
	case 'C':
		return modifier >= 3 ? KEY_WORD_RIGHT : KEY_RIGHT;
	case 'D':
		return modifier >= 3 ? KEY_WORD_LEFT : KEY_LEFT;
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		break;
	default:
		return c >= 256 ? c : KEY_NONE;
	}
	if (number == 1 || number == 7)
		return KEY_HOME;
	if (number == 4 || number == 8)
		return KEY_END;
	return number == 3 ? KEY_DELETE : KEY_NONE;
}

int
edit_read_key(void)
{
	int c = read_byte();

	if (c != '\033')
		return c;
	c = read_byte();
	if (c == 'b')
		return KEY_WORD_LEFT;
	if (c == 'f')
		return KEY_WORD_RIGHT;
	if (c == '[' || c == 'O')
		return numbered_key(read_byte());
	return c >= 256 ? c : KEY_NONE;
}

/* ---- editing --------------------------------------------------------- */

static void
insert(struct editor *ed, const char *s, size_t n)
{
	struct buf *l = ed->line;
	bool at_end = ed->pos == l->len;
	size_t w, per_row;

	if (n == 0 || l->len + n > LINE_LIMIT) {
		edit_put(ed, "\a");
		return;
	}
	buf_add(l, s, n);
	memmove(l->p + ed->pos + n, l->p + ed->pos, l->len - n - ed->pos);
	memcpy(l->p + ed->pos, s, n);
	ed->pos += n;
	/* Typing at the end of a row's inside needs no new drawing. */
	per_row = look_at_screen().columns;
	w = column_of(ed, l->len, per_row);
	if (at_end && n == 1 && (unsigned char)*s >= ' ' &&
	    (unsigned char)*s < 127 && per_row == ed->per_row &&
	    w % per_row != 0) {
		buf_push(&ed->out, *s);
		ed->column++;
	} else {
		edit_refresh(ed);
	}
}

static void
erase(struct editor *ed, size_t from, size_t to, bool keep)
{
	struct buf *l = ed->line;

	if (keep && to > from) {
		killed.len = 0;
		buf_add(&killed, l->p + from, to - from);
	}
	if (to > from)
		memmove(l->p + from, l->p + to, l->len - to);
	l->len -= to - from;
	ed->pos = from;
	edit_refresh(ed);
}

static size_t
before(struct editor *ed)
{
	size_t at = ed->pos;

	while (at > 0 && goes_on(ed->line->p[at - 1]))
		at--;
	return at > 0 ? at - 1 : 0;
}

static size_t
after(struct editor *ed)
{
	size_t at = ed->pos < ed->line->len ? ed->pos + 1 : ed->pos;

	while (at < ed->line->len && goes_on(ed->line->p[at]))
		at++;
	return at;
}

static size_t
word_before(struct editor *ed)
{
	const char *p = ed->line->p;
	size_t at = ed->pos;

	while (at > 0 && p[at - 1] == ' ')
		at--;
	while (at > 0 && p[at - 1] != ' ')
		at--;
	return at;
}

static size_t
word_after(struct editor *ed)
{
	const char *p = ed->line->p;
	size_t at = ed->pos, n = ed->line->len;

	while (at < n && p[at] == ' ')
		at++;
	while (at < n && p[at] != ' ')
		at++;
	return at;
}

void
edit_go(struct editor *ed, size_t pos)
{
	ed->pos = pos;
	edit_refresh(ed);
}

void
edit_show_history(struct editor *ed, int back)
{
	const char *text = back == 0 ? ed->fresh : history_get(back);

	if (back < 0 || text == NULL) {
		edit_put(ed, "\a");
		return;
	}
	if (ed->back == 0) {
		free(ed->fresh);
		ed->fresh = xstrdup(buf_str(ed->line));
		if (back == 0)
			return;
	}
	ed->back = back;
	ed->line->len = 0;
	buf_puts(ed->line, back == 0 ? ed->fresh : text);
	edit_go(ed, ed->line->len);
}

static void
list_candidates(struct editor *ed, struct completion *c)
{
	size_t widest = 0, per_row, w = look_at_screen().columns;

	for (int i = 0; i < c->n; i++)
		if (width(c->list[i]) > widest)
			widest = width(c->list[i]);
	per_row = w / (widest + 2) > 0 ? w / (widest + 2) : 1;
	edit_go(ed, ed->line->len);
	for (int i = 0; i < c->n && i < 200; i++) {
		if (i % per_row == 0)
			edit_put(ed, "\r\n");
		edit_put(ed, c->list[i]);
		for (size_t n = width(c->list[i]);
		     n < widest + 2 && (i + 1) % per_row != 0; n++)
			edit_put(ed, " ");
	}
	if (c->n > 200)
		edit_put(ed, "\r\n...");
	edit_put(ed, "\r\n");
	start_row(ed);
}

static void
do_complete(struct editor *ed)
{
	size_t pos = ed->pos;
	struct completion c;

	complete(buf_str(ed->line), pos, &c);
	if (*c.insert != '\0') {
		insert(ed, c.insert, strlen(c.insert));
	} else if (c.n > 1) {
		list_candidates(ed, &c);
		edit_go(ed, pos);
	} else {
		edit_put(ed, "\a");
	}
	complete_free(&c);
}

static void
edit_key(struct editor *ed, int key)
{
	char c = key;

	switch (key) {
	case KEY_CTRL('a'):
	case KEY_HOME:
		return edit_go(ed, 0);
	case KEY_CTRL('e'):
	case KEY_END:
		return edit_go(ed, ed->line->len);
	case KEY_CTRL('b'):
	case KEY_LEFT:
		return edit_go(ed, before(ed));
	case KEY_CTRL('f'):
	case KEY_RIGHT:
		return edit_go(ed, after(ed));
	case KEY_WORD_LEFT:
		return edit_go(ed, word_before(ed));
	case KEY_WORD_RIGHT:
		return edit_go(ed, word_after(ed));
	case KEY_CTRL('h'):
	case 127:
		return erase(ed, before(ed), ed->pos, false);
	case KEY_CTRL('d'):
	case KEY_DELETE:
		return erase(ed, ed->pos, after(ed), false);
	case KEY_CTRL('k'):
		return erase(ed, ed->pos, ed->line->len, true);
	case KEY_CTRL('u'):
		return erase(ed, 0, ed->pos, true);
	case KEY_CTRL('w'):
		return erase(ed, word_before(ed), ed->pos, true);
	case KEY_CTRL('y'):
		return insert(ed, killed.p, killed.len);
	case KEY_CTRL('p'):
	case KEY_UP:
		return edit_show_history(ed, ed->back + 1);
	case KEY_CTRL('n'):
	case KEY_DOWN:
		return edit_show_history(ed, ed->back - 1);
	case KEY_CTRL('l'):
		edit_put(ed, "\033[H\033[2J");
		start_row(ed);
		return edit_refresh(ed);
	case '\t':
		return do_complete(ed);
	}
	if (key >= ' ' && key < 256)
		insert(ed, &c, 1);
}

/*
 * The first prompt is only printed: what a command left on this row without
 * a newline stays to be read.
 */
static void
begin(struct editor *ed)
{
	ed->per_row = look_at_screen().columns;
	ed->column = ed->prompt_width;
	if (ed->prompt_width < ed->per_row)
		edit_put(ed, ed->prompt);
	else
		edit_refresh(ed);
}

static void
to_end(struct editor *ed)
{
	if (ed->pos != ed->line->len)
		edit_go(ed, ed->line->len);
}

static enum edit_result
edit_loop(struct editor *ed)
{
	begin(ed);
	for (;;) {
		int key;

		edit_flush(ed);
		key = edit_read_key();
		if (key == KEY_CTRL('r'))
			key = edit_search(ed);
		if (key == '\r' || key == '\n') {
			to_end(ed);
			edit_put(ed, "\r\n");
			return EDIT_LINE;
		}
		if (key == KEY_CTRL('c') || key == KEY_BROKEN) {
			to_end(ed);
			edit_put(ed, "^C\r\n");
			return EDIT_INTERRUPT;
		}
		if (key == KEY_CLOSED ||
		    (key == KEY_CTRL('d') && ed->line->len == 0)) {
			edit_put(ed, "\r\n");
			return EDIT_EOF;
		}
		edit_key(ed, key);
	}
}

/* ---- the terminal ---------------------------------------------------- */

static bool
raw_mode(struct termios *saved)
{
	struct termios raw;

	if (tcgetattr(0, saved) < 0)
		return false;
	raw = *saved;
	raw.c_iflag &= ~(ICRNL | INLCR | IGNCR | IXON | ISTRIP);
	raw.c_lflag &= ~(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	return tcsetattr(0, TCSADRAIN, &raw) == 0;
}

/* Edit one line; it comes without its newline.  `line` starts empty. */
enum edit_result
edit_line(const char *prompt, struct buf *line)
{
	struct editor ed = { .line = line };
	const char *newline = strrchr(prompt, '\n');
	const char *term = var_get("TERM");
	enum edit_result result;
	struct termios saved;

	if (term != NULL && strcmp(term, "dumb") == 0)
		return EDIT_NO_TERMINAL;
	if (!raw_mode(&saved))
		return EDIT_NO_TERMINAL;
	/* Only the last line of a prompt is ever drawn again. */
	ed.prompt = newline != NULL ? newline + 1 : prompt;
	ed.prompt_width = edit_prompt_width(ed.prompt);
	buf_add(&ed.out, prompt, (size_t)(ed.prompt - prompt));
	ed.fresh = xstrdup("");
	buf_str(line);
	result = edit_loop(&ed);
	edit_flush(&ed);
	tcsetattr(0, TCSADRAIN, &saved);
	buf_free(&ed.out);
	free(ed.fresh);
	return result;
}
