/* SPDX-License-Identifier: MIT */
/*
 * tests/host/mm/toy.c - a memory object for the tests of mm/; see toy.h.
 *
 * get_page() fills a page from the array and pins it, as the page cache does.
 * A page that is dropped must not be mapped any more.
 */
#include "mm/toy.h"

#include "kernel/panic.h"
#include "lib/errno.h"
#include "lib/string.h"

static struct toy *
toy_of(struct memobj *o)
{
	return container_of(o, struct toy, obj);
}

static int
toy_get_page(struct memobj *o, uint64_t index, bool write, struct frame **out)
{
	struct toy *t = toy_of(o);
	struct frame *f;

	if (index >= t->pages)
		return -EFAULT;
	f = t->frames[index];
	if (f == NULL) {
		f = frame_alloc(FRAME_MAY_SLEEP);
		if (f == NULL)
			return -ENOMEM;
		if (t->frames[index] != NULL) { /* another fault was faster */
			frame_put(f);
			f = t->frames[index];
			goto found;
		}
		frame_set_flags(f, FRAME_CACHE | FRAME_VALID);
		memcpy(frame_ptr(f), t->disk[index], PAGE_SIZE);
		t->frames[index] = f;
		t->dirty[index] = false;
	}
found:
	t->dirty[index] |= write;
	if (!frame_pin(f))
		return -ENOMEM;
	*out = f;
	return 0;
}

static void
toy_get(struct memobj *o)
{
	toy_of(o)->users++;
}

static void
toy_put(struct memobj *o)
{
	assert(toy_of(o)->users > 0);
	toy_of(o)->users--;
}

static const struct memobj_ops toy_ops = {
	.get_page = toy_get_page,
	.get = toy_get,
	.put = toy_put,
};

void
toy_init(struct toy *t, unsigned pages, unsigned char fill)
{
	memset(t, 0, sizeof(*t));
	memobj_init(&t->obj, &toy_ops);
	t->pages = pages;
	memset(t->disk, fill, pages * PAGE_SIZE);
}

/* Takes a page out of the cache; it must not be mapped any more. */
static void
drop(struct toy *t, unsigned page)
{
	struct frame *f = t->frames[page];

	t->frames[page] = NULL;
	if (f == NULL)
		return;
	if (frame_maps_in(frame_word(f)) != 0)
		panic("a page of an object is mapped after memobj_unmap()");
	frame_clear_flags(f, FRAME_CACHE | FRAME_VALID);
	frame_put(f);
}

void
toy_fini(struct toy *t)
{
	assert(t->users == 0 && list_empty(&t->obj.vmas));
	for (unsigned i = 0; i < TOY_PAGES; i++)
		drop(t, i);
}

void
toy_truncate(struct toy *t, unsigned pages)
{
	unsigned old = t->pages;

	t->pages = pages;
	for (unsigned i = MIN(old, pages); i < TOY_PAGES; i++)
		memset(t->disk[i], 0, PAGE_SIZE);
	if (pages >= old)
		return;
	memobj_cut(&t->obj, pages);
	for (unsigned i = pages; i < TOY_PAGES; i++)
		drop(t, i);
}

bool
toy_reclaim(struct toy *t, unsigned page)
{
	struct frame *f = t->frames[page];
	bool known = true;

	if (f == NULL)
		return true;
	memobj_unmap(&t->obj, page, page);
	if (t->dirty[page])
		memcpy(t->disk[page], frame_ptr(f), PAGE_SIZE);
	else
		known = memcmp(t->disk[page], frame_ptr(f), PAGE_SIZE) == 0;
	drop(t, page);
	return known;
}

const char *
toy_bytes(const struct toy *t, unsigned page)
{
	return t->frames[page] != NULL ? frame_ptr(t->frames[page])
				       : t->disk[page];
}
