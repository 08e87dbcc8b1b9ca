/* SPDX-License-Identifier: MIT */
/*
 * fs/ext2/commit.c - write changes to the disk in an order that survives a
 * power failure.
 *
 * Without a journal, after a power failure any subset of the writes in progress
 * is on the disk.  e2fsck -p repairs wrong bitmaps and counts, and names of
 * unused inodes.  But it stops at an inode in use that no directory names, at
 * blocks with two owners, and at a directory or map block with garbage in it.
 * So a commit writes in steps, with a flush of the disk between them:
 *
 *   1  clear inodes that lost their last name, files before directories and
 *      inner directories before outer ones
 *   2  write blocks that are new: nothing on the disk refers to them yet
 *   3  write directories and block maps, except blocks that a name was moved
 *      out of; for each file that rename() replaced or exchanged, add a spare
 *      name "#INODE" to the block of its old name
 *   4  write inodes of directories that have grown, outer ones first
 *   5  write the blocks that names were moved out of
 *   6  write all other inodes, bitmaps and counts, and clear the inodes of
 *      the files that rename() replaced
 *   7  write the blocks with spare names from step 3 again, without those names
 *
 * So a name that rename() replaced refers to the old file or to the new one,
 * and the old file has a name on the disk until its inode is cleared, if the
 * block has room for a spare name.  Files that are exchanged have a name in the
 * same way.  A directory that moves into another, or is exchanged between two,
 * has states that need e2fsck -y: two names, no name, or the wrong "..".
 *
 * A freed block or inode may be allocated again only after the commit that
 * removed the last reference to it on the disk.  Until then its bit stays set
 * in the bitmap.
 *
 * commit_lock is held through each change of names and block maps and through
 * each commit, so a commit starts between changes, except in ext2_name_added(),
 * ext2_name_leaves(), ext2_before_replace() and ext2_before_exchange().  If a
 * commit fails (write error, no memory), everything stays dirty for the next
 * one.
 */
#include "fs/ext2/ext2.h"
#include "fs/inode.h"
#include "fs/pagetree.h"
#include "kernel/panic.h"
#include "lib/string.h"

#define ROOM 16u /* blocks that one change may need */

/* ---- the steps ---- */

/*
 * Write barrier: flush the disk, so that earlier writes are durable before
 * later ones are sent.
 */
static int
barrier(struct ext2 *fs)
{
	int err = 0;

	if (fs->unflushed)
		err = block_flush(fs->disk->dev);
	if (err == 0 && fs->unflushed)
		fs->flushes++;
	fs->unflushed = err != 0;
	return err;
}

/*
 * Write the dirty blocks that `want` selects, then flush the disk if it has
 * writes that are not flushed.  No flush after a write error.
 */
static int
write_step(struct ext2 *fs, pagecache_want_fn want)
{
	int n = pagecache_write_some(fs->disk, want, fs);

	if (n != 0)
		fs->unflushed = true;
	return n < 0 ? n : barrier(fs);
}

static bool
in_table(uint64_t nr, void *arg)
{
	return ext2_table_block(arg, (uint32_t)nr);
}

static bool
is_fresh(uint64_t nr, void *arg)
{
	struct ext2 *fs = arg;
	uint32_t bit = (uint32_t)nr % fs->blocks_per_group;

	return ext2_data_block_ok(fs, (uint32_t)nr) &&
	       (fs->changes[nr / fs->blocks_per_group].fresh[bit / 64] >>
			(bit % 64) &
		1) != 0;
}

/* Was a name moved out of this block? */
static bool
is_left(uint64_t nr, void *arg)
{
	struct ext2 *fs = arg;

	for (unsigned i = 0; i < fs->move_count; i++) {
		if (fs->moves[i].then == nr)
			return true;
	}
	return false;
}

/* Does this block have spare names on the disk? */
static bool
has_spares(uint64_t nr, void *arg)
{
	struct ext2 *fs = arg;

	for (unsigned i = 0; i < fs->replaced_count; i++) {
		if (fs->replaced[i].block == nr)
			return true;
	}
	return false;
}

static bool
has_no_spares(uint64_t nr, void *arg)
{
	return !has_spares(nr, arg);
}

static bool
has_names(uint64_t nr, void *arg)
{
	return ext2_data_block_ok(arg, (uint32_t)nr) && !is_left(nr, arg) &&
	       !has_spares(nr, arg);
}

static bool
is_dead(const struct ext2 *fs, uint64_t ino, bool *late)
{
	const struct ext2_changes *c =
		&fs->changes[(ino - 1) / fs->inodes_per_group];
	uint64_t bit = (ino - 1) % fs->inodes_per_group;

	*late = (c->late[bit / 64] >> (bit % 64) & 1) != 0;
	return (c->dead[bit / 64] >> (bit % 64) & 1) != 0;
}

