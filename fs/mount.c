/* SPDX-License-Identifier: MIT */
/*
 * fs/mount.c - the mount table, and syncing all file systems.
 *
 * mount_lock guards the table.  It is held while a file system is mounted,
 * unmounted or synced, so only one of these happens at a time.  Of the locks of
 * fs/, only a file's position lock and the lock of an open /proc file's text
 * are acquired before mount_lock.  A mounted superblock holds a reference on
 * the directory it covers.  inode->mounted and sb->covered change under
 * icache_lock, because path walks read them without mount_lock.  When memory is
 * short, a mount fails with -ENOMEM and changes nothing; an unmount allocates
 * nothing itself.
 */
#include "fs/mount.h"

#include "drivers/block.h"
#include "fs/blockcache.h"
#include "fs/getpath.h"
#include "fs/inode.h"
#include "fs/pagecache.h"
#include "fs/path.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/slab.h"

#define TYPES_MAX  8u
#define MOUNT_BITS (SB_RDONLY | SB_NOSUID | SB_NODEV | SB_NOEXEC)

static const struct filesystem *types[TYPES_MAX]; /* [i] after boot */
static struct mutex mount_lock = MUTEX_INIT(mount_lock, LOCK_MOUNTS);
static struct list_node mounts = LIST_INIT(mounts); /* [M] root first */
static struct superblock *root_sb;		    /* [i] after boot */
static _Atomic uint32_t next_minor = 1;		    /* of st_dev */

struct inode *
vfs_root(void)
{
	return root_sb->root;
}

/* ---- kinds of file systems ---- */

void
filesystem_register(const struct filesystem *type)
{
	for (unsigned i = 0; i < TYPES_MAX; i++) {
		if (types[i] == NULL) {
			types[i] = type;
			return;
		}
	}
	panic("fs: more than %u file system types", TYPES_MAX);
}

const struct filesystem *
filesystem_at(unsigned i)
{
	return i < TYPES_MAX ? types[i] : NULL;
}

static const struct filesystem *
filesystem_find(const char *name)
{
	const struct filesystem *type;

	for (unsigned i = 0; (type = filesystem_at(i)) != NULL; i++) {
		if (strcmp(type->name, name) == 0)
			return type;
	}
	return NULL;
}

/* ---- superblocks ---- */

struct superblock *
sb_alloc(const struct filesystem *type, const struct super_ops *ops,
	 struct block_device *bdev, unsigned flags)
{
	struct superblock *sb = kzalloc(sizeof(*sb));
	uint32_t minor;

	if (sb == NULL)
		return NULL;
	sb->type = type;
	sb->ops = ops;
	sb->bdev = bdev;
	minor = atomic_fetch_add(&next_minor, 1);
	sb->dev = DEV_MAKE(0, minor); /* no device has major 0 */
	sb->block_size = PAGE_SIZE;
	sb->max_size = PAGECACHE_MAX;
	sb->flags = flags;
	mutex_init(&sb->rename_lock, LOCK_RENAME);
	list_init(&sb->inodes);
	list_init(&sb->node);
	return sb;
}

/* Returns in *ino the number of any cached inode; false if there is none. */
static bool
any_inode(struct superblock *sb, uint64_t *ino)
{
	bool found;

	spin_lock(&icache_lock);
	found = !list_empty(&sb->inodes);
	if (found)
		*ino = list_first(&sb->inodes, struct inode, sb_node)->ino;
	spin_unlock(&icache_lock);
	return found;
}

/*
 * Evict all inodes, even those with data that could not be written: with
 * SB_NOCACHE, dropping the last reference to an inode evicts it.
 */
static void
drop_inodes(struct superblock *sb)
{
	struct inode *inode;
	uint64_t ino;

	atomic_fetch_or(&sb->flags, SB_NOCACHE);
	inode_put(sb->root);
	sb->root = NULL;
	while (any_inode(sb, &ino)) {
		if (inode_find(sb, ino, &inode) == 0)
			inode_put(inode);
	}
}

void
sb_free(struct superblock *sb)
{
	drop_inodes(sb);
	kfree(sb->where);
	kfree(sb);
}

static int
write_data(struct superblock *sb)
{
	struct inode *inode = NULL;
	int err = 0, e;

	while ((inode = inode_next_dirty(sb, inode)) != NULL) {
		e = pagecache_sync(inode->cache, 0, UINT64_MAX);
		if (err == 0)
			err = e;
	}
	return err;
}

