/* SPDX-License-Identifier: MIT */
/*
 * fs/path.h - resolve a path component by component.
 *
 * A walk holds the current directory and the rest of the path.  It can stop
 * before the last component (to create or remove that name) and then follow a
 * symbolic link found there.  The functions run in process context and may
 * sleep; each step locks one directory, so callers must hold no inode lock.
 * The exceptions are dir_lookup() and dir_create(): their callers hold the
 * directory's lock.
 */
#ifndef FS_PATH_H
#define FS_PATH_H

#include "fs/abi.h"
#include "lib/base.h"

struct inode;

#define SYMLINK_DEPTH 40

#define LOOKUP_FOLLOW	 (1u << 0) /* follow a symlink at the end */
#define LOOKUP_DIRECTORY (1u << 1) /* -ENOTDIR unless a directory */
#define LOOKUP_EMPTY	 (1u << 2) /* "" means start itself */

/*
 * Walk `path` from `start` (NULL: the current directory).  0 and *out with a
 * reference; -ENOENT, -ENOTDIR, -EACCES, -ELOOP, -ENAMETOOLONG.
 */
int vfs_lookup(struct inode *start, const char *path, unsigned flags,
	       struct inode **out) must_check;

/* The last component of a path and the directory it is in. */
struct last_name {
	struct inode *dir; /* with a reference */
	char name[NAME_MAX + 1];
	size_t len; /* 0: no component (LAST_ROOT) */
	bool slash; /* slashes follow the name */
	enum { LAST_NORMAL, LAST_DOT, LAST_DOTDOT, LAST_ROOT } kind;
};

/* As vfs_lookup(), but stop before the last component, which need not exist. */
int vfs_lookup_parent(struct inode *start, const char *path,
		      struct last_name *out) must_check;

struct walk {
	struct inode *at;   /* with a reference */
	struct inode *root; /* of the thread, with a reference */
	const char *rest;   /* into the caller's path or into `buf` */
	char *buf;	    /* PATH_MAX bytes, or NULL: no link followed yet */
	unsigned links;	    /* symbolic links followed */
	bool went_slash;    /* slashes followed the last component */
};

/* Start a walk.  0: the caller must call walk_end(); -ENOENT (empty path). */
int walk_begin(struct walk *w, struct inode *start, const char *path,
	       bool empty_ok) must_check;
void walk_end(struct walk *w) nonnull;

/* Walk to the directory of the last component; fill *last with the name. */
int walk_to_parent(struct walk *w, struct last_name *last) must_check;

/* Walk to the end; `follow`: follow a symbolic link in the last component. */
int walk_to_end(struct walk *w, bool follow) must_check;

/*
 * Follow symlink `link`, found in w->at: put its target in front of the rest.
 * -ELOOP after SYMLINK_DEPTH links.  For a link with inode_ops.follow (to an
 * inode, not to a path) w->at moves to that inode.
 */
int walk_through(struct walk *w, struct inode *link) must_check;

/*
 * The root directory of the current thread, with a reference: "/" begins there,
 * and ".." does not lead out of it.
 */
struct inode *current_root(void) must_check;

/*
 * Look an ordinary name up in a directory, without checking permissions and
 * without crossing a mount point.  *out with a reference.
 */
int dir_lookup(struct inode *dir, const char *name, size_t len,
	       struct inode **out) must_check needs_lock(dir->lock);

/*
 * Descend to the root of the file system mounted on `inode`, if any; consumes
 * the reference on `inode` and returns one.
 */
struct inode *mount_descend(struct inode *inode) nonnull must_check;

#endif
