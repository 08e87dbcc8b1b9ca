/* SPDX-License-Identifier: MIT */
/*
 * tests/host/ext2_damage_test.c - one thing wrong with an ext2 disk at a time.
 *
 * The fuzzer asks whether anything bad happens; this asks for the right thing:
 * each kind of damage yields the error its row of the table names and a line
 * in the log, the rest of the disk stays usable, and the next e2fsck is told.
 */
#include "check.h"

#include "fs/file.h"
#include "fs/inode.h"
#include "fs/namei.h"
#include "fs/open.h"
#include "fs/pagecache.h"
#include "fs/path.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "shim/fsrig.h"
#include "shim/host.h"

#define KIB   1024u
#define BLOCK 4096u

static char image[KIB << 10];
static char data[90000];

/* ---- using the mounted disk ---- */

static ssize_t
transfer(const char *path, unsigned flags, size_t n, bool write)
{
	uint64_t pos = 0;
	struct iobuf b;
	struct file *f;
	ssize_t r =
		vfs_open(path, (write ? O_WRONLY : O_RDONLY) | flags, 0644, &f);

	if (r != 0)
		return r;
	iobuf_init_kernel(&b, data, n);
	r = write ? file_write(f, &b, &pos) : file_read(f, &b, &pos);
	file_put(f);
	return r;
}

static bool
take_all(void *arg, const char *name, size_t len, uint64_t ino, uint8_t type,
	 uint64_t next)
{
	return true;
}

static ssize_t
list(const char *path)
{
	struct inode *dir;
	uint64_t pos = 0;
	ssize_t r = vfs_lookup(NULL, path, 0, &dir);

	if (r != 0)
		return r;
	mutex_lock(&dir->lock);
	r = dir->ops->readdir(dir, &pos, take_all, NULL);
	mutex_unlock(&dir->lock);
	inode_put(dir);
	return r;
}

static ssize_t
look_up(const char *path)
{
	struct inode *inode;
	ssize_t r = vfs_lookup(NULL, path, 0, &inode);

	if (r == 0)
		inode_put(inode);
	return r;
}

static ssize_t
read_link(const char *path)
{
	struct inode *inode;
	ssize_t r = vfs_lookup(NULL, path, 0, &inode);
	char *text = malloc(BLOCK);

	if (r == 0) {
		r = inode->ops->readlink(inode, text, BLOCK);
		inode_put(inode);
	}
	free(text);
	return r;
}

enum use { MOUNT, LIST, LOOK, READ, LINK, WRITE, CREATE, MKDIR, UNLINK, RMDIR };

static ssize_t
use(enum use how, const char *path)
{
	switch (how) {
	case LIST:
		return list(path);
	case LOOK:
		return look_up(path);
	case READ:
		return transfer(path, 0, sizeof(data), false);
	case LINK:
		return read_link(path);
	case WRITE:
		return transfer(path, O_APPEND, 9000, true);
	case CREATE:
		return transfer(path, O_CREAT, 9000, true);
	case MKDIR:
		return vfs_mkdir(NULL, path, 0755);
	case UNLINK:
		return vfs_unlink(NULL, path);
	case RMDIR:
		return vfs_rmdir(NULL, path);
	default:
		return 0;
	}
}

/* ---- the good disk, and finding things in it ---- */

static void
make_image(void)
{
	char text[200];

	memset(text, 't', sizeof(text));
	text[199] = '\0';
	rig_mkfs("-I 256 -N 64", KIB);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_mkdir(NULL, "/m/dir", 0755) == 0);
	CHECK(vfs_mkdir(NULL, "/m/dir/sub", 0755) == 0);
	CHECK(vfs_mkdir(NULL, "/m/dir/sub/deep", 0755) == 0);
	CHECK(vfs_mkdir(NULL, "/m/empty", 0755) == 0);
	CHECK(transfer("/m/dir/file", O_CREAT, 100, true) == 100);
	CHECK(transfer("/m/big", O_CREAT, 90000, true) == 90000);
	CHECK(transfer("/m/good", O_CREAT, 9000, true) == 9000);
	CHECK(vfs_symlink("dir/file", NULL, "/m/short") == 0);
	CHECK(vfs_symlink(text, NULL, "/m/long") == 0);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
	memcpy(image, rig_disk->bytes, sizeof(image));
}

static char *
disk_block(uint32_t nr)
{
	return rig_disk->bytes + (uint64_t)nr * BLOCK;
}

/* Word i of group 0's descriptor: bitmaps, inode table. */
static uint32_t
group_word(unsigned i)
{
	return ((uint32_t *)disk_block(1))[i];
}