int
sb_sync(struct superblock *sb)
{
	int err = write_data(sb), err2 = 0;

	if (sb->ops->sync != NULL)
		err2 = sb->ops->sync(sb);
	return err != 0 ? err : err2;
}

static int
sync_all(void)
{
	struct superblock *sb;
	int err = 0, e;

	requires_lock(&mount_lock);
	list_for_each_entry(sb, &mounts, node) {
		e = sb_sync(sb);
		if (err == 0)
			err = e;
	}
	return err;
}

int
mount_sync_disk(struct pagecache *disk)
{
	struct superblock *sb;
	int err = 0;
	bool mounted = false;

	mutex_lock(&mount_lock);
	list_for_each_entry(sb, &mounts, node) {
		if (sb->bdev == disk->dev && !sb_read_only(sb)) {
			mounted = true;
			err = sb_sync(sb);
			break;
		}
	}
	if (!mounted)
		err = block_cache_sync(disk);
	mutex_unlock(&mount_lock);
	return err;
}

/* Sync the data that programs wrote to disks through their device nodes. */
static int
sync_disks(void)
{
	struct block_device *d;
	struct pagecache *pc;
	int err = 0, e;

	for (unsigned i = 0; (d = block_at(i)) != NULL; i++) {
		pc = block_cache(d);
		if (pc != NULL && pc->ordered)
			continue; /* mounted for write: synced already */
		e = pc == NULL ? -ENOMEM : mount_sync_disk(pc);
		if (err == 0)
			err = e;
	}
	return err;
}

int
vfs_sync(void)
{
	int err, err2;

	mutex_lock(&mount_lock);
	err = sync_all();
	mutex_unlock(&mount_lock);
	err2 = sync_disks();
	return err != 0 ? err : err2;
}

bool
mount_commit_all(void)
{
	struct superblock *sb;
	bool all = true;

	mutex_lock(&mount_lock);
	list_for_each_entry(sb, &mounts, node) {
		if (sb->ops->commit != NULL && !sb_read_only(sb))
			all &= sb->ops->commit(sb) == 0;
	}
	mutex_unlock(&mount_lock);
	return all;
}

/* ---- mounting ---- */

/* Find the disk of the device node at path `source`. */
static int
find_disk(const char *source, struct block_device **out)
{
	struct inode *node;
	int err;

	if (source == NULL)
		return -EINVAL;
	err = vfs_lookup(NULL, source, LOOKUP_FOLLOW, &node);
	if (err != 0)
		return err;
	if (!S_ISBLK(node->mode))
		err = -ENOTBLK;
	else if (node->sb->flags & SB_NODEV)
		err = -EACCES;
	else if (node->cache == NULL || node->cache->dev == NULL)
		err = -ENXIO;
	else
		*out = node->cache->dev;
	inode_put(node);
	return err;
}

static bool
disk_in_use(const struct block_device *dev)
{
	struct superblock *sb;

	requires_lock(&mount_lock);
	list_for_each_entry(sb, &mounts, node) {
		if (sb->bdev == dev)
			return true;
	}
	return false;
}

/* The path of `dir` from vfs_root(); the caller frees it.  NULL: no memory. */
static char *
path_of(struct inode *dir)
{
	char *buf = kmalloc(PATH_MAX), *path = NULL;

	if (buf != NULL)
		path = kstrndup(buf, inode_path_from(vfs_root(), dir, buf,
						     PATH_MAX));
	kfree(buf);
	return path;
}

/* Free the superblock of a file system that is not mounted. */
static void
sb_discard(struct superblock *sb)
{
	drop_inodes(sb);
	if (sb->ops->put_super != NULL)
		sb->ops->put_super(sb);
	kfree(sb->where);
	kfree(sb);
}

/*
 * Mount `sb` on directory `where`; takes over the caller's reference on `where`
 * on success.  -EBUSY if `where` is a mount point already; -ENOENT if it has
 * been removed.
 */
static int
attach(struct superblock *sb, struct inode *where)
{
	int err = 0;

	mutex_lock(&where->lock);
	spin_lock(&icache_lock);
	if (where->nlink == 0) {
		err = -ENOENT;
	} else if (where->mounted != NULL) {
		err = -EBUSY;
	} else {
		sb->covered = where;
		__atomic_store_n(&where->mounted, sb, __ATOMIC_RELEASE);
	}
	spin_unlock(&icache_lock);
	mutex_unlock(&where->lock);
	if (err == 0)
		list_push_back(&mounts, &sb->node);
	return err;
}

