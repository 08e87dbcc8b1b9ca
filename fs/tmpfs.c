/* SPDX-License-Identifier: MIT */
/*
 * fs/tmpfs.c - tmpfs, a file system in memory: directories and mounting;
 * fs/tmpdata.c has the nodes and their data.
 *
 * Each file has a struct tmpfs_node, found by number in the superblock's tree.
 * The inode is a view of the node: the inode cache may evict it, and
 * read_inode() creates the inode again.  A node is freed when it has neither a
 * name nor an inode.  A directory is a list of entries, guarded by the
 * directory's inode lock.  Entries have increasing ids, which are their
 * positions for readdir.  When memory is short: -ENOMEM with nothing changed;
 * at the superblock's limits: -ENOSPC.
 */
#include "fs/tmpnode.h"

#include "fs/init.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define TMPFS_MAGIC 0x01021994u

/* ---- entries ---- */

static uint32_t
name_hash(const char *name, size_t len)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (uint8_t)name[i]) * 16777619u;
	return h;
}

static struct tmpfs_entry *
entry_find(struct tmpfs_node *dir, const char *name, size_t len)
{
	uint32_t hash = name_hash(name, len);
	struct tmpfs_entry *e;

	list_for_each_entry(e, &dir->entries, node) {
		if (e->hash == hash && e->len == len &&
		    memcmp(e->name, name, len) == 0)
			return e;
	}
	return NULL;
}

int
tmpfs_entry_alloc(struct tmpfs_super *ts, const char *name, size_t len,
		  struct tmpfs_entry **out)
{
	struct tmpfs_entry *e;
	int err = tmpfs_charge_small(ts, sizeof(*e) + len);

	if (err != 0)
		return err;
	e = kmalloc(sizeof(*e) + len);
	if (e == NULL) {
		tmpfs_uncharge_small(ts, sizeof(*e) + len);
		return -ENOMEM;
	}
	e->len = (uint8_t)len;
	e->hash = name_hash(name, len);
	memcpy(e->name, name, len);
	*out = e;
	return 0;
}

void
tmpfs_entry_free(struct tmpfs_super *ts, struct tmpfs_entry *e)
{
	tmpfs_uncharge_small(ts, sizeof(*e) + e->len);
	kfree(e);
}

static void
entry_insert(struct tmpfs_node *dir, struct tmpfs_entry *e,
	     struct tmpfs_node *what)
{
	e->id = dir->next_id++;
	e->what = what;
	list_push_back(&dir->entries, &e->node);
}

static void
entry_remove(struct tmpfs_entry *e)
{
	list_del(&e->node);
	tmpfs_entry_free(e->what->super, e);
}

/* ---- inode operations ---- */

static int
tmpfs_lookup(struct inode *dir, const char *name, size_t len,
	     struct inode **out)
{
	struct tmpfs_node *node = tmpfs_node(dir);
	struct tmpfs_entry *e;

	requires_lock(&dir->lock);
	if (len == 1 && name[0] == '.')
		return inode_find(dir->sb, node->ino, out);
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return inode_find(dir->sb, node->parent->ino, out);
	e = entry_find(node, name, len);
	return e == NULL ? -ENOENT : inode_find(dir->sb, e->what->ino, out);
}

/* Create a file of any type with its first name. */
static int
make(struct inode *dir, const char *name, size_t len,
     const struct inode_attr *attr, const char *target, struct inode **out)
{
	struct tmpfs_super *ts = dir->sb->data;
	struct tmpfs_entry *e;
	struct inode *inode;
	int err = tmpfs_entry_alloc(ts, name, len, &e);

	if (err != 0)
		return err;
	err = tmpfs_new(dir->sb, attr, target, &inode);
	if (err != 0) {
		tmpfs_entry_free(ts, e);
		return err;
	}
	if (S_ISDIR(attr->mode)) {
		inode->nlink = 2;
		tmpfs_node(inode)->parent = tmpfs_node(dir);
		dir->nlink++;
	}
	entry_insert(tmpfs_node(dir), e, tmpfs_node(inode));
	inode_touch(dir);
	*out = inode;
	return 0;
}

static int
tmpfs_create(struct inode *dir, const char *name, size_t len,
	     const struct inode_attr *attr, struct inode **out)
{
	requires_lock(&dir->lock);
	return make(dir, name, len, attr, NULL, out);
}

static int
tmpfs_symlink(struct inode *dir, const char *name, size_t len,
	      const struct inode_attr *attr, const char *target)
{
	struct inode *inode;
	int err;

	requires_lock(&dir->lock);
	err = make(dir, name, len, attr, target, &inode);
	if (err == 0)
		inode_put(inode);
	return err;
}

