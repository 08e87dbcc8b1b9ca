/* SPDX-License-Identifier: MIT */
/*
 * tests/host/ext2_crash_test.c - the power fails between any two writes.
 *
 * A workload runs while each write and flush of the disk is recorded.  Between
 * two flushes the disk may do writes in any order, so the states after a power
 * cut are: everything up to a flush, and a subset of the writes up to the next.
 * For each state e2fsck -p must repair the disk without a question, and then
 * what fsync() promised before that flush must be there.
 *
 *	ext2_crash_test [SEED [STATES]]		STATES of each workload
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
#include "shim/fsrig.h"
#include "shim/host.h"

#define KIB	   4096u
#define BLOCK	   4096u
#define EVENTS_MAX 20000u
#define NAMES	   64u

/* ---- what happened ---- */

struct event {
	uint32_t block;	   /* 0 with bytes NULL: a flush */
	unsigned promised; /* promises kept before it */
	char *bytes;
};

/* What must be there: `path` holds text(was), or text(now) if now != 0. */
struct promise {
	char path[64];
	unsigned was, now;
	unsigned from, until; /* events; until 0: for ever */
};

static char base[KIB << 10], state[KIB << 10];
static struct event events[EVENTS_MAX];
static unsigned event_count;
static struct promise promises[4096];
static unsigned promise_count;
static unsigned states_wanted = 30;

static void
watch(uint64_t at, const void *bytes, size_t n)
{
	if (n == 0) {
		events[event_count++] = (struct event){ 0 };
		return;
	}
	for (size_t i = 0; i < n && event_count < EVENTS_MAX; i += BLOCK) {
		struct event *e = &events[event_count++];

		e->block = (uint32_t)((at + i) / BLOCK);
		e->bytes = malloc(BLOCK);
		memcpy(e->bytes, (const char *)bytes + i, BLOCK);
	}
}

static void
forget_events(void)
{
	for (unsigned i = 0; i < event_count; i++)
		free(events[i].bytes);
	event_count = promise_count = 0;
}

/* From here on `path` holds the bytes of `text`. */
static void
promise(const char *path, unsigned text)
{
	struct promise *p = &promises[promise_count];

	CHECK(promise_count + 1 < ARRAY_SIZE(promises));
	promise_count += promise_count + 1 < ARRAY_SIZE(promises);
	*p = (struct promise){ .was = text, .from = event_count };
	str_copy(p->path, path, sizeof(p->path));
}

/*
 * From here on `path` may hold the bytes of `text` instead, or be gone if
 * `text` is 0.  What it held since the last such call is on the disk by now.
 */
static void
may_change(const char *path, unsigned text)
{
	unsigned count = promise_count;

	for (unsigned i = 0; i < count; i++) {
		struct promise *p = &promises[i];

		if (strcmp(p->path, path) != 0 || p->until != 0)
			continue;
		p->until = event_count;
		if (text == 0)
			continue;
		promise(path, p->now != 0 ? p->now : p->was);
		promises[promise_count - 1].now = text;
	}
}

/* From here on `path` holds the bytes of one text or of the other. */
static void
promise_either(const char *path, unsigned was, unsigned now)
{
	promise(path, was);
	promises[promise_count - 1].now = now;
}

/* ---- using the disk ---- */

static size_t
text_of(unsigned number, char *to)
{
	size_t n = 100 + number * 7919u % 90000;

	for (size_t i = 0; i < n; i++)
		to[i] = (char)('a' + (number + i / 7) % 26);
	return n;
}

static char bytes[100000], found[100000];

static struct file *
open_file(const char *path, unsigned flags)
{
	struct file *f;
	int err = vfs_open(path, flags, 0644, &f);

	CHECK(err == 0);
	return err == 0 ? f : NULL;
}

/* Create a file and have it on the disk. */
static void
write_file(const char *path, unsigned text, bool sync)
{
	struct file *f = open_file(path, O_CREAT | O_TRUNC | O_WRONLY);
	size_t n = text_of(text, bytes);
	uint64_t pos = 0;
	struct iobuf b;

	iobuf_init_kernel(&b, bytes, n);
	CHECK(file_write(f, &b, &pos) == (ssize_t)n);
	if (sync) {
		CHECK(inode_sync(f->inode) == 0);
		promise(path, text);
	}
	file_put(f);
}

static bool
file_holds(const char *path, unsigned text)
{
	size_t n = text_of(text, bytes);
	uint64_t pos = 0;
	struct iobuf b;
	struct file *f;
	ssize_t got;

	if (vfs_open(path, O_RDONLY, 0, &f) != 0)
		return false;
	iobuf_init_kernel(&b, found, sizeof(found));
	got = file_read(f, &b, &pos);
	file_put(f);
	return got == (ssize_t)n && memcmp(bytes, found, n) == 0;
}

