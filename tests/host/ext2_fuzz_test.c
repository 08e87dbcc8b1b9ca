/* SPDX-License-Identifier: MIT */
/*
 * tests/host/ext2_fuzz_test.c - ext2 with damaged disks.
 *
 * Thousands of images, each a good one with a few fields changed.  Whatever is
 * on the disk: mounting, walking the whole tree and one change of each kind
 * must end, without a crash (address and undefined-behaviour sanitizers are
 * on), without an access outside the disk (the disk panics), with an errno
 * and a line in the log where something is wrong.  A disk that is refused is
 * not written to.
 *
 * The other judge is e2fsck.  What it calls clean must mount, be read without
 * an error, and be clean after we wrote to it; so must what it has repaired,
 * before or after we wrote to the damaged disk.
 *
 * usage: ext2-fuzz [SEED [IMAGES [SECONDS]]]: with SECONDS, one seed after the
 * other until they are over.  Without arguments a few seeds, for the suite.
 */
#include "check.h"

#include "fs/file.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/open.h"
#include "fs/pagecache.h"
#include "fs/path.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "shim/fsrig.h"
#include "shim/host.h"

#define KIB	   1024u
#define IMAGE_SIZE (KIB << 10)
#define BLOCK	   4096u
#define DT_LNK	   10u

static char *image, *damaged;
static uint32_t raw_size; /* of an inode on the disk */

/* ---- the good image, and where things are in it ---- */

static uint32_t metadata[256]; /* blocks of directories and maps */
static unsigned metadata_count;
static uint32_t used_inodes[64];
static unsigned used_count;

static uint32_t *
word_at(uint64_t at)
{
	return (uint32_t *)(image + at);
}

static uint32_t *
raw_inode(uint32_t ino)
{
	uint32_t table = *word_at(BLOCK + 8);

	return word_at((uint64_t)table * BLOCK + (ino - 1) * raw_size);
}

static void
note_block(uint32_t nr)
{
	if (nr != 0 && metadata_count < ARRAY_SIZE(metadata))
		metadata[metadata_count++] = nr;
}

static void
survey(void)
{
	uint32_t inodes = *word_at(1024);

	metadata_count = used_count = 0;
	for (uint32_t ino = 1; ino <= inodes; ino++) {
		uint32_t *raw = raw_inode(ino);
		uint16_t mode = (uint16_t)raw[0], links = raw[6] >> 16;

		if (links == 0 || (ino < 11 && ino != 2))
			continue;
		if (used_count < ARRAY_SIZE(used_inodes))
			used_inodes[used_count++] = ino;
		for (unsigned i = 0; i < 12 && (mode & 0170000) == 0040000; i++)
			note_block(raw[10 + i]);
		for (unsigned i = 12; i < 15 && (mode & 0170000) != 0120000 &&
				      (mode & 0170000) != 0020000;
		     i++) {
			note_block(raw[10 + i]);
			if (i > 12 && raw[10 + i] != 0)
				note_block(*word_at((uint64_t)raw[10 + i] *
						    BLOCK));
		}
	}
}

static char data[100000];

static ssize_t
write_at(const char *path, unsigned flags, size_t n, uint64_t pos)
{
	struct iobuf b;
	struct file *f;
	ssize_t r = vfs_open(path, O_WRONLY | flags, 0644, &f);

	if (r != 0)
		return r;
	iobuf_init_kernel(&b, data, n);
	r = file_write(f, &b, &pos);
	file_put(f);
	return r;
}

