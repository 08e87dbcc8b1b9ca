/* SPDX-License-Identifier: MIT */
/*
 * fs/path.h - walking a path step by step, for fs/ itself.
 *
 * A walk is at a directory and has the rest of a path to go.  It can stop
 * before the last component (to create or remove that name) and go on through a
 * symbolic link found there.  The functions run in process context and may
 * sleep; each step locks one directory, so callers hold no inode lock.  Only
 * dir_lookup() and dir_create() expect their directory to be locked.
 */
#ifndef FS_PATH_H
#define FS_PATH_H

#include "fs/vfs.h"

struct walk {
	struct inode *at;   /* with a reference */
	struct inode *root; /* of the thread, with a reference */
	const char *rest;   /* into the caller's path or into `buf` */
	char *buf;	    /* PATH_MAX bytes, or NULL: no link followed yet */
	unsigned links;	    /* symbolic links followed */
	bool went_slash; /* slashes followed the component just walked over */
};

/* Start a walk: 0, and walk_end() must follow; -ENOENT (empty path). */
int walk_begin(struct walk *w, struct inode *start, const char *path,
	       bool empty_ok) must_check;
void walk_end(struct walk *w) nonnull;

/* Walk to the directory of the last component, and describe the latter. */
int walk_to_parent(struct walk *w, struct last_name *last) must_check;

/* Walk to the end; `follow`: through a symbolic link there, too. */
int walk_to_end(struct walk *w, bool follow) must_check;

/*
 * Put the target of symlink `link`, found in w->at, in front of the rest.
 * -ELOOP after SYMLINK_DEPTH.  A link to an inode (inode_ops.follow) moves
 * w->at instead.
 */
int walk_through(struct walk *w, struct inode *link) must_check;

/*
 * The root directory of the current thread, with a reference: "/" begins there,
 * and ".." does not lead out of it.
 */
struct inode *current_root(void) must_check;

/*
 * Look an ordinary name up in a locked directory, without a check of permission
 * and without a look at what is mounted there.  *out with a reference.
 */
int dir_lookup(struct inode *dir, const char *name, size_t len,
	       struct inode **out) must_check;

/*
 * Create a regular file, device node or FIFO after checking permission; dir
 * locked, the name known to be free.  *out with a reference.
 */
int dir_create(struct inode *dir, const struct last_name *n, uint32_t mode,
	       uint32_t rdev, struct inode **out) must_check;

/* As inode_path(), from `root` instead of the thread's root directory. */
size_t inode_path_from(struct inode *root, struct inode *inode, char *buf,
		       size_t size) nonnull;

/* Go down into what is mounted on `inode`; takes and returns one reference. */
struct inode *mount_descend(struct inode *inode) nonnull must_check;

#endif
