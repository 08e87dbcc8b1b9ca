/* SPDX-License-Identifier: MIT */
/*
 * fs/ext2/alloc.c - allocate and free blocks and inodes.
 *
 * Each group has one bitmap block for blocks and one for inodes; the group's
 * descriptor and the superblock have counts.  alloc_lock, a mutex, guards them
 * all.  Bitmaps are not kept pinned: reclaim may evict them, and they are read
 * again.  A freed block or inode keeps its bit until a commit has removed the
 * last reference to it on the disk.  Functions run in process context.
 * Allocation fails with nothing changed (-ENOSPC, -ENOMEM); freeing waits for
 * memory.
 */
#include "fs/ext2/ext2.h"
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/slab.h"

#define NONE UINT32_MAX

/* The first clear bit in [from, end), or NONE. */
static uint32_t
find_clear(const uint64_t *map, uint32_t from, uint32_t end)
{
	while (from < end) {
		uint64_t free = ~map[from / 64] & (UINT64_MAX << (from % 64));

		if (free != 0) {
			from = ROUND_DOWN(from, 64u) +
			       (uint32_t)__builtin_ctzll(free);
			return from < end ? from : NONE;
		}
		from = ROUND_DOWN(from, 64u) + 64;
	}
	return NONE;
}

static inline bool
test_bit(const uint64_t *map, uint32_t bit)
{
	return (map[bit / 64] >> (bit % 64)) & 1;
}

static inline void
set_bit(uint64_t *map, uint32_t bit)
{
	map[bit / 64] |= UINT64_C(1) << (bit % 64);
}

/* ---- blocks ---- */

static uint32_t
blocks_in(const struct ext2 *fs, uint32_t group)
{
	return MIN(fs->blocks_per_group,
		   fs->blocks - group * fs->blocks_per_group);
}

/*
 * Allocate a block of one group: search from bit `from` to the end, then from
 * bit 0.  0; -ENOSPC: no free block, or the bitmap does not match the count.
 */
static int
alloc_in_group(struct ext2 *fs, uint32_t group, uint32_t from, uint32_t *out)
{
	struct ext2_group_disk *g = ext2_group(fs, group);
	uint32_t end = blocks_in(fs, group), bit;
	struct frame *f;
	uint64_t *map;
	int err;

	if (g->free_blocks == 0)
		return -ENOSPC;
	err = ext2_block_get(fs, g->block_bitmap, &f);
	if (err != 0)
		return err;
	map = frame_ptr(f);
	bit = find_clear(map, from, end);
	if (bit == NONE)
		bit = find_clear(map, 0, MIN(from, end));
	if (bit == NONE) {
		ext2_corrupt(fs,
			     "group %u: free block count is not 0, but the "
			     "bitmap is full",
			     group);
		err = -ENOSPC;
	} else if (!ext2_data_block_ok(fs,
				       group * fs->blocks_per_group + bit)) {
		err = ext2_corrupt(fs,
				   "group %u: the block bitmap marks metadata "
				   "as free",
				   group);
	} else {
		set_bit(map, bit);
		set_bit(fs->changes[group].fresh, bit);
		pagecache_dirty(f);
		g->free_blocks--;
		fs->free_blocks--;
		ext2_counts_changed(fs, group);
		*out = group * fs->blocks_per_group + bit;
	}
	pagecache_put(f);
	return err;
}

int
ext2_block_alloc(struct ext2 *fs, uint32_t goal, uint32_t *out)
{
	uint32_t group, from;
	int err = -ENOSPC;

	if (goal < fs->first_block || goal >= fs->blocks)
		goal = fs->first_block;
	group = goal / fs->blocks_per_group;
	from = goal % fs->blocks_per_group;
	mutex_lock(&fs->alloc_lock);
	if (fs->free_blocks > fs->reserved ||
	    (fs->free_blocks > 0 && thread_current()->cred.euid == 0)) {
		for (uint32_t i = 0; i < fs->groups && err == -ENOSPC; i++) {
			err = alloc_in_group(fs, group, from, out);
			group = group + 1 < fs->groups ? group + 1 : 0;
			from = 0;
		}
	}
	mutex_unlock(&fs->alloc_lock);
	return err;
}