/* Clear one dead inode. */
static int
bury(struct ext2 *fs, uint64_t ino)
{
	struct ext2_changes *c = &fs->changes[(ino - 1) / fs->inodes_per_group];
	uint64_t bit = (ino - 1) % fs->inodes_per_group;
	uint64_t mask = UINT64_C(1) << (bit % 64);
	int err = ext2_clear_inode(fs, ino);

	if (err == -ENOMEM)
		return err;
	/* If the inode's table block cannot be read, never reuse the number. */
	if (err != 0 && (c->gone[bit / 64] & mask) != 0) {
		c->gone[bit / 64] &= ~mask;
		fs->gone_inodes--;
	}
	c->dead[bit / 64] &= ~mask;
	c->late[bit / 64] &= ~mask;
	return 0;
}

static bool
is_dead_dir(const struct ext2 *fs, uint64_t ino)
{
	for (unsigned i = 0; i < fs->dead_dir_count; i++) {
		if (fs->dead_dirs[i] == ino)
			return true;
	}
	return false;
}

/*
 * Clear dead inodes except directories; with `late_too` (step 6), also those
 * that rename() replaced.
 */
static int
bury_files(struct ext2 *fs, bool late_too)
{
	uint32_t words = (fs->inodes_per_group + 63) / 64;
	int err = 0;

	for (uint32_t i = 0; i < fs->groups * words && err == 0; i++) {
		uint32_t group = i / words, word = i % words;
		uint64_t set = fs->changes[group].dead[word];

		for (; set != 0 && err == 0; set &= set - 1) {
			uint64_t ino = (uint64_t)group * fs->inodes_per_group +
				       word * 64u +
				       (unsigned)__builtin_ctzll(set) + 1;
			bool late;

			if (is_dead(fs, ino, &late) && (!late || late_too) &&
			    !is_dead_dir(fs, ino))
				err = bury(fs, ino);
		}
	}
	return err;
}

/* Step 1: clear dead files, then directories in the order of their removal. */
static int
write_dead(struct ext2 *fs)
{
	uint64_t at = 0, nr;
	int err = bury_files(fs, false);

	if (err == 0)
		err = write_step(fs, in_table);
	for (unsigned i = 0; i < fs->dead_dir_count && err == 0; i++) {
		nr = ext2_inode_block(fs, fs->dead_dirs[i]);
		/* Successive inodes in one block are cleared by one write. */
		if (at != 0 && nr != at)
			err = write_step(fs, in_table);
		if (err == 0)
			err = bury(fs, fs->dead_dirs[i]);
		at = nr;
	}
	return err != 0 ? err : write_step(fs, in_table);
}

/* Add spare names to `copy`, a copy of directory block `nr`, and write it. */
static int
write_copy(struct ext2 *fs, uint32_t nr, struct frame *copy)
{
	for (unsigned i = 0; i < fs->replaced_count; i++) {
		const struct ext2_replaced *r = &fs->replaced[i];

		if (r->block == nr)
			(void)ext2_dir_add_spare(fs, frame_ptr(copy), r->ino,
						 r->mode);
	}
	fs->unflushed = true;
	return block_transfer(fs->disk->dev, BLOCK_WRITE,
			      (uint64_t)nr * EXT2_SECTORS, frame_pa(copy),
			      EXT2_BLOCK);
}

/*
 * Write one directory block with a spare name for each file that was replaced
 * in it.  The block stays dirty, for step 7.  -EAGAIN: the caller must write
 * the block without spare names.
 */
static int
write_with_spares(struct ext2 *fs, uint32_t nr)
{
	struct frame *copy = page_alloc_frame(), *f;
	bool dirty;
	int err;

	if (copy == NULL)
		return -EAGAIN;
	err = ext2_block_get(fs, nr, &f);
	if (err == 0) {
		dirty = (frame_word(f) & FRAME_DIRTY) != 0;
		if (dirty)
			memcpy(frame_ptr(copy), frame_ptr(f), EXT2_BLOCK);
		pagecache_put(f);
		err = dirty ? write_copy(fs, nr, copy) : -EAGAIN;
	}
	page_free_frame(copy);
	return err;
}

/*
 * Remove block `nr` from replaced[], so that it is written without spare names.
 */
static void
forget_spares(struct ext2 *fs, uint32_t nr)
{
	unsigned left = 0;

	for (unsigned i = 0; i < fs->replaced_count; i++) {
		if (fs->replaced[i].block != nr)
			fs->replaced[left++] = fs->replaced[i];
	}
	fs->replaced_count = left;
}

