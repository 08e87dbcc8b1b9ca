/* SPDX-License-Identifier: MIT */
/*
 * fs/vfs.h - the virtual file system: inodes, superblocks, open files, paths.
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
#ifndef FS_VFS_H
#define FS_VFS_H

#include "fs/abi.h"
#include "kernel/mutex.h"
#include "kernel/thread.h"
#include "lib/base.h"
#include "lib/errno.h"
#include "lib/list.h"
#include "mm/iobuf.h"

#include <stdatomic.h>

struct block_device;
struct file;
struct file_lock;
struct inode;
struct memobj;
struct pagecache;
struct pipe;
struct poll_table;
struct superblock;

#define NAME_MAX	255
#define PATH_MAX	4096
#define SYMLINK_DEPTH	40
#define LINK_MAX	32000
#define FILE_SIZE_LIMIT ((UINT64_C(1) << 44) - 1)

/* What inode_permission() is asked for. */
#define MAY_EXEC  1u
#define MAY_WRITE 2u
#define MAY_READ  4u

/* ---- inodes ---- */

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
	 * [symlinks, optional] Return the inode, with a reference, of a link to
	 * an inode instead of a path (/proc/N/exe).  -ENOTSUP: follow the text.
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

/* ---- superblocks and file systems ---- */

#define SB_RDONLY  (1u << 0) /* as MS_RDONLY */
#define SB_NOSUID  (1u << 1)
#define SB_NODEV   (1u << 2)
#define SB_NOEXEC  (1u << 3)
#define SB_NOCACHE (1u << 16) /* unused inodes are not cached */
#define SB_CLOSING (1u << 17) /* set while a remount looks for writers */

struct fs_usage {      /* for statfs(2) */
	uint32_t type; /* magic */
	uint32_t block_size;
	uint64_t blocks, free, available; /* in block_size */
	uint64_t files, files_free;
	uint64_t id;
};

struct super_ops {
	/*
	 * [required] Allocate and free an inode of this file system (zeroed,
	 * struct inode embedded).  The VFS initializes the struct inode;
	 * alloc_inode() initializes the rest except what read_inode() fills in.
	 */
	struct inode *(*alloc_inode)(struct superblock *sb);
	void (*free_inode)(struct inode *inode);
	/*
	 * [if inode_find() is used] Fill in an inode from inode->ino: mode,
	 * nlink, ops, fops, cache and so on.  No other thread uses the inode
	 * yet.  -ENOENT, without a log line, if that number is free; -EUCLEAN.
	 */
	int (*read_inode)(struct inode *inode);
	/*
	 * [optional] Write all INODE_DIRTY inodes, clearing that flag, and all
	 * other metadata to the disk, in such an order that a check can repair
	 * the disk after a power failure at any time.  No inode is locked.
	 * NULL: nothing is kept after power-off.
	 */
	int (*commit)(struct superblock *sb);
	/*
	 * [optional] The last reference was dropped; lookups of the number
	 * block.  If nlink is 0, free the data and the inode in the file
	 * system.  If the inode contains the page cache, call
	 * pagecache_destroy() in any case.
	 */
	void (*evict_inode)(struct inode *inode);
	/* [required] Fill in *u.  0 or -errno. */
	int (*statfs)(struct superblock *sb, struct fs_usage *u);
	/*
	 * [optional] As commit(), then flush the disk.  -EIO also if an earlier
	 * write failed and no sync has reported it.
	 */
	int (*sync)(struct superblock *sb);
	/* [optional] Unmount; no inode is left.  Mark clean, free sb->data. */
	void (*put_super)(struct superblock *sb);
	/* [optional] Change to read-only or writable; 0 or -errno. */
	int (*remount)(struct superblock *sb, unsigned flags);
};

