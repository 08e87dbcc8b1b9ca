/* SPDX-License-Identifier: MIT */
/*
 * fs/tmpnode.h - internal to tmpfs: the interface between fs/tmpfs.c and
 * fs/tmpdata.c.
 *
 * A node holds a file's metadata and data for as long as the file exists; an
 * inode is a view of the node that exists while the file is in use.  All
 * functions run in process context; a directory's entries change under its
 * inode lock.
 *
 * Keys: [i] constant  [D] the directory's inode lock  [V] used only while the
 * node has no inode: eviction writes, read_inode() reads  [S] super.lock
 * [a] atomic
 */
#ifndef FS_TMPNODE_H
#define FS_TMPNODE_H

#include "fs/inode.h"
#include "fs/pagecache.h"
#include "fs/tmpfs.h"
#include "lib/rbtree.h"

struct tmpfs_super {
	struct spinlock lock;
	struct rb_root nodes;	       /* [S] by number */
	uint64_t next_ino;	       /* [S] numbers are not reused */
	_Atomic uint64_t files;	       /* [a] nodes that exist */
	_Atomic uint64_t pages;	       /* [a] of data and of `small` */
	uint64_t small;		       /* [S] bytes of nodes, names, targets */
	uint64_t max_files, max_pages; /* [i] */
};

struct tmpfs_node {
	struct rb_node rb;	     /* [S] */
	struct tmpfs_super *super;   /* [i] */
	uint64_t ino;		     /* [i] */
	struct inode *_Atomic inode; /* [a] its inode, or NULL */
	struct pagecache data;	     /* of a regular file */
	char *target;		     /* [i] of a symbolic link */
	struct list_node entries;    /* [D] of a directory, oldest first */
	uint64_t next_id;	     /* [D] */
	struct tmpfs_node *parent;   /* [D] of a directory: its ".." */
	uint32_t mode;		     /* [V], the type bits [i] */
	uint32_t nlink, uid, gid;    /* [V] */
	uint32_t rdev;		     /* [i] */
	uint64_t size;		     /* [V] */
	int64_t atime, mtime, ctime; /* [V] */
};

struct tmpfs_entry {
	struct list_node node;	 /* [D] */
	struct tmpfs_node *what; /* [D] */
	uint64_t id;		 /* [D] position, from 2 on */
	uint32_t hash;		 /* [i] of the name */
	uint8_t len;		 /* [i] */
	char name[];		 /* [i] without NUL */
};

struct tmpfs_inode {
	struct inode vfs;
	struct tmpfs_node *node; /* [i] NULL: creation failed */
};

static inline struct tmpfs_node *
tmpfs_node(struct inode *inode)
{
	return container_of(inode, struct tmpfs_inode, vfs)->node;
}

/*
 * Charge `bytes` for a node, a name or a link target.  Their sum, in whole
 * pages, is charged to the file system and to commit.  0, -ENOSPC, -ENOMEM.
 */
int tmpfs_charge_small(struct tmpfs_super *ts, size_t bytes) must_check;
void tmpfs_uncharge_small(struct tmpfs_super *ts, size_t bytes);

/*
 * Allocate and charge an entry with this name, not yet on a list.  0, -ENOSPC,
 * -ENOMEM.  tmpfs_entry_free() frees an entry that is on no list.
 */
int tmpfs_entry_alloc(struct tmpfs_super *ts, const char *name, size_t len,
		      struct tmpfs_entry **out) must_check;
void tmpfs_entry_free(struct tmpfs_super *ts, struct tmpfs_entry *e);

/*
 * Create a file without a name: an inode with one reference and nlink 1.
 * target: for a symbolic link.  0, -ENOSPC, -ENOMEM.
 */
int tmpfs_new(struct superblock *sb, const struct inode_attr *attr,
	      const char *target, struct inode **out) must_check;

/* struct super_ops. */
struct inode *tmpfs_alloc_inode(struct superblock *sb);
void tmpfs_free_inode(struct inode *inode);
int tmpfs_read_inode(struct inode *inode);
void tmpfs_evict_inode(struct inode *inode);
void tmpfs_put_super(struct superblock *sb);

extern const struct inode_ops tmpfs_dir_ops, tmpfs_link_ops; /* tmpfs.c */

#endif
