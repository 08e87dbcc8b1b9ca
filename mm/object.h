/* SPDX-License-Identifier: MIT */
/*
 * mm/object.h - memory that is not anonymous: what a VMA may map besides
 * demand-zero pages.
 *
 * A memory object hands out page frames by page index.  Files implement it in
 * fs/pagecache.c (also unnamed tmpfs files, for MAP_SHARED|MAP_ANONYMOUS), and
 * the kernel's own read-only pages (the signal trampoline) do too.  All frames
 * an object hands out carry FRAME_CACHE.
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
	 * [required] The frame that holds page `index`, read in if need be and
	 * *pinned* for the caller.
	 *   context  process, may sleep; the caller may hold a space lock but
	 *            no spin lock.
	 *   write    the caller will map it writable (shared): the object may
	 *            have to allocate backing store now, and the page counts
	 *            as dirty from now on.
	 *   returns  0; -ENOMEM.  Or an error that makes the fault a SIGBUS:
	 *            -EIO (read error), -ENOSPC, -EUCLEAN (damaged file
	 *            system), -EFAULT (the page lies wholly behind the end).
	 */
	int (*get_page)(struct memobj *o, uint64_t index, bool write,
			struct frame **out);

	/*
	 * References held by VMAs; put may sleep.  Both NULL: the object lives
	 * for ever and never loses a page, so its mappings need no list; the
	 * object has no sync either.
	 */
	void (*get)(struct memobj *o);
	void (*put)(struct memobj *o);

	/* [optional] Write [start, end) bytes back now (msync). 0 or -EIO. */
	int (*sync)(struct memobj *o, uint64_t start, uint64_t end);

	/*
	 * [optional] Free the pages of bytes [start, end), page-aligned: they
	 * read as zeroes then.  0; -EOPNOTSUPP.  Process context, no lock held.
	 */
	int (*remove)(struct memobj *o, uint64_t start, uint64_t end);

	/*
	 * [optional] Would get_page() find this page without reading?  A guess:
	 * it may come or go.  The caller may hold a space lock.
	 */
	bool (*cached)(struct memobj *o, uint64_t index);

	/*
	 * [optional] For /proc/<pid>/maps: device, inode number, and a path or
	 * another name.  Returns the length written (always ends in NUL).
	 * Process context, no lock held; may sleep.
	 */
	size_t (*name)(struct memobj *o, char *buf, size_t size, uint64_t *ino,
		       uint32_t *dev);
};

/*
 * Embedded in the structure that implements the object.  `vmas` lists the
 * mappings, so that a truncation can reach the page tables.
 */
struct memobj {
	const struct memobj_ops *ops; /* [i] */
	/*
	 * Taken after a space's lock and a file system's, never before.
	 * Reclaim takes it, too: nothing is allocated while it is held.
	 */
	struct mutex lock;
	struct list_node vmas; /* [lock] struct vma.obj_node */
};

/* Has the object neither get nor put (see struct memobj_ops)?  Any context. */
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

/* Make `o` an object without mappings. */
void memobj_init(struct memobj *o, const struct memobj_ops *ops) nonnull;

/*
 * Clear every leaf, in every space, that maps pages [first, last] of the object
 * itself (private copies stay).  For write-out and for reclaim, after the
 * caller has made sure that get_page() no longer hands these pages out.
 * Process context; may sleep.
 */
void memobj_unmap(struct memobj *o, uint64_t first, uint64_t last) nonnull;

/*
 * The object ends before page `first`: as memobj_unmap() for all pages from
 * there on, and private copies of these pages go, too.  For truncation.
 * Process context; may sleep.
 */
void memobj_cut(struct memobj *o, uint64_t first) nonnull;

#endif
