/* SPDX-License-Identifier: MIT */
/*
 * fs/tmpnode.h - the inside of tmpfs, for fs/tmpfs.c and fs/tmpdata.c.
 *
 * A node is what stays of a file; an inode is a view of the node, made when the
 * file is used.  All functions run in process context; a directory's entries
 * change under the inode lock of the directory.
 *
 * Keys: [i] constant  [D] the directory's inode lock  [V] only while no inode
 * shows the node: eviction writes, read_inode() reads  [S] super.lock
 * [a] atomic
 */
#ifndef FS_TMPNODE_H
#define FS_TMPNODE_H

#include "fs/pagecache.h"
#include "fs/tmpfs.h"
#include "lib/rbtree.h"

struct tmpfs_super {
	struct spinlock lock;
	struct rb_root nodes;	       /* [S] by number */
	uint64_t next_ino;	       /* [S] numbers are never used again */
	_Atomic uint64_t files;	       /* [a] nodes that exist */
	_Atomic uint64_t pages;	       /* [a] of data and of `small` */
	uint64_t small;		       /* [S] bytes of nodes, names, targets */
	uint64_t max_files, max_pages; /* [i] */
};

struct tmpfs_node {
	struct rb_node rb;	     /* [S] */
	struct tmpfs_super *super;   /* [i] */
	uint64_t ino;		     /* [i] */
	struct inode *_Atomic inode; /* [a] the inode that shows it, or NULL */
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
	struct tmpfs_node *node; /* [i] NULL when making it failed */
};

static inline struct tmpfs_node *
tmpfs_node(struct inode *inode)
{
	return container_of(inode, struct tmpfs_inode, vfs)->node;
}

/*
 * Charge `bytes` for a node, a name or a target.  Together they count as pages
 * of the file system and of commit.  0, -ENOSPC, -ENOMEM.
 */
int tmpfs_charge_small(struct tmpfs_super *ts, size_t bytes) must_check;
void tmpfs_uncharge_small(struct tmpfs_super *ts, size_t bytes);

/*
 * Make and charge an entry with this name, on no list.  0, -ENOSPC, -ENOMEM.
 * tmpfs_entry_free() frees an entry that is on no list.
 */
int tmpfs_entry_alloc(struct tmpfs_super *ts, const char *name, size_t len,
		      struct tmpfs_entry **out) must_check;
void tmpfs_entry_free(struct tmpfs_super *ts, struct tmpfs_entry *e);

/*
 * Make a file without a name: an inode with one reference and nlink 1.  target:
 * of a symbolic link.  0, -ENOSPC, -ENOMEM.
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
