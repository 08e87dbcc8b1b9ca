/* SPDX-License-Identifier: MIT */
/*
 * syscall/dir.c - calls on directories, file names and mounts: getcwd, chdir,
 * fchdir, chroot, mkdirat, mknodat, unlinkat, symlinkat, linkat, renameat2,
 * readlinkat, getdents64, mount, umount2.
 *
 * The calls copy path arguments into kernel memory, find the directory where
 * the lookup starts (syscall/filecall.h), and call fs/.  A struct name holds a
 * path and its start directory, for calls that create or remove a name.
 */
#include "syscall/filecall.h"

#include "fs/current.h"
#include "fs/fd.h"
#include "fs/file.h"
#include "fs/getpath.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/path.h"
#include "fs/rights.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/access.h"

#define MS_REMOUNT 32u
/*
 * Flags that mount refuses, since Tine lacks these features: bind mounts and
 * moves (MS_BIND, MS_MOVE), mount propagation (MS_UNBINDABLE to MS_SHARED),
 * synchronous writes (MS_SYNCHRONOUS, MS_DIRSYNC), and a ban on symbolic links
 * (MS_NOSYMFOLLOW).
 */
#define MS_REFUSED 0x801e3190u /* and MS_NOUSER, which no program may set */
#define MS_MAGIC   0xc0edu     /* upper half of the flags of old programs */

#define UMOUNT_NOFOLLOW 8u
#define UMOUNT_KNOWN	(3u | UMOUNT_NOFOLLOW) /* MNT_FORCE, MNT_DETACH */

static bool
is_root(void)
{
	return thread_current()->cred.euid == 0;
}

int64_t
sys_getcwd(uaddr_t buf, size_t size)
{
	struct inode *cwd = fs_context_cwd(current_fs());
	char *path = kmalloc(PATH_MAX);
	ssize_t n = -ENOMEM;

	if (path != NULL)
		n = vfs_dir_path(cwd, true, path, PATH_MAX);
	inode_put(cwd);
	/* getcwd returns the length of the path, including the NUL. */
	if (n >= 0) {
		n = (ssize_t)strlen(path) + 1;
		if ((uint64_t)n > size)
			n = -ERANGE;
		else if (copy_to_user(buf, path, (size_t)n) != 0)
			n = -EFAULT;
	}
	kfree(path);
	return n;
}

static int64_t
change_dir(struct inode *dir)
{
	int err =
		S_ISDIR(dir->mode) ? inode_permission(dir, MAY_EXEC) : -ENOTDIR;

	if (err == 0)
		fs_context_set_cwd(current_fs(), dir);
	else
		inode_put(dir);
	return err;
}

int64_t
sys_chdir(uaddr_t path)
{
	struct inode *dir;
	int err = inode_at(AT_FDCWD, path, 0, &dir);

	return err != 0 ? err : change_dir(dir);
}

int64_t
sys_fchdir(int fd)
{
	struct file *f = fd_get_any(fd);
	int64_t r;

	if (f == NULL)
		return -EBADF;
	r = change_dir(inode_get(f->inode));
	file_put(f);
	return r;
}

int64_t
sys_chroot(uaddr_t path)
{
	struct inode *dir;
	int err = inode_at(AT_FDCWD, path, 0, &dir);

	if (err != 0)
		return err;
	err = S_ISDIR(dir->mode) ? inode_permission(dir, MAY_EXEC) : -ENOTDIR;
	if (err == 0 && !is_root())
		err = -EPERM;
	if (err == 0)
		fs_context_set_root(current_fs(), dir);
	else
		inode_put(dir);
	return err;
}

/* A path argument, and the directory where its lookup starts. */
struct name {
	char *path;
	struct inode *start;
};

static int
name_get(struct name *n, int dfd, uaddr_t path)
{
	int err = path_from_user(path, &n->path);

	if (err != 0)
		return err;
	err = start_at(dfd, n->path, &n->start);
	if (err != 0)
		kfree(n->path);
	return err;
}

static void
name_put(struct name *n)
{
	inode_put(n->start);
	kfree(n->path);
}

