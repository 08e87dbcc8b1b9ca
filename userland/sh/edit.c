/*
 * userland/sh/edit.c - the line editor.
 *
 * The terminal is raw only while a line is edited.  The screen is kept right
 * by one routine, edit_refresh(): it goes to where the prompt began, clears what
 * follows and draws everything again, however many rows that takes.  A UTF-8
 * sequence counts as one column.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "sh.h"
#include "edit.h"

#define LINE_LIMIT 32768

static struct buf killed; /* for Ctrl-Y */

/* ---- the screen ------------------------------------------------------ */

static size_t
columns(void)
{
	struct winsize size;

	if (ioctl(1, TIOCGWINSZ, &size) < 0 || size.ws_col < 4)
		return 80;
	return size.ws_col;
}

static bool
goes_on(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

static size_t
width(const char *s, size_t n)
{
	size_t w = 0;

	for (size_t i = 0; i < n; i++)
		w += !goes_on(s[i]);
	return w;
}

/* The last line of the prompt, without colour sequences. */
size_t
edit_prompt_width(const char *s)
{
	size_t w = 0;

	for (; *s != '\0'; s++) {
		if (*s == '\n' || *s == '\r') {
			w = 0;
		} else if (*s == '\033' && s[1] == '[') {
			s += 2;
			while (*s != '\0' && (*s < '@' || *s > '~'))
				s++;
			if (*s == '\0')
				break;
		} else if ((unsigned char)*s >= ' ' && !goes_on(*s)) {
			w++;
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

/* What may be shown of a line: a control character would do something. */
static void
put_line(struct editor *ed)
{
	for (size_t i = 0; i < ed->line->len; i++) {
		unsigned char c = ed->line->p[i];

		buf_push(&ed->out, c < ' ' || c == 127 ? '?' : c);
	}
}

void
edit_refresh(struct editor *ed)
{
	size_t w = columns();
	size_t end = ed->prompt_width + width(ed->line->p, ed->line->len);
	size_t at = ed->prompt_width + width(ed->line->p, ed->pos);

	move(ed, ed->row, 'A');
	edit_put(ed, "\r\033[J");
	edit_put(ed, ed->prompt);
	put_line(ed);
	/* A full row leaves the cursor at its end; take it to the next. */
	if (end > 0 && end % w == 0)
		edit_put(ed, "\r\n");
	move(ed, end / w - at / w, 'A');
	edit_put(ed, "\r");
	move(ed, at % w, 'C');
	ed->row = at / w;
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
	size_t w;

	if (n == 0 || l->len + n > LINE_LIMIT) {
		edit_put(ed, "\a");
		return;
	}
	buf_add(l, s, n);
	memmove(l->p + ed->pos + n, l->p + ed->pos, l->len - n - ed->pos);
	memcpy(l->p + ed->pos, s, n);
	ed->pos += n;
	/* Typing at the end of a row's inside needs no new drawing. */
	w = ed->prompt_width + width(l->p, l->len);
	if (at_end && n == 1 && (unsigned char)*s >= ' ' &&
	    (unsigned char)*s < 127 && w % columns() != 0)
		buf_push(&ed->out, *s);
	else
		edit_refresh(ed);
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
	size_t widest = 0, per_row, w = columns();

	for (int i = 0; i < c->n; i++)
		if (strlen(c->list[i]) > widest)
			widest = strlen(c->list[i]);
	per_row = w / (widest + 2) > 0 ? w / (widest + 2) : 1;
	edit_go(ed, ed->line->len);
	for (int i = 0; i < c->n && i < 200; i++) {
		if (i % per_row == 0)
			edit_put(ed, "\r\n");
		edit_put(ed, c->list[i]);
		for (size_t n = strlen(c->list[i]);
		     n < widest + 2 && (i + 1) % per_row != 0; n++)
			edit_put(ed, " ");
	}
	if (c->n > 200)
		edit_put(ed, "\r\n...");
	edit_put(ed, "\r\n");
	ed->row = 0;
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
		ed->row = 0;
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
	if (ed->prompt_width < columns())
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
	struct editor ed = { .prompt = prompt, .line = line };
	const char *term = var_get("TERM");
	enum edit_result result;
	struct termios saved;

	if (term != NULL && strcmp(term, "dumb") == 0)
		return EDIT_NO_TERMINAL;
	if (!raw_mode(&saved))
		return EDIT_NO_TERMINAL;
	ed.prompt_width = edit_prompt_width(prompt);
	ed.fresh = xstrdup("");
	buf_str(line);
	result = edit_loop(&ed);
	edit_flush(&ed);
	tcsetattr(0, TCSADRAIN, &saved);
	buf_free(&ed.out);
	free(ed.fresh);
	return result;
}
