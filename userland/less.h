/* SPDX-License-Identifier: MIT */
/*
 * userland/less.h - the text that less shows, for less.c and less_text.c only.
 *
 * less.c knows rows of the screen and keys; less_text.c knows bytes, lines, and
 * how wide a character is.  A place names a row by the byte that it begins
 * with.
 */
#ifndef LESS_H
#define LESS_H

#include <stdbool.h>
#include <stddef.h>

/* Where a row of the screen begins: this byte of this line, both from 0. */
struct place {
	size_t line, byte;
};

/* The text is these files, one behind the other; `paths` must stay valid. */
void text_open(char **paths);

/* Has the whole text been read? */
bool text_ended(void);

/* The descriptor to poll() for, to know that text_read() would not wait. */
int text_fd(void);

/* Read some more, if there is any; waits for it. */
void text_read(void);

/* How many lines there are so far; the last one may still grow. */
size_t text_lines(void);

/* A line without its newline; valid until the next text_read(). */
const char *text_line(size_t line, size_t *length);

/*
 * How one character of a line looks on the screen.  `text` is the rest of the
 * line, length > 0 bytes; column is its place, from 0.  Fills shown[16] with a
 * string, and *bytes with the number of bytes of the line that it stands for.
 * Returns its columns.
 */
unsigned text_show(const char *text, size_t length, unsigned column,
		   char *shown, size_t *bytes);

/*
 * Move to the row below, or above, on a screen of `width` columns.  False, with
 * *at unchanged: there is none so far.
 */
bool text_down(struct place *at, unsigned width);
bool text_up(struct place *at, unsigned width);

/* The row that byte is in. */
struct place text_row_of(struct place byte, unsigned width);

#endif
