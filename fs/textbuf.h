/* SPDX-License-Identifier: MIT */
/*
 * fs/textbuf.h - text that grows as it is printed.
 *
 * Printing returns no error.  When memory runs out, the buffer remembers
 * -ENOMEM and ignores the rest; the user of the text looks at `error`.  The
 * text is kept in pieces of a page, so it may be long.  The pieces are charged
 * to the user of the thread that prints first.  Process context, no spin lock
 * held.
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
 * Copy from byte `pos` on into `b` until one of them ends.  Returns the bytes
 * copied, 0 at the end, or -EFAULT.
 */
ssize_t tb_read(const struct textbuf *tb, struct iobuf *b, uint64_t pos);

#endif
