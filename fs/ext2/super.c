/* SPDX-License-Identifier: MIT */
/*
 * fs/ext2/super.c - mount and unmount ext2: check superblock and group
 * descriptors, so that every later use of them is safe.
 *
 * The VFS calls these operations in process context, one mount or unmount at a
 * time.  A disk that fails a check is not mounted (-EUCLEAN, or -EINVAL if it
 * has no ext2), and the reason is logged.  A writable mount clears the "clean"
 * flag on the disk; unmount and a read-only remount set it again.  A disk
 * without the flag is mounted read-only.  Superblock and descriptors stay
 * pinned while the file system is mounted.
 */
#include <stdarg.h>

#include "fs/blockcache.h"
#include "fs/ext2/ext2.h"
#include "fs/init.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "kernel/log.h"
#include "kernel/time.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/slab.h"

#define GROUPS_PER_BLOCK (EXT2_BLOCK / sizeof(struct ext2_group_disk))
#define FIRM_TRIES	 1000u
#define FIRM_PAUSE	 (NSEC_PER_SEC / 200)

int
ext2_corrupt(struct ext2 *fs, const char *fmt, ...)
{
	char text[160];
	va_list ap;

	fs->errors = true;
	if (log_ratelimit()) {
		va_start(ap, fmt);
		vsnprintf(text, sizeof(text), fmt, ap);
		va_end(ap);
		log_error("ext2 (%s): %s", fs->disk->dev->name, text);
	}
	return -EUCLEAN;
}

/* ---- metadata blocks ---- */

int
ext2_block_get(struct ext2 *fs, uint64_t nr, struct frame **out)
{
	int err;

	if (nr >= fs->blocks)
		return ext2_corrupt(fs,
				    "block %lu is beyond the end of the "
				    "file system",
				    (unsigned long)nr);
	err = pagecache_get(fs->disk, nr, false, out);
	return err == -EFAULT ? -EIO : err;
}

int
ext2_block_get_firm(struct ext2 *fs, uint64_t nr, struct frame **out)
{
	struct waitq nobody;
	int err;

	waitq_init(&nobody);
	for (unsigned i = 0; i < FIRM_TRIES; i++) {
		err = ext2_block_get(fs, nr, out);
		if (err != -ENOMEM)
			break;
		(void)wait_event_mode(&nobody, false, WAIT_FIRM,
				      time_now() + FIRM_PAUSE);
	}
	return err;
}

int
ext2_block_get_new(struct ext2 *fs, uint64_t nr, struct frame **out)
{
	int err;

	if (nr >= fs->blocks)
		return -EUCLEAN;
	err = pagecache_get(fs->disk, nr, true, out);
	return err == -EFAULT ? -EIO : err;
}

struct ext2_group_disk *
ext2_group(struct ext2 *fs, uint32_t group)
{
	struct ext2_group_disk *g =
		frame_ptr(fs->group_frames[group / GROUPS_PER_BLOCK]);

	return &g[group % GROUPS_PER_BLOCK];
}

void
ext2_counts_changed(struct ext2 *fs, uint32_t group)
{
	requires_lock(&fs->alloc_lock);
	fs->super->free_blocks = fs->free_blocks;
	fs->super->free_inodes = fs->free_inodes;
	pagecache_dirty(fs->group_frames[group / GROUPS_PER_BLOCK]);
	pagecache_dirty(fs->super_frame);
}

bool
ext2_table_block(struct ext2 *fs, uint32_t nr)
{
	return nr < fs->blocks &&
	       nr - ext2_group(fs, nr / fs->blocks_per_group)->inode_table <
		       fs->table_blocks;
}

bool
ext2_data_block_ok(struct ext2 *fs, uint32_t nr)
{
	const struct ext2_group_disk *g;

	if (nr < fs->first_block || nr >= fs->blocks)
		return false;
	g = ext2_group(fs, nr / fs->blocks_per_group);
	return nr != g->block_bitmap && nr != g->inode_bitmap &&
	       nr - g->inode_table >= fs->table_blocks;
}

void
ext2_note_large_file(struct ext2 *fs)
{
	mutex_lock(&fs->alloc_lock);
	if (!(fs->super->ro_compat & EXT2_RO_COMPAT_LARGE)) {
		fs->super->ro_compat |= EXT2_RO_COMPAT_LARGE;
		pagecache_dirty(fs->super_frame);
	}
	mutex_unlock(&fs->alloc_lock);
}

/* ---- the checks ---- */

