/* SPDX-License-Identifier: MIT */
/*
 * syscall/file.c - calls on open files: read, write, pread64, pwrite64, readv,
 * writev, preadv, pwritev, process_vm_readv, process_vm_writev, lseek,
 * sendfile, fsync (also for fdatasync), sync, syncfs, ftruncate, fallocate,
 * fadvise64.
 *
 * Reads and writes go through transfer(), which holds pos_lock while it uses
 * the file's own position.  Some checks are made in the order of Linux, so that
 * a call with several errors returns the same errno.
 */
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/open.h"
#include "kernel/thread.h"
#include "mm/access.h"
#include "proc/foreign.h"
#include "syscall/filecall.h"

#define IOV_MAX	   1024u
#define IOV_INLINE 8u
#define RW_MAX	   UINT64_C(0x7ffff000) /* bytes in one call, as on Linux */
#define COPY_CHUNK PAGE_SIZE

/*
 * Read or write at *pos or, if pos is NULL, at the file's own position.
 * file_read() and file_write() check that the file is open for this access.
 */
static int64_t
transfer(struct file *f, struct iobuf *b, uint64_t *pos, bool write)
{
	bool own = pos == NULL && (f->mode & FILE_SEEK);
	uint64_t nowhere = 0;
	ssize_t n;

	if (own) {
		mutex_lock(&f->pos_lock);
		pos = &f->pos;
	} else if (pos == NULL) {
		pos = &nowhere;
	}
	n = write ? file_write(f, b, pos) : file_read(f, b, pos);
	if (own)
		mutex_unlock(&f->pos_lock);
	return n;
}

static int64_t
rw(int fd, uaddr_t buf, size_t n, int64_t *pos, bool write)
{
	struct file *f;
	struct iobuf b;
	int64_t r;

	/* Check in the order of Linux. */
	if (pos != NULL && *pos < 0)
		return -EINVAL;
	f = fd_get(fd);
	if (f == NULL)
		return -EBADF;
	if (pos != NULL && (f->mode & FILE_SEEK) == 0) {
		r = -ESPIPE;
	} else if ((f->mode & (write ? FILE_WRITE : FILE_READ)) == 0) {
		r = -EBADF;
	} else if (!user_range_ok(buf, n)) {
		r = -EFAULT;
	} else {
		iobuf_init(&b, thread_current()->space, buf, MIN(n, RW_MAX));
		r = transfer(f, &b, (uint64_t *)pos, write);
	}
	file_put(f);
	return r;
}

int64_t
sys_read(int fd, uaddr_t buf, size_t n)
{
	return rw(fd, buf, n, NULL, false);
}

int64_t
sys_write(int fd, uaddr_t buf, size_t n)
{
	return rw(fd, buf, n, NULL, true);
}

int64_t
sys_pread64(int fd, uaddr_t buf, size_t n, int64_t pos)
{
	return rw(fd, buf, n, &pos, false);
}

int64_t
sys_pwrite64(int fd, uaddr_t buf, size_t n, int64_t pos)
{
	return rw(fd, buf, n, &pos, true);
}

/*
 * Copy an array of iovecs from user memory and check it.  The lengths are cut
 * so that their sum is at most RW_MAX.
 */
static int
vector_from_user(struct iovec *vec, uaddr_t at, unsigned count)
{
	uint64_t total = 0;

	if (copy_from_user(vec, at, count * sizeof(*vec)) != 0)
		return -EFAULT;
	for (unsigned i = 0; i < count; i++) {
		if ((int64_t)vec[i].len < 0)
			return -EINVAL;
		if (!user_range_ok(vec[i].base, vec[i].len))
			return -EFAULT;
		vec[i].len = MIN(vec[i].len, RW_MAX - total);
		total += vec[i].len;
	}
	return 0;
}

/*
 * An iovec argument: a short array is stored in `few`, a long one is allocated.
 * After vector_get() the caller must call vector_free(), also after an error.
 */
struct vector {
	struct iovec few[IOV_INLINE], *vec;
	unsigned count;
};

static int
vector_get(struct vector *v, uaddr_t at, uint64_t count)
{
	v->vec = v->few;
	v->count = (unsigned)count;
	if (count > IOV_MAX)
		return -EINVAL;
	if (count > IOV_INLINE)
		v->vec = kmalloc(count * sizeof(*v->vec));
	return v->vec == NULL ? -ENOMEM
			      : vector_from_user(v->vec, at, v->count);
}

static void
vector_free(struct vector *v)
{
	if (v->vec != v->few)
		kfree(v->vec);
}

static int64_t
rw_vector(int fd, uaddr_t at, uint64_t count, int64_t *pos, bool write)
{
	struct vector v;
	struct file *f;
	struct iobuf b;
	int64_t r;

	if (count > IOV_MAX || (pos != NULL && *pos < 0))
		return -EINVAL;
	f = fd_get(fd);
	if (f == NULL)
		return -EBADF;
	r = vector_get(&v, at, count);
	if (r == 0 && pos != NULL && (f->mode & FILE_SEEK) == 0)
		r = -ESPIPE;
	if (r == 0) {
		iobuf_init_vec(&b, thread_current()->space, v.vec, v.count);
		r = transfer(f, &b, (uint64_t *)pos, write);
	}
	vector_free(&v);
	file_put(f);
	return r;
}

