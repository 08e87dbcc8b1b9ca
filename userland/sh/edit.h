/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/edit.h - the line editor, for edit.c and edit_search.c only.
 *
 * A struct editor is one line being edited.  Output is collected in `out` and
 * sent before the next key is awaited.
 */
#ifndef SH_EDIT_H
#define SH_EDIT_H

#include "sh.h"

#define KEY_CTRL(c) ((c)&31)

struct editor {
	const char *prompt; /* the last line of it */
	size_t prompt_width;
	struct buf *line;
	size_t pos;
	size_t row;	/* of the cursor, below the first drawn row */
	size_t column;	/* the same in columns: per_row to each row */
	size_t per_row; /* columns of the screen when it was drawn */
	int back;	/* history: how far back; 0 is the new line */
	char *fresh;	/* the new line, while another is shown */
	struct buf out; /* what the terminal must get */
};

enum {
	KEY_UP = 256,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_DELETE,
	KEY_WORD_LEFT,
	KEY_WORD_RIGHT,
	KEY_NONE,
	KEY_CLOSED,
	KEY_BROKEN,
};

/* Collect text for the terminal; send all that was collected. */
void edit_put(struct editor *ed, const char *s);
void edit_flush(struct editor *ed);

/* Draw the prompt and the line again, and put the cursor where it belongs. */
void edit_refresh(struct editor *ed);

/* The columns of a prompt of one line, without its colour sequences. */
size_t edit_prompt_width(const char *s);

/* The next key: a byte, or one of KEY_*.  Waits for it. */
int edit_read_key(void);

/* Put the cursor before byte `pos` of the line. */
void edit_go(struct editor *ed, size_t pos);

/* Show the line `back` places back in the history; 0 is the new line. */
void edit_show_history(struct editor *ed, int back);

/* Ctrl-R.  Returns the key that ended it, which the caller must still obey. */
int edit_search(struct editor *ed);

#endif