/*
 * Make a file system and mount it; on success, takes over the reference on
 * `where`.
 */
static int
mount_on(const struct filesystem *type, struct block_device *dev,
	 const char *source, struct inode *where, unsigned flags,
	 const char *data)
{
	struct superblock *sb;
	char *path;
	int err;

	requires_lock(&mount_lock);
	/*
	 * Path walks start at vfs_root(): they could not reach a mount on it.
	 */
	if (where == vfs_root() || (dev != NULL && disk_in_use(dev)))
		return -EBUSY;
	path = path_of(where);
	if (path == NULL)
		return -ENOMEM;
	err = type->mount(type, dev, flags & MOUNT_BITS, data, &sb);
	if (err != 0) {
		kfree(path);
		return err;
	}
	(void)str_copy(sb->source, source, sizeof(sb->source));
	sb->where = path;
	err = attach(sb, where);
	if (err != 0)
		sb_discard(sb);
	return err;
}

int
vfs_mount(const char *source, const char *where, const char *type,
	  unsigned flags, const char *data)
{
	const struct filesystem *fs = filesystem_find(type);
	struct block_device *dev = NULL;
	struct inode *dir;
	int err;

	if (fs == NULL)
		return -ENODEV;
	if (fs->needs_device) {
		err = find_disk(source, &dev);
		if (err != 0)
			return err;
	}
	mutex_lock(&mount_lock);
	err = vfs_lookup(NULL, where, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &dir);
	if (err == 0) {
		err = mount_on(fs, dev,
			       source != NULL && *source != '\0' ? source
								 : type,
			       dir, flags, data);
		if (err != 0)
			inode_put(dir);
	}
	mutex_unlock(&mount_lock);
	return err;
}

int
mount_root(const struct filesystem *type, struct block_device *dev,
	   unsigned flags)
{
	struct superblock *sb;
	char *where = kstrndup("/", 1);
	int err;

	if (where == NULL)
		return -ENOMEM;
	err = type->mount(type, dev, flags & MOUNT_BITS, NULL, &sb);
	if (err != 0) {
		kfree(where);
		return err;
	}
	sb->where = where;
	(void)str_copy(sb->source, dev != NULL ? "/dev/" : type->name,
		       sizeof(sb->source));
	if (dev != NULL)
		(void)str_copy(sb->source + 5, dev->name,
			       sizeof(sb->source) - 5);
	mutex_lock(&mount_lock);
	list_push_back(&mounts, &sb->node);
	root_sb = sb;
	mutex_unlock(&mount_lock);
	return 0;
}

/* ---- remounting and unmounting ---- */

/* Find the file system whose root is at path `where`. */
static int
find_mount(const char *where, unsigned how, struct superblock **out)
{
	struct inode *root;
	int err;

	requires_lock(&mount_lock);
	err = vfs_lookup(NULL, where, how, &root);
	if (err != 0)
		return err;
	/* While mount_lock is held, the superblock is not freed. */
	*out = root->sb;
	if (root != root->sb->root)
		err = -EINVAL;
	inode_put(root);
	return err;
}

/*
 * Can a program store to the file through a mapping?  Needs no lock: a new
 * writable mapping requires a file open for write, which inode->writers counts.
 */
static bool
mapped_for_write(const struct pagecache *pc)
{
	return pc != NULL && pc->wmapped && !list_empty(&pc->obj.vmas);
}

/* Is a regular file of `sb` open or mapped for write? */
static bool
has_writers(struct superblock *sb)
{
	struct inode *inode;
	bool found = false;

	spin_lock(&icache_lock);
	list_for_each_entry(inode, &sb->inodes, sb_node)
		found |= S_ISREG(inode->mode) &&
			 (inode->writers > 0 || mapped_for_write(inode->cache));
	spin_unlock(&icache_lock);
	return found;
}

/*
 * Count the deleted files in use (nlink 0).  Dropping the last reference to
 * such a file frees its blocks, so the disk must stay writable.
 */
static unsigned
count_nameless(struct superblock *sb)
{
	struct inode *inode;
	unsigned n = 0;

	spin_lock(&icache_lock);
	list_for_each_entry(inode, &sb->inodes, sb_node)
		n += inode->nlink == 0 &&
		     !(inode->state & (INODE_NEW | INODE_BAD));
	spin_unlock(&icache_lock);
	return n;
}