static char *
inode_at(uint32_t ino)
{
	return disk_block(group_word(2)) + (ino - 1) * 256;
}

/* Number i of the inode's 15 block numbers. */
static uint32_t
inode_block(uint32_t ino, unsigned i)
{
	return ((uint32_t *)(inode_at(ino) + 40))[i];
}

/* The entry called `name` in a directory of one block. */
static char *
entry_in(uint32_t dir, const char *name, size_t len)
{
	char *e = disk_block(inode_block(dir, 0)), *end = e + BLOCK;

	while (e < end) {
		if (((uint8_t *)e)[6] == len && memcmp(e + 8, name, len) == 0)
			return e;
		e += *(uint16_t *)(e + 4);
	}
	printf("# no entry %s\n", name);
	exit(99);
}

/* The entry that a path (below /m, "" for the root) ends in. */
static char *
entry_of(const char *path)
{
	uint32_t dir = 2;

	for (;;) {
		const char *end = strchr(path, '/');

		if (end == NULL)
			return entry_in(dir, path, strlen(path));
		dir = *(uint32_t *)entry_in(dir, path, (size_t)(end - path));
		path = end + 1;
	}
}

static uint32_t
ino_of(const char *path)
{
	return path[0] == '\0' ? 2 : *(uint32_t *)entry_of(path);
}

/* ---- the table ---- */

enum place { SUPER, GROUP, INODE, ENTRY, BLOCK0, MAP, BLOCK_MAP, INODE_MAP };

static char *
place_at(enum place p, const char *of)
{
	switch (p) {
	case SUPER:
		return rig_disk->bytes + 1024;
	case GROUP:
		return disk_block(1);
	case INODE:
		return inode_at(ino_of(of));
	case ENTRY:
		return entry_of(of);
	case BLOCK0: /* of a directory or a long link */
		return disk_block(inode_block(ino_of(of), 0));
	case MAP: /* the first map block of a file */
		return disk_block(inode_block(ino_of(of), 12));
	case BLOCK_MAP:
		return disk_block(group_word(0));
	default:
		return disk_block(group_word(1));
	}
}

struct damage {
	enum place place;
	const char *of; /* path below /m */
	unsigned offset, width;
	uint64_t value;
	enum use use;
	const char *path;
	int expect;
};

#define ROOT "/m"

