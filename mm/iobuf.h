/* SPDX-License-Identifier: MIT */
/*
 * mm/iobuf.h - "somewhere to put bytes": user or kernel memory behind one
 * interface, so that read() and write() paths exist once.  (BSD: struct uio.)
 *
 * An iobuf is a cursor over a list of segments.  User segments are reached
 * through space_read()/space_write() (faults, copy-on-write and all), kernel
 * segments by memcpy.  Process context, no spin lock held.
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

/* A buffer in `space` (NULL: kernel memory at `base`). */
void iobuf_init(struct iobuf *b, struct space *space, uint64_t base, size_t n);
/* Several segments; `vec` stays the caller's and must outlive the iobuf. */
void iobuf_init_vec(struct iobuf *b, struct space *space,
		    const struct iovec *vec, unsigned count);
static inline void
iobuf_init_kernel(struct iobuf *b, const void *base, size_t n)
{
	iobuf_init(b, NULL, (uint64_t)(uintptr_t)base, n);
}

/*
 * Copy n <= b->left bytes from `data` into the buffer (a read() filling it), or
 * from the buffer to `data` (a write() draining it), and advance.
 * Returns the bytes copied - less than n when user memory faults - or -EFAULT
 * when not even one byte was.
 */
ssize_t iobuf_put(struct iobuf *b, const void *data, size_t n) must_check;
ssize_t iobuf_take(struct iobuf *b, void *data, size_t n) must_check;
/*
 * iobuf_put() and iobuf_take() for debuggers, on a buffer in a space.
 * iobuf_poke() also writes where the program may not, as long as the mapping is
 * private, and iobuf_peek() also reads where the program may not.  A page to be
 * written becomes the program's own, which the program still may not write; no
 * file and no other space changes.  What was written may be executed, on any
 * hart.
 */
ssize_t iobuf_poke(struct iobuf *b, const void *data, size_t n) must_check;
ssize_t iobuf_peek(struct iobuf *b, void *data, size_t n) must_check;
/* As iobuf_put() with n zero bytes. */
ssize_t iobuf_put_zeroes(struct iobuf *b, size_t n) must_check;

#endif
