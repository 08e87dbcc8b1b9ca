/* SPDX-License-Identifier: MIT */
/*
 * fs/fd.h - descriptor tables, and the root directory, working directory and
 * umask of a process.
 *
 * struct fdtable and struct fs_context have reference counts, so that
 * clone(CLONE_FILES | CLONE_FS) can share them.  The fd_*() functions use the
 * table of the current thread.  All run in process context; those that may
 * close a file may sleep.
 *
 * Keys: [T] table->lock  [a] atomic  [F] fs->lock
 */
#ifndef FS_FD_H
#define FS_FD_H

#include "kernel/spinlock.h"

#define FD_INLINE 32u	     /* slots inside the table itself */
#define FD_MAX	  (1u << 20) /* numbers of a table: 0 .. FD_MAX - 1 */

struct fdtable {
	struct spinlock lock;
	_Atomic uint32_t refs; /* [a] processes and threads using it */
	unsigned used_end;     /* [T] above all open numbers */
	unsigned lowest;       /* [T] all numbers below are open */
	unsigned first_size;   /* [T] slots in the first piece */
	unsigned piece_count;  /* [T] length of pieces[] */
	uintptr_t *first;      /* [T] the first piece: slots, see fd.c */
	uintptr_t **pieces;    /* [T] pieces 1, 2, ...; NULL: not allocated */
	uintptr_t inline_slots[FD_INLINE];
};

/* Returns an empty table with one reference; NULL: no memory. */
struct fdtable *fdtable_create(void) must_check;
/* Returns a copy for fork, with the same open files; NULL: no memory. */
struct fdtable *fdtable_clone(struct fdtable *t) nonnull must_check;
struct fdtable *fdtable_get(struct fdtable *t) nonnull;
/* Drop a reference; dropping the last closes all files.  May sleep. */
void fdtable_put(struct fdtable *t) nonnull;
/* exec: close the descriptors marked close-on-exec. */
void fdtable_close_on_exec(struct fdtable *t) nonnull;

/*
 * Walk the open files of any process's table.  Returns the file with the lowest
 * number >= *fd, with a reference, and stores that number in *fd; NULL at the
 * end.
 */
struct file *fdtable_next(struct fdtable *t, int *fd) nonnull;

/*
 * Returns the current thread's file `fd`, with a reference; NULL if the number
 * is not open.  fd_get() also returns NULL for a file opened with O_PATH.
 * Calls that need only the inode use fd_get_any().
 */
struct file *fd_get(int fd) must_check;
struct file *fd_get_any(int fd) must_check;
/*
 * Returns the size of the current thread's table, which exceeds every open
 * number: a power of two from 64 to FD_MAX.  The table never shrinks.
 */
unsigned fd_size(void) must_check;
/*
 * Install the file at the lowest free number >= `min`.  Takes over the caller's
 * reference on success.  Returns the number, or -EMFILE, -ENOMEM, -EINVAL.
 */
int fd_install(struct file *f, int min, bool cloexec) must_check;
/*
 * Allocate a slot for one more file, before a step that cannot be undone: 0,
 * -EMFILE or -ENOMEM.  Another thread may still use the slot.
 */
int fd_room(void) must_check;
/*
 * dup3: make `fd` refer to f, and close the file that it referred to.  Takes
 * over the caller's reference on success.  Returns `fd`, or -EBADF, -ENOMEM.
 */
int fd_replace(struct file *f, int fd, bool cloexec) must_check;
/* 0 or -EBADF. */
int fd_close(int fd);
/* Close all descriptors in [first, last], or mark them close-on-exec. */
void fd_close_range(unsigned first, unsigned last, bool only_mark);
/* Read and set the close-on-exec flag; -EBADF. */
int fd_get_cloexec(int fd);
int fd_set_cloexec(int fd, bool on);

/* ---- root, working directory and umask ---- */

struct fs_context {
	struct spinlock lock;
	_Atomic uint32_t refs;	/* [a] */
	struct inode *root;	/* [F] with a reference: chroot(2) */
	struct inode *cwd;	/* [F] with a reference */
	_Atomic uint32_t umask; /* [a] */
};

/* Both directories are vfs_root(), the umask is 022; NULL: no memory. */
struct fs_context *fs_context_create(void) must_check;
struct fs_context *fs_context_clone(struct fs_context *c) nonnull must_check;
struct fs_context *fs_context_get(struct fs_context *c) nonnull;
void fs_context_put(struct fs_context *c) nonnull;
/* With a reference. */
struct inode *fs_context_root(struct fs_context *c) nonnull;
struct inode *fs_context_cwd(struct fs_context *c) nonnull;
/* Take over the caller's reference on `dir`. */
void fs_context_set_root(struct fs_context *c, struct inode *dir) nonnull;
void fs_context_set_cwd(struct fs_context *c, struct inode *dir) nonnull;
uint32_t fs_context_set_umask(struct fs_context *c, uint32_t umask) nonnull;

#endif
