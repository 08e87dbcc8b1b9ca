/* SPDX-License-Identifier: MIT */
/*
 * fs/ext2/dir.c - find, add, remove and list directory entries.
 *
 * A directory block is a chain of entries that fills it exactly.  A free entry
 * has inode 0, and an entry may be longer than its name needs.  When an entry
 * is removed, its room is added to the entry before it, so entries never move.
 * Every entry is checked before it is used (-EUCLEAN).  The blocks are in the
 * disk's page cache; the directory's inode lock guards them.  Callers hold that
 * lock, unless no other thread can reach the directory yet.
 */
#include "fs/ext2/ext2.h"
#include "fs/inode.h"
#include "kernel/panic.h"
#include "lib/printf.h"
#include "lib/string.h"

/* The bytes that an entry with a name of this length needs. */
static inline uint32_t
room_for(size_t name_len)
{
	return (uint32_t)ROUND_UP(EXT2_DIRENT_HEAD + name_len, (size_t)4);
}

static inline uint32_t
block_count(const struct inode *dir)
{
	return (uint32_t)(dir->size / EXT2_BLOCK);
}

static int
bad_entry(struct inode *dir, uint32_t block, uint32_t at)
{
	return ext2_corrupt(ext2_fs(dir),
			    "directory %lu: invalid entry in block %u at byte "
			    "%u",
			    (unsigned long)dir->ino, block, at);
}

/*
 * Copy the header of the entry at byte `at` of a block and validate the copy.
 * Returns false if the entry is invalid or does not fit in the block.  Callers
 * use only the copy: the block may change at any time, by a write to the disk's
 * device file or, on a damaged disk, through a second directory that uses it.
 */
static inline bool
load_entry(const struct ext2 *fs, const char *bytes, uint32_t at,
	   struct ext2_dirent *head)
{
	const struct ext2_dirent *e = (const struct ext2_dirent *)(bytes + at);

	if (at > EXT2_BLOCK - (EXT2_DIRENT_HEAD + 4))
		return false;
	head->ino = __atomic_load_n(&e->ino, __ATOMIC_RELAXED);
	head->rec_len = __atomic_load_n(&e->rec_len, __ATOMIC_RELAXED);
	head->name_len = __atomic_load_n(&e->name_len, __ATOMIC_RELAXED);
	head->type = __atomic_load_n(&e->type, __ATOMIC_RELAXED);
	return head->rec_len >= EXT2_DIRENT_HEAD + 4 &&
	       head->rec_len % 4 == 0 && head->rec_len <= EXT2_BLOCK - at &&
	       room_for(head->name_len) <= head->rec_len &&
	       head->ino <= fs->inodes;
}

/* Get block `n` of the directory, pinned. */
static int
get_block(struct inode *dir, uint32_t n, struct frame **out)
{
	struct ext2 *fs = ext2_fs(dir);
	uint64_t nr;
	int run = ext2_map(ext2_i(dir), n, 1, false, &nr);

	if (run < 0)
		return run;
	if (nr == PAGECACHE_HOLE)
		return ext2_corrupt(fs, "directory %lu: block %u is missing",
				    (unsigned long)dir->ino, n);
	return ext2_block_get(fs, nr, out);
}

/* ---- finding ---- */

/* Find a name in a block; set slot->entry and ->ino.  0, -ENOENT, -EUCLEAN. */
static int
find_in_block(struct inode *dir, char *bytes, uint32_t block, const char *name,
	      size_t len, struct ext2_slot *slot)
{
	const struct ext2 *fs = ext2_fs(dir);
	struct ext2_dirent head;
	uint32_t at = 0;

	while (at < EXT2_BLOCK) {
		struct ext2_dirent *e = (struct ext2_dirent *)(bytes + at);

		if (unlikely(!load_entry(fs, bytes, at, &head)))
			return bad_entry(dir, block, at);
		if (head.name_len == len && head.ino != 0 &&
		    e->name[0] == name[0] && memcmp(e->name, name, len) == 0) {
			slot->entry = e;
			slot->ino = head.ino;
			return 0;
		}
		at += head.rec_len;
	}
	return -ENOENT;
}

int
ext2_dir_find(struct inode *dir, const char *name, size_t len,
	      struct ext2_slot *slot)
{
	uint32_t n = block_count(dir);
	int err;