int
ext2_block_free(struct ext2 *fs, uint32_t nr)
{
	uint32_t group = nr / fs->blocks_per_group;
	uint32_t bit = nr % fs->blocks_per_group;
	struct ext2_group_disk *g;
	uint64_t *freed;
	struct frame *f;
	int err;

	if (!ext2_data_block_ok(fs, nr))
		return ext2_corrupt(
			fs, "cannot free block %u: not a data block", nr);
	g = ext2_group(fs, group);
	freed = fs->changes[group].freed;
	mutex_lock(&fs->alloc_lock);
	err = ext2_block_get_firm(fs, g->block_bitmap, &f);
	if (err == 0) {
		if (!test_bit(frame_ptr(f), bit) || test_bit(freed, bit) ||
		    g->free_blocks >= blocks_in(fs, group)) {
			err = ext2_corrupt(fs, "block %u is already free", nr);
		} else {
			set_bit(freed, bit);
			fs->freed_blocks++;
		}
		pagecache_put(f);
	}
	mutex_unlock(&fs->alloc_lock);
	return err;
}

/* ---- inodes ---- */

/* Is the inode unused in the inode table, too?  0, or -errno. */
static int
check_unused(struct ext2 *fs, uint64_t ino)
{
	struct ext2_inode_disk *raw;
	struct frame *f;
	int err = ext2_raw_inode(fs, ino, false, &f, &raw);

	if (err != 0)
		return err;
	if (raw->links != 0)
		err = ext2_corrupt(fs,
				   "inode %lu is in use, but the bitmap "
				   "marks it as free",
				   (unsigned long)ino);
	pagecache_put(f);
	return err;
}

static void
take_inode(struct ext2 *fs, uint32_t group, bool directory)
{
	struct ext2_group_disk *g = ext2_group(fs, group);

	g->free_inodes--;
	fs->free_inodes--;
	if (directory)
		g->used_dirs++;
	ext2_counts_changed(fs, group);
}

static int
ino_in_group(struct ext2 *fs, uint32_t group, bool directory, uint64_t *out)
{
	struct ext2_group_disk *g = ext2_group(fs, group);
	uint32_t bit = group == 0 ? fs->first_ino - 1 : 0;
	struct frame *f;
	uint64_t *map;
	int err;

	if (g->free_inodes == 0)
		return -ENOSPC;
	err = ext2_block_get(fs, g->inode_bitmap, &f);
	if (err != 0)
		return err;
	map = frame_ptr(f);
	bit = find_clear(map, bit, fs->inodes_per_group);
	if (bit == NONE) {
		ext2_corrupt(fs,
			     "group %u: free inode count is not 0, but the "
			     "bitmap is full",
			     group);
		err = -ENOSPC;
	} else {
		*out = (uint64_t)group * fs->inodes_per_group + bit + 1;
		err = check_unused(fs, *out);
	}
	if (err == 0) {
		set_bit(map, bit);
		pagecache_dirty(f);
		take_inode(fs, group, directory);
	}
	pagecache_put(f);
	return err;
}

/*
 * Find the group with the most free blocks, for a new directory of the root:
 * its files should find room nearby.
 */
static uint32_t
roomiest_group(struct ext2 *fs)
{
	uint32_t best = 0;

	for (uint32_t i = 1; i < fs->groups; i++) {
		const struct ext2_group_disk *g = ext2_group(fs, i);

		if (g->free_inodes > 0 &&
		    g->free_blocks > ext2_group(fs, best)->free_blocks)
			best = i;
	}
	return best;
}

int
ext2_ino_alloc(struct ext2 *fs, uint64_t parent, bool directory, uint64_t *out)
{
	uint32_t group = (uint32_t)((parent - 1) / fs->inodes_per_group);
	int err = -ENOSPC;

	mutex_lock(&fs->alloc_lock);
	if (directory && parent == EXT2_ROOT_INO)
		group = roomiest_group(fs);
	for (uint32_t i = 0; i < fs->groups && err == -ENOSPC; i++) {
		err = ino_in_group(fs, group, directory, out);
		group = group + 1 < fs->groups ? group + 1 : 0;
	}
	mutex_unlock(&fs->alloc_lock);
	return err;
}

int
ext2_ino_free(struct ext2 *fs, uint64_t ino, bool directory)
{
	uint32_t group = (uint32_t)((ino - 1) / fs->inodes_per_group);
	uint32_t bit = (uint32_t)((ino - 1) % fs->inodes_per_group);
	struct ext2_group_disk *g = ext2_group(fs, group);
	uint64_t *gone = fs->changes[group].gone;
	struct frame *f;
	int err;

	mutex_lock(&fs->alloc_lock);
	err = ext2_block_get_firm(fs, g->inode_bitmap, &f);
	if (err == 0) {
		if (!test_bit(frame_ptr(f), bit) || test_bit(gone, bit) ||
		    g->free_inodes >= fs->inodes_per_group) {
			err = ext2_corrupt(fs, "inode %lu is already free",
					   (unsigned long)ino);
		} else {
			set_bit(gone, bit);
			fs->gone_inodes++;
			if (directory && g->used_dirs > 0)
				g->used_dirs--;
			ext2_counts_changed(fs, group);
		}
		pagecache_put(f);
	}
	mutex_unlock(&fs->alloc_lock);
	return err;
}

