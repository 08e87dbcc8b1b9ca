/* SPDX-License-Identifier: MIT */
/*
 * procfs/tree.c - /proc: the tree of registered files, and open files.
 *
 * The tree is a table filled at boot and constant afterwards, so it needs no
 * lock.  A lookup makes an inode from its number, and the last inode_put()
 * frees it.  A reader's text is kept with the open file, under its own mutex,
 * because pread() does not lock the file's position.  When memory is short, the
 * reader gets -ENOMEM.  Registration panics when the table is full.
 */
#include "procfs/procfs.h"

#include "fs/current.h"
#include "procfs/node.h"
#include "kernel/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/slab.h"

#define PROC_MAGIC  0x9fa0u
#define ENTRIES_MAX 128u
#define ENTRY_NAME  32u

/* readdir positions in the root: entries from 2, processes from 2^32. */
#define POS_ENTRY 2u
#define POS_PIDS  (UINT64_C(1) << 32)

struct proc_entry {
	char name[ENTRY_NAME];
	unsigned parent; /* position in the table */
	uint32_t mode;
	int (*show)(struct textbuf *out, void *arg);
	int (*write)(const char *data, size_t n, void *arg);
	void *arg;
	const char *target; /* of a link; NULL: the current pid */
};

static struct proc_entry entries[ENTRIES_MAX] = {
	{ .name = "", .mode = S_IFDIR | 0555 },
	{ .name = "self", .mode = S_IFLNK | 0777 },
};
static unsigned entry_count = 2; /* [i] after boot */

/* ---- registering ---- */

/* Find an entry of directory `parent`: its position; 0 if there is none. */
static unsigned
entry_find(unsigned parent, const char *name, size_t len)
{
	for (unsigned i = 1; i < entry_count; i++) {
		if (entries[i].parent == parent &&
		    strlen(entries[i].name) == len &&
		    memcmp(entries[i].name, name, len) == 0)
			return i;
	}
	return 0;
}

static unsigned
entry_add(unsigned parent, const char *name, size_t len, uint32_t mode)
{
	struct proc_entry *e;

	if (entry_count == ENTRIES_MAX || len == 0 || len >= ENTRY_NAME)
		panic("procfs: table full or bad name: %s", name);
	e = &entries[entry_count];
	memcpy(e->name, name, len);
	e->parent = parent;
	e->mode = mode;
	return entry_count++;
}

/* Add an entry, and its missing parent directories. */
static struct proc_entry *
entry_register(const char *path, uint32_t mode)
{
	const char *name = path, *slash;
	unsigned dir = 0, next;

	while ((slash = strchr(name, '/')) != NULL) {
		size_t len = (size_t)(slash - name);

		next = entry_find(dir, name, len);
		if (next == 0)
			next = entry_add(dir, name, len, S_IFDIR | 0555);
		if (!S_ISDIR(entries[next].mode))
			panic("procfs: a parent in path %s is not a directory",
			      path);
		dir = next;
		name = slash + 1;
	}
	if (entry_find(dir, name, strlen(name)) != 0)
		panic("procfs: %s is registered twice", path);
	return &entries[entry_add(dir, name, strlen(name), mode)];
}

void
procfs_register_file(const char *path,
		     int (*show)(struct textbuf *out, void *arg),
		     int (*write)(const char *data, size_t n, void *arg),
		     void *arg)
{
	struct proc_entry *e = entry_register(
		path, S_IFREG | 0444u | (write != NULL ? 0200u : 0u));

	e->show = show;
	e->write = write;
	e->arg = arg;
}

/* ---- directories ---- */

static const struct proc_entry *
entry_of(const struct inode *inode)
{
	return &entries[inode->ino - PROC_ROOT_INO];
}

bool
proc_parse_number(const char *name, size_t len, int *n)
{
	int64_t value = 0;

	if (len == 0 || len > 10 || (name[0] == '0' && len > 1))
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		value = value * 10 + (name[i] - '0');
	}
	if (value > INT32_MAX)
		return false;
	*n = (int)value;
	return true;
}

static int
dir_find(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	unsigned at = (unsigned)(dir->ino - PROC_ROOT_INO);
	int pid;

	if (len == 1 && name[0] == '.')
		return inode_find(dir->sb, dir->ino, out);
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return inode_find(dir->sb, PROC_ROOT_INO + entries[at].parent,
				  out);
	if (at == 0 && proc_parse_number(name, len, &pid) && pid > 0)
		return procpid_find(dir->sb, proc_ino(pid, 0, 0), out);
	at = entry_find(at, name, len);
	return at == 0 ? -ENOENT : inode_find(dir->sb, PROC_ROOT_INO + at, out);
}