struct superblock {
	const struct super_ops *ops;   /* [i] */
	const struct filesystem *type; /* [i] */
	struct block_device *bdev;     /* [i] or NULL */
	uint32_t dev;		       /* [i] st_dev of its files */
	uint32_t block_size;	       /* [i] st_blksize */
	uint64_t max_size;	       /* [i] largest file */
	_Atomic unsigned flags;	       /* [a] SB_* */
	struct inode *root;	       /* [i] with a reference */
	void *data;		       /* private to the file system */
	struct mutex rename_lock;      /* one rename at a time */
	struct list_node inodes;       /* [C] all that are cached */

	/* For the VFS only. */
	struct inode *covered; /* [C] mount point, a reference; NULL: the root
				  mount or internal */
	struct list_node node; /* [M] */
	char source[32];       /* [i] for /proc/mounts */
	char *where;	       /* [i] absolute path, for /proc/mounts */
};

struct filesystem {
	const char *name; /* "ext2" */
	bool needs_device;
	/*
	 * Make a mounted superblock: sb_alloc(), fill it in, set root.  flags:
	 * SB_*; data: the mount options text or NULL.  dev: NULL unless
	 * needs_device.  0; -EINVAL (not this kind), -EUCLEAN, -EIO, -ENOMEM.
	 */
	int (*mount)(const struct filesystem *type, struct block_device *dev,
		     unsigned flags, const char *data, struct superblock **out);
};

/* Register a file system type.  Boot time; at most 8. */
void filesystem_register(const struct filesystem *type) nonnull;
const struct filesystem *filesystem_at(unsigned i); /* NULL at the end */

/*
 * Allocate a superblock with a device number and without a root; NULL: no
 * memory.  sb_free() frees it and its cached inodes; of references on these,
 * only sb->root may be left.
 */
struct superblock *
sb_alloc(const struct filesystem *type, const struct super_ops *ops,
	 struct block_device *bdev, unsigned flags) must_check;
void sb_free(struct superblock *sb) nonnull;

static inline bool
sb_read_only(const struct superblock *sb)
{
	return (sb->flags & SB_RDONLY) != 0;
}

/* ---- inode cache, fs/inode.c ---- */

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

/* May the current thread access the inode (MAY_*)?  0, -EACCES, -EROFS. */
int inode_permission(struct inode *inode, unsigned may) nonnull must_check;

/* Does the current thread own the inode, or act as root? */
bool inode_owned(const struct inode *inode) nonnull;

/* Write one inode and its data to the file system's storage. 0 or -EIO. */
int inode_sync(struct inode *inode) nonnull;

/* ---- open files ---- */

struct file_ops {
	/*
	 * [optional] Called once for a new file, after its inode and flags are
	 * set; may replace file->ops and file->priv.  No lock held.
	 */
	int (*open)(struct file *f);
	/*
	 * [optional] Transfer up to b->left bytes at position *pos and advance
	 * it (streams ignore *pos).  Returns the bytes transferred; 0 at the
	 * end; -EAGAIN, -ERESTARTSYS, -EFAULT, -EIO ... if there were none.
	 * NULL: -EINVAL.
	 */
	ssize_t (*read)(struct file *f, struct iobuf *b, uint64_t *pos);
	ssize_t (*write)(struct file *f, struct iobuf *b, uint64_t *pos);
	/* [optional] The new position; whence: SEEK_*.  NULL: -ESPIPE. */
	int64_t (*seek)(struct file *f, int64_t offset, int whence);
	/* [optional] `arg` may be a user address.  NULL: -ENOTTY. */
	int64_t (*ioctl)(struct file *f, unsigned cmd, uint64_t arg);
	/*
	 * [optional] Returns the POLL* events that hold now; calls poll_wait()
	 * for each queue that is woken when they change.  NULL: always ready.
	 */
	unsigned (*poll)(struct file *f, struct poll_table *pt);
	/* [optional] Return the object to map, borrowed.  NULL: -ENODEV. */
	struct memobj *(*mmap)(struct file *f);
	bool maps_zeroes; /* mmap is NULL: map anonymous memory */
	/* [optional] NULL: inode_sync(). */
	int (*fsync)(struct file *f);
	/* [optional] The last reference is being dropped. */
	void (*release)(struct file *f);
};

