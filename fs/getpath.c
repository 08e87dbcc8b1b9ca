/* SPDX-License-Identifier: MIT */
/*
 * fs/getpath.c - find the path of an inode.
 *
 * There is no name cache.  The name of a directory is found by reading its
 * parent directory until an entry has the right inode number, and so on up to
 * the root.  The parent of a file is only a guess (inode->parent_hint); reading
 * that directory checks the guess, so the result is a correct path or none.
 * The path is written backwards from the end of the caller's buffer, without
 * allocating memory.  The functions lock one directory at a time.
 *
 * A path begins at the current thread's root directory.  An inode outside that
 * directory has a path from vfs_root().
 */
#include "fs/getpath.h"

#include "fs/file.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "lib/printf.h"
#include "lib/string.h"

struct name_search {
	uint64_t ino;
	char name[NAME_MAX + 1];
	size_t len; /* 0: not found yet */
};

static bool
name_search_emit(void *arg, const char *name, size_t len, uint64_t ino,
		 uint8_t type, uint64_t next)
{
	struct name_search *s = arg;

	if (ino != s->ino || (len == 1 && name[0] == '.') ||
	    (len == 2 && name[0] == '.' && name[1] == '.'))
		return true;
	memcpy(s->name, name, len);
	s->len = len;
	return false;
}

/* Find the entry of `dir` with inode number s->ino.  0, -ENOENT, -EIO. */
static int
name_in_dir(struct inode *dir, struct name_search *s)
{
	uint64_t pos = 0;
	int err;

	s->len = 0;
	mutex_lock(&dir->lock);
	err = dir->nlink == 0
		      ? -ENOENT
		      : dir->ops->readdir(dir, &pos, name_search_emit, s);
	mutex_unlock(&dir->lock);
	if (err != 0)
		return err;
	return s->len == 0 ? -ENOENT : 0;
}

/*
 * Insert "/name" before the text at buf + *at, and move *at to the new start.
 */
static int
prepend(char *buf, size_t *at, const char *name, size_t len)
{
	if (*at < len + 1)
		return -ENAMETOOLONG;
	*at -= len;
	memcpy(buf + *at, name, len);
	buf[--*at] = '/';
	return 0;
}

/* Replace *dir by its parent directory, and prepend the old *dir's name. */
static int
climb(struct inode **dir, char *buf, size_t *at)
{
	struct name_search s;
	struct inode *up, *covered = NULL;
	int err;

	while (*dir == (*dir)->sb->root) {
		spin_lock(&icache_lock);
		covered = (*dir)->sb->covered;
		if (covered != NULL)
			inode_get(covered);
		spin_unlock(&icache_lock);
		if (covered == NULL)
			return -ENOENT;
		inode_put(*dir);
		*dir = covered;
	}
	mutex_lock(&(*dir)->lock);
	err = (*dir)->nlink == 0 ? -ENOENT
				 : (*dir)->ops->lookup(*dir, "..", 2, &up);
	mutex_unlock(&(*dir)->lock);
	if (err != 0)
		return err;
	s.ino = (*dir)->ino;
	inode_put(*dir);
	*dir = up;
	err = name_in_dir(up, &s);
	return err != 0 ? err : prepend(buf, at, s.name, s.len);
}

/*
 * Prepend the path of `dir` to the text that begins at *at.  Returns 0 if the
 * path begins at `root`, 1 if `dir` is outside `root` and the path begins at
 * vfs_root(), or -errno.
 */
static int
path_of_dir(struct inode *dir, const struct inode *root, char *buf, size_t *at)
{
	bool outside;
	int err = 0;

	inode_get(dir);
	while (err == 0 && dir != root && dir != vfs_root())
		err = climb(&dir, buf, at);
	outside = dir != root;
	inode_put(dir);
	return err != 0 ? err : outside;
}

static ssize_t
dir_path(struct inode *dir, const struct inode *root, bool mark, char *buf,
	 size_t size)
{
	static const char unreachable[] = "(unreachable)";
	size_t at = size - 1, len = sizeof(unreachable) - 1;
	int outside;

	if (size < 2)
		return -ENAMETOOLONG;
	if (dir->nlink == 0)
		return -ENOENT;
	buf[at] = '\0';
	outside = path_of_dir(dir, root, buf, &at);
	if (outside < 0)
		return outside;
	if (buf[at] == '\0')
		buf[--at] = '/';
	if (outside && mark) {
		if (at < len)
			return -ENAMETOOLONG;
		at -= len;
		memcpy(buf + at, unreachable, len);
	}
	memmove(buf, buf + at, size - at);
	return (ssize_t)(size - 1 - at);
}

ssize_t
vfs_dir_path(struct inode *dir, bool mark, char *buf, size_t size)
{
	struct inode *root = current_root();
	ssize_t n = dir_path(dir, root, mark, buf, size);

	inode_put(root);
	return n;
}

static int
path_of_file(struct inode *inode, const struct inode *root, char *buf,
	     size_t size)
{
	struct name_search s = { .ino = inode->ino };
	size_t at = size - 1;
	struct inode *dir;
	int err;

	if (inode->parent_hint == 0 || inode->nlink == 0)
		return -ENOENT;
	err = inode_find(inode->sb, inode->parent_hint, &dir);
	if (err != 0)
		return err;
	buf[at] = '\0';
	err = S_ISDIR(dir->mode) ? name_in_dir(dir, &s) : -ENOENT;
	if (err == 0)
		err = prepend(buf, &at, s.name, s.len);
	if (err == 0)
		err = path_of_dir(dir, root, buf, &at);
	inode_put(dir);
	if (err < 0)
		return err;
	memmove(buf, buf + at, size - at);
	return 0;
}

size_t
inode_path_from(struct inode *root, struct inode *inode, char *buf, size_t size)
{
	const char *kind = NULL;

	if (S_ISDIR(inode->mode)) {
		ssize_t n = dir_path(inode, root, false, buf, size);

		if (n >= 0)
			return (size_t)n;
	} else if (size > 1 && path_of_file(inode, root, buf, size) == 0) {
		return strlen(buf);
	}
	if (inode->sb->type == NULL)
		kind = S_ISFIFO(inode->mode) ? "pipe" : "anon";
	if (kind != NULL)
		snprintf(buf, size, "%s:[%lu]", kind, inode->ino);
	else
		snprintf(buf, size, "/%s:[%lu]%s", inode->sb->type->name,
			 inode->ino, inode->nlink == 0 ? " (deleted)" : "");
	return strnlen(buf, size);
}

size_t
inode_path(struct inode *inode, char *buf, size_t size)
{
	struct inode *root = current_root();
	size_t n = inode_path_from(root, inode, buf, size);

	inode_put(root);
	return n;
}

size_t
inode_map_name(struct inode *inode, char *buf, size_t size, uint64_t *ino,
	       uint32_t *dev)
{
	*ino = inode->ino;
	*dev = inode->sb->dev;
	return inode_path(inode, buf, size);
}

size_t
file_path(struct file *f, char *buf, size_t size)
{
	struct inode *root = current_root();
	size_t n;

	/* f->path begins at vfs_root(): use it only if that is the root. */
	if (f->path == NULL || root != vfs_root()) {
		n = inode_path_from(root, f->inode, buf, size);
	} else {
		snprintf(buf, size, "%s%s", f->path,
			 f->inode->nlink == 0 ? " (deleted)" : "");
		n = strnlen(buf, size);
	}
	inode_put(root);
	return n;
}