int64_t
sys_readv(int fd, uaddr_t vec, uint64_t count)
{
	return rw_vector(fd, vec, count, NULL, false);
}

int64_t
sys_writev(int fd, uaddr_t vec, uint64_t count)
{
	return rw_vector(fd, vec, count, NULL, true);
}

int64_t
sys_preadv(int fd, uaddr_t vec, uint64_t count, int64_t pos, uint64_t high)
{
	return rw_vector(fd, vec, count, &pos, false);
}

int64_t
sys_pwritev(int fd, uaddr_t vec, uint64_t count, int64_t pos, uint64_t high)
{
	return rw_vector(fd, vec, count, &pos, true);
}

static int64_t
process_vm(pid_t pid, const struct vector *mine, const struct vector *its,
	   bool write)
{
	struct iobuf here, there;

	iobuf_init_vec(&here, thread_current()->space, mine->vec, mine->count);
	iobuf_init_vec(&there, NULL, its->vec, its->count);
	return foreign_copy(pid, &here, &there, write);
}

static int64_t
process_vm_vectors(pid_t pid, uaddr_t mine, uint64_t mine_count, uaddr_t its,
		   uint64_t its_count, uint64_t flags, bool write)
{
	struct vector v, w;
	int64_t r;

	if (flags != 0)
		return -EINVAL;
	r = vector_get(&v, mine, mine_count);
	if (r == 0) {
		r = vector_get(&w, its, its_count);
		if (r == 0)
			r = process_vm(pid, &v, &w, write);
		vector_free(&w);
	}
	vector_free(&v);
	return r;
}

int64_t
sys_process_vm_readv(pid_t pid, uaddr_t mine, uint64_t mine_count, uaddr_t its,
		     uint64_t its_count, uint64_t flags)
{
	return process_vm_vectors(pid, mine, mine_count, its, its_count, flags,
				  false);
}

int64_t
sys_process_vm_writev(pid_t pid, uaddr_t mine, uint64_t mine_count, uaddr_t its,
		      uint64_t its_count, uint64_t flags)
{
	return process_vm_vectors(pid, mine, mine_count, its, its_count, flags,
				  true);
}

int64_t
sys_lseek(int fd, int64_t offset, unsigned whence)
{
	struct file *f = fd_get(fd);
	int64_t r = -ESPIPE;

	if (f == NULL)
		return -EBADF;
	if (whence > SEEK_HOLE) {
		r = -EINVAL;
	} else if (f->ops->seek != NULL) {
		mutex_lock(&f->pos_lock);
		r = f->ops->seek(f, offset, whence);
		if (r >= 0)
			f->pos = (uint64_t)r;
		mutex_unlock(&f->pos_lock);
	}
	file_put(f);
	return r;
}

/*
 * Copy at most one page from `in` to `out`.  Returns the number of bytes
 * written, 0 at the end of `in`, or an error.
 */
static int64_t
send_chunk(struct file *out, struct file *in, uint64_t *pos, char *page,
	   size_t n)
{
	struct iobuf b;
	int64_t got, put;

	iobuf_init_kernel(&b, page, n);
	got = transfer(in, &b, pos, false);
	if (got <= 0)
		return got;
	iobuf_init_kernel(&b, page, (size_t)got);
	put = transfer(out, &b, NULL, true);
	/* Move *pos back over the bytes that were read but not written. */
	if (put < got)
		*pos -= (uint64_t)(got - MAX(put, 0));
	return put;
}

static int64_t
send_all(struct file *out, struct file *in, uint64_t *pos, uint64_t n)
{
	char *page = kmalloc(COPY_CHUNK);
	int64_t done = 0, r = 0;

	if (page == NULL)
		return -ENOMEM;
	while ((uint64_t)done < n) {
		size_t part = MIN(COPY_CHUNK, n - (uint64_t)done);

		r = send_chunk(out, in, pos, page, part);
		if (r <= 0)
			break;
		done += r;
		if ((size_t)r < part || thread_interrupted(WAIT_SIGNALS))
			break;
	}
	kfree(page);
	return done > 0 ? done : r;
}

/* Check in the order of Linux.  `at`: the program passed an offset. */
static int
check_source(const struct file *in, bool at, uint64_t pos, uint64_t n)
{
	if (in == NULL || (in->mode & FILE_READ) == 0)
		return -EBADF;
	if (at && (in->mode & FILE_SEEK) == 0)
		return -ESPIPE;
	return (int64_t)n < 0 || (int64_t)pos < 0 || (int64_t)(pos + n) < 0
		       ? -EINVAL
		       : 0;
}

