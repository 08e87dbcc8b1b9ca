/* SPDX-License-Identifier: MIT */
/*
 * fs/ext2/inode.c - read inodes from the disk, write them, and delete them.
 *
 * The VFS owns struct inode and decides when it is read, written and evicted.
 * Each inode owns its own bytes of the inode table, so two inodes need no
 * common lock; map_lock serializes the writes of one inode.  When memory is
 * short, a read fails with -ENOMEM and a write is retried by the next commit;
 * freeing waits.
 */
#include "fs/ext2/ext2.h"
#include "fs/file.h"
#include "fs/getpath.h"
#include "fs/inode.h"
#include "fs/special.h"
#include "kernel/time.h"
#include "lib/string.h"
#include "mm/slab.h"

/* ---- the place in the inode table ---- */

uint64_t
ext2_inode_block(struct ext2 *fs, uint64_t ino)
{
	uint64_t group = (ino - 1) / fs->inodes_per_group;
	uint64_t at = (ino - 1) % fs->inodes_per_group * fs->inode_size;

	return ext2_group(fs, (uint32_t)group)->inode_table + at / EXT2_BLOCK;
}

int
ext2_raw_inode(struct ext2 *fs, uint64_t ino, bool firm, struct frame **frame,
	       struct ext2_inode_disk **raw)
{
	uint64_t at = (ino - 1) % fs->inodes_per_group * fs->inode_size;
	uint64_t nr = ext2_inode_block(fs, ino);
	int err;

	err = firm ? ext2_block_get_firm(fs, nr, frame)
		   : ext2_block_get(fs, nr, frame);
	if (err == 0)
		*raw = (struct ext2_inode_disk *)((char *)frame_ptr(*frame) +
						  at % EXT2_BLOCK);
	return err;
}

static bool
has_extra(const struct ext2 *fs, const struct ext2_inode_disk *raw)
{
	return fs->inode_size > 128 && raw->extra_isize >= EXT2_EXTRA_ISIZE;
}

/* The extra word has nanoseconds << 2 and two high bits of the seconds. */
static int64_t
time_from_disk(uint32_t sec, uint32_t extra)
{
	/* 64-bit nanoseconds end in the year 2262; clamp later times. */
	const int64_t most = INT64_MAX / (int64_t)NSEC_PER_SEC - 1;
	int64_t s = MIN((int32_t)sec + ((int64_t)(extra & 3) << 32), most);

	return s * (int64_t)NSEC_PER_SEC +
	       MIN(extra >> 2, (uint32_t)NSEC_PER_SEC - 1);
}

static void
time_to_disk(int64_t ns, uint32_t *sec, uint32_t *extra)
{
	int64_t s = time_seconds(ns);

	*sec = (uint32_t)s;
	if (extra != NULL)
		*extra = (uint32_t)time_rest(ns) << 2 |
			 ((uint32_t)((s - (int32_t)s) >> 32) & 3);
}

/* ---- operations by type ---- */

static int
data_map(struct pagecache *pc, uint64_t index, unsigned max, bool create,
	 uint64_t *block)
{
	return ext2_map(container_of(pc, struct ext2_inode, data), index, max,
			create, block);
}

static struct inode *
data_owner(struct pagecache *pc)
{
	return &container_of(pc, struct ext2_inode, data)->vfs;
}

static void
data_get(struct pagecache *pc)
{
	inode_get(data_owner(pc));
}

static void
data_put(struct pagecache *pc)
{
	inode_put(data_owner(pc));
}

static void
data_stored(struct pagecache *pc)
{
	inode_touch(data_owner(pc));
}

static size_t
data_name(struct pagecache *pc, char *buf, size_t size, uint64_t *ino,
	  uint32_t *dev)
{
	return inode_map_name(data_owner(pc), buf, size, ino, dev);
}

static const struct pagecache_ops data_ops = {
	.map = data_map,
	.get = data_get,
	.put = data_put,
	.stored = data_stored,
	.name = data_name,
};

