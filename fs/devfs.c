/* SPDX-License-Identifier: MIT */
/*
 * fs/devfs.c - /dev: a tmpfs that starts with a node for every device.
 *
 * devfs_mount() makes a tmpfs and adds to its root the character devices of
 * special_at(), the disks, and symbolic links to /proc/self/fd.  Afterwards
 * /dev behaves like any tmpfs.  Disks are found at boot, before the mount.
 * When memory is short, the mount fails with -ENOMEM and frees the tmpfs.
 */
#include "drivers/block.h"
#include "fs/init.h"
#include "fs/inode.h"
#include "fs/special.h"
#include "fs/super.h"
#include "fs/tmpfs.h"
#include "lib/string.h"

static int
add_node(struct superblock *sb, const char *name, uint32_t mode, uint32_t rdev)
{
	struct inode_attr attr = { .mode = mode, .rdev = rdev };
	struct inode *inode;
	int err = sb->root->ops->create(sb->root, name, strlen(name), &attr,
					&inode);

	if (err == 0)
		inode_put(inode);
	return err;
}

static int
add_link(struct superblock *sb, const char *name, const char *target)
{
	struct inode_attr attr = { .mode = S_IFLNK | 0777 };

	return sb->root->ops->symlink(sb->root, name, strlen(name), &attr,
				      target);
}

static int
populate(struct superblock *sb)
{
	static const char *const links[][2] = {
		{ "fd", "/proc/self/fd" },
		{ "stdin", "/proc/self/fd/0" },
		{ "stdout", "/proc/self/fd/1" },
		{ "stderr", "/proc/self/fd/2" },
	};
	const struct special_device *d;
	struct block_device *disk;
	int err = 0;

	for (unsigned i = 0; err == 0 && (d = special_at(i)) != NULL; i++)
		err = add_node(sb, d->name, S_IFCHR | d->perm, d->rdev);
	for (unsigned i = 0;
	     err == 0 && i < 256 / DISK_MINORS && (disk = block_at(i)) != NULL;
	     i++)
		err = add_node(sb, disk->name, S_IFBLK | 0660,
			       DEV_MAKE(MAJOR_DISK, i * DISK_MINORS));
	for (unsigned i = 0; err == 0 && i < ARRAY_SIZE(links); i++)
		err = add_link(sb, links[i][0], links[i][1]);
	return err;
}

static int
devfs_mount(const struct filesystem *type, struct block_device *dev,
	    unsigned flags, const char *data, struct superblock **out)
{
	struct superblock *sb;
	int err = tmpfs_make(type, flags, data, 0755, &sb);

	(void)dev;
	if (err != 0)
		return err;
	mutex_lock(&sb->root->lock);
	err = populate(sb);
	mutex_unlock(&sb->root->lock);
	if (err != 0) {
		tmpfs_discard(sb);
		return err;
	}
	*out = sb;
	return 0;
}

const struct filesystem devfs_filesystem = {
	.name = "devfs",
	.mount = devfs_mount,
};
