/* SPDX-License-Identifier: MIT */
/*
 * fs/initrd.c - unpack an initial RAM disk into the root file system.
 *
 * initrd_unpack() runs once, at boot, after an empty tmpfs was mounted as root.
 * It makes each directory, file, link and device node of the archive (cpio
 * "newc", lib/cpio.h) with its mode, owner and time.  An entry that cannot be
 * made is logged and skipped; a damaged archive is logged and keeps the files
 * before the damage.
 */
#include "fs/initrd.h"

#include "fs/file.h"
#include "fs/inode.h"
#include "fs/namei.h"
#include "fs/open.h"
#include "fs/path.h"
#include "kernel/log.h"
#include "kernel/time.h"
#include "lib/cpio.h"
#include "lib/string.h"
#include "mm/slab.h"

struct archive {
	const void *bytes;
	uint64_t size;
};

/* Returns an entry's absolute path; the caller frees it.  NULL: no memory. */
static char *
path_of(const char *name)
{
	size_t n = strlen(name) + 1;
	char *path = kmalloc(n + 1);

	if (path != NULL) {
		path[0] = '/';
		memcpy(path + 1, name, n);
	}
	return path;
}

/*
 * Link `path` to the file of an earlier entry with the inode number of `e`.
 * -ENOENT: there is none.
 */
static int
link_to_earlier(const struct archive *a, const struct cpio_entry *e,
		const char *path)
{
	struct cpio_entry old;
	struct inode *inode;
	uint64_t at = 0;
	char *name;
	int err;

	while (cpio_next(a->bytes, a->size, &at, &old) > 0 &&
	       old.name != e->name) {
		if (old.ino != e->ino || !S_ISREG(old.mode))
			continue;
		name = path_of(old.name);
		if (name == NULL)
			return -ENOMEM;
		err = vfs_lookup(NULL, name, 0, &inode);
		kfree(name);
		if (err != 0)
			return err;
		err = vfs_link(inode, NULL, path);
		inode_put(inode);
		return err;
	}
	return -ENOENT;
}

static int
write_data(const struct cpio_entry *e, const char *path)
{
	struct iobuf b;
	struct file *f;
	uint64_t pos = 0;
	ssize_t n = 1;
	int err = vfs_open(path, O_WRONLY | O_CREAT, 0600, &f);

	if (err != 0)
		return err;
	iobuf_init_kernel(&b, e->data, e->size);
	while (b.left > 0 && n > 0)
		n = file_write(f, &b, &pos);
	file_put(f);
	return n < 0 ? (int)n : 0;
}

static int
make_file(const struct archive *a, const struct cpio_entry *e, const char *path)
{
	int err = -ENOENT;

	if (e->nlink > 1)
		err = link_to_earlier(a, e, path);
	/* Of the entries of one file, only the last has the data. */
	if (err == -ENOENT || (err == 0 && e->size > 0))
		err = write_data(e, path);
	return err;
}

static int
make_link(const struct cpio_entry *e, const char *path)
{
	char *target = kstrndup(e->data, e->size);
	int err = target == NULL ? -ENOMEM : vfs_symlink(target, NULL, path);

	kfree(target);
	return err;
}

static int
set_attributes(const struct cpio_entry *e, const char *path)
{
	struct inode_change owner = { .what = CHANGE_OWNER | CHANGE_UID |
					      CHANGE_GID,
				      .uid = e->uid,
				      .gid = e->gid };
	struct inode_change rest = {
		.what = CHANGE_MODE | CHANGE_ATIME | CHANGE_MTIME,
		.mode = e->mode & S_IALLUGO,
		.atime = (int64_t)(e->mtime * NSEC_PER_SEC),
		.mtime = (int64_t)(e->mtime * NSEC_PER_SEC),
	};
	struct inode *inode;
	int err = vfs_lookup(NULL, path, 0, &inode);

	if (err != 0)
		return err;
	err = vfs_setattr(inode, &owner);
	if (err == 0 && S_ISLNK(e->mode))
		rest.what &= ~CHANGE_MODE;
	if (err == 0)
		err = vfs_setattr(inode, &rest);
	inode_put(inode);
	return err;
}

static int
make(const struct archive *a, const struct cpio_entry *e, const char *path)
{
	int err;

	if (S_ISDIR(e->mode)) {
		err = vfs_mkdir(NULL, path, 0700);
		if (err == -EEXIST)
			err = 0;
	} else if (S_ISREG(e->mode)) {
		err = make_file(a, e, path);
	} else if (S_ISLNK(e->mode)) {
		err = make_link(e, path);
	} else {
		err = mknod_check(e->mode);
		if (err == 0)
			err = vfs_mknod(NULL, path, e->mode,
					DEV_MAKE(e->rdev_major, e->rdev_minor));
	}
	return err != 0 ? err : set_attributes(e, path);
}

/*
 * Set the attributes of all directories again: creating entries in a directory
 * has changed its times.
 */
static void
set_directory_times(const struct archive *a)
{
	struct cpio_entry e;
	uint64_t at = 0;

	while (cpio_next(a->bytes, a->size, &at, &e) > 0) {
		char *path = S_ISDIR(e.mode) ? path_of(e.name) : NULL;

		if (path != NULL)
			(void)set_attributes(&e, path);
		kfree(path);
	}
}

void
initrd_unpack(const void *bytes, uint64_t size)
{
	const struct archive a = { bytes, size };
	struct cpio_entry e;
	unsigned made = 0;
	uint64_t at = 0;
	int more, err;

	while ((more = cpio_next(bytes, size, &at, &e)) > 0) {
		char *path = path_of(e.name);

		err = path == NULL ? -ENOMEM : make(&a, &e, path);
		kfree(path);
		if (err == 0)
			made++;
		else
			log_error("initrd: cannot make /%s: error %d", e.name,
				  err);
	}
	if (more < 0)
		log_error("initrd: the archive is damaged at byte %lu of %lu",
			  at, size);
	set_directory_times(&a);
	log_info("initrd: %u files and directories", made);
}
