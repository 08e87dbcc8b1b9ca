/* SPDX-License-Identifier: MIT */
/*
 * fs/inode.h - inodes, and the rules of the virtual file system.
 *
 * An inode is one file, with any number of names; a struct file is one open
 * file description; a superblock is one mounted file system.  There are no
 * dentries: a path walk calls lookup() in each directory, and a hash table
 * finds cached inodes by (superblock, number).  A superblock has exactly one
 * mount point, so an inode alone determines the place in the tree.
 *
 * References.  "with a reference": the caller must drop it by inode_put() or
 * file_put().  An inode without references stays cached while it has links.
 * When the last reference is dropped and nlink is 0, the file system's
 * evict_inode() frees the inode's space.  Names passed to operations are not
 * NUL-terminated: (name, len), with 1 <= len <= NAME_MAX, no '/', and "." and
 * ".." only in lookup().
 *
 * Lock order (acquire from left to right; any lock may be skipped):
 *
 *   file.pos_lock -> sb.rename_lock -> directory inode lock, ancestor first ->
 *   other inode lock -> space lock -> [locks inside a file system] ->
 *   memobj.lock -> page-cache locks -> icache_lock (spin)
 *
 * Memory may be allocated while any lock up to those inside a file system is
 * held, but not while memobj.lock or a later one is: reclaim takes these.
 *
 * A write() or getdents() accesses user memory with the inode lock held, and
 * that access may fault on a mapping of the same file.  So a page cache's
 * get_page(), and the file-system code that it calls to find or allocate
 * blocks, must take neither an inode lock nor any other lock that is held
 * during such an access.
 *
 * Keys: [L] inode->lock   [L*] the lock to write, none to read (one word)
 *       [i] set before publication, constant afterwards   [a] atomic
 *       [C] icache_lock   [M] mount lock   [P] file.pos_lock
 */
#ifndef FS_INODE_H
#define FS_INODE_H

#include "fs/abi.h"
#include "kernel/mutex.h"
#include "kernel/spinlock.h"
#include "lib/base.h"
#include "lib/list.h"

#include <stdatomic.h>

struct file_ops;
struct inode;
struct pagecache;
struct pipe;
struct superblock;

#define LINK_MAX	32000
#define FILE_SIZE_LIMIT ((UINT64_C(1) << 44) - 1)

/* Flags in inode.state. */
#define INODE_NEW      (1u << 0) /* [C] read_inode() has not finished */
#define INODE_EVICTING (1u << 1) /* [C] being evicted */
#define INODE_BAD      (1u << 2) /* [C] read_inode() failed */
#define INODE_DIRTY    (1u << 3) /* [a] changed since the last commit() */

struct inode {
	struct superblock *sb;	     /* [i] */
	uint64_t ino;		     /* [i] never 0 */
	const struct inode_ops *ops; /* [i] */
	const struct file_ops *fops; /* [i] for struct file.ops at open */
	uint32_t mode;		     /* [L*] type bits [i] */
	uint32_t nlink;		     /* [L*] */
	uint32_t uid, gid;	     /* [L*] */
	uint32_t rdev;		     /* [i] of a device node: DEV_MAKE() */
	uint64_t size;		     /* [L*] bytes */
	uint64_t blocks;	     /* [L*] 512-byte units in use */
	int64_t atime, mtime, ctime; /* [a] ns since 1970; mtime, ctime change
					under `lock`, except by mapped stores */
	struct mutex lock;

	/*
	 * The file's data, or NULL if it has none.  Usually embedded in the
	 * file system's own inode structure; a block device node points to the
	 * device's cache.
	 */
	struct pagecache *cache;      /* [i] */
	struct pipe *pipe;	      /* [L] of an open FIFO */
	struct superblock *mounted;   /* [C] file system mounted here */
	struct inode *above;	      /* [L] for a removed directory: its former
					 parent, with a reference */
	_Atomic int32_t writers;      /* [a] > 0: openings for write; < 0:
					 openings that deny write */
	_Atomic uint64_t parent_hint; /* [a] number of a directory that may have
					 a name of this inode, 0: unknown */

	_Atomic uint32_t refs;	    /* [a]; 0 -> 1 and 1 -> 0 under [C] */
	_Atomic uint32_t state;	    /* INODE_* */
	struct list_node hash_node; /* [C] */
	struct list_node sb_node;   /* [C] in sb->inodes */
	struct list_node lru_node;  /* [C] linked while refs == 0 */
};

/* Initial fields of a new inode; mode has type and permission bits. */
struct inode_attr {
	uint32_t mode, uid, gid, rdev;
};