	for (uint32_t i = 0; i < n; i++) {
		err = get_block(dir, i, &slot->frame);
		if (err != 0)
			return err;
		err = find_in_block(dir, frame_ptr(slot->frame), i, name, len,
				    slot);
		if (err == 0) {
			slot->block = i;
			return 0;
		}
		pagecache_put(slot->frame);
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

void
ext2_slot_put(struct ext2_slot *slot)
{
	pagecache_put(slot->frame);
}

/* ---- changing ---- */

static void
fill_entry(const struct ext2 *fs, struct ext2_dirent *e, const char *name,
	   size_t len, uint64_t ino, uint32_t mode)
{
	static const uint8_t types[16] = {
		[S_IFIFO >> 12] = 5,  [S_IFCHR >> 12] = 3, [S_IFDIR >> 12] = 2,
		[S_IFBLK >> 12] = 4,  [S_IFREG >> 12] = 1, [S_IFLNK >> 12] = 7,
		[S_IFSOCK >> 12] = 6,
	};

	e->ino = (uint32_t)ino;
	e->type = fs->filetype ? types[(mode & S_IFMT) >> 12] : 0;
	if (name != NULL) {
		e->name_len = (uint8_t)len;
		memcpy(e->name, name, len);
	}
}

/*
 * The directory's contents changed: update its times, and clear the flag of a
 * hash tree, since the tree is not updated.
 */
static void
dir_changed(struct inode *dir)
{
	ext2_i(dir)->flags &= ~EXT2_INDEX_FL;
	inode_touch(dir);
}

/*
 * Find an entry with `need` unused bytes in one block, and split these off as
 * an unused entry.  0 and *found (rec_len set), -ENOENT, -EUCLEAN.
 */
static int
make_room(struct inode *dir, char *bytes, uint32_t block, uint32_t need,
	  struct ext2_dirent **found)
{
	const struct ext2 *fs = ext2_fs(dir);
	struct ext2_dirent head;
	uint32_t at = 0;

	while (at < EXT2_BLOCK) {
		struct ext2_dirent *e = (struct ext2_dirent *)(bytes + at);
		uint32_t used, len;

		if (!load_entry(fs, bytes, at, &head))
			return bad_entry(dir, block, at);
		len = head.rec_len;
		used = head.ino != 0 ? room_for(head.name_len) : 0;
		/* Nothing may come between "." and "..". */
		if (len - used >= need && (block > 0 || at > 0)) {
			if (used > 0)
				e->rec_len = (uint16_t)used;
			e = (struct ext2_dirent *)(bytes + at + used);
			e->rec_len = (uint16_t)(len - used);
			*found = e;
			return 0;
		}
		at += len;
	}
	return -ENOENT;
}

bool
ext2_dir_add_spare(const struct ext2 *fs, char *bytes, uint32_t ino,
		   uint32_t mode)
{
	char name[12];
	uint32_t len = (uint32_t)snprintf(name, sizeof(name), "#%u", ino);
	uint32_t at = 0, used, rest;
	struct ext2_dirent head;

	while (at < EXT2_BLOCK) {
		struct ext2_dirent *e = (struct ext2_dirent *)(bytes + at);

		if (!load_entry(fs, bytes, at, &head))
			return false;
		used = head.ino != 0 ? room_for(head.name_len) : 0;
		rest = head.rec_len - used;
		at += head.rec_len;
		/* Nothing may come between "." and "..". */
		if (rest < room_for(len) || (char *)e == bytes)
			continue;
		if (used > 0)
			e->rec_len = (uint16_t)used;
		e = (struct ext2_dirent *)((char *)e + used);
		e->rec_len = (uint16_t)rest;
		fill_entry(fs, e, name, len, ino, mode);
		return true;
	}
	return false;
}

/* Append a block that is a single unused entry. */
static int
append_block(struct inode *dir, struct frame **out)
{
	struct ext2 *fs = ext2_fs(dir);
	uint32_t n = block_count(dir);
	struct ext2_dirent *e;
	uint64_t nr;
	int err = ext2_map(ext2_i(dir), n, 1, true, &nr);

	if (err < 0)
		return err;
	err = ext2_block_get_new(fs, nr, out);
	if (err != 0) {
		/*
		 * A block beyond the size is harmless, but e2fsck would report
		 * it.
		 */
		(void)ext2_map_free(ext2_i(dir), n);
		return err;
	}
	e = frame_ptr(*out);
	e->rec_len = EXT2_BLOCK;
	pagecache_dirty(*out);
	inode_set_size(dir, dir->size + EXT2_BLOCK);
	ext2_i(dir)->grown = true;
	/* The next commit must write the inode with its new size. */
	inode_mark_dirty(dir);
	return 0;
}

int
ext2_dir_add(struct inode *dir, const char *name, size_t len,
	     struct inode *inode)
{
	struct ext2_inode *ei = ext2_i(dir);
	uint32_t n = block_count(dir), i;
	struct ext2_dirent *e = NULL;
	struct frame *f;
	int err = -ENOENT;

	requires_lock(&dir->lock);
	/* Blocks before room_from were too full for an ordinary name. */
	for (i = ei->room_from; i < n && err == -ENOENT; i++) {
		err = get_block(dir, i, &f);
		if (err != 0)
			return err;
		err = make_room(dir, frame_ptr(f), i, room_for(len), &e);
		if (err == 0)
			break;
		pagecache_put(f);
		if (err == -ENOENT && i == ei->room_from && len <= 16)
			ei->room_from++;
	}
	if (err == -ENOENT) {
		err = append_block(dir, &f);
		if (err == 0)
			e = frame_ptr(f);
	}
	if (err != 0)
		return err;
	fill_entry(ext2_fs(dir), e, name, len, inode->ino, inode->mode);
	pagecache_dirty(f);
	ext2_name_added(ext2_fs(dir), ext2_i(inode), f->cache.index);
	pagecache_put(f);
	dir_changed(dir);
	return 0;
}

/*
 * Find the entry before the slot's entry in the same block.  NULL: there is
 * none, or the chain is damaged.
 */
static struct ext2_dirent *
entry_before(const struct inode *dir, const struct ext2_slot *slot)
{
	char *bytes = frame_ptr(slot->frame);
	uint32_t at = 0, end = (uint32_t)((char *)slot->entry - bytes);
	struct ext2_dirent head;

	while (at < end && load_entry(ext2_fs(dir), bytes, at, &head)) {
		if (at + head.rec_len == end)
			return (struct ext2_dirent *)(bytes + at);
		at += head.rec_len;
	}
	return NULL;
}

void
ext2_dir_remove(struct inode *dir, struct ext2_slot *slot)
{
	struct ext2_dirent *before = entry_before(dir, slot);

	requires_lock(&dir->lock);
	if (before != NULL)
		before->rec_len =
			(uint16_t)(before->rec_len + slot->entry->rec_len);
	slot->entry->ino = 0;
	pagecache_dirty(slot->frame);
	if (slot->block < ext2_i(dir)->room_from)
		ext2_i(dir)->room_from = slot->block;
	dir_changed(dir);
}

void
ext2_dir_set(struct inode *dir, struct ext2_slot *slot, struct inode *inode)
{
	requires_lock(&dir->lock);
	fill_entry(ext2_fs(dir), slot->entry, NULL, 0, inode->ino, inode->mode);
	pagecache_dirty(slot->frame);
	ext2_name_added(ext2_fs(dir), ext2_i(inode), slot->frame->cache.index);
	dir_changed(dir);
}

int
ext2_dir_make(struct inode *dir, uint64_t parent)
{
	struct ext2 *fs = ext2_fs(dir);
	struct ext2_dirent *dot, *up;
	struct frame *f;
	int err = append_block(dir, &f);

	if (err != 0)
		return err;
	dot = frame_ptr(f);
	up = (struct ext2_dirent *)((char *)dot + room_for(1));
	/*
	 * Write the last entry first, so that the chain is valid at any time.
	 */
	fill_entry(fs, up, "..", 2, parent, S_IFDIR);
	up->rec_len = (uint16_t)(EXT2_BLOCK - room_for(1));
	fill_entry(fs, dot, ".", 1, dir->ino, S_IFDIR);
	__atomic_store_n(&dot->rec_len, (uint16_t)room_for(1),
			 __ATOMIC_RELEASE);
	pagecache_dirty(f);
	pagecache_put(f);
	ext2_i(dir)->parent = parent;
	return 0;
}

/* ---- reading ---- */

/*
 * Emit the entries of one block that begin at byte `from` or later (`from` may
 * be inside an entry that absorbed a removed one).  1: emit() returned false.
 */
static int
visit_block(struct inode *dir, const char *bytes, uint32_t block, uint32_t from,
	    uint64_t *pos, dir_emit_fn emit, void *arg)
{
	static const uint8_t dt[8] = { 0, 8, 4, 2, 6, 1, 12, 10 };
	const struct ext2 *fs = ext2_fs(dir);
	uint64_t start = (uint64_t)block * EXT2_BLOCK;
	uint32_t at = 0;

	while (at < EXT2_BLOCK) {
		const struct ext2_dirent *e =
			(const struct ext2_dirent *)(bytes + at);
		struct ext2_dirent head;
		uint32_t next;

		if (!load_entry(fs, bytes, at, &head))
			return bad_entry(dir, block, at);
		next = at + head.rec_len;
		if (at >= from && head.ino != 0 && head.name_len != 0) {
			uint8_t type = fs->filetype && head.type < 8
					       ? dt[head.type]
					       : DT_UNKNOWN;

			if (!emit(arg, e->name, head.name_len, head.ino, type,
				  start + next))
				return 1;
		}
		at = next;
		*pos = start + at;
	}
	return 0;
}

int
ext2_readdir(struct inode *dir, uint64_t *pos, dir_emit_fn emit, void *arg)
{
	struct frame *f;
	int err = 0;

	requires_lock(&dir->lock);
	while (*pos < dir->size && err == 0) {
		uint32_t block = (uint32_t)(*pos / EXT2_BLOCK);
		uint32_t from = (uint32_t)(*pos % EXT2_BLOCK);

		err = get_block(dir, block, &f);
		if (err != 0)
			break;
		err = visit_block(dir, frame_ptr(f), block, from, pos, emit,
				  arg);
		pagecache_put(f);
	}
	return err < 0 ? err : 0;
}

static bool
note_entry(void *arg, const char *name, size_t len, uint64_t ino, uint8_t type,
	   uint64_t next)
{
	bool *found = arg;

	*found =
		!(name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')));
	return !*found;
}

int
ext2_dir_empty(struct inode *dir)
{
	bool found = false;
	uint64_t pos = 0;
	int err = ext2_readdir(dir, &pos, note_entry, &found);

	if (err != 0)
		return err;
	return found ? -ENOTEMPTY : 0;
}