void
ext2_init_ops(struct inode *inode)
{
	struct ext2_inode *ei = ext2_i(inode);

	if (S_ISREG(inode->mode)) {
		pagecache_init(&ei->data, &data_ops, inode->sb->bdev,
			       inode->size);
		inode->ops = &ext2_file_iops;
		inode->fops = &generic_file_ops;
		inode->cache = &ei->data;
	} else if (S_ISDIR(inode->mode)) {
		inode->ops = &ext2_dir_iops;
		inode->fops = &generic_dir_ops;
	} else if (S_ISLNK(inode->mode)) {
		inode->ops = &ext2_link_iops;
	} else {
		inode->ops = &ext2_file_iops;
		inode_init_special(inode);
	}
}

struct inode *
ext2_alloc_inode(struct superblock *sb)
{
	struct ext2_inode *ei = kzalloc(sizeof(*ei));

	if (ei == NULL)
		return NULL;
	mutex_init(&ei->map_lock, LOCK_EXT2_MAP);
	return &ei->vfs;
}

void
ext2_free_inode(struct inode *inode)
{
	kfree(ext2_i(inode));
}

/* ---- reading ---- */

static void
copy_from_disk(struct ext2 *fs, struct ext2_inode *ei,
	       const struct ext2_inode_disk *raw)
{
	struct inode *inode = &ei->vfs;
	bool extra = has_extra(fs, raw);

	inode->mode = raw->mode;
	inode->nlink = raw->links;
	inode->uid = raw->uid | (uint32_t)raw->uid_high << 16;
	inode->gid = raw->gid | (uint32_t)raw->gid_high << 16;
	inode->size = raw->size;
	if (S_ISREG(inode->mode))
		inode->size |= (uint64_t)raw->size_high << 32;
	inode->blocks = raw->blocks;
	inode->atime = time_from_disk(raw->atime, extra ? raw->atime_extra : 0);
	inode->mtime = time_from_disk(raw->mtime, extra ? raw->mtime_extra : 0);
	inode->ctime = time_from_disk(raw->ctime, extra ? raw->ctime_extra : 0);
	memcpy(ei->block, raw->block, sizeof(ei->block));
	ei->on_disk = true;
	ei->flags = raw->flags;
	ei->generation = raw->generation;
	ei->file_acl = raw->file_acl;
	if (S_ISCHR(inode->mode) || S_ISBLK(inode->mode))
		/*
		 * block[0] has the old form of a device number, or block[1] the
		 * new form.
		 */
		inode->rdev = raw->block[0] != 0
				      ? raw->block[0] & 0xffff
				      : (raw->block[1] & 0xfff00) |
						(raw->block[1] & 0xff);
}

bool
ext2_is_fast_link(const struct ext2_inode *ei)
{
	uint64_t own = ei->file_acl != 0 ? EXT2_SECTORS : 0;

	return S_ISLNK(ei->vfs.mode) && ei->vfs.blocks <= own;
}

/* Check type and size, on which the rest of the code relies.  0 or -EUCLEAN. */
static int
check_inode(struct ext2 *fs, struct ext2_inode *ei)
{
	const struct inode *inode = &ei->vfs;
	bool ok;

	switch (inode->mode & S_IFMT) {
	case S_IFREG:
		ok = inode->size <= EXT2_MAP_SIZE;
		break;
	case S_IFDIR:
		ok = inode->size > 0 && inode->size % EXT2_BLOCK == 0 &&
		     inode->size / EXT2_BLOCK <= fs->blocks;
		break;
	case S_IFLNK:
		ok = inode->size > 0 &&
		     inode->size < (ext2_is_fast_link(ei) ? EXT2_FAST_LINK
							  : EXT2_BLOCK);
		break;
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		ok = true;
		break;
	default:
		ok = false;
	}
	if (ok)
		return 0;
	return ext2_corrupt(fs, "inode %lu: mode 0%o does not allow size %lu",
			    (unsigned long)inode->ino, inode->mode,
			    (unsigned long)inode->size);
}

/* Record a directory's parent: find_child() accepts no other parent. */
static int
read_parent(struct inode *dir)
{
	struct ext2_slot slot;
	int err = ext2_dir_find(dir, "..", 2, &slot);

	if (err == -ENOENT)
		return ext2_corrupt(ext2_fs(dir), "directory %lu has no \"..\"",
				    (unsigned long)dir->ino);
	if (err == 0) {
		ext2_i(dir)->parent = slot.entry->ino;
		ext2_slot_put(&slot);
	}
	return err;
}

