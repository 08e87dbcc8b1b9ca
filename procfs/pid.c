/* SPDX-License-Identifier: MIT */
/*
 * procfs/pid.c - /proc/<pid>: the entries that proc/ registers for every
 * process.
 *
 * An inode or open file here holds no reference on its process.  Each lookup
 * checks again that the process exists and which user owns it; the callbacks
 * check again too.  A file about memory records the number of the image for
 * which it was opened.  The table of entries is filled at boot and constant
 * afterwards, so it needs no lock.  When memory is short: -ENOMEM.
 */
#include "procfs/procfs.h"

#include "fs/current.h"
#include "procfs/node.h"
#include "fs/vfs.h"
#include "kernel/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/space.h"

#define ENTRIES_MAX 64u
#define POS_ENTRY   2u	   /* position of the first entry or number */
#define RECORD_MAX  64u	   /* bytes */
#define RECORDS_MAX 65536u /* bytes a read, to bound its time */

struct pid_entry {
	const char *name;
	uint32_t mode;
	int (*show)(struct textbuf *out, pid_t pid);
	int (*write)(const char *data, size_t n, pid_t pid);
	int (*show_space)(struct textbuf *out, struct space *s);
	int (*record)(struct space *s, uint64_t index, void *record);
	size_t record_size;
	const struct file_ops *fops;
	int (*text)(struct textbuf *out, pid_t pid);
	int (*target)(struct inode **out, pid_t pid);
	/* A directory of numbers. */
	bool (*next)(pid_t pid, int *n);
	int (*number_text)(struct textbuf *out, pid_t pid, int n);
	int (*number_target)(struct inode **out, pid_t pid, int n);
};

static struct pid_entry entries[ENTRIES_MAX]; /* [i] after boot */
static unsigned entry_count;
static const struct procfs_processes *processes; /* [i] after boot */

/* ---- registering ---- */

static struct pid_entry *
entry_add(const char *name, uint32_t mode)
{
	struct pid_entry *e = &entries[entry_count];

	if (entry_count == ENTRIES_MAX)
		panic("procfs: table of <pid> entries is full: %s", name);
	entry_count++;
	e->name = name;
	e->mode = mode;
	return e;
}

void
procfs_register_pid_file(const char *name, uint32_t mode,
			 int (*show)(struct textbuf *out, pid_t pid),
			 int (*write)(const char *data, size_t n, pid_t pid))
{
	struct pid_entry *e = entry_add(name, S_IFREG | mode);

	e->show = show;
	e->write = write;
}

void
procfs_register_pid_space(const char *name, uint32_t mode,
			  int (*show)(struct textbuf *out, struct space *s))
{
	entry_add(name, S_IFREG | mode)->show_space = show;
}

void
procfs_register_pid_records(const char *name, uint32_t mode, size_t size,
			    int (*get)(struct space *s, uint64_t index,
				       void *record))
{
	struct pid_entry *e = entry_add(name, S_IFREG | mode);

	assert(size <= RECORD_MAX);
	e->record = get;
	e->record_size = size;
}

void
procfs_register_pid_data(const char *name, uint32_t mode,
			 const struct file_ops *fops)
{
	entry_add(name, S_IFREG | mode)->fops = fops;
}

void
procfs_register_pid_link(const char *name,
			 int (*text)(struct textbuf *out, pid_t pid),
			 int (*target)(struct inode **out, pid_t pid))
{
	struct pid_entry *e = entry_add(name, S_IFLNK | 0777);

	e->text = text;
	e->target = target;
}

void
procfs_register_pid_numbers(const char *name, bool (*next)(pid_t pid, int *n),
			    int (*text)(struct textbuf *out, pid_t pid, int n),
			    int (*target)(struct inode **out, pid_t pid, int n))
{
	struct pid_entry *e = entry_add(name, S_IFDIR | 0500);

	e->next = next;
	e->number_text = text;
	e->number_target = target;
}

void
procfs_set_processes(const struct procfs_processes *ops)
{
	processes = ops;
}

/* ---- processes ---- */

bool
proc_next_pid(pid_t after, pid_t *out)
{
	return processes != NULL && processes->next(after, out);
}

/* Does the process of this inode exist?  Stores the inode's owner. */
static bool
pid_exists(uint64_t ino, uint32_t *uid, uint32_t *gid)
{
	pid_t pid = proc_ino_pid(ino);

	return processes != NULL &&
	       processes->owner(pid, ino == proc_ino(pid, 0, 0), uid, gid);
}

/* ---- inode numbers ---- */

static pid_t
pid_of(const struct inode *inode)
{
	return proc_ino_pid(inode->ino);
}

