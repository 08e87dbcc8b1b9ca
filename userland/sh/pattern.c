/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/pattern.c - * ?  [...] against strings and file names.
 *
 * pattern_match() compares bytes, without recursion: a pattern with many stars
 * costs little.  glob_expand() finds file names; a leading dot must be matched
 * by a dot.
 */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sh.h"

/* [:name:]; advances *p behind it and says whether c is in the class. */
static bool
in_class(const char **p, unsigned char c)
{
	static const struct {
		const char *name;
		int (*test)(int c);
	} classes[] = {
		{ "alpha", isalpha }, { "digit", isdigit },
		{ "alnum", isalnum }, { "upper", isupper },
		{ "lower", islower }, { "space", isspace },
		{ "blank", isblank }, { "punct", ispunct },
		{ "print", isprint }, { "graph", isgraph },
		{ "cntrl", iscntrl }, { "xdigit", isxdigit },
	};
	const char *end = strstr(*p + 2, ":]");

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		size_t n = strlen(classes[i].name);

		if ((size_t)(end - (*p + 2)) == n &&
		    strncmp(*p + 2, classes[i].name, n) == 0) {
			*p = end + 2;
			return classes[i].test(c) != 0;
		}
	}
	*p = end + 2;
	return false;
}

/* The next plain character of a bracket expression. */
static unsigned char
bracket_char(const char **p)
{
	if (**p == '\\' && (*p)[1] != '\0')
		++*p;
	return *(*p)++;
}

/*
 * `p` is behind a '['.  Returns what follows the closing ']' and whether c
 * matches, or NULL when nothing closes it: then '[' is an ordinary character.
 */
static const char *
match_bracket(const char *p, unsigned char c, bool *matches)
{
	bool negate = *p == '!' || *p == '^', found = false;

	if (negate)
		p++;
	for (bool first = true; first || *p != ']'; first = false) {
		unsigned char low, high;

		if (*p == '\0')
			return NULL;
		if (p[0] == '[' && p[1] == ':' && strstr(p + 2, ":]")) {
			found |= in_class(&p, c);
			continue;
		}
		low = high = bracket_char(&p);
		if (p[0] == '-' && p[1] != ']' && p[1] != '\0') {
			p++;
			high = bracket_char(&p);
		}
		found |= low <= c && c <= high;
	}
	*matches = found != negate;
	return p + 1;
}

/* Match one element of the pattern, not '*'; returns what follows or NULL. */
static const char *
match_one(const char *p, unsigned char c)
{
	bool matches = false;

	if (*p == '?')
		return p + 1;
	if (*p == '[') {
		const char *next = match_bracket(p + 1, c, &matches);

		if (next != NULL)
			return matches ? next : NULL;
	}
	if (*p == '\\' && p[1] != '\0')
		p++;
	return (unsigned char)*p == c && *p != '\0' ? p + 1 : NULL;
}

/* On a mismatch only the last '*' can help, so there is no recursion. */
bool
pattern_match(const char *p, const char *s, size_t n)
{
	const char *end = s + n, *star = NULL, *from = NULL, *next;

	while (s < end) {
		if (*p == '*') {
			star = ++p;
			from = s;
		} else if ((next = match_one(p, *s)) != NULL) {
			p = next;
			s++;
		} else if (star != NULL) {
			p = star;
			s = ++from;
		} else {
			return false;
		}
	}
	while (*p == '*')
		p++;
	return *p == '\0';
}

bool
pattern_active(const char *p)
{
	for (; *p != '\0'; p++) {
		if (*p == '*' || *p == '?' || *p == '[')
			return true;
		if (*p == '\\' && p[1] != '\0')
			p++;
	}
	return false;
}

char *
pattern_unescape(const char *p)
{
	char *copy = arena_alloc(&sh_tmp, strlen(p) + 1), *out = copy;

	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		*out++ = *p;
	}
	return copy;
}

/* ---- file names ------------------------------------------------------ */

static void glob_walk(struct buf *path, const char *p, struct fields *out);

/* `p` begins a component with a pattern in it, `n` bytes long. */
static void
glob_component(struct buf *path, const char *p, size_t n, struct fields *out)
{
	char *pattern = arena_strndup(&sh_tmp, p, n);
	const char *dir = path->len > 0 ? buf_str(path) : ".";
	size_t len = path->len;
	DIR *d = opendir(dir);
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		bool dot = pattern[0] == '.' ||
			   (pattern[0] == '\\' && pattern[1] == '.');

		if (e->d_name[0] == '.' && !dot)
			continue;
		if (!pattern_match(pattern, e->d_name, strlen(e->d_name)))
			continue;
		buf_puts(path, e->d_name);
		glob_walk(path, p + n, out);
		path->len = len;
	}
	closedir(d);
}

/* Add to `out` every existing name that is `path` followed by `p`. */
static void
glob_walk(struct buf *path, const char *p, struct fields *out)
{
	size_t len = path->len;
	struct stat st;

	while (*p == '/')
		buf_push(path, *p++);
	if (path->len >= PATH_MAX || stack_low()) {
		path->len = len;
		return;
	}
	if (*p == '\0') {
		if (lstat(buf_str(path), &st) == 0)
			fields_add(out, arena_strdup(&sh_tmp, buf_str(path)));
	} else {
		size_t n = strcspn(p, "/");
		char *part = arena_strndup(&sh_tmp, p, n);

		if (pattern_active(part)) {
			glob_component(path, p, n, out);
		} else {
			buf_puts(path, pattern_unescape(part));
			glob_walk(path, p + n, out);
		}
	}
	path->len = len;
}

static int
by_string(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Returns the number of names added, sorted; 0 when nothing matches. */
int
glob_expand(const char *p, struct fields *out)
{
	struct buf path = { NULL, 0, 0 };
	int before = out->n;

	glob_walk(&path, p, out);
	buf_free(&path);
	if (out->n > before)
		qsort(out->v + before, out->n - before, sizeof(*out->v),
		      by_string);
	return out->n - before;
}
