/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/complete.c - Tab: complete the word before the cursor.
 *
 * complete() finds the candidates: commands where a command may stand, file
 * names elsewhere.  The text to insert is what all of them share, with
 * backslashes for the shell.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sh.h"

#define MAX_CANDIDATES 2000

static const char breakers[] = " \t\n;|&()<>`'\"";

struct search {
	struct completion *c;
	const char *prefix;
	size_t len;
};

static void
add(struct search *s, const char *name, bool directory)
{
	struct completion *c = s->c;
	size_t n = strlen(name);

	if (strncmp(name, s->prefix, s->len) != 0 || c->n >= MAX_CANDIDATES)
		return;
	c->list = xrealloc(c->list, (c->n + 1) * sizeof(*c->list));
	c->list[c->n] = xmalloc(n + 2);
	memcpy(c->list[c->n], name, n + 1);
	if (directory)
		strcpy(c->list[c->n] + n, "/");
	c->n++;
}

static bool
is_kind(const char *dir, const char *name, bool *directory)
{
	struct buf path = { NULL, 0, 0 };
	struct stat st;
	bool ok;

	buf_puts(&path, dir);
	buf_push(&path, '/');
	buf_puts(&path, name);
	ok = stat(buf_str(&path), &st) == 0;
	*directory = ok && S_ISDIR(st.st_mode);
	buf_free(&path);
	return ok && (st.st_mode & 0111) != 0;
}

static void
add_from(struct search *s, const char *dir, bool programs)
{
	DIR *d = opendir(*dir != '\0' ? dir : ".");
	struct dirent *e;

	if (d == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		bool directory, executable;

		if (e->d_name[0] == '.' && s->prefix[0] != '.')
			continue;
		if (strncmp(e->d_name, s->prefix, s->len) != 0 ||
		    strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		executable = is_kind(*dir != '\0' ? dir : ".", e->d_name,
				     &directory);
		if (!programs || (executable && !directory))
			add(s, e->d_name, directory);
	}
	closedir(d);
}

static void
add_commands(struct search *s)
{
	const char *path = var_get("PATH");

	for (const struct builtin *b = builtins; b->name != NULL; b++)
		add(s, b->name, false);
	for (struct function *f = function_first(); f != NULL; f = f->next)
		add(s, f->name, false);
	while (path != NULL) {
		size_t n = strcspn(path, ":");
		char *dir = arena_strndup(&sh_tmp, path, n);

		add_from(s, dir, true);
		path = path[n] == ':' ? path + n + 1 : NULL;
	}
}

/* Is the word that begins at `at` the name of a command? */
static bool
at_command(const char *line, size_t at)
{
	static const char *const before[] = {
		"then", "else", "do", "if", "while", "until", "elif", "!", "{",
	};
	size_t end;

	while (at > 0 && (line[at - 1] == ' ' || line[at - 1] == '\t'))
		at--;
	if (at == 0 || strchr(";|&(`\n", line[at - 1]) != NULL)
		return true;
	end = at;
	while (at > 0 && strchr(breakers, line[at - 1]) == NULL)
		at--;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++)
		if (strlen(before[i]) == end - at &&
		    strncmp(line + at, before[i], end - at) == 0)
			return true;
	return false;
}

/* The word before the cursor with its backslashes off; *start is its begin. */
static char *
current_word(const char *line, size_t pos, size_t *start)
{
	struct buf b = { NULL, 0, 0 };
	size_t at = pos;
	char *word;

	while (at > 0 && (strchr(breakers, line[at - 1]) == NULL ||
			  (at > 1 && line[at - 2] == '\\')))
		at--;
	*start = at;
	for (; at < pos; at++) {
		if (line[at] == '\\' && at + 1 < pos)
			at++;
		buf_push(&b, line[at]);
	}
	word = arena_strdup(&sh_tmp, buf_str(&b));
	buf_free(&b);
	return word;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sort_and_unify(struct completion *c)
{
	int n = 0;

	if (c->n == 0)
		return;
	qsort(c->list, c->n, sizeof(*c->list), by_name);
	for (int i = 0; i < c->n; i++) {
		if (n > 0 && strcmp(c->list[n - 1], c->list[i]) == 0)
			free(c->list[i]);
		else
			c->list[n++] = c->list[i];
	}
	c->n = n;
}

/* The part that all candidates share beyond the prefix, escaped. */
static void
make_insert(struct completion *c, size_t len)
{
	struct buf b = { NULL, 0, 0 };
	size_t common = c->n > 0 ? strlen(c->list[0]) : len;

	for (int i = 1; i < c->n; i++) {
		size_t n = 0;

		while (n < common && c->list[i][n] == c->list[0][n])
			n++;
		common = n;
	}
	for (size_t i = len; i < common; i++) {
		char ch = c->list[0][i];

		if (strchr(" \t\n;|&()<>`'\"\\$*?[#~", ch) != NULL)
			buf_push(&b, '\\');
		buf_push(&b, ch);
	}
	if (c->n == 1 && c->list[0][common - 1] != '/')
		buf_push(&b, ' ');
	c->insert = xstrdup(buf_str(&b));
	buf_free(&b);
}

void
complete(const char *line, size_t pos, struct completion *c)
{
	struct mark m = arena_mark(&sh_tmp);
	struct search s = { .c = c };
	const char *home = var_get("HOME");
	char *word, *slash, *dir;
	size_t start;

	*c = (struct completion){ NULL, NULL, 0 };
	word = current_word(line, pos, &start);
	slash = strrchr(word, '/');
	s.prefix = slash != NULL ? slash + 1 : word;
	s.len = strlen(s.prefix);
	if (slash == NULL && at_command(line, start)) {
		add_commands(&s);
	} else {
		dir = arena_strndup(&sh_tmp, word, s.prefix - word);
		if (strncmp(dir, "~/", 2) == 0 && home != NULL) {
			char *full = arena_alloc(
				&sh_tmp, strlen(home) + strlen(dir) + 1);

			strcpy(full, home);
			strcat(full, dir + 1);
			dir = full;
		}
		add_from(&s, dir, false);
	}
	sort_and_unify(c);
	make_insert(c, s.len);
	arena_release(&sh_tmp, m);
}

/* The names of all commands, in c->list. */
void
complete_commands(struct completion *c)
{
	struct search s = { .c = c, .prefix = "" };

	*c = (struct completion){ NULL, NULL, 0 };
	add_commands(&s);
}

void
complete_free(struct completion *c)
{
	for (int i = 0; i < c->n; i++)
		free(c->list[i]);
	free(c->list);
	free(c->insert);
}