/* Step 3: write directories and block maps, with spare names where needed. */
static int
write_names(struct ext2 *fs)
{
	uint32_t nr, done = 0;
	int err;

	for (unsigned i = 0; i < fs->replaced_count;) {
		nr = fs->replaced[i].block;
		err = 0;
		if (is_left(nr, fs) || is_fresh(nr, fs))
			err = -EAGAIN;
		else if (nr != done)
			err = write_with_spares(fs, nr);
		if (err == -EAGAIN) {
			forget_spares(fs, nr);
			i = 0;
			done = 0;
		} else if (err != 0) {
			return err;
		} else {
			done = nr;
			i++;
		}
	}
	return write_step(fs, has_names);
}

static int
copy_inode(struct inode *inode)
{
	struct ext2_inode *ei = ext2_i(inode);
	int err;

	atomic_fetch_and(&inode->state, ~INODE_DIRTY);
	err = ext2_write_inode(inode);
	if (err != 0) {
		atomic_fetch_or(&inode->state, INODE_DIRTY);
		return err;
	}
	ei->on_disk = true;
	ei->grown = false;
	ei->new_name = 0;
	return 0;
}

/*
 * Step 4.  The loop visits inodes in the order in which they were loaded or
 * created, so an outer directory comes before an inner one.
 */
static int
write_grown(struct ext2 *fs)
{
	struct inode *inode = NULL;
	uint64_t at = 0, nr;
	int err = 0, e;

	while ((inode = inode_next_to_commit(fs->sb, inode)) != NULL) {
		if (!S_ISDIR(inode->mode) || !ext2_i(inode)->grown)
			continue;
		nr = ext2_inode_block(fs, inode->ino);
		e = at != 0 && nr != at ? write_step(fs, in_table) : 0;
		if (e == 0)
			e = copy_inode(inode);
		at = nr;
		if (err == 0)
			err = e;
	}
	return err != 0 ? err : write_step(fs, in_table);
}

/* Step 6.  An inode that cannot be copied stays dirty; others are written. */
static int
write_rest(struct ext2 *fs)
{
	struct inode *inode = NULL;
	int err = bury_files(fs, true), e;

	while ((inode = inode_next_to_commit(fs->sb, inode)) != NULL) {
		e = copy_inode(inode);
		if (err == 0)
			err = e;
	}
	e = write_step(fs, has_no_spares);
	return err != 0 ? err : e;
}

static int
commit(struct ext2 *fs)
{
	int err;

	requires_lock(&fs->commit_lock);
	err = write_dead(fs);
	if (err == 0)
		err = write_step(fs, is_fresh);
	if (err == 0)
		err = write_names(fs);
	if (err == 0)
		err = write_grown(fs);
	if (err == 0 && fs->move_count > 0)
		err = write_step(fs, is_left);
	if (err == 0)
		err = write_rest(fs);
	if (err != 0)
		return err;
	fs->move_count = 0;
	fs->dead_dir_count = 0;
	fs->replaced_count = 0;
	ext2_release_freed(fs);
	/*
	 * Step 7.  This also writes the bitmaps that ext2_release_freed()
	 * changed.
	 */
	return write_step(fs, NULL);
}

/* ---- entry points ---- */

int
ext2_commit(struct superblock *sb)
{
	struct ext2 *fs = sb->data;
	int err;

	mutex_lock(&fs->commit_lock);
	err = fs->changes != NULL ? commit(fs) : 0;
	mutex_unlock(&fs->commit_lock);
	return err;
}

int
ext2_sync(struct superblock *sb)
{
	struct ext2 *fs = sb->data;
	uint32_t failures = pagecache_failures(fs->disk);
	unsigned flushes;
	int err = 0, err2;

	mutex_lock(&fs->commit_lock);
	flushes = fs->flushes;
	if (fs->changes != NULL)
		err = commit(fs);
	/*
	 * If the commit did not flush the disk, flush it for the caller's data.
	 */
	if (err == 0 && fs->flushes == flushes)
		err = block_flush(fs->disk->dev);
	mutex_unlock(&fs->commit_lock);
	err2 = pagecache_report(fs->disk, failures);
	return err != 0 ? err : err2;
}

/*
 * Is a commit needed to make freed blocks or inodes available, or empty a list?
 */
static bool
must_commit(struct ext2 *fs)
{
	bool full;

	mutex_lock(&fs->alloc_lock);
	full = fs->freed_blocks > 0 &&
	       fs->free_blocks <= (uint64_t)fs->reserved + ROOM;
	mutex_unlock(&fs->alloc_lock);
	return full || (fs->free_inodes == 0 && fs->gone_inodes > 0) ||
	       fs->dead_dir_count == EXT2_DEAD_DIRS ||
	       fs->replaced_count == EXT2_MOVES;
}

