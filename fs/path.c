/* SPDX-License-Identifier: MIT */
/*
 * fs/path.c - resolve a path to an inode (path walk).
 *
 * There is no name cache: each component is a lookup() in its directory, under
 * that directory's lock, one directory at a time.  A symbolic link's target is
 * copied in front of the rest of the path, in a heap buffer, so that links use
 * no stack.  When memory is short, a walk fails with -ENOMEM.
 */
#include "fs/path.h"

#include "fs/current.h"
#include "fs/fd.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/rights.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/slab.h"

struct inode *
current_root(void)
{
	struct fs_context *c = current_fs();

	return c == NULL ? inode_get(vfs_root()) : fs_context_root(c);
}

int
walk_begin(struct walk *w, struct inode *start, const char *path, bool empty_ok)
{
	w->rest = path;
	w->buf = NULL;
	w->links = 0;
	w->went_slash = false;
	if (*path == '\0' && !empty_ok)
		return -ENOENT;
	w->root = current_root();
	if (*path == '/' || (start == NULL && current_fs() == NULL))
		w->at = inode_get(w->root);
	else if (start != NULL)
		w->at = inode_get(start);
	else
		w->at = fs_context_cwd(current_fs());
	return 0;
}

void
walk_end(struct walk *w)
{
	inode_put(w->at);
	inode_put(w->root);
	kfree(w->buf);
}

struct inode *
mount_descend(struct inode *inode)
{
	struct inode *root;

	while (__atomic_load_n(&inode->mounted, __ATOMIC_RELAXED) != NULL) {
		spin_lock(&icache_lock);
		root = NULL;
		if (inode->mounted != NULL)
			root = inode_get(inode->mounted->root);
		spin_unlock(&icache_lock);
		if (root == NULL)
			break;
		inode_put(inode);
		inode = root;
	}
	return inode;
}

/*
 * Ascend from the root of a mounted file system to its mount point, repeatedly,
 * up to `root`.
 */
static struct inode *
mount_ascend(struct inode *inode, const struct inode *root)
{
	struct inode *covered;

	for (;;) {
		if (inode == root || inode != inode->sb->root)
			return inode;
		spin_lock(&icache_lock);
		covered = inode->sb->covered;
		if (covered != NULL)
			inode_get(covered);
		spin_unlock(&icache_lock);
		if (covered == NULL)
			return inode;
		inode_put(inode);
		inode = covered;
	}
}

int
dir_lookup(struct inode *dir, const char *name, size_t len, struct inode **out)
{
	int err;

	requires_lock(&dir->lock);
	if (dir->nlink == 0)
		return -ENOENT;
	err = dir->ops->lookup(dir, name, len, out);
	if (err == 0 && !S_ISDIR((*out)->mode) &&
	    (*out)->parent_hint != dir->ino)
		(*out)->parent_hint = dir->ino;
	return err;
}

static int
step_up(struct inode *dir, const struct inode *root, struct inode **out)
{
	int err;

	dir = mount_ascend(inode_get(dir), root);
	if (dir == root || dir == vfs_root()) {
		*out = dir;
		return 0;
	}
	mutex_lock(&dir->lock);
	err = 0;
	if (dir->nlink != 0)
		err = dir->ops->lookup(dir, "..", 2, out);
	else if (dir->above != NULL)
		*out = inode_get(dir->above);
	else
		err = -ENOENT;
	mutex_unlock(&dir->lock);
	inode_put(dir);
	return err;
}

/*
 * Look up one name in w->at, after checking search permission; handles "." and
 * ".." and crosses mount points.  *out with a reference.
 */
static int
walk_step(struct walk *w, const char *name, size_t len, struct inode **out)
{
	struct inode *dir = w->at;
	int err;

	err = inode_permission(dir, MAY_EXEC);
	if (err != 0)
		return err;
	if (len == 1 && name[0] == '.') {
		*out = inode_get(dir);
		return 0;
	}
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return step_up(dir, w->root, out);
	mutex_lock(&dir->lock);
	err = dir_lookup(dir, name, len, out);
	mutex_unlock(&dir->lock);
	if (err == 0)
		*out = mount_descend(*out);
	return err;
}

/* Find the next component of the rest: *len is 0 at the end of the path. */
static int
next_component(struct walk *w, const char **name, size_t *len, bool *last)
{
	const char *end;

	while (*w->rest == '/')
		w->rest++;
	*name = w->rest;
	for (end = w->rest; *end != '\0' && *end != '/'; end++)
		;
	*len = (size_t)(end - w->rest);
	if (*len > NAME_MAX)
		return -ENAMETOOLONG;
	w->went_slash = *end == '/';
	while (*end == '/')
		end++;
	*last = *end == '\0';
	return 0;
}