static void
make_image(const char *args)
{
	char text[200];

	memset(text, 't', sizeof(text));
	text[199] = '\0';
	rig_mkfs(args, KIB);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_mkdir(NULL, "/m/dir", 0755) == 0);
	CHECK(vfs_mkdir(NULL, "/m/dir/sub", 0755) == 0);
	CHECK(vfs_mkdir(NULL, "/m/dir/sub/empty", 0755) == 0);
	CHECK(vfs_mkdir(NULL, "/m/other", 0755) == 0);
	CHECK(write_at("/m/dir/file", O_CREAT, 100, 0) == 100);
	CHECK(write_at("/m/dir/sub/big", O_CREAT, 90000, 0) == 90000);
	CHECK(write_at("/m/other/sparse", O_CREAT, 10, 1040 * 4096) == 10);
	CHECK(write_at("/m/other/sparse", 0, 10, UINT64_C(1050000) * 4096) ==
	      10);
	CHECK(vfs_symlink("dir/file", NULL, "/m/short") == 0);
	CHECK(vfs_symlink(text, NULL, "/m/long") == 0);
	CHECK(vfs_mknod(NULL, "/m/null", S_IFCHR | 0666, DEV_MAKE(1, 3)) == 0);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
	memcpy(image, rig_disk->bytes, IMAGE_SIZE);
	raw_size = *(uint16_t *)(image + 1024 + 88);
	survey();
	CHECK(used_count >= 11 && metadata_count >= 8);
}

/* ---- damage ---- */

static void
damage_word(uint64_t at)
{
	uint32_t *w = (uint32_t *)(damaged + at);

	switch (check_random() % 8) {
	case 0:
		*w = 0;
		break;
	case 1:
		*w = UINT32_MAX;
		break;
	case 2:
		*w = (uint32_t)check_random();
		break;
	case 3:
		*w += (uint32_t)(check_random() % 5) - 2;
		break;
	case 4: /* some number that means something */
		*w = (uint32_t)(check_random() % (IMAGE_SIZE / BLOCK + 2));
		break;
	case 5: /* half of it */
		((uint16_t *)w)[check_random() % 2] = (uint16_t)check_random();
		break;
	case 6: /* another block of metadata */
		*w = metadata[check_random() % metadata_count];
		break;
	default:
		*w ^= 1u << check_random() % 32;
	}
}

/* Let some entry of some directory name another inode that exists. */
static void
damage_entry(void)
{
	uint64_t at =
		(uint64_t)metadata[check_random() % metadata_count] * BLOCK;
	unsigned skip = check_random() % 6, len;

	do {
		len = *(uint16_t *)(damaged + at + 4);
		if (len < 8 || len % 4 != 0 || at % BLOCK + len >= BLOCK)
			break;
		at += len;
	} while (skip-- > 0);
	*(uint32_t *)(damaged + at) = used_inodes[check_random() % used_count];
}

static void
damage_once(void)
{
	uint32_t *gd = word_at(BLOCK);
	uint64_t block, ino;

	switch (check_random() % 12) {
	case 0:
		damage_word(1024 + check_random() % 26 * 4);
		break;
	case 1:
		damage_word(BLOCK + check_random() % 5 * 4);
		break;
	case 2: /* a bitmap */
		block = gd[check_random() % 2];
		damage_word(block * BLOCK + check_random() % 16 * 4);
		break;
	case 3:
	case 4:
	case 5: /* an inode */
		ino = used_inodes[check_random() % used_count];
		damage_word(
			(uint64_t)((char *)raw_inode((uint32_t)ino) - image) +
			check_random() % 36 * 4);
		break;
	case 6:
	case 7:
		damage_entry();
		break;
	default: /* the beginning, or any place, of a directory or map */
		block = metadata[check_random() % metadata_count];
		damage_word(block * BLOCK +
			    (check_random() % 4
				     ? check_random() % 24 * 4
				     : check_random() % BLOCK & ~3u));
	}
}

/* ---- looking at everything, changing some of it ---- */

static unsigned budget; /* entries still to visit */
static unsigned errors; /* that were not expected of a clean disk */

/*
 * Do something that may fail.  Damage never goes unmentioned: an error that
 * says "the disk is bad" comes with a line in the log.
 */
#define TRY(call)                                                 \
	({                                                        \
		unsigned logged_ = shim_log_count;                \
		ssize_t result_ = (call);                         \
                                                                  \
		CHECK((result_ != -EUCLEAN && result_ != -EIO) || \
		      shim_log_count > logged_);                  \
		result_;                                          \
	})

