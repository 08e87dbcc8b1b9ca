/* SPDX-License-Identifier: MIT */
/*
 * syscall/fd.c - calls on file descriptors: openat, close_range, dup, dup3,
 * pipe2, fcntl, ioctl.
 *
 * The calls map descriptors to open files with the descriptor table of fs/fd.h.
 * If no descriptor can be allocated for a file, the call drops its reference to
 * the file.
 */
#include "syscall/filecall.h"

#include "fs/current.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/open.h"
#include "fs/pipe.h"
#include "fs/rights.h"
#include "mm/access.h"
#include "proc/process.h"

#define F_DUPFD		0
#define F_GETFD		1
#define F_SETFD		2
#define F_GETFL		3
#define F_SETFL		4
#define F_DUPFD_CLOEXEC 1030
#define F_SETPIPE_SZ	1031
#define F_GETPIPE_SZ	1032

#define FD_CLOEXEC 1u
#define FL_CHANGE  (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

#define FIOCLEX	 0x5451u
#define FIONCLEX 0x5450u
#define FIONBIO	 0x5421u

#define CLOSE_RANGE_UNSHARE 2u
#define CLOSE_RANGE_CLOEXEC 4u

int64_t
sys_openat(int dirfd, uaddr_t path, unsigned flags, uint32_t mode)
{
	struct inode *start;
	struct file *f;
	char *name;
	int64_t r = path_from_user(path, &name);

	if (r != 0)
		return r;
	r = fd_room();
	if (r == 0)
		r = start_at(dirfd, name, &start);
	if (r == 0) {
		r = vfs_open_at(start, name, flags, mode, &f);
		inode_put(start);
	}
	kfree(name);
	if (r != 0)
		return r;
	r = fd_install(f, 0, (flags & O_CLOEXEC) != 0);
	if (r < 0)
		file_put(f);
	return r;
}

int64_t
sys_close_range(unsigned first, unsigned last, unsigned flags)
{
	const unsigned known = CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC;
	int err = 0;

	if ((flags & ~known) || first > last)
		return -EINVAL;
	if (flags & CLOSE_RANGE_UNSHARE)
		err = process_unshare_files();
	if (err == 0)
		fd_close_range(first, last, (flags & CLOSE_RANGE_CLOEXEC) != 0);
	return err;
}

static int64_t
dup_to_lowest(int fd, int min, bool cloexec)
{
	struct file *f = fd_get_any(fd);
	int64_t r;

	if (f == NULL)
		return -EBADF;
	r = fd_install(f, min, cloexec);
	if (r < 0)
		file_put(f);
	return r;
}

int64_t
sys_dup(int fd)
{
	return dup_to_lowest(fd, 0, false);
}

int64_t
sys_dup3(int fd, int to, unsigned flags)
{
	struct file *f;
	int64_t r;

	if ((flags & ~O_CLOEXEC) || fd == to)
		return -EINVAL;
	f = fd_get_any(fd);
	if (f == NULL)
		return -EBADF;
	r = fd_replace(f, to, flags != 0);
	if (r < 0)
		file_put(f);
	return r;
}

int64_t
sys_pipe2(uaddr_t fds, unsigned flags)
{
	struct file *end[2];
	int n[2], err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = pipe_create(flags & O_NONBLOCK, end);
	if (err != 0)
		return err;
	for (unsigned i = 0; i < 2; i++) {
		n[i] = fd_install(end[i], 0, (flags & O_CLOEXEC) != 0);
		if (n[i] < 0) {
			err = n[i];
			if (i == 1)
				(void)fd_close(n[0]);
			else
				file_put(end[0]);
			file_put(end[1]);
			return err;
		}
	}
	if (copy_to_user(fds, n, sizeof(n)) != 0) {
		(void)fd_close(n[0]);
		(void)fd_close(n[1]);
		return -EFAULT;
	}
	return 0;
}

static void
change_flags(struct file *f, unsigned clear, unsigned set)
{
	unsigned old = f->flags;

	while (!atomic_compare_exchange_weak(&f->flags, &old,
					     (old & ~clear) | set))
		;
}

static int64_t
set_flags(struct file *f, unsigned flags)
{
	if ((flags & ~f->flags & O_NOATIME) && !inode_owned(f->inode))
		return -EPERM;
	if (flags & O_ASYNC)
		return -EINVAL;
	change_flags(f, FL_CHANGE, flags & FL_CHANGE);
	return 0;
}

int64_t
sys_fcntl(int fd, unsigned cmd, uint64_t arg)
{
	struct file *f;
	int64_t r = -EINVAL;

	if (cmd == F_DUPFD || cmd == F_DUPFD_CLOEXEC)
		return (int)arg < 0 ? -EINVAL
				    : dup_to_lowest(fd, (int)arg,
						    cmd == F_DUPFD_CLOEXEC);
	f = fd_get_any(fd);
	if (f == NULL)
		return -EBADF;
	if ((f->mode & FILE_PATH_ONLY) && cmd != F_GETFD && cmd != F_SETFD &&
	    cmd != F_GETFL) {
		file_put(f);
		return -EBADF;
	}
	switch (cmd) {
	case F_GETFD:
		r = fd_get_cloexec(fd);
		break;
	case F_SETFD:
		r = fd_set_cloexec(fd, (arg & FD_CLOEXEC) != 0);
		break;
	case F_GETFL:
		r = f->flags;
		break;
	case F_SETFL:
		r = set_flags(f, (unsigned)arg);
		break;
	case F_GETPIPE_SZ:
		r = pipe_size(f);
		break;
	case F_SETPIPE_SZ:
		r = pipe_resize(f, (uint32_t)arg);
		break;
	}
	file_put(f);
	return r;
}

/* From the position to the end; less than 0 if the position is behind it. */
static int32_t
bytes_left(struct file *f)
{
	int64_t left;

	mutex_lock(&f->pos_lock);
	left = (int64_t)(inode_size(f->inode) - f->pos);
	mutex_unlock(&f->pos_lock);
	return (int32_t)left;
}

int64_t
sys_ioctl(int fd, unsigned cmd, uint64_t arg)
{
	struct file *f = fd_get(fd);
	int32_t left;
	uint32_t on;
	int64_t r = -ENOTTY;

	if (f == NULL)
		return -EBADF;
	if (cmd == FIOCLEX || cmd == FIONCLEX) {
		r = fd_set_cloexec(fd, cmd == FIOCLEX);
	} else if (cmd == FIONBIO) {
		r = copy_from_user(&on, arg, sizeof(on));
		if (r == 0)
			change_flags(f, O_NONBLOCK, on ? O_NONBLOCK : 0);
	} else if (cmd == FIONREAD && S_ISREG(f->inode->mode)) {
		left = bytes_left(f);
		r = copy_to_user(arg, &left, sizeof(left));
	} else if (f->ops->ioctl != NULL) {
		r = f->ops->ioctl(f, cmd, arg);
	}
	file_put(f);
	return r;
}