static int
check_target(const struct file *out, const struct file *in, uint64_t pos,
	     uint64_t n)
{
	uint64_t most;

	if (out == NULL || (out->mode & FILE_WRITE) == 0)
		return -EBADF;
	most = MIN(in->inode->sb->max_size, out->inode->sb->max_size);
	if (n > 0 && pos >= most)
		return -EOVERFLOW;
	if ((out->flags & O_APPEND) && !S_ISFIFO(out->inode->mode))
		return -EINVAL;
	/* send_chunk() moves *pos back, so `in` must have a file position. */
	if ((in->mode & FILE_SEEK) == 0 || in->ops->read == NULL)
		return -EINVAL;
	return 0;
}

/*
 * Copy n bytes from *at or, if `at` is NULL, from the file position of `in`,
 * and advance that position.  Returns the number of bytes, or an error.
 */
static int64_t
send(struct file *out, struct file *in, uint64_t *at, uint64_t n)
{
	bool own = at == NULL && in != NULL;
	uint64_t pos = own ? in->pos : at != NULL ? *at : 0;
	int64_t r = check_source(in, at != NULL, pos, n);

	if (r == 0)
		r = check_target(out, in, pos, n);
	if (r == 0)
		r = send_all(out, in, &pos, MIN(n, RW_MAX));
	if (r > 0 && own) {
		mutex_lock(&in->pos_lock);
		in->pos = pos;
		mutex_unlock(&in->pos_lock);
	} else if (r > 0) {
		*at = pos;
	}
	return r;
}

int64_t
sys_sendfile(int out_fd, int in_fd, uaddr_t offset, size_t n)
{
	struct file *in, *out;
	uint64_t pos;
	int64_t r;

	if (offset != 0 && copy_from_user(&pos, offset, sizeof(pos)) != 0)
		return -EFAULT;
	in = fd_get(in_fd);
	out = fd_get(out_fd);
	r = send(out, in, offset != 0 ? &pos : NULL, n);
	if (in != NULL)
		file_put(in);
	if (out != NULL)
		file_put(out);
	if (offset != 0 && copy_to_user(offset, &pos, sizeof(pos)) != 0)
		return -EFAULT;
	return r;
}

int64_t
sys_fsync(int fd)
{
	struct file *f = fd_get(fd);
	int64_t r;

	if (f == NULL)
		return -EBADF;
	if (f->ops->fsync != NULL)
		r = f->ops->fsync(f);
	else if (S_ISREG(f->inode->mode) || S_ISDIR(f->inode->mode) ||
		 S_ISBLK(f->inode->mode))
		r = inode_sync(f->inode);
	else
		r = -EINVAL;
	file_put(f);
	return r;
}

int64_t
sys_sync(void)
{
	(void)vfs_sync();
	return 0;
}

int64_t
sys_syncfs(int fd)
{
	struct file *f = fd_get(fd);
	int64_t r;

	if (f == NULL)
		return -EBADF;
	r = sb_sync(f->inode->sb);
	file_put(f);
	return r;
}

int64_t
sys_ftruncate(int fd, int64_t size)
{
	struct file *f;
	int64_t r;

	if (size < 0)
		return -EINVAL;
	f = fd_get(fd);
	if (f == NULL)
		return -EBADF;
	if ((f->mode & FILE_WRITE) == 0 || !S_ISREG(f->inode->mode))
		r = -EINVAL;
	else
		r = vfs_truncate(f->inode, size);
	file_put(f);
	return r;
}

#define FALLOC_FL_KEEP_SIZE 1u

/* Check in the order of Linux. */
static int
check_allocate(const struct file *f, unsigned mode, int64_t pos, int64_t n)
{
	const struct inode *inode = f->inode;

	if (pos < 0 || n <= 0)
		return -EINVAL;
	if (mode & ~FALLOC_FL_KEEP_SIZE)
		return -EOPNOTSUPP;
	if ((f->mode & FILE_WRITE) == 0)
		return -EBADF;
	if (S_ISFIFO(inode->mode))
		return -ESPIPE;
	if (!S_ISREG(inode->mode) && !S_ISBLK(inode->mode))
		return -ENODEV;
	if (pos > (int64_t)inode->sb->max_size - n)
		return -EFBIG;
	return S_ISREG(inode->mode) && inode->cache != NULL ? 0 : -EOPNOTSUPP;
}

int64_t
sys_fallocate(int fd, unsigned mode, int64_t pos, int64_t n)
{
	struct file *f = fd_get(fd);
	int64_t r;

	if (f == NULL)
		return -EBADF;
	r = check_allocate(f, mode, pos, n);
	if (r == 0)
		r = vfs_allocate(f->inode, pos, n, mode & FALLOC_FL_KEEP_SIZE);
	file_put(f);
	return r;
}

int64_t
sys_fadvise64(int fd, int64_t pos, int64_t n, unsigned advice)
{
	struct file *f = fd_get(fd);
	int64_t r = 0;

	if (f == NULL)
		return -EBADF;
	if (S_ISFIFO(f->inode->mode))
		r = -ESPIPE;
	else if (n < 0 || advice > 5)
		r = -EINVAL;
	file_put(f);
	return r;
}
