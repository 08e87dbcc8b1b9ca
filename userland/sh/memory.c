/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/memory.c - memory for the shell: arenas, buffers, stack depth.
 *
 * An arena is a stack of chunks.  Trees and the temporary results of expansion
 * are freed all at once, so single strings need no owner.  When memory runs out
 * the shell says so and ends; init starts a new one.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sh.h"

struct chunk {
	struct chunk *next;
	size_t size, used;
	_Alignas(16) char data[];
};

/* Under the address sanitizer each object is its own malloc, to be checked. */
#ifdef __SANITIZE_ADDRESS__
#define CHUNK_SIZE 1
#else
#define CHUNK_SIZE 4000
#endif

struct arena sh_tmp;

static char *stack_base;
static size_t stack_limit;

static void
out_of_memory(void)
{
	static const char text[] = "sh: out of memory\n";

	if (write(2, text, sizeof(text) - 1) < 0)
		_exit(2);
	_exit(2);
}

void *
xmalloc(size_t n)
{
	void *p = malloc(n ? n : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xrealloc(void *p, size_t n)
{
	p = realloc(p, n ? n : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

char *
xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xmalloc(n), s, n);
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c = a->top;
	char *p;

	n = (n + 15) & ~(size_t)15;
	if (c == NULL || c->size - c->used < n) {
		size_t size = n > CHUNK_SIZE ? n : CHUNK_SIZE;

		c = xmalloc(sizeof(*c) + size);
		c->next = a->top;
		c->size = size;
		c->used = 0;
		a->top = c;
	}
	p = c->data + c->used;
	c->used += n;
	return memset(p, 0, n);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1);

	if (n > 0)
		memcpy(p, s, n);
	return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

struct mark
arena_mark(struct arena *a)
{
	struct mark m = { a->top, a->top != NULL ? a->top->used : 0 };

	return m;
}

void
arena_release(struct arena *a, struct mark m)
{
	while (a->top != m.top) {
		struct chunk *c = a->top;

		a->top = c->next;
		free(c);
	}
	if (a->top != NULL)
		a->top->used = m.used;
}

void
arena_free(struct arena *a)
{
	arena_release(a, (struct mark){ NULL, 0 });
}

void
unit_hold(struct unit *u)
{
	u->refs++;
}

void
unit_drop(struct unit *u)
{
	if (--u->refs > 0)
		return;
	arena_free(&u->arena);
	free(u);
}

static void
buf_room(struct buf *b, size_t n)
{
	if (b->cap - b->len > n)
		return;
	b->cap = (b->len + n + 1) * 2;
	if (b->cap < 64)
		b->cap = 64;
	b->p = xrealloc(b->p, b->cap);
}

void
buf_push(struct buf *b, char c)
{
	buf_room(b, 1);
	b->p[b->len++] = c;
}

void
buf_add(struct buf *b, const char *s, size_t n)
{
	if (n == 0)
		return;
	buf_room(b, n);
	memcpy(b->p + b->len, s, n);
	b->len += n;
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

const char *
buf_str(struct buf *b)
{
	buf_room(b, 1);
	b->p[b->len] = '\0';
	return b->p;
}

void
buf_free(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ NULL, 0, 0 };
}

/* Half of the stack may be spent on recursion; the rest is for leaf calls. */
void
stack_init(void)
{
	struct rlimit limit;

	stack_base = __builtin_frame_address(0);
	stack_limit = 4 << 20;
	if (getrlimit(RLIMIT_STACK, &limit) < 0)
		stack_limit = 1 << 20;
	else if (limit.rlim_cur / 2 < stack_limit)
		stack_limit = limit.rlim_cur / 2;
}

bool
stack_low(void)
{
	char *here = __builtin_frame_address(0);

	return (uintptr_t)stack_base - (uintptr_t)here > stack_limit;
}
