/* SPDX-License-Identifier: MIT */
/*
 * fs/ext2/ext2.h - the second extended file system: its on-disk format, and the
 * interface between the files of this directory.
 *
 *   super.c   mount, checks, unmount            alloc.c  bitmaps
 *   commit.c  the order of writes
 *   inode.c   inodes in memory and on disk      map.c    block maps
 *   dir.c     directory entries                 namei.c  create ... rename
 *
 * Blocks have 4096 bytes, so that a block is a page.  All metadata is in the
 * disk's page cache (fs/blockcache.h), file data in each file's own page cache.
 * The disk is little-endian and so is every machine Tine runs on.
 *
 * Numbers read from the disk are not trusted: each is checked before it is
 * used.  The only effect of a wrong number is -EUCLEAN and a log line
 * (ext2_corrupt()).
 *
 * Lock order: inode->lock (VFS) -> ext2.commit_lock -> ext2_inode.map_lock ->
 * ext2.alloc_lock.  A page fault may take the last three: a thread releases
 * them before it accesses user memory or waits for a file's own pages.  A
 * directory's inode->lock guards its cached blocks; map_lock guards map blocks;
 * alloc_lock guards bitmaps, descriptors and superblock.  In the inode table,
 * each inode owns its own bytes.
 *
 * Operations first allocate all memory and blocks that they need, and free
 * these on failure (-ENOMEM, -ENOSPC).  Freeing waits for memory.
 */
#ifndef FS_EXT2_EXT2_H
#define FS_EXT2_EXT2_H

#include "fs/inode.h"
#include "fs/pagecache.h"
#include "fs/super.h"

#define EXT2_MAGIC     0xef53u
#define EXT2_BLOCK     4096u
#define EXT2_ROOT_INO  2u
#define EXT2_NDIRECT   12u
#define EXT2_NPTRS     (EXT2_BLOCK / 4) /* pointers in a map block */
#define EXT2_NBLOCK    15u
#define EXT2_BITS      (EXT2_BLOCK * 8) /* in a bitmap */
#define EXT2_LINK_MAX  32000u
#define EXT2_FAST_LINK 60u /* a shorter link target is in the inode */
#define EXT2_SECTORS   (EXT2_BLOCK / 512) /* i_blocks of one block */
/* i_blocks counts 512-byte units in 32 bits; leave room for map blocks. */
#define EXT2_MAX_SIZE ((UINT64_C(1) << 41) - (UINT64_C(1) << 32))
/* The largest size that a block map can address, for sparse files. */
#define EXT2_MAP_SIZE                                           \
	((EXT2_NDIRECT + EXT2_NPTRS + EXT2_NPTRS * EXT2_NPTRS + \
	  UINT64_C(1) * EXT2_NPTRS * EXT2_NPTRS * EXT2_NPTRS) * \
	 EXT2_BLOCK)

#define EXT2_STATE_VALID       1u
#define EXT2_STATE_ERROR       2u
#define EXT2_COMPAT_JOURNAL    0x4u
#define EXT2_INCOMPAT_FILETYPE 0x2u
#define EXT2_RO_COMPAT_SPARSE  0x1u
#define EXT2_RO_COMPAT_LARGE   0x2u
#define EXT2_INDEX_FL	       0x1000u /* a directory with a hash tree */

struct ext2_super_disk { /* at byte 1024 */
	uint32_t inodes_count, blocks_count, r_blocks_count;
	uint32_t free_blocks, free_inodes, first_data_block;
	uint32_t log_block_size, log_frag_size;
	uint32_t blocks_per_group, frags_per_group, inodes_per_group;
	uint32_t mtime, wtime;
	uint16_t mnt_count, max_mnt_count, magic, state, errors, minor_rev;
	uint32_t lastcheck, checkinterval, creator_os, rev_level;
	uint16_t def_resuid, def_resgid;
	uint32_t first_ino;
	uint16_t inode_size, block_group_nr;
	uint32_t compat, incompat, ro_compat;
	uint8_t rest[920];
};

struct ext2_group_disk {
	uint32_t block_bitmap, inode_bitmap, inode_table;
	uint16_t free_blocks, free_inodes, used_dirs, pad;
	uint32_t reserved[3];
};

struct ext2_inode_disk {
	uint16_t mode, uid;
	uint32_t size, atime, ctime, mtime, dtime;
	uint16_t gid, links;
	uint32_t blocks, flags, osd1;
	uint32_t block[EXT2_NBLOCK];
	uint32_t generation, file_acl, size_high, faddr;
	uint8_t frag, fsize;
	uint16_t pad, uid_high, gid_high;
	uint32_t reserved;
	/* Only in inodes of 256 bytes: */
	uint16_t extra_isize, checksum_hi;
	uint32_t ctime_extra, mtime_extra, atime_extra;
};