static int
refuse(struct ext2 *fs, const char *why, uint64_t value)
{
	log_error("ext2 (%s): not mounted: %s (%lu)", fs->disk->dev->name, why,
		  (unsigned long)value);
	return -EUCLEAN;
}

/* Can this code handle the disk's format and features? */
static int
check_features(struct ext2 *fs, const struct ext2_super_disk *s)
{
	uint32_t unknown = s->incompat & ~EXT2_INCOMPAT_FILETYPE;

	if (s->magic != EXT2_MAGIC) {
		(void)refuse(fs, "not an ext2 file system: magic", s->magic);
		return -EINVAL;
	}
	if (s->rev_level > 1)
		return refuse(fs, "unknown revision", s->rev_level);
	if (s->log_block_size != 2)
		return refuse(fs,
			      "block size is not 4096 bytes: log2(size / 1024)",
			      s->log_block_size);
	if (s->rev_level == 0)
		return 0;
	if (unknown != 0)
		return refuse(fs, "unknown incompatible features", unknown);
	unknown =
		s->ro_compat & ~(EXT2_RO_COMPAT_SPARSE | EXT2_RO_COMPAT_LARGE);
	if (unknown != 0) {
		log_warn("ext2 (%s): unknown features %#x: mounted read-only",
			 fs->disk->dev->name, unknown);
		fs->force_read_only = true;
	}
	fs->filetype = (s->incompat & EXT2_INCOMPAT_FILETYPE) != 0;
	return 0;
}

/* Check the sizes and counts, and set the constants of `fs`. */
static int
check_sizes(struct ext2 *fs, const struct ext2_super_disk *s)
{
	uint64_t on_disk = pagecache_size(fs->disk) >> PAGE_SHIFT;
	uint64_t groups;

	fs->inode_size = s->rev_level == 0 ? 128 : s->inode_size;
	fs->first_ino = s->rev_level == 0 ? 11 : s->first_ino;
	if (fs->inode_size != 128 && fs->inode_size != 256)
		return refuse(fs, "bad inode size", fs->inode_size);
	if (s->first_data_block != 0)
		return refuse(fs, "bad first block", s->first_data_block);
	if (s->blocks_per_group < 64 || s->blocks_per_group > EXT2_BITS ||
	    s->blocks_per_group % 8 != 0)
		return refuse(fs, "bad group size", s->blocks_per_group);
	if (s->blocks_count == 0 || s->blocks_count > on_disk ||
	    s->blocks_count == UINT32_MAX)
		return refuse(fs, "bad number of blocks", s->blocks_count);
	groups = ((uint64_t)s->blocks_count + s->blocks_per_group - 1) /
		 s->blocks_per_group;
	if (s->inodes_per_group == 0 || s->inodes_per_group > EXT2_BITS)
		return refuse(fs, "bad inodes per group", s->inodes_per_group);
	if (s->inodes_count != groups * s->inodes_per_group)
		return refuse(fs, "bad number of inodes", s->inodes_count);
	if (fs->first_ino < 11 || fs->first_ino > s->inodes_per_group)
		return refuse(fs, "bad first inode", fs->first_ino);
	fs->blocks = s->blocks_count;
	fs->inodes = s->inodes_count;
	fs->groups = (uint32_t)groups;
	fs->blocks_per_group = s->blocks_per_group;
	fs->inodes_per_group = s->inodes_per_group;
	/* The last block of a table may be partly unused. */
	fs->table_blocks =
		(s->inodes_per_group * fs->inode_size + EXT2_BLOCK - 1) /
		EXT2_BLOCK;
	fs->group_frame_count =
		(unsigned)((groups + GROUPS_PER_BLOCK - 1) / GROUPS_PER_BLOCK);
	fs->first_block = 1 + fs->group_frame_count;
	fs->reserved = MIN(s->r_blocks_count, s->blocks_count);
	fs->state = s->state;
	return 0;
}

/* The number of blocks of group `i`: the last group may be short. */
static uint32_t
group_blocks(const struct ext2 *fs, uint32_t i)
{
	return MIN(fs->blocks_per_group, fs->blocks - i * fs->blocks_per_group);
}

