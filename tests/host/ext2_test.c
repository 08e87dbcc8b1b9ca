/* SPDX-License-Identifier: MIT */
/*
 * tests/host/ext2_test.c - ext2 below the real VFS, on this computer.
 *
 * Random operations run on the disk and on a model of the tree; after every
 * unmount e2fsck and debugfs judge.  Then full disks, failing memory, failing
 * disks, and several threads at once.  shim/fsrig.h is the machine below.
 */
#include "check.h"

#include "fs/file.h"
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/namei.h"
#include "fs/open.h"
#include "fs/pagecache.h"
#include "fs/path.h"
#include "kernel/hart.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "shim/fsrig.h"
#include "shim/host.h"

/* ---- the model ---- */

#define NODES	  400
#define DATA_MAX  (300u << 10)
#define NAMES	  7
#define DEPTH_MAX 5

enum kind { FREE, FILE_, DIR_, LINK_ };

struct node { /* an inode */
	enum kind kind;
	unsigned links, mode;
	char *data; /* a file's bytes, a link's text */
	size_t size;
	int child[NAMES]; /* a directory's entries by name; 0: none */
	int parent;
};

static struct node nodes[NODES]; /* 1 is the root */

/* Names of one letter, of medium length, and as long as names get. */
static const char *
name_of(unsigned i)
{
	static char names[NAMES][NAME_MAX + 1];
	static const unsigned length[NAMES] = { 1, 2, 9, 30, 100, 200, 255 };

	memset(names[i], 'a' + (int)i, length[i]);
	return names[i];
}

static int
new_node(enum kind kind, unsigned mode, int parent)
{
	for (int i = 2; i < NODES; i++) {
		if (nodes[i].kind != FREE)
			continue;
		memset(&nodes[i], 0, sizeof(nodes[i]));
		nodes[i].kind = kind;
		nodes[i].mode = mode;
		nodes[i].links = kind == DIR_ ? 2 : 1;
		nodes[i].parent = parent;
		nodes[i].data = calloc(1, kind == FILE_ ? DATA_MAX : 4096);
		return i;
	}
	return 0;
}

static void
drop_node(int i)
{
	if (--nodes[i].links == 0 || nodes[i].kind == DIR_) {
		free(nodes[i].data);
		nodes[i].kind = FREE;
	}
}

static void
model_clear(void)
{
	for (int i = 1; i < NODES; i++) {
		if (nodes[i].kind != FREE)
			free(nodes[i].data);
		nodes[i].kind = FREE;
	}
	memset(&nodes[1], 0, sizeof(nodes[1]));
	nodes[1].kind = DIR_;
	nodes[1].mode = 0755;
	nodes[1].parent = 1;
}

static unsigned
depth_of(int dir)
{
	unsigned d = 0;

	while (dir != 1) {
		dir = nodes[dir].parent;
		d++;
	}
	return d;
}

static bool
is_below(int dir, int ancestor)
{
	while (dir != 1 && dir != ancestor)
		dir = nodes[dir].parent;
	return dir == ancestor;
}

static bool
is_empty(int dir)
{
	for (unsigned i = 0; i < NAMES; i++) {
		if (nodes[dir].child[i] != 0)
			return false;
	}
	return true;
}

/* The path of entry `name` in `dir`; name -1: of the directory. */
static void
path_of(int dir, int name, char *buf, size_t size)
{
	char rest[PATH_MAX] = "", tmp[PATH_MAX];

	if (name >= 0)
		snprintf(rest, sizeof(rest), "/%s", name_of((unsigned)name));
	while (dir != 1) {
		int up = nodes[dir].parent, i = 0;

		while (nodes[up].child[i] != dir)
			i++;
		snprintf(tmp, sizeof(tmp), "/%s%s", name_of((unsigned)i), rest);
		str_copy(rest, tmp, sizeof(rest));
		dir = up;
	}
	snprintf(buf, size, "/m%s", rest);
}

static int
random_dir(void)
{
	int dir = 1;

	while (check_random() % 3 != 0) {
		int c = nodes[dir].child[check_random() % NAMES];

		if (c != 0 && nodes[c].kind == DIR_)
			dir = c;
	}
	return dir;
}

/* ---- the same operation on both ---- */

static char path1[PATH_MAX], path2[PATH_MAX], buffer[DATA_MAX + 4096];

static ssize_t
write_at(const char *path, unsigned flags, const void *data, size_t n,
	 uint64_t pos)
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

static ssize_t
read_at(const char *path, void *data, size_t n, uint64_t pos)
{
	struct file *f;
	ssize_t r = vfs_open(path, O_RDONLY, 0, &f);

	if (r != 0)
		return r;
	r = file_read_at(f, data, n, pos);
	file_put(f);
	return r;
}

static int
set_attr(const char *path, const struct inode_change *c)
{
	struct inode *inode;
	int err = vfs_lookup(NULL, path, 0, &inode);

	if (err == 0) {
		err = vfs_setattr(inode, c);
		inode_put(inode);
	}
	return err;
}

static void
expect(int got, int want, const char *what)
{
	if (got != want) {
		printf("# %s %s: %d, expected %d\n", what, path1, got, want);
		check_bad++;
	}
}

static void
op_create(int dir, int name)
{
	int at = nodes[dir].child[name], err;
	unsigned mode = check_random() & 0777;
	struct file *f = NULL;

	path_of(dir, name, path1, sizeof(path1));
	err = vfs_open(path1, O_CREAT | O_EXCL | O_RDWR, mode, &f);
	expect(err, at != 0 ? -EEXIST : 0, "create");
	if (err == 0)
		file_put(f);
	if (err == 0 && at == 0)
		nodes[dir].child[name] = new_node(FILE_, mode & ~022u, dir);
}

static void
op_mkdir(int dir, int name)
{
	int at = nodes[dir].child[name], err;

	if (depth_of(dir) >= DEPTH_MAX)
		return;
	path_of(dir, name, path1, sizeof(path1));
	err = vfs_mkdir(NULL, path1, 0755);
	expect(err, at != 0 ? -EEXIST : 0, "mkdir");
	if (err == 0 && at == 0) {
		nodes[dir].child[name] = new_node(DIR_, 0755, dir);
		nodes[dir].links++;
	}
}

static void
op_symlink(int dir, int name)
{
	size_t n = 1 + check_random() % (check_random() % 2 ? 70 : 3000);
	int at = nodes[dir].child[name], err, i;
	char text[4096];

	memset(text, 'x', n);
	text[n] = '\0';
	path_of(dir, name, path1, sizeof(path1));
	err = vfs_symlink(text, NULL, path1);
	expect(err, at != 0 ? -EEXIST : 0, "symlink");
	if (err == 0 && at == 0) {
		i = nodes[dir].child[name] = new_node(LINK_, 0777, dir);
		memcpy(nodes[i].data, text, n);
		nodes[i].size = n;
	}
}