#define EXT2_EXTRA_ISIZE 16u /* bytes of the fields from extra_isize on */
#define EXT2_MOVES	 32u /* limits of the lists of struct ext2: */
#define EXT2_DEAD_DIRS	 128u

struct ext2_dirent {
	uint32_t ino;
	uint16_t rec_len;
	uint8_t name_len, type;
	char name[];
};

#define EXT2_DIRENT_HEAD 8u

_Static_assert(sizeof(struct ext2_super_disk) == 1024, "on-disk format");
_Static_assert(sizeof(struct ext2_group_disk) == 32, "on-disk format");
_Static_assert(offsetof(struct ext2_inode_disk, extra_isize) == 128,
	       "on-disk format");

/* A name moved: block `first` must be written before block `then`. */
struct ext2_move {
	uint32_t first, then;
};

/* A file that rename() replaced or exchanged: its name was in `block`. */
struct ext2_replaced {
	uint32_t block, ino, mode;
};

/*
 * The changes in one group since the last commit: one bit per block or inode.
 * See fs/ext2/commit.c.
 */
struct ext2_changes {
	uint64_t *fresh; /* [A] blocks allocated, free on the disk */
	uint64_t *freed; /* [A] freed, but the disk refers to them */
	uint64_t *dead;	 /* [X] inodes without a name */
	uint64_t *late;	 /* [X] dead ones replaced by rename() */
	uint64_t *gone;	 /* [X] inode numbers to be freed */
};

/*
 * A mounted ext2 file system.  Keys: [i] set at mount  [a] atomic
 * [A] alloc_lock  [X] commit_lock
 */
struct ext2 {
	struct superblock *sb;	  /* [i] */
	struct pagecache *disk;	  /* [i] all metadata */
	struct mutex commit_lock; /* see commit.c */
	struct mutex alloc_lock;
	uint32_t blocks, inodes; /* [i] numbers: < blocks, <= inodes */
	uint32_t first_block;	 /* [i] first that can belong to a group's
					   bitmaps, tables or files */
	uint32_t groups, blocks_per_group, inodes_per_group; /* [i] */
	uint32_t inode_size, first_ino;			     /* [i] */
	uint32_t table_blocks;		   /* [i] of each inode table */
	uint32_t free_blocks, free_inodes; /* [A] sums over the groups */
	uint32_t freed_blocks;		   /* [A] bits in all changes[].freed */
	uint32_t gone_inodes;		   /* [X] bits in all changes[].gone */
	uint32_t reserved;		   /* [i] blocks only root may use */
	bool filetype;			   /* [i] entries carry a type */
	bool force_read_only;		   /* [i] not clean, or unknown
					      feature */
	_Atomic bool errors;		   /* [a] something was corrupt */
	uint16_t state;			   /* [i] on the disk at mount */
	struct frame *super_frame;	   /* [i] pinned; [A] contents */
	struct ext2_super_disk *super;	   /* the bytes in super_frame */
	struct frame **group_frames;	   /* [i] pinned; [A] contents */
	unsigned group_frame_count;	   /* [i] */

	struct ext2_changes *changes;	    /* [i] per group; NULL: never
					       writable */
	struct ext2_move moves[EXT2_MOVES]; /* [X] */
	unsigned move_count;
	struct ext2_replaced replaced[EXT2_MOVES]; /* [X] */
	unsigned replaced_count;
	uint32_t dead_dirs[EXT2_DEAD_DIRS]; /* [X] removed, oldest first */
	unsigned dead_dir_count;
	unsigned flushes; /* [X] total, by commits */
	bool unflushed;	  /* [X] writes since the last flush */
};

struct ext2_inode {
	struct inode vfs;
	struct pagecache data; /* regular files */
	struct mutex map_lock;
	uint32_t block[EXT2_NBLOCK]; /* [map_lock]; or a fast link's text */
	uint32_t flags, generation, file_acl; /* [i] except EXT2_INDEX_FL */
	uint32_t last_index, last_block;      /* [map_lock] allocated last */
	uint64_t parent;    /* [vfs.lock] directories: number of ".." */
	uint32_t room_from; /* [vfs.lock] directories: no room in blocks before
			       this one */
	bool on_disk;	    /* [X] the inode table has this inode */
	bool grown;	    /* [X] directories: new block since last commit */
	uint32_t new_name;  /* [X] block of a name added since the last commit;
			      0: none; EXT2_SOMEWHERE: several */
};