static int
list_pids(uint64_t *pos, dir_emit_fn emit, void *arg)
{
	uint64_t from = *pos - POS_PIDS;
	char name[12];
	pid_t pid;
	int len;

	/* A program may seek anywhere. */
	if (from > INT32_MAX)
		return 0;
	pid = (pid_t)from - 1;
	while (proc_next_pid(pid, &pid)) {
		uint64_t next = POS_PIDS + (uint64_t)pid + 1;

		len = snprintf(name, sizeof(name), "%d", pid);
		if (!emit(arg, name, (size_t)len, proc_ino(pid, 0, 0),
			  DT_OF_MODE(S_IFDIR), next))
			return 0;
		*pos = next;
	}
	return 0;
}

/* Positions: 0 and 1 are "." and "..", 2 + i is entry i; then processes. */
static int
dir_list(struct inode *dir, uint64_t *pos, dir_emit_fn emit, void *arg)
{
	unsigned at = (unsigned)(dir->ino - PROC_ROOT_INO);

	for (; *pos < POS_ENTRY; (*pos)++) {
		if (!emit(arg, "..", *pos + 1,
			  *pos == 0 ? dir->ino
				    : PROC_ROOT_INO + entries[at].parent,
			  DT_OF_MODE(S_IFDIR), *pos + 1))
			return 0;
	}
	for (; *pos < POS_ENTRY + entry_count; (*pos)++) {
		const struct proc_entry *e = &entries[*pos - POS_ENTRY];

		if (e == entries || e->parent != at)
			continue;
		if (!emit(arg, e->name, strlen(e->name),
			  PROC_ROOT_INO + (*pos - POS_ENTRY),
			  DT_OF_MODE(e->mode), *pos + 1))
			return 0;
	}
	if (at != 0)
		return 0;
	*pos = MAX(*pos, POS_PIDS);
	return list_pids(pos, emit, arg);
}

/* ---- links ---- */

ssize_t
proc_link_text(struct textbuf *tb, int err, char *buf, size_t size)
{
	struct iobuf b;
	ssize_t n;

	if (err == 0)
		err = tb->error;
	iobuf_init_kernel(&b, buf, size);
	n = err != 0 ? err : tb_read(tb, &b, 0);
	tb_free(tb);
	return n;
}

static ssize_t
entry_readlink(struct inode *inode, char *buf, size_t size)
{
	const struct proc_entry *e = entry_of(inode);
	pid_t pid = current_pid();
	struct textbuf tb;

	tb_init(&tb);
	if (e->target != NULL)
		tb_printf(&tb, "%s", e->target);
	else
		tb_printf(&tb, "%d", pid);
	return proc_link_text(&tb, e->target == NULL && pid <= 0 ? -ENOENT : 0,
			      buf, size);
}

/* ---- open files ---- */

struct proc_open {
	struct mutex lock;
	struct textbuf text; /* [lock] */
	bool made;	     /* [lock] `text` is complete */
	uint64_t image;	     /* [i] for a file of a process */
};

static bool
can_write(struct inode *inode)
{
	return proc_ino_pid(inode->ino) != 0 ? procpid_can_write(inode)
					     : entry_of(inode)->write != NULL;
}

/* Refuse writes to read-only files here, since root passes the mode check. */
static int
proc_open(struct file *f)
{
	bool of_process = proc_ino_pid(f->inode->ino) != 0;
	struct proc_open *o;
	uint64_t image = 0;
	int err = of_process ? procpid_open(f->inode, &image) : 0;

	if (err != 0)
		return err;
	if ((f->mode & FILE_WRITE) && !can_write(f->inode))
		return -EACCES;
	o = kmalloc(sizeof(*o));
	if (o == NULL)
		return -ENOMEM;
	mutex_init(&o->lock, LOCK_PROCFILE);
	tb_init(&o->text);
	o->made = false;
	o->image = image;
	f->priv = o;
	return 0;
}

static void
proc_release(struct file *f)
{
	struct proc_open *o = f->priv;

	tb_free(&o->text);
	kfree(o);
}

static int
make_text(struct inode *inode, struct proc_open *o)
{
	const struct proc_entry *e;
	int err;

	requires_lock(&o->lock);
	tb_free(&o->text);
	o->made = false;
	if (proc_ino_pid(inode->ino) != 0) {
		err = procpid_show(inode, o->image, &o->text);
	} else {
		e = entry_of(inode);
		err = e->show(&o->text, e->arg);
	}
	if (err == 0)
		err = o->text.error;
	if (err != 0)
		tb_free(&o->text);
	o->made = err == 0;
	return err;
}

static ssize_t
proc_read(struct file *f, struct iobuf *b, uint64_t *pos)
{
	struct proc_open *o = f->priv;
	ssize_t n = 0;

	if (b->left == 0)
		return 0;
	mutex_lock(&o->lock);
	if (*pos == 0 || !o->made)
		n = make_text(f->inode, o);
	if (n == 0)
		n = tb_read(&o->text, b, *pos);
	mutex_unlock(&o->lock);
	if (n > 0)
		*pos += (uint64_t)n;
	return n;
}

