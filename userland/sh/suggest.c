/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/suggest.c - the command that a mistyped name may mean.
 *
 * Only at a terminal: there a person reads the message.
 */
#include <limits.h>
#include <string.h>

#include "sh.h"

#define LONGEST 31 /* letters of a name that is looked at */

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/*
 * How many letters must be added, removed, replaced or swapped to make b of a.
 */
static int
distance(const char *a, size_t na, const char *b, size_t nb)
{
	int d[LONGEST + 1][LONGEST + 1];

	for (size_t i = 0; i <= na; i++) {
		for (size_t j = 0; j <= nb; j++) {
			if (i == 0 || j == 0) {
				d[i][j] = (int)(i + j);
				continue;
			}
			d[i][j] =
				least(least(d[i - 1][j], d[i][j - 1]) + 1,
				      d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[na][nb];
}

/* In sh_tmp; NULL if none is near: 1 mistake in 3 to 6 letters, 2 in 7 to 10. */
static char *
nearest_command(const char *word)
{
	struct completion names;
	size_t n = strlen(word);
	int fewest = INT_MAX;
	char *near = NULL;

	if (n > LONGEST)
		return NULL;
	complete_commands(&names);
	for (int i = 0; i < names.n; i++) {
		size_t m = strlen(names.list[i]);
		int mistakes;

		if (m > LONGEST)
			continue;
		mistakes = distance(word, n, names.list[i], m);
		if (mistakes < fewest &&
		    mistakes <= (int)((n > m ? n : m) + 1) / 4) {
			near = names.list[i];
			fewest = mistakes;
		}
	}
	if (near != NULL)
		near = arena_strdup(&sh_tmp, near);
	complete_free(&names);
	return near;
}

void
say_not_found(const char *name)
{
	char *near = sh.opt[OPT_INTERACTIVE] ? nearest_command(name) : NULL;

	if (near != NULL)
		error("%s: not found; did you mean %s?", name, near);
	else
		error("%s: not found", name);
}