static int
check_group(struct ext2 *fs, uint32_t i)
{
	const struct ext2_group_disk *g = ext2_group(fs, i);
	uint32_t start = i * fs->blocks_per_group;
	uint32_t low = MAX(start, fs->first_block);
	uint32_t end = start + group_blocks(fs, i);

	/* The metadata of a group is in the group: mount refuses flex_bg. */
	if (g->block_bitmap < low || g->block_bitmap >= end ||
	    g->inode_bitmap < low || g->inode_bitmap >= end ||
	    g->inode_table < low || g->inode_table >= end ||
	    fs->table_blocks > end - g->inode_table)
		return refuse(fs, "metadata outside its group: group", i);
	if (g->block_bitmap == g->inode_bitmap ||
	    g->block_bitmap - g->inode_table < fs->table_blocks ||
	    g->inode_bitmap - g->inode_table < fs->table_blocks)
		return refuse(fs, "metadata overlaps in group", i);
	if (g->free_blocks > group_blocks(fs, i) ||
	    g->free_inodes > fs->inodes_per_group ||
	    g->used_dirs > fs->inodes_per_group)
		return refuse(fs, "invalid free or directory count in group",
			      i);
	fs->free_blocks += g->free_blocks;
	fs->free_inodes += g->free_inodes;
	return 0;
}

static int
read_groups(struct ext2 *fs)
{
	int err;

	fs->group_frames =
		kzalloc(fs->group_frame_count * sizeof(struct frame *));
	if (fs->group_frames == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < fs->group_frame_count; i++) {
		err = ext2_block_get(fs, 1 + i, &fs->group_frames[i]);
		if (err != 0)
			return err;
	}
	for (uint32_t i = 0; i < fs->groups; i++) {
		err = check_group(fs, i);
		if (err != 0)
			return err;
	}
	return 0;
}

/* ---- mount and unmount ---- */

/*
 * Set or clear the disk's "clean" flag and write it.  All other metadata must
 * be on the disk already.
 */
static int
set_clean(struct ext2 *fs, bool clean)
{
	struct ext2_super_disk *s = fs->super;
	int n;

	mutex_lock(&fs->alloc_lock);
	s->state = fs->state;
	if (clean && (fs->state & EXT2_STATE_VALID))
		s->state |= EXT2_STATE_VALID;
	else
		s->state &= (uint16_t)~EXT2_STATE_VALID;
	if (fs->errors)
		s->state |= EXT2_STATE_ERROR;
	s->wtime = (uint32_t)(time_real() / NSEC_PER_SEC);
	pagecache_dirty(fs->super_frame);
	mutex_unlock(&fs->alloc_lock);
	n = pagecache_write_some(fs->disk, NULL, NULL);
	return n < 0 ? n : block_flush(fs->disk->dev);
}

/* Write everything to the disk, then mark the disk clean. */
static int
end_writing(struct ext2 *fs)
{
	int err = ext2_sync(fs->sb);

	if (err == 0)
		err = set_clean(fs, true);
	if (err == 0)
		fs->disk->ordered = false;
	return err;
}

static int
begin_writing(struct ext2 *fs)
{
	int err = fs->changes == NULL ? ext2_changes_make(fs) : 0;

	if (err != 0)
		return err;
	mutex_lock(&fs->alloc_lock);
	fs->super->mtime = (uint32_t)(time_real() / NSEC_PER_SEC);
	fs->super->mnt_count++;
	mutex_unlock(&fs->alloc_lock);
	fs->disk->ordered = true;
	err = set_clean(fs, false);
	if (err != 0)
		fs->disk->ordered = false;
	return err;
}

static void
ext2_free(struct ext2 *fs)
{
	for (unsigned i = 0;
	     fs->group_frames != NULL && i < fs->group_frame_count; i++) {
		if (fs->group_frames[i] != NULL)
			pagecache_put(fs->group_frames[i]);
	}
	if (fs->super_frame != NULL)
		pagecache_put(fs->super_frame);
	ext2_changes_free(fs);
	fs->disk->ordered = false;
	kfree(fs->group_frames);
	kfree(fs);
}

/* Force read-only if the disk may be damaged: writes could damage more. */
static void
check_state(struct ext2 *fs)
{
	if ((fs->super->state & EXT2_STATE_VALID) &&
	    !(fs->super->state & EXT2_STATE_ERROR))
		return;
	log_warn("ext2 (%s): %s: mounted read-only until e2fsck -f repairs it "
		 "(./tine run does that)",
		 fs->disk->dev->name,
		 fs->super->state & EXT2_STATE_ERROR
			 ? "is damaged"
			 : "was not unmounted cleanly");
	fs->force_read_only = true;
}

static int
read_super(struct ext2 *fs)
{
	int err;

	fs->blocks = 1; /* until the real number is known */
	err = ext2_block_get(fs, 0, &fs->super_frame);
	if (err != 0)
		return err;
	fs->super =
		(struct ext2_super_disk *)((char *)frame_ptr(fs->super_frame) +
					   1024);
	err = check_features(fs, fs->super);
	if (err == 0)
		err = check_sizes(fs, fs->super);
	if (err == 0)
		check_state(fs);
	if (err == 0)
		err = read_groups(fs);
	return err;
}

