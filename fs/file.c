/* SPDX-License-Identifier: MIT */
/*
 * fs/file.c - open files: create, count references, close, read and write.
 *
 * Descriptor tables, system calls in progress, and processes (for their program
 * file) hold references to a struct file.  The last file_put() closes the file,
 * in process context; it may sleep.  An open file is charged to the user that
 * opened it (-ENFILE at the limit).  file_read() and file_write() return -EBADF
 * if the file was not opened for reading or writing.
 */
#include "fs/file.h"

#include "fs/inode.h"
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "mm/slab.h"
#include "mm/user.h"

int
file_create(struct inode *inode, const struct file_ops *ops, unsigned flags,
	    struct file **out)
{
	struct user *u = thread_current()->user;
	unsigned access = flags & O_ACCMODE;
	struct file *f;

	if (!user_charge_most(u, USER_FILES, 1))
		return -ENFILE;
	f = kzalloc(sizeof(*f));
	if (f == NULL) {
		user_uncharge(u, USER_FILES, 1);
		return -ENOMEM;
	}
	f->user = user_get(u);
	f->ops = ops;
	f->inode = inode;
	f->refs = 1;
	f->flags = flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC | O_ASYNC);
	if (flags & O_PATH)
		f->mode = FILE_PATH_ONLY;
	else if (access == O_RDONLY)
		f->mode = FILE_READ;
	else if (access == O_WRONLY)
		f->mode = FILE_WRITE;
	else if (access == O_RDWR)
		f->mode = FILE_READ | FILE_WRITE;
	if (ops->seek != NULL)
		f->mode |= FILE_SEEK;
	mutex_init(&f->pos_lock, LOCK_FILE);
	*out = f;
	return 0;
}

void
file_free(struct file *f)
{
	user_uncharge(f->user, USER_FILES, 1);
	user_put(f->user);
	kfree(f);
}

struct file *
file_get(struct file *f)
{
	uint32_t old = atomic_fetch_add(&f->refs, 1);

	assert(old > 0);
	(void)old;
	return f;
}

void
file_put(struct file *f)
{
	uint32_t old = atomic_fetch_sub(&f->refs, 1);

	assert(old > 0);
	if (old != 1)
		return;
	if (f->ops->release != NULL)
		f->ops->release(f);
	if (f->mode & FILE_DENY)
		inode_allow_write(f->inode);
	if (f->mode & FILE_WRITER)
		inode_end_write(f->inode);
	inode_put(f->inode);
	kfree(f->path);
	file_free(f);
}

ssize_t
file_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	if (!(f->mode & FILE_READ))
		return -EBADF;
	if (f->ops->read == NULL)
		return S_ISDIR(f->inode->mode) ? -EISDIR : -EINVAL;
	return f->ops->read(f, b, pos);
}

ssize_t
file_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	if (!(f->mode & FILE_WRITE))
		return -EBADF;
	if (f->ops->write == NULL)
		return -EINVAL;
	return f->ops->write(f, b, pos);
}

ssize_t
file_read_at(struct file *f, void *to, size_t n, uint64_t pos)
{
	struct iobuf b;
	size_t done = 0;
	ssize_t r;

	iobuf_init_kernel(&b, to, n);
	while (done < n) {
		r = file_read(f, &b, &pos);
		if (r < 0)
			return r;
		if (r == 0)
			break;
		done += (size_t)r;
	}
	return (ssize_t)done;
}

struct memobj *
file_memobj(struct file *f)
{
	return f->ops->mmap == NULL ? NULL : f->ops->mmap(f);
}
