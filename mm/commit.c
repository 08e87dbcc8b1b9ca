/*
 * mm/commit.c - strict commit accounting.
 *
 * Every page a program may still write privately, and every tmpfs page, is a
 * promise.  Promises never exceed what memory can keep, so a fork or mmap that
 * succeeded is not followed by a death for want of a page.  The limit leaves
 * a part of RAM for page tables and the kernel's own data.
 */
#include "lib/errno.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/space.h"

#define KERNEL_SHARE 16 /* one part in so many is the kernel's */

static _Atomic uint64_t committed;
static uint64_t limit read_mostly; /* [i] after boot */

void
commit_init(bool always)
{
	struct frame_stats s;

	frame_get_stats(&s);
	limit = always ? UINT64_MAX / 2 : s.free - s.free / KERNEL_SHARE;
}

int
commit_charge(uint64_t pages)
{
	uint64_t old = atomic_fetch_add_explicit(&committed, pages,
						 memory_order_relaxed);

	if (pages > limit || old > limit - pages) {
		commit_release(pages);
		return -ENOMEM;
	}
	return 0;
}

void
commit_release(uint64_t pages)
{
	atomic_fetch_sub_explicit(&committed, pages, memory_order_relaxed);
}

void
commit_get(uint64_t *now, uint64_t *max)
{
	*now = committed;
	*max = limit;
}
