/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/edit_search.c - Ctrl-R: look for a line typed before.
 *
 * The typed text is looked for in the history, newest line first, and the
 * prompt shows it.  Ctrl-R goes on to an older line, Ctrl-G gives up.  Any
 * other key takes the line that is shown and does to it what it always does.
 */
#include <stdlib.h>
#include <string.h>

#include "sh.h"
#include "edit.h"

struct search {
	struct buf wanted;
	int back;    /* the line shown, as history_get() counts; 0: none yet */
	bool failed; /* no line from there on has the text */
};

/* The newest line with the text that is not newer than `back`. */
static void
look(struct search *s, int back)
{
	const char *text;

	for (; (text = history_get(back)) != NULL; back++) {
		if (strstr(text, buf_str(&s->wanted)) != NULL) {
			s->back = back;
			s->failed = false;
			return;
		}
	}
	s->failed = true;
}

static void
set_line(struct editor *ed, const char *text, size_t pos)
{
	ed->line->len = 0;
	buf_puts(ed->line, text);
	ed->pos = pos;
}

/* The place of the text in the line that is shown. */
static size_t
place(struct search *s)
{
	const char *text = history_get(s->back);
	const char *at = strstr(text, buf_str(&s->wanted));

	return at != NULL ? (size_t)(at - text) : strlen(text);
}

static void
show(struct editor *ed, struct search *s)
{
	struct buf prompt = { NULL, 0, 0 };

	buf_puts(&prompt, s->failed ? "(no line has '" : "(search '");
	buf_puts(&prompt, buf_str(&s->wanted));
	buf_puts(&prompt, "') ");
	ed->prompt = buf_str(&prompt);
	ed->prompt_width = edit_prompt_width(ed->prompt);
	if (s->back > 0)
		set_line(ed, history_get(s->back), place(s));
	if (s->failed)
		edit_put(ed, "\a");
	edit_refresh(ed);
	edit_flush(ed);
	buf_free(&prompt);
}

static bool
search_key(struct search *s, int key)
{
	if (key == KEY_CTRL('r')) {
		look(s, s->back + 1);
	} else if ((key == KEY_CTRL('h') || key == 127) && s->wanted.len > 0) {
		/* All bytes of a UTF-8 sequence. */
		while ((s->wanted.p[--s->wanted.len] & 0xc0) == 0x80 &&
		       s->wanted.len > 0)
			continue;
		look(s, 1);
	} else if (key >= ' ' && key < 256 && key != 127) {
		buf_push(&s->wanted, (char)key);
		look(s, s->back > 0 ? s->back : 1);
	} else {
		return false;
	}
	return true;
}

int
edit_search(struct editor *ed)
{
	const char *prompt = ed->prompt;
	size_t width = ed->prompt_width, pos = ed->pos;
	char *before = xstrdup(buf_str(ed->line));
	struct search s = { .back = 0 };
	int key;

	do {
		show(ed, &s);
		key = edit_read_key();
	} while (search_key(&s, key));
	ed->prompt = prompt;
	ed->prompt_width = width;
	set_line(ed, before, pos);
	if (key == KEY_CTRL('g')) {
		key = KEY_NONE;
	} else if (s.back > 0) {
		edit_show_history(ed, s.back);
		ed->pos = place(&s);
	}
	edit_refresh(ed);
	buf_free(&s.wanted);
	free(before);
	return key;
}