static bool
holds(const char *path, unsigned text)
{
	char *any = strchr(path, '?');
	char one[64];

	if (any == NULL)
		return file_holds(path, text);
	str_copy(one, path, sizeof(one));
	for (one[any - path] = '0'; one[any - path] < '3'; one[any - path]++) {
		if (file_holds(one, text))
			return true;
	}
	return false;
}

/* ---- the states ---- */

static unsigned unrepaired, tried;

/* The state on the disk after a cut at event `end` must be good. */
static void
judge(const char *what, unsigned flushed, unsigned end)
{
	int status;

	rig_load(state, sizeof(state));
	status = host_run("timeout -k 1 10 e2fsck -fp %s/disk >%s/fsck 2>&1",
			  rig_dir, rig_dir);
	tried++;
	if (status > 1) {
		unrepaired++;
		printf("# %s: cut at %u of %u, flushed at %u: e2fsck -p: %d\n",
		       what, end, event_count, flushed, status);
		host_run("sed 's/^/#   /' %s/fsck", rig_dir);
		CHECK(rig_repair());
	}
	CHECK(rig_mount(SB_RDONLY) == 0);
	for (unsigned i = 0; i < promise_count; i++) {
		const struct promise *p = &promises[i];

		if (p->from > flushed || (p->until != 0 && end > p->until))
			continue;
		if (holds(p->path, p->was) ||
		    (p->now != 0 && holds(p->path, p->now)))
			continue;
		check_bad++;
		printf("# %s: cut at %u of %u: %s (%u or %u) is lost\n", what,
		       end, event_count, p->path, p->was, p->now);
		host_run("sed 's/^/#   /' %s/fsck", rig_dir);
	}
	CHECK(rig_unmount() == 0);
}

/* Everything before `flushed`, and of [flushed, end) what `mask` has. */
static void
make_state(unsigned flushed, unsigned end, unsigned keep)
{
	memcpy(state, base, sizeof(base));
	for (unsigned i = 0; i < end; i++) {
		const struct event *e = &events[i];

		if (e->bytes != NULL &&
		    (i < flushed || check_random() % 100 < keep))
			memcpy(state + (size_t)e->block * BLOCK, e->bytes,
			       BLOCK);
	}
}

/* Some states: cuts at random, most in epochs that write several blocks. */
static void
try_states(const char *what)
{
	static const unsigned keeps[] = { 0, 20, 50, 80, 100 };

	for (unsigned i = 0; i < states_wanted && check_bad == 0; i++) {
		unsigned end = 1 + (unsigned)(check_random() % event_count);
		unsigned flushed = end;

		while (flushed > 0 && events[flushed - 1].bytes != NULL)
			flushed--;
		make_state(flushed, end,
			   keeps[check_random() % ARRAY_SIZE(keeps)]);
		judge(what, flushed, end);
	}
}

/* Every state in which one block of an epoch, or all but one, is there. */
static void
try_single_blocks(const char *what, unsigned most)
{
	unsigned flushed = 0;

	for (unsigned i = 0; i < event_count && most > 0; i++) {
		if (events[i].bytes == NULL) {
			flushed = i + 1;
			continue;
		}
		make_state(flushed, i, 0);
		memcpy(state + (size_t)events[i].block * BLOCK, events[i].bytes,
		       BLOCK);
		judge(what, flushed, i + 1);
		most--;
	}
}

/* Commit, and record only what comes after it. */
static void
from_here(void)
{
	CHECK(vfs_sync() == 0);
	forget_events();
	memcpy(base, rig_disk->bytes, sizeof(base));
}

static void
crash(const char *what, void (*work)(void))
{
	rig_mkfs("-I 256 -N 256 -g 256", KIB);
	CHECK(rig_mount(0) == 0);
	memcpy(base, rig_disk->bytes, sizeof(base));
	rig_disk->watch = watch;
	work();
	CHECK(vfs_sync() == 0);
	rig_disk->watch = NULL;
	CHECK(rig_fsck() == 0);
	CHECK(rig_unmount() == 0);
	tried = unrepaired = 0;
	try_single_blocks(what, states_wanted);
	try_states(what);
	printf("# %s: %u events, %u states, %u need e2fsck -y\n", what,
	       event_count, tried, unrepaired);
	CHECK(unrepaired == 0);
	forget_events();
}

/* ---- the workloads ---- */

static void
new_folders(void)
{
	char path[64];

	for (unsigned i = 0; i < 12; i++) {
		snprintf(path, sizeof(path), "/m/d%u", i);
		CHECK(vfs_mkdir(NULL, path, 0755) == 0);
		snprintf(path, sizeof(path), "/m/d%u/sub", i);
		CHECK(vfs_mkdir(NULL, path, 0755) == 0);
		snprintf(path, sizeof(path), "/m/d%u/other", i);
		write_file(path, 100 + i, false);
		snprintf(path, sizeof(path), "/m/d%u/sub/file", i);
		write_file(path, i + 1, true);
	}
}

