/* SPDX-License-Identifier: MIT */
/*
 * fs/ext2/namei.c - look up, create, remove and rename files, links and
 * directories.
 *
 * The entry points are the tables ext2_dir_iops and ext2_link_iops.  The VFS
 * holds the locks that fs/inode.h names.  Each operation that changes names is
 * one change between ext2_begin() and ext2_end().  Every step that can fail
 * comes before the first change that other threads can see; on failure,
 * discard() deletes a new inode.
 */
#include "fs/ext2/ext2.h"
#include "fs/inode.h"
#include "kernel/time.h"
#include "lib/string.h"

/* ---- looking up ---- */

static int
find_parent(struct inode *dir, struct inode **out)
{
	int err = inode_find(dir->sb, ext2_i(dir)->parent, out);

	if (err == 0 && !S_ISDIR((*out)->mode)) {
		inode_put(*out);
		err = -ENOENT;
	}
	if (err == -ENOENT)
		return ext2_corrupt(ext2_fs(dir),
				    "directory %lu: \"..\" names no directory",
				    (unsigned long)dir->ino);
	return err;
}

/*
 * Find the inode that an entry names.  A directory must have `dir` as its
 * parent, so directories form a tree even on a damaged disk, and locking them
 * from the root down cannot deadlock.
 */
static int
find_child(struct inode *dir, uint64_t ino, struct inode **out)
{
	struct inode *inode;
	int err = -ENOENT;

	if (ino != dir->ino && ino != EXT2_ROOT_INO)
		err = inode_find(dir->sb, ino, &inode);
	if (err == 0 && S_ISDIR(inode->mode) &&
	    ext2_i(inode)->parent != dir->ino) {
		inode_put(inode);
		err = -ENOENT;
	}
	if (err == -ENOENT)
		return ext2_corrupt(ext2_fs(dir),
				    "directory %lu: an entry names invalid "
				    "inode %lu",
				    (unsigned long)dir->ino,
				    (unsigned long)ino);
	if (err == 0)
		*out = inode;
	return err;
}

static int
ext2_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	struct ext2_slot slot;
	int err;

	requires_lock(&dir->lock);
	if (name[0] == '.' && len == 1) {
		*out = inode_get(dir);
		return 0;
	}
	if (name[0] == '.' && len == 2 && name[1] == '.')
		return find_parent(dir, out);
	err = ext2_dir_find(dir, name, len, &slot);
	if (err != 0)
		return err;
	ext2_slot_put(&slot);
	return find_child(dir, slot.ino, out);
}

/* Find the entry of an inode that the VFS has looked up already. */
static int
find_known(struct inode *dir, const char *name, size_t len,
	   const struct inode *inode, struct ext2_slot *slot)
{
	int err = ext2_dir_find(dir, name, len, slot);

	if (err == 0 && slot->ino != inode->ino) {
		ext2_slot_put(slot);
		err = -ENOENT;
	}
	return err;
}

/* ---- link counts, which may be wrong on the disk ---- */

/*
 * Decrement the link count after a name was removed.  `replaced`: the block
 * where rename() gave the name to another inode, or 0.
 */
static void
drop_link(struct inode *inode, uint32_t replaced)
{
	if (inode->nlink > 0)
		inode->nlink--;
	if (inode->nlink == 0)
		ext2_name_lost(ext2_fs(inode), inode, replaced);
	inode_touch_ctime(inode);
}

/*
 * Drop the link from a removed subdirectory's "..".  At least two links remain:
 * the name of `dir` and its ".".
 */
static void
drop_subdir(struct inode *dir)
{
	if (dir->nlink > 2)
		dir->nlink--;
	inode_mark_dirty(dir);
}

static void
add_subdir(struct inode *dir)
{
	dir->nlink++;
	inode_mark_dirty(dir);
}

/* ---- making ---- */

static int
new_inode(struct inode *dir, const struct inode_attr *attr, struct inode **out)
{
	struct ext2 *fs = ext2_fs(dir);
	bool directory = S_ISDIR(attr->mode);
	struct inode *inode;
	uint64_t ino;
	int err = ext2_ino_alloc(fs, dir->ino, directory, &ino);

	if (err != 0)
		return err;
	inode = inode_new(dir->sb, ino, attr);
	if (inode == NULL) {
		(void)ext2_ino_free(fs, ino, directory);
		return -ENOMEM;
	}
	/*
	 * Choose a generation that differs from that of the deleted inode with
	 * this number: prepare_raw() compares the two.
	 */
	ext2_i(inode)->generation =
		(uint32_t)(time_real() >> 10) ^ (uint32_t)time_now();
	ext2_init_ops(inode);
	inode_add(inode);
	inode_mark_dirty(inode);
	*out = inode;
	return 0;
}

