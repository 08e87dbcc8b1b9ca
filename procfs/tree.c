/* SPDX-License-Identifier: MIT */
/*
 * procfs/tree.c - /proc as a file system: directories, links, inodes.
 *
 * The tree is proc_table, which is constant, so it needs no lock.  An inode
 * number has the process id, the number of a second "*" and the row:
 *
 *   pid << 32 | number << 8 | row + 1
 *
 * so that an inode can be made from its number, and the last inode_put() frees
 * it.  When memory is short: -ENOMEM.
 */
#include "fs/current.h"
#include "fs/file.h"
#include "fs/init.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "kernel/time.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "procfs/procfs.h"

#define PROC_MAGIC 0x9fa0u

/* readdir positions: 0 and 1 are "." and "..", then the rows, then numbers. */
#define POS_ROW	    2u
#define POS_NUMBERS (UINT64_C(1) << 32)

/* ---- rows and inode numbers ---- */

static unsigned
row_of(const struct inode *inode)
{
	return (unsigned)(inode->ino & 0xff) - 1;
}

struct proc_node
proc_node(const struct inode *inode)
{
	return (struct proc_node){
		.entry = &proc_table[row_of(inode)],
		.pid = (pid_t)(inode->ino >> 32),
		.number = (int)(inode->ino >> 8 & 0xffffff),
	};
}

/* The last component of the path of a row. */
static const char *
row_name(unsigned row)
{
	const char *name = proc_table[row].path, *slash;

	while ((slash = strchr(name, '/')) != NULL)
		name = slash + 1;
	return name;
}

/* Is `row` an entry of the directory `dir`? */
static bool
is_child(unsigned dir, unsigned row)
{
	const char *path = proc_table[row].path, *name = row_name(row);
	size_t len = strlen(proc_table[dir].path);

	if (row == PROC_ROOT)
		return false;
	if (dir == PROC_ROOT)
		return name == path;
	return name == path + len + 1 &&
	       memcmp(path, proc_table[dir].path, len) == 0;
}

/* Find an entry of a directory; proc_rows if there is none. */
static unsigned
find_child(unsigned dir, const char *name, size_t len)
{
	for (unsigned row = 0; row < proc_rows; row++) {
		if (is_child(dir, row) && strlen(row_name(row)) == len &&
		    memcmp(row_name(row), name, len) == 0)
			return row;
	}
	return proc_rows;
}

static unsigned
parent_of(unsigned row)
{
	for (unsigned dir = 0; dir < proc_rows; dir++) {
		if (is_child(dir, row))
			return dir;
	}
	return PROC_ROOT;
}

/* A row without a process has inodes with the process id 0. */
static uint64_t
ino_of(pid_t pid, unsigned row, int number)
{
	if (proc_table[row].path[0] != '*')
		pid = 0;
	return (uint64_t)(uint32_t)pid << 32 | (uint64_t)number << 8 |
	       (row + 1);
}

/* Does the process of this inode exist?  Gets the owner of the inode. */
static bool
owner_of(uint64_t ino, uint32_t *uid, uint32_t *gid)
{
	pid_t pid = (pid_t)(ino >> 32);
	unsigned row = (unsigned)(ino & 0xff) - 1;

	*uid = *gid = 0;
	return pid == 0 ||
	       pid_owner(pid, row_name(row) == proc_table[row].path, uid, gid);
}

/* Get an inode, with a reference; -ENOENT: no such process. */
static int
find_inode(struct superblock *sb, uint64_t ino, struct inode **out)
{
	uint32_t uid, gid;
	int err;

	/* Check even if the inode is cached: the process may be reaped. */
	if (!owner_of(ino, &uid, &gid))
		return -ENOENT;
	err = inode_find(sb, ino, out);
	if (err == 0) {
		(*out)->uid = uid;
		(*out)->gid = gid;
	}
	return err;
}

/* ---- directories ---- */

/* Parse a decimal number without sign or leading zeroes.  False: other text. */
static bool
parse_name(const char *name, size_t len, int *n)
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

/* The inode of number n in a directory with next(). */
static uint64_t
ino_of_number(const struct inode *dir, int n)
{
	unsigned row = find_child(row_of(dir), "*", 1);

	return row_of(dir) == PROC_ROOT ? ino_of(n, row, 0)
					: ino_of(proc_node(dir).pid, row, n);
}

static int
lookup_number(struct inode *dir, int n, struct inode **out)
{
	struct proc_node node = proc_node(dir);
	int found = n;

	/* In /proc itself, skip next(), which is slow: find_inode() checks n. */
	if (row_of(dir) == PROC_ROOT && n == 0)
		return -ENOENT;
	if (row_of(dir) != PROC_ROOT &&
	    (n >= PROC_NUMBER_MAX || !node.entry->next(&node, &found) ||
	     found != n))
		return -ENOENT;
	return find_inode(dir->sb, ino_of_number(dir, n), out);
}

static int
proc_dir_lookup(struct inode *dir, const char *name, size_t len,
		struct inode **out)
{
	struct proc_node node = proc_node(dir);
	unsigned row;
	int n;