static void
replacing(void)
{
	write_file("/m/name", 1, true);
	for (unsigned i = 2; i < 14; i++) {
		write_file("/m/tmp", i, true);
		may_change("/m/tmp", 0);
		may_change("/m/name", i);
		CHECK(vfs_rename(NULL, "/m/tmp", NULL, "/m/name", 0) == 0);
		if (i % 3 == 0) {
			CHECK(vfs_sync() == 0);
			may_change("/m/name", 0);
			promise("/m/name", i);
		}
	}
}

static void
many_files(void)
{
	char path[64];

	CHECK(vfs_mkdir(NULL, "/m/new", 0755) == 0);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(path, sizeof(path), "/m/new/a-rather-long-name-%u", i);
		write_file(path, i % 10, i % 25 == 24);
	}
}

/* Away with whole trees, and their room used again. */
static void
removing(void)
{
	char path[64];

	for (unsigned round = 0; round < 4; round++) {
		for (unsigned i = 0; i < 20; i++) {
			snprintf(path, sizeof(path), "/m/t%u", i);
			CHECK(vfs_mkdir(NULL, path, 0755) == 0);
			snprintf(path, sizeof(path), "/m/t%u/in", i);
			CHECK(vfs_mkdir(NULL, path, 0755) == 0);
			snprintf(path, sizeof(path), "/m/t%u/in/f", i);
			write_file(path, round * 20 + i + 1, false);
		}
		CHECK(vfs_sync() == 0);
		for (unsigned i = 0; i < 20; i++) {
			snprintf(path, sizeof(path), "/m/t%u/in/f", i);
			CHECK(vfs_unlink(NULL, path) == 0);
			snprintf(path, sizeof(path), "/m/t%u/in", i);
			CHECK(vfs_rmdir(NULL, path) == 0);
			snprintf(path, sizeof(path), "/m/t%u", i);
			CHECK(vfs_rmdir(NULL, path) == 0);
		}
		snprintf(path, sizeof(path), "/m/kept%u", round);
		write_file(path, round + 1, true);
	}
}

/* Names move between directories; "?" in a promise: in any of these. */
static void
moving(void)
{
	char from[64], to[64];
	unsigned at[10] = { 0 };

	for (unsigned d = 0; d < 3; d++) {
		snprintf(from, sizeof(from), "/m/d%u", d);
		CHECK(vfs_mkdir(NULL, from, 0755) == 0);
	}
	for (unsigned i = 0; i < 10; i++) {
		snprintf(from, sizeof(from), "/m/d0/f%u", i);
		write_file(from, i + 1, true);
		may_change(from, 0);
		snprintf(from, sizeof(from), "/m/d?/f%u", i);
		promise(from, i + 1);
	}
	for (unsigned n = 0; n < 60; n++) {
		unsigned i = (unsigned)(check_random() % 10);
		unsigned d = (unsigned)(check_random() % 3);
		struct inode *inode;

		snprintf(from, sizeof(from), "/m/d%u/f%u", at[i], i);
		snprintf(to, sizeof(to), "/m/d%u/f%u", d, i);
		if (d != at[i] && n % 3 == 0) {
			CHECK(vfs_lookup(NULL, from, 0, &inode) == 0);
			CHECK(vfs_link(inode, NULL, to) == 0);
			inode_put(inode);
			CHECK(vfs_unlink(NULL, from) == 0);
		} else {
			CHECK(vfs_rename(NULL, from, NULL, to, 0) == 0);
		}
		at[i] = d;
		if (n % 8 == 7)
			CHECK(vfs_sync() == 0);
	}
}

/* Files shrink, go and come on a disk that is nearly full. */
static void
little_room(void)
{
	char path[64];

	for (unsigned i = 0; i < 200; i++) {
		unsigned k = (unsigned)(check_random() % 50);

		snprintf(path, sizeof(path), "/m/f%u", k);
		may_change(path, 0);
		if (check_random() % 3 == 0)
			(void)vfs_unlink(NULL, path);
		else
			write_file(path, 1 + (unsigned)(check_random() % 4000),
				   i % 10 == 9);
	}
}

/*
 * The workloads below are one commit each.  Their texts fill one block; 0 is
 * the old text of a file that is replaced.
 */
#define OLD 0u
#define NEW 23u

