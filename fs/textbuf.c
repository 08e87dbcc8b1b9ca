/* SPDX-License-Identifier: MIT */
/*
 * fs/textbuf.c - growing text, as a chain of page-sized pieces.
 *
 * The entry points are tb_init(), tb_free(), tb_printf(), tb_append() and
 * tb_read(); the caller serializes them.  Text is appended to the last piece;
 * add_piece() adds the next piece and charges it to tb->user, the user of the
 * thread that printed first.  tb->error keeps the first error: -ENOMEM, or
 * -EFBIG beyond TEXTBUF_MAX.
 */
#include "fs/textbuf.h"

#include "kernel/hart.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/iobuf.h"
#include "mm/slab.h"
#include "mm/user.h"

struct textbuf_piece {
	struct textbuf_piece *next;
	size_t used;
	char text[PAGE_SIZE - 16];
};

_Static_assert(sizeof(struct textbuf_piece) == PAGE_SIZE, "a piece is a page");

void
tb_init(struct textbuf *tb)
{
	tb->first = tb->last = NULL;
	tb->user = NULL;
	tb->len = 0;
	tb->error = 0;
}

void
tb_free(struct textbuf *tb)
{
	struct textbuf_piece *p;

	while ((p = tb->first) != NULL) {
		tb->first = p->next;
		user_page_free(tb->user, p);
	}
	user_put(tb->user);
	tb_init(tb);
}

/* Room left in the last piece; 0 when there is none. */
static size_t
room(const struct textbuf *tb)
{
	return tb->last == NULL ? 0 : sizeof(tb->last->text) - tb->last->used;
}

static bool
add_piece(struct textbuf *tb)
{
	struct textbuf_piece *p;

	if (tb->error != 0)
		return false;
	if (tb->len > TEXTBUF_MAX) {
		tb->error = -EFBIG;
		return false;
	}
	if (tb->user == NULL)
		tb->user = user_get(thread_current()->user);
	p = user_page(tb->user);
	if (p == NULL) {
		tb->error = -ENOMEM;
		return false;
	}
	p->next = NULL;
	p->used = 0;
	if (tb->last == NULL)
		tb->first = p;
	else
		tb->last->next = p;
	tb->last = p;
	return true;
}

void
tb_append(struct textbuf *tb, const char *data, size_t n)
{
	size_t part;

	for (; n > 0; data += part, n -= part) {
		if (room(tb) == 0 && !add_piece(tb))
			return;
		part = MIN(n, room(tb));
		memcpy(tb->last->text + tb->last->used, data, part);
		tb->last->used += part;
		tb->len += part;
	}
}

void
tb_printf(struct textbuf *tb, const char *fmt, ...)
{
	struct textbuf_piece *p;
	va_list ap;
	size_t n;
	char *text;

	if (room(tb) == 0 && !add_piece(tb))
		return;
	p = tb->last;
	va_start(ap, fmt);
	n = (size_t)vsnprintf(p->text + p->used, room(tb), fmt, ap);
	va_end(ap);
	if (n < room(tb)) {
		p->used += n;
		tb->len += n;
		return;
	}
	/* The text does not fit: print to a buffer, copy that to the pieces. */
	text = kmalloc(n + 1);
	if (text == NULL) {
		tb->error = -ENOMEM;
		return;
	}
	va_start(ap, fmt);
	vsnprintf(text, n + 1, fmt, ap);
	va_end(ap);
	tb_append(tb, text, n);
	kfree(text);
}

ssize_t
tb_read(const struct textbuf *tb, struct iobuf *b, uint64_t pos)
{
	const struct textbuf_piece *p = tb->first;
	ssize_t done = 0, n;

	while (p != NULL && pos >= p->used) {
		pos -= p->used;
		p = p->next;
	}
	for (; p != NULL && b->left > 0; p = p->next, pos = 0) {
		size_t want = MIN(p->used - pos, b->left);

		n = iobuf_put(b, p->text + pos, want);
		if (n < 0)
			return done > 0 ? done : n;
		done += n;
		if ((size_t)n < want)
			break;
	}
	return done;
}