int
ext2_read_inode(struct inode *inode)
{
	struct ext2 *fs = ext2_fs(inode);
	struct ext2_inode *ei = ext2_i(inode);
	struct ext2_inode_disk *raw;
	struct frame *f;
	int err;

	if ((inode->ino < fs->first_ino && inode->ino != EXT2_ROOT_INO) ||
	    inode->ino > fs->inodes)
		return ext2_corrupt(fs, "inode number %lu is out of range",
				    (unsigned long)inode->ino);
	err = ext2_raw_inode(fs, inode->ino, false, &f, &raw);
	if (err != 0)
		return err;
	if (raw->links == 0 || ext2_ino_gone(fs, inode->ino))
		err = -ENOENT;
	else
		copy_from_disk(fs, ei, raw);
	pagecache_put(f);
	if (err == 0)
		err = check_inode(fs, ei);
	if (err != 0)
		return err;
	ext2_init_ops(inode);
	if (S_ISDIR(inode->mode))
		err = read_parent(inode);
	return err;
}

/* ---- writing ---- */

/*
 * Copy the inode's fields to the inode table.  Under map_lock, so that
 * an older write cannot overwrite a newer one.
 */
static void
copy_to_disk(struct ext2 *fs, struct ext2_inode *ei,
	     struct ext2_inode_disk *raw)
{
	const struct inode *inode = &ei->vfs;
	uint64_t size = inode_size(inode);
	bool extra = has_extra(fs, raw);

	requires_lock(&ei->map_lock);
	raw->mode = (uint16_t)inode->mode;
	raw->links = (uint16_t)inode->nlink;
	raw->uid = (uint16_t)inode->uid;
	raw->gid = (uint16_t)inode->gid;
	raw->uid_high = (uint16_t)(inode->uid >> 16);
	raw->gid_high = (uint16_t)(inode->gid >> 16);
	raw->size = (uint32_t)size;
	raw->size_high = S_ISREG(inode->mode) ? (uint32_t)(size >> 32) : 0;
	raw->flags = ei->flags;
	raw->generation = ei->generation;
	raw->file_acl = ei->file_acl;
	time_to_disk(inode->atime, &raw->atime,
		     extra ? &raw->atime_extra : NULL);
	time_to_disk(inode->mtime, &raw->mtime,
		     extra ? &raw->mtime_extra : NULL);
	time_to_disk(inode->ctime, &raw->ctime,
		     extra ? &raw->ctime_extra : NULL);
	raw->blocks = (uint32_t)inode->blocks;
	memcpy(raw->block, ei->block, sizeof(raw->block));
	if (S_ISCHR(inode->mode) || S_ISBLK(inode->mode)) {
		memset(raw->block, 0, sizeof(raw->block));
		raw->block[inode->rdev > 0xffff || inode->rdev == 0] =
			inode->rdev;
	}
}

/*
 * A new inode's place in the table may have the bytes of a deleted one.  Zero
 * them, unless the generation shows that they belong to this inode.
 */
static void
prepare_raw(struct ext2 *fs, const struct ext2_inode *ei,
	    struct ext2_inode_disk *raw)
{
	if (raw->links != 0 && raw->generation == ei->generation)
		return;
	memset(raw, 0, fs->inode_size);
	if (fs->inode_size > 128)
		raw->extra_isize = EXT2_EXTRA_ISIZE;
}

int
ext2_write_inode(struct inode *inode)
{
	struct ext2 *fs = ext2_fs(inode);
	struct ext2_inode *ei = ext2_i(inode);
	struct ext2_inode_disk *raw;
	struct frame *f;
	int err = ext2_raw_inode(fs, inode->ino, false, &f, &raw);

	if (err != 0)
		return err;
	mutex_lock(&ei->map_lock);
	prepare_raw(fs, ei, raw);
	copy_to_disk(fs, ei, raw);
	mutex_unlock(&ei->map_lock);
	pagecache_dirty(f);
	pagecache_put(f);
	if (S_ISREG(inode->mode) && inode_size(inode) > INT32_MAX)
		ext2_note_large_file(fs);
	return 0;
}