static const struct damage table[] = {
	/* The superblock: nothing is mounted. */
	{ SUPER, "", 56, 2, 0x1234, MOUNT, ROOT, -EINVAL },
	{ SUPER, "", 0, 4, 0, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 0, 4, 9999, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 4, 4, 0, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 4, 4, UINT32_MAX, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 4, 4, 4097, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 20, 4, 7, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 24, 4, 31, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 32, 4, 0, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 32, 4, 8, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 40, 4, 0, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 40, 4, UINT32_MAX, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 76, 4, 7, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 84, 4, 0, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 84, 4, UINT32_MAX, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 88, 2, 0, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 88, 2, 4095, MOUNT, ROOT, -EUCLEAN },
	{ SUPER, "", 96, 4, 0x40, MOUNT, ROOT, -EUCLEAN },
	/* The group descriptor: neither. */
	{ GROUP, "", 0, 4, 0, MOUNT, ROOT, -EUCLEAN },
	{ GROUP, "", 0, 4, UINT32_MAX, MOUNT, ROOT, -EUCLEAN },
	{ GROUP, "", 4, 4, 256, MOUNT, ROOT, -EUCLEAN },
	{ GROUP, "", 8, 4, 255, MOUNT, ROOT, -EUCLEAN },
	{ GROUP, "", 8, 4, 2, MOUNT, ROOT, -EUCLEAN },
	{ GROUP, "", 12, 2, 60000, MOUNT, ROOT, -EUCLEAN },
	{ GROUP, "", 14, 2, 60000, MOUNT, ROOT, -EUCLEAN },
	/* The root directory's inode. */
	{ INODE, "", 0, 2, 0100644, MOUNT, ROOT, -EUCLEAN },
	{ INODE, "", 26, 2, 0, MOUNT, ROOT, -EUCLEAN },
	{ INODE, "", 4, 4, 0, MOUNT, ROOT, -EUCLEAN },
	{ INODE, "", 40, 4, 0, MOUNT, ROOT, -EUCLEAN },
	/* Other inodes. */
	{ INODE, "dir/file", 0, 2, 0, LOOK, "/m/dir/file", -EUCLEAN },
	{ INODE, "dir/file", 0, 2, 0070644, READ, "/m/dir/file", -EUCLEAN },
	{ INODE, "dir/file", 26, 2, 0, LOOK, "/m/dir/file", -EUCLEAN },
	{ INODE, "dir/file", 108, 4, UINT32_MAX, LOOK, "/m/dir/file",
	  -EUCLEAN },
	{ INODE, "dir/file", 40, 4, UINT32_MAX, READ, "/m/dir/file", -EUCLEAN },
	{ INODE, "dir/file", 40, 4, 256, READ, "/m/dir/file", -EUCLEAN },
	{ INODE, "dir/file", 40, 4, 1, READ, "/m/dir/file", -EUCLEAN },
	{ INODE, "big", 88, 4, 256, WRITE, "/m/big", -EUCLEAN },
	{ INODE, "big", 88, 4, 1, WRITE, "/m/big", -EUCLEAN },
	{ INODE, "dir", 4, 4, 0, LOOK, "/m/dir", -EUCLEAN },
	{ INODE, "dir", 4, 4, 4095, LOOK, "/m/dir", -EUCLEAN },
	{ INODE, "dir", 4, 4, 0xfffff000, LOOK, "/m/dir", -EUCLEAN },
	{ INODE, "dir", 4, 4, 8192, LIST, "/m/dir", -EUCLEAN },
	{ INODE, "dir", 40, 4, 0, LOOK, "/m/dir", -EUCLEAN },
	{ INODE, "dir", 40, 4, 1, LOOK, "/m/dir", -EUCLEAN },
	{ INODE, "dir", 40, 4, 70000, LIST, "/m/dir", -EUCLEAN },
	{ INODE, "short", 4, 4, 0, LINK, "/m/short", -EUCLEAN },
	{ INODE, "short", 4, 4, 60, LINK, "/m/short", -EUCLEAN },
	{ INODE, "short", 4, 4, 4000, LINK, "/m/short", -EUCLEAN },
	{ INODE, "long", 4, 4, 4096, LINK, "/m/long", -EUCLEAN },
	{ INODE, "long", 40, 4, 0, LINK, "/m/long", -EUCLEAN },
	{ INODE, "long", 40, 4, 5000, LINK, "/m/long", -EUCLEAN },
	/* Map blocks. */
	{ MAP, "big", 36, 4, UINT32_MAX, WRITE, "/m/big", -EUCLEAN },
	{ MAP, "big", 36, 4, 1, READ, "/m/big", 86016 },
	/* Entries of directories. */
	{ ENTRY, "dir/file", 4, 2, 0, LOOK, "/m/dir/none", -EUCLEAN },
	{ ENTRY, "dir/file", 4, 2, 8, LIST, "/m/dir", -EUCLEAN },
	{ ENTRY, "dir/file", 4, 2, 13, LIST, "/m/dir", -EUCLEAN },
	{ ENTRY, "dir/file", 4, 2, 8000, LIST, "/m/dir", -EUCLEAN },
	{ ENTRY, "dir/file", 4, 2, 8000, CREATE, "/m/dir/new", -EUCLEAN },
	{ ENTRY, "dir/sub", 6, 1, 255, LIST, "/m/dir", -EUCLEAN },
	/* Four bytes are left behind the last one. */
	{ ENTRY, "dir/file", 4, 2, 4056, LIST, "/m/dir", -EUCLEAN },
	{ ENTRY, "dir/file", 4, 2, 4056, LOOK, "/m/dir/none", -EUCLEAN },
	{ ENTRY, "dir/file", 0, 4, 65, LOOK, "/m/dir/file", -EUCLEAN },
	{ ENTRY, "dir/file", 0, 4, UINT32_MAX, LIST, "/m/dir", -EUCLEAN },
	{ ENTRY, "dir/file", 0, 4, 1, LOOK, "/m/dir/file", -EUCLEAN },
	{ ENTRY, "dir/file", 0, 4, 8, LOOK, "/m/dir/file", -EUCLEAN },
	{ ENTRY, "dir/file", 0, 4, 60, LOOK, "/m/dir/file", -EUCLEAN },
	/* Directories that are no tree. */
	{ ENTRY, "dir/sub", 0, 4, 2, LOOK, "/m/dir/sub", -EUCLEAN },
	{ ENTRY, "dir/sub/deep", 0, 4, 12, LOOK, "/m/dir/sub/deep", -EUCLEAN },
	{ BLOCK0, "dir", 12, 4, 14, LOOK, "/m/dir", -EUCLEAN },
	{ BLOCK0, "dir/sub", 20, 2, 0x7878, LOOK, "/m/dir/sub", -EUCLEAN },
	{ BLOCK0, "empty", 4, 2, 0, RMDIR, "/m/empty", -EUCLEAN },
	/* Bitmaps: metadata free, nothing free, free already. */
	{ BLOCK_MAP, "", 0, 8, 0, CREATE, "/m/new", -EUCLEAN },
	{ INODE_MAP, "", 0, 8, 0, CREATE, "/m/new", -EUCLEAN },
};