int64_t
sys_mkdirat(int dirfd, uaddr_t path, uint32_t mode)
{
	struct name n;
	int err = name_get(&n, dirfd, path);

	if (err != 0)
		return err;
	err = vfs_mkdir(n.start, n.path, mode);
	name_put(&n);
	return err;
}

int64_t
sys_mknodat(int dirfd, uaddr_t path, uint32_t mode, uint32_t dev)
{
	struct name n;
	int err = mknod_check(mode);

	if (err == 0)
		err = name_get(&n, dirfd, path);
	if (err != 0)
		return err;
	err = vfs_mknod(n.start, n.path, mode, dev);
	name_put(&n);
	return err;
}

int64_t
sys_unlinkat(int dirfd, uaddr_t path, unsigned flags)
{
	struct name n;
	int err;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	err = name_get(&n, dirfd, path);
	if (err != 0)
		return err;
	err = flags & AT_REMOVEDIR ? vfs_rmdir(n.start, n.path)
				   : vfs_unlink(n.start, n.path);
	name_put(&n);
	return err;
}

int64_t
sys_symlinkat(uaddr_t target, int dirfd, uaddr_t path)
{
	struct name n;
	char *text;
	int err = path_from_user(target, &text);

	if (err != 0)
		return err;
	err = name_get(&n, dirfd, path);
	if (err == 0) {
		err = text[0] == '\0' ? -ENOENT
				      : vfs_symlink(text, n.start, n.path);
		name_put(&n);
	}
	kfree(text);
	return err;
}

int64_t
sys_linkat(int old_dirfd, uaddr_t old_path, int new_dirfd, uaddr_t new_path,
	   unsigned flags)
{
	unsigned how = flags & AT_EMPTY_PATH;
	struct inode *old;
	struct name n;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	/*
	 * Only root may link an open file: other users may lack search
	 * permission for its path.
	 */
	if ((flags & AT_EMPTY_PATH) && thread_current()->cred.euid != 0)
		return -ENOENT;
	if ((flags & AT_SYMLINK_FOLLOW) == 0)
		how |= AT_SYMLINK_NOFOLLOW;
	err = inode_at(old_dirfd, old_path, how, &old);
	if (err != 0)
		return err;
	err = name_get(&n, new_dirfd, new_path);
	if (err == 0) {
		err = vfs_link(old, n.start, n.path);
		name_put(&n);
	}
	inode_put(old);
	return err;
}

int64_t
sys_renameat2(int old_dirfd, uaddr_t old_path, int new_dirfd, uaddr_t new_path,
	      unsigned flags)
{
	struct name from, to;
	int err;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE)) ||
	    flags == (RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	err = name_get(&from, old_dirfd, old_path);
	if (err != 0)
		return err;
	err = name_get(&to, new_dirfd, new_path);
	if (err == 0) {
		err = vfs_rename(from.start, from.path, to.start, to.path,
				 flags);
		name_put(&to);
	}
	name_put(&from);
	return err;
}

int64_t
sys_readlinkat(int dirfd, uaddr_t path, uaddr_t buf, int size)
{
	struct inode *link;
	char *text;
	ssize_t n;
	int err;

	if (size <= 0)
		return -EINVAL;
	err = inode_at(dirfd, path, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, &link);
	if (err != 0)
		return err;
	size = MIN(size, PATH_MAX);
	text = kmalloc(size);
	if (!S_ISLNK(link->mode))
		n = path_is_empty(path) == 1 ? -ENOENT : -EINVAL;
	else if (text == NULL)
		n = -ENOMEM;
	else
		n = link->ops->readlink(link, text, size);
	if (n > 0 && copy_to_user(buf, text, (size_t)n) != 0)
		n = -EFAULT;
	kfree(text);
	inode_put(link);
	return n;
}

/* ---- getdents64 ---- */

struct dents {
	uint64_t at, end; /* in user memory */
	int error;
};

/*
 * Store one record: inode number (8 bytes), next offset (8), length (2), type
 * (1), the name and a NUL, padded to a multiple of 8 bytes.
 */
