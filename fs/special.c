/* SPDX-License-Identifier: MIT */
/*
 * fs/special.c - the file operations of device nodes: null, zero, full, random,
 * kmsg, disks; and the table from device numbers to operations.
 *
 * inode_init_special() sets an inode's operations, for read_inode() and
 * create().  No device here has state of its own.  The inode of a disk's node
 * uses the disk's page cache (fs/blockcache.c).
 */
#include "fs/special.h"

#include "drivers/block.h"
#include "fs/blockcache.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/pipe.h"
#include "kernel/hart.h"
#include "kernel/log.h"
#include "kernel/random.h"
#include "kernel/thread.h"
#include "lib/string.h"

/* Devices without a position accept every seek. */
static int64_t
nowhere_seek(struct file *f, int64_t offset, int whence)
{
	return 0;
}

static ssize_t
null_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	return 0;
}

static ssize_t
null_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	size_t n = b->left;

	b->left = 0;
	return (ssize_t)n;
}

static ssize_t
zero_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	ssize_t done = 0, n;

	while (b->left > 0 && !(done > 0 && thread_interrupted(WAIT_SIGNALS))) {
		n = iobuf_put_zeroes(b, MIN(b->left, (size_t)16 * PAGE_SIZE));
		if (n <= 0)
			return done > 0 ? done : n;
		done += n;
	}
	return done;
}

static ssize_t
full_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	return b->left == 0 ? 0 : -ENOSPC;
}

static ssize_t
random_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	char buf[256];
	ssize_t done = 0, n;

	while (b->left > 0 && !(done > 0 && thread_interrupted(WAIT_SIGNALS))) {
		size_t part = MIN(b->left, sizeof(buf));

		random_bytes(buf, part);
		n = iobuf_put(b, buf, part);
		if (n <= 0)
			return done > 0 ? done : n;
		done += n;
	}
	return done;
}

static ssize_t
random_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	char buf[256];
	ssize_t done = 0, n;

	while (b->left > 0 && !(done > 0 && thread_interrupted(WAIT_SIGNALS))) {
		n = iobuf_take(b, buf, MIN(b->left, sizeof(buf)));
		if (n <= 0)
			return done > 0 ? done : n;
		random_add(buf, (size_t)n);
		done += n;
	}
	return done;
}

/* ---- the kernel's log ---- */

/* Read the log text.  Returns 0 at the end, without blocking. */
static ssize_t
kmsg_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	char buf[256];
	ssize_t done = 0, n;
	uint64_t next;
	size_t part;

	while (b->left > 0) {
		part = log_read(*pos, buf, MIN(b->left, sizeof(buf)), &next);
		if (part == 0)
			break;
		n = iobuf_put(b, buf, part);
		if (n <= 0)
			return done > 0 ? done : n;
		done += n;
		if ((size_t)n < part) {
			*pos = next - part + (size_t)n;
			break;
		}
		*pos = next;
	}
	return done;
}

/* Log one message per write; a prefix "<N>" is its level, as in syslog(3). */
static ssize_t
kmsg_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	enum log_level level = LOG_INFO;
	char line[512], *text = line;
	size_t n = b->left;
	ssize_t got;

	if (n == 0)
		return 0;
	got = (ssize_t)MIN(n, sizeof(line) - 1);
	if (iobuf_take(b, line, (size_t)got) != got)
		return -EFAULT;
	line[got] = '\0';
	if (got > 1 && line[got - 1] == '\n')
		line[got - 1] = '\0';
	if (line[0] == '<' && line[1] >= '0' && line[1] <= '7' &&
	    line[2] == '>') {
		level = line[1] <= '3'	 ? LOG_ERROR
			: line[1] == '4' ? LOG_WARN
			: line[1] <= '6' ? LOG_INFO
					 : LOG_DEBUG;
		text += 3;
	}
	log_print(level, "%s", text);
	b->left = 0;
	return (ssize_t)n; /* a long line is truncated */
}

