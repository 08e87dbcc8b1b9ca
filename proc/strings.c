/* SPDX-License-Identifier: MIT */
/*
 * proc/strings.c - collecting the argument strings of an execve().
 *
 * The strings are copied in before the old space is freed, and stored in the
 * new one afterwards.  Their chunks come from user_page(), which charges the
 * user.  Process context, may sleep.  After -EFAULT, -E2BIG or -ENOMEM the
 * caller must call strings_free().
 */
#include "proc/strings.h"

#include "kernel/hart.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/space.h"
#include "mm/user.h"
#include "proc/exec.h"

struct strings_chunk {
	struct strings_chunk *next;
	size_t used;
	char text[PAGE_SIZE - 16];
};

_Static_assert(sizeof(struct strings_chunk) == PAGE_SIZE, "a chunk is a page");

void
strings_init(struct strings *s)
{
	memset(s, 0, sizeof(*s));
	s->user = user_get(thread_current()->user);
}

void
strings_free(struct strings *s)
{
	struct strings_chunk *c, *next;

	for (c = s->first; c != NULL; c = next) {
		next = c->next;
		user_page_free(s->user, c);
	}
	user_put(s->user);
}

/* A chunk with room for at least one byte; NULL: no memory. */
static struct strings_chunk *
chunk_with_room(struct strings *s)
{
	struct strings_chunk *c = s->last;

	if (c != NULL && c->used < sizeof(c->text))
		return c;
	c = user_page(s->user);
	if (c == NULL)
		return NULL;
	c->next = NULL;
	c->used = 0;
	if (s->last != NULL)
		s->last->next = c;
	else
		s->first = c;
	s->last = c;
	return c;
}

static void
chunk_take(struct strings *s, struct strings_chunk *c, size_t n)
{
	c->used += n;
	s->bytes += n;
}

int
strings_add_user(struct strings *s, uaddr_t at)
{
	size_t length = 0;

	for (;;) {
		struct strings_chunk *c = chunk_with_room(s);
		size_t room;
		ssize_t n;

		if (c == NULL)
			return -ENOMEM;
		room = MIN(sizeof(c->text) - c->used, EXEC_STRING_MAX - length);
		n = copy_string_from_user(c->text + c->used, at, room);
		if (n == -EFAULT)
			return -EFAULT;
		if (n >= 0) {
			chunk_take(s, c, (size_t)n + 1);
			break;
		}
		/* No NUL within `room` bytes: continue after them. */
		chunk_take(s, c, room);
		length += room;
		at += room;
		if (length >= EXEC_STRING_MAX)
			return -E2BIG;
	}
	s->count++;
	return s->bytes > EXEC_TOTAL_MAX ? -E2BIG : 0;
}

int
strings_add(struct strings *s, const char *text)
{
	size_t left = strlen(text) + 1;

	while (left > 0) {
		struct strings_chunk *c = chunk_with_room(s);
		size_t n;

		if (c == NULL)
			return -ENOMEM;
		n = MIN(left, sizeof(c->text) - c->used);
		memcpy(c->text + c->used, text, n);
		chunk_take(s, c, n);
		text += n;
		left -= n;
	}
	s->count++;
	return 0;
}

int
strings_add_user_array(struct strings *s, uaddr_t at)
{
	uint64_t some[8];
	unsigned have = 0, i = 0;
	int err;

	if (at == 0)
		return 0;
	/*
	 * Read only a few pointers at a time: the memory after the array may
	 * be unmapped.
	 */
	for (;; i++) {
		if (i == have) {
			have = (unsigned)(space_read(thread_current()->space,
						     some, at, sizeof(some)) /
					  sizeof(some[0]));
			if (have == 0)
				return -EFAULT;
			at += have * sizeof(some[0]);
			i = 0;
		}
		if (some[i] == 0)
			return 0;
		err = strings_add_user(s, some[i]);
		if (err != 0)
			return err;
		if (s->bytes + s->count * sizeof(uaddr_t) > EXEC_TOTAL_MAX)
			return -E2BIG;
	}
}

int
strings_add_array(struct strings *s, char *const *array)
{
	for (; *array != NULL; array++) {
		int err = strings_add(s, *array);

		if (err != 0)
			return err;
	}
	return 0;
}

void
strings_walk_init(struct strings_walk *w, const struct strings *s, uaddr_t base)
{
	w->chunk = s->first;
	w->in_chunk = 0;
	w->at = base;
}

uaddr_t
strings_walk_next(struct strings_walk *w)
{
	uaddr_t start = w->at;

	while (w->chunk != NULL) {
		const char *from = w->chunk->text + w->in_chunk;
		size_t left = w->chunk->used - w->in_chunk;
		const char *end = memchr(from, '\0', left);

		if (end != NULL) {
			w->in_chunk += (size_t)(end - from) + 1;
			w->at += (size_t)(end - from) + 1;
			break;
		}
		w->at += left;
		w->chunk = w->chunk->next;
		w->in_chunk = 0;
	}
	return start;
}

int
strings_store(const struct strings *s, size_t skip, struct space *space,
	      uaddr_t to)
{
	const struct strings_chunk *c;

	for (c = s->first; c != NULL; c = c->next) {
		size_t from = MIN(skip, c->used), n = c->used - from;

		skip -= from;
		if (space_write(space, to, c->text + from, n) != n)
			return -ENOMEM;
		to += n;
	}
	return 0;
}