static void
op_remove(int dir, int name)
{
	int at = nodes[dir].child[name], err, want = 0;
	bool rmdir = check_random() % 2;

	path_of(dir, name, path1, sizeof(path1));
	if (at == 0)
		want = -ENOENT;
	else if (rmdir && nodes[at].kind != DIR_)
		want = -ENOTDIR;
	else if (rmdir && !is_empty(at))
		want = -ENOTEMPTY;
	else if (!rmdir && nodes[at].kind == DIR_)
		want = -EISDIR;
	err = rmdir ? vfs_rmdir(NULL, path1) : vfs_unlink(NULL, path1);
	expect(err, want, rmdir ? "rmdir" : "unlink");
	if (err == 0 && want == 0) {
		nodes[dir].child[name] = 0;
		nodes[dir].links -= rmdir;
		drop_node(at);
	}
}

static void
op_link(int dir, int name)
{
	int from = random_dir(), i = (int)(check_random() % NAMES);
	int node = nodes[from].child[i], want = 0, err;
	struct inode *inode;

	if (node == 0)
		return;
	path_of(from, i, path2, sizeof(path2));
	path_of(dir, name, path1, sizeof(path1));
	if (nodes[dir].child[name] != 0)
		want = -EEXIST;
	else if (nodes[node].kind == DIR_)
		want = -EPERM;
	err = vfs_lookup(NULL, path2, 0, &inode);
	expect(err, 0, "lookup");
	if (err != 0)
		return;
	err = vfs_link(inode, NULL, path1);
	inode_put(inode);
	if (nodes[node].kind == DIR_ && want != 0)
		want = err == -EEXIST ? -EEXIST : -EPERM; /* either first */
	expect(err, want, "link");
	if (err == 0 && want == 0) {
		nodes[dir].child[name] = node;
		nodes[node].links++;
	}
}

static int
rename_wants(int dir, int node, int target)
{
	bool d = nodes[node].kind == DIR_;

	if (d && is_below(dir, node))
		return -EINVAL;
	if (target == 0 || target == node)
		return 0;
	if (d && nodes[target].kind != DIR_)
		return -ENOTDIR;
	if (!d && nodes[target].kind == DIR_)
		return -EISDIR;
	return d && !is_empty(target) ? -ENOTEMPTY : 0;
}

static unsigned
height_of(int dir)
{
	unsigned h = 0;

	for (unsigned i = 0; i < NAMES; i++) {
		int c = nodes[dir].child[i];

		if (c != 0 && nodes[c].kind == DIR_)
			h = MAX(h, 1 + height_of(c));
	}
	return h;
}

static void
op_rename(int dir, int name)
{
	int from = random_dir(), i = (int)(check_random() % NAMES);
	int node = nodes[from].child[i], target = nodes[dir].child[name];
	int want, err;

	if (node == 0)
		return;
	if (nodes[node].kind == DIR_ &&
	    depth_of(dir) + height_of(node) >= DEPTH_MAX)
		return;
	path_of(from, i, path2, sizeof(path2));
	path_of(dir, name, path1, sizeof(path1));
	want = rename_wants(dir, node, target);
	/* A target above the source is not empty, or is an ancestor. */
	if (want != -EINVAL && target != 0 && nodes[target].kind == DIR_ &&
	    is_below(from, target))
		want = -ENOTEMPTY;
	err = vfs_rename(NULL, path2, NULL, path1, 0);
	expect(err, want, "rename");
	if (err != 0 || want != 0 || node == target)
		return;
	if (target != 0) {
		nodes[dir].links -= nodes[target].kind == DIR_;
		drop_node(target);
	}
	nodes[from].child[i] = 0;
	nodes[dir].child[name] = node;
	if (nodes[node].kind == DIR_) {
		nodes[from].links--;
		nodes[dir].links++;
		nodes[node].parent = dir;
	}
}

static void
op_exchange(int dir, int name)
{
	int from = random_dir(), i = (int)(check_random() % NAMES);
	int a = nodes[from].child[i], b = nodes[dir].child[name], err;

	if (a == 0 || b == 0 || a == b)
		return;
	if ((nodes[a].kind == DIR_ && is_below(dir, a)) ||
	    (nodes[b].kind == DIR_ && is_below(from, b)))
		return;
	if ((nodes[a].kind == DIR_ &&
	     depth_of(dir) + height_of(a) >= DEPTH_MAX) ||
	    (nodes[b].kind == DIR_ &&
	     depth_of(from) + height_of(b) >= DEPTH_MAX))
		return;
	path_of(from, i, path2, sizeof(path2));
	path_of(dir, name, path1, sizeof(path1));
	err = vfs_rename(NULL, path2, NULL, path1, RENAME_EXCHANGE);
	expect(err, 0, "exchange");
	if (err != 0)
		return;
	nodes[from].child[i] = b;
	nodes[dir].child[name] = a;
	if (nodes[a].kind == DIR_) {
		nodes[from].links--;
		nodes[dir].links++;
		nodes[a].parent = dir;
	}
	if (nodes[b].kind == DIR_) {
		nodes[dir].links--;
		nodes[from].links++;
		nodes[b].parent = from;
	}
}

static void
op_write(int dir, int name)
{
	int node = nodes[dir].child[name];
	size_t n = 1 + check_random() % (check_random() % 4 ? 5000 : 60000);
	uint64_t pos = check_random() % DATA_MAX;
	ssize_t r;

	if (node == 0 || nodes[node].kind != FILE_)
		return;
	if (check_random() % 2)
		pos = nodes[node].size;
	n = MIN(n, DATA_MAX - pos);
	for (size_t i = 0; i < n; i++)
		buffer[i] = (char)(i * 13 + pos);
	path_of(dir, name, path1, sizeof(path1));
	r = write_at(path1, 0, buffer, n, pos);
	expect((int)r, (int)n, "write");
	if (r > 0) {
		memcpy(nodes[node].data + pos, buffer, (size_t)r);
		nodes[node].size = MAX(nodes[node].size, pos + (size_t)r);
	}
}

static void
op_truncate(int dir, int name)
{
	int node = nodes[dir].child[name];
	uint64_t size = check_random() % DATA_MAX;
	struct inode_change c = { .what = CHANGE_SIZE, .size = size };

	if (node == 0 || nodes[node].kind != FILE_)
		return;
	path_of(dir, name, path1, sizeof(path1));
	expect(set_attr(path1, &c), 0, "truncate");
	if (size < nodes[node].size)
		memset(nodes[node].data + size, 0, nodes[node].size - size);
	nodes[node].size = size;
}

