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
	struct inode *at; /* with a reference */
	const char *rest; /* into the caller's path or into `buf` */
	char *buf;	  /* PATH_MAX bytes, or NULL: no link followed yet */
	unsigned links;	  /* symbolic links followed */
	bool went_slash;  /* the component passed last had slashes behind it */
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
 * One entry of a directory: "..", mounts and permission to search are dealt
 * with.  With a reference; dir not locked.
 */
int walk_step(struct inode *dir, const char *name, size_t len,
	      struct inode **out) must_check;

/* The same with dir locked, for an ordinary name, without the permission. */
int dir_lookup(struct inode *dir, const char *name, size_t len,
	       struct inode **out) must_check;

/*
 * Create a regular file, device node or FIFO after checking permission; dir
 * locked, the name known to be free.  *out with a reference.
 */
int dir_create(struct inode *dir, const struct last_name *n, uint32_t mode,
	       uint32_t rdev, struct inode **out) must_check;

/* Go down into what is mounted on `inode`; takes and gives one reference. */
struct inode *mount_descend(struct inode *inode) nonnull must_check;

#endif