static bool
same_bytes(const char *path, size_t n)
{
	static char expected[9000];

	memset(data, 'x', sizeof(data));
	if (transfer(path, 0, n, false) != (ssize_t)n)
		return false;
	return memcmp(data, expected, n) == 0;
}

static void
try_damage(const struct damage *d)
{
	unsigned before = check_bad, logged;
	ssize_t r;

	rig_load(image, sizeof(image));
	memcpy(place_at(d->place, d->of) + d->offset, &d->value, d->width);
	CHECK(rig_fsck_quiet() != 0);
	logged = shim_log_count;
	r = rig_mount(0);
	if (d->use != MOUNT) {
		CHECK(r == 0 && shim_log_count == logged);
		r = use(d->use, d->path);
	}
	CHECK(r == d->expect);
	CHECK(shim_log_count > logged);
	if (d->use != MOUNT) {
		CHECK(same_bytes("/m/good", 9000));
		CHECK(rig_unmount() == 0);
		/* "Errors were found": e2fsck without -f will look. */
		CHECK(*(uint16_t *)(rig_disk->bytes + 1024 + 58) & 2);
	}
	rig_drop_caches();
	if (check_bad > before)
		printf("# row %u of the table: got %d\n",
		       (unsigned)(d - table) + 1, (int)r);
}

TEST(each_damage_is_an_error_and_a_line_in_the_log)
{
	make_image();
	CHECK(ino_of("dir") == 12);
	for (unsigned i = 0; i < ARRAY_SIZE(table); i++)
		try_damage(&table[i]);
}

/* Freeing what the bitmap says is free already must not be counted twice. */
TEST(what_is_freed_twice_is_noticed)
{
	unsigned logged;

	rig_load(image, sizeof(image));
	memset(place_at(BLOCK_MAP, "") + 2, 0, 30);
	CHECK(rig_mount(0) == 0);
	logged = shim_log_count;
	CHECK(vfs_unlink(NULL, "/m/big") == 0);
	CHECK(shim_log_count > logged);
	CHECK(rig_unmount() == 0);

	rig_load(image, sizeof(image));
	memset(place_at(INODE_MAP, "") + 1, 0, 7);
	CHECK(rig_mount(0) == 0);
	logged = shim_log_count;
	CHECK(vfs_unlink(NULL, "/m/dir/file") == 0);
	CHECK(shim_log_count > logged);
	CHECK(rig_unmount() == 0);
}

/* The bitmap has nothing free, but the counts say otherwise. */
TEST(full_bitmaps_are_a_full_disk)
{
	unsigned logged;

	rig_load(image, sizeof(image));
	memset(place_at(BLOCK_MAP, ""), 0xff, BLOCK);
	CHECK(rig_mount(0) == 0);
	logged = shim_log_count;
	CHECK(transfer("/m/new", O_CREAT, 10, true) == -ENOSPC);
	CHECK(shim_log_count > logged);
	CHECK(rig_unmount() == 0);

	rig_load(image, sizeof(image));
	memset(place_at(INODE_MAP, ""), 0xff, BLOCK);
	CHECK(rig_mount(0) == 0);
	logged = shim_log_count;
	CHECK(vfs_mkdir(NULL, "/m/new", 0755) == -ENOSPC);
	CHECK(shim_log_count > logged);
	CHECK(same_bytes("/m/good", 9000));
	CHECK(rig_unmount() == 0);
}

int
main(int argc, char **argv)
{
	check_begin(argc, argv);
	shim_log_show = getenv("SHIM_LOG") != NULL;
	if (!rig_init(4096, argc > 1 ? strtoull(argv[1], NULL, 0) : 1)) {
		printf("1..0 # SKIP e2fsprogs is not installed\n");
		return 0;
	}
	RUN(each_damage_is_an_error_and_a_line_in_the_log);
	RUN(what_is_freed_twice_is_noticed);
	RUN(full_bitmaps_are_a_full_disk);
	rig_end();
	return check_end();
}
