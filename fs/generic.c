/* SPDX-License-Identifier: MIT */
/*
 * fs/generic.c - read, write, seek and mmap of files with data in the page
 * cache, and seek of directories.
 *
 * The entries are three tables: generic_file_ops for regular files,
 * blockdev_file_ops for disks and generic_dir_ops for directories.  Their
 * functions run in process context and may sleep.  A writer holds the inode
 * lock, so that appending is atomic; a reader does not.  A write beyond
 * RLIMIT_FSIZE fails with -EFBIG and SIGXFSZ, a write beyond the end of a disk
 * with -ENOSPC.
 */
#include "fs/current.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/pagecache.h"
#include "fs/rights.h"
#include "fs/special.h"
#include "fs/super.h"
#include "kernel/hart.h"
#include "lib/signo.h"

static ssize_t
generic_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	ssize_t n;

	if (b->left == 0)
		return 0;
	n = pagecache_read(f->inode->cache, b, *pos);
	if (n > 0) {
		*pos += (uint64_t)n;
		if (!(f->flags & O_NOATIME))
			inode_accessed(f->inode);
	}
	return n;
}

/* Returns how many of n bytes may be written at `pos`; -EFBIG or -ENOSPC. */
static ssize_t
write_room(struct inode *inode, uint64_t pos, size_t n)
{
	uint64_t limit = current_fsize_limit();

	if (S_ISREG(inode->mode) && pos >= limit) {
		current_signal(SIGXFSZ);
		return -EFBIG;
	}
	if (S_ISREG(inode->mode) && n > limit - pos)
		n = limit - pos;
	limit = S_ISBLK(inode->mode) ? inode_size(inode) : inode->sb->max_size;
	if (pos >= limit)
		return S_ISBLK(inode->mode) ? -ENOSPC : -EFBIG;
	return (ssize_t)MIN((uint64_t)n, limit - pos);
}

static ssize_t
write_locked(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct inode *inode = f->inode;
	size_t wanted = b->left;
	ssize_t n;

	if (f->flags & O_APPEND)
		*pos = inode_size(inode);
	n = write_room(inode, *pos, wanted);
	if (n <= 0)
		return n;
	b->left = (size_t)n;
	n = pagecache_write(inode->cache, b, *pos);
	if (n > 0) {
		b->left = wanted - (size_t)n;
		*pos += (uint64_t)n;
		if (S_ISREG(inode->mode))
			inode_set_size(inode, pagecache_size(inode->cache));
		inode_drop_powers(inode);
		inode_touch(inode);
	}
	return n;
}

static ssize_t
generic_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct inode *inode = f->inode;
	ssize_t n;
	int err;

	if (b->left == 0)
		return 0;
	if (sb_read_only(inode->sb) && S_ISREG(inode->mode))
		return -EROFS;
	mutex_lock(&inode->lock);
	n = write_locked(f, b, pos);
	mutex_unlock(&inode->lock);
	if (n > 0 && (f->flags & O_DSYNC)) {
		err = inode_sync(inode);
		if (err != 0)
			return err;
	}
	return n;
}

static int64_t
generic_seek(struct file *f, int64_t offset, int whence)
{
	uint64_t size = inode_size(f->inode);
	int64_t base;

	switch (whence) {
	case SEEK_SET:
		base = 0;
		break;
	case SEEK_CUR:
		base = (int64_t)f->pos;
		break;
	case SEEK_END:
		base = (int64_t)size;
		break;
	case SEEK_DATA:
	case SEEK_HOLE:
		if (S_ISBLK(f->inode->mode))
			return -EINVAL;
		/*
		 * Report all bytes as data and a hole at the end, as lseek(2)
		 * permits.
		 */
		if (offset < 0 || (uint64_t)offset >= size)
			return -ENXIO;
		return whence == SEEK_DATA ? offset : (int64_t)size;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &base) || base < 0 ||
	    (uint64_t)base > FILE_SIZE_LIMIT)
		return -EINVAL;
	return base;
}

static struct memobj *
generic_mmap(struct file *f)
{
	return f->inode->cache == NULL ? NULL : &f->inode->cache->obj;
}

const struct file_ops generic_file_ops = {
	.read = generic_read,
	.write = generic_write,
	.seek = generic_seek,
	.mmap = generic_mmap,
};

/* As generic_file_ops, without mmap: the cache of a disk cannot be mapped. */
const struct file_ops blockdev_file_ops = {
	.read = generic_read,
	.write = generic_write,
	.seek = generic_seek,
};

/* A position is a cookie made by readdir(), so only its sign is checked. */
static int64_t
dir_seek(struct file *f, int64_t offset, int whence)
{
	if (whence == SEEK_CUR &&
	    __builtin_add_overflow(offset, (int64_t)f->pos, &offset))
		return -EINVAL;
	if (whence != SEEK_CUR && whence != SEEK_SET)
		return -EINVAL;
	return offset < 0 ? -EINVAL : offset;
}

const struct file_ops generic_dir_ops = {
	.seek = dir_seek,
};
