/* SPDX-License-Identifier: MIT */
/*
 * syscall/stat.c - report and change the attributes of inodes: fstat,
 * newfstatat, statx, statfs, fstatfs, faccessat, faccessat2, umask, fchmodat,
 * fchmod, fchownat, fchown, truncate, utimensat.
 *
 * A call finds the inode by a path or a descriptor (syscall/filecall.h), and
 * holds a reference to it meanwhile.  A call that changes an inode fills a
 * struct inode_change and passes it to vfs_setattr().
 */
#include "syscall/filecall.h"

#include "fs/current.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/open.h"
#include "fs/rights.h"
#include "fs/super.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "lib/string.h"
#include "mm/access.h"
#include "syscall/timeval.h"

#define UTIME_NOW  0x3fffffffu
#define UTIME_OMIT 0x3ffffffeu

#define KEEP UINT32_MAX /* -1: chown() leaves this id */

#define STATX_BASIC    0x7ffu
#define STATX_RESERVED 0x80000000u

/* The flags that newfstatat() and statx() accept. */
#define STAT_FLAGS                                               \
	(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH | AT_NO_AUTOMOUNT | \
	 AT_STATX_SYNC_TYPE)

struct stat { /* struct stat of Linux riscv64 */
	uint64_t dev, ino;
	uint32_t mode, nlink, uid, gid;
	uint64_t rdev, pad1;
	int64_t size;
	int32_t blksize, pad2;
	int64_t blocks;
	int64_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
	uint32_t unused[2];
};

_Static_assert(sizeof(struct stat) == 128, "struct stat is 128 bytes");

struct statx_time {
	int64_t sec;
	uint32_t nsec;
	int32_t pad;
};

struct statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad1;
	uint64_t ino, size, blocks, attributes_mask;
	struct statx_time atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t mnt_id;
	uint64_t spare[13];
};

_Static_assert(sizeof(struct statx) == 256, "struct statx is 256 bytes");

struct statfs {
	int64_t type, bsize;
	uint64_t blocks, bfree, bavail, files, ffree;
	int32_t fsid[2];
	int64_t namelen, frsize, flags, spare[4];
};

_Static_assert(sizeof(struct statfs) == 120, "struct statfs is 120 bytes");

static void
fill_stat(const struct inode *i, struct stat *st)
{
	*st = (struct stat){
		.dev = i->sb->dev,
		.ino = i->ino,
		.mode = i->mode,
		.nlink = i->nlink,
		.uid = i->uid,
		.gid = i->gid,
		.rdev = i->rdev,
		.size = (int64_t)inode_size(i),
		.blksize = (int32_t)i->sb->block_size,
		.blocks = (int64_t)i->blocks,
		.atime = time_seconds(i->atime),
		.atime_ns = time_rest(i->atime),
		.mtime = time_seconds(i->mtime),
		.mtime_ns = time_rest(i->mtime),
		.ctime = time_seconds(i->ctime),
		.ctime_ns = time_rest(i->ctime),
	};
}

static int64_t
put_stat(const struct inode *i, uaddr_t at)
{
	struct stat st;

	fill_stat(i, &st);
	return copy_to_user(at, &st, sizeof(st));
}

int64_t
sys_fstat(int fd, uaddr_t to)
{
	struct file *f = fd_get_any(fd);
	int64_t r;

	if (f == NULL)
		return -EBADF;
	r = put_stat(f->inode, to);
	file_put(f);
	return r;
}

/* Replace a reference to an open file, if any, by one to its inode. */
static int
file_target(struct file *f, struct inode **out)
{
	if (f == NULL)
		return -EBADF;
	*out = inode_get(f->inode);
	file_put(f);
	return 0;
}

/* As inode_at(), but faster for AT_EMPTY_PATH with an empty path. */
static int
stat_target(int dfd, uaddr_t path, unsigned flags, struct inode **out)
{
	int empty;

	if ((flags & AT_EMPTY_PATH) && dfd != AT_FDCWD) {
		empty = path_is_empty(path);
		if (empty < 0)
			return empty;
		if (empty)
			return file_target(fd_get_any(dfd), out);
	}
	return inode_at(dfd, path, flags, out);
}

