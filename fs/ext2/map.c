/* SPDX-License-Identifier: MIT */
/*
 * fs/ext2/map.c - map a file's pages to disk blocks: 12 block numbers in the
 * inode, then trees of one, two and three levels of map blocks.
 *
 * The entry points are ext2_map() and ext2_map_free(), in process context,
 * possibly in a page fault.  map_lock guards an inode's whole map.  A new
 * branch is built before it is linked to the map with one store, so a failure
 * changes nothing.  Numbers read from the disk are checked (-EUCLEAN).
 */
#include "fs/ext2/ext2.h"
#include "fs/inode.h"

#define DEPTH_MAX 4u

/* The path to a block: slot[0] in the inode, then a slot in each map block. */
struct way {
	unsigned depth; /* slots, 1 .. 4 */
	uint32_t slot[DEPTH_MAX];
};

static bool
find_way(uint64_t index, struct way *w)
{
	const uint64_t n = EXT2_NPTRS;

	if (index < EXT2_NDIRECT) {
		*w = (struct way){ 1, { (uint32_t)index } };
		return true;
	}
	index -= EXT2_NDIRECT;
	if (index < n) {
		*w = (struct way){ 2, { 12, (uint32_t)index } };
		return true;
	}
	index -= n;
	if (index < n * n) {
		*w = (struct way){
			3, { 13, (uint32_t)(index / n), (uint32_t)(index % n) }
		};
		return true;
	}
	index -= n * n;
	if (index < n * n * n) {
		*w = (struct way){ 4,
				   { 14, (uint32_t)(index / (n * n)),
				     (uint32_t)(index / n % n),
				     (uint32_t)(index % n) } };
		return true;
	}
	return false;
}

static int
bad_block(struct ext2_inode *ei, uint32_t nr)
{
	return ext2_corrupt(ext2_fs(&ei->vfs),
			    "inode %lu: invalid block number %u",
			    (unsigned long)ei->vfs.ino, nr);
}

/*
 * Walk down the map until a pointer is 0.  *level is the index of the last slot
 * that exists: w->depth - 1 if no map block is missing.  *at points to that
 * slot, in the inode or in *frame (pinned; NULL for the inode).
 */
static int
walk_down(struct ext2_inode *ei, const struct way *w, unsigned *level,
	  uint32_t **at, struct frame **frame)
{
	struct ext2 *fs = ext2_fs(&ei->vfs);
	struct frame *next;
	int err;

	*frame = NULL;
	*at = &ei->block[w->slot[0]];
	for (*level = 0; *level + 1 < w->depth && **at != 0; (*level)++) {
		uint32_t nr = **at;

		err = ext2_data_block_ok(fs, nr) ? ext2_block_get(fs, nr, &next)
						 : bad_block(ei, nr);
		if (*frame != NULL)
			pagecache_put(*frame);
		*frame = NULL;
		if (err != 0)
			return err;
		*frame = next;
		*at = (uint32_t *)frame_ptr(next) + w->slot[*level + 1];
	}
	return 0;
}

/*
 * Count the slots from `at` on, at most `max`, that continue the first one: all
 * holes, or consecutive blocks.
 */
static unsigned
count_run(struct ext2_inode *ei, const uint32_t *at, unsigned max)
{
	struct ext2 *fs = ext2_fs(&ei->vfs);
	unsigned n = 1;

	while (n < max && at[n] == (at[0] == 0 ? 0 : at[0] + n) &&
	       (at[0] == 0 || ext2_data_block_ok(fs, at[n])))
		n++;
	return n;
}

/* ---- allocation ---- */

/*
 * The goal of an allocation: after the previous block, or the start of the
 * inode's group.
 */
static uint32_t
find_goal(const struct ext2_inode *ei, uint64_t index)
{
	const struct ext2 *fs = ext2_fs(&ei->vfs);

	if (ei->last_block != 0 && index >= ei->last_index)
		return ei->last_block + 1;
	return (uint32_t)((ei->vfs.ino - 1) / fs->inodes_per_group) *
	       fs->blocks_per_group;
}

/* Free the n blocks of a branch that was not linked to the map. */
static void
undo_branch(struct ext2 *fs, const uint32_t *nr, unsigned n)
{
	while (n-- > 0) {
		pagecache_forget(fs->disk, nr[n]);
		(void)ext2_block_free(fs, nr[n]);
	}
}

/*
 * Allocate map blocks and one data block: nr[0] is the block to link to the
 * map, nr[n - 1] the data block.  slot[i] of map block nr[i] holds nr[i + 1].
 */
static int
make_branch(struct ext2 *fs, uint32_t goal, const uint32_t *slot, unsigned n,
	    uint32_t *nr)
{
	struct frame *f;
	unsigned i;
	int err;

	for (i = 0; i < n; i++) {
		err = ext2_block_alloc(fs, goal, &nr[i]);
		if (err != 0)
			goto undo;
		goal = nr[i] + 1;
	}
	for (unsigned k = 0; k + 1 < n; k++) {
		err = ext2_block_get_new(fs, nr[k], &f);
		if (err != 0)
			goto undo;
		((uint32_t *)frame_ptr(f))[slot[k]] = nr[k + 1];
		pagecache_dirty(f);
		pagecache_put(f);
	}
	return 0;
undo:
	undo_branch(fs, nr, i);
	return err;
}

