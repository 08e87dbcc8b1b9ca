/* SPDX-License-Identifier: MIT */
/*
 * fs/context.c - the root and working directories and umask of a process.
 *
 * A struct fs_context has a reference count, since threads can share it.  Its
 * spin lock guards the two directory pointers.  References on directories are
 * dropped after the lock is released, because inode_put() may sleep.  All
 * functions run in process context.  When memory is short, creating and cloning
 * return NULL with nothing changed.
 */
#include "fs/fd.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "mm/slab.h"

/* Takes over the references on root and cwd; drops them on failure. */
static struct fs_context *
context_new(struct inode *root, struct inode *cwd, uint32_t umask)
{
	struct fs_context *c = kzalloc(sizeof(*c));

	if (c == NULL) {
		inode_put(root);
		inode_put(cwd);
		return NULL;
	}
	spin_init(&c->lock, LOCK_FS_CONTEXT);
	c->refs = 1;
	c->root = root;
	c->cwd = cwd;
	c->umask = umask;
	return c;
}

struct fs_context *
fs_context_create(void)
{
	return context_new(inode_get(vfs_root()), inode_get(vfs_root()), 022);
}

struct fs_context *
fs_context_clone(struct fs_context *c)
{
	struct inode *root, *cwd;

	spin_lock(&c->lock);
	root = inode_get(c->root);
	cwd = inode_get(c->cwd);
	spin_unlock(&c->lock);
	return context_new(root, cwd, c->umask);
}

struct fs_context *
fs_context_get(struct fs_context *c)
{
	atomic_fetch_add(&c->refs, 1);
	return c;
}

void
fs_context_put(struct fs_context *c)
{
	if (atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	inode_put(c->root);
	inode_put(c->cwd);
	kfree(c);
}

static struct inode *
get(struct fs_context *c, struct inode *const *at)
{
	struct inode *dir;

	spin_lock(&c->lock);
	dir = inode_get(*at);
	spin_unlock(&c->lock);
	return dir;
}

static void
set(struct fs_context *c, struct inode **at, struct inode *dir)
{
	struct inode *old;

	spin_lock(&c->lock);
	old = *at;
	*at = dir;
	spin_unlock(&c->lock);
	inode_put(old);
}

struct inode *
fs_context_root(struct fs_context *c)
{
	return get(c, &c->root);
}

struct inode *
fs_context_cwd(struct fs_context *c)
{
	return get(c, &c->cwd);
}

void
fs_context_set_root(struct fs_context *c, struct inode *dir)
{
	set(c, &c->root, dir);
}

void
fs_context_set_cwd(struct fs_context *c, struct inode *dir)
{
	set(c, &c->cwd, dir);
}

uint32_t
fs_context_set_umask(struct fs_context *c, uint32_t umask)
{
	return atomic_exchange(&c->umask, umask & 0777);
}