/* Which fields of struct inode_change apply. */
#define CHANGE_MODE  (1u << 0)
#define CHANGE_UID   (1u << 1)
#define CHANGE_GID   (1u << 2)
#define CHANGE_SIZE  (1u << 3)
#define CHANGE_ATIME (1u << 4)
#define CHANGE_MTIME (1u << 5)
#define CHANGE_NOW   (1u << 6) /* current time: write access suffices */
#define CHANGE_OWNER (1u << 7) /* chown(2), even without a new id */

struct inode_change {
	unsigned what;
	uint32_t mode; /* permission bits only */
	uint32_t uid, gid;
	uint64_t size;
	int64_t atime, mtime;
};

/*
 * Called for each directory entry; `next` is the position after it.  False: no
 * room; the entry must be offered again next time.
 */
typedef bool (*dir_emit_fn)(void *arg, const char *name, size_t len,
			    uint64_t ino, uint8_t type, uint64_t next);

#define RENAME_NOREPLACE 1u
#define RENAME_EXCHANGE	 2u

/*
 * Operations on an inode.  All run in process context and may sleep.  The
 * caller has checked types, permissions, name lengths and that the file system
 * is writable.  Each may return -EIO, and -ENOMEM with nothing changed.  An
 * operation that changes an inode updates its times and calls
 * inode_mark_dirty().
 */
struct inode_ops {
	/*
	 * [directories] Find an entry, also "." and "..".  0 and *out with a
	 * reference; -ENOENT.
	 */
	int (*lookup)(struct inode *dir, const char *name, size_t len,
		      struct inode **out) needs_lock(dir->lock);
	/*
	 * [optional] Make a file, device node, FIFO or socket; `name` does not
	 * exist yet.  0 and *out with a reference and nlink 1; -ENOSPC.  NULL:
	 * -EPERM (likewise for mkdir to rename).
	 */
	int (*create)(struct inode *dir, const char *name, size_t len,
		      const struct inode_attr *attr, struct inode **out)
		needs_lock(dir->lock);
	/* As create(), for a directory; dir->nlink is incremented. */
	int (*mkdir)(struct inode *dir, const char *name, size_t len,
		     const struct inode_attr *attr, struct inode **out)
		needs_lock(dir->lock);
	/* As create() without *out, for a symbolic link; target ends in NUL. */
	int (*symlink)(struct inode *dir, const char *name, size_t len,
		       const struct inode_attr *attr, const char *target)
		needs_lock(dir->lock);
	/* Add a hard link to `inode`, not a directory. */
	int (*link)(struct inode *dir, const char *name, size_t len,
		    struct inode *inode) needs_lock(dir->lock)
		needs_lock(inode->lock);
	/* Remove a hard link of a file: victim->nlink--. */
	int (*unlink)(struct inode *dir, const char *name, size_t len,
		      struct inode *victim) needs_lock(dir->lock)
		needs_lock(victim->lock);
	/*
	 * Remove an empty directory.  victim->nlink becomes 0 and dir->nlink is
	 * decremented.  -ENOTEMPTY.  The VFS refuses later operations in the
	 * removed directory (nlink == 0).
	 */
	int (*rmdir)(struct inode *dir, const char *name, size_t len,
		     struct inode *victim) needs_lock(dir->lock)
		needs_lock(victim->lock);
	/*
	 * Move `inode` from (from, name) to (to, to_name).  `target` is the
	 * inode that the new name names now, or NULL.  All of these inodes are
	 * locked, too.  The VFS has checked that the types match and that
	 * `inode` is no ancestor of `to`.  A target directory must be empty:
	 * -ENOTEMPTY.  The rename is atomic: it happens as a whole or not at
	 * all.  flags: RENAME_EXCHANGE (target != NULL) or 0; -EINVAL if not
	 * supported.
	 */
	int (*rename)(struct inode *from, const char *name, size_t len,
		      struct inode *to, const char *to_name, size_t to_len,
		      struct inode *inode, struct inode *target, unsigned flags)
		needs_lock(from->sb->rename_lock);
	/*
	 * [symlinks] Copy the target, at most `size` bytes without NUL.
	 * Returns the length, cut to `size`.  No lock held.
	 */
	ssize_t (*readlink)(struct inode *inode, char *buf, size_t size);
	/*
	 * [symlinks, optional] For a link that names an inode directly, not by
	 * a path (/proc/N/exe): store that inode, with a reference, in *out.
	 * -ENOTSUP: the caller must follow the path that readlink() returns.
	 */
	int (*follow)(struct inode *inode, struct inode **out);
	/*
	 * [directories] Offer the entries from position *pos (0: the start) on,
	 * "." and ".." included, until emit() returns false or at the end.
	 * *pos advances past the entries accepted.  An entry that exists all
	 * the time is offered exactly once, even if others are added or
	 * removed.  0 also at the end.
	 */
	int (*readdir)(struct inode *dir, uint64_t *pos, dir_emit_fn emit,
		       void *arg) needs_lock(dir->lock);
	/*
	 * [optional] Apply a change.  A size change frees or reserves space and
	 * calls pagecache_truncate().  NULL: as inode_apply_change(), and sizes
	 * cannot change (-EINVAL).
	 */
	int (*setattr)(struct inode *inode, const struct inode_change *c)
		needs_lock(inode->lock);
	/* [optional] True: grant what the mode denies.  Any locks held. */
	bool (*permits)(struct inode *inode);
};