static int
extend(struct ext2_inode *ei, const struct way *w, uint64_t index,
       unsigned level, uint32_t *at, struct frame *frame, uint64_t *block)
{
	struct ext2 *fs = ext2_fs(&ei->vfs);
	unsigned n = w->depth - level;
	uint32_t nr[DEPTH_MAX];
	int err = make_branch(fs, find_goal(ei, index), w->slot + level + 1, n,
			      nr);

	if (err != 0)
		return err;
	*at = nr[0];
	if (frame != NULL)
		pagecache_dirty(frame);
	ei->vfs.blocks += (uint64_t)n * EXT2_SECTORS;
	ei->last_index = (uint32_t)index;
	ei->last_block = nr[n - 1];
	inode_mark_dirty(&ei->vfs);
	*block = nr[n - 1];
	return 1;
}

static int
map_locked(struct ext2_inode *ei, uint64_t index, unsigned max, bool create,
	   uint64_t *block)
{
	struct frame *frame;
	unsigned level, left;
	struct way w;
	uint32_t *at;
	int n;

	if (!find_way(index, &w))
		return create ? -EFBIG : -EIO;
	n = walk_down(ei, &w, &level, &at, &frame);
	if (n != 0)
		return n;
	if (level + 1 < w.depth || *at == 0) {
		*block = PAGECACHE_HOLE;
		n = 1;
		if (create) {
			n = extend(ei, &w, index, level, at, frame, block);
			goto out_put;
		}
		if (level + 1 < w.depth)
			goto out_put;
	} else if (!ext2_data_block_ok(ext2_fs(&ei->vfs), *at)) {
		n = bad_block(ei, *at);
		goto out_put;
	} else {
		*block = *at;
	}
	left = (frame != NULL ? EXT2_NPTRS : EXT2_NDIRECT) - w.slot[level];
	n = (int)count_run(ei, at, MIN(max, left));
out_put:
	if (frame != NULL)
		pagecache_put(frame);
	return n;
}

int
ext2_map(struct ext2_inode *ei, uint64_t index, unsigned max, bool create,
	 uint64_t *block)
{
	struct ext2 *fs = ext2_fs(&ei->vfs);
	bool mine = create && ext2_begin(fs);
	int n;

	mutex_lock(&ei->map_lock);
	n = map_locked(ei, index, max, create, block);
	mutex_unlock(&ei->map_lock);
	ext2_end(fs, mine);
	return n;
}

/* ---- freeing ---- */

static void
uncount(struct ext2_inode *ei)
{
	if (ei->vfs.blocks >= EXT2_SECTORS)
		ei->vfs.blocks -= EXT2_SECTORS;
}

static int free_tree(struct ext2_inode *ei, uint32_t nr, unsigned height,
		     uint64_t first, bool *empty);

/* The pages that a subtree of this height maps (0: a data block). */
static uint64_t
span_of(unsigned height)
{
	return height == 0 ? 1 : span_of(height - 1) * EXT2_NPTRS;
}

/*
 * Free the blocks of the subtree at *at from its page `first` on, and clear *at
 * if the subtree is then empty.  Data blocks of directories and symbolic links
 * may be in the disk's page cache: remove them.
 */
static int
free_slot(struct ext2_inode *ei, uint32_t *at, unsigned height, uint64_t first)
{
	struct ext2 *fs = ext2_fs(&ei->vfs);
	bool empty = true;
	int err = 0;

	if (!ext2_data_block_ok(fs, *at))
		return bad_block(ei, *at);
	if (height > 0)
		err = free_tree(ei, *at, height, first, &empty);
	if (err != 0 || !empty)
		return err;
	if (height > 0 || !S_ISREG(ei->vfs.mode))
		pagecache_forget(fs->disk, *at);
	err = ext2_block_free(fs, *at);
	if (err == 0) {
		*at = 0;
		uncount(ei);
	}
	return err;
}

/*
 * Free the blocks below map block `nr` (height 1 .. 3) from the subtree's page
 * `first` on.  *empty: the map block has no pointer left.
 */
static int
free_tree(struct ext2_inode *ei, uint32_t nr, unsigned height, uint64_t first,
	  bool *empty)
{
	uint64_t span = span_of(height - 1);
	uint32_t from = (uint32_t)(first / span), *at;
	struct frame *f;
	int err = ext2_block_get_firm(ext2_fs(&ei->vfs), nr, &f);

	if (err != 0)
		return err;
	at = frame_ptr(f);
	for (uint32_t i = from; i < EXT2_NPTRS && err == 0; i++) {
		if (at[i] != 0)
			err = free_slot(ei, &at[i], height - 1,
					i == from ? first % span : 0);
	}
	*empty = true;
	for (uint32_t i = 0; i < EXT2_NPTRS && *empty; i++)
		*empty = at[i] == 0;
	if (!*empty || err != 0)
		pagecache_dirty(f);
	pagecache_put(f);
	return err;
}

int
ext2_map_free(struct ext2_inode *ei, uint64_t first)
{
	uint64_t start = EXT2_NDIRECT; /* first page of the tree */
	struct ext2 *fs = ext2_fs(&ei->vfs);
	bool mine = ext2_begin(fs);
	int err = 0;

	mutex_lock(&ei->map_lock);
	for (uint64_t i = first; i < EXT2_NDIRECT && err == 0; i++) {
		if (ei->block[i] != 0)
			err = free_slot(ei, &ei->block[i], 0, 0);
	}
	for (unsigned height = 1; height <= 3 && err == 0; height++) {
		uint32_t *at = &ei->block[EXT2_NDIRECT + height - 1];
		uint64_t span = span_of(height);

		if (*at != 0 && first < start + span)
			err = free_slot(ei, at, height,
					first > start ? first - start : 0);
		start += span;
	}
	ei->last_block = 0;
	inode_mark_dirty(&ei->vfs);
	mutex_unlock(&ei->map_lock);
	ext2_end(fs, mine);
	return err;
}