/*
 * e2fsck takes any link without blocks for a link with its text in the inode,
 * and does not compare its length: some links that it calls clean we rightly
 * refuse.
 */
static unsigned odd_links;

struct names {
	unsigned count;
	uint8_t type[24];
	char name[24][64];
};

static bool
collect(void *arg, const char *name, size_t len, uint64_t ino, uint8_t type,
	uint64_t next)
{
	struct names *n = arg;

	if (n->count == ARRAY_SIZE(n->name))
		return false;
	if (len < 64 && memchr(name, '\0', len) == NULL && name[0] != '.') {
		n->type[n->count] = type;
		memcpy(n->name[n->count], name, len);
		n->name[n->count++][len] = '\0';
	}
	return true;
}

static void
read_some(struct inode *inode)
{
	char buf[8192];
	struct iobuf b;
	uint64_t size = inode_size(inode);

	for (unsigned i = 0; i < 30; i++) {
		uint64_t pos = i < 26 ? i * sizeof(buf)
				      : size - MIN(size, i * 3000 - 70000);

		iobuf_init_kernel(&b, buf, sizeof(buf));
		if (TRY(pagecache_read(inode->cache, &b, pos)) < 0)
			errors++;
	}
}

static void
walk(struct inode *dir, unsigned depth)
{
	struct names *n = calloc(1, sizeof(*n));
	uint64_t pos = 0;

	mutex_lock(&dir->lock);
	if (TRY(dir->ops->readdir(dir, &pos, collect, n)) != 0)
		errors++;
	mutex_unlock(&dir->lock);
	for (unsigned i = 0; i < n->count && budget > 0; i++) {
		struct inode *inode, *up;
		char text[4096];

		budget--;
		if (TRY(vfs_lookup(dir, n->name[i], 0, &inode)) != 0) {
			*(n->type[i] == DT_LNK ? &odd_links : &errors) += 1;
			continue;
		}
		if (S_ISDIR(inode->mode) && depth < 20) {
			if (TRY(vfs_lookup(inode, "..", 0, &up)) == 0)
				inode_put(up);
			walk(inode, depth + 1);
		} else if (S_ISREG(inode->mode)) {
			read_some(inode);
		} else if (S_ISLNK(inode->mode)) {
			if (TRY(inode->ops->readlink(inode, text,
						     sizeof(text))) < 0)
				errors++;
		}
		inode_put(inode);
	}
	free(n);
}

static void
walk_all(void)
{
	struct inode *root;

	budget = 300;
	errors = odd_links = 0;
	if (vfs_lookup(NULL, "/m", 0, &root) != 0) {
		errors++;
		return;
	}
	walk(root, 0);
	inode_put(root);
}

static void
truncate_to(const char *path, uint64_t size)
{
	struct inode_change c = { .what = CHANGE_SIZE, .size = size };
	struct inode *inode;

	if (vfs_lookup(NULL, path, 0, &inode) == 0) {
		(void)TRY(vfs_setattr(inode, &c));
		inode_put(inode);
	}
}