int
walk_through(struct walk *w, struct inode *link)
{
	struct inode *target;
	size_t rest;
	ssize_t n;
	char *buf;
	int err;

	if (++w->links > SYMLINK_DEPTH)
		return -ELOOP;
	if (link->ops->follow != NULL) {
		err = link->ops->follow(link, &target);
		if (err == 0) {
			inode_put(w->at);
			w->at = target;
		}
		if (err != -ENOTSUP)
			return err;
	}
	rest = strlen(w->rest);
	buf = kmalloc(PATH_MAX);
	if (buf == NULL)
		return -ENOMEM;
	n = link->ops->readlink(link, buf, PATH_MAX - 1);
	if (n <= 0 || (size_t)n + rest + 2 > PATH_MAX) {
		kfree(buf);
		return n < 0 ? (int)n : n == 0 ? -ENOENT : -ENAMETOOLONG;
	}
	if (rest > 0 || w->went_slash)
		buf[n++] = '/';
	memcpy(buf + n, w->rest, rest + 1);
	kfree(w->buf);
	w->buf = buf;
	w->rest = buf;
	if (*buf == '/') {
		inode_put(w->at);
		w->at = inode_get(w->root);
	}
	return 0;
}

/* Move w->at to the component (name, len), or follow it if it is a link. */
static int
walk_component(struct walk *w, const char *name, size_t len, bool follow)
{
	struct inode *next;
	int err;

	if (!S_ISDIR(w->at->mode))
		return -ENOTDIR;
	err = walk_step(w, name, len, &next);
	if (err != 0)
		return err;
	w->rest = name + len;
	if (S_ISLNK(next->mode) && follow) {
		err = walk_through(w, next);
		inode_put(next);
		return err;
	}
	inode_put(w->at);
	w->at = next;
	return 0;
}

int
walk_to_end(struct walk *w, bool follow)
{
	const char *name;
	size_t len;
	bool last;
	int err;

	for (;;) {
		bool slash = w->went_slash;

		err = next_component(w, &name, &len, &last);
		if (err != 0)
			return err;
		if (len == 0) {
			if (slash && !S_ISDIR(w->at->mode))
				return -ENOTDIR;
			return 0;
		}
		err = walk_component(w, name, len,
				     follow || !last || w->went_slash);
		if (err != 0)
			return err;
	}
}

int
walk_to_parent(struct walk *w, struct last_name *last)
{
	const char *name;
	size_t len;
	bool is_last;
	int err;

	for (;;) {
		err = next_component(w, &name, &len, &is_last);
		if (err != 0)
			return err;
		if (len == 0 || is_last)
			break;
		err = walk_component(w, name, len, true);
		if (err != 0)
			return err;
	}
	if (!S_ISDIR(w->at->mode))
		return -ENOTDIR;
	memcpy(last->name, name, len);
	last->name[len] = '\0';
	last->len = len;
	last->slash = w->went_slash;
	last->kind = len == 0			     ? LAST_ROOT
		     : strcmp(last->name, ".") == 0  ? LAST_DOT
		     : strcmp(last->name, "..") == 0 ? LAST_DOTDOT
						     : LAST_NORMAL;
	w->rest = name + len;
	return 0;
}

int
vfs_lookup(struct inode *start, const char *path, unsigned flags,
	   struct inode **out)
{
	struct walk w;
	int err;

	err = walk_begin(&w, start, path, (flags & LOOKUP_EMPTY) != 0);
	if (err != 0)
		return err;
	err = walk_to_end(&w, (flags & LOOKUP_FOLLOW) != 0);
	if (err == 0 && (flags & LOOKUP_DIRECTORY) && !S_ISDIR(w.at->mode))
		err = -ENOTDIR;
	if (err == 0)
		*out = inode_get(w.at);
	walk_end(&w);
	return err;
}

int
vfs_lookup_parent(struct inode *start, const char *path, struct last_name *out)
{
	struct walk w;
	int err;

	err = walk_begin(&w, start, path, false);
	if (err != 0)
		return err;
	err = walk_to_parent(&w, out);
	/* Without search permission, do not reveal which names exist. */
	if (err == 0 && out->kind != LAST_ROOT)
		err = inode_permission(w.at, MAY_EXEC);
	if (err == 0)
		out->dir = inode_get(w.at);
	walk_end(&w);
	return err;
}
