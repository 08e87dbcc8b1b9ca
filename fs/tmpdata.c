/* SPDX-License-Identifier: MIT */
/*
 * fs/tmpdata.c - tmpfs: nodes, their inodes, their data; and shared memory
 * without a name.
 *
 * Data is a page cache without a device.  Each page is charged to commit and to
 * the superblock's limit when it is allocated.  The bytes of nodes, names and
 * link targets are charged in the same way, one page each time their sum
 * reaches a new page.  At the limits: -ENOSPC or -ENOMEM, with nothing changed.
 * The functions run in process context; data_uncharge() may run under the spin
 * lock of a page cache.
 */
#include "fs/file.h"
#include "fs/getpath.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/special.h"
#include "fs/tmpnode.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/slab.h"

/* ---- data ---- */

static struct tmpfs_node *
data_node(struct pagecache *pc)
{
	return container_of(pc, struct tmpfs_node, data);
}

/* Charge pages to the file system and to commit; 0, -ENOSPC, -ENOMEM. */
static int
charge_pages(struct tmpfs_super *ts, uint64_t pages)
{
	uint64_t now = atomic_fetch_add(&ts->pages, pages) + pages;
	int err = now > ts->max_pages ? -ENOSPC : commit_charge(pages);

	if (err != 0)
		atomic_fetch_sub(&ts->pages, pages);
	return err;
}

static void
uncharge_pages(struct tmpfs_super *ts, uint64_t pages)
{
	atomic_fetch_sub(&ts->pages, pages);
	commit_release(pages);
}

/* Add `pages`, which may be negative, to the block count of stat(2). */
static void
count_blocks(struct tmpfs_node *node, int64_t pages)
{
	struct inode *inode = node->inode;

	if (inode != NULL)
		__atomic_fetch_add(&inode->blocks,
				   (uint64_t)pages * (PAGE_SIZE / 512),
				   __ATOMIC_RELAXED);
}

int
tmpfs_charge_small(struct tmpfs_super *ts, size_t bytes)
{
	uint64_t pages;
	int err = 0;

	spin_lock(&ts->lock);
	pages = (PAGE_UP(ts->small + bytes) - PAGE_UP(ts->small)) >> PAGE_SHIFT;
	if (pages > 0)
		err = charge_pages(ts, pages);
	if (err == 0)
		ts->small += bytes;
	spin_unlock(&ts->lock);
	return err;
}

void
tmpfs_uncharge_small(struct tmpfs_super *ts, size_t bytes)
{
	uint64_t pages;

	spin_lock(&ts->lock);
	pages = (PAGE_UP(ts->small) - PAGE_UP(ts->small - bytes)) >> PAGE_SHIFT;
	if (pages > 0)
		uncharge_pages(ts, pages);
	ts->small -= bytes;
	spin_unlock(&ts->lock);
}

static int
data_charge(struct pagecache *pc, uint64_t pages)
{
	int err = charge_pages(data_node(pc)->super, pages);

	if (err == 0)
		count_blocks(data_node(pc), (int64_t)pages);
	/*
	 * In a page fault, -ENOMEM means that RAM is short, but here only the
	 * commit limit is reached.
	 */
	return err == -ENOMEM ? -ENOSPC : err;
}

static void
data_uncharge(struct pagecache *pc, uint64_t pages)
{
	count_blocks(data_node(pc), -(int64_t)pages);
	uncharge_pages(data_node(pc)->super, pages);
}

/* A mapping holds a reference on the inode, so node->inode is not NULL here. */
static void
data_get(struct pagecache *pc)
{
	inode_get(data_node(pc)->inode);
}

static void
data_put(struct pagecache *pc)
{
	inode_put(data_node(pc)->inode);
}

static void
data_stored(struct pagecache *pc)
{
	inode_touch(data_node(pc)->inode);
}

static size_t
data_name(struct pagecache *pc, char *buf, size_t size, uint64_t *ino,
	  uint32_t *dev)
{
	return inode_map_name(data_node(pc)->inode, buf, size, ino, dev);
}

static const struct pagecache_ops data_ops = {
	.charge = data_charge,
	.uncharge = data_uncharge,
	.get = data_get,
	.put = data_put,
	.stored = data_stored,
	.name = data_name,
};