/* ---- changes since the last commit ---- */

/* Free a table of changes (or NULL) of which n groups are allocated. */
static void
free_changes(struct ext2_changes *all, uint32_t n)
{
	for (uint32_t i = 0; all != NULL && i < n; i++)
		kfree(all[i].fresh);
	kfree(all);
}

void
ext2_changes_free(struct ext2 *fs)
{
	free_changes(fs->changes, fs->groups);
	fs->changes = NULL;
}

int
ext2_changes_make(struct ext2 *fs)
{
	size_t blocks = (fs->blocks_per_group + 63) / 64;
	size_t inodes = (fs->inodes_per_group + 63) / 64;
	struct ext2_changes *all = kzalloc(fs->groups * sizeof(*all));
	uint32_t i = 0;

	for (; all != NULL && i < fs->groups; i++) {
		struct ext2_changes *c = &all[i];

		c->fresh = kzalloc((2 * blocks + 3 * inodes) * 8);
		if (c->fresh == NULL)
			break;
		c->freed = c->fresh + blocks;
		c->dead = c->freed + blocks;
		c->late = c->dead + inodes;
		c->gone = c->late + inodes;
	}
	if (all != NULL && i == fs->groups) {
		/* ext2_ino_gone() reads fs->changes without a lock. */
		__atomic_store_n(&fs->changes, all, __ATOMIC_RELEASE);
		return 0;
	}
	free_changes(all, i);
	return -ENOMEM;
}

bool
ext2_ino_gone(struct ext2 *fs, uint64_t ino)
{
	struct ext2_changes *all =
		__atomic_load_n(&fs->changes, __ATOMIC_ACQUIRE);
	uint64_t group = (ino - 1) / fs->inodes_per_group;

	return all != NULL &&
	       test_bit(all[group].gone,
			(uint32_t)((ino - 1) % fs->inodes_per_group));
}

/*
 * Clear the bits of `which` in a bitmap block and subtract their number from
 * *pending.  Returns the number; -errno: nothing has changed.
 */
static int
release_bits(struct ext2 *fs, uint32_t bitmap, uint64_t *which, uint32_t bits,
	     uint32_t *pending)
{
	struct frame *f;
	uint64_t *map;
	int n = 0, err;

	for (uint32_t i = 0; i < (bits + 63) / 64; i++)
		n += __builtin_popcountll(which[i]);
	if (n == 0)
		return 0;
	err = ext2_block_get_firm(fs, bitmap, &f);
	if (err != 0)
		return err;
	map = frame_ptr(f);
	for (uint32_t i = 0; i < (bits + 63) / 64; i++) {
		map[i] &= ~which[i];
		which[i] = 0;
	}
	pagecache_dirty(f);
	pagecache_put(f);
	*pending -= (uint32_t)n;
	return n;
}

void
ext2_release_freed(struct ext2 *fs)
{
	mutex_lock(&fs->alloc_lock);
	for (uint32_t i = 0; i < fs->groups; i++) {
		struct ext2_group_disk *g = ext2_group(fs, i);
		struct ext2_changes *c = &fs->changes[i];
		int blocks =
			release_bits(fs, g->block_bitmap, c->freed,
				     fs->blocks_per_group, &fs->freed_blocks);
		int inodes =
			release_bits(fs, g->inode_bitmap, c->gone,
				     fs->inodes_per_group, &fs->gone_inodes);

		memset(c->fresh, 0, fs->blocks_per_group / 8);
		/* A damaged disk may have wrong counts: keep them in range. */
		blocks = MIN(blocks, (int)(blocks_in(fs, i) - g->free_blocks));
		inodes = MIN(inodes,
			     (int)(fs->inodes_per_group - g->free_inodes));
		if (blocks > 0) {
			g->free_blocks += (uint16_t)blocks;
			fs->free_blocks += (uint32_t)blocks;
		}
		if (inodes > 0) {
			g->free_inodes += (uint16_t)inodes;
			fs->free_inodes += (uint32_t)inodes;
		}
		if (blocks > 0 || inodes > 0)
			ext2_counts_changed(fs, i);
	}
	mutex_unlock(&fs->alloc_lock);
}