/* NULL: the inode is /proc/<pid> itself. */
static const struct pid_entry *
entry_of(const struct inode *inode)
{
	unsigned entry = inode->ino >> 24 & 0xff;

	return entry == 0 ? NULL : &entries[entry - 1];
}

/* -1: the inode is the entry itself. */
static int
number_of(const struct inode *inode)
{
	return (int)(inode->ino & 0xffffff) - 1;
}

int
procpid_find(struct superblock *sb, uint64_t ino, struct inode **out)
{
	uint32_t uid, gid;
	int err;

	/* Check even if the inode is cached: the process may be reaped. */
	if (!pid_exists(ino, &uid, &gid))
		return -ENOENT;
	err = inode_find(sb, ino, out);
	if (err == 0) {
		(*out)->uid = uid;
		(*out)->gid = gid;
	}
	return err;
}

/* ---- /proc/<pid> ---- */

static int
pid_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	pid_t pid = pid_of(dir);

	if (len == 2 && name[0] == '.' && name[1] == '.')
		return inode_find(dir->sb, PROC_ROOT_INO, out);
	if (len == 1 && name[0] == '.')
		return procpid_find(dir->sb, dir->ino, out);
	for (unsigned i = 0; i < entry_count; i++) {
		if (strlen(entries[i].name) == len &&
		    memcmp(entries[i].name, name, len) == 0)
			return procpid_find(dir->sb, proc_ino(pid, i + 1, 0),
					    out);
	}
	return -ENOENT;
}

/* Emit "." and "..", positions 0 and 1.  False: no room is left. */
static bool
list_dots(struct inode *dir, uint64_t parent, uint64_t *pos, dir_emit_fn emit,
	  void *arg)
{
	for (; *pos < POS_ENTRY; (*pos)++) {
		if (!emit(arg, "..", *pos + 1, *pos == 0 ? dir->ino : parent,
			  DT_OF_MODE(S_IFDIR), *pos + 1))
			return false;
	}
	return true;
}

static int
pid_readdir(struct inode *dir, uint64_t *pos, dir_emit_fn emit, void *arg)
{
	uint32_t uid, gid;

	if (!pid_exists(dir->ino, &uid, &gid))
		return -ENOENT;
	if (!list_dots(dir, PROC_ROOT_INO, pos, emit, arg))
		return 0;
	for (; *pos < POS_ENTRY + entry_count; (*pos)++) {
		unsigned i = (unsigned)(*pos - POS_ENTRY);

		if (!emit(arg, entries[i].name, strlen(entries[i].name),
			  proc_ino(pid_of(dir), i + 1, 0),
			  DT_OF_MODE(entries[i].mode), *pos + 1))
			return 0;
	}
	return 0;
}

/* ---- directories of numbers ---- */

static int
numbers_lookup(struct inode *dir, const char *name, size_t len,
	       struct inode **out)
{
	int n, found;

	if (len == 2 && name[0] == '.' && name[1] == '.')
		return procpid_find(dir->sb, proc_ino(pid_of(dir), 0, 0), out);
	if (len == 1 && name[0] == '.')
		return procpid_find(dir->sb, dir->ino, out);
	if (!proc_parse_number(name, len, &n) || n > PROC_NUMBER_MAX - 1)
		return -ENOENT;
	found = n;
	if (!entry_of(dir)->next(pid_of(dir), &found) || found != n)
		return -ENOENT;
	return procpid_find(dir->sb, dir->ino + (unsigned)n + 1, out);
}

static int
numbers_readdir(struct inode *dir, uint64_t *pos, dir_emit_fn emit, void *arg)
{
	char name[12];
	int n, len;

	if (!list_dots(dir, proc_ino(pid_of(dir), 0, 0), pos, emit, arg))
		return 0;
	for (;;) {
		if (*pos > PROC_NUMBER_MAX)
			return 0;
		n = (int)(*pos - POS_ENTRY);
		if (!entry_of(dir)->next(pid_of(dir), &n) ||
		    n > PROC_NUMBER_MAX - 1)
			return 0;
		len = snprintf(name, sizeof(name), "%d", n);
		if (!emit(arg, name, (size_t)len, dir->ino + (unsigned)n + 1,
			  DT_OF_MODE(S_IFLNK), POS_ENTRY + (uint64_t)n + 1))
			return 0;
		*pos = POS_ENTRY + (uint64_t)n + 1;
	}
}

/* ---- links ---- */

static ssize_t
pid_readlink(struct inode *inode, char *buf, size_t size)
{
	const struct pid_entry *e = entry_of(inode);
	struct textbuf tb;
	int err;

	tb_init(&tb);
	if (number_of(inode) >= 0)
		err = e->number_text(&tb, pid_of(inode), number_of(inode));
	else
		err = e->text(&tb, pid_of(inode));
	return proc_link_text(&tb, err, buf, size);
}

