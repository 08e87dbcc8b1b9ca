/* SPDX-License-Identifier: MIT */
/*
 * syscall/filecall.c - copy the path arguments of file calls from user memory,
 * and look up paths from a directory descriptor.  syscall/filecall.h has the
 * contract.
 */
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "mm/access.h"
#include "syscall/filecall.h"

int
path_from_user(uaddr_t path, char **out)
{
	char *buf = kmalloc(PATH_MAX);
	ssize_t n;

	if (buf == NULL)
		return -ENOMEM;
	n = copy_string_from_user(buf, path, PATH_MAX);
	if (n < 0) {
		kfree(buf);
		return (int)n;
	}
	*out = buf;
	return 0;
}

int
path_is_empty(uaddr_t path)
{
	char first;

	return copy_from_user(&first, path, 1) != 0 ? -EFAULT : first == '\0';
}

int
start_at(int dfd, const char *path, struct inode **start)
{
	struct file *f;
	int err = 0;

	*start = NULL;
	if (dfd == AT_FDCWD || path[0] == '/')
		return 0;
	f = fd_get_any(dfd);
	if (f == NULL)
		return -EBADF;
	if (path[0] == '\0' || S_ISDIR(f->inode->mode))
		*start = inode_get(f->inode);
	else
		err = -ENOTDIR;
	file_put(f);
	return err;
}

int
inode_at(int dfd, uaddr_t path, unsigned flags, struct inode **out)
{
	unsigned how = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct inode *start;
	char *name = NULL;
	int err = path_from_user(path, &name);

	if (err != 0)
		return err;
	if (flags & AT_EMPTY_PATH)
		how |= LOOKUP_EMPTY;
	else if (name[0] == '\0')
		err = -ENOENT;
	if (err == 0)
		err = start_at(dfd, name, &start);
	if (err == 0) {
		err = vfs_lookup(start, name, how, out);
		inode_put(start);
	}
	kfree(name);
	return err;
}
