/* SPDX-License-Identifier: MIT */
/*
 * fs/super.h - superblocks and file system types.
 *
 * A superblock is one mounted file system.  It has exactly one mount point, so
 * an inode alone determines the place in the tree.
 *
 * Keys: [i] set before publication, constant afterwards  [a] atomic
 *       [C] icache_lock  [M] mount lock
 */
#ifndef FS_SUPER_H
#define FS_SUPER_H

#include "kernel/mutex.h"
#include "lib/base.h"
#include "lib/list.h"

#include <stdatomic.h>

struct block_device;
struct filesystem;
struct inode;
struct superblock;

#define SB_RDONLY  (1u << 0) /* as MS_RDONLY */
#define SB_NOSUID  (1u << 1)
#define SB_NODEV   (1u << 2)
#define SB_NOEXEC  (1u << 3)
#define SB_NOCACHE (1u << 16) /* unused inodes are not cached */
#define SB_CLOSING (1u << 17) /* set while a remount looks for writers */

struct fs_usage {      /* for statfs(2) */
	uint32_t type; /* magic */
	uint32_t block_size;
	uint64_t blocks, free, available; /* in block_size */
	uint64_t files, files_free;
	uint64_t id;
};

struct super_ops {
	/*
	 * [required] Allocate and free an inode of this file system (zeroed,
	 * struct inode embedded).  The VFS initializes the struct inode;
	 * alloc_inode() initializes the rest except what read_inode() fills in.
	 */
	struct inode *(*alloc_inode)(struct superblock *sb);
	void (*free_inode)(struct inode *inode);
	/*
	 * [if inode_find() is used] Fill in an inode from inode->ino: mode,
	 * nlink, ops, fops, cache and so on.  No other thread uses the inode
	 * yet.  -ENOENT, without a log line, if that number is free; -EUCLEAN.
	 */
	int (*read_inode)(struct inode *inode);
	/*
	 * [optional] Write all INODE_DIRTY inodes, clearing that flag, and all
	 * other metadata to the disk, in such an order that a check can repair
	 * the disk after a power failure at any time.  No inode is locked.
	 * NULL: nothing is kept after power-off.
	 */
	int (*commit)(struct superblock *sb);
	/*
	 * [optional] The last reference was dropped; lookups of the number
	 * block.  If nlink is 0, free the data and the inode in the file
	 * system.  If the inode contains the page cache, call
	 * pagecache_destroy() in any case.
	 */
	void (*evict_inode)(struct inode *inode);
	/* [required] Fill in *u.  0 or -errno. */
	int (*statfs)(struct superblock *sb, struct fs_usage *u);
	/*
	 * [optional] As commit(), then flush the disk.  -EIO also if an earlier
	 * write failed and no sync has reported it.
	 */
	int (*sync)(struct superblock *sb);
	/* [optional] Unmount; no inode is left.  Mark clean, free sb->data. */
	void (*put_super)(struct superblock *sb);
	/* [optional] Change to read-only or writable; 0 or -errno. */
	int (*remount)(struct superblock *sb, unsigned flags);
};

struct superblock {
	const struct super_ops *ops;   /* [i] */
	const struct filesystem *type; /* [i] */
	struct block_device *bdev;     /* [i] or NULL */
	uint32_t dev;		       /* [i] st_dev of its files */
	uint32_t block_size;	       /* [i] st_blksize */
	uint64_t max_size;	       /* [i] largest file */
	_Atomic unsigned flags;	       /* [a] SB_* */
	struct inode *root;	       /* [i] with a reference */
	void *data;		       /* private to the file system */
	struct mutex rename_lock;      /* one rename at a time */
	struct list_node inodes;       /* [C] all that are cached */

	/* For the VFS only. */
	struct inode *covered; /* [C] mount point, a reference; NULL: the root
				  mount or internal */
	struct list_node node; /* [M] */
	char source[32];       /* [i] for /proc/mounts */
	char *where;	       /* [i] absolute path, for /proc/mounts */
};

struct filesystem {
	const char *name; /* "ext2" */
	bool needs_device;
	/*
	 * Make a mounted superblock: sb_alloc(), fill it in, set root.  flags:
	 * SB_*; data: the mount options text or NULL.  dev: NULL unless
	 * needs_device.  0; -EINVAL (not this kind), -EUCLEAN, -EIO, -ENOMEM.
	 */
	int (*mount)(const struct filesystem *type, struct block_device *dev,
		     unsigned flags, const char *data, struct superblock **out);
};

static inline bool
sb_read_only(const struct superblock *sb)
{
	return (sb->flags & SB_RDONLY) != 0;
}

/* Do changes to files of `sb` fail with -EROFS? */
static inline bool
sb_refuses_writes(const struct superblock *sb)
{
	return (sb->flags & (SB_RDONLY | SB_CLOSING)) != 0;
}

#endif
