/* SPDX-License-Identifier: MIT */
/*
 * fs/pagecache.h - the one cache of file pages and disk blocks.
 *
 * A page cache is the memory image of one file (or of one whole disk: its
 * metadata blocks).  read(), write() and mmap() all work on the same frames:
 * the cache is a memory object (mm/object.h).  Pages are found by index through
 * a radix tree; each cached frame carries FRAME_CACHE, one reference owned by
 * the cache, and these flags:
 *
 *   VALID  the bytes are the file's     BUSY   a transfer is in flight
 *   DIRTY  newer than the disk          SEEN   used since the last sweep
 *   ERROR  the last write failed; the page is still DIRTY
 *
 * A page that is neither VALID nor BUSY (a read failed) is read again by the
 * next user.  A thread that accesses the bytes holds a pin, and neither a spin
 * lock nor BUSY while it copies from or to user memory.  So a copy may fault on
 * the very page it works on.  BUSY with VALID means a write-out: readers and
 * writers do not wait for it.
 *
 * Truncation first shrinks the size, so that no lookup finds a page beyond it.
 * Then it waits for transfers and pins on those pages, unmaps them and frees
 * them.  A concurrent read() returns the bytes from before or after the
 * truncation, or a short count; a concurrent fault gets -EFAULT (SIGBUS).
 * Pages wholly beyond the size exist only in a cache without a device: zero
 * pages that fallocate() reserved.  Only pagecache_write() finds those.
 *
 * Locks.  Callers of pagecache_write() and pagecache_truncate() hold the
 * owner's own lock (inode->lock), so only one of them runs at a time; the cache
 * never takes that lock.  Order: inode->lock -> space->lock -> locks that
 * ops->map() takes -> memobj.lock -> pagecache.lock (spin).  ops->map() may be
 * called with a space lock held and must therefore not take inode->lock; it may
 * allocate, and reclaim then takes memobj.lock.
 *
 * When memory is short, a shrinker frees clean pages; functions return -ENOMEM
 * with nothing changed.
 */
#ifndef FS_PAGECACHE_H
#define FS_PAGECACHE_H

#include "drivers/block.h"
#include "mm/frame.h"
#include "mm/iobuf.h"
#include "mm/object.h"

struct pagecache;
struct pagecache_node;

#define PAGECACHE_HOLE UINT64_MAX /* a page without a block */
/* Page numbers have 32 bits, so this is the largest size in bytes. */
#define PAGECACHE_MAX	  ((UINT64_C(1) << 44) - PAGE_SIZE)
#define PAGECACHE_CLUSTER 32u /* most pages in one request */

/* The callbacks that a cache's owner provides.  All run in process context. */
struct pagecache_ops {
	/*
	 * [required for caches with a device] Find the disk block of page
	 * `index`.  *block becomes its number in units of PAGE_SIZE, or
	 * PAGECACHE_HOLE (only if !create).  With `create`, a missing block is
	 * allocated.  Returns the number of pages from `index` on, 1 .. max,
	 * that are mapped alike: to consecutive blocks, or all to holes.  Or
	 * -EIO, -EUCLEAN, -ENOMEM, -ENOSPC with nothing changed.  May take
	 * locks that come after space->lock; must not touch this cache.
	 */
	int (*map)(struct pagecache *pc, uint64_t index, unsigned max,
		   bool create, uint64_t *block);

	/*
	 * [optional] Page accounting of tmpfs: charge() runs before `pages` new
	 * pages are inserted in a cache without a device, uncharge() after as
	 * many were removed.  charge() returns 0, -ENOSPC or -ENOMEM;
	 * uncharge() never fails and never sleeps.
	 */
	int (*charge)(struct pagecache *pc, uint64_t pages);
	void (*uncharge)(struct pagecache *pc, uint64_t pages);

	/*
	 * [required unless never mapped] Acquire and drop a reference on the
	 * owner; each VMA holds one.  put() may sleep.
	 */
	void (*get)(struct pagecache *pc);
	void (*put)(struct pagecache *pc);

