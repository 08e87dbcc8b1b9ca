/* SPDX-License-Identifier: MIT */
/*
 * fs/open.c - open files by path, and change attributes and sizes.
 *
 * vfs_open_at() and vfs_exec_open() walk to the inode, check the thread's
 * rights and call file_ops.open().  vfs_setattr(), vfs_truncate() and
 * vfs_allocate() change an inode under its lock.  All run in process context;
 * the caller holds no inode lock.  When memory is short, an open fails with
 * -ENOMEM, before it creates or truncates a file.
 */
#include "fs/open.h"

#include "fs/current.h"
#include "fs/fd.h"
#include "fs/file.h"
#include "fs/getpath.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/pagecache.h"
#include "fs/path.h"
#include "fs/rights.h"
#include "kernel/hart.h"
#include "lib/signo.h"
#include "lib/string.h"
#include "mm/slab.h"

#define O_TMPFILE_BIT 0x400000u

/* A file opened with O_PATH only names an inode and has no operations. */
static const struct file_ops path_only_ops;

/*
 * Look up or create the last component of an open with O_CREAT.  Returns 0 with
 * *out and *made; 1 if the component is a symbolic link, whose target the walk
 * must follow next; or -errno.
 */
static int
open_last(struct walk *w, struct last_name *n, unsigned flags, uint32_t mode,
	  struct inode **out, bool *made)
{
	struct inode *dir = w->at, *found;
	int err;

	mutex_lock(&dir->lock);
	err = dir_lookup(dir, n->name, n->len, &found);
	if (err == -ENOENT) {
		err = n->slash
			      ? -EISDIR
			      : dir_create(dir, n, S_IFREG | (mode & S_IALLUGO),
					   0, &found);
		*made = err == 0;
	} else if (err == 0 && (flags & O_EXCL)) {
		inode_put(found);
		err = -EEXIST;
	}
	mutex_unlock(&dir->lock);
	if (err != 0)
		return err;
	if (!*made)
		found = mount_descend(found);
	if (S_ISLNK(found->mode) && !(flags & O_NOFOLLOW)) {
		err = walk_through(w, found);
		inode_put(found);
		return err != 0 ? err : 1;
	}
	*out = found;
	return 0;
}

static int
open_create(struct walk *w, unsigned flags, uint32_t mode, struct inode **out,
	    bool *made)
{
	struct last_name n;
	int err;

	do {
		err = inode_permission(w->at, MAY_EXEC);
		if (err == 0)
			err = walk_to_parent(w, &n);
		if (err == 0)
			err = inode_permission(w->at, MAY_EXEC);
		if (err != 0)
			return err;
		if (n.len == 0 && !S_ISDIR(w->at->mode))
			return -ENOTDIR;
		if (n.kind != LAST_NORMAL)
			return (flags & O_EXCL) ? -EEXIST : -EISDIR;
		err = open_last(w, &n, flags, mode, out, made);
	} while (err == 1);
	if (err == 0 && n.slash && !S_ISDIR((*out)->mode)) {
		inode_put(*out);
		err = -ENOTDIR;
	}
	return err;
}

/*
 * Check file type, mount flags and permissions for an open.  `made`: this open
 * has created the file, so the thread needs no permission.
 */
static int
open_check(struct inode *inode, unsigned flags, bool made)
{
	/* Access mode 3 needs both, and gives a file for ioctl() only. */
	static const unsigned char may[] = { MAY_READ, MAY_WRITE,
					     MAY_READ | MAY_WRITE,
					     MAY_READ | MAY_WRITE };
	unsigned need = may[flags & O_ACCMODE];
	int err;

	if ((flags & O_DIRECTORY) && !S_ISDIR(inode->mode))
		return -ENOTDIR;
	if (S_ISLNK(inode->mode))
		return -ELOOP;
	if (flags & O_TRUNC)
		need |= MAY_WRITE;
	if (S_ISDIR(inode->mode) && ((need & MAY_WRITE) || (flags & O_CREAT)))
		return -EISDIR;
	if ((S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) &&
	    (inode->sb->flags & SB_NODEV))
		return -EACCES;
	if (made)
		return 0;
	err = inode_permission(inode, need);
	if (err == 0 && (flags & O_NOATIME) && !inode_owned(inode))
		err = -EPERM;
	return err;
}