/* Everything a program can do, most of it to damaged files. */
static void
change_things(void)
{
	struct inode *inode;

	(void)TRY(write_at("/m/new", O_CREAT, 70000, 5000));
	(void)TRY(vfs_mkdir(NULL, "/m/dir/newdir", 0755));
	(void)TRY(write_at("/m/dir/newdir/x", O_CREAT, 10, 0));
	(void)TRY(write_at("/m/dir/file", 0, 5000, 50));
	(void)TRY(write_at("/m/dir/sub/big", O_APPEND, 5000, 0));
	(void)TRY(write_at("/m/other/sparse", 0, 10, 20 * 4096));
	(void)TRY(write_at("/m/other/sparse", 0, 10, 1041 * 4096));
	if (vfs_lookup(NULL, "/m/dir/file", 0, &inode) == 0) {
		(void)TRY(vfs_link(inode, NULL, "/m/other/hard"));
		inode_put(inode);
	}
	(void)TRY(vfs_symlink("x", NULL, "/m/dir/sub/newlink"));
	(void)TRY(vfs_rename(NULL, "/m/dir/sub", NULL, "/m/other/moved", 0));
	(void)TRY(
		vfs_rename(NULL, "/m/other/moved/big", NULL, "/m/dir/big", 0));
	(void)TRY(vfs_rename(NULL, "/m/long", NULL, "/m/short", 0));
	(void)TRY(
		vfs_rename(NULL, "/m/dir", NULL, "/m/other", RENAME_EXCHANGE));
	(void)TRY(vfs_sync());
	truncate_to("/m/other/big", 14 * 4096 + 5);
	truncate_to("/m/dir/sparse", 1040 * 4096 + 3);
	(void)TRY(vfs_unlink(NULL, "/m/other/big"));
	(void)TRY(vfs_unlink(NULL, "/m/dir/sparse"));
	(void)TRY(vfs_unlink(NULL, "/m/short"));
	(void)TRY(vfs_unlink(NULL, "/m/null"));
	(void)TRY(vfs_rmdir(NULL, "/m/dir/moved/empty"));
	(void)TRY(vfs_rmdir(NULL, "/m/other/newdir"));
	(void)TRY(vfs_unlink(NULL, "/m/other/newdir/x"));
	(void)TRY(vfs_rmdir(NULL, "/m/other/newdir"));
	(void)TRY(write_at("/m/last", O_CREAT, 3000, 0));
}

/* ---- judging ---- */

/* What is on the disk mounts: look at it, change it, look again. */
static void
use_mounted(bool clean)
{
	walk_all();
	CHECK(!clean || errors == 0);
	clean &= odd_links == 0;
	change_things();
	rig_drop_caches();
	walk_all();
	CHECK(!clean || errors == 0);
	CHECK(rig_unmount() == 0);
	CHECK(!clean || rig_fsck() == 0);
}

/* Does e2fsck find a way to make it clean? */
static bool
repaired(void)
{
	return rig_repair() && rig_fsck_quiet() == 0;
}

static uint64_t
frames_free(void)
{
	struct frame_stats s;

	frame_get_stats(&s);
	return s.free;
}

/* One image; returns whether it could be mounted. */
static bool
try_image(bool clean)
{
	unsigned logged = shim_log_count;
	uint64_t before;
	int err;

	rig_load(damaged, IMAGE_SIZE);
	before = frames_free();
	err = rig_mount(0);
	CHECK(err == 0 ||
	      ((err == -EUCLEAN || err == -EINVAL) && shim_log_count > logged));
	CHECK(!clean || err == 0);
	if (err == 0)
		use_mounted(clean);
	else
		CHECK(memcmp(rig_disk->bytes, damaged, IMAGE_SIZE) == 0);
	rig_drop_caches();
	CHECK(frames_free() == before);
	return err == 0;
}

static unsigned asked, repaired_before, repaired_after; /* a statistic */

/* The same, with e2fsck's opinion before and after: slow. */
static bool
try_image_with_fsck(void)
{
	bool clean, repairable, mounted;

	asked++;
	rig_load(damaged, IMAGE_SIZE);
	clean = rig_fsck_quiet() == 0;
	repairable = repaired();
	if (repairable) {
		repaired_before++;
		CHECK(rig_mount(0) == 0);
		use_mounted(true);
	}
	mounted = try_image(clean);
	/* There are disks that e2fsck leaves unclean however often it runs. */
	if (mounted && repairable && repaired()) {
		repaired_after++;
		CHECK(rig_mount(0) == 0);
		use_mounted(true);
		rig_drop_caches();
	}
	return mounted;
}

/* ---- the tests ---- */

static uint64_t seed = 1;
static unsigned images = 600, seeds = 3;