	/*
	 * [optional] Called at a program's first store to a page through a
	 * shared mapping, and at the first store after each write-out.  The
	 * thread's space is locked.
	 */
	void (*stored)(struct pagecache *pc);

	/* [optional] As memobj_ops.name. */
	size_t (*name)(struct pagecache *pc, char *buf, size_t size,
		       uint64_t *ino, uint32_t *dev);
};

/*
 * Keys: [i] set by init, then constant  [L] lock  [G] the global cache lock
 *       [a] atomic
 */
struct pagecache {
	struct memobj obj;		 /* [i] VMAs refer to it */
	const struct pagecache_ops *ops; /* [i] */
	struct block_device *dev; /* [i] NULL: pages live in memory only */
	struct spinlock lock;
	bool wmapped;	       /* [L] was ever mapped shared and writable */
	_Atomic bool ordered;  /* [a] see pagecache_want_fn */
	_Atomic uint64_t size; /* [a] read; written under [L] */
	struct pagecache_node *root; /* [L] radix tree, NULL: empty */
	unsigned height;	     /* [L] levels of the tree */
	uint64_t pages;		     /* [L] in the tree */
	uint64_t dirty;		     /* [L] DIRTY pages in the tree */
	uint64_t dirty_since;	     /* [L] when `dirty` left 0 */
	uint32_t in_flight;	  /* [L] write requests and runs not yet done */
	uint32_t write_errors;	  /* [L] failed writes, ever */
	uint32_t errors_reported; /* [L] of those, reported to a sync */
	uint32_t ra_next;	  /* [L] next page of a sequential reader */
	uint32_t ra_mark;	  /* [L] reaching it starts the next window */
	uint32_t ra_end;	  /* [L] first page not yet read ahead */
	uint32_t ra_window;	  /* [L] pages, 0: not sequential */
	uint32_t hand;		  /* [a] hint: start of the next sweep */
	uint32_t users;		  /* [G] flusher, shrinkers using it */
	struct list_node all_node;   /* [G] every cache that has pages */
	struct list_node dirty_node; /* [G] every cache that has dirty pages */
};

/* Start the flusher thread and register the shrinker.  Boot time. */
void pagecache_system_init(void);

/*
 * Make an empty cache for a file of `size` bytes.  dev NULL: memory only; pages
 * are never written or evicted, and missing ones read as zeroes.
 */
void pagecache_init(struct pagecache *pc, const struct pagecache_ops *ops,
		    struct block_device *dev, uint64_t size);

/*
 * Free all pages, dirty ones included, and wait for transfers.  The cache must
 * have no users and no mappings.  May sleep.
 */
void pagecache_destroy(struct pagecache *pc) nonnull;

/* The file's size in bytes.  Any context. */
static inline uint64_t
pagecache_size(const struct pagecache *pc)
{
	return atomic_load_explicit(&((struct pagecache *)(uintptr_t)pc)->size,
				    memory_order_acquire);
}

/*
 * read(2): copy from byte `pos` on into `b` until `b` is full or the file ends.
 * Reads ahead for sequential readers.  No lock needed.  Returns the bytes
 * copied (0 at the end); if there were none, -EIO, -EUCLEAN, -ENOMEM or
 * -EFAULT.
 */
ssize_t pagecache_read(struct pagecache *pc, struct iobuf *b,
		       uint64_t pos) must_check nonnull;

/*
 * write(2): copy all of `b` to byte `pos` on, growing the file.  Disk blocks
 * are allocated first, so that a later write-out cannot fail with -ENOSPC.  The
 * caller holds the owner's lock.  Returns the bytes written; if there were
 * none, -ENOSPC, -EIO, -EUCLEAN, -ENOMEM, -EFAULT or -EFBIG (beyond
 * PAGECACHE_MAX).
 */
ssize_t pagecache_write(struct pagecache *pc, struct iobuf *b,
			uint64_t pos) must_check nonnull;

