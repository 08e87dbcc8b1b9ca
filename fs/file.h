/* SPDX-License-Identifier: MIT */
/*
 * fs/file.h - open files.
 *
 * A struct file is one open file description: several descriptors and processes
 * can share it.  "with a reference": the caller must drop it by file_put().
 *
 * Keys: [i] set before publication, constant afterwards  [a] atomic
 *       [P] file.pos_lock
 */
#ifndef FS_FILE_H
#define FS_FILE_H

#include "fs/abi.h"
#include "kernel/mutex.h"
#include "lib/base.h"
#include "mm/iobuf.h"

#include <stdatomic.h>

struct file;
struct inode;
struct memobj;
struct poll_table;
struct user;

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
 * Read, write, seek and mmap for regular files in the page cache.  A file
 * system uses this table as inode->fops for regular files.
 */
extern const struct file_ops generic_file_ops;
/* For directories (getdents works through inode->ops->readdir). */
extern const struct file_ops generic_dir_ops;

#endif
