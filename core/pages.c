/* SPDX-License-Identifier: MIT */
/*
 * core/pages.c - a memory object that keeps all of its pages in memory.
 *
 * The core profile has no page cache.  The files of the initrd and anonymous
 * shared memory are objects of this kind: an array of frames.  A frame is
 * filled at boot, or allocated and zeroed at the first access.  core/files.h
 * has the contract.
 */
#include "core/files.h"
#include "fs/tmpfs.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"

static struct pages *
pages_of(struct memobj *o)
{
	return container_of(o, struct pages, object);
}

/* The frame of page `index`, allocated and zeroed first if there is none. */
static struct frame *
frame_at(struct pages *p, uint64_t index)
{
	struct frame *f = p->frames[index];

	if (f != NULL)
		return f;
	f = frame_alloc(FRAME_MAY_SLEEP);
	if (f == NULL)
		return NULL;
	page_zero(frame_ptr(f));
	frame_set_flags(f, FRAME_CACHE | FRAME_VALID);
	f->cache.owner = &p->object;
	f->cache.index = (uint32_t)index;
	p->frames[index] = f;
	return f;
}

static int
pages_get_page(struct memobj *o, uint64_t index, bool write, struct frame **out)
{
	struct pages *p = pages_of(o);
	int err = -ENOMEM;

	if (index >= p->count)
		return -EFAULT;
	mutex_lock(&p->lock);
	*out = frame_at(p, index);
	if (*out != NULL && frame_pin(*out))
		err = 0;
	mutex_unlock(&p->lock);
	return err;
}

static void
pages_get(struct memobj *o)
{
	atomic_fetch_add(&pages_of(o)->refs, 1);
}

static void
pages_put(struct memobj *o)
{
	struct pages *p = pages_of(o);

	if (atomic_fetch_sub(&p->refs, 1) != 1)
		return;
	for (uint64_t i = 0; i < p->count; i++) {
		if (p->frames[i] != NULL) {
			frame_clear_flags(p->frames[i],
					  FRAME_CACHE | FRAME_VALID);
			frame_put(p->frames[i]);
		}
	}
	kfree(p);
}

static const struct memobj_ops pages_ops = {
	.get_page = pages_get_page,
	.get = pages_get,
	.put = pages_put,
};

struct pages *
pages_new(uint64_t count)
{
	struct pages *p;

	if (count > PAGES_MOST)
		return NULL;
	p = kzalloc(sizeof(*p) + count * sizeof(p->frames[0]));
	if (p == NULL)
		return NULL;
	memobj_init(&p->object, &pages_ops);
	mutex_init(&p->lock, LOCK_PAGES);
	p->refs = 1;
	p->count = count;
	return p;
}

int
pages_store(struct pages *p, const void *data, uint64_t size)
{
	for (uint64_t at = 0; at < size; at += PAGE_SIZE) {
		struct frame *f = frame_at(p, at / PAGE_SIZE);

		if (f == NULL)
			return -ENOMEM;
		memcpy(frame_ptr(f), (const char *)data + at,
		       MIN(size - at, PAGE_SIZE));
	}
	return 0;
}

/* Create the object of a mapping with MAP_SHARED | MAP_ANONYMOUS. */
int
tmpfs_anon_object(uint64_t count, struct memobj **out)
{
	struct pages *p = pages_new(count);

	if (p == NULL)
		return -ENOMEM;
	*out = &p->object;
	return 0;
}