int64_t
sys_newfstatat(int dirfd, uaddr_t path, uaddr_t to, unsigned flags)
{
	struct inode *i;
	int64_t r;

	if (flags & ~STAT_FLAGS)
		return -EINVAL;
	r = stat_target(dirfd, path, flags, &i);
	if (r != 0)
		return r;
	r = put_stat(i, to);
	inode_put(i);
	return r;
}

static struct statx_time
statx_time(int64_t ns)
{
	return (struct statx_time){ time_seconds(ns), (uint32_t)time_rest(ns),
				    0 };
}

int64_t
sys_statx(int dirfd, uaddr_t path, unsigned flags, unsigned mask, uaddr_t to)
{
	struct statx sx = { .mask = STATX_BASIC };
	struct inode *i;
	int64_t r;

	if ((mask & STATX_RESERVED) || (flags & ~STAT_FLAGS) ||
	    (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE)
		return -EINVAL;
	r = stat_target(dirfd, path, flags, &i);
	if (r != 0)
		return r;
	sx.blksize = i->sb->block_size;
	sx.nlink = i->nlink;
	sx.uid = i->uid;
	sx.gid = i->gid;
	sx.mode = (uint16_t)i->mode;
	sx.ino = i->ino;
	sx.size = inode_size(i);
	sx.blocks = i->blocks;
	sx.atime = statx_time(i->atime);
	sx.mtime = statx_time(i->mtime);
	sx.ctime = statx_time(i->ctime);
	sx.rdev_major = DEV_MAJOR(i->rdev);
	sx.rdev_minor = DEV_MINOR(i->rdev);
	sx.dev_major = DEV_MAJOR(i->sb->dev);
	sx.dev_minor = DEV_MINOR(i->sb->dev);
	inode_put(i);
	return copy_to_user(to, &sx, sizeof(sx));
}

static int64_t
put_statfs(struct superblock *sb, uaddr_t at)
{
	struct statfs st = { .namelen = NAME_MAX };
	struct fs_usage u;
	int err;

	memset(&u, 0, sizeof(u));
	err = sb->ops->statfs(sb, &u);
	if (err != 0)
		return err;
	st.type = u.type;
	st.bsize = st.frsize = u.block_size;
	st.blocks = u.blocks;
	st.bfree = u.free;
	st.bavail = u.available;
	st.files = u.files;
	st.ffree = u.files_free;
	st.flags = sb->flags & 0xff;
	return copy_to_user(at, &st, sizeof(st));
}

int64_t
sys_statfs(uaddr_t path, uaddr_t to)
{
	struct inode *i;
	int64_t r = inode_at(AT_FDCWD, path, 0, &i);

	if (r != 0)
		return r;
	r = put_statfs(i->sb, to);
	inode_put(i);
	return r;
}

int64_t
sys_fstatfs(int fd, uaddr_t to)
{
	struct file *f = fd_get_any(fd);
	int64_t r;

	if (f == NULL)
		return -EBADF;
	r = put_statfs(f->inode->sb, to);
	file_put(f);
	return r;
}

/* ---- permissions ---- */

/* Check access with the effective ids or, without AT_EACCESS, the real ids. */
static int64_t
check_access(int dfd, uaddr_t path, unsigned mode, unsigned flags)
{
	struct cred *cred = &thread_current()->cred;
	struct inode *i;
	int64_t r;

	if (mode > 7)
		return -EINVAL;
	if ((flags & AT_EACCESS) == 0) {
		cred->fsuid = cred->uid;
		cred->fsgid = cred->gid;
	}
	r = stat_target(dfd, path, flags & ~AT_EACCESS, &i);
	if (r == 0) {
		if ((mode & MAY_EXEC) && S_ISREG(i->mode) &&
		    (i->sb->flags & SB_NOEXEC))
			r = -EACCES;
		else if (mode != 0)
			r = inode_permission(i, mode);
		inode_put(i);
	}
	cred->fsuid = cred->euid;
	cred->fsgid = cred->egid;
	return r;
}

int64_t
sys_faccessat(int dirfd, uaddr_t path, unsigned mode)
{
	return check_access(dirfd, path, mode, 0);
}

int64_t
sys_faccessat2(int dirfd, uaddr_t path, unsigned mode, unsigned flags)
{
	if (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return check_access(dirfd, path, mode, flags);
}

int64_t
sys_umask(uint32_t mask)
{
	return fs_context_set_umask(current_fs(), mask & 0777);
}

static int64_t
change_at(int dfd, uaddr_t path, unsigned flags, const struct inode_change *c)
{
	struct inode *i;
	int64_t r = stat_target(dfd, path, flags, &i);

	if (r != 0)
		return r;
	r = vfs_setattr(i, c);
	inode_put(i);
	return r;
}

static int64_t
change_open(int fd, const struct inode_change *c)
{
	struct inode *i;
	int64_t r = file_target(fd_get(fd), &i);

	if (r != 0)
		return r;
	r = vfs_setattr(i, c);
	inode_put(i);
	return r;
}

int64_t
sys_fchmodat(int dirfd, uaddr_t path, uint32_t mode)
{
	struct inode_change c = { .what = CHANGE_MODE,
				  .mode = mode & S_IALLUGO };

	return change_at(dirfd, path, 0, &c);
}

int64_t
sys_fchmod(int fd, uint32_t mode)
{
	struct inode_change c = { .what = CHANGE_MODE,
				  .mode = mode & S_IALLUGO };

	return change_open(fd, &c);
}

static struct inode_change
owner_change(uint32_t uid, uint32_t gid)
{
	struct inode_change c = { .what = CHANGE_OWNER,
				  .uid = uid,
				  .gid = gid };

	if (uid != KEEP)
		c.what |= CHANGE_UID;
	if (gid != KEEP)
		c.what |= CHANGE_GID;
	return c;
}

int64_t
sys_fchownat(int dirfd, uaddr_t path, uint32_t uid, uint32_t gid,
	     unsigned flags)
{
	struct inode_change c = owner_change(uid, gid);

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	return change_at(dirfd, path, flags, &c);
}

int64_t
sys_fchown(int fd, uint32_t uid, uint32_t gid)
{
	struct inode_change c = owner_change(uid, gid);

	return change_open(fd, &c);
}

int64_t
sys_truncate(uaddr_t path, int64_t size)
{
	struct inode_change c = { .what = CHANGE_SIZE, .size = size };

	if (size < 0)
		return -EINVAL;
	return change_at(AT_FDCWD, path, 0, &c);
}

/*
 * Convert one of the two times of utimensat, and set `bit` in *what unless the
 * time is UTIME_OMIT.  False: invalid nanoseconds.
 */
static bool
take_time(const struct user_timespec *ts, int64_t now, unsigned bit,
	  unsigned *what, int64_t *out)
{
	const int64_t most = INT64_MAX / (int64_t)NSEC_PER_SEC - 1;

	if (ts->nsec == UTIME_OMIT)
		return true;
	*what |= bit;
	*out = now;
	if (ts->nsec == UTIME_NOW)
		return true;
	if ((uint64_t)ts->nsec >= NSEC_PER_SEC)
		return false;
	/* Clamp times that are more than about 292 years from 1970. */
	*out = CLAMP(ts->sec, -most, most) * (int64_t)NSEC_PER_SEC + ts->nsec;
	return true;
}

int64_t
sys_utimensat(int dirfd, uaddr_t path, uaddr_t times, unsigned flags)
{
	struct user_timespec ts[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };
	struct inode_change c = { .what = 0 };
	int64_t now = (int64_t)time_real(), r;
	bool open = path == 0 && dirfd != AT_FDCWD;
	struct inode *i;

	/* Check in the order of Linux. */
	if (times != 0 && copy_from_user(ts, times, sizeof(ts)) != 0)
		return -EFAULT;
	if (ts[0].nsec == UTIME_OMIT && ts[1].nsec == UTIME_OMIT)
		return 0;
	if (flags & (open ? ~0u : ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	r = open ? file_target(fd_get(dirfd), &i)
		 : stat_target(dirfd, path, flags, &i);
	if (r != 0)
		return r;
	r = -EINVAL;
	if (ts[0].nsec == UTIME_NOW && ts[1].nsec == UTIME_NOW)
		c.what |= CHANGE_NOW;
	if (take_time(&ts[0], now, CHANGE_ATIME, &c.what, &c.atime) &&
	    take_time(&ts[1], now, CHANGE_MTIME, &c.what, &c.mtime))
		r = vfs_setattr(i, &c);
	inode_put(i);
	return r;
}