/* More files are replaced than fit the lists of a commit. */
static void
replacing_many(void)
{
	char from[64], to[64];

	for (unsigned i = 0; i < 40; i++) {
		snprintf(from, sizeof(from), "/m/new%u", i);
		snprintf(to, sizeof(to), "/m/old%u", i);
		write_file(from, NEW, false);
		write_file(to, OLD, false);
	}
	from_here();
	for (unsigned i = 0; i < 40; i++) {
		snprintf(from, sizeof(from), "/m/new%u", i);
		snprintf(to, sizeof(to), "/m/old%u", i);
		promise_either(to, OLD, NEW);
		CHECK(vfs_rename(NULL, from, NULL, to, 0) == 0);
	}
}

static void
rename_to(const char *from, const char *to)
{
	CHECK(vfs_rename(NULL, from, NULL, to, 0) == 0);
}

/* Folders a, b and c, each with files x, y and z. */
static void
three_folders(void)
{
	char path[8] = "/m/a";

	for (; path[3] <= 'c'; path[3]++) {
		path[4] = '\0';
		CHECK(vfs_mkdir(NULL, path, 0755) == 0);
		path[4] = '/';
		path[5] = 'x';
		write_file(path, NEW, false);
		path[5] = 'y';
		write_file(path, OLD, false);
		path[5] = 'z';
		write_file(path, NEW, false);
	}
	from_here();
}

/* A name that has moved already replaces a file. */
static void
replacing_moved(void)
{
	three_folders();
	promise_either("/m/c/y", OLD, NEW);
	rename_to("/m/a/x", "/m/b/n");
	rename_to("/m/b/n", "/m/c/y");
}

/* A file is replaced in a block that another name leaves, before or after. */
static void
replacing_left(void)
{
	three_folders();
	promise_either("/m/b/y", OLD, NEW);
	rename_to("/m/b/x", "/m/c/n");
	rename_to("/m/a/x", "/m/b/y");
}

static void
replacing_then_left(void)
{
	three_folders();
	promise_either("/m/b/y", OLD, NEW);
	rename_to("/m/b/x", "/m/b/y");
	rename_to("/m/b/z", "/m/c/n");
}

/* A file is replaced after it has moved to a new folder. */
static void
replacing_new(void)
{
	three_folders();
	CHECK(vfs_mkdir(NULL, "/m/d", 0755) == 0);
	rename_to("/m/a/x", "/m/d/n");
	rename_to("/m/b/y", "/m/d/n");
}

/* Two files change names: each must have one of the two afterwards. */
static void
exchanging(void)
{
	three_folders();
	promise_either("/m/a/x", OLD, NEW);
	promise_either("/m/b/y", OLD, NEW);
	CHECK(vfs_rename(NULL, "/m/a/x", NULL, "/m/b/y", RENAME_EXCHANGE) == 0);
}

/* With a block that another name leaves, and once more. */
static void
exchanging_left(void)
{
	three_folders();
	rename_to("/m/a/z", "/m/c/n");
	CHECK(vfs_rename(NULL, "/m/a/x", NULL, "/m/b/y", RENAME_EXCHANGE) == 0);
	CHECK(vfs_rename(NULL, "/m/b/y", NULL, "/m/c/y", RENAME_EXCHANGE) == 0);
	rename_to("/m/b/x", "/m/c/z");
}

TEST(new_folders_with_a_file)
{
	crash("new folders", new_folders);
}

TEST(a_file_is_replaced)
{
	crash("replacing", replacing);
}

TEST(many_files_are_replaced)
{
	crash("replacing many", replacing_many);
}

TEST(names_that_move_replace_files)
{
	crash("replacing moved", replacing_moved);
	crash("replacing left", replacing_left);
	crash("replacing then left", replacing_then_left);
	crash("replacing new", replacing_new);
}

TEST(names_are_exchanged)
{
	crash("exchanging", exchanging);
	crash("exchanging left", exchanging_left);
}

TEST(many_files_in_a_new_folder)
{
	crash("many files", many_files);
}

TEST(trees_are_removed)
{
	crash("removing", removing);
}

TEST(files_move_between_folders)
{
	crash("moving", moving);
}

TEST(the_disk_is_nearly_full)
{
	crash("little room", little_room);
}

int
main(int argc, char **argv)
{
	check_begin(argc, argv);
	if (argc > 2)
		states_wanted = (unsigned)strtoul(argv[2], NULL, 0);
	shim_log_show = getenv("SHIM_LOG") != NULL;
	if (!rig_init(4096, argc > 1 ? strtoull(argv[1], NULL, 0) : 1)) {
		printf("1..0 # SKIP e2fsprogs is not installed\n");
		return 0;
	}
	RUN(new_folders_with_a_file);
	RUN(a_file_is_replaced);
	RUN(many_files_are_replaced);
	RUN(names_that_move_replace_files);
	RUN(names_are_exchanged);
	RUN(many_files_in_a_new_folder);
	RUN(trees_are_removed);
	RUN(files_move_between_folders);
	RUN(the_disk_is_nearly_full);
	rig_end();
	return check_end();
}