static int
tmpfs_link(struct inode *dir, const char *name, size_t len, struct inode *inode)
{
	struct tmpfs_entry *e;
	int err;

	requires_lock(&dir->lock);
	requires_lock(&inode->lock);
	err = tmpfs_entry_alloc(dir->sb->data, name, len, &e);
	if (err != 0)
		return err;
	entry_insert(tmpfs_node(dir), e, tmpfs_node(inode));
	inode->nlink++;
	inode_touch_ctime(inode);
	inode_touch(dir);
	return 0;
}

static int
tmpfs_unlink(struct inode *dir, const char *name, size_t len,
	     struct inode *victim)
{
	struct tmpfs_entry *e = entry_find(tmpfs_node(dir), name, len);

	requires_lock(&dir->lock);
	requires_lock(&victim->lock);
	if (e == NULL)
		return -ENOENT;
	entry_remove(e);
	victim->nlink--;
	inode_touch_ctime(victim);
	inode_touch(dir);
	return 0;
}

static int
tmpfs_rmdir(struct inode *dir, const char *name, size_t len,
	    struct inode *victim)
{
	struct tmpfs_entry *e = entry_find(tmpfs_node(dir), name, len);

	requires_lock(&dir->lock);
	requires_lock(&victim->lock);
	if (e == NULL)
		return -ENOENT;
	if (!list_empty(&tmpfs_node(victim)->entries))
		return -ENOTEMPTY;
	entry_remove(e);
	victim->nlink = 0;
	dir->nlink--;
	inode_touch_ctime(victim);
	inode_touch(dir);
	return 0;
}

/* If a directory moves, update its ".." and the link counts of both parents. */
static void
change_parent(struct inode *inode, struct inode *from, struct inode *to)
{
	if (!S_ISDIR(inode->mode))
		return;
	tmpfs_node(inode)->parent = tmpfs_node(to);
	from->nlink--;
	to->nlink++;
}

static void
exchange(struct tmpfs_entry *a, struct inode *from, struct inode *inode,
	 struct tmpfs_entry *b, struct inode *to, struct inode *target)
{
	struct tmpfs_node *was = a->what;

	a->what = b->what;
	b->what = was;
	change_parent(inode, from, to);
	change_parent(target, to, from);
}

/* Make entry b, which names `target`, name `inode` instead. */
static void
replace(struct tmpfs_entry *b, struct inode *to, struct inode *inode,
	struct inode *target)
{
	b->what = tmpfs_node(inode);
	if (S_ISDIR(target->mode)) {
		target->nlink = 0;
		to->nlink--;
	} else {
		target->nlink--;
	}
}

static int
tmpfs_rename(struct inode *from, const char *name, size_t len, struct inode *to,
	     const char *to_name, size_t to_len, struct inode *inode,
	     struct inode *target, unsigned flags)
{
	struct tmpfs_entry *a = entry_find(tmpfs_node(from), name, len), *b;
	int err = 0;

	requires_lock(&from->sb->rename_lock);
	requires_lock(&from->lock);
	if (a == NULL)
		return -ENOENT;
	if (target == inode)
		return 0;
	if (target != NULL)
		b = entry_find(tmpfs_node(to), to_name, to_len);
	else
		err = tmpfs_entry_alloc(to->sb->data, to_name, to_len, &b);
	if (err != 0 || b == NULL)
		return err != 0 ? err : -ENOENT;
	if (flags & RENAME_EXCHANGE) {
		exchange(a, from, inode, b, to, target);
	} else {
		if (target != NULL && S_ISDIR(target->mode) &&
		    !list_empty(&tmpfs_node(target)->entries))
			return -ENOTEMPTY;
		if (target != NULL)
			replace(b, to, inode, target);
		else
			entry_insert(tmpfs_node(to), b, a->what);
		entry_remove(a);
		change_parent(inode, from, to);
	}
	inode_touch_ctime(inode);
	if (target != NULL)
		inode_touch_ctime(target);
	inode_touch(from);
	inode_touch(to);
	return 0;
}

static ssize_t
tmpfs_readlink(struct inode *inode, char *buf, size_t size)
{
	size_t n = MIN(size, (size_t)inode_size(inode));

	memcpy(buf, tmpfs_node(inode)->target, n);
	return (ssize_t)n;
}

/* Positions 0 and 1 are "." and ".."; entries have ids from 2 on. */
static int
tmpfs_readdir(struct inode *dir, uint64_t *pos, dir_emit_fn emit, void *arg)
{
	struct tmpfs_node *node = tmpfs_node(dir);
	struct tmpfs_entry *e;

	requires_lock(&dir->lock);
	if (*pos == 0) {
		if (!emit(arg, ".", 1, node->ino, DT_OF_MODE(S_IFDIR), 1))
			return 0;
		*pos = 1;
	}
	if (*pos == 1) {
		if (!emit(arg, "..", 2, node->parent->ino, DT_OF_MODE(S_IFDIR),
			  2))
			return 0;
		*pos = 2;
	}
	list_for_each_entry(e, &node->entries, node) {
		if (e->id < *pos)
			continue;
		if (!emit(arg, e->name, e->len, e->what->ino,
			  DT_OF_MODE(e->what->mode), e->id + 1))
			return 0;
		*pos = e->id + 1;
	}
	return 0;
}