static void
op_chmod(int dir, int name)
{
	int node = nodes[dir].child[name];
	struct inode_change c = { .what = CHANGE_MODE };

	if (node == 0 || nodes[node].kind == LINK_)
		return;
	c.mode = (check_random() & 0777) | 0400;
	path_of(dir, name, path1, sizeof(path1));
	expect(set_attr(path1, &c), 0, "chmod");
	nodes[node].mode = c.mode;
}

/* ---- comparing ---- */

struct listing {
	int dir;
	bool seen[NAMES];
	unsigned dots, strangers, twice;
};

static bool
list_entry_seen(void *arg, const char *name, size_t len, uint64_t ino,
		uint8_t type, uint64_t next)
{
	struct listing *l = arg;

	if (name[0] == '.') {
		l->dots++;
		return true;
	}
	for (unsigned i = 0; i < NAMES; i++) {
		if (strlen(name_of(i)) == len &&
		    memcmp(name_of(i), name, len) == 0) {
			l->twice += l->seen[i];
			l->seen[i] = true;
			return true;
		}
	}
	l->strangers += !(len == 10 && memcmp(name, "lost+found", 10) == 0);
	return true;
}

static void
compare_dir(int dir, struct inode *inode)
{
	struct listing l = { .dir = dir };
	uint64_t pos = 0;

	mutex_lock(&inode->lock);
	CHECK(inode->ops->readdir(inode, &pos, list_entry_seen, &l) == 0);
	mutex_unlock(&inode->lock);
	CHECK(l.dots == 2 && l.strangers == 0 && l.twice == 0);
	for (unsigned i = 0; i < NAMES; i++)
		CHECK(l.seen[i] == (nodes[dir].child[i] != 0));
}

static void
compare_node(int i, const char *path)
{
	struct node *n = &nodes[i];
	struct inode *inode;
	int err = vfs_lookup(NULL, path, 0, &inode);

	str_copy(path1, path, sizeof(path1));
	expect(err, 0, "lookup");
	if (err != 0)
		return;
	if (i != 1)
		expect((int)inode->nlink, (int)n->links, "links");
	expect((int)(inode->mode & 07777), (int)n->mode, "mode");
	if (n->kind != DIR_)
		expect((int)inode->size, (int)n->size, "size");
	if (n->kind == FILE_) {
		expect((int)read_at(path, buffer, sizeof(buffer), 0),
		       (int)n->size, "read");
		CHECK(memcmp(buffer, n->data, n->size) == 0);
	} else if (n->kind == LINK_) {
		CHECK(inode->ops->readlink(inode, buffer, sizeof(buffer)) ==
		      (ssize_t)n->size);
		CHECK(memcmp(buffer, n->data, n->size) == 0);
	} else {
		compare_dir(i, inode);
	}
	inode_put(inode);
}

static void
compare_tree(int dir)
{
	char path[PATH_MAX];

	path_of(dir, -1, path, sizeof(path));
	compare_node(dir, path);
	for (int i = 0; i < NAMES && check_bad == 0; i++) {
		int c = nodes[dir].child[i];

		if (c == 0)
			continue;
		path_of(dir, i, path, sizeof(path));
		if (nodes[c].kind == DIR_)
			compare_tree(c);
		else
			compare_node(c, path);
	}
}

static uint32_t
crc_posix(const char *data, size_t size)
{
	uint32_t crc = 0;

	for (size_t i = 0; i < size + 8; i++) {
		uint8_t byte;

		if (i < size)
			byte = (uint8_t)data[i];
		else if (size >> (8 * (i - size)) == 0)
			break;
		else
			byte = (uint8_t)(size >> (8 * (i - size)));
		crc ^= (uint32_t)byte << 24;
		for (unsigned k = 0; k < 8; k++)
			crc = crc << 1 ^ (crc >> 31 ? 0x04c11db7 : 0);
	}
	return ~crc;
}

/* What `find` and `cksum` say about a copy of the tree, from the model. */
static void
write_manifest(FILE *f, int dir)
{
	char path[PATH_MAX];

	for (int i = 0; i < NAMES; i++) {
		int c = nodes[dir].child[i];
		struct node *n = &nodes[c];

		if (c == 0)
			continue;
		path_of(dir, i, path, sizeof(path));
		if (n->kind == FILE_)
			fprintf(f, "%u %zu .%s\n", crc_posix(n->data, n->size),
				n->size, path + 2);
		else if (n->kind == LINK_)
			fprintf(f, "l .%s %.*s\n", path + 2, (int)n->size,
				n->data);
		else
			fprintf(f, "d .%s\n", path + 2);
		if (n->kind == DIR_)
			write_manifest(f, c);
	}
}

/* Not mounted: does debugfs see the same tree? */
static void
compare_with_debugfs(void)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/want", rig_dir);
	f = fopen(path, "w");
	write_manifest(f, 1);
	fclose(f);
	CHECK(host_run("cd %s && chmod -R u+rwx dump 2>/dev/null; rm -rf dump; "
		       "mkdir dump && "
		       "debugfs -R 'rdump / dump' disk >debugfs.out 2>&1; "
		       "chmod -R u+rwX dump; cd dump && rmdir lost+found && "
		       "{ find . -mindepth 1 -type d -printf 'd %%p\\n'; "
		       "find . -type l -printf 'l %%p %%l\\n'; "
		       "find . -type f -exec cksum {} +; } | LC_ALL=C sort "
		       ">../got; LC_ALL=C sort ../want | cmp - ../got",
		       rig_dir) == 0);
}

/* ---- tests ---- */

static void (*const operations[])(int dir, int name) = {
	op_create, op_create, op_mkdir,	   op_symlink,	op_remove, op_remove,
	op_link,   op_rename, op_rename,   op_exchange, op_write,  op_write,
	op_write,  op_write,  op_truncate, op_chmod,
};

static void
random_operations(const char *mkfs, unsigned kib, unsigned rounds)
{
	model_clear();
	rig_mkfs(mkfs, kib);
	for (unsigned r = 0; r < rounds && check_bad == 0; r++) {
		CHECK(rig_mount(0) == 0);
		for (unsigned i = 0; i < 150 && check_bad == 0; i++) {
			unsigned op = (unsigned)(check_random() %
						 ARRAY_SIZE(operations));

			operations[op](random_dir(),
				       (int)(check_random() % NAMES));
			if (check_random() % 40 == 0)
				rig_drop_caches();
			if (check_random() % 40 == 0)
				shim_sleep(3 * NSEC_PER_SEC);
		}
		compare_tree(1);
		if (r % 2 == 0) {
			CHECK(vfs_sync() == 0);
			CHECK(rig_fsck() == 0);
		}
		CHECK(rig_unmount() == 0);
		CHECK(rig_fsck() == 0);
		compare_with_debugfs();
	}
	CHECK(rig_mount(SB_RDONLY) == 0);
	compare_tree(1);
	CHECK(rig_unmount() == 0);
}