	if (node.entry->next != NULL && parse_name(name, len, &n))
		return lookup_number(dir, n, out);
	if (len == 1 && name[0] == '.')
		row = row_of(dir);
	else if (len == 2 && name[0] == '.' && name[1] == '.')
		row = parent_of(row_of(dir));
	else if (len == 1 && name[0] == '*')
		return -ENOENT; /* "*" is a pattern, not a name */
	else
		row = find_child(row_of(dir), name, len);
	if (row == proc_rows)
		return -ENOENT;
	return find_inode(dir->sb, ino_of(node.pid, row, 0), out);
}

static int
list_numbers(struct inode *dir, uint64_t *pos, dir_emit_fn emit, void *arg)
{
	struct proc_node node = proc_node(dir);
	unsigned row = find_child(row_of(dir), "*", 1);
	char name[12];
	int n, len;

	*pos = MAX(*pos, POS_NUMBERS);
	/* A program may set *pos to any value by lseek(). */
	while (*pos - POS_NUMBERS <= INT32_MAX) {
		n = (int)(*pos - POS_NUMBERS);
		if (!node.entry->next(&node, &n) ||
		    (node.pid != 0 && n >= PROC_NUMBER_MAX))
			break;
		len = snprintf(name, sizeof(name), "%d", n);
		if (!emit(arg, name, (size_t)len, ino_of_number(dir, n),
			  DT_OF_MODE(proc_table[row].mode),
			  POS_NUMBERS + (uint64_t)n + 1))
			break;
		*pos = POS_NUMBERS + (uint64_t)n + 1;
	}
	return 0;
}

static int
dir_readdir(struct inode *dir, uint64_t *pos, dir_emit_fn emit, void *arg)
{
	struct proc_node node = proc_node(dir);
	uint32_t uid, gid;

	/* If the process was reaped, fd/ is empty; other directories fail. */
	if (node.entry->next == NULL && !owner_of(dir->ino, &uid, &gid))
		return -ENOENT;
	for (; *pos < POS_ROW; (*pos)++) {
		uint64_t ino =
			*pos == 0 ? dir->ino
				  : ino_of(node.pid, parent_of(row_of(dir)), 0);

		if (!emit(arg, "..", *pos + 1, ino, DT_OF_MODE(S_IFDIR),
			  *pos + 1))
			return 0;
	}
	for (; *pos < POS_ROW + proc_rows; (*pos)++) {
		unsigned row = (unsigned)(*pos - POS_ROW);
		const char *name = row_name(row);

		if (!is_child(row_of(dir), row) || name[0] == '*')
			continue;
		if (!emit(arg, name, strlen(name), ino_of(node.pid, row, 0),
			  DT_OF_MODE(proc_table[row].mode), *pos + 1))
			return 0;
	}
	return node.entry->next != NULL ? list_numbers(dir, pos, emit, arg) : 0;
}

/*
 * Permit a process to list its own fd/, even if root owns the directory because
 * the process is not dumpable.
 */
static bool
dir_permits(struct inode *dir)
{
	struct proc_node node = proc_node(dir);

	return node.entry->next != NULL && node.pid == current_pid();
}

/* ---- links ---- */

static ssize_t
link_readlink(struct inode *inode, char *buf, size_t size)
{
	struct proc_node node = proc_node(inode);
	struct textbuf text;
	struct iobuf b;
	ssize_t n;

	tb_init(&text);
	n = node.entry->show(&text, &node);
	if (n == 0)
		n = text.error;
	iobuf_init_kernel(&b, buf, size);
	if (n == 0)
		n = tb_read(&text, &b, 0);
	tb_free(&text);
	return n;
}

static int
link_follow(struct inode *inode, struct inode **out)
{
	struct proc_node node = proc_node(inode);

	return node.entry->follow == NULL ? -ENOTSUP
					  : node.entry->follow(out, &node);
}

/* ---- inodes ---- */

/* Permits only a truncation to size 0. */
static int
proc_setattr(struct inode *inode, const struct inode_change *c)
{
	return c->what == CHANGE_SIZE && c->size == 0 ? 0 : -EPERM;
}

static const struct inode_ops dir_ops = {
	.permits = dir_permits,
	.lookup = proc_dir_lookup,
	.readdir = dir_readdir,
	.setattr = proc_setattr,
};

static const struct inode_ops link_ops = {
	.readlink = link_readlink,
	.follow = link_follow,
	.setattr = proc_setattr,
};

static const struct inode_ops file_ops = {
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

/* Fill in a new inode, but not its owner, which find_inode() sets. */
static int
proc_read_inode(struct inode *inode)
{
	const struct proc_entry *e = proc_node(inode).entry;

	inode->atime = inode->mtime = inode->ctime = (int64_t)time_real();
	inode->mode = e->mode;
	inode->nlink = 1;
	if (S_ISDIR(e->mode)) {
		inode->nlink = 2;
		inode->ops = &dir_ops;
		inode->fops = &generic_dir_ops;
	} else if (S_ISLNK(e->mode)) {
		inode->ops = &link_ops;
	} else {
		inode->ops = &file_ops;
		inode->fops = e->fops != NULL	  ? e->fops
			      : e->record != NULL ? &proc_record_ops
						  : &proc_text_ops;
	}
	return 0;
}

/* ---- the superblock ---- */

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
	err = inode_find(sb, ino_of(0, PROC_ROOT, 0), &sb->root);
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