static int
open_truncate(struct inode *inode)
{
	struct inode_change c = { .what = CHANGE_SIZE, .size = 0 };
	int err;

	if (!S_ISREG(inode->mode))
		return 0;
	err = inode_begin_write(inode);
	if (err != 0)
		return err;
	mutex_lock(&inode->lock);
	err = inode->ops->setattr == NULL ? 0 : inode->ops->setattr(inode, &c);
	if (err == 0)
		inode_drop_powers(inode);
	mutex_unlock(&inode->lock);
	inode_end_write(inode);
	return err;
}

/* Open the inode as `f`; takes over the caller's reference on success. */
static int
open_inode(struct file *f, struct inode *inode)
{
	int err = 0;

	if (inode->fops == NULL)
		return -ENXIO;
	if (S_ISFIFO(inode->mode) && (f->mode & (FILE_READ | FILE_WRITE)) == 0)
		return -EINVAL;
	f->inode = inode;
	f->ops = inode->fops;
	if (S_ISREG(inode->mode) && (f->mode & FILE_WRITE)) {
		err = inode_begin_write(inode);
		if (err == 0)
			f->mode |= FILE_WRITER;
	}
	if (err == 0 && f->ops->open != NULL)
		err = f->ops->open(f);
	if (err != 0) {
		if (f->mode & FILE_WRITER)
			inode_end_write(inode);
		return err;
	}
	f->flags &= ~O_NOCTTY; /* for ops->open() only */
	if (f->ops->seek != NULL)
		f->mode |= FILE_SEEK;
	return 0;
}

static int
open_find(struct walk *w, unsigned flags, uint32_t mode, struct inode **out,
	  bool *made)
{
	int err;

	if ((flags & O_CREAT) && !(flags & O_PATH))
		return open_create(w, flags, mode, out, made);
	err = walk_to_end(w, !(flags & O_NOFOLLOW));
	if (err == 0)
		*out = inode_get(w->at);
	return err;
}

int
vfs_open_at(struct inode *start, const char *path, unsigned flags,
	    uint32_t mode, struct file **out)
{
	struct inode *inode;
	bool made = false;
	struct file *f;
	struct walk w;
	int err;

	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	if (flags & O_TMPFILE_BIT)
		return -EOPNOTSUPP;
	if ((flags & O_CREAT) && (flags & O_DIRECTORY))
		return -EINVAL;
	if (flags & O_EXCL && flags & O_CREAT)
		flags |= O_NOFOLLOW;
	err = file_create(NULL, &path_only_ops, flags, &f);
	if (err != 0)
		return err;
	err = walk_begin(&w, start, path, false);
	if (err != 0)
		goto free;
	err = open_find(&w, flags, mode, &inode, &made);
	walk_end(&w);
	if (err != 0)
		goto free;

	if (flags & O_PATH) {
		f->inode = inode;
		if ((flags & O_DIRECTORY) && !S_ISDIR(inode->mode))
			err = -ENOTDIR;
	} else {
		err = open_check(inode, flags, made);
		if (err == 0 && (flags & O_TRUNC) && !made)
			err = open_truncate(inode);
		if (err == 0)
			err = open_inode(f, inode);
	}
	*out = f;
	if (err == 0)
		return 0;
	inode_put(inode);
free:
	file_free(f);
	return err;
}

int
vfs_open(const char *path, unsigned flags, uint32_t mode, struct file **out)
{
	return vfs_open_at(NULL, path, flags, mode, out);
}

/* Store the path of a program file, for /proc/<pid>/exe.  0 or -ENOMEM. */
static int
remember_path(struct file *f)
{
	char *buf = kmalloc(PATH_MAX);
	size_t n;

	if (buf == NULL)
		return -ENOMEM;
	n = inode_path_from(vfs_root(), f->inode, buf, PATH_MAX);
	f->path = kstrndup(buf, n);
	kfree(buf);
	return f->path == NULL ? -ENOMEM : 0;
}

int
vfs_exec_open(const char *path, struct file **out)
{
	struct inode *inode;
	struct file *f;
	int err = vfs_lookup(NULL, path, LOOKUP_FOLLOW, &inode);

	if (err != 0)
		return err;
	err = -EACCES;
	if (!S_ISREG(inode->mode) || (inode->sb->flags & SB_NOEXEC) != 0)
		goto put_inode;
	err = inode_permission(inode, MAY_EXEC);
	if (err != 0)
		goto put_inode;
	err = inode_deny_write(inode);
	if (err != 0)
		goto put_inode;
	err = file_create(inode, inode->fops, O_RDONLY, &f);
	if (err != 0)
		goto allow;
	err = open_inode(f, inode);
	if (err != 0) {
		file_free(f);
		goto allow;
	}
	f->mode |= FILE_DENY;
	err = remember_path(f);
	if (err != 0) {
		file_put(f);
		return err;
	}
	*out = f;
	return 0;

allow:
	inode_allow_write(inode);
put_inode:
	inode_put(inode);
	return err;
}