TEST(random_operations_inodes_of_256)
{
	random_operations("-I 256", 12 << 10, 12);
}

TEST(random_operations_inodes_of_128)
{
	random_operations("-I 128", 12 << 10, 12);
}

TEST(random_operations_many_small_groups)
{
	random_operations("-I 256 -g 512", 12 << 10, 12);
}

TEST(random_operations_old_revision)
{
	/* No type in the entries, inodes of 128 bytes. */
	random_operations("-r 0 -O ^filetype,^sparse_super,^large_file",
			  8 << 10, 6);
}

TEST(the_image_of_mke2fs_is_read)
{
	static char want[300000];
	struct inode *inode;
	char link[64] = "";

	for (size_t i = 0; i < sizeof(want); i++)
		want[i] = (char)(i % 251);
	CHECK(host_run(
		      "cd %s && rm -rf tree && mkdir -p tree/d/e && "
		      "awk 'BEGIN { for (i = 0; i < 300000; i++) "
		      "printf \"%%c\", i %% 251 + 256 }' </dev/null "
		      ">/dev/null; "
		      "python3 -c 'import sys; sys.stdout.buffer.write("
		      "bytes(i %% 251 for i in range(300000)))' >tree/d/big && "
		      "ln tree/d/big tree/hard && ln -s d/big tree/soft && "
		      "for i in $(seq 500); do : >tree/d/e/file-number-$i; "
		      "done",
		      rig_dir) == 0);
	{
		char args[128];

		snprintf(args, sizeof(args), "-I 256 -d %s/tree", rig_dir);
		rig_mkfs(args, 12 << 10);
	}
	CHECK(rig_mount(SB_RDONLY) == 0);
	CHECK(read_at("/m/d/big", buffer, sizeof(buffer), 0) ==
	      (ssize_t)sizeof(want));
	CHECK(memcmp(buffer, want, sizeof(want)) == 0);
	CHECK(read_at("/m/soft", buffer, 10, 299995) == 5);
	CHECK(vfs_lookup(NULL, "/m/hard", 0, &inode) == 0);
	CHECK(inode->nlink == 2);
	inode_put(inode);
	CHECK(vfs_lookup(NULL, "/m/soft", 0, &inode) == 0);
	CHECK(inode->ops->readlink(inode, link, sizeof(link)) == 5);
	CHECK(memcmp(link, "d/big", 5) == 0);
	inode_put(inode);
	CHECK(vfs_lookup(NULL, "/m/d/e/file-number-500", 0, &inode) == 0);
	inode_put(inode);
	CHECK(vfs_lookup(NULL, "/m/d/e/file-number-501", 0, &inode) == -ENOENT);
	CHECK(write_at("/m/d/big", 0, want, 10, 0) == -EROFS);
	CHECK(rig_unmount() == 0);
	CHECK(rig_disk->writes == 0 || !rig_disk->failed);
	CHECK(rig_fsck() == 0);
}

/* Indirect blocks of all levels, sizes beyond 2 and 4 GiB. */
TEST(large_and_sparse_files)
{
	static const uint64_t at[] = {
		0,
		11 * 4096,
		12 * 4096,
		1035 * 4096,
		1036 * 4096,
		5000 * 4096,
		UINT64_C(1049611) * 4096,
		UINT64_C(1049612) * 4096,
		UINT64_C(3) << 30,
		UINT64_C(100) << 30,
		UINT64_C(1) << 40,
	};
	char data[32], back[32];
	struct fs_usage u, after;
	struct inode *inode;

	rig_mkfs("-I 256", 12 << 10);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_lookup(NULL, "/m", 0, &inode) == 0);
	CHECK(inode->sb->ops->statfs(inode->sb, &u) == 0);
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		memset(data, 'A' + (int)i, sizeof(data));
		CHECK(write_at("/m/f", O_CREAT, data, 32, at[i] + 4090) == 32);
	}
	CHECK(rig_unmount() == -EBUSY);
	inode_put(inode);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
	CHECK(rig_mount(0) == 0);
	for (unsigned i = 0; i < ARRAY_SIZE(at); i++) {
		memset(data, 'A' + (int)i, sizeof(data));
		CHECK(read_at("/m/f", back, 32, at[i] + 4090) == 32);
		CHECK(memcmp(data, back, 32) == 0);
	}
	CHECK(read_at("/m/f", back, 32, UINT64_C(7) << 30) == 32);
	CHECK(back[0] == 0 && back[31] == 0);
	/* Cut it down step by step; a check after each. */
	for (unsigned i = ARRAY_SIZE(at); i-- > 0;) {
		struct inode_change c = { .what = CHANGE_SIZE,
					  .size = at[i] + 4100 };

		CHECK(set_attr("/m/f", &c) == 0);
		CHECK(vfs_sync() == 0);
		CHECK(rig_fsck() == 0);
	}
	CHECK(vfs_unlink(NULL, "/m/f") == 0);
	CHECK(write_at("/m/g", O_CREAT, data, 1, (UINT64_C(1) << 41)) ==
	      -EFBIG);
	CHECK(vfs_unlink(NULL, "/m/g") == 0);
	CHECK(vfs_lookup(NULL, "/m", 0, &inode) == 0);
	CHECK(inode->sb->ops->statfs(inode->sb, &after) == 0);
	CHECK(u.free == after.free && u.files_free == after.files_free);
	inode_put(inode);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

static struct fs_usage
usage(void)
{
	struct fs_usage u = { 0 };
	struct inode *inode;

	if (vfs_lookup(NULL, "/m", 0, &inode) == 0) {
		CHECK(inode->sb->ops->statfs(inode->sb, &u) == 0);
		inode_put(inode);
	}
	return u;
}