static bool
emit_dirent(void *arg, const char *name, size_t len, uint64_t ino, uint8_t type,
	    uint64_t next)
{
	struct dents *d = arg;
	size_t reclen = ROUND_UP(19 + len + 1, (size_t)8);
	uint8_t rec[ROUND_UP(19 + NAME_MAX + 1, 8)];
	uint16_t n16 = (uint16_t)reclen;

	if (reclen > d->end - d->at) {
		d->error = -EINVAL; /* returned if no record fits */
		return false;
	}
	memset(rec, 0, reclen);
	memcpy(rec, &ino, 8);
	memcpy(rec + 8, &next, 8);
	memcpy(rec + 16, &n16, 2);
	rec[18] = type;
	memcpy(rec + 19, name, len);
	if (copy_to_user(d->at, rec, reclen) != 0) {
		d->error = -EFAULT;
		return false;
	}
	d->at += reclen;
	return true;
}

static int64_t
read_dir(struct file *f, uaddr_t buf, uint64_t size)
{
	struct inode *dir = f->inode;
	struct dents d = { .at = buf, .end = buf + size };
	int err;

	if (!S_ISDIR(dir->mode) || dir->ops->readdir == NULL)
		return -ENOTDIR;
	mutex_lock(&f->pos_lock);
	mutex_lock(&dir->lock);
	err = dir->nlink == 0
		      ? -ENOENT
		      : dir->ops->readdir(dir, &f->pos, emit_dirent, &d);
	mutex_unlock(&dir->lock);
	mutex_unlock(&f->pos_lock);
	if (d.at != buf)
		return (int64_t)(d.at - buf);
	return err != 0 ? err : d.error;
}

int64_t
sys_getdents64(int fd, uaddr_t buf, unsigned size)
{
	struct file *f = fd_get(fd);
	int64_t r;

	if (f == NULL)
		return -EBADF;
	r = read_dir(f, buf, MIN(size, (unsigned)INT32_MAX));
	file_put(f);
	return r;
}

/* ---- mounts ---- */

/*
 * May the current thread mount or unmount at `where`?  0; an error of the
 * lookup, for every user; -EPERM: `where` exists, but the thread is not root.
 */
static int
check_mounter(const char *where, unsigned how)
{
	struct inode *place;
	int err = vfs_lookup(NULL, where, how, &place);

	if (err != 0)
		return err;
	inode_put(place);
	return is_root() ? 0 : -EPERM;
}

/* The strings are in kernel memory; src and kind may be NULL. */
static int
mount_at(const char *src, const char *where, const char *kind, unsigned flags)
{
	int err = check_mounter(where, LOOKUP_FOLLOW);

	if (err != 0)
		return err;
	if (flags >> 16 == MS_MAGIC)
		flags &= 0xffff;
	if (flags & MS_REFUSED)
		return -EINVAL;
	if (flags & MS_REMOUNT)
		return vfs_remount(where, flags & 0xf);
	return kind == NULL ? -EINVAL
			    : vfs_mount(src, where, kind, flags & 0xf, NULL);
}

int64_t
sys_mount(uaddr_t source, uaddr_t target, uaddr_t type, unsigned flags,
	  uaddr_t data)
{
	char *src = NULL, *where = NULL, *kind = NULL;
	int err = 0;

	if (type != 0)
		err = path_from_user(type, &kind);
	if (err == 0 && source != 0)
		err = path_from_user(source, &src);
	if (err == 0)
		err = path_from_user(target, &where);
	if (err == 0)
		err = mount_at(src, where, kind, flags);
	kfree(kind);
	kfree(src);
	kfree(where);
	return err;
}

int64_t
sys_umount2(uaddr_t target, unsigned flags)
{
	unsigned how = flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	char *where;
	int err;

	if (flags & ~UMOUNT_KNOWN)
		return -EINVAL;
	err = path_from_user(target, &where);
	if (err != 0)
		return err;
	err = check_mounter(where, how);
	if (err == 0)
		err = vfs_umount(where, how != 0);
	kfree(where);
	return err;
}
