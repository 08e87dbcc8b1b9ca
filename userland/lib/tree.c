/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/tree.c - copying and removing whole trees of files, for cp, mv
 * and rm.
 *
 * A file that cannot be copied or removed is complained about, and the walk
 * goes on with the next; tree_copy() and tree_remove() then return -1.  Links
 * are copied as links in a deep copy.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ulib.h"

/*
 * The outermost folder that this copy has made, or st_ino 0.  Without it a copy
 * of `a` into `a/b` would copy itself for ever.
 */
static struct stat made;

static int
keep(const char *to, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	int result = 0;

	/* Only root may give files away: that failure is no error. */
	if (lchown(to, st->st_uid, st->st_gid) != 0 && errno != EPERM)
		result = -1;
	if (!S_ISLNK(st->st_mode) && chmod(to, st->st_mode & 07777) != 0)
		result = -1;
	if (utimensat(AT_FDCWD, to, times, AT_SYMLINK_NOFOLLOW) != 0)
		result = -1;
	if (result != 0)
		complain(to);
	return result;
}

static int
copy_file(const char *from, const char *to, const struct stat *st)
{
	int in, out, result;

	in = open(from, O_RDONLY | O_CLOEXEC);
	if (in < 0) {
		complain(from);
		return -1;
	}
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
		   st->st_mode & 0777);
	if (out < 0) {
		complain(to);
		close(in);
		return -1;
	}
	result = copy_fd(in, from, out, to);
	close(in);
	if (close(out) != 0 && result == 0) {
		complain(to);
		result = -1;
	}
	return result;
}

static int
copy_link(const char *from, const char *to)
{
	char text[PATH_MAX];
	ssize_t length = readlink(from, text, sizeof(text) - 1);

	if (length < 0) {
		complain(from);
		return -1;
	}
	text[length] = '\0';
	if (unlink(to) != 0 && errno != ENOENT) {
		complain(to);
		return -1;
	}
	if (symlink(text, to) != 0) {
		complain(to);
		return -1;
	}
	return 0;
}

static int
copy_folder(const char *from, const char *to, const struct stat *st, int flags)
{
	bool outermost = made.st_ino == 0, fresh;
	struct stat now;
	char **names;
	int result = 0;

	/* Writable while it is being filled; the true mode comes last. */
	fresh = mkdir(to, (st->st_mode & 0777) | 0700) == 0;
	if ((!fresh && errno != EEXIST) || stat(to, &now) != 0) {
		complain(to);
		return -1;
	}
	if (!S_ISDIR(now.st_mode)) {
		complain_as("%s: Not a directory", to);
		return -1;
	}
	if (fresh && outermost)
		made = now;
	names = path_list(from);
	for (char **name = names; *name != NULL; name++) {
		char *inner_from = path_join(from, *name);
		char *inner_to = path_join(to, *name);

		if (tree_copy(inner_from, inner_to, flags) != 0)
			result = -1;
		free(inner_from);
		free(inner_to);
	}
	path_list_free(names);
	if (outermost)
		made.st_ino = 0;
	if (fresh && (st->st_mode & 0700) != 0700 &&
	    chmod(to, now.st_mode & 0777 & ~(~st->st_mode & 0700)) != 0) {
		complain(to);
		result = -1;
	}
	return result;
}

/* Reasons not to begin: complains about one and returns true. */
static bool
copy_refused(const char *from, const char *to, const struct stat *st, int flags)
{
	struct stat there;

	if (S_ISDIR(st->st_mode) && (flags & TREE_DEEP) == 0) {
		complain_as("%s: Is a directory (use -r to copy it)", from);
		return true;
	}
	if (made.st_ino != 0 && st->st_ino == made.st_ino &&
	    st->st_dev == made.st_dev) {
		complain_as("%s: cannot copy a directory into itself", from);
		return true;
	}
	if (stat(to, &there) == 0 && there.st_ino == st->st_ino &&
	    there.st_dev == st->st_dev) {
		complain_as("%s and %s are the same file", from, to);
		return true;
	}
	return false;
}

int
tree_copy(const char *from, const char *to, int flags)
{
	struct stat st;
	int result;

	if (((flags & TREE_DEEP) ? lstat(from, &st) : stat(from, &st)) != 0) {
		complain(from);
		return -1;
	}
	if (copy_refused(from, to, &st, flags))
		return -1;
	if (S_ISDIR(st.st_mode)) {
		result = copy_folder(from, to, &st, flags);
	} else if (S_ISLNK(st.st_mode)) {
		result = copy_link(from, to);
	} else if (S_ISREG(st.st_mode) || (flags & TREE_DEEP) == 0) {
		result = copy_file(from, to, &st);
	} else {
		result = mknod(to, st.st_mode, st.st_rdev);
		if (result != 0)
			complain(to);
	}
	if (result == 0 && (flags & TREE_KEEP) != 0)
		result = keep(to, &st);
	return result;
}

int
tree_remove(const char *path)
{
	struct stat st;
	char **names;
	int result = 0;

	if (lstat(path, &st) != 0) {
		complain(path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode)) {
		result = unlink(path);
		if (result != 0)
			complain(path);
		return result;
	}
	names = path_list(path);
	for (char **name = names; *name != NULL; name++) {
		char *inner = path_join(path, *name);

		if (tree_remove(inner) != 0)
			result = -1;
		free(inner);
	}
	path_list_free(names);
	if (result == 0 && rmdir(path) != 0) {
		complain(path);
		result = -1;
	}
	return result;
}