TEST(a_full_disk)
{
	struct fs_usage before;
	char path[64], text[200];
	unsigned n = 0;
	ssize_t r = 0;

	rig_mkfs("-I 256 -m 0", 2048);
	CHECK(rig_mount(0) == 0);
	before = usage();
	memset(text, 'l', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	while (r != -ENOSPC && check_bad == 0) {
		snprintf(path, sizeof(path), "/m/file-%u", n++);
		r = write_at(path, O_CREAT, buffer, 70000, 0);
		CHECK(r > 0 || r == -ENOSPC);
	}
	CHECK(usage().free == 0);
	/* Every kind of thing that needs a block, and some that do not. */
	CHECK(vfs_mkdir(NULL, "/m/dir", 0755) == -ENOSPC);
	CHECK(vfs_symlink(text, NULL, "/m/link") == -ENOSPC);
	CHECK(vfs_symlink("short", NULL, "/m/link") == 0);
	CHECK(write_at("/m/file-0", 0, "x", 1, 1 << 20) == -ENOSPC);
	CHECK(write_at("/m/file-0", 0, "x", 1, 0) == 1);
	/* The directory grows until it needs a block. */
	for (unsigned i = 0;; i++) {
		char name[NAME_MAX + 1];

		memset(name, 'n', 240);
		snprintf(name + 240, 10, "%u", i);
		snprintf(path1, sizeof(path1), "/m/%s", name);
		r = vfs_mknod(NULL, path1, S_IFIFO | 0600, 0);
		if (r != 0)
			break;
	}
	CHECK(r == -ENOSPC);
	CHECK(vfs_sync() == 0);
	CHECK(rig_fsck() == 0);
	for (unsigned i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/m/file-%u", i);
		r = vfs_unlink(NULL, path);
		CHECK(r == 0 || r == -ENOENT);
	}
	CHECK(usage().free == before.free);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

/* mke2fs makes none this small, but resize2fs and e2fsck do. */
TEST(a_disk_of_60_blocks)
{
	rig_mkfs("-I 128 -N 16 -m 0", 300);
	/* It cuts the file as well; the rig has all of it mapped. */
	CHECK(host_run("resize2fs %s/disk 60 >/dev/null 2>&1 && "
		       "truncate -s %u %s/disk",
		       rig_dir, RIG_DISK_SIZE, rig_dir) == 0);
	CHECK(rig_fsck() == 0);
	CHECK(rig_mount(0) == 0);
	CHECK(usage().blocks < 60);
	CHECK(write_at("/m/file", O_CREAT, buffer, 70000, 0) == 70000);
	CHECK(vfs_mkdir(NULL, "/m/dir", 0755) == 0);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

/* A table that does not fill its last block: e2fsck calls that clean. */
TEST(half_a_block_of_inodes)
{
	uint32_t *super = (uint32_t *)(rig_disk->bytes + 1024);
	char path[32];
	ssize_t r = 0;

	rig_mkfs("-I 128 -N 64", 1024);
	CHECK(super[0] == 64 && super[10] == 64);
	super[0] = super[10] = 48; /* all inodes, and in each group */
	CHECK(rig_repair() && rig_fsck() == 0);
	CHECK(rig_mount(0) == 0);
	for (unsigned i = 0; i < 64 && r >= 0; i++) {
		snprintf(path, sizeof(path), "/m/file-%u", i);
		r = write_at(path, O_CREAT, buffer, 5000, 0);
	}
	CHECK(r == -ENOSPC && usage().files == 48 && usage().files_free == 0);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

/*
 * e2fsck leaves unused bytes behind "." when they are few.  A name there would
 * come before "..", where it must not be.
 */
TEST(room_behind_the_dot)
{
	const uint32_t *group = (uint32_t *)(rig_disk->bytes + 4096);
	char *table, *root;

	rig_mkfs("-I 128 -N 64", 1024);
	table = rig_disk->bytes + (size_t)group[2] * 4096;
	root = rig_disk->bytes + (size_t) * (uint32_t *)(table + 168) * 4096;
	CHECK(root[8] == '.' && root[20] == '.' && root[21] == '.');
	memmove(root + 24, root + 12, 100);
	*(uint16_t *)(root + 4) = 24;
	*(uint16_t *)(root + 40) = 4096 - 36; /* lost+found, the last */
	CHECK(rig_fsck() == 0);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_mkdir(NULL, "/m/a", 0755) == 0);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

/* Larger than we make files, but within what a map can say. */
TEST(a_sparse_file_of_four_terabytes)
{
	const uint64_t size = (UINT64_C(4) << 40) + 100;
	char bytes[200] = "x";

	rig_mkfs("-I 256 -N 64", 1024);
	CHECK(rig_mount(0) == 0);
	CHECK(write_at("/m/file", O_CREAT, buffer, 5000, 0) == 5000);
	CHECK(rig_unmount() == 0);
	CHECK(host_run("debugfs -w -R 'set_inode_field /file size %lu' %s/disk "
		       ">/dev/null 2>&1",
		       (unsigned long)size, rig_dir) == 0);
	rig_drop_caches();
	CHECK(rig_fsck() == 0);
	CHECK(rig_mount(0) == 0);
	CHECK(read_at("/m/file", bytes, sizeof(bytes), size - 50) == 50);
	CHECK(bytes[0] == '\0' && bytes[49] == '\0');
	CHECK(write_at("/m/file", 0, "y", 1, size) == -EFBIG);
	CHECK(write_at("/m/file", 0, "y", 1, 50000) == 1);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

TEST(no_inodes_left)
{
	uint64_t files;
	char path[64];
	unsigned n = 0;
	int err = 0;

	rig_mkfs("-I 256 -N 32", 4096);
	CHECK(rig_mount(0) == 0);
	files = usage().files_free;
	while (err == 0) {
		snprintf(path, sizeof(path), "/m/d%u", n);
		err = n % 2 ? vfs_mkdir(NULL, path, 0755)
			    : vfs_mknod(NULL, path, S_IFREG | 0600, 0);
		n += err == 0;
	}
	CHECK(err == -ENOSPC && n == files && usage().files_free == 0);
	CHECK(vfs_symlink("x", NULL, "/m/s") == -ENOSPC);
	CHECK(vfs_sync() == 0);
	CHECK(rig_fsck() == 0);
	for (unsigned i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/m/d%u", i);
		CHECK((i % 2 ? vfs_rmdir(NULL, path)
			     : vfs_unlink(NULL, path)) == 0);
	}
	CHECK(usage().files_free == files);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

TEST(blocks_only_root_may_use)
{
	struct thread *me = thread_current();
	struct inode_change all = { .what = CHANGE_MODE, .mode = 0777 };
	ssize_t r;

	rig_mkfs("-I 256 -m 10", 4096);
	CHECK(rig_mount(0) == 0);
	CHECK(set_attr("/m", &all) == 0);
	CHECK(usage().available < usage().free);
	me->cred.fsuid = me->cred.euid = me->cred.uid = 1000;
	for (uint64_t pos = 0;
	     (r = write_at("/m/f", O_CREAT, buffer, 65536, pos)) == 65536;)
		pos += 65536;
	CHECK(r == -ENOSPC || r > 0);
	CHECK(usage().available == 0 && usage().free > 0);
	me->cred.fsuid = me->cred.euid = me->cred.uid = 0;
	CHECK(write_at("/m/g", O_CREAT, buffer, 4096, 0) == 4096);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

TEST(unlinked_files_live_until_closed)
{
	struct fs_usage before;
	struct file *f;
	struct iobuf b;
	uint64_t pos = 0;

	rig_mkfs("-I 256", 4096);
	CHECK(rig_mount(0) == 0);
	before = usage();
	CHECK(vfs_open("/m/f", O_CREAT | O_RDWR, 0600, &f) == 0);
	iobuf_init_kernel(&b, buffer, 100000);
	CHECK(file_write(f, &b, &pos) == 100000);
	CHECK(vfs_unlink(NULL, "/m/f") == 0);
	CHECK(usage().free < before.free);
	CHECK(vfs_sync() == 0);
	iobuf_init_kernel(&b, buffer, 100);
	CHECK(file_write(f, &b, &pos) == 100);
	CHECK(file_read_at(f, path1, 10, 100090) == 10);
	CHECK(vfs_mknod(NULL, "/m/f", S_IFREG | 0600, 0) == 0);
	CHECK(vfs_unlink(NULL, "/m/f") == 0);
	file_put(f);
	CHECK(usage().free == before.free &&
	      usage().files_free == before.files_free);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

TEST(the_clean_mark)
{
	uint16_t *state = (uint16_t *)(rig_disk->bytes + 1024 + 58);
	unsigned logs;

	rig_mkfs("-I 256", 4096);
	CHECK(rig_mount(SB_RDONLY) == 0);
	CHECK(*state == 1);
	CHECK(vfs_remount("/m", 0) == 0);
	CHECK(*state == 0);
	CHECK(vfs_mkdir(NULL, "/m/d", 0755) == 0);
	CHECK(vfs_remount("/m", SB_RDONLY) == 0);
	CHECK(*state == 1);
	CHECK(rig_fsck() == 0);
	CHECK(vfs_mkdir(NULL, "/m/e", 0755) == -EROFS);
	CHECK(rig_unmount() == 0);
	logs = shim_log_count;
	CHECK(rig_mount(0) == 0);
	CHECK(*state == 0 && shim_log_count == logs);
	CHECK(rig_unmount() == 0);
	CHECK(*state == 1);
	*state = 0;
	rig_load(NULL, 0);
	CHECK(rig_mount(0) == 0);
	/* "was not unmounted cleanly: read-only", until a check has been. */
	CHECK(shim_log_count > logs);
	CHECK(vfs_mkdir(NULL, "/m/e", 0755) == -EROFS);
	CHECK(vfs_remount("/m", 0) == -EROFS);
	CHECK(rig_unmount() == 0);
	CHECK(*state == 0);
}

/* mount_quiesce() has marked the disk clean; a struct file is still open. */
TEST(an_open_file_is_not_written_once_the_disk_is_clean)
{
	uint16_t *state = (uint16_t *)(rig_disk->bytes + 1024 + 58);
	uint64_t pos = 0;
	struct iobuf b;
	struct file *f;

	rig_mkfs("-I 256", 4096);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_open("/m/f", O_WRONLY | O_CREAT, 0644, &f) == 0);
	iobuf_init_kernel(&b, "abc", 3);
	CHECK(file_write(f, &b, &pos) == 3);
	CHECK(mount_quiesce(true) == 0);
	CHECK(*state == 1);
	iobuf_init_kernel(&b, "def", 3);
	CHECK(file_write(f, &b, &pos) == -EROFS);
	CHECK(rig_fsck() == 0);
	file_put(f);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

/* What still runs may write, and a deleted file's space is still to be freed. */
TEST(a_disk_in_use_is_not_marked_clean)
{
	uint16_t *state = (uint16_t *)(rig_disk->bytes + 1024 + 58);
	struct file *f;

	rig_mkfs("-I 256", 4096);
	CHECK(rig_mount(0) == 0);
	CHECK(mount_quiesce(false) == -EBUSY);
	CHECK(*state == 0);
	CHECK(vfs_open("/m/f", O_WRONLY | O_CREAT, 0644, &f) == 0);
	CHECK(vfs_unlink(NULL, "/m/f") == 0);
	CHECK(mount_quiesce(true) == -EBUSY);
	CHECK(*state == 0);
	file_put(f);
	CHECK(mount_quiesce(true) == 0);
	CHECK(*state == 1);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

TEST(other_file_systems_are_refused)
{
	uint32_t *word = (uint32_t *)(rig_disk->bytes + 1024);

	rig_mkfs("-I 256", 4096);
	word[24] |= 0x40; /* extents */
	rig_load(NULL, 0);
	CHECK(rig_mount(0) == -EUCLEAN);
	word[24] &= ~0x40u;
	word[25] |= 0x400; /* metadata_csum: may be read */
	rig_load(NULL, 0);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_mkdir(NULL, "/m/d", 0755) == -EROFS);
	CHECK(vfs_remount("/m", 0) == -EROFS);
	CHECK(rig_unmount() == 0);
	word[6] = 0; /* blocks of 1024 */
	rig_load(NULL, 0);
	CHECK(rig_mount(0) == -EUCLEAN);
	word[14] = 0; /* no magic */
	rig_load(NULL, 0);
	CHECK(rig_mount(0) == -EINVAL);
}

TEST(directories_of_many_blocks)
{
	char path[64];
	struct inode *inode;
	struct listing l = { .dir = 0 };
	uint64_t pos = 0;
	unsigned n = 0;

	rig_mkfs("-I 128 -N 4096", 12 << 10);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_mkdir(NULL, "/m/d", 0755) == 0);
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(path, sizeof(path), "/m/d/a-rather-long-name-%u", i);
		CHECK(vfs_mknod(NULL, path, S_IFREG | 0600, 0) == 0);
	}
	/* Remove while listing: the others are listed exactly once. */
	CHECK(vfs_lookup(NULL, "/m/d", 0, &inode) == 0);
	while (pos < inode->size && n < 5000) {
		uint64_t at = pos;

		mutex_lock(&inode->lock);
		CHECK(inode->ops->readdir(inode, &pos, list_entry_seen, &l) ==
		      0);
		mutex_unlock(&inode->lock);
		if (pos == at)
			break;
		n++;
	}
	CHECK(l.strangers == 2000 && l.dots == 2);
	inode_put(inode);
	for (unsigned i = 0; i < 2000; i++) {
		if (i % 3 == 0)
			continue;
		snprintf(path, sizeof(path), "/m/d/a-rather-long-name-%u", i);
		CHECK(vfs_unlink(NULL, path) == 0);
	}
	CHECK(vfs_rmdir(NULL, "/m/d") == -ENOTEMPTY);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
	CHECK(rig_mount(0) == 0);
	for (unsigned i = 0; i < 2000; i += 3) {
		snprintf(path, sizeof(path), "/m/d/a-rather-long-name-%u", i);
		CHECK(vfs_unlink(NULL, path) == 0);
	}
	CHECK(vfs_rmdir(NULL, "/m/d") == 0);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

TEST(link_count_limits)
{
	uint16_t links[2];
	struct inode *inode;

	rig_mkfs("-I 128", 4096);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_mkdir(NULL, "/m/d", 0755) == 0);
	CHECK(vfs_mkdir(NULL, "/m/e", 0755) == 0);
	CHECK(vfs_mknod(NULL, "/m/f", S_IFREG | 0600, 0) == 0);
	for (unsigned i = 0; i < 2; i++) {
		CHECK(vfs_lookup(NULL, i ? "/m/f" : "/m/d", 0, &inode) == 0);
		links[i] = (uint16_t)inode->nlink;
		inode->nlink = 32000;
		if (i == 0) {
			CHECK(vfs_mkdir(NULL, "/m/d/x", 0755) == -EMLINK);
			CHECK(vfs_rename(NULL, "/m/e", NULL, "/m/d/e", 0) ==
			      -EMLINK);
		} else {
			CHECK(vfs_link(inode, NULL, "/m/g") == -EMLINK);
		}
		inode->nlink = links[i];
		inode_put(inode);
	}
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

/* ---- when memory fails ---- */

static void
prepare_tree(void)
{
	CHECK(vfs_mkdir(NULL, "/m/d", 0755) == 0);
	CHECK(vfs_mkdir(NULL, "/m/d/sub", 0755) == 0);
	CHECK(vfs_mkdir(NULL, "/m/empty", 0755) == 0);
	CHECK(write_at("/m/big", O_CREAT, buffer, 200000, 0) == 200000);
	CHECK(write_at("/m/big", 0, "tail", 4, 6000 * 4096) == 4);
	CHECK(write_at("/m/small", O_CREAT, buffer, 100, 0) == 100);
}

/* Each is tried on a fresh tree with cold caches; 0 or an error. */

static int
do_create(void)
{
	ssize_t r = write_at("/m/d/new", O_CREAT, buffer, 1000, 0);

	return r < 0 ? (int)r : 0;
}

static int
do_write(void)
{
	/* Needs blocks of two levels, and fills a hole. */
	ssize_t r = write_at("/m/small", 0, buffer, 3000, 2000 * 4096 + 2000);

	return r < 0 ? (int)r : 0;
}

static int
do_long_link(void)
{
	char text[2000];

	memset(text, 'y', sizeof(text));
	text[1999] = '\0';
	return vfs_symlink(text, NULL, "/m/d/link");
}

static int
do_mkdir(void)
{
	return vfs_mkdir(NULL, "/m/d/new", 0755);
}

static int
do_rmdir(void)
{
	return vfs_rmdir(NULL, "/m/empty");
}

static int
do_unlink(void)
{
	return vfs_unlink(NULL, "/m/big");
}

static int
do_rename_dir(void)
{
	return vfs_rename(NULL, "/m/d/sub", NULL, "/m/empty", 0);
}

static int
do_rename_new(void)
{
	return vfs_rename(NULL, "/m/big", NULL, "/m/d/sub/renamed", 0);
}

static int
do_exchange(void)
{
	return vfs_rename(NULL, "/m/d", NULL, "/m/empty", RENAME_EXCHANGE);
}

static int
do_truncate(void)
{
	struct inode_change c = { .what = CHANGE_SIZE, .size = 50001 };

	return set_attr("/m/big", &c);
}

static int
do_link(void)
{
	struct inode *inode;
	int err = vfs_lookup(NULL, "/m/small", 0, &inode);

	if (err == 0) {
		err = vfs_link(inode, NULL, "/m/d/sub/hard");
		inode_put(inode);
	}
	return err;
}

static int
do_remount(void)
{
	int err = rig_unmount();

	return err != 0 ? err : rig_mount(0);
}

static int (*const attempts[])(void) = {
	do_create,   do_write,	  do_long_link,	 do_mkdir,
	do_rmdir,    do_unlink,	  do_rename_dir, do_rename_new,
	do_exchange, do_truncate, do_link,	 do_remount,
};

/* Image with the tree of prepare_tree(), and its size. */
static char *tree_image;
#define TREE_KIB 3072u

static void
make_tree_image(void)
{
	if (tree_image != NULL)
		return;
	rig_mkfs("-I 256 -N 128", TREE_KIB);
	CHECK(rig_mount(0) == 0);
	prepare_tree();
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
	tree_image = malloc(TREE_KIB << 10);
	memcpy(tree_image, rig_disk->bytes, TREE_KIB << 10);
}

TEST(every_allocation_may_fail)
{
	make_tree_image();
	for (unsigned a = 0; a < ARRAY_SIZE(attempts); a++) {
		bool failed = true;

		for (int n = 0; failed && check_bad == 0; n++) {
			int err, again;

			rig_load(tree_image, TREE_KIB << 10);
			CHECK(rig_mount(0) == 0);
			shim_fail_allocation(n);
			err = attempts[a]();
			failed = shim_allocation_failed();
			CHECK(failed || err == 0);
			CHECK(err == 0 || err == -ENOMEM);
			if (attempts[a] == do_remount && err != 0)
				(void)rig_mount(0);
			/* Nothing has changed: now it must succeed. */
			again = err != 0 ? attempts[a]() : 0;
			CHECK(again == 0);
			CHECK(rig_unmount() == 0);
			CHECK(rig_fsck() == 0);
			if (check_bad > 0)
				printf("# attempt %u, allocation %d: %d, then "
				       "%d\n",
				       a, n, err, again);
		}
	}
}

/* ---- when the disk fails ---- */

TEST(every_read_may_fail)
{
	make_tree_image();
	for (unsigned a = 0; a < ARRAY_SIZE(attempts); a++) {
		/* What frees blocks may have to leave them taken. */
		bool frees = attempts[a] == do_unlink ||
			     attempts[a] == do_truncate ||
			     attempts[a] == do_rmdir ||
			     attempts[a] == do_rename_dir;
		bool failed = true;

		for (int n = 0; failed && check_bad == 0; n++) {
			int err;

			rig_load(tree_image, TREE_KIB << 10);
			CHECK(rig_mount(0) == 0);
			rig_disk->failed = false;
			rig_disk->fail_read = n;
			err = attempts[a]();
			rig_disk->fail_read = -1;
			failed = rig_disk->failed;
			CHECK(err == 0 || err == -EIO);
			CHECK(failed || err == 0);
			if (attempts[a] == do_remount && err != 0)
				(void)rig_mount(0);
			CHECK(rig_unmount() == 0);
			CHECK((rig_fsck_quiet() == 0) || frees);
			if (check_bad > 0)
				printf("# attempt %u, read %d: %d\n", a, n,
				       err);
		}
	}
}

TEST(every_write_may_fail)
{
	make_tree_image();
	for (unsigned a = 0; a < ARRAY_SIZE(attempts) - 1; a++) {
		bool failed = true;

		for (int n = 0; failed && check_bad == 0; n++) {
			rig_load(tree_image, TREE_KIB << 10);
			CHECK(rig_mount(0) == 0);
			rig_disk->failed = false;
			rig_disk->fail_write = n;
			CHECK(attempts[a]() == 0);
			/* A sync that fails says so, and the next is whole. */
			CHECK(vfs_sync() == (rig_disk->failed ? -EIO : 0));
			failed = rig_disk->failed;
			rig_disk->fail_write = -1;
			CHECK(vfs_sync() == 0);
			CHECK(rig_fsck() == 0);
			CHECK(rig_unmount() == 0);
			CHECK(rig_fsck() == 0);
			if (check_bad > 0)
				printf("# attempt %u, write %d\n", a, n);
		}
	}
}

/* The background writer takes the mark before it writes: here, and no more. */
TEST(fsync_does_not_rely_on_the_inode_writer)
{
	struct file *f;

	rig_mkfs("-I 256", 4096);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_open("/m/f", O_CREAT | O_RDWR, 0600, &f) == 0);
	CHECK(inode_sync(f->inode) == 0);
	mutex_lock(&f->inode->lock);
	CHECK(f->inode->ops->setattr(
		      f->inode, &(struct inode_change){ .what = CHANGE_MTIME,
							.mtime = 77 }) == 0);
	mutex_unlock(&f->inode->lock);
	atomic_fetch_and(&f->inode->state, ~INODE_DIRTY);
	CHECK(inode_sync(f->inode) == 0);
	file_put(f);
	rig_drop_caches();
	CHECK(vfs_open("/m/f", O_RDONLY, 0, &f) == 0);
	CHECK(f->inode->mtime == 77);
	file_put(f);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

TEST(fsync_reports_failed_writes_and_flushes)
{
	struct file *f;
	struct iobuf b;
	uint64_t pos = 0;

	rig_mkfs("-I 256", 4096);
	CHECK(rig_mount(0) == 0);
	CHECK(vfs_open("/m/f", O_CREAT | O_RDWR, 0600, &f) == 0);
	iobuf_init_kernel(&b, buffer, 50000);
	CHECK(file_write(f, &b, &pos) == 50000);
	rig_disk->fail_write = 0;
	CHECK(inode_sync(f->inode) == -EIO);
	CHECK(inode_sync(f->inode) == 0);
	rig_disk->fail_flush = 0;
	CHECK(inode_sync(f->inode) == -EIO);
	CHECK(inode_sync(f->inode) == 0);
	file_put(f);
	CHECK(rig_unmount() == 0);
	CHECK(rig_fsck() == 0);
}

/* ---- several threads ---- */

static _Atomic unsigned running;
static struct waitq finished = WAITQ_INIT(finished);

static void
busy_thread(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;
	char path[64], to[64], data[6000];

	for (unsigned i = 0; i < 120 && check_bad == 0; i++) {
		unsigned n = (unsigned)(shim_random() % 6);
		int err = 0;

		/* Odd rounds: a directory of one's own; even: all together. */
		snprintf(path, sizeof(path), "/m/t%u/n%u", i % 2 ? me : 9, n);
		snprintf(to, sizeof(to), "/m/t%u/n%u",
			 (unsigned)(shim_random() % 4),
			 (unsigned)(shim_random() % 6));
		memset(data, (int)('a' + me), sizeof(data));
		switch (shim_random() % 8) {
		case 0:
			err = vfs_mkdir(NULL, path, 0755);
			break;
		case 1:
			err = vfs_rename(NULL, path, NULL, to, 0);
			break;
		case 2:
			err = vfs_unlink(NULL, path);
			break;
		case 3:
			err = vfs_rmdir(NULL, path);
			break;
		case 4:
			err = (int)read_at(path, data, sizeof(data), 0);
			break;
		case 5:
			err = vfs_sync();
			break;
		default:
			err = (int)write_at(path, O_CREAT, data,
					    1 + shim_random() % sizeof(data),
					    shim_random() % 60000);
		}
		CHECK(err >= 0 || err == -EEXIST || err == -ENOENT ||
		      err == -ENOTDIR || err == -EISDIR || err == -ENOTEMPTY ||
		      err == -EINVAL);
	}
	running--;
	waitq_wake_all(&finished);
}

TEST(threads_share_a_file_system)
{
	for (unsigned round = 0; round < 4 && check_bad == 0; round++) {
		rig_mkfs("-I 256 -g 512", 8192);
		CHECK(rig_mount(0) == 0);
		for (unsigned i = 0; i < 4; i++) {
			char path[32];

			snprintf(path, sizeof(path), "/m/t%u", i);
			CHECK(vfs_mkdir(NULL, path, 0755) == 0);
		}
		CHECK(vfs_mkdir(NULL, "/m/t9", 0755) == 0);
		shim_preempt = 2 + 4 * round;
		running = 4;
		for (unsigned i = 0; i < 4; i++)
			CHECK(thread_spawn_kernel("busy", busy_thread,
						  (void *)(uintptr_t)i) == 0);
		wait_event(&finished, running == 0);
		shim_preempt = 0;
		CHECK(rig_unmount() == 0);
		CHECK(rig_fsck() == 0);
	}
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
	RUN(the_image_of_mke2fs_is_read);
	RUN(random_operations_inodes_of_256);
	RUN(random_operations_inodes_of_128);
	RUN(random_operations_many_small_groups);
	RUN(random_operations_old_revision);
	RUN(large_and_sparse_files);
	RUN(directories_of_many_blocks);
	RUN(a_full_disk);
	RUN(a_disk_of_60_blocks);
	RUN(half_a_block_of_inodes);
	RUN(room_behind_the_dot);
	RUN(a_sparse_file_of_four_terabytes);
	RUN(no_inodes_left);
	RUN(blocks_only_root_may_use);
	RUN(unlinked_files_live_until_closed);
	RUN(the_clean_mark);
	RUN(an_open_file_is_not_written_once_the_disk_is_clean);
	RUN(a_disk_in_use_is_not_marked_clean);
	RUN(other_file_systems_are_refused);
	RUN(link_count_limits);
	RUN(threads_share_a_file_system);
	RUN(every_allocation_may_fail);
	RUN(every_read_may_fail);
	RUN(every_write_may_fail);
	RUN(fsync_does_not_rely_on_the_inode_writer);
	RUN(fsync_reports_failed_writes_and_flushes);
	rig_end();
	return check_end();
}