/* ---- deletion ---- */

/* Free the block of extended attributes, which several inodes may share. */
static void
free_attributes(struct ext2_inode *ei)
{
	struct ext2 *fs = ext2_fs(&ei->vfs);
	struct frame *f;
	uint32_t *head;
	bool last;

	if (ei->file_acl == 0 || !ext2_data_block_ok(fs, ei->file_acl) ||
	    ext2_block_get_firm(fs, ei->file_acl, &f) != 0)
		return;
	head = frame_ptr(f); /* magic, reference count */
	last = head[0] == 0xea020000u && head[1] <= 1;
	if (head[0] == 0xea020000u && head[1] > 1) {
		head[1]--;
		pagecache_dirty(f);
	}
	pagecache_put(f);
	if (last) {
		pagecache_forget(fs->disk, ei->file_acl);
		(void)ext2_block_free(fs, ei->file_acl);
	}
	ei->file_acl = 0;
}

/*
 * The current time in seconds, for the deletion time on the disk.  e2fsck reads
 * a value up to the number of inodes as a link in the list of orphans, and 0 as
 * "never deleted".  So clamp the time of a wrong clock.
 */
static uint32_t
deletion_time(const struct ext2 *fs)
{
	uint64_t now = time_real() / NSEC_PER_SEC;

	return (uint32_t)CLAMP(now, fs->inodes + UINT64_C(1), UINT32_MAX);
}

int
ext2_clear_inode(struct ext2 *fs, uint64_t ino)
{
	struct ext2_inode_disk *raw;
	struct frame *f;
	int err = ext2_raw_inode(fs, ino, true, &f, &raw);

	if (err != 0)
		return err;
	if (raw->links != 0 || (raw->mode != 0 && raw->dtime == 0)) {
		raw->links = 0;
		raw->dtime = deletion_time(fs);
		pagecache_dirty(f);
	}
	pagecache_put(f);
	return 0;
}

/* Free the blocks and the number of an inode without names. */
static void
delete_inode(struct inode *inode)
{
	struct ext2 *fs = ext2_fs(inode);
	struct ext2_inode *ei = ext2_i(inode);
	bool directory = S_ISDIR(inode->mode);
	/*
	 * Compute this before free_attributes() clears file_acl, which
	 * ext2_is_fast_link() reads.
	 */
	bool mapped = S_ISREG(inode->mode) || directory ||
		      (S_ISLNK(inode->mode) && !ext2_is_fast_link(ei));
	bool mine = ext2_begin(fs);

	free_attributes(ei);
	if (mapped)
		(void)ext2_map_free(ei, 0);
	(void)ext2_ino_free(fs, inode->ino, directory);
	ext2_end(fs, mine);
}

void
ext2_evict_inode(struct inode *inode)
{
	if (inode->cache == &ext2_i(inode)->data)
		pagecache_destroy(inode->cache);
	if (inode->nlink == 0 && !sb_read_only(inode->sb))
		delete_inode(inode);
}

/* ---- changes ---- */

static int
set_size(struct inode *inode, uint64_t size)
{
	uint64_t old = inode->size;
	int err;

	if (!S_ISREG(inode->mode))
		return -EINVAL;
	if (size > EXT2_MAX_SIZE)
		return -EFBIG;
	err = pagecache_truncate(inode->cache, size);
	if (err != 0)
		return err;
	inode_set_size(inode, size);
	if (size < old)
		err = ext2_map_free(ext2_i(inode),
				    (size + EXT2_BLOCK - 1) / EXT2_BLOCK);
	inode_touch(inode);
	return err;
}

int
ext2_setattr(struct inode *inode, const struct inode_change *c)
{
	int err = 0;

	requires_lock(&inode->lock);
	if (c->what & CHANGE_SIZE)
		err = set_size(inode, c->size);
	if (err == 0)
		inode_apply_change(inode, c);
	return err;
}

const struct inode_ops ext2_file_iops = {
	.setattr = ext2_setattr,
};