static void
discard(struct inode *inode)
{
	inode->nlink = 0;
	inode_put(inode);
}

static int
make_file(struct inode *dir, const char *name, size_t len,
	  const struct inode_attr *attr, struct inode **out)
{
	struct inode *inode;
	int err = new_inode(dir, attr, &inode);

	if (err != 0)
		return err;
	err = ext2_dir_add(dir, name, len, inode);
	if (err != 0) {
		discard(inode);
		return err;
	}
	*out = inode;
	return 0;
}

static int
make_directory(struct inode *dir, const char *name, size_t len,
	       const struct inode_attr *attr, struct inode **out)
{
	struct inode *inode;
	int err;

	if (dir->nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	err = new_inode(dir, attr, &inode);
	if (err != 0)
		return err;
	inode->nlink = 2;
	err = ext2_dir_make(inode, dir->ino);
	inode_mark_dirty(inode);
	if (err == 0)
		err = ext2_dir_add(dir, name, len, inode);
	if (err != 0) {
		discard(inode);
		return err;
	}
	add_subdir(dir);
	*out = inode;
	return 0;
}

/* Write the target of a long symbolic link to a block of its own. */
static int
write_link_block(struct inode *inode, const char *target, size_t len)
{
	struct frame *f;
	uint64_t nr;
	int err = ext2_map(ext2_i(inode), 0, 1, true, &nr);

	if (err < 0)
		return err;
	err = ext2_block_get_new(ext2_fs(inode), nr, &f);
	if (err != 0)
		return err;
	memcpy(frame_ptr(f), target, len);
	pagecache_dirty(f);
	pagecache_put(f);
	return 0;
}

static int
make_symlink(struct inode *dir, const char *name, size_t len,
	     const struct inode_attr *attr, const char *target)
{
	size_t n = strlen(target);
	struct inode *inode;
	int err;

	if (n == 0 || n >= EXT2_BLOCK)
		return n == 0 ? -ENOENT : -ENAMETOOLONG;
	err = new_inode(dir, attr, &inode);
	if (err != 0)
		return err;
	inode_set_size(inode, n);
	if (n < EXT2_FAST_LINK)
		memcpy(ext2_i(inode)->block, target, n);
	else
		err = write_link_block(inode, target, n);
	inode_mark_dirty(inode);
	if (err == 0)
		err = ext2_dir_add(dir, name, len, inode);
	if (err != 0) {
		discard(inode);
		return err;
	}
	inode_put(inode);
	return 0;
}

static int
add_link(struct inode *dir, const char *name, size_t len, struct inode *inode)
{
	int err;

	if (inode->nlink >= EXT2_LINK_MAX)
		return -EMLINK;
	err = ext2_dir_add(dir, name, len, inode);
	if (err != 0)
		return err;
	inode->nlink++;
	inode_touch_ctime(inode);
	return 0;
}

/* ---- removing ---- */

static int
remove_file(struct inode *dir, const char *name, size_t len,
	    struct inode *victim)
{
	struct ext2_slot slot;
	int err = find_known(dir, name, len, victim, &slot);

	if (err != 0)
		return err;
	if (victim->nlink > 1)
		ext2_name_leaves(ext2_fs(dir), ext2_i(victim),
				 slot.frame->cache.index);
	ext2_dir_remove(dir, &slot);
	ext2_slot_put(&slot);
	drop_link(victim, 0);
	return 0;
}

static void
kill_directory(struct inode *victim)
{
	victim->nlink = 0;
	ext2_name_lost(ext2_fs(victim), victim, 0);
	inode_touch_ctime(victim);
}

static int
remove_directory(struct inode *dir, const char *name, size_t len,
		 struct inode *victim)
{
	struct ext2_slot slot;
	int err = ext2_dir_empty(victim);

	if (err == 0)
		err = find_known(dir, name, len, victim, &slot);
	if (err != 0)
		return err;
	ext2_dir_remove(dir, &slot);
	ext2_slot_put(&slot);
	kill_directory(victim);
	drop_subdir(dir);
	return 0;
}

/* ---- renaming ---- */

/* If a directory moves, find its ".."; otherwise set slot->frame to NULL. */
static int
find_dots(struct inode *inode, bool moves, struct ext2_slot *slot)
{
	int err = 0;

	slot->frame = NULL;
	if (moves && S_ISDIR(inode->mode))
		err = ext2_dir_find(inode, "..", 2, slot);
	if (err != 0)
		slot->frame = NULL;
	return err;
}

/* Point ".." at the new parent, if find_dots() found it; release the slot. */
static void
set_dots(struct inode *inode, struct ext2_slot *slot, struct inode *parent)
{
	if (slot->frame == NULL)
		return;
	slot->entry->ino = (uint32_t)parent->ino;
	pagecache_dirty(slot->frame);
	ext2_slot_put(slot);
	ext2_i(inode)->parent = parent->ino;
}

static void
forget_slot(struct ext2_slot *slot)
{
	if (slot->frame != NULL)
		ext2_slot_put(slot);
}

/*
 * Make the new name refer to `inode`: add an entry (*block = 0), or change the
 * target's entry (*block: its block).  `from`: the block of the old name.
 */
static int
take_name(struct inode *to, const char *name, size_t len, struct inode *inode,
	  uint32_t from, struct inode *target, uint32_t *block)
{
	struct ext2_slot slot;
	int err;

	*block = 0;
	if (target == NULL)
		return ext2_dir_add(to, name, len, inode);
	err = find_known(to, name, len, target, &slot);
	if (err == 0) {
		*block = slot.frame->cache.index;
		ext2_before_replace(ext2_fs(to), ext2_i(target), *block,
				    ext2_i(inode), from);
		ext2_dir_set(to, &slot, inode);
		ext2_slot_put(&slot);
	}
	return err;
}

/* Update the link counts for a rename that can no longer fail. */
static void
rename_counts(struct inode *from, struct inode *to, struct inode *inode,
	      struct inode *target, uint32_t block)
{
	if (S_ISDIR(inode->mode) && from != to) {
		drop_subdir(from);
		add_subdir(to);
	}
	if (target != NULL && S_ISDIR(target->mode)) {
		kill_directory(target);
		drop_subdir(to);
	} else if (target != NULL) {
		drop_link(target, block);
	}
	inode_touch_ctime(inode);
}

static int
exchange(struct inode *from, const char *name, size_t len, struct inode *to,
	 const char *to_name, size_t to_len, struct inode *a, struct inode *b)
{
	bool moves = from != to;
	struct ext2_slot old = { .frame = NULL }, new = { .frame = NULL };
	struct ext2_slot dots_a = { .frame = NULL }, dots_b;
	int growth = moves ? S_ISDIR(a->mode) - S_ISDIR(b->mode) : 0;
	int err;

	if ((growth > 0 && to->nlink >= EXT2_LINK_MAX) ||
	    (growth < 0 && from->nlink >= EXT2_LINK_MAX))
		return -EMLINK;
	err = find_known(from, name, len, a, &old);
	if (err != 0)
		return err;
	err = find_known(to, to_name, to_len, b, &new);
	if (err != 0)
		new.frame = NULL;
	if (err == 0)
		err = find_dots(a, moves, &dots_a);
	if (err == 0)
		err = find_dots(b, moves, &dots_b);
	if (err == 0) {
		ext2_before_exchange(ext2_fs(from), a, old.frame->cache.index,
				     b, new.frame->cache.index);
		ext2_dir_set(from, &old, b);
		ext2_dir_set(to, &new, a);
		set_dots(a, &dots_a, to);
		set_dots(b, &dots_b, from);
		if (growth > 0) {
			add_subdir(to);
			drop_subdir(from);
		} else if (growth < 0) {
			add_subdir(from);
			drop_subdir(to);
		}
		inode_touch_ctime(a);
		inode_touch_ctime(b);
	} else {
		forget_slot(&dots_a);
	}
	forget_slot(&new);
	forget_slot(&old);
	return err;
}

static int
move_name(struct inode *from, const char *name, size_t len, struct inode *to,
	  const char *to_name, size_t to_len, struct inode *inode,
	  struct inode *target, unsigned flags)
{
	bool moves = from != to;
	struct ext2_slot old, dots;
	uint32_t block;
	int err = 0;

	if (flags == RENAME_EXCHANGE)
		return exchange(from, name, len, to, to_name, to_len, inode,
				target);
	if (flags != 0)
		return -EINVAL;
	if (target != NULL && S_ISDIR(target->mode))
		err = ext2_dir_empty(target);
	else if (moves && S_ISDIR(inode->mode) && to->nlink >= EXT2_LINK_MAX)
		err = -EMLINK;
	if (err == 0)
		err = find_known(from, name, len, inode, &old);
	if (err != 0)
		return err;
	err = find_dots(inode, moves, &dots);
	if (err != 0)
		goto put_old;
	err = take_name(to, to_name, to_len, inode, old.frame->cache.index,
			target, &block);
	if (err != 0)
		goto put_dots;
	/* Nothing below can fail.  `old` is still valid: entries never move. */
	ext2_name_leaves(ext2_fs(from), ext2_i(inode), old.frame->cache.index);
	ext2_dir_remove(from, &old);
	set_dots(inode, &dots, to);
	rename_counts(from, to, inode, target, block);
	ext2_slot_put(&old);
	return 0;

put_dots:
	forget_slot(&dots);
put_old:
	ext2_slot_put(&old);
	return err == -ENOENT ? -EUCLEAN : err;
}

/* ---- the operations: each one change ---- */

static int
ext2_create(struct inode *dir, const char *name, size_t len,
	    const struct inode_attr *attr, struct inode **out)
{
	bool mine;
	int err;

	requires_lock(&dir->lock);
	mine = ext2_begin(ext2_fs(dir));
	err = make_file(dir, name, len, attr, out);
	ext2_end(ext2_fs(dir), mine);
	return err;
}

static int
ext2_mkdir(struct inode *dir, const char *name, size_t len,
	   const struct inode_attr *attr, struct inode **out)
{
	bool mine;
	int err;

	requires_lock(&dir->lock);
	mine = ext2_begin(ext2_fs(dir));
	err = make_directory(dir, name, len, attr, out);
	ext2_end(ext2_fs(dir), mine);
	return err;
}

static int
ext2_symlink(struct inode *dir, const char *name, size_t len,
	     const struct inode_attr *attr, const char *target)
{
	bool mine;
	int err;

	requires_lock(&dir->lock);
	mine = ext2_begin(ext2_fs(dir));
	err = make_symlink(dir, name, len, attr, target);
	ext2_end(ext2_fs(dir), mine);
	return err;
}

static int
ext2_link(struct inode *dir, const char *name, size_t len, struct inode *inode)
{
	bool mine;
	int err;

	requires_lock(&dir->lock);
	requires_lock(&inode->lock);
	mine = ext2_begin(ext2_fs(dir));
	err = add_link(dir, name, len, inode);
	ext2_end(ext2_fs(dir), mine);
	return err;
}

static int
ext2_unlink(struct inode *dir, const char *name, size_t len,
	    struct inode *victim)
{
	bool mine;
	int err;

	requires_lock(&dir->lock);
	requires_lock(&victim->lock);
	mine = ext2_begin(ext2_fs(dir));
	err = remove_file(dir, name, len, victim);
	ext2_end(ext2_fs(dir), mine);
	return err;
}

static int
ext2_rmdir(struct inode *dir, const char *name, size_t len,
	   struct inode *victim)
{
	bool mine;
	int err;

	requires_lock(&dir->lock);
	requires_lock(&victim->lock);
	mine = ext2_begin(ext2_fs(dir));
	err = remove_directory(dir, name, len, victim);
	ext2_end(ext2_fs(dir), mine);
	return err;
}

static int
ext2_rename(struct inode *from, const char *name, size_t len, struct inode *to,
	    const char *to_name, size_t to_len, struct inode *inode,
	    struct inode *target, unsigned flags)
{
	bool mine;
	int err;

	requires_lock(&from->sb->rename_lock);
	requires_lock(&from->lock);
	mine = ext2_begin(ext2_fs(from));
	err = move_name(from, name, len, to, to_name, to_len, inode, target,
			flags);
	ext2_end(ext2_fs(from), mine);
	return err;
}

/* ---- links ---- */

static ssize_t
ext2_readlink(struct inode *inode, char *buf, size_t size)
{
	size_t n = MIN((size_t)inode->size, size);
	struct frame *f;
	uint64_t nr;
	int err;

	if (ext2_is_fast_link(ext2_i(inode))) {
		memcpy(buf, ext2_i(inode)->block, n);
		return (ssize_t)n;
	}
	err = ext2_map(ext2_i(inode), 0, 1, false, &nr);
	if (err < 0)
		return err;
	if (nr == PAGECACHE_HOLE)
		return ext2_corrupt(ext2_fs(inode),
				    "symbolic link %lu: target block is "
				    "missing",
				    (unsigned long)inode->ino);
	err = ext2_block_get(ext2_fs(inode), nr, &f);
	if (err != 0)
		return err;
	memcpy(buf, frame_ptr(f), n);
	pagecache_put(f);
	return (ssize_t)n;
}

const struct inode_ops ext2_dir_iops = {
	.lookup = ext2_lookup,
	.create = ext2_create,
	.mkdir = ext2_mkdir,
	.symlink = ext2_symlink,
	.link = ext2_link,
	.unlink = ext2_unlink,
	.rmdir = ext2_rmdir,
	.rename = ext2_rename,
	.readdir = ext2_readdir,
	.setattr = ext2_setattr,
};

const struct inode_ops ext2_link_iops = {
	.readlink = ext2_readlink,
	.setattr = ext2_setattr,
};