bool
ext2_begin(struct ext2 *fs)
{
	if (mutex_held(&fs->commit_lock))
		return false;
	mutex_lock(&fs->commit_lock);
	/* Ignore an error: everything stays dirty for the next commit. */
	if (must_commit(fs))
		(void)commit(fs);
	return true;
}

void
ext2_end(struct ext2 *fs, bool mine)
{
	if (mine)
		mutex_unlock(&fs->commit_lock);
}

/* ---- names ---- */

void
ext2_name_added(struct ext2 *fs, struct ext2_inode *ei, uint32_t nr)
{
	requires_lock(&fs->commit_lock);
	if (ei->on_disk) {
		ei->new_name = ei->new_name == 0 || ei->new_name == nr
				       ? nr
				       : EXT2_SOMEWHERE;
	} else if (S_ISDIR(ei->vfs.mode) && is_left(nr, fs)) {
		/*
		 * Without a commit now, step 4 would write the new directory's
		 * inode before step 5 writes its name.
		 */
		(void)commit(fs);
	}
}

/*
 * Must a commit come before this move?  True if a later commit could not write
 * block `first` before `then`, or not `then` with its spare names.
 */
static bool
moves_clash(struct ext2 *fs, uint32_t first, uint32_t then)
{
	if (first == EXT2_SOMEWHERE || fs->move_count == EXT2_MOVES ||
	    is_left(first, fs) || has_spares(then, fs))
		return true;
	for (unsigned i = 0; i < fs->move_count; i++) {
		if (fs->moves[i].first == then)
			return true;
	}
	return false;
}

void
ext2_before_replace(struct ext2 *fs, const struct ext2_inode *old, uint32_t to,
		    const struct ext2_inode *ei, uint32_t from)
{
	uint32_t first =
		ei->new_name == 0 || ei->new_name == to ? to : EXT2_SOMEWHERE;

	requires_lock(&fs->commit_lock);
	/*
	 * Blocks that a name left, and fresh ones, are written without spare
	 * names.
	 */
	if ((old->on_disk && (is_left(to, fs) || is_fresh(to, fs))) ||
	    (ei->on_disk && first != from && moves_clash(fs, first, from)))
		(void)commit(fs);
}

void
ext2_name_leaves(struct ext2 *fs, struct ext2_inode *ei, uint32_t nr)
{
	uint32_t first = ei->new_name;

	requires_lock(&fs->commit_lock);
	/* An inode that is not yet on the disk has no name there to move. */
	if (!ei->on_disk || first == 0 || first == nr)
		return;
	if (moves_clash(fs, first, nr))
		(void)commit(fs);
	else
		fs->moves[fs->move_count++] = (struct ext2_move){ first, nr };
}

/* Record that the name of `inode` in `block` is given to another inode. */
static void
add_replaced(struct ext2 *fs, const struct inode *inode, uint32_t block)
{
	if (fs->replaced_count < EXT2_MOVES)
		fs->replaced[fs->replaced_count++] =
			(struct ext2_replaced){ block, (uint32_t)inode->ino,
						inode->mode };
}

void
ext2_before_exchange(struct ext2 *fs, struct inode *a, uint32_t of_a,
		     struct inode *b, uint32_t of_b)
{
	requires_lock(&fs->commit_lock);
	if (of_a == of_b)
		return;
	if (fs->replaced_count + 2 > EXT2_MOVES || is_left(of_a, fs) ||
	    is_fresh(of_a, fs) || is_left(of_b, fs) || is_fresh(of_b, fs))
		(void)commit(fs);
	if (ext2_i(a)->on_disk && !S_ISDIR(a->mode))
		add_replaced(fs, a, of_a);
	if (ext2_i(b)->on_disk && !S_ISDIR(b->mode))
		add_replaced(fs, b, of_b);
}

void
ext2_name_lost(struct ext2 *fs, struct inode *inode, uint32_t replaced)
{
	uint64_t index = inode->ino - 1;
	struct ext2_changes *c = &fs->changes[index / fs->inodes_per_group];
	uint64_t bit = index % fs->inodes_per_group;

	requires_lock(&fs->commit_lock);
	if (!ext2_i(inode)->on_disk)
		return;
	c->dead[bit / 64] |= UINT64_C(1) << (bit % 64);
	if (!S_ISDIR(inode->mode) && replaced != 0) {
		c->late[bit / 64] |= UINT64_C(1) << (bit % 64);
		add_replaced(fs, inode, replaced);
	} else if (S_ISDIR(inode->mode) &&
		   fs->dead_dir_count < EXT2_DEAD_DIRS) {
		fs->dead_dirs[fs->dead_dir_count++] = (uint32_t)inode->ino;
	}
}