#define EXT2_SOMEWHERE UINT32_MAX

static inline struct ext2_inode *
ext2_i(struct inode *inode)
{
	return container_of(inode, struct ext2_inode, vfs);
}

static inline struct ext2 *
ext2_fs(const struct inode *inode)
{
	return inode->sb->data;
}

/* ---- super.c ---- */

/* Log that the disk is damaged and set fs->errors; returns -EUCLEAN. */
int ext2_corrupt(struct ext2 *fs, const char *fmt, ...) print_format(2, 3);

/*
 * Get metadata block `nr` in the disk's cache, pinned; undo with
 * pagecache_put().  0, -EIO, -ENOMEM, -EUCLEAN (no such block).
 */
int ext2_block_get(struct ext2 *fs, uint64_t nr, struct frame **out) must_check;
/* As ext2_block_get(), but waits up to some seconds for memory; for freeing. */
int ext2_block_get_firm(struct ext2 *fs, uint64_t nr,
			struct frame **out) must_check;
/* As ext2_block_get(), for a newly allocated block: zeroed instead of read. */
int
ext2_block_get_new(struct ext2 *fs, uint64_t nr, struct frame **out) must_check;

struct ext2_group_disk *ext2_group(struct ext2 *fs, uint32_t group);

/* Mark a group's descriptor and the superblock dirty. */
void
ext2_counts_changed(struct ext2 *fs, uint32_t group) needs_lock(fs->alloc_lock);

/* Is block `nr` part of an inode table? */
bool ext2_table_block(struct ext2 *fs, uint32_t nr);

/* May block `nr` belong to a file (or be its map block)? */
bool ext2_data_block_ok(struct ext2 *fs, uint32_t nr);

/* Set the superblock's feature flag for files of 2 GiB or more. */
void ext2_note_large_file(struct ext2 *fs);

/* ---- alloc.c ---- */

/*
 * Allocate one block, near `goal` if that is not 0.  0, -ENOSPC, -EIO, -ENOMEM,
 * -EUCLEAN with nothing changed.
 */
int ext2_block_alloc(struct ext2 *fs, uint32_t goal, uint32_t *out) must_check;
/*
 * Free a block.  -EUCLEAN: already free, or not a data block; other errors: it
 * stays allocated.
 */
int ext2_block_free(struct ext2 *fs, uint32_t nr);

/*
 * Allocate an inode number near the directory `parent`.  `directory`: count the
 * inode as a directory, and spread the directories of the root over the groups.
 * Errors as for ext2_block_alloc().
 */
int ext2_ino_alloc(struct ext2 *fs, uint64_t parent, bool directory,
		   uint64_t *out) must_check;
int ext2_ino_free(struct ext2 *fs, uint64_t ino, bool directory);

/* Allocate empty tables of changes (0 or -ENOMEM), and free the tables. */
int ext2_changes_make(struct ext2 *fs) must_check;
void ext2_changes_free(struct ext2 *fs);

/*
 * After a commit: make the blocks and inodes freed before the commit available
 * again.
 */
void ext2_release_freed(struct ext2 *fs);

/* Is the inode freed, but its number not yet available again? */
bool ext2_ino_gone(struct ext2 *fs, uint64_t ino);

/* ---- commit.c ---- */

/*
 * ext2_begin() and ext2_end() bracket each change of names, links and block
 * maps, which runs with commit_lock held.  Changes nest: the returned value
 * tells ext2_end() whether this ext2_begin() took the lock.  ext2_begin()
 * commits first if only freed blocks or inodes are left, or if dead_dirs[] or
 * replaced[] is full.  May sleep.
 */
bool ext2_begin(struct ext2 *fs) must_check;
void ext2_end(struct ext2 *fs, bool mine);

/* As super_ops.commit and .sync. */
int ext2_commit(struct superblock *sb);
int ext2_sync(struct superblock *sb);

/* Inside a change: a name of the inode was added to block `nr`. */
void ext2_name_added(struct ext2 *fs, struct ext2_inode *ei, uint32_t nr)
	needs_lock(fs->commit_lock);
/*
 * Inside a change, before the name of `old` in block `to` is given to `ei`,
 * whose old name is in block `from`.  Commits now if the blocks could not be
 * written in the right order later: a commit between the parts of the change
 * would write `old` as in use, but without a name.
 */
void ext2_before_replace(struct ext2 *fs, const struct ext2_inode *old,
			 uint32_t to, const struct ext2_inode *ei,
			 uint32_t from) needs_lock(fs->commit_lock);