/* Flags in file.mode. */
#define FILE_READ      (1u << 0)
#define FILE_WRITE     (1u << 1)
#define FILE_SEEK      (1u << 2) /* has a position: pos_lock is taken */
#define FILE_DENY      (1u << 3) /* holds inode_deny_write() */
#define FILE_WRITER    (1u << 4) /* counts in inode->writers */
#define FILE_PATH_ONLY (1u << 5) /* O_PATH */

struct file {
	const struct file_ops *ops; /* [i] after open */
	struct inode *inode;	    /* [i] with a reference */
	_Atomic uint32_t refs;	    /* [a] */
	unsigned mode;		    /* [i] FILE_* */
	_Atomic unsigned flags;	    /* [a] O_* that fcntl may change */
	struct mutex pos_lock;
	uint64_t pos;	   /* [P] */
	void *priv;	   /* private to ops */
	char *path;	   /* [i] or NULL: set by vfs_exec_open() */
	struct user *user; /* [i] charged for it, with a reference */
};

/*
 * Make an open file and charge it to the current thread's user.  On success the
 * caller's reference on `inode` passes to the file.  0; -ENFILE (the user's
 * limit on open files); -ENOMEM.
 */
int file_create(struct inode *inode, const struct file_ops *ops, unsigned flags,
		struct file **out) must_check;
/* Undo file_create() of a file never opened; the caller keeps `inode`. */
void file_free(struct file *f) nonnull;
struct file *file_get(struct file *f) nonnull;
void file_put(struct file *f) nonnull; /* dropping the last may sleep */

ssize_t file_read(struct file *f, struct iobuf *b, uint64_t *pos) nonnull;
ssize_t file_write(struct file *f, struct iobuf *b, uint64_t *pos) nonnull;
/*
 * Read into kernel memory.  Returns the bytes read (fewer than n only at the
 * end of the file), or -errno.
 */
ssize_t
file_read_at(struct file *f, void *to, size_t n, uint64_t pos) must_check;

/* The object that a mapping of f maps, borrowed; NULL: f cannot be mapped. */
struct memobj *file_memobj(struct file *f) nonnull;

/*
 * The path of a file from the thread's root directory; for a file outside that,
 * from the root of the whole tree.  If no path is found: the file system and
 * the inode number.  " (deleted)" follows if no name is left.  Writes at most
 * `size` bytes with the NUL; returns the length.  Process context.
 */
size_t file_path(struct file *f, char *buf, size_t size) nonnull;
size_t inode_path(struct inode *inode, char *buf, size_t size) nonnull;
/* memobj_ops.name for the page cache of a file. */
size_t inode_map_name(struct inode *inode, char *buf, size_t size,
		      uint64_t *ino, uint32_t *dev) nonnull;

/*
 * Read, write, seek and mmap for regular files in the page cache.  A file
 * system uses this table as inode->fops for regular files.
 */
extern const struct file_ops generic_file_ops;
/* For directories (getdents works through inode->ops->readdir). */
extern const struct file_ops generic_dir_ops;

/*
 * Set inode->fops (and cache, for disks) of a device node, FIFO or socket by
 * mode and rdev.  For read_inode() and create() of any file system.
 */
void inode_init_special(struct inode *inode) nonnull;

/* ---- paths, fs/path.c and fs/namei.c ---- */

#define LOOKUP_FOLLOW	 (1u << 0) /* follow a symlink at the end */
#define LOOKUP_DIRECTORY (1u << 1) /* -ENOTDIR unless a directory */
#define LOOKUP_EMPTY	 (1u << 2) /* "" means start itself */

/*
 * Walk `path` from `start` (NULL: the current directory).  0 and *out with a
 * reference; -ENOENT, -ENOTDIR, -EACCES, -ELOOP, -ENAMETOOLONG.
 */
