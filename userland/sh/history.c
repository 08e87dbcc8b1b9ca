/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/history.c - the lines typed before, newest last.
 *
 * A ring of 500 lines in memory; nothing is saved.  Empty lines and a
 * repetition of the last line are not added.  The editor and !!  read it by
 * history_get().
 */
#include <stdlib.h>
#include <string.h>

#include "sh.h"

#define HISTORY_MAX 500

static char *lines[HISTORY_MAX]; /* a ring */
static int first, count, total;

void
history_add(const char *line)
{
	const char *last = history_get(1);

	if (line[strspn(line, " \t")] == '\0')
		return;
	if (last != NULL && strcmp(last, line) == 0)
		return;
	if (count == HISTORY_MAX) {
		free(lines[first]);
		first = (first + 1) % HISTORY_MAX;
		count--;
	}
	lines[(first + count) % HISTORY_MAX] = xstrdup(line);
	count++;
	total++;
}

const char *
history_get(int back)
{
	if (back < 1 || back > count)
		return NULL;
	return lines[(first + count - back) % HISTORY_MAX];
}

int
builtin_history(int argc, char **argv)
{
	intmax_t n = count;

	if (argc > 1 && (!parse_number(argv[1], &n) || n < 0)) {
		error("history: '%s' is not a number", argv[1]);
		return 2;
	}
	for (int back = n < count ? (int)n : count; back > 0; back--) {
		out_printf("%5d  ", total - back + 1);
		out_puts(history_get(back));
		out_puts("\n");
	}
	return 0;
}
