/* SPDX-License-Identifier: MIT */
/*
 * fs/namei.c - create, remove and rename directory entries.
 *
 * The entries are vfs_mkdir() to vfs_rename(), in process context; the caller
 * holds no inode lock.  Each function walks to the parent directory, acquires
 * the locks in the order of fs/inode.h, makes the checks that POSIX requires,
 * and calls the file system.  The checks are made after the locks are acquired,
 * since the tree may change during the walk.
 */
#include "fs/namei.h"

#include "fs/current.h"
#include "fs/fd.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "fs/rights.h"
#include "fs/super.h"
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/string.h"

static void
new_attr(struct inode *dir, uint32_t mode, uint32_t rdev,
	 struct inode_attr *attr)
{
	const struct cred *cred = &thread_current()->cred;

	attr->mode = mode;
	attr->uid = cred->fsuid;
	attr->gid = cred->fsgid;
	attr->rdev = rdev;
	if (dir->mode & S_ISGID) {
		attr->gid = dir->gid;
		if (S_ISDIR(mode))
			attr->mode |= S_ISGID;
	}
}

static uint32_t
apply_umask(uint32_t mode)
{
	struct fs_context *fs = current_fs();

	return fs == NULL ? mode : mode & ~fs->umask;
}

/* May the current thread add names to `dir`? */
static int
may_create(struct inode *dir)
{
	requires_lock(&dir->lock);
	if (dir->nlink == 0)
		return -ENOENT;
	return inode_permission(dir, MAY_WRITE | MAY_EXEC);
}

/*
 * May the thread remove `victim` (a directory if is_dir)?  With both locks, no
 * file system can be mounted on `victim` at the same time.
 */
static int
may_delete(struct inode *dir, struct inode *victim, bool is_dir)
{
	uint32_t uid = thread_current()->cred.fsuid;
	int err;

	requires_lock(&dir->lock);
	requires_lock(&victim->lock);
	err = inode_permission(dir, MAY_WRITE | MAY_EXEC);
	if (err != 0)
		return err;
	if ((dir->mode & S_ISVTX) && uid != 0 && uid != victim->uid &&
	    uid != dir->uid)
		return -EPERM;
	if (is_dir != S_ISDIR(victim->mode))
		return is_dir ? -ENOTDIR : -EISDIR;
	if (victim->mounted != NULL || victim == victim->sb->root)
		return -EBUSY;
	return 0;
}

/* Can the name be created (as a directory if is_dir)? */
static int
name_free(struct inode *dir, const struct last_name *n, bool is_dir)
{
	struct inode *there;
	int err;

	requires_lock(&dir->lock);
	err = dir_lookup(dir, n->name, n->len, &there);
	if (err == 0) {
		inode_put(there);
		return -EEXIST;
	}
	if (err == -ENOENT && (is_dir || !n->slash))
		err = may_create(dir);
	return err;
}

int
dir_create(struct inode *dir, const struct last_name *n, uint32_t mode,
	   uint32_t rdev, struct inode **out)
{
	struct inode_attr attr;
	int err;

	requires_lock(&dir->lock);
	err = may_create(dir);
	if (err != 0)
		return err;
	if (dir->ops->create == NULL)
		return -EPERM;
	new_attr(dir, apply_umask(mode_for_new(dir, mode)), rdev, &attr);
	err = dir->ops->create(dir, n->name, n->len, &attr, out);
	if (err == 0)
		(*out)->parent_hint = dir->ino;
	return err;
}

/* Find and lock the parent directory of a name to be created. */
static int
begin_create(struct inode *start, const char *path, bool is_dir,
	     struct last_name *n)
{
	int err = vfs_lookup_parent(start, path, n);

	if (err != 0)
		return err;
	if (n->kind != LAST_NORMAL) {
		inode_put(n->dir);
		return -EEXIST;
	}
	mutex_lock(&n->dir->lock);
	err = name_free(n->dir, n, is_dir);
	if (err != 0) {
		mutex_unlock(&n->dir->lock);
		inode_put(n->dir);
	}
	return err;
}

static void
end_create(struct last_name *n)
{
	mutex_unlock(&n->dir->lock);
	inode_put(n->dir);
}

int
vfs_mkdir(struct inode *start, const char *path, uint32_t mode)
{
	struct inode_attr attr;
	struct last_name n;
	struct inode *made;
	int err = begin_create(start, path, true, &n);

	if (err != 0)
		return err;
	if (n.dir->ops->mkdir == NULL) {
		err = -EPERM;
	} else if (n.dir->nlink >= LINK_MAX) {
		err = -EMLINK;
	} else {
		new_attr(n.dir, apply_umask((mode & 01777) | S_IFDIR), 0,
			 &attr);
		err = n.dir->ops->mkdir(n.dir, n.name, n.len, &attr, &made);
		if (err == 0)
			inode_put(made);
	}
	end_create(&n);
	return err;
}

