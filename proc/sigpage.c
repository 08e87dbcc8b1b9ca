/* SPDX-License-Identifier: MIT */
/*
 * proc/sigpage.c - the signal trampoline as a memory object of one page.
 *
 * sigpage_init() creates the object once; it is never freed, and holds its
 * frame by the page-cache reference, so a mapping of it is counted like that of
 * any file page.  sigpage_map() runs in process context and may sleep.
 */
#include "proc/sigpage.h"

#include "kernel/panic.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/map.h"
#include "mm/object.h"
#include "mm/space.h"

static struct memobj sigpage;
static struct frame *sigpage_frame;

static const uint32_t trampoline[] = {
	0x08b00893, /* li a7, 139 */
	0x00000073, /* ecall */
};

static int
sigpage_get_page(struct memobj *o, uint64_t index, bool write,
		 struct frame **out)
{
	if (index != 0 || write)
		return -EFAULT;
	if (!frame_pin(sigpage_frame))
		return -ENOMEM;
	*out = sigpage_frame;
	return 0;
}

static size_t
sigpage_name(struct memobj *o, char *buf, size_t size, uint64_t *ino,
	     uint32_t *dev)
{
	*ino = 0;
	*dev = 0;
	return MIN(str_copy(buf, "[vdso]", size), size - 1);
}

static const struct memobj_ops sigpage_ops = {
	.get_page = sigpage_get_page,
	.name = sigpage_name,
};

void
sigpage_init(void)
{
	struct frame *f = frame_alloc(FRAME_MAY_SLEEP);

	if (f == NULL)
		panic("no memory for the signal trampoline at boot");
	page_zero(frame_ptr(f));
	memcpy(frame_ptr(f), trampoline, sizeof(trampoline));
	frame_set_flags(f, FRAME_CACHE | FRAME_VALID);
	f->cache.owner = &sigpage;
	f->cache.index = 0;
	memobj_init(&sigpage, &sigpage_ops);
	sigpage_frame = f;
}

int
sigpage_map(struct space *s)
{
	int64_t at = space_map(s, SIGPAGE_ADDR, PAGE_SIZE, VM_READ | VM_EXEC,
			       MAP_NOREPLACE, &sigpage, 0);

	return at < 0 ? (int)at : 0;
}
