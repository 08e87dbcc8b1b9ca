/* SPDX-License-Identifier: MIT */
/*
 * proc/script.c - "#!" scripts: programs that name their interpreter in the
 * first line.
 *
 * script_add() is the entry: it inserts the interpreter and its argument in
 * front of the words found so far.  Together the words replace argv[0].  Works
 * on kernel memory only; process context, no lock.
 */
#include "proc/script.h"

#include "lib/errno.h"
#include "lib/string.h"
#include "mm/slab.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Insert a copy of text[0 .. n) before all words. */
static int
push_front(struct script *s, const char *text, size_t n)
{
	char *copy;

	if (s->count == SCRIPT_WORDS)
		return -ENOEXEC;
	copy = kstrndup(text, n);
	if (copy == NULL)
		return -ENOMEM;
	memmove(&s->word[1], &s->word[0], s->count * sizeof(s->word[0]));
	s->word[0] = copy;
	s->count++;
	return 0;
}

static char *
skip_blanks(char *at)
{
	while (is_blank(*at))
		at++;
	return at;
}

/* The end of a word: its first blank or NUL. */
static char *
word_end(char *at)
{
	while (*at != '\0' && !is_blank(*at))
		at++;
	return at;
}

/* The end of the first line; NULL if the interpreter's name may be cut off. */
static char *
line_end(char line[SCRIPT_LINE_MAX + 1])
{
	char *end = memchr(line, '\n', SCRIPT_LINE_MAX);

	if (end == NULL) {
		end = line + SCRIPT_LINE_MAX - 1;
		if (word_end(skip_blanks(line + 2)) > end)
			return NULL;
	}
	while (is_blank(end[-1]))
		end--;
	return end;
}

int
script_add(struct script *s, const char *path, const char *head, size_t n)
{
	char line[SCRIPT_LINE_MAX + 1], *end, *name, *arg;
	int err = 0;

	memset(line, 0, sizeof(line)); /* a short file ends at a NUL */
	memcpy(line, head, MIN(n, (size_t)SCRIPT_LINE_MAX));
	end = line_end(line);
	if (end == NULL)
		return -ENOEXEC;
	*end = '\0';
	name = skip_blanks(line + 2);
	if (name == end)
		return -ENOEXEC;
	if (*name == '\0')
		return -EACCES; /* as on Linux, where "" is a directory */
	arg = word_end(name);
	if (*arg != '\0') {
		*arg = '\0';
		arg = skip_blanks(arg + 1);
	} else {
		arg = NULL;
	}

	/* Add the script's path, unless word[0] already names it. */
	if (s->count == 0)
		err = push_front(s, path, strlen(path));
	if (err == 0 && arg != NULL)
		err = push_front(s, arg, strlen(arg));
	if (err == 0)
		err = push_front(s, name, strlen(name));
	return err;
}

void
script_free(struct script *s)
{
	for (unsigned i = 0; i < s->count; i++)
		kfree(s->word[i]);
	s->count = 0;
}