static int
pid_follow(struct inode *inode, struct inode **out)
{
	const struct pid_entry *e = entry_of(inode);

	if (number_of(inode) >= 0)
		return e->number_target == NULL
			       ? -ENOTSUP
			       : e->number_target(out, pid_of(inode),
						  number_of(inode));
	return e->target == NULL ? -ENOTSUP : e->target(out, pid_of(inode));
}

/* ---- files ---- */

int
procpid_open(struct inode *inode, uint64_t *image)
{
	const struct pid_entry *e = entry_of(inode);

	return processes->image(pid_of(inode), e->show == NULL, image);
}

int
procpid_show(struct inode *inode, uint64_t image, struct textbuf *out)
{
	const struct pid_entry *e = entry_of(inode);
	struct space *s;
	int err;

	if (e->show != NULL)
		return e->show(out, pid_of(inode));
	s = processes->space(pid_of(inode), image);
	if (s == NULL)
		return 0;
	err = e->show_space(out, s);
	space_put(s);
	return err;
}

int
procfs_open_space(struct file *f)
{
	uint64_t image;
	int err = procpid_open(f->inode, &image);

	f->priv = (void *)(uintptr_t)image;
	return err;
}

struct space *
procfs_space(const struct file *f)
{
	return processes->space(pid_of(f->inode), (uintptr_t)f->priv);
}

/* Read as many whole records as fit, at most RECORDS_MAX bytes. */
static ssize_t
records_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	const struct pid_entry *e = entry_of(f->inode);
	uint64_t record[RECORD_MAX / sizeof(uint64_t)];
	size_t size = e->record_size, most = MIN(b->left, RECORDS_MAX), n = 0;
	struct space *s;
	int err = 0;

	if (*pos % size != 0 || b->left % size != 0)
		return -EINVAL;
	s = procfs_space(f);
	if (s == NULL)
		return 0;
	while (n < most) {
		err = e->record(s, *pos / size, record);
		if (err == 0 && iobuf_put(b, record, size) != (ssize_t)size)
			err = -EFAULT;
		if (err != 0)
			break;
		*pos += size;
		n += size;
	}
	space_put(s);
	return n > 0 || err == -ENXIO ? (ssize_t)n : err;
}

static int
records_open(struct file *f)
{
	return f->mode & FILE_WRITE ? -EACCES : procfs_open_space(f);
}

static const struct file_ops records_ops = {
	.open = records_open,
	.read = records_read,
	.seek = proc_seek,
};

int
procpid_write(struct inode *inode, const char *data, size_t n)
{
	return entry_of(inode)->write(data, n, pid_of(inode));
}

bool
procpid_can_write(struct inode *inode)
{
	return entry_of(inode)->write != NULL;
}

/* ---- inodes ---- */

static const struct inode_ops pid_dir_ops = {
	.lookup = pid_lookup,
	.readdir = pid_readdir,
	.setattr = proc_setattr,
};

/* A process may list its own fd/, even if that is root's (not dumpable). */
static bool
numbers_permits(struct inode *dir)
{
	return pid_of(dir) == current_pid();
}

static const struct inode_ops numbers_ops = {
	.permits = numbers_permits,
	.lookup = numbers_lookup,
	.readdir = numbers_readdir,
	.setattr = proc_setattr,
};

static const struct inode_ops pid_link_ops = {
	.readlink = pid_readlink,
	.follow = pid_follow,
	.setattr = proc_setattr,
};

static const struct inode_ops pid_file_ops = {
	.setattr = proc_setattr,
};

int
procpid_read_inode(struct inode *inode)
{
	unsigned entry = inode->ino >> 24 & 0xff;
	const struct pid_entry *e;

	if (entry > entry_count ||
	    !pid_exists(inode->ino, &inode->uid, &inode->gid))
		return -ENOENT;
	e = entry_of(inode);
	inode->mode = e == NULL		      ? S_IFDIR | 0555
		      : number_of(inode) >= 0 ? S_IFLNK | 0700
					      : e->mode;
	if (S_ISDIR(inode->mode)) {
		inode->nlink = 2;
		inode->ops = e == NULL ? &pid_dir_ops : &numbers_ops;
		inode->fops = &generic_dir_ops;
	} else if (S_ISLNK(inode->mode)) {
		inode->ops = &pid_link_ops;
	} else {
		inode->ops = &pid_file_ops;
		inode->fops = e->fops != NULL	  ? e->fops
			      : e->record != NULL ? &records_ops
						  : &proc_file_ops;
	}
	return 0;
}
