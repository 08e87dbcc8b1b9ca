/* SPDX-License-Identifier: MIT */
/*
 * core/files.c - finding and opening files in the core profile.
 *
 * fs_init() makes a file of each regular file in the initrd.  A path is
 * compared as a whole: there are no directories, links or working directories,
 * and every file of the initrd is read-only.  Process context; an open fails
 * with -ENOENT, -EROFS (for writing), -EACCES (a program without a right to
 * execute) or -ENOMEM.
 */
#include "core/files.h"

#include "fs/fd.h"
#include "fs/init.h"
#include "fs/open.h"
#include "fs/super.h"
#include "kernel/boot.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "lib/cpio.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "proc/process.h"

#define TEXT_MOST 4096u /* bytes of a file of /proc */

struct superblock core_sb = { .flags = SB_RDONLY, .max_size = FILE_SIZE_LIMIT };

static struct core_file *files; /* [i] after boot */
static unsigned file_count;
static struct core_file console_file = {
	.path = "/dev/console",
	.inode = { .mode = S_IFCHR | 0600, .sb = &core_sb, .refs = 1 },
};

static struct core_file *
core_of(const struct file *f)
{
	return container_of(f->inode, struct core_file, inode);
}

/* ---- reading ---- */

static ssize_t
pages_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	const struct pages *p = core_of(f)->pages;
	uint64_t size = inode_size(f->inode);
	ssize_t done = 0, n;

	while (b->left > 0 && *pos < size) {
		uint64_t in = *pos % PAGE_SIZE;
		const char *page = frame_ptr(p->frames[*pos / PAGE_SIZE]);

		n = iobuf_put(b, page + in,
			      MIN(MIN(b->left, PAGE_SIZE - in), size - *pos));
		if (n < 0)
			return done > 0 ? done : n;
		*pos += (uint64_t)n;
		done += n;
	}
	return done;
}

static ssize_t
text_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	char *buf = kmalloc(TEXT_MOST);
	size_t size;
	ssize_t n = 0;

	if (buf == NULL)
		return -ENOMEM;
	size = core_of(f)->text(buf, TEXT_MOST);
	if (*pos < size)
		n = iobuf_put(b, buf + *pos, MIN(b->left, size - *pos));
	if (n > 0)
		*pos += (uint64_t)n;
	kfree(buf);
	return n;
}

static ssize_t
text_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	return (ssize_t)b->left;
}

static int64_t
core_seek(struct file *f, int64_t offset, int whence)
{
	int64_t from = whence == SEEK_CUR   ? (int64_t)f->pos
		       : whence == SEEK_END ? (int64_t)inode_size(f->inode)
					    : 0;

	if (whence < SEEK_SET || whence > SEEK_END ||
	    __builtin_add_overflow(from, offset, &from) || from < 0)
		return -EINVAL;
	f->pos = (uint64_t)from;
	return from;
}

static struct memobj *
pages_mmap(struct file *f)
{
	return &core_of(f)->pages->object;
}

static const struct file_ops pages_ops = { .read = pages_read,
					   .seek = core_seek,
					   .mmap = pages_mmap };
static const struct file_ops text_ops = { .read = text_read,
					  .write = text_write,
					  .seek = core_seek };

/* ---- opening ---- */

struct core_file *
core_file_find(const char *path)
{
	const struct file *exe = process_current()->exe;

	if (strcmp(path, console_file.path) == 0)
		return &console_file;
	if (strcmp(path, "/proc/self/exe") == 0 && exe != NULL)
		return core_of(exe);
	for (unsigned i = 0; i < file_count; i++) {
		if (strcmp(path, files[i].path) == 0)
			return &files[i];
	}
	for (struct core_file *c = core_proc_files; c->path != NULL; c++) {
		if (strcmp(path, c->path) == 0)
			return c;
	}
	return NULL;
}

int
vfs_open(const char *path, unsigned flags, uint32_t mode, struct file **out)
{
	struct core_file *c = core_file_find(path);
	const struct file_ops *ops = &text_ops;

	if (c == NULL)
		return flags & O_CREAT ? -EROFS : -ENOENT;
	if (c == &console_file)
		ops = &console_ops;
	else if ((flags & O_ACCMODE) != O_RDONLY && !c->writable)
		return -EROFS;
	else if (c->pages != NULL)
		ops = &pages_ops;
	return file_create(&c->inode, ops, flags, out);
}

int
vfs_open_at(struct inode *start, const char *path, unsigned flags,
	    uint32_t mode, struct file **out)
{
	return vfs_open(path, flags, mode, out);
}

int
vfs_exec_open(const char *path, struct file **out)
{
	struct core_file *c = core_file_find(path);

	if (c != NULL && (c->pages == NULL || !(c->inode.mode & S_IXUGO)))
		return -EACCES;
	return vfs_open(path, O_RDONLY, 0, out);
}

/* ---- the initrd ---- */

static void
add_file(const struct cpio_entry *e)
{
	struct core_file *c = &files[file_count++];
	char *path = kmalloc(strlen(e->name) + 2);
	struct pages *p = pages_new(PAGE_UP(e->size) / PAGE_SIZE);

	if (path == NULL || p == NULL || pages_store(p, e->data, e->size) != 0)
		panic("initrd: no memory for %s", e->name);
	path[0] = '/';
	memcpy(path + 1, e->name, strlen(e->name) + 1);
	*c = (struct core_file){
		.path = path,
		.inode = { .mode = e->mode,
			   .sb = &core_sb,
			   .size = e->size,
			   .refs = 1 },
		.pages = p,
	};
}

/* Count the regular files of the initrd and, if `make`, add them to files[]. */
static unsigned
walk_initrd(const void *initrd, uint64_t size, bool make)
{
	struct cpio_entry e;
	uint64_t at = 0;
	unsigned n = 0;
	int more;

	while ((more = cpio_next(initrd, size, &at, &e)) > 0) {
		if (!S_ISREG(e.mode))
			continue;
		n++;
		if (make)
			add_file(&e);
	}
	if (more < 0)
		panic("initrd: the archive is damaged at byte %lu of %lu", at,
		      size);
	return n;
}

void
fs_init(void)
{
	uint64_t size;
	const void *initrd = boot_initrd(&size);
	unsigned n;

	if (initrd == NULL)
		panic("no initrd: start QEMU with -initrd FILE");
	n = walk_initrd(initrd, size, false);
	files = kzalloc((n + 1) * sizeof(files[0]));
	if (files == NULL)
		panic("initrd: no memory for %u files", n);
	(void)walk_initrd(initrd, size, true);
	log_info("initrd: %u files", n);
}