/*
 * Find the inode with this number in the cache, or read it by read_inode();
 * with a reference.  0; -ENOENT, -ENOMEM, -EIO, -EUCLEAN.
 */
int inode_find(struct superblock *sb, uint64_t ino,
	       struct inode **out) must_check nonnull;

/*
 * Make an inode that read_inode() does not fill: one reference, nlink 1,
 * current times, mode/uid/gid/rdev from attr.  NULL: no memory.  The caller
 * sets ops, fops and cache, then calls inode_add(): from then on any hart may
 * find the inode by number.  To delete it later: nlink = 0 and inode_put().
 */
struct inode *inode_new(struct superblock *sb, uint64_t ino,
			const struct inode_attr *attr) must_check;
void inode_add(struct inode *inode) nonnull;

/* Add a reference to an inode on which the caller already holds one. */
struct inode *inode_get(struct inode *inode) nonnull;
/* Drop a reference; may sleep (I/O) if it was the last.  NULL is allowed. */
void inode_put(struct inode *inode);

/* Mark the inode dirty: commit() will be called within seconds. */
void inode_mark_dirty(struct inode *inode) nonnull;

/* inode_size() needs no lock, inode_set_size() needs the inode lock. */
static inline uint64_t
inode_size(const struct inode *inode)
{
	return __atomic_load_n(&inode->size, __ATOMIC_RELAXED);
}

static inline void
inode_set_size(struct inode *inode, uint64_t size)
{
	__atomic_store_n(&inode->size, size, __ATOMIC_RELAXED);
}

/* Apply a change except the size; set ctime to now; mark the inode dirty. */
void
inode_apply_change(struct inode *inode, const struct inode_change *c) nonnull;
/* Set mtime and ctime to the current time; mark the inode dirty. */
void inode_touch(struct inode *inode) nonnull;
/* Set ctime to the current time; mark the inode dirty. */
void inode_touch_ctime(struct inode *inode) nonnull;

/* Write one inode and its data to the file system's storage. 0 or -EIO. */
int inode_sync(struct inode *inode) nonnull;

/*
 * ---- for use in fs/ ----
 *
 * The cache keeps one struct inode for each file in use or recently used.
 * Mounting, syncing and path walks call these functions in process context.
 */

/* Guards the fields marked [C]. */
extern struct spinlock icache_lock;

/* Boot, before the first inode. */
void icache_init(void);

/* Is an inode of `sb` referenced other than by sb->root? */
bool inode_busy(struct superblock *sb) nonnull needs_lock(icache_lock);

/*
 * Iterate over all cached inodes, or over those with dirty data.  Returns the
 * inode after `after` (NULL: the first) with a reference, or NULL; drops the
 * reference on `after`.
 */
struct inode *inode_next(struct superblock *sb, struct inode *after);
struct inode *inode_next_dirty(struct superblock *sb, struct inode *after);

/*
 * For commit(): iterate over the inodes that have a name and are INODE_DIRTY,
 * in the order in which the cache loaded them.  Returns the inode after `after`
 * (NULL: the first) with a reference, or NULL.  Drops the reference on `after`
 * without evicting that inode.
 */
struct inode *inode_next_to_commit(struct superblock *sb, struct inode *after);

/*
 * Write back the dirty data of unused inodes, and evict the inodes; an inode
 * that is still dirty stays.  May sleep.
 */
void inode_prune(void);

/*
 * After a read: update atime if it is not newer than mtime and ctime, or is a
 * day old (relatime).
 */
void inode_accessed(struct inode *inode) nonnull;

/*
 * Make opens for write fail with -ETXTBSY until inode_allow_write().  0, or
 * -ETXTBSY if the inode is already open for write.
 */
int inode_deny_write(struct inode *inode) nonnull must_check;
void inode_allow_write(struct inode *inode) nonnull;

/*
 * Increment and decrement the count of opens for write.  -ETXTBSY while
 * inode_deny_write() is in force; -EROFS if a regular file may not change.
 */
int inode_begin_write(struct inode *inode) nonnull must_check;
void inode_end_write(struct inode *inode) nonnull;

#endif