/* ---- attributes ---- */

static int
setattr_locked(struct inode *inode, const struct inode_change *c)
{
	if (inode->ops->setattr != NULL)
		return inode->ops->setattr(inode, c);
	if (c->what & CHANGE_SIZE)
		return -EINVAL;
	inode_apply_change(inode, c);
	return 0;
}

/* Does the inode have a size that can be set?  0, -EISDIR, -EINVAL. */
static int
truncate_kind(const struct inode *inode)
{
	if (S_ISDIR(inode->mode))
		return -EISDIR;
	return S_ISREG(inode->mode) && inode->cache != NULL ? 0 : -EINVAL;
}

int
vfs_setattr(struct inode *inode, const struct inode_change *change)
{
	struct inode_change c = *change;
	int err;

	if (c.what & CHANGE_SIZE) {
		err = truncate_kind(inode);
		if (err == 0)
			err = inode_permission(inode, MAY_WRITE);
		return err != 0 ? err : vfs_truncate(inode, c.size);
	}
	mutex_lock(&inode->lock);
	err = setattr_check(inode, &c);
	if (err == 0)
		err = setattr_locked(inode, &c);
	mutex_unlock(&inode->lock);
	return err;
}

/*
 * May the file grow to this size (RLIMIT_FSIZE)?  0, or -EFBIG after sending
 * SIGXFSZ.
 */
static int
check_growth(const struct inode *inode, uint64_t size)
{
	requires_lock(&inode->lock);
	if (size <= inode_size(inode) || size <= current_fsize_limit())
		return 0;
	current_signal(SIGXFSZ);
	return -EFBIG;
}

int
vfs_truncate(struct inode *inode, uint64_t size)
{
	struct inode_change c = { .what = CHANGE_SIZE, .size = size };
	int err = truncate_kind(inode);

	if (err != 0)
		return err;
	if (size > inode->sb->max_size)
		return -EFBIG;
	err = inode_begin_write(inode);
	if (err != 0)
		return err;
	mutex_lock(&inode->lock);
	err = check_growth(inode, size);
	if (err == 0)
		err = setattr_locked(inode, &c);
	if (err == 0)
		inode_drop_powers(inode);
	mutex_unlock(&inode->lock);
	inode_end_write(inode);
	return err;
}

/*
 * A quick check before the allocation: may the free space suffice for bytes
 * [from, end)?  0, -ENOSPC, or the error of statfs().
 */
static int
check_room(const struct inode *inode, uint64_t from, uint64_t end)
{
	struct fs_usage u;
	uint64_t need;
	int err;

	if (end <= from)
		return 0;
	memset(&u, 0, sizeof(u));
	err = inode->sb->ops->statfs(inode->sb, &u);
	if (err != 0)
		return err;
	need = (end - from) / u.block_size;
	/* The file may have some of these blocks already. */
	return need > u.free + inode->blocks * 512 / u.block_size ? -ENOSPC : 0;
}

static int
allocate_locked(struct inode *inode, uint64_t pos, uint64_t end, bool grows)
{
	struct inode_change larger = { .what = CHANGE_SIZE, .size = end };
	struct inode_change back = { .what = CHANGE_SIZE,
				     .size = inode_size(inode) };
	int err = grows ? check_growth(inode, end) : 0;

	if (err == 0)
		err = check_room(inode, MAX(pos, back.size), end);
	if (err == 0 && grows)
		err = setattr_locked(inode, &larger);
	if (err != 0)
		return err;
	err = pagecache_reserve(inode->cache, pos, end);
	if (err != 0 && grows)
		(void)setattr_locked(inode, &back);
	else if (err != 0)
		pagecache_drop_reserved(inode->cache);
	return err;
}

int
vfs_allocate(struct inode *inode, uint64_t pos, uint64_t n, bool keep_size)
{
	uint64_t end = pos + n, size;
	int err;

	mutex_lock(&inode->lock);
	size = inode_size(inode);
	/* e2fsck reports blocks beyond the size of an ext2 file as an error. */
	if (keep_size && inode->cache->dev != NULL &&
	    PAGE_UP(end) > PAGE_UP(size))
		err = -EOPNOTSUPP;
	else
		err = allocate_locked(inode, pos, end,
				      !keep_size && end > size);
	if (err == 0) {
		inode_drop_powers(inode);
		inode_touch_ctime(inode);
	}
	mutex_unlock(&inode->lock);
	return err;
}
