/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/nomm.c - what fs/ asks of mm/, in host builds without mm/.
 *
 * An iobuf copies from kernel memory, or through shim_user_copy for a space.  A
 * memory object has no mappings but what shim_unmap knows.
 */
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/iobuf.h"
#include "mm/object.h"
#include "shim/shim.h"

/* ---- iobufs ---- */

size_t (*shim_user_copy)(struct space *s, uint64_t user, void *kernel, size_t n,
			 bool to_user);

void
iobuf_init(struct iobuf *b, struct space *space, uint64_t base, size_t n)
{
	memset(b, 0, sizeof(*b));
	b->space = space;
	b->one.base = base;
	b->one.len = n;
	b->vec = &b->one;
	b->count = 1;
	b->left = n;
}

static ssize_t
move(struct iobuf *b, char *data, size_t n, bool put)
{
	size_t done = 0;

	assert(may_sleep());
	while (done < n) {
		size_t part = MIN(n - done, b->vec->len - b->skip), got = part;
		uint64_t at = b->vec->base + b->skip;

		if (b->space != NULL)
			got = shim_user_copy(b->space, at, data + done, part,
					     put);
		else if (put)
			memcpy((void *)(uintptr_t)at, data + done, part);
		else
			memcpy(data + done, (void *)(uintptr_t)at, part);
		done += got;
		b->skip += got;
		b->left -= got;
		if (got < part)
			break;
		if (b->skip == b->vec->len && b->count > 1) {
			b->vec++;
			b->count--;
			b->skip = 0;
		}
	}
	return done == 0 && n > 0 ? -EFAULT : (ssize_t)done;
}

ssize_t
iobuf_put(struct iobuf *b, const void *data, size_t n)
{
	return move(b, (char *)(uintptr_t)data, n, true);
}

ssize_t
iobuf_take(struct iobuf *b, void *data, size_t n)
{
	return move(b, data, n, false);
}

ssize_t
iobuf_put_zeroes(struct iobuf *b, size_t n)
{
	static char zeroes[PAGE_SIZE];

	return move(b, zeroes, MIN(n, sizeof(zeroes)), true);
}

/* ---- memory objects ---- */

void (*shim_unmap)(struct memobj *o, uint64_t first, uint64_t last);

void
memobj_init(struct memobj *o, const struct memobj_ops *ops)
{
	o->ops = ops;
	mutex_init(&o->lock, LOCK_OBJECT);
	list_init(&o->vmas);
}

void
memobj_unmap(struct memobj *o, uint64_t first, uint64_t last)
{
	mutex_lock(&o->lock);
	if (shim_unmap != NULL)
		shim_unmap(o, first, last);
	mutex_unlock(&o->lock);
}

void
memobj_cut(struct memobj *o, uint64_t first)
{
	memobj_unmap(o, first, UINT32_MAX);
}

void
hart_stop_others(void)
{
}

void
hart_resume_others(void)
{
}