static int64_t
kmsg_seek(struct file *f, int64_t offset, int whence)
{
	char skip[256];
	uint64_t at = 0, next;

	if (whence == SEEK_CUR)
		return offset == 0 ? (int64_t)f->pos : -EINVAL;
	if (offset != 0 || (whence != SEEK_SET && whence != SEEK_END))
		return -EINVAL;
	if (whence == SEEK_END) {
		while (log_read(at, skip, sizeof(skip), &next) > 0)
			at = next;
	}
	return (int64_t)at;
}

static const struct file_ops null_file_ops = {
	.read = null_read,
	.write = null_write,
	.seek = nowhere_seek,
};
static const struct file_ops zero_file_ops = {
	.read = zero_read,
	.write = null_write,
	.seek = nowhere_seek,
	.maps_zeroes = true,
};
static const struct file_ops full_file_ops = {
	.read = zero_read,
	.write = full_write,
	.seek = nowhere_seek,
};
static const struct file_ops random_file_ops = {
	.read = random_read,
	.write = random_write,
	.seek = nowhere_seek,
};
static const struct file_ops kmsg_file_ops = {
	.read = kmsg_read,
	.write = kmsg_write,
	.seek = kmsg_seek,
};

/* ---- disks ---- */

static struct block_device *
disk_of(const struct inode *inode)
{
	uint32_t minor = DEV_MINOR(inode->rdev);

	if (DEV_MAJOR(inode->rdev) != MAJOR_DISK || minor % DISK_MINORS != 0)
		return NULL;
	return block_at(minor / DISK_MINORS);
}

static int
disk_open(struct file *f)
{
	struct block_device *d = disk_of(f->inode);

	if (d == NULL || f->inode->cache == NULL)
		return -ENXIO;
	if (d->read_only && (f->mode & FILE_WRITE))
		return -EROFS;
	f->ops = &blockdev_file_ops;
	f->mode |= FILE_SEEK;
	return 0;
}

static const struct file_ops disk_file_ops = { .open = disk_open };

static void
init_disk(struct inode *inode)
{
	struct block_device *d = disk_of(inode);

	inode->fops = &disk_file_ops;
	if (d == NULL)
		return;
	/*
	 * If block_cache() returns NULL (no memory), open() fails until the
	 * inode is read again.
	 */
	inode->cache = block_cache(d);
	if (inode->cache != NULL)
		inode->size = pagecache_size(inode->cache);
}

/* ---- the table ---- */

static const struct special_device devices[] = {
	{ "null", DEV_MAKE(MAJOR_MEM, 3), 0666, &null_file_ops },
	{ "zero", DEV_MAKE(MAJOR_MEM, 5), 0666, &zero_file_ops },
	{ "full", DEV_MAKE(MAJOR_MEM, 7), 0666, &full_file_ops },
	{ "random", DEV_MAKE(MAJOR_MEM, 8), 0666, &random_file_ops },
	{ "urandom", DEV_MAKE(MAJOR_MEM, 9), 0666, &random_file_ops },
	{ "kmsg", DEV_MAKE(MAJOR_MEM, 11), 0644, &kmsg_file_ops },
	{ "tty", DEV_MAKE(MAJOR_TTY, 0), 0666, &tty_current_file_ops },
	{ "console", DEV_MAKE(MAJOR_TTY, 1), 0622, &tty_console_file_ops },
	{ "tty0", DEV_MAKE(MAJOR_VT, 0), 0622, &tty_file_ops },
};

const struct special_device *
special_at(unsigned i)
{
	return i < ARRAY_SIZE(devices) ? &devices[i] : NULL;
}

void
inode_init_special(struct inode *inode)
{
	const struct special_device *d;

	inode->fops = NULL; /* if it stays NULL, open() fails: -ENXIO */
	if (S_ISFIFO(inode->mode)) {
		inode->fops = &fifo_file_ops;
	} else if (S_ISBLK(inode->mode)) {
		init_disk(inode);
	} else if (S_ISCHR(inode->mode)) {
		for (unsigned i = 0; (d = special_at(i)) != NULL; i++) {
			if (d->rdev == inode->rdev)
				inode->fops = d->fops;
		}
	}
}