int vfs_lookup(struct inode *start, const char *path, unsigned flags,
	       struct inode **out) must_check;

/* The last component of a path and the directory it is in. */
struct last_name {
	struct inode *dir; /* with a reference */
	char name[NAME_MAX + 1];
	size_t len; /* 0: no component (LAST_ROOT) */
	bool slash; /* slashes follow the name */
	enum { LAST_NORMAL, LAST_DOT, LAST_DOTDOT, LAST_ROOT } kind;
};

/* As vfs_lookup(), but stop before the last component, which need not exist. */
int vfs_lookup_parent(struct inode *start, const char *path,
		      struct last_name *out) must_check;

/* Open relative to `start` (NULL: the current directory). */
int vfs_open_at(struct inode *start, const char *path, unsigned flags,
		uint32_t mode, struct file **out) must_check;
int vfs_open(const char *path, unsigned flags, uint32_t mode,
	     struct file **out) must_check;

/*
 * Open a program: a regular file that the current thread may execute.  Until
 * the last file_put(), open for write fails.  0; -EACCES, -ETXTBSY, and the
 * errors of vfs_lookup().
 */
int vfs_exec_open(const char *path, struct file **out) must_check;

int vfs_mkdir(struct inode *start, const char *path, uint32_t mode);
/* May mknod(2) make this type?  0; -EPERM (a directory); -EINVAL. */
int mknod_check(uint32_t mode) must_check;
/* `mode` has passed mknod_check(). */
int
vfs_mknod(struct inode *start, const char *path, uint32_t mode, uint32_t rdev);
int vfs_symlink(const char *target, struct inode *start, const char *path);
int vfs_link(struct inode *old, struct inode *start, const char *path);
int vfs_unlink(struct inode *start, const char *path);
int vfs_rmdir(struct inode *start, const char *path);
int vfs_rename(struct inode *from, const char *path, struct inode *to,
	       const char *to_path, unsigned flags);
/* Change attributes, after the checks of chmod(2), chown(2) and the like. */
int vfs_setattr(struct inode *inode, const struct inode_change *c);
/*
 * ftruncate(2): set the size without checking permissions.  -EFBIG, with
 * SIGXFSZ: the file would grow beyond RLIMIT_FSIZE.
 */
int vfs_truncate(struct inode *inode, uint64_t size);
/*
 * fallocate(2): reserve space on the disk or in memory for bytes [pos, pos + n)
 * of a regular file; the file grows to cover them unless `keep_size`.  Errors
 * as vfs_truncate(); also -ENOSPC, -EINTR, and -EOPNOTSUPP if the file system
 * cannot keep space beyond the size.
 */
int vfs_allocate(struct inode *inode, uint64_t pos, uint64_t n, bool keep_size);
/*
 * The path of a directory from the thread's root.  For one outside that, the
 * path from the root of the whole tree, after "(unreachable)" if `mark`.
 * Returns the length; -ENOENT if removed, -ENAMETOOLONG.
 */
ssize_t
vfs_dir_path(struct inode *dir, bool mark, char *buf, size_t size) must_check;

/* ---- mounts, fs/mount.c ---- */

/* The root directory of the whole tree, borrowed; see also current_root(). */
struct inode *vfs_root(void);

/* Write all dirty data and metadata to disk.  0 or the first error. */
int vfs_sync(void);
int sb_sync(struct superblock *sb);
/* Sync, then free clean pages and unused inodes. */
void vfs_drop_caches(void);

/* Boot: register file systems, mount /, /dev, /proc, /tmp. */
void fs_init(void);
/* ---- file systems that exist ---- */

extern const struct filesystem ext2_filesystem;	 /* fs/ext2/ */
extern const struct filesystem tmpfs_filesystem; /* fs/tmpfs.c */
extern const struct filesystem devfs_filesystem; /* fs/devfs.c */
/* procfs/tree.c, in a room above: fs_init() only registers it. */
extern const struct filesystem procfs_filesystem;

#endif
