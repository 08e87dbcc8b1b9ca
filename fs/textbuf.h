/* SPDX-License-Identifier: MIT */
/*
 * fs/textbuf.h - a text buffer that grows while text is printed to it.
 *
 * The print functions return no error.  When memory is short, the buffer
 * records -ENOMEM in `error` and ignores further text; the caller checks
 * `error` at the end.  The text is kept in page-sized pieces, so it may be
 * long.  The pieces are charged to the user of the thread that prints first.
 * Process context, no spin lock held.
 */
#ifndef FS_TEXTBUF_H
#define FS_TEXTBUF_H

#include "lib/base.h"

#include <stdarg.h>

#define TEXTBUF_MAX (UINT64_C(16) << 20) /* -EFBIG beyond */

struct iobuf;
struct textbuf_piece;
struct user;

struct textbuf {
	struct textbuf_piece *first, *last;
	struct user *user; /* charged for the pieces; a reference */
	size_t len;
	int error; /* 0, -ENOMEM, or -EFBIG */
};

void tb_init(struct textbuf *tb) nonnull;
void tb_free(struct textbuf *tb) nonnull;
void tb_printf(struct textbuf *tb, const char *fmt, ...) print_format(2, 3);
void tb_append(struct textbuf *tb, const char *data, size_t n);

/*
 * Copy from byte `pos` on into `b`, until the text ends or `b` is full.
 * Returns the bytes copied, 0 at the end, or -EFAULT.
 */
ssize_t tb_read(const struct textbuf *tb, struct iobuf *b, uint64_t pos);

#endif