static int
set_flags(struct superblock *sb, unsigned flags)
{
	int err = 0;

	requires_lock(&mount_lock);
	if ((flags & SB_RDONLY) && !sb_read_only(sb))
		err = sb_sync(sb);
	if (err == 0 && sb->ops->remount != NULL)
		err = sb->ops->remount(sb, flags);
	if (err == 0)
		sb->flags = (sb->flags & ~MOUNT_BITS) | flags;
	return err;
}

/*
 * Before a read-only remount: set SB_CLOSING, so that new writes fail, then
 * look for open writers and for deleted files in use.  A change of a name or an
 * attribute tests SB_CLOSING under an inode lock.  The loop acquires each inode
 * lock once, and so waits for the changes that tested SB_CLOSING before it was
 * set.  0, or -EBUSY.
 */
static int
refuse_writes(struct superblock *sb)
{
	struct inode *inode = NULL;

	atomic_fetch_or(&sb->flags, SB_CLOSING);
	while ((inode = inode_next(sb, inode)) != NULL) {
		mutex_lock(&inode->lock);
		mutex_unlock(&inode->lock);
	}
	return has_writers(sb) || count_nameless(sb) > 0 ? -EBUSY : 0;
}

int
vfs_remount(const char *where, unsigned flags)
{
	struct superblock *sb;
	int err;

	flags &= MOUNT_BITS;
	mutex_lock(&mount_lock);
	err = find_mount(where, LOOKUP_FOLLOW, &sb);
	if (err != 0)
		goto out;
	if ((flags & SB_RDONLY) && !sb_read_only(sb))
		err = refuse_writes(sb);
	if (err == 0)
		err = set_flags(sb, flags);
	atomic_fetch_and(&sb->flags, ~SB_CLOSING);
out:
	mutex_unlock(&mount_lock);
	return err;
}

/*
 * Remove `sb` from the mount table.  -EINVAL if it covers no directory, -EBUSY
 * if it is in use.
 */
static int
detach(struct superblock *sb)
{
	int err = 0;

	requires_lock(&mount_lock);
	spin_lock(&icache_lock);
	if (sb->covered == NULL || inode_busy(sb)) {
		err = sb->covered == NULL ? -EINVAL : -EBUSY;
	} else {
		__atomic_store_n(&sb->covered->mounted, NULL, __ATOMIC_RELEASE);
	}
	spin_unlock(&icache_lock);
	if (err == 0)
		list_del(&sb->node);
	return err;
}

int
vfs_umount(const char *where, bool follow)
{
	struct superblock *sb;
	struct inode *covered;
	int err;

	mutex_lock(&mount_lock);
	err = find_mount(where, follow ? LOOKUP_FOLLOW : 0, &sb);
	if (err == 0 && sb == root_sb)
		err = -EBUSY;
	if (err == 0)
		err = sb_sync(sb);
	if (err == 0)
		err = detach(sb);
	if (err == 0) {
		covered = sb->covered;
		/* Write changes made between the first sync and detach(). */
		if (sb_sync(sb) != 0)
			log_error("fs: %s: unmounted, but some data could not "
				  "be written",
				  sb->where);
		sb_discard(sb);
		inode_put(covered);
	}
	mutex_unlock(&mount_lock);
	return err;
}

/*
 * Make a disk read-only and mark it clean; -EBUSY unless `alone` and no deleted
 * file is in use.
 */
static int
quiesce(struct superblock *sb, bool alone)
{
	unsigned nameless = count_nameless(sb);

	requires_lock(&mount_lock);
	if (!alone || nameless > 0) {
		log_error("fs: %s stays marked as not clean: %s", sb->source,
			  alone ? "deleted files are still in use"
				: "some programs are still running");
		return -EBUSY;
	}
	return set_flags(sb, (sb->flags & MOUNT_BITS) | SB_RDONLY);
}

int
mount_quiesce(bool alone)
{
	struct superblock *sb;
	int err, e;

	mutex_lock(&mount_lock);
	err = sync_all();
	list_for_each_entry(sb, &mounts, node) {
		/* Only the data on disks survives power-off. */
		if (sb->bdev == NULL || sb_read_only(sb))
			continue;
		e = quiesce(sb, alone);
		if (err == 0)
			err = e;
	}
	mutex_unlock(&mount_lock);
	e = sync_disks();
	return err != 0 ? err : e;
}

void
vfs_for_each_mount(bool (*fn)(struct superblock *sb, void *arg), void *arg)
{
	struct superblock *sb;

	mutex_lock(&mount_lock);
	list_for_each_entry(sb, &mounts, node) {
		if (!fn(sb, arg))
			break;
	}
	mutex_unlock(&mount_lock);
}