const struct inode_ops tmpfs_dir_ops = {
	.lookup = tmpfs_lookup,
	.create = tmpfs_create,
	.mkdir = tmpfs_create,
	.symlink = tmpfs_symlink,
	.link = tmpfs_link,
	.unlink = tmpfs_unlink,
	.rmdir = tmpfs_rmdir,
	.rename = tmpfs_rename,
	.readdir = tmpfs_readdir,
};

const struct inode_ops tmpfs_link_ops = {
	.readlink = tmpfs_readlink,
};

/* ---- the superblock ---- */

static int
tmpfs_statfs(struct superblock *sb, struct fs_usage *u)
{
	struct tmpfs_super *ts = sb->data;
	uint64_t used = ts->pages, files = ts->files;

	*u = (struct fs_usage){
		.type = TMPFS_MAGIC,
		.block_size = PAGE_SIZE,
		.blocks = ts->max_pages,
		.free = ts->max_pages - MIN(used, ts->max_pages),
		.files = ts->max_files,
		.files_free = ts->max_files - MIN(files, ts->max_files),
		.id = sb->dev,
	};
	u->available = u->free;
	return 0;
}

static const struct super_ops tmpfs_super_ops = {
	.alloc_inode = tmpfs_alloc_inode,
	.free_inode = tmpfs_free_inode,
	.read_inode = tmpfs_read_inode,
	.evict_inode = tmpfs_evict_inode,
	.statfs = tmpfs_statfs,
	.put_super = tmpfs_put_super,
};

static bool
parse_size(const char **s, uint64_t *bytes)
{
	unsigned shift = 0;

	if (!str_to_u64(*s, bytes, s))
		return false;
	switch (**s | 0x20) {
	case 'k':
		shift = 10;
		break;
	case 'm':
		shift = 20;
		break;
	case 'g':
		shift = 30;
		break;
	}
	*s += shift != 0;
	if (*bytes > FILE_SIZE_LIMIT >> shift)
		return false;
	*bytes <<= shift;
	return true;
}

/* Parse the mount options "size=N[kmg]" and "mode=OCTAL", comma-separated. */
static int
parse_options(const char *s, struct tmpfs_super *ts, uint32_t *mode)
{
	uint64_t bytes;

	while (s != NULL && *s != '\0') {
		if (strncmp(s, "size=", 5) == 0) {
			s += 5;
			if (!parse_size(&s, &bytes))
				return -EINVAL;
			ts->max_pages = PAGE_UP(bytes) >> PAGE_SHIFT;
		} else if (strncmp(s, "mode=", 5) == 0) {
			*mode = 0;
			for (s += 5; *s >= '0' && *s <= '7'; s++)
				*mode = (*mode << 3 | (uint32_t)(*s - '0')) &
					S_IALLUGO;
		} else {
			return -EINVAL;
		}
		if (*s == ',')
			s++;
		else if (*s != '\0')
			return -EINVAL;
	}
	return 0;
}

int
tmpfs_make(const struct filesystem *type, unsigned flags, const char *data,
	   uint32_t mode, struct superblock **out)
{
	struct inode_attr attr = { .mode = S_IFDIR };
	struct tmpfs_super *ts = kzalloc(sizeof(*ts));
	struct frame_stats ram;
	struct superblock *sb;
	int err;

	if (ts == NULL)
		return -ENOMEM;
	frame_get_stats(&ram);
	ts->max_pages = ts->max_files = ram.total / 2;
	spin_init(&ts->lock, LOCK_TMPFS);
	ts->next_ino = 1;
	err = parse_options(data, ts, &mode);
	if (err != 0)
		goto free_ts;
	err = -ENOMEM;
	sb = sb_alloc(type, &tmpfs_super_ops, NULL, flags);
	if (sb == NULL)
		goto free_ts;
	sb->data = ts;
	sb->block_size = PAGE_SIZE;
	sb->max_size = PAGECACHE_MAX;
	attr.mode |= mode;
	err = tmpfs_new(sb, &attr, NULL, &sb->root);
	if (err != 0)
		goto free_sb;
	sb->root->nlink = 2;
	tmpfs_node(sb->root)->parent = tmpfs_node(sb->root);
	*out = sb;
	return 0;

free_sb:
	sb->root = NULL;
	sb_free(sb);
free_ts:
	kfree(ts);
	return err;
}

static int
tmpfs_mount(const struct filesystem *type, struct block_device *dev,
	    unsigned flags, const char *data, struct superblock **out)
{
	(void)dev;
	return tmpfs_make(type, flags, data, 01777, out);
}

const struct filesystem tmpfs_filesystem = {
	.name = "tmpfs",
	.mount = tmpfs_mount,
};