static int
file_setattr(struct inode *inode, const struct inode_change *c)
{
	int err;

	if (c->what & CHANGE_SIZE) {
		if (!S_ISREG(inode->mode))
			return -EINVAL;
		err = pagecache_truncate(inode->cache, c->size);
		if (err != 0)
			return err;
		inode_set_size(inode, c->size);
		inode_touch(inode);
	}
	inode_apply_change(inode, c);
	return 0;
}

static const struct inode_ops tmpfs_file_ops = { .setattr = file_setattr };

/* ---- nodes ---- */

static void
tree_insert(struct tmpfs_super *ts, struct tmpfs_node *node)
{
	struct rb_node **at = &ts->nodes.node, *parent = NULL;

	spin_lock(&ts->lock);
	node->ino = ts->next_ino++;
	/* The newest number is the largest: insert at the far right. */
	while (*at != NULL) {
		parent = *at;
		at = &parent->right;
	}
	rb_link(&node->rb, parent, at);
	rb_insert_fix(&ts->nodes, &node->rb);
	spin_unlock(&ts->lock);
}

static struct tmpfs_node *
tree_find(struct tmpfs_super *ts, uint64_t ino)
{
	struct tmpfs_node *node = NULL;
	struct rb_node *n;

	spin_lock(&ts->lock);
	for (n = ts->nodes.node; n != NULL;) {
		node = rb_entry(n, struct tmpfs_node, rb);
		if (node->ino == ino)
			break;
		n = ino < node->ino ? n->left : n->right;
	}
	spin_unlock(&ts->lock);
	return n == NULL ? NULL : node;
}

/* The bytes to charge for a node, including its inode and its link target. */
static size_t
node_bytes(const char *target)
{
	return sizeof(struct tmpfs_node) + sizeof(struct tmpfs_inode) +
	       (target != NULL ? strlen(target) + 1 : 0);
}

static int
node_create(struct superblock *sb, const struct inode_attr *attr,
	    const char *target, struct tmpfs_node **out)
{
	struct tmpfs_super *ts = sb->data;
	struct tmpfs_node *node;
	int err;

	err = tmpfs_charge_small(ts, node_bytes(target));
	if (err != 0)
		return err;
	err = -ENOSPC;
	if (atomic_fetch_add(&ts->files, 1) >= ts->max_files)
		goto uncount;
	err = -ENOMEM;
	node = kzalloc(sizeof(*node));
	if (node == NULL)
		goto uncount;
	if (target != NULL) {
		node->target = kstrndup(target, PATH_MAX);
		if (node->target == NULL)
			goto free_node;
		node->size = strlen(target);
	}
	node->super = ts;
	node->mode = attr->mode;
	node->rdev = attr->rdev;
	node->next_id = 2;
	list_init(&node->entries);
	if (S_ISREG(attr->mode))
		pagecache_init(&node->data, &data_ops, NULL, 0);
	tree_insert(ts, node);
	*out = node;
	return 0;

free_node:
	kfree(node);
uncount:
	atomic_fetch_sub(&ts->files, 1);
	tmpfs_uncharge_small(ts, node_bytes(target));
	return err;
}

/* Free a node that has no inode and, except at unmount, no name. */
static void
node_destroy(struct tmpfs_node *node)
{
	struct tmpfs_super *ts = node->super;
	struct list_node *e;

	spin_lock(&ts->lock);
	rb_erase(&ts->nodes, &node->rb);
	spin_unlock(&ts->lock);
	if (S_ISREG(node->mode))
		pagecache_destroy(&node->data);
	while ((e = list_pop_front(&node->entries)) != NULL)
		tmpfs_entry_free(ts, list_entry(e, struct tmpfs_entry, node));
	tmpfs_uncharge_small(ts, node_bytes(node->target));
	kfree(node->target);
	kfree(node);
	atomic_fetch_sub(&ts->files, 1);
}

/* ---- inodes ---- */

/* Make `inode` a view of the node; inode->mode and rdev are set already. */
static void
show(struct inode *inode, struct tmpfs_node *node)
{
	container_of(inode, struct tmpfs_inode, vfs)->node = node;
	node->inode = inode;
	inode->ops = &tmpfs_file_ops;
	inode->size = node->size;
	if (S_ISREG(inode->mode)) {
		inode->fops = &generic_file_ops;
		inode->cache = &node->data;
		inode->size = pagecache_size(&node->data);
		inode->blocks = node->data.pages * (PAGE_SIZE / 512);
	} else if (S_ISDIR(inode->mode)) {
		inode->ops = &tmpfs_dir_ops;
		inode->fops = &generic_dir_ops;
	} else if (S_ISLNK(inode->mode)) {
		inode->ops = &tmpfs_link_ops;
	} else {
		inode_init_special(inode);
	}
}