int
mknod_check(uint32_t mode)
{
	switch (mode & S_IFMT) {
	case 0: /* a regular file */
	case S_IFREG:
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
	case S_IFSOCK:
		return 0;
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

int
vfs_mknod(struct inode *start, const char *path, uint32_t mode, uint32_t rdev)
{
	bool is_device = S_ISCHR(mode) || S_ISBLK(mode);
	struct last_name n;
	struct inode *made;
	int err;

	assert(mknod_check(mode) == 0);
	if ((mode & S_IFMT) == 0)
		mode |= S_IFREG;
	err = begin_create(start, path, false, &n);
	if (err != 0)
		return err;
	/* Every user may make character device 0: it has no driver. */
	if (is_device && !(S_ISCHR(mode) && rdev == 0) &&
	    thread_current()->cred.euid != 0)
		err = -EPERM;
	else
		err = dir_create(n.dir, &n, mode & (S_IFMT | S_IALLUGO),
				 is_device ? rdev : 0, &made);
	if (err == 0)
		inode_put(made);
	end_create(&n);
	return err;
}

int
vfs_symlink(const char *target, struct inode *start, const char *path)
{
	struct inode_attr attr;
	struct last_name n;
	int err;

	if (*target == '\0')
		return -ENOENT;
	err = begin_create(start, path, false, &n);
	if (err != 0)
		return err;
	if (n.dir->ops->symlink == NULL) {
		err = -EPERM;
	} else {
		new_attr(n.dir, S_IFLNK | 0777, 0, &attr);
		err = n.dir->ops->symlink(n.dir, n.name, n.len, &attr, target);
	}
	end_create(&n);
	return err;
}

int
vfs_link(struct inode *old, struct inode *start, const char *path)
{
	struct last_name n;
	int err;

	err = begin_create(start, path, false, &n);
	if (err != 0)
		return err;
	if (n.dir->sb != old->sb) {
		err = -EXDEV;
	} else if (S_ISDIR(old->mode) || n.dir->ops->link == NULL) {
		err = -EPERM;
	} else {
		mutex_lock(&old->lock);
		if (old->nlink == 0)
			err = -ENOENT;
		else if (old->nlink >= LINK_MAX)
			err = -EMLINK;
		else
			err = n.dir->ops->link(n.dir, n.name, n.len, old);
		if (err == 0)
			old->parent_hint = n.dir->ino;
		mutex_unlock(&old->lock);
	}
	end_create(&n);
	return err;
}

/*
 * A removed directory keeps a reference to its parent, so that ".." still works
 * for a thread in that working directory.
 */
static void
remember_above(struct inode *removed, struct inode *dir)
{
	requires_lock(&dir->lock);
	requires_lock(&removed->lock);
	if (S_ISDIR(removed->mode) && removed->nlink == 0)
		removed->above = inode_get(dir);
}

/* Remove a name, as rmdir(2) if is_dir, else as unlink(2). */
static int
remove_locked(struct last_name *n, bool is_dir)
{
	struct inode *dir = n->dir, *victim;
	int err;

	requires_lock(&n->dir->lock);
	err = dir_lookup(dir, n->name, n->len, &victim);
	if (err != 0)
		return err;
	mutex_lock(&victim->lock);
	if (!is_dir && n->slash)
		err = S_ISDIR(victim->mode) ? -EISDIR : -ENOTDIR;
	if (err == 0)
		err = may_delete(dir, victim, is_dir);
	if (err == 0 && (dir->ops->unlink == NULL || dir->ops->rmdir == NULL))
		err = -EPERM;
	if (err == 0 && is_dir)
		err = dir->ops->rmdir(dir, n->name, n->len, victim);
	else if (err == 0)
		err = dir->ops->unlink(dir, n->name, n->len, victim);
	if (err == 0)
		remember_above(victim, dir);
	mutex_unlock(&victim->lock);
	inode_put(victim);
	return err;
}

int
vfs_unlink(struct inode *start, const char *path)
{
	struct last_name n;
	int err = vfs_lookup_parent(start, path, &n);

	if (err != 0)
		return err;
	if (n.kind != LAST_NORMAL) {
		err = -EISDIR;
	} else {
		mutex_lock(&n.dir->lock);
		err = remove_locked(&n, false);
		mutex_unlock(&n.dir->lock);
	}
	inode_put(n.dir);
	return err;
}

int
vfs_rmdir(struct inode *start, const char *path)
{
	struct last_name n;
	struct superblock *sb;
	int err = vfs_lookup_parent(start, path, &n);

	if (err != 0)
		return err;
	switch (n.kind) {
	case LAST_DOT:
		err = -EINVAL;
		break;
	case LAST_DOTDOT:
		err = -ENOTEMPTY;
		break;
	case LAST_ROOT:
		err = -EBUSY;
		break;
	case LAST_NORMAL:
		/*
		 * Exclude renames, which could change the lock order of n.dir
		 * and the victim.
		 */
		sb = n.dir->sb;
		mutex_lock(&sb->rename_lock);
		mutex_lock(&n.dir->lock);
		err = remove_locked(&n, true);
		mutex_unlock(&n.dir->lock);
		mutex_unlock(&sb->rename_lock);
		break;
	}
	inode_put(n.dir);
	return err;
}

/* ---- rename ---- */

/*
 * Is `above` the directory `dir` or one of its ancestors?  1, 0 or -errno.
 * Under sb->rename_lock no directory moves meanwhile.
 */
static int
is_ancestor(struct inode *above, struct inode *dir)
{
	struct inode *up;
	int err;

	requires_lock(&dir->sb->rename_lock);
	inode_get(dir);
	while (dir != above && dir != dir->sb->root) {
		mutex_lock(&dir->lock);
		err = dir->nlink == 0 ? -ENOENT
				      : dir->ops->lookup(dir, "..", 2, &up);
		mutex_unlock(&dir->lock);
		inode_put(dir);
		if (err != 0)
			return err;
		dir = up;
	}
	err = dir == above;
	inode_put(dir);
	return err;
}

/*
 * Lock two directories, which may be equal: an ancestor first, else in the
 * order of their addresses.  0 or -errno.
 */
static int
lock_two_dirs(struct inode *a, struct inode *b)
{
	int below;

	if (a == b) {
		mutex_lock(&a->lock);
		return 0;
	}
	below = is_ancestor(b, a);
	if (below < 0)
		return below;
	if (!below && a > b) {
		int r = is_ancestor(a, b);

		if (r < 0)
			return r;
		below = !r;
	}
	mutex_lock(below ? &b->lock : &a->lock);
	mutex_lock(below ? &a->lock : &b->lock);
	return 0;
}

static void
unlock_two(struct inode *a, struct inode *b)
{
	mutex_unlock(&a->lock);
	if (b != NULL && b != a)
		mutex_unlock(&b->lock);
}

struct rename {
	struct last_name from, to;
	struct inode *inode, *target; /* target NULL: the name is new */
	unsigned flags;
};

/*
 * Check that the directories exist and that the names suit flags and slashes.
 */
static int
rename_check_names(const struct rename *r)
{
	requires_lock(&r->from.dir->lock);
	requires_lock(&r->to.dir->lock);
	if (r->from.dir->nlink == 0 || r->to.dir->nlink == 0)
		return -ENOENT;
	if (r->target != NULL && (r->flags & RENAME_NOREPLACE))
		return -EEXIST;
	if (r->target == NULL && (r->flags & RENAME_EXCHANGE))
		return -ENOENT;
	if (!S_ISDIR(r->inode->mode) &&
	    (r->from.slash || (r->to.slash && r->target == NULL)))
		return -ENOTDIR;
	return 0;
}

/* Check permissions and POSIX rules. */
static int
rename_check(const struct rename *r)
{
	bool exchange = (r->flags & RENAME_EXCHANGE) != 0;
	bool is_dir = S_ISDIR(r->inode->mode);
	int err;

	requires_lock(&r->inode->lock);
	requires_lock(&r->to.dir->lock);
	err = may_delete(r->from.dir, r->inode, is_dir);
	if (err == 0 && r->target == NULL)
		err = may_create(r->to.dir);
	else if (err == 0)
		err = may_delete(r->to.dir, r->target,
				 exchange ? S_ISDIR(r->target->mode) : is_dir);
	if (err != 0)
		return err;
	if (is_dir && r->from.dir != r->to.dir) {
		if (r->target == NULL && r->to.dir->nlink >= LINK_MAX)
			return -EMLINK;
		/* Moving a directory rewrites its ".." entry. */
		err = inode_permission(r->inode, MAY_WRITE);
		if (err != 0)
			return err;
	}
	if (exchange && S_ISDIR(r->target->mode) && r->from.dir != r->to.dir) {
		err = inode_permission(r->target, MAY_WRITE);
		if (err != 0)
			return err;
	}
	if (r->from.dir->ops->rename == NULL)
		return -EPERM;
	return 0;
}

/*
 * Lock the source and target inodes, and rename.  Neither inode is an ancestor
 * of the two directories.  Source and target may be locked in any order,
 * because only a rename locks both, and rename_lock admits one rename at a
 * time.
 */
static int
rename_locked(struct rename *r)
{
	int err = rename_check_names(r);

	if (err != 0)
		return err;
	if (r->inode == r->target)
		return 0; /* links to one file: POSIX requires no change */
	mutex_lock(&r->inode->lock);
	if (r->target != NULL)
		mutex_lock(&r->target->lock);
	err = rename_check(r);
	if (err == 0)
		err = r->from.dir->ops->rename(r->from.dir, r->from.name,
					       r->from.len, r->to.dir,
					       r->to.name, r->to.len, r->inode,
					       r->target,
					       r->flags & RENAME_EXCHANGE);
	if (err == 0)
		r->inode->parent_hint = r->to.dir->ino;
	if (err == 0 && (r->flags & RENAME_EXCHANGE) != 0)
		r->target->parent_hint = r->from.dir->ino;
	else if (err == 0 && r->target != NULL)
		remember_above(r->target, r->to.dir);
	unlock_two(r->inode, r->target);
	return err;
}

/*
 * Look up both inodes, and check that no directory would move below itself.
 * Unlocks each directory after its lookup, so rename_try() repeats both lookups
 * with both directories locked.
 */
static int
rename_find(struct rename *r)
{
	int err, sub;

	requires_lock(&r->from.dir->sb->rename_lock);
	mutex_lock(&r->from.dir->lock);
	err = dir_lookup(r->from.dir, r->from.name, r->from.len, &r->inode);
	mutex_unlock(&r->from.dir->lock);
	if (err != 0)
		return err;
	mutex_lock(&r->to.dir->lock);
	err = dir_lookup(r->to.dir, r->to.name, r->to.len, &r->target);
	mutex_unlock(&r->to.dir->lock);
	if (err != 0 && err != -ENOENT)
		return err;
	if (S_ISDIR(r->inode->mode)) {
		sub = is_ancestor(r->inode, r->to.dir);
		if (sub != 0)
			return sub < 0 ? sub : -EINVAL;
	}
	if (r->target != NULL && S_ISDIR(r->target->mode)) {
		sub = is_ancestor(r->target, r->from.dir);
		if (sub != 0)
			return sub < 0			       ? sub
			       : (r->flags & RENAME_NOREPLACE) ? -EEXIST
			       : (r->flags & RENAME_EXCHANGE)  ? -EINVAL
							       : -ENOTEMPTY;
	}
	return 0;
}

/* Does the name still refer to `inode` (NULL: to no inode)? */
static bool
still_names(const struct last_name *n, const struct inode *inode)
{
	struct inode *now = NULL;
	int err;

	requires_lock(&n->dir->lock);
	err = dir_lookup(n->dir, n->name, n->len, &now);
	inode_put(now);
	return err == 0 ? now == inode : err == -ENOENT && inode == NULL;
}

static int
rename_try(struct rename *r)
{
	int err;

	r->inode = r->target = NULL;
	err = rename_find(r);
	if (err == 0)
		err = lock_two_dirs(r->from.dir, r->to.dir);
	if (err == 0) {
		if (still_names(&r->from, r->inode) &&
		    still_names(&r->to, r->target))
			err = rename_locked(r);
		else
			err = -EAGAIN;
		unlock_two(r->from.dir, r->to.dir);
	}
	inode_put(r->inode);
	inode_put(r->target);
	return err;
}

int
vfs_rename(struct inode *from, const char *path, struct inode *to,
	   const char *to_path, unsigned flags)
{
	struct rename r = { .flags = flags };
	struct superblock *sb;
	int err;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) != 0 ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	err = vfs_lookup_parent(from, path, &r.from);
	if (err != 0)
		return err;
	err = vfs_lookup_parent(to, to_path, &r.to);
	if (err != 0)
		goto put_from;
	sb = r.from.dir->sb;
	if (sb != r.to.dir->sb) {
		err = -EXDEV;
	} else if (r.from.kind != LAST_NORMAL || r.to.kind != LAST_NORMAL) {
		err = -EBUSY;
	} else {
		mutex_lock(&sb->rename_lock);
		do {
			err = rename_try(&r);
		} while (err == -EAGAIN);
		mutex_unlock(&sb->rename_lock);
	}
	inode_put(r.to.dir);
put_from:
	inode_put(r.from.dir);
	return err;
}
