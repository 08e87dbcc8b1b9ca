/*
 * fs/context.c - the working directory and umask of a process.
 *
 * Counted, since threads share them.  Memory short: NULL, nothing changed.
 */
#include "fs/fd.h"
#include "mm/slab.h"

static struct fs_context *
context_new(struct inode *cwd, uint32_t umask)
{
	struct fs_context *c = kzalloc(sizeof(*c));

	if (c == NULL) {
		inode_put(cwd);
		return NULL;
	}
	spin_init(&c->lock, LOCK_FS_CONTEXT);
	c->refs = 1;
	c->cwd = cwd;
	c->umask = umask;
	return c;
}

struct fs_context *
fs_context_create(void)
{
	return context_new(inode_get(vfs_root()), 022);
}

struct fs_context *
fs_context_clone(struct fs_context *c)
{
	return context_new(fs_context_cwd(c), c->umask);
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
	inode_put(c->cwd);
	kfree(c);
}

struct inode *
fs_context_cwd(struct fs_context *c)
{
	struct inode *cwd;

	spin_lock(&c->lock);
	cwd = inode_get(c->cwd);
	spin_unlock(&c->lock);
	return cwd;
}

void
fs_context_set_cwd(struct fs_context *c, struct inode *dir)
{
	struct inode *old;

	spin_lock(&c->lock);
	old = c->cwd;
	c->cwd = dir;
	spin_unlock(&c->lock);
	inode_put(old);
}

uint32_t
fs_context_set_umask(struct fs_context *c, uint32_t umask)
{
	return atomic_exchange(&c->umask, umask & 0777);
}
