/*
 * fs/path.h - walking a path step by step, for fs/ itself.
 *
 * A walk stands at a directory and has a rest of a path to go.  It can stop
 * before the last component (to create or remove it) and go on through a
 * symbolic link found there.
 */
#ifndef FS_PATH_H
#define FS_PATH_H

#include "fs/vfs.h"

struct walk {
	struct inode *at;   /* with a reference */
	struct inode *root; /* the thread's, with a reference */
	const char *rest;   /* into the caller's path or into `buf` */
	char *buf;	    /* PATH_MAX bytes, or NULL: no link followed yet */
	unsigned links;	    /* symbolic links followed */
	bool went_slash; /* the component passed last had slashes behind it */
};

/* Start; 0 or -ENOENT (empty path). walk_end() is owed only after 0. */
int walk_begin(struct walk *w, struct inode *start, const char *path,
	       bool empty_ok) must_check;
void walk_end(struct walk *w) nonnull;

/* Go to the directory of the last component, and say what that is. */
int walk_to_parent(struct walk *w, struct last_name *last) must_check;

/* Go to the end. */
int walk_to_end(struct walk *w, bool follow) must_check;

/*
 * Put the target of symlink `link`, found in w->at, in front of the rest.
 * -ELOOP after SYMLINK_DEPTH.  A link that is no text moves w->at instead.
 */
int walk_through(struct walk *w, struct inode *link) must_check;

/*
 * The root directory of the current thread, with a reference: "/" begins there,
 * and ".." does not lead out of it.
 */
struct inode *current_root(void) must_check;

/*
 * One entry of a directory, which is locked: for an ordinary name, without the
 * permission and what is mounted there.  With a reference.
 */
int dir_lookup(struct inode *dir, const char *name, size_t len,
	       struct inode **out) must_check;

/*
 * Create a regular file, device node or FIFO after checking permission; dir
 * locked, the name known to be free.  *out with a reference.
 */
int dir_create(struct inode *dir, const struct last_name *n, uint32_t mode,
	       uint32_t rdev, struct inode **out) must_check;

/* As inode_path(), from another root than that of the current thread. */
size_t inode_path_from(struct inode *root, struct inode *inode, char *buf,
		       size_t size) nonnull;

/* Go down into what is mounted on `inode`; takes and gives one reference. */
struct inode *mount_descend(struct inode *inode) nonnull must_check;

#endif