int
tmpfs_new(struct superblock *sb, const struct inode_attr *attr,
	  const char *target, struct inode **out)
{
	struct tmpfs_node *node;
	struct inode *inode;
	int err = node_create(sb, attr, target, &node);

	if (err != 0)
		return err;
	inode = inode_new(sb, node->ino, attr);
	if (inode == NULL) {
		node_destroy(node);
		return -ENOMEM;
	}
	show(inode, node);
	inode_add(inode);
	*out = inode;
	return 0;
}

struct inode *
tmpfs_alloc_inode(struct superblock *sb)
{
	struct tmpfs_inode *t = kzalloc(sizeof(*t));

	(void)sb;
	return t == NULL ? NULL : &t->vfs;
}

void
tmpfs_free_inode(struct inode *inode)
{
	kfree(container_of(inode, struct tmpfs_inode, vfs));
}

int
tmpfs_read_inode(struct inode *inode)
{
	struct tmpfs_node *node = tree_find(inode->sb->data, inode->ino);

	if (node == NULL)
		return -ENOENT;
	inode->mode = node->mode;
	inode->nlink = node->nlink;
	inode->uid = node->uid;
	inode->gid = node->gid;
	inode->rdev = node->rdev;
	inode->atime = node->atime;
	inode->mtime = node->mtime;
	inode->ctime = node->ctime;
	show(inode, node);
	return 0;
}

void
tmpfs_evict_inode(struct inode *inode)
{
	struct tmpfs_node *node = tmpfs_node(inode);

	if (node == NULL)
		return;
	node->inode = NULL;
	if (inode->nlink == 0) {
		node_destroy(node);
		return;
	}
	node->mode = inode->mode;
	node->nlink = inode->nlink;
	node->uid = inode->uid;
	node->gid = inode->gid;
	node->atime = inode->atime;
	node->mtime = inode->mtime;
	node->ctime = inode->ctime;
}

static void
super_destroy(struct tmpfs_super *ts)
{
	struct rb_node *n;

	while ((n = rb_first(&ts->nodes)) != NULL)
		node_destroy(rb_entry(n, struct tmpfs_node, rb));
	kfree(ts);
}

void
tmpfs_put_super(struct superblock *sb)
{
	super_destroy(sb->data);
	sb->data = NULL;
}

void
tmpfs_discard(struct superblock *sb)
{
	struct tmpfs_super *ts = sb->data;

	sb_free(sb); /* evicts the inodes, which use the nodes */
	super_destroy(ts);
}

/* ---- shared memory without a name ---- */

struct anon {
	struct pagecache data;
	_Atomic uint32_t refs; /* [a] */
	uint64_t pages;	       /* [i] charged */
};

static void
anon_get(struct pagecache *pc)
{
	atomic_fetch_add(&container_of(pc, struct anon, data)->refs, 1);
}

static void
anon_put(struct pagecache *pc)
{
	struct anon *a = container_of(pc, struct anon, data);

	if (atomic_fetch_sub(&a->refs, 1) != 1)
		return;
	pagecache_destroy(pc);
	commit_release(a->pages);
	kfree(a);
}

static size_t
anon_name(struct pagecache *pc, char *buf, size_t size, uint64_t *ino,
	  uint32_t *dev)
{
	(void)pc;
	*ino = 0;
	*dev = 0;
	return str_copy(buf, "/dev/zero (deleted)", size);
}

static const struct pagecache_ops anon_ops = {
	.get = anon_get,
	.put = anon_put,
	.name = anon_name,
};

int
tmpfs_anon_object(uint64_t pages, struct memobj **out)
{
	struct anon *a;

	if (pages > PAGECACHE_MAX >> PAGE_SHIFT)
		return -ENOMEM;
	a = kzalloc(sizeof(*a));
	if (a == NULL)
		return -ENOMEM;
	if (commit_charge(pages) != 0) {
		kfree(a);
		return -ENOMEM;
	}
	pagecache_init(&a->data, &anon_ops, NULL, pages << PAGE_SHIFT);
	a->pages = pages;
	a->refs = 1;
	*out = &a->data.obj;
	return 0;
}
