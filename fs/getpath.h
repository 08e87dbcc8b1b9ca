/* SPDX-License-Identifier: MIT */
/*
 * fs/getpath.h - find the path of a file or directory.
 *
 * There are no dentries: the functions search each directory above for the
 * name.
 * Process context, no inode lock held.
 */
#ifndef FS_GETPATH_H
#define FS_GETPATH_H

#include "lib/base.h"

struct file;
struct inode;

/*
 * The path of a file from the thread's root directory; for a file outside that,
 * from the root of the whole tree.  If no path is found: the file system and
 * the inode number.  " (deleted)" follows if no name is left.  Writes at most
 * `size` bytes with the NUL; returns the length.  Process context.
 */
size_t file_path(struct file *f, char *buf, size_t size) nonnull;
size_t inode_path(struct inode *inode, char *buf, size_t size) nonnull;
/* memobj_ops.name for the page cache of a file. */
size_t inode_map_name(struct inode *inode, char *buf, size_t size,
		      uint64_t *ino, uint32_t *dev) nonnull;

/* As inode_path(), from `root` instead of the thread's root directory. */
size_t inode_path_from(struct inode *root, struct inode *inode, char *buf,
		       size_t size) nonnull;

/*
 * The path of a directory from the thread's root.  For one outside that, the
 * path from the root of the whole tree, after "(unreachable)" if `mark`.
 * Returns the length; -ENOENT if removed, -ENAMETOOLONG.
 */
ssize_t
vfs_dir_path(struct inode *dir, bool mark, char *buf, size_t size) must_check;

#endif
