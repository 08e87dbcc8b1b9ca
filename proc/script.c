/*
 * proc/script.c - programs that name their interpreter in the first line.
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

/* Put a copy of text[0 .. n) before all words. */
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

int
script_add(struct script *s, const char *path, const char *head, size_t n)
{
	const char *end, *at = head + 2, *name, *arg;
	int err = 0;

	n = MIN(n, (size_t)SCRIPT_LINE_MAX);
	end = memchr(head, '\n', n);
	if (end == NULL) {
		if (n == SCRIPT_LINE_MAX)
			return -ENOEXEC; /* the name may be cut */
		end = head + n;
	}
	while (end > at && is_blank(end[-1]))
		end--;
	while (at < end && is_blank(*at))
		at++;
	name = at;
	while (at < end && !is_blank(*at))
		at++;
	if (at == name || memchr(name, '\0', (size_t)(end - name)) != NULL)
		return -ENOEXEC;
	arg = at;
	while (arg < end && is_blank(*arg))
		arg++;

	/* The script itself: given path, or the interpreter found before. */
	if (s->count == 0)
		err = push_front(s, path, strlen(path));
	if (err == 0 && arg < end)
		err = push_front(s, arg, (size_t)(end - arg));
	if (err == 0)
		err = push_front(s, name, (size_t)(at - name));
	return err;
}

void
script_free(struct script *s)
{
	for (unsigned i = 0; i < s->count; i++)
		kfree(s->word[i]);
	s->count = 0;
}