/*
 * Inside a change, before `a`, whose name is in block `of_a`, and `b` exchange
 * their names.
 */
void ext2_before_exchange(struct ext2 *fs, struct inode *a, uint32_t of_a,
			  struct inode *b, uint32_t of_b)
	needs_lock(fs->commit_lock);
/*
 * Inside a change, before one of several names of an inode is removed from
 * block `nr`: the other names must be written to the disk first.
 */
void ext2_name_leaves(struct ext2 *fs, struct ext2_inode *ei, uint32_t nr)
	needs_lock(fs->commit_lock);
/*
 * Inside a change: the inode's last name was removed.  `replaced`: the block
 * where rename() gave the name to another inode, or 0.
 */
void ext2_name_lost(struct ext2 *fs, struct inode *inode, uint32_t replaced)
	needs_lock(fs->commit_lock);

/* ---- inode.c ---- */

/*
 * Find an inode in the inode table: *raw points into *frame, its pinned block.
 * `firm`: wait for memory.
 */
int
ext2_raw_inode(struct ext2 *fs, uint64_t ino, bool firm, struct frame **frame,
	       struct ext2_inode_disk **raw) must_check;

/* Is the target of a symbolic link in the inode itself, without a block? */
bool ext2_is_fast_link(const struct ext2_inode *ei);

/* Set ops, fops and cache from the type; mode, rdev and size must be set. */
void ext2_init_ops(struct inode *inode);

struct inode *ext2_alloc_inode(struct superblock *sb);
void ext2_free_inode(struct inode *inode);
int ext2_read_inode(struct inode *inode);
/* Copy the inode's fields to the inode table's cached block.  0 or -errno. */
int ext2_write_inode(struct inode *inode);
/* Mark a dead inode as unused in the table's cached block.  0 or -errno. */
int ext2_clear_inode(struct ext2 *fs, uint64_t ino);
uint64_t ext2_inode_block(struct ext2 *fs, uint64_t ino);
void ext2_evict_inode(struct inode *inode);
int ext2_setattr(struct inode *inode, const struct inode_change *c);

extern const struct inode_ops ext2_file_iops, ext2_dir_iops, ext2_link_iops;

/* ---- map.c ---- */

/*
 * As pagecache_ops.map(), for blocks of any inode.  Takes map_lock and, if
 * `create`, commit_lock before it.
 */
int ext2_map(struct ext2_inode *ei, uint64_t index, unsigned max, bool create,
	     uint64_t *block) must_check;

/*
 * Free all blocks of the file from number `first` on.  0, or the first error:
 * later blocks stay in the map.  Takes commit_lock and map_lock.
 */
int ext2_map_free(struct ext2_inode *ei, uint64_t first);

/* ---- dir.c ---- */

struct ext2_slot { /* an entry in its pinned block */
	struct frame *frame;
	struct ext2_dirent *entry;
	uint32_t ino;	/* the entry's, not 0 */
	uint32_t block; /* number in the directory */
};

/*
 * Find a name: *slot, to release with ext2_slot_put(); or -ENOENT, -EIO ...
 * Under dir->lock, or while dir is loaded and no other thread can reach it.
 */
int ext2_dir_find(struct inode *dir, const char *name, size_t len,
		  struct ext2_slot *slot) must_check;
void ext2_slot_put(struct ext2_slot *slot);

/* Add a name that does not exist.  0, -ENOSPC, -EIO, -ENOMEM, -EUCLEAN. */
int ext2_dir_add(struct inode *dir, const char *name, size_t len,
		 struct inode *inode) must_check needs_lock(dir->lock);

/*
 * Add an entry with the name "#<inode number>", as in lost+found, to a copy of
 * a directory block.  False: the block has no room.
 */
bool ext2_dir_add_spare(const struct ext2 *fs, char *bytes, uint32_t ino,
			uint32_t mode);

/* Remove the entry; cannot fail. */
void ext2_dir_remove(struct inode *dir, struct ext2_slot *slot)
	needs_lock(dir->lock);

/* Make the entry name another inode; cannot fail. */
void ext2_dir_set(struct inode *dir, struct ext2_slot *slot,
		  struct inode *inode) needs_lock(dir->lock);

/* Append the first block of a new directory, with "." and "..". */
int ext2_dir_make(struct inode *dir, uint64_t parent) must_check;

/* 0 if the directory has only "." and ".."; -ENOTEMPTY, -EIO ... */
int ext2_dir_empty(struct inode *dir) must_check;

int ext2_readdir(struct inode *dir, uint64_t *pos, dir_emit_fn emit, void *arg);

#endif
