/* SPDX-License-Identifier: MIT */
/*
 * userland/less_text.c - the text that less shows; see less.h.
 *
 * It is read only as far as it is wanted, cut into lines, and the lines into
 * rows of the screen.  All that was read stays in memory, since less can go
 * back; a file that cannot be read is complained about and left out.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "less.h"
#include "lib/screen.h"
#include "lib/ulib.h"

static char **files; /* those not opened yet */
static struct input in = { NULL, -1 };
static char *text;
static size_t length, room;
static size_t *starts; /* of lines; the last one may have no byte yet */
static size_t count, starts_room;

static void
add_start(size_t at)
{
	if (count == starts_room) {
		starts_room = starts_room * 2 + 64;
		starts = must_realloc(starts, starts_room * sizeof(*starts));
	}
	starts[count++] = at;
}

static void
next_file(void)
{
	if (in.fd >= 0)
		input_close(&in);
	in.fd = -1;
	while (in.fd < 0 && *files != NULL) {
		struct stat st;

		if (!input_open(&in, *files++))
			continue;
		if (fstat(in.fd, &st) == 0 && S_ISDIR(st.st_mode)) {
			errno = EISDIR;
			complain(in.name);
			input_close(&in);
			in.fd = -1;
		}
	}
}

void
text_open(char **paths)
{
	files = paths;
	add_start(0);
	next_file();
}

bool
text_ended(void)
{
	return in.fd < 0;
}

int
text_fd(void)
{
	return in.fd;
}

void
text_read(void)
{
	ssize_t got;

	if (in.fd < 0)
		return;
	if (room - length < 4096) {
		room = room * 2 + 8192;
		text = must_realloc(text, room);
	}
	got = read(in.fd, text + length, room - length);
	if (got < 0 && errno == EINTR)
		return;
	if (got < 0)
		complain(in.name);
	if (got <= 0) {
		next_file();
		return;
	}
	for (size_t end = length + (size_t)got; length < end; length++)
		if (text[length] == '\n')
			add_start(length + 1);
}

size_t
text_lines(void)
{
	return starts[count - 1] < length ? count : count - 1;
}

const char *
text_line(size_t line, size_t *size)
{
	size_t end = line + 1 < count ? starts[line + 1] - 1 : length;

	*size = end - starts[line];
	return text + starts[line];
}

unsigned
text_show(const char *from, size_t size, unsigned column, char *shown,
	  size_t *bytes)
{
	unsigned char c = (unsigned char)*from;
	unsigned columns;

	*bytes = 1;
	if (c == '\t') {
		columns = 8 - column % 8;
		snprintf(shown, 16, "%*s", (int)columns, "");
		return columns;
	}
	if (c < ' ' || c == 127) {
		snprintf(shown, 16, "^%c", c ^ 64);
		return 2;
	}
	columns = char_columns(from, size, bytes);
	if (c >= 128 && *bytes == 1) { /* no UTF-8 */
		snprintf(shown, 16, "<%02X>", c);
		return 4;
	}
	snprintf(shown, 16, "%.*s", (int)*bytes, from);
	return columns;
}

/* Where the row that begins at `byte` of a line ends. */
static size_t
row_end(const char *line, size_t size, size_t byte, unsigned width)
{
	unsigned column = 0;
	char shown[16];

	while (byte < size) {
		size_t bytes;
		unsigned columns = text_show(line + byte, size - byte, column,
					     shown, &bytes);

		if (column > 0 && column + columns > width)
			break;
		column += columns;
		byte += bytes;
	}
	return byte;
}

bool
text_down(struct place *at, unsigned width)
{
	size_t size, end;
	const char *line;

	if (at->line >= text_lines())
		return false;
	line = text_line(at->line, &size);
	end = row_end(line, size, at->byte, width);
	if (end < size)
		at->byte = end;
	else if (at->line + 1 < text_lines())
		*at = (struct place){ at->line + 1, 0 };
	else
		return false;
	return true;
}

struct place
text_row_of(struct place byte, unsigned width)
{
	struct place at = { byte.line, 0 }, next = at;

	while (text_down(&next, width) && next.line == byte.line &&
	       next.byte <= byte.byte)
		at = next;
	return at;
}

bool
text_up(struct place *at, unsigned width)
{
	if (at->byte > 0)
		*at = text_row_of((struct place){ at->line, at->byte - 1 },
				  width);
	else if (at->line > 0)
		*at = text_row_of((struct place){ at->line - 1, (size_t)-1 },
				  width);
	else
		return false;
	return true;
}
