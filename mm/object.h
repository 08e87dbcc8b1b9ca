/* SPDX-License-Identifier: MIT */
/*
 * mm/object.h - memory objects: the source of the pages of a mapping that is
 * not anonymous.
 *
 * A memory object provides page frames by page index.  fs/pagecache.c
 * implements it for files (also for unnamed tmpfs files, which serve
 * MAP_SHARED|MAP_ANONYMOUS), and the kernel for its own read-only pages (the
 * signal trampoline).  All frames of an object have FRAME_CACHE.
 */
#ifndef MM_OBJECT_H
#define MM_OBJECT_H

#include "kernel/mutex.h"
#include "lib/base.h"
#include "lib/list.h"

struct frame;
struct memobj;

struct memobj_ops {
	/*
	 * [required] Find the frame that holds page `index`, read the page if
	 * necessary, and *pin* the frame for the caller.
	 *   context  process, may sleep; the caller may hold a space lock but
	 *            no spin lock.
	 *   write    the caller will map the page shared and writable: allocate
	 *            backing store now if there is none, and mark the page
	 *            dirty.
	 *   returns  0; -ENOMEM. Or an error that makes the fault a SIGBUS:
	 *            -EIO (read error), -ENOSPC, -EUCLEAN (damaged file
	 *            system), -EFAULT (the page lies wholly past the end).
	 */
	int (*get_page)(struct memobj *o, uint64_t index, bool write,
			struct frame **out);

	/*
	 * Take or drop a reference; each VMA holds one.  put() may sleep.  If
	 * both are NULL, the object is never freed and never loses a page.  Its
	 * VMAs are then not on memobj.vmas, and sync must be NULL.
	 */
	void (*get)(struct memobj *o);
	void (*put)(struct memobj *o);

	/*
	 * [optional] Write bytes [start, end) back now, for msync.  0 or -EIO.
	 */
	int (*sync)(struct memobj *o, uint64_t start, uint64_t end);

	/*
	 * [optional] Punch a hole: free the pages of bytes [start, end),
	 * page-aligned, which then read as zeroes.  0 or -EOPNOTSUPP.  Process
	 * context, no lock held.
	 */
	int (*remove)(struct memobj *o, uint64_t start, uint64_t end);

	/*
	 * [optional] Is the page in memory, so that get_page() need not read
	 * it?  Only a hint: the page may be read or evicted at any time.  The
	 * caller may hold a space lock.
	 */
	bool (*cached)(struct memobj *o, uint64_t index);

	/*
	 * [optional] For /proc/<pid>/maps: write the path or another name of
	 * the object to buf[size], always NUL-terminated, and set the inode and
	 * device numbers.  Returns the length of the name.  Process context, no
	 * lock held; may sleep.
	 */
	size_t (*name)(struct memobj *o, char *buf, size_t size, uint64_t *ino,
		       uint32_t *dev);
};

/*
 * Embedded in the structure that implements the object.  `vmas` lists the
 * mappings: memobj_unmap() and memobj_cut() find the page tables through it.
 */
struct memobj {
	const struct memobj_ops *ops; /* [i] */
	/*
	 * Acquired after a space's lock and a file system's lock.  Reclaim
	 * acquires it, too, so its holder must not allocate memory.
	 */
	struct mutex lock;
	struct list_node vmas; /* [lock] struct vma.obj_node */
	uint64_t number;       /* [i] unique, never reused */
};

/* Is the object never freed?  Then it has neither get nor put.  Any context. */
static inline bool
memobj_is_eternal(const struct memobj *o)
{
	return o->ops->get == NULL;
}

static inline void
memobj_get(struct memobj *o)
{
	if (!memobj_is_eternal(o))
		o->ops->get(o);
}

static inline void
memobj_put(struct memobj *o)
{
	if (!memobj_is_eternal(o))
		o->ops->put(o);
}

/* Initialize `o` as an object without mappings. */
void memobj_init(struct memobj *o, const struct memobj_ops *ops) nonnull;

/*
 * Clear every leaf, in every space, that maps pages [first, last] of the
 * object.  Private copies stay mapped.  Write-back, reclaim and hole punching
 * call this.  A later fault can map the pages again, unless the caller makes
 * get_page() wait or fail.  Process context; may sleep.
 */
void memobj_unmap(struct memobj *o, uint64_t first, uint64_t last) nonnull;

/*
 * Truncate: clear every leaf that maps page `first` or a later one, private
 * copies included.  get_page() must already fail for these pages.  Process
 * context; may sleep.
 */
void memobj_cut(struct memobj *o, uint64_t first) nonnull;

#endif