static int
write_text(struct inode *inode, const char *text, size_t n)
{
	const struct proc_entry *e;

	if (proc_ino_pid(inode->ino) != 0)
		return procpid_write(inode, text, n);
	e = entry_of(inode);
	return e->write(text, n, e->arg);
}

bool
procfs_is_word(const char *data, size_t n, const char *word)
{
	if (n > 0 && data[n - 1] == '\n')
		n--;
	return strlen(word) == n && memcmp(data, word, n) == 0;
}

int
procfs_show_number(struct textbuf *out, void *arg)
{
	const _Atomic uint64_t *value = arg;

	tb_printf(out, "%lu\n", *value);
	return 0;
}

bool
procfs_parse_number(const char *data, size_t n, uint64_t *value)
{
	const char *end;
	uint64_t v;

	if (!str_to_u64(data, &v, &end) || v > INT64_MAX)
		return false;
	if (*end == '\n')
		end++;
	if (end != data + n)
		return false;
	*value = v;
	return true;
}

static ssize_t
proc_write(struct file *f, struct iobuf *b, uint64_t *pos)
{
	size_t n = b->left;
	ssize_t got;
	char *text;
	int err;

	if (n == 0)
		return 0;
	if (n > PROC_WRITE_MAX)
		return -EINVAL;
	text = kmalloc(n + 1);
	if (text == NULL)
		return -ENOMEM;
	got = iobuf_take(b, text, n);
	if (got == (ssize_t)n) {
		text[n] = '\0';
		err = write_text(f->inode, text, n);
	} else {
		err = -EFAULT;
	}
	kfree(text);
	if (err != 0)
		return err;
	*pos += n;
	return (ssize_t)n;
}

/* No SEEK_END: the length is unknown before the text is generated. */
int64_t
proc_seek(struct file *f, int64_t offset, int whence)
{
	if (whence == SEEK_CUR &&
	    __builtin_add_overflow(offset, (int64_t)f->pos, &offset))
		return -EOVERFLOW;
	if (whence != SEEK_CUR && whence != SEEK_SET)
		return -EINVAL;
	return offset < 0 ? -EINVAL : offset;
}

const struct file_ops proc_file_ops = {
	.open = proc_open,
	.read = proc_read,
	.write = proc_write,
	.seek = proc_seek,
	.release = proc_release,
};

int
proc_setattr(struct inode *inode, const struct inode_change *c)
{
	return c->what == CHANGE_SIZE && c->size == 0 ? 0 : -EPERM;
}

/* ---- the superblock ---- */

static const struct inode_ops entry_dir_ops = {
	.lookup = dir_find,
	.readdir = dir_list,
	.setattr = proc_setattr,
};

static const struct inode_ops entry_link_ops = {
	.readlink = entry_readlink,
	.setattr = proc_setattr,
};

static const struct inode_ops entry_file_ops = {
	.setattr = proc_setattr,
};

static struct inode *
proc_alloc_inode(struct superblock *sb)
{
	return kzalloc(sizeof(struct inode));
}

static void
proc_free_inode(struct inode *inode)
{
	kfree(inode);
}

static int
proc_read_inode(struct inode *inode)
{
	inode->nlink = 1;
	inode->atime = inode->mtime = inode->ctime = (int64_t)time_real();
	if (proc_ino_pid(inode->ino) != 0)
		return procpid_read_inode(inode);
	if (inode->ino - PROC_ROOT_INO >= entry_count)
		return -ENOENT;
	inode->mode = entry_of(inode)->mode;
	if (S_ISDIR(inode->mode)) {
		inode->nlink = 2;
		inode->ops = &entry_dir_ops;
		inode->fops = &generic_dir_ops;
	} else if (S_ISLNK(inode->mode)) {
		inode->ops = &entry_link_ops;
	} else {
		inode->ops = &entry_file_ops;
		inode->fops = &proc_file_ops;
	}
	return 0;
}

static int
proc_statfs(struct superblock *sb, struct fs_usage *u)
{
	*u = (struct fs_usage){
		.type = PROC_MAGIC,
		.block_size = PAGE_SIZE,
		.id = sb->dev,
	};
	return 0;
}

static const struct super_ops proc_super_ops = {
	.alloc_inode = proc_alloc_inode,
	.free_inode = proc_free_inode,
	.read_inode = proc_read_inode,
	.statfs = proc_statfs,
};

static int
procfs_mount(const struct filesystem *type, struct block_device *dev,
	     unsigned flags, const char *data, struct superblock **out)
{
	struct superblock *sb =
		sb_alloc(type, &proc_super_ops, NULL, flags | SB_NOCACHE);
	int err;

	if (sb == NULL)
		return -ENOMEM;
	err = inode_find(sb, PROC_ROOT_INO, &sb->root);
	if (err != 0) {
		sb->root = NULL;
		sb_free(sb);
		return err;
	}
	*out = sb;
	return 0;
}

const struct filesystem procfs_filesystem = {
	.name = "proc",
	.mount = procfs_mount,
};