/*
 * Make the file `size` bytes: growing adds a hole; shrinking frees the pages
 * beyond the size and zeroes the tail of the last page.  The caller holds the
 * owner's lock and frees disk blocks afterwards.  0, or -EIO, -ENOMEM, -EFBIG
 * with nothing changed.
 */
int pagecache_truncate(struct pagecache *pc, uint64_t size) must_check nonnull;

/*
 * fallocate(2): give each page of bytes [start, end) a block or, without a
 * device, a page of zeroes.  Pages beyond the size are allowed only in a cache
 * without a device.  The caller holds the owner's lock.  0, or -ENOSPC, -EINTR,
 * -EIO, -EUCLEAN, -ENOMEM with some of the pages allocated.
 */
int pagecache_reserve(struct pagecache *pc, uint64_t start,
		      uint64_t end) must_check nonnull;
/* Free pages reserved beyond the size.  The caller holds the owner's lock. */
void pagecache_drop_reserved(struct pagecache *pc) nonnull;

/*
 * Turn pages [first, last] of a cache without a device into a hole, even if
 * they are mapped.  No lock needed; may sleep.
 */
void
pagecache_punch(struct pagecache *pc, uint64_t first, uint64_t last) nonnull;

/*
 * Write back all dirty pages of bytes [start, end) and wait.  Returns 0, or
 * -EIO if one of these writes failed or if the failure of an earlier write is
 * not yet reported.  Pages that could not be written stay dirty, and the next
 * sync writes them again.
 */
int pagecache_sync(struct pagecache *pc, uint64_t start,
		   uint64_t end) must_check nonnull;

/*
 * True if pagecache_write_some() is to write page `index`.  A file system
 * orders the writes of its disk's metadata: while `ordered` is set, only
 * pagecache_write_some() writes its pages; the flusher and pagecache_sync()
 * skip it.
 */
typedef bool (*pagecache_want_fn)(uint64_t index, void *arg);

/*
 * Write the dirty pages that want() selects (NULL: all), and wait.  want() runs
 * under the cache's spin lock.  Returns the number of pages written, or -EIO if
 * a write failed; an fsync() still reports that failure.
 */
int pagecache_write_some(struct pagecache *pc, pagecache_want_fn want,
			 void *arg) must_check;

/*
 * For an fsync(): call pagecache_failures() before the write and pass its value
 * to pagecache_report() after the write.  The result is -EIO if a write failed
 * in between, or if no fsync() has yet reported an earlier failure; else 0.
 */
uint32_t pagecache_failures(struct pagecache *pc) nonnull;
int pagecache_report(struct pagecache *pc, uint32_t before) nonnull must_check;

/*
 * Get page `index`, valid and pinned, for use by the kernel; unpin it with
 * pagecache_put().  With `fresh`, the page is not read but zeroed (and not yet
 * dirty).  0, -EFAULT (beyond the size), -EIO, -EUCLEAN, -ENOMEM.
 */
int pagecache_get(struct pagecache *pc, uint64_t index, bool fresh,
		  struct frame **out) must_check nonnull;

/* Mark a pinned page dirty, after a change to it.  It has a block already. */
void pagecache_dirty(struct frame *f) nonnull;

static inline void
pagecache_put(struct frame *f)
{
	frame_unpin(f);
}

/*
 * Free page `index`, even if it is dirty, because its block was freed.  Waits
 * for a transfer in flight; another thread may pin the page for a short time
 * only.
 */
void pagecache_forget(struct pagecache *pc, uint64_t index) nonnull;

/*
 * Free every clean page, mapped ones included (a page fault reads them again).
 * For drop_caches, after a sync.  Returns the number of pages freed.
 */
size_t pagecache_drop_clean(void);

struct pagecache_stats {    /* pages, system-wide */
	uint64_t cached;    /* in caches with a device */
	uint64_t dirty;	    /* of those, not yet on disk */
	uint64_t in_memory; /* in caches without a device (tmpfs) */
};
void pagecache_get_stats(struct pagecache_stats *s) nonnull;

#endif
