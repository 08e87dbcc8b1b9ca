/* SPDX-License-Identifier: MIT */
/*
 * mm/iobuf.h - one interface to buffers in user memory and in kernel memory
 * (BSD: struct uio).
 *
 * With it, each read() and write() path exists only once.  An iobuf is a cursor
 * over a list of segments.  Segments in user memory are copied as by
 * space_read() and space_write(), which handle page faults and copy-on-write;
 * segments in kernel memory are copied with memcpy().  Process context, no spin
 * lock held.
 */
#ifndef MM_IOBUF_H
#define MM_IOBUF_H

#include "lib/base.h"

struct space;

struct iovec { /* as in the Linux ABI */
	uint64_t base;
	uint64_t len;
};

struct iobuf {
	struct space *space;	 /* of the addresses; NULL: kernel memory */
	const struct iovec *vec; /* segments, kernel memory */
	unsigned count;		 /* segments left, the current one included */
	size_t skip;		 /* bytes done in the current segment */
	size_t left;		 /* bytes left in all */
	struct iovec one;	 /* storage for the single-segment case */
};

/* Initialize b for one buffer in `space` (NULL: kernel memory at `base`). */
void iobuf_init(struct iobuf *b, struct space *space, uint64_t base, size_t n);
/*
 * Initialize b for several segments.  `vec` must stay valid as long as b is in
 * use.
 */
void iobuf_init_vec(struct iobuf *b, struct space *space,
		    const struct iovec *vec, unsigned count);
static inline void
iobuf_init_kernel(struct iobuf *b, const void *base, size_t n)
{
	iobuf_init(b, NULL, (uint64_t)(uintptr_t)base, n);
}

/*
 * iobuf_put() copies n bytes from `data` into the buffer (for a read), and
 * iobuf_take() from the buffer to `data` (for a write).  n is at most b->left.
 * Both advance the cursor.  They return the number of bytes copied, fewer than
 * n if user memory faults, or -EFAULT if no byte was copied.
 */
ssize_t iobuf_put(struct iobuf *b, const void *data, size_t n) must_check;
ssize_t iobuf_take(struct iobuf *b, void *data, size_t n) must_check;
/*
 * iobuf_put() and iobuf_take() for debuggers, on a buffer in a space.
 * iobuf_peek() ignores missing read permission.  iobuf_poke() ignores missing
 * write permission in private mappings: it un-shares the page, so that no file
 * and no other space changes, and the program still may not write it.  The
 * written bytes may be executed on any hart.
 */
ssize_t iobuf_poke(struct iobuf *b, const void *data, size_t n) must_check;
ssize_t iobuf_peek(struct iobuf *b, void *data, size_t n) must_check;
/* As iobuf_put() with n zero bytes. */
ssize_t iobuf_put_zeroes(struct iobuf *b, size_t n) must_check;

#endif
