/* SPDX-License-Identifier: MIT */
/*
 * fs/pageobj.c - make a page cache a memory object, so that mmap() can map it.
 *
 * page_object_ops is the table behind pagecache.obj.  mm/fault.c calls
 * get_page() with a space's lock held, so no function here may take an inode
 * lock.  For a writable mapping, get_page() first gives the page a block and
 * marks it dirty, so that a later write-out cannot fail with -ENOSPC.  -EFAULT
 * (beyond the size), -EIO and -ENOSPC become SIGBUS in the program.
 */
#include "fs/pagetree.h"
#include "lib/errno.h"
#include "lib/string.h"

#define FAULT_AROUND 16u /* pages read when a mapping misses */

static struct pagecache *
cache_of(struct memobj *o)
{
	return container_of(o, struct pagecache, obj);
}

static void
tell_stored(struct pagecache *pc)
{
	if (pc->ops->stored != NULL)
		pc->ops->stored(pc);
}

static int
object_get_page(struct memobj *o, uint64_t index, bool write,
		struct frame **out)
{
	struct pagecache *pc = cache_of(o);
	struct frame *f;
	int err;

	if (pc->dev == NULL) {
		err = pagecache_get(pc, index, false, out);
		if (err == 0 && write)
			tell_stored(pc);
		return err;
	}
	spin_lock(&pc->lock);
	f = page_find_valid(pc, index);
	spin_unlock(&pc->lock);
	if (f == NULL) {
		err = page_read_in(pc, index,
				   FAULT_AROUND - index % FAULT_AROUND, &f);
		if (err != 0)
			return err;
	}
	if (write && pc->ops->get == NULL) {
		frame_unpin(f); /* a disk's cache cannot be mapped */
		return -EIO;
	}
	if (write) {
		err = page_give_block(pc, f);
		if (err != 0) {
			frame_unpin(f);
			return err;
		}
		/*
		 * While the page is pinned, the flusher skips it: see
		 * writable_now() in fs/pageio.c.
		 */
		spin_lock(&pc->lock);
		pc->wmapped = true;
		page_set_dirty(pc, f);
		spin_unlock(&pc->lock);
		tell_stored(pc);
	}
	*out = f;
	return 0;
}

static void
object_get(struct memobj *o)
{
	struct pagecache *pc = cache_of(o);

	pc->ops->get(pc);
}

static void
object_put(struct memobj *o)
{
	struct pagecache *pc = cache_of(o);

	pc->ops->put(pc);
}

static int
object_sync(struct memobj *o, uint64_t start, uint64_t end)
{
	return pagecache_sync(cache_of(o), start, end);
}

static int
object_remove(struct memobj *o, uint64_t start, uint64_t end)
{
	struct pagecache *pc = cache_of(o);

	if (pc->dev != NULL)
		return -EOPNOTSUPP; /* only truncation frees disk blocks */
	pagecache_punch(pc, start >> PAGE_SHIFT, (end >> PAGE_SHIFT) - 1);
	return 0;
}

static bool
object_cached(struct memobj *o, uint64_t index)
{
	struct pagecache *pc = cache_of(o);
	struct frame *f;
	bool cached;

	spin_lock(&pc->lock);
	f = pagetree_find(pc, index);
	cached = f != NULL && page_is(f, FRAME_VALID);
	spin_unlock(&pc->lock);
	return cached;
}

static size_t
object_name(struct memobj *o, char *buf, size_t size, uint64_t *ino,
	    uint32_t *dev)
{
	struct pagecache *pc = cache_of(o);

	if (pc->ops->name != NULL)
		return pc->ops->name(pc, buf, size, ino, dev);
	*ino = 0;
	*dev = 0;
	return str_copy(buf, "", size);
}

const struct memobj_ops page_object_ops = {
	.get_page = object_get_page,
	.get = object_get,
	.put = object_put,
	.sync = object_sync,
	.remove = object_remove,
	.cached = object_cached,
	.name = object_name,
};