static void
begin(uint64_t s, const char *mkfs_args)
{
	check_state = s * UINT64_C(0x9e3779b97f4a7c15) + 1;
	shim_seed(s);
	make_image(mkfs_args);
}

static void
note_where(uint64_t s, unsigned i)
{
	snprintf(host_doing, sizeof(host_doing),
		 "image %u of seed %lu: run with the arguments %lu %u", i,
		 (unsigned long)s, (unsigned long)s, images);
	host_watch(120, "the image is not done after two minutes");
}

static void
damaged_images(uint64_t s)
{
	unsigned mounted = 0;
	long live;

	memcpy(damaged, image, IMAGE_SIZE);
	CHECK(try_image_with_fsck());
	live = shim_kmalloc_live;
	for (unsigned i = 0; i < images && check_bad == 0; i++) {
		unsigned n = 1 + check_random() % 4;

		memcpy(damaged, image, IMAGE_SIZE);
		while (n-- > 0)
			damage_once();
		note_where(s, i);
		mounted +=
			i % 30 == 0 ? try_image_with_fsck() : try_image(false);
		CHECK(shim_kmalloc_live == live);
		if (check_bad > 0)
			printf("# %s\n", host_doing);
	}
	/* Most damage is found late, some at once: both must have happened. */
	CHECK(mounted > images / 2 && mounted < images);
}

TEST(damaged_images_with_inodes_of_256)
{
	for (unsigned i = 0; i < seeds && check_bad == 0; i++) {
		begin(seed + i, "-I 256 -N 64");
		damaged_images(seed + i);
	}
}

TEST(damaged_images_with_inodes_of_128)
{
	for (unsigned i = 0; i < seeds && check_bad == 0; i++) {
		begin(seed + i, "-I 128 -N 64");
		damaged_images(seed + i);
	}
}

/* All but the first blocks, or one kind of block, is noise. */
static void
noise(uint64_t s)
{
	for (unsigned i = 0; i < images / 5 && check_bad == 0; i++) {
		uint32_t from = 2 + (uint32_t)(check_random() % 40);
		uint32_t n = 1 + (uint32_t)(check_random() % 60);

		memcpy(damaged, image, IMAGE_SIZE);
		for (uint64_t k = from * BLOCK;
		     k < MIN((uint64_t)(from + n) * BLOCK, IMAGE_SIZE); k++)
			damaged[k] = (char)(check_random() >> 56);
		note_where(s, i);
		(void)try_image(false);
		if (check_bad > 0)
			printf("# %s\n", host_doing);
	}
}

TEST(images_of_noise)
{
	for (unsigned i = 0; i < seeds && check_bad == 0; i++) {
		begin(seed + i, "-I 256 -N 64");
		noise(seed + i);
	}
}

TEST(fsck_was_asked_about_enough)
{
	CHECK(asked >= images / 20);
	CHECK(repaired_before > asked / 2 && repaired_after > asked / 4);
}

int
main(int argc, char **argv)
{
	uint64_t seconds = argc > 3 ? strtoull(argv[3], NULL, 0) : 0;

	check_begin(argc, argv);
	shim_log_show = getenv("SHIM_LOG") != NULL;
	if (argc > 1) {
		seed = strtoull(argv[1], NULL, 0);
		seeds = 1;
	}
	if (argc > 2)
		images = (unsigned)atoi(argv[2]);
	if (!rig_init(4096, seed)) {
		printf("1..0 # SKIP e2fsprogs is not installed\n");
		return 0;
	}
	image = malloc(IMAGE_SIZE);
	damaged = malloc(IMAGE_SIZE);
	do {
		RUN(damaged_images_with_inodes_of_256);
		RUN(damaged_images_with_inodes_of_128);
		RUN(images_of_noise);
		seed += seeds;
	} while (check_failed == 0 && host_seconds() < seconds);
	RUN(fsck_was_asked_about_enough);
	rig_end();
	return check_end();
}