/* Get the root directory; refuse any other type of inode. */
static int
read_root(struct superblock *sb)
{
	struct inode *root;
	int err = inode_find(sb, EXT2_ROOT_INO, &root);

	if (err == -ENOENT)
		return refuse(sb->data, "root directory missing: inode",
			      EXT2_ROOT_INO);
	if (err != 0)
		return err;
	if (!S_ISDIR(root->mode) || ext2_i(root)->parent != EXT2_ROOT_INO) {
		uint32_t mode = root->mode;

		inode_put(root);
		return refuse(sb->data,
			      "the root inode is not a root directory: mode",
			      mode);
	}
	sb->root = root;
	return 0;
}

static int
ext2_statfs(struct superblock *sb, struct fs_usage *u)
{
	struct ext2 *fs = sb->data;
	uint32_t overhead =
		fs->first_block + fs->groups * (2 + fs->table_blocks);

	memset(u, 0, sizeof(*u));
	mutex_lock(&fs->alloc_lock);
	u->type = EXT2_MAGIC;
	u->block_size = EXT2_BLOCK;
	u->blocks = fs->blocks - MIN(overhead, fs->blocks);
	/* Count freed blocks as free: a commit makes them available. */
	u->free = fs->free_blocks + fs->freed_blocks;
	u->available = u->free - MIN((uint64_t)fs->reserved, u->free);
	u->files = fs->inodes;
	u->files_free = fs->free_inodes + fs->gone_inodes;
	u->id = sb->dev;
	mutex_unlock(&fs->alloc_lock);
	return 0;
}

static void
ext2_put_super(struct superblock *sb)
{
	struct ext2 *fs = sb->data;

	if (!sb_read_only(sb) && end_writing(fs) != 0)
		log_error("ext2 (%s): unmount: write-back failed, disk not "
			  "marked clean",
			  fs->disk->dev->name);
	ext2_free(fs);
	sb->data = NULL;
}

static int
ext2_remount(struct superblock *sb, unsigned flags)
{
	struct ext2 *fs = sb->data;
	bool read_only = (flags & SB_RDONLY) != 0;

	if (read_only == sb_read_only(sb))
		return 0;
	if (read_only)
		return end_writing(fs);
	if (fs->force_read_only || fs->disk->dev->read_only)
		return -EROFS;
	return begin_writing(fs);
}

static const struct super_ops ext2_super_ops = {
	.alloc_inode = ext2_alloc_inode,
	.free_inode = ext2_free_inode,
	.read_inode = ext2_read_inode,
	.commit = ext2_commit,
	.evict_inode = ext2_evict_inode,
	.statfs = ext2_statfs,
	.sync = ext2_sync,
	.put_super = ext2_put_super,
	.remount = ext2_remount,
};

/* Read and check everything on the disk that a mount needs. */
static int
load(struct ext2 *fs, struct superblock *sb)
{
	int err = read_super(fs);

	if (err != 0)
		return err;
	if (fs->force_read_only || fs->disk->dev->read_only)
		atomic_fetch_or(&sb->flags, SB_RDONLY);
	err = read_root(sb);
	if (err != 0)
		return err;
	if (!sb_read_only(sb))
		err = begin_writing(fs);
	return err;
}

static int
ext2_mount(const struct filesystem *type, struct block_device *dev,
	   unsigned flags, const char *data, struct superblock **out)
{
	struct ext2 *fs = kzalloc(sizeof(*fs));
	struct superblock *sb = NULL;
	int err = -ENOMEM;

	if (fs == NULL)
		return -ENOMEM;
	mutex_init(&fs->commit_lock, LOCK_EXT2_COMMIT);
	mutex_init(&fs->alloc_lock, LOCK_EXT2_ALLOC);
	fs->disk = block_cache(dev);
	if (fs->disk != NULL)
		sb = sb_alloc(type, &ext2_super_ops, dev, flags);
	if (sb == NULL) {
		kfree(fs);
		return -ENOMEM;
	}
	sb->data = fs;
	sb->block_size = EXT2_BLOCK;
	sb->max_size = EXT2_MAX_SIZE;
	fs->sb = sb;
	err = load(fs, sb);
	if (err != 0) {
		sb_free(sb);
		ext2_free(fs);
		return err;
	}
	*out = sb;
	return 0;
}

const struct filesystem ext2_filesystem = {
	.name = "ext2",
	.needs_device = true,
	.mount = ext2_mount,
};
