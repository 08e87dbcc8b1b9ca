/* SPDX-License-Identifier: MIT */
/*
 * tests/host/pagecache_test.c - the page cache over a toy file system.
 *
 * The toy gives each file blocks of a disk in the order they are asked for, so
 * holes, runs and running out of space all happen.  A fake address space with
 * one mapping stands for mm/: its leaves are made by get_page() and cleared by
 * memobj_unmap().
 */
#include "check.h"

#include "fs/pagetree.h"
#include "kernel/hart.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "shim/host.h"
#include "shim/shim.h"

#define RAM_PAGES  1024u
#define FILE_PAGES 256u
#define DISK_PAGES 512u

/* ---- the toy file system ---- */

struct toy {
	struct pagecache cache;
	struct mutex lock;	       /* as inode->lock */
	uint32_t map[FILE_PAGES + 64]; /* block + 1 */
	int map_error;
};

static struct shim_disk *disk;
static uint32_t toy_next; /* next free block of the disk */

static int
toy_map(struct pagecache *pc, uint64_t index, unsigned max, bool create,
	uint64_t *block)
{
	struct toy *t = container_of(pc, struct toy, cache);
	unsigned n = 1;

	if (t->map_error != 0)
		return t->map_error;
	if (index >= ARRAY_SIZE(t->map))
		return -EFBIG;
	if (t->map[index] == 0 && create) {
		if (toy_next == DISK_PAGES)
			return -ENOSPC;
		t->map[index] = ++toy_next;
		/* What a block holds before its first write is garbage. */
		memset(disk->bytes + (toy_next - 1) * PAGE_SIZE, 0xee,
		       PAGE_SIZE);
	}
	*block = t->map[index] - UINT64_C(1);
	if (t->map[index] == 0)
		*block = PAGECACHE_HOLE;
	while (n < max && index + n < ARRAY_SIZE(t->map) &&
	       t->map[index + n] == (t->map[index] ? t->map[index] + n : 0))
		n++;
	return (int)n;
}

static void
toy_ref(struct pagecache *pc)
{
}

static const struct pagecache_ops toy_ops = {
	.map = toy_map,
	.get = toy_ref,
	.put = toy_ref,
};

static void
toy_open(struct toy *t)
{
	memset(t, 0, sizeof(*t));
	mutex_init(&t->lock, LOCK_INODE);
	pagecache_init(&t->cache, &toy_ops, &disk->dev, 0);
}

static ssize_t
toy_write(struct toy *t, const void *data, size_t n, uint64_t pos)
{
	struct iobuf b;
	ssize_t r;

	iobuf_init_kernel(&b, data, n);
	mutex_lock(&t->lock);
	r = pagecache_write(&t->cache, &b, pos);
	mutex_unlock(&t->lock);
	return r;
}

static ssize_t
toy_read(struct toy *t, void *data, size_t n, uint64_t pos)
{
	struct iobuf b;

	iobuf_init_kernel(&b, data, n);
	return pagecache_read(&t->cache, &b, pos);
}

static int
toy_truncate(struct toy *t, uint64_t size)
{
	int err;

	mutex_lock(&t->lock);
	err = pagecache_truncate(&t->cache, size);
	if (err == 0) {
		for (size_t i = page_count(size); i < ARRAY_SIZE(t->map); i++)
			t->map[i] = 0;
	}
	mutex_unlock(&t->lock);
	return err;
}

/* The file as it is on the disk, holes as zeroes. */
static void
toy_from_disk(struct toy *t, char *to, uint64_t size)
{
	for (uint64_t i = 0; i < page_count(size); i++) {
		if (t->map[i] == 0)
			memset(to + i * PAGE_SIZE, 0, PAGE_SIZE);
		else
			memcpy(to + i * PAGE_SIZE,
			       disk->bytes + (t->map[i] - 1) * PAGE_SIZE,
			       PAGE_SIZE);
	}
}

static struct pagecache_stats
stats(void)
{
	struct pagecache_stats s;

	pagecache_get_stats(&s);
	return s;
}

static uint64_t
free_frames(void)
{
	struct frame_stats s;

	frame_get_stats(&s);
	return s.free;
}

static void
fill(char *at, size_t n, unsigned seed)
{
	for (size_t i = 0; i < n; i++)
		at[i] = (char)(seed * 31 + i * 7 + (i >> 8));
}

static void
reset(void)
{
	toy_next = 0;
	disk->fail_read = disk->fail_write = disk->fail_flush = -1;
	disk->sticky = disk->failed = false;
	disk->reads = disk->writes = 0;
	disk->pages_read = disk->pages_written = 0;
	disk->most_in_flight = 0;
}

/* ---- a fake address space with one mapping of one file ---- */

struct leaf {
	struct frame *frame;
	bool writable;
};

static struct memobj *mapped;
static struct leaf leaves[FILE_PAGES];
static unsigned faults;

static void
fake_unmap(struct memobj *o, uint64_t first, uint64_t last)
{
	if (o != mapped)
		return;
	for (uint64_t i = first; i <= last && i < FILE_PAGES; i++) {
		if (leaves[i].frame != NULL)
			frame_put(leaves[i].frame);
		leaves[i] = (struct leaf){ 0 };
	}
}

static int
fake_fault(uint64_t index, bool write)
{
	struct frame *f;
	int err = mapped->ops->get_page(mapped, index, write, &f);

	faults++;
	if (err != 0)
		return err;
	if (shim_preempt > 0)
		sched_switch();
	if (leaves[index].frame == NULL) {
		leaves[index] = (struct leaf){ f, write };
		frame_pin_to_map(f);
	} else if (leaves[index].frame == f) {
		leaves[index].writable |= write;
		frame_unpin(f);
	} else {
		CHECK(!"a leaf of another frame");
		frame_unpin(f);
	}
	return 0;
}

/* A program's loads and stores, byte addresses in the mapping. */
static bool
fake_access(uint64_t at, void *data, size_t n, bool store)
{
	while (n > 0) {
		uint64_t i = at >> PAGE_SHIFT;
		size_t part = MIN(n, PAGE_SIZE - (at & PAGE_MASK));
		char *p;

		while (leaves[i].frame == NULL ||
		       (store && !leaves[i].writable)) {
			if (fake_fault(i, store) != 0)
				return false;
		}
		p = (char *)frame_ptr(leaves[i].frame) + (at & PAGE_MASK);
		if (store)
			memcpy(p, data, part);
		else
			memcpy(data, p, part);
		data = (char *)data + part;
		at += part;
		n -= part;
	}
	return true;
}

static size_t
fake_user_copy(struct space *s, uint64_t user, void *kernel, size_t n,
	       bool to_user)
{
	size_t done = 0;

	/* Page by page, as space_read() and space_write() do. */
	while (done < n) {
		size_t part = MIN(n - done, PAGE_SIZE - (user & PAGE_MASK));

		if (user >= FILE_PAGES * PAGE_SIZE ||
		    !fake_access(user, (char *)kernel + done, part, to_user))
			break;
		user += part;
		done += part;
	}
	return done;
}

static void
map_file(struct toy *t)
{
	mapped = &t->cache.obj;
	shim_unmap = fake_unmap;
	shim_user_copy = fake_user_copy;
	memset(leaves, 0, sizeof(leaves));
}

static void
unmap_file(void)
{
	fake_unmap(mapped, 0, UINT32_MAX);
	mapped = NULL;
	shim_unmap = NULL;
}

/* ---- the index ---- */

TEST(tree_agrees_with_a_model)
{
	static const uint64_t base[] = { 0,	 300,	   4000,
					 262100, 16777200, 4294967000 };
	static struct frame *page[6][256];
	static bool dirty[6][256];
	struct pagecache pc;

	pagecache_init(&pc, &toy_ops, &disk->dev, PAGECACHE_MAX);
	for (unsigned step = 0; step < 40000; step++) {
		unsigned a = check_random() % 6, b = check_random() % 256;
		uint64_t index = base[a] + b;
		struct frame *f = page[a][b];

		switch (check_random() % 4) {
		case 0:
			if (f != NULL || check_random() % 2)
				break;
			f = page_alloc_frame();
			CHECK(page_insert(&pc, index, f, true) == 0);
			page_unbusy(f);
			page[a][b] = f;
			break;
		case 1:
			if (f == NULL)
				break;
			spin_lock(&pc.lock);
			page_clear_dirty(&pc, f);
			page_remove(&pc, f);
			spin_unlock(&pc.lock);
			page[a][b] = NULL;
			dirty[a][b] = false;
			break;
		case 2:
			if (f == NULL)
				break;
			spin_lock(&pc.lock);
			dirty[a][b] = !dirty[a][b];
			if (dirty[a][b])
				page_set_dirty(&pc, f);
			else
				page_clear_dirty(&pc, f);
			spin_unlock(&pc.lock);
			break;
		default: {
			bool d = check_random() % 2;
			struct frame *next = NULL;

			for (unsigned i = a * 256 + b; i < 6 * 256; i++) {
				next = page[i / 256][i % 256];
				if (next != NULL && d &&
				    !dirty[i / 256][i % 256])
					next = NULL;
				if (next != NULL)
					break;
			}
			spin_lock(&pc.lock);
			CHECK(pagetree_find(&pc, index) == f);
			CHECK(pagetree_next(&pc, index, d) == next);
			spin_unlock(&pc.lock);
		}
		}
		if (check_bad > 0)
			break;
	}
	pagecache_destroy(&pc);
	memset(page, 0, sizeof(page));
	memset(dirty, 0, sizeof(dirty));
	CHECK(pc.root == NULL && pc.pages == 0 && pc.dirty == 0);
}

/* ---- one user at a time, against a plain array ---- */

static char model[(FILE_PAGES + 64) * PAGE_SIZE];
static char bytes[(FILE_PAGES + 64) * PAGE_SIZE];
static char other[(FILE_PAGES + 64) * PAGE_SIZE];

static void
one_step(struct toy *t, uint64_t *size)
{
	uint64_t pos = check_random() % (FILE_PAGES * PAGE_SIZE);
	size_t n = check_random() % (check_random() % 8 ? 9000 : 200000);

	n = MIN(n, FILE_PAGES * PAGE_SIZE - pos);
	switch (check_random() % 16) {
	case 0:
		if (check_random() % 2)
			pos = MIN(pos, *size);
		CHECK(toy_truncate(t, pos) == 0);
		if (pos < *size)
			memset(model + pos, 0, *size - pos);
		*size = pos;
		break;
	case 1:
		CHECK(pagecache_sync(&t->cache, 0, UINT64_MAX) == 0);
		toy_from_disk(t, other, *size);
		CHECK(memcmp(other, model, *size) == 0);
		break;
	case 2:
		pagecache_drop_clean();
		break;
	case 3:
		shim_sleep(3 * NSEC_PER_SEC);
		break;
	case 4:
	case 5:
	case 6:
	case 7:
		if (check_random() % 2)
			pos = *size;
		n = MIN(n, FILE_PAGES * PAGE_SIZE - pos);
		fill(bytes, n, (unsigned)check_random());
		if (toy_next > DISK_PAGES / 2)
			break; /* blocks are never used twice */
		CHECK(toy_write(t, bytes, n, pos) == (ssize_t)n);
		memcpy(model + pos, bytes, n);
		if (n > 0)
			*size = MAX(*size, pos + n);
		break;
	default: {
		ssize_t want = pos < *size ? (ssize_t)MIN(n, *size - pos) : 0;

		CHECK(toy_read(t, bytes, n, pos) == want);
		CHECK(memcmp(bytes, model + pos, (size_t)want) == 0);
	}
	}
}

TEST(file_agrees_with_a_model)
{
	uint64_t before = free_frames();

	for (unsigned round = 0; round < 60 && check_bad == 0; round++) {
		struct toy t;
		uint64_t size = 0;

		reset();
		toy_open(&t);
		memset(model, 0, sizeof(model));
		for (unsigned i = 0; i < 60 && check_bad == 0; i++)
			one_step(&t, &size);
		CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
		toy_from_disk(&t, other, size);
		CHECK(memcmp(other, model, size) == 0);
		pagecache_destroy(&t.cache);
	}
	CHECK(stats().cached == 0 && stats().dirty == 0);
	CHECK(free_frames() == before);
}

/* ---- read-ahead and clustering ---- */

TEST(sequential_reading_uses_few_requests)
{
	struct toy t;
	unsigned at;

	reset();
	toy_open(&t);
	fill(model, FILE_PAGES * PAGE_SIZE, 5);
	CHECK(toy_write(&t, model, FILE_PAGES * PAGE_SIZE, 0) ==
	      FILE_PAGES * PAGE_SIZE);
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	CHECK(disk->writes <= FILE_PAGES / PAGECACHE_CLUSTER + 1);
	CHECK(pagecache_drop_clean() == FILE_PAGES);
	disk->most_in_flight = 0;
	for (at = 0; at < FILE_PAGES * PAGE_SIZE; at += 1000)
		(void)!toy_read(&t, bytes + at, 1000, at);
	CHECK(memcmp(bytes, model, FILE_PAGES * PAGE_SIZE) == 0);
	CHECK(disk->pages_read == FILE_PAGES);
	CHECK(disk->reads <= FILE_PAGES / PAGECACHE_CLUSTER + 6);
	CHECK(disk->most_in_flight >= 2);
	/* Reading here and there must not read ahead. */
	pagecache_drop_clean();
	shim_settle();
	disk->pages_read = 0;
	for (unsigned i = 0; i < 20; i++)
		CHECK(toy_read(&t, bytes, 100, (200 - i * 9) * PAGE_SIZE) ==
		      100);
	CHECK(disk->pages_read <= 21);
	pagecache_destroy(&t.cache);
}

TEST(whole_pages_are_written_without_reading)
{
	struct toy t;

	reset();
	toy_open(&t);
	fill(model, 8 * PAGE_SIZE, 9);
	CHECK(toy_write(&t, model, 8 * PAGE_SIZE, 0) == 8 * PAGE_SIZE);
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	pagecache_drop_clean();
	CHECK(toy_write(&t, model, 4 * PAGE_SIZE, 2 * PAGE_SIZE) ==
	      4 * PAGE_SIZE);
	CHECK(disk->pages_read == 0);
	CHECK(toy_write(&t, model, 10, 9) == 10);
	CHECK(disk->pages_read == 1);
	pagecache_destroy(&t.cache);
}

/* ---- errors ---- */

TEST(failed_writes_are_reported_and_stay_dirty)
{
	struct toy t;

	reset();
	toy_open(&t);
	fill(model, 4 * PAGE_SIZE, 1);
	CHECK(toy_write(&t, model, 4 * PAGE_SIZE, 0) == 4 * PAGE_SIZE);
	disk->fail_write = 0;
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == -EIO);
	CHECK(stats().dirty == 4);
	disk->fail_write = 0;
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == -EIO);
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	CHECK(stats().dirty == 0);
	toy_from_disk(&t, other, 4 * PAGE_SIZE);
	CHECK(memcmp(other, model, 4 * PAGE_SIZE) == 0);
	/* An error of the flusher is told to the next sync, once. */
	CHECK(toy_write(&t, model, 10, 0) == 10);
	disk->fail_write = 0;
	shim_sleep(6 * NSEC_PER_SEC);
	CHECK(disk->failed);
	shim_sleep(20 * NSEC_PER_SEC);
	CHECK(stats().dirty == 0);
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == -EIO);
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	pagecache_destroy(&t.cache);
}

TEST(failed_reads_are_reported_and_tried_again)
{
	struct toy t;

	reset();
	toy_open(&t);
	fill(model, 8 * PAGE_SIZE, 2);
	CHECK(toy_write(&t, model, 8 * PAGE_SIZE, 0) == 8 * PAGE_SIZE);
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	pagecache_drop_clean();
	disk->fail_read = 0;
	CHECK(toy_read(&t, bytes, 100, 0) == -EIO);
	CHECK(toy_read(&t, bytes, 100, 0) == 100);
	CHECK(memcmp(bytes, model, 100) == 0);
	pagecache_drop_clean();
	disk->fail_read = 0;
	CHECK(toy_write(&t, model, 100, 50) == -EIO);
	CHECK(toy_truncate(&t, 100) == 0);
	pagecache_drop_clean();
	t.map_error = -EUCLEAN;
	CHECK(toy_truncate(&t, 50) == 0); /* cached and dirty: no map needed */
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	pagecache_drop_clean();
	CHECK(toy_truncate(&t, 20) == -EUCLEAN);
	CHECK(pagecache_size(&t.cache) == 50);
	CHECK(toy_read(&t, bytes, 10, 0) == -EUCLEAN);
	pagecache_destroy(&t.cache);
}

TEST(a_full_disk_is_reported_before_data_is_taken)
{
	struct toy t;
	ssize_t n;

	reset();
	toy_open(&t);
	toy_next = DISK_PAGES - 3;
	n = toy_write(&t, model, 8 * PAGE_SIZE, 0);
	CHECK(n == 3 * PAGE_SIZE);
	CHECK(pagecache_size(&t.cache) == 3 * PAGE_SIZE);
	CHECK(toy_write(&t, model, 100, 3 * PAGE_SIZE) == -ENOSPC);
	CHECK(pagecache_size(&t.cache) == 3 * PAGE_SIZE);
	CHECK(t.cache.pages == 3);
	/* Also at the fault of a shared mapping of a hole. */
	CHECK(toy_truncate(&t, 5 * PAGE_SIZE) == 0);
	map_file(&t);
	CHECK(fake_fault(4, false) == 0);
	CHECK(fake_fault(4, true) == -ENOSPC);
	CHECK(fake_fault(5, false) == -EFAULT);
	unmap_file();
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	pagecache_destroy(&t.cache);
}

TEST(every_allocation_may_fail)
{
	uint64_t before = free_frames();
	bool failed = true;

	for (int n = 0; failed && check_bad == 0; n++) {
		struct toy t;
		ssize_t r;

		reset();
		toy_open(&t);
		fill(model, 6 * PAGE_SIZE, 3);
		shim_fail_allocation(n);
		r = toy_write(&t, model, 6 * PAGE_SIZE, 0);
		CHECK(r == -ENOMEM || r >= 0);
		CHECK(r < 0 || pagecache_size(&t.cache) == (uint64_t)r);
		CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
		pagecache_drop_clean();
		r = toy_read(&t, bytes, 6 * PAGE_SIZE, 0);
		CHECK(r == -ENOMEM ||
		      (r >= 0 && memcmp(bytes, model, (size_t)r) == 0));
		r = toy_truncate(&t, 5000);
		CHECK(r == -ENOMEM || r == 0);
		failed = shim_allocation_failed();
		shim_settle();
		pagecache_destroy(&t.cache);
		CHECK(free_frames() == before);
	}
}

/* ---- mappings ---- */

TEST(writing_a_file_from_its_own_mapping)
{
	struct iobuf b;
	struct toy t;

	reset();
	toy_open(&t);
	fill(model, 4 * PAGE_SIZE, 4);
	CHECK(toy_write(&t, model, 4 * PAGE_SIZE, 0) == 4 * PAGE_SIZE);
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	pagecache_drop_clean();
	map_file(&t);
	/* Page 1 onto itself, whole; nothing of it is in memory yet. */
	iobuf_init(&b, (struct space *)1, PAGE_SIZE, PAGE_SIZE);
	mutex_lock(&t.lock);
	CHECK(pagecache_write(&t.cache, &b, PAGE_SIZE) == PAGE_SIZE);
	/* And half of page 2 onto its other half. */
	iobuf_init(&b, (struct space *)1, 2 * PAGE_SIZE, 2048);
	CHECK(pagecache_write(&t.cache, &b, 2 * PAGE_SIZE + 2048) == 2048);
	mutex_unlock(&t.lock);
	memcpy(model + 2 * PAGE_SIZE + 2048, model + 2 * PAGE_SIZE, 2048);
	CHECK(toy_read(&t, bytes, 4 * PAGE_SIZE, 0) == 4 * PAGE_SIZE);
	CHECK(memcmp(bytes, model, 4 * PAGE_SIZE) == 0);
	/* read() into the mapping of the very page it reads. */
	iobuf_init(&b, (struct space *)1, 3 * PAGE_SIZE, PAGE_SIZE);
	CHECK(pagecache_read(&t.cache, &b, 3 * PAGE_SIZE) == PAGE_SIZE);
	/*
	 * A write with a source that ends early keeps the old bytes behind it.
	 */
	CHECK(toy_truncate(&t, 3 * PAGE_SIZE) == 0);
	pagecache_drop_clean();
	iobuf_init(&b, (struct space *)1, 3 * PAGE_SIZE - 100, PAGE_SIZE);
	mutex_lock(&t.lock);
	CHECK(pagecache_write(&t.cache, &b, 0) == 100);
	mutex_unlock(&t.lock);
	memcpy(model, model + 3 * PAGE_SIZE - 100, 100);
	CHECK(toy_read(&t, bytes, 3 * PAGE_SIZE, 0) == 3 * PAGE_SIZE);
	CHECK(memcmp(bytes, model, 3 * PAGE_SIZE) == 0);
	unmap_file();
	pagecache_destroy(&t.cache);
}

TEST(stores_to_a_mapping_reach_the_disk)
{
	struct toy t;

	reset();
	toy_open(&t);
	memset(model, 0, sizeof(model));
	CHECK(toy_truncate(&t, 32 * PAGE_SIZE - 77) == 0);
	map_file(&t);
	for (unsigned i = 0; i < 3000 && check_bad == 0; i++) {
		uint64_t at = check_random() % (32 * PAGE_SIZE - 100);
		uint32_t v = (uint32_t)check_random();

		at = MIN(at, 32 * PAGE_SIZE - 77 - 4);
		CHECK(fake_access(at, &v, 4, true));
		memcpy(model + at, &v, 4);
		if (i % 50 == 0)
			shim_sleep(4 * NSEC_PER_SEC); /* the flusher */
		if (i % 200 == 0) {
			CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
			toy_from_disk(&t, other, 32 * PAGE_SIZE - 77);
			CHECK(memcmp(other, model, 32 * PAGE_SIZE - 77) == 0);
		}
		if (i % 333 == 0)
			pagecache_drop_clean();
	}
	/* What was stored behind the end is not there after it grew. */
	CHECK(fake_access(32 * PAGE_SIZE - 50, &t, 40, true));
	CHECK(toy_truncate(&t, 33 * PAGE_SIZE) == 0);
	CHECK(toy_read(&t, bytes, 33 * PAGE_SIZE, 0) == 33 * PAGE_SIZE);
	CHECK(memcmp(bytes, model, 33 * PAGE_SIZE) == 0);
	unmap_file();
	pagecache_destroy(&t.cache);
}

/* The flusher comes between a fault's get_page() and its new leaf. */
TEST(a_page_about_to_be_mapped_stays_dirty)
{
	struct frame *f;
	struct toy t;

	reset();
	toy_open(&t);
	CHECK(toy_truncate(&t, PAGE_SIZE) == 0);
	map_file(&t);
	CHECK(mapped->ops->get_page(mapped, 0, true, &f) == 0);
	shim_sleep(10 * NSEC_PER_SEC);
	leaves[0] = (struct leaf){ f, true };
	frame_pin_to_map(f);
	CHECK(fake_access(100, (void *)(uintptr_t) "stored", 6, true));
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	toy_from_disk(&t, other, PAGE_SIZE);
	CHECK(memcmp(other + 100, "stored", 6) == 0);
	unmap_file();
	pagecache_destroy(&t.cache);
}

/* Bytes that a mapping stored behind the end must not come to light. */
TEST(growing_shows_zeroes)
{
	char c = 'x';
	struct toy t;

	for (unsigned how = 0; how < 3; how++) {
		reset();
		toy_open(&t);
		CHECK(toy_write(&t, "abc", 3, 0) == 3);
		map_file(&t);
		CHECK(fake_access(50, &c, 1, true));
		if (how == 0)
			CHECK(toy_truncate(&t, 100) == 0);
		else
			CHECK(toy_write(&t, "z", 1, how * 5000) == 1);
		CHECK(toy_read(&t, bytes, 100, 0) == 100);
		CHECK(bytes[2] == 'c' && bytes[50] == 0);
		unmap_file();
		CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
		pagecache_drop_clean();
		CHECK(toy_read(&t, bytes, 100, 0) == 100 && bytes[50] == 0);
		pagecache_destroy(&t.cache);
	}
}

TEST(truncation_takes_pages_from_mappings)
{
	uint32_t v = 7;
	struct toy t;

	reset();
	toy_open(&t);
	fill(model, 8 * PAGE_SIZE, 6);
	CHECK(toy_write(&t, model, 8 * PAGE_SIZE, 0) == 8 * PAGE_SIZE);
	map_file(&t);
	for (unsigned i = 0; i < 8; i++)
		CHECK(fake_access(i * PAGE_SIZE, &v, 4, i % 2));
	CHECK(toy_truncate(&t, 2 * PAGE_SIZE + 10) == 0);
	for (unsigned i = 0; i < 8; i++)
		CHECK((leaves[i].frame != NULL) == (i < 3));
	CHECK(!fake_access(3 * PAGE_SIZE, &v, 4, false));
	CHECK(toy_truncate(&t, 8 * PAGE_SIZE) == 0);
	CHECK(fake_access(3 * PAGE_SIZE, &v, 4, false) && v == 0);
	CHECK(fake_access(2 * PAGE_SIZE + 12, &v, 4, false) && v == 0);
	unmap_file();
	pagecache_destroy(&t.cache);
}

/* ---- several threads ---- */

static struct toy shared;
static _Atomic unsigned running;
static struct waitq finished = WAITQ_INIT(finished);

/* Every 64-byte record of the file is one byte value, or zero. */
#define RECORD 64u

static void
check_records(const char *at, ssize_t n)
{
	for (ssize_t i = 0; i + RECORD <= n; i += RECORD) {
		for (unsigned k = 1; k < RECORD; k++)
			if (at[i + k] != at[i]) {
				CHECK(!"a torn record");
				return;
			}
	}
}

static void
worker(void *arg)
{
	char buf[8192];

	for (unsigned i = 0; i < 400 && check_bad == 0; i++) {
		uint64_t at =
			shim_random() % (64 * PAGE_SIZE / RECORD) * RECORD;
		size_t n = (1 + shim_random() % 100) * RECORD;
		ssize_t r;

		switch (shim_random() % 12) {
		case 0:
			CHECK(toy_truncate(&shared, at) == 0);
			break;
		case 1:
			CHECK(pagecache_sync(&shared.cache, 0, UINT64_MAX) ==
			      0);
			break;
		case 2:
			pagecache_drop_clean();
			break;
		case 3:
			shim_sleep(NSEC_PER_SEC / 50);
			break;
		case 4:
		case 5:
			/* One record, so that no reader sees half of it. */
			memset(buf, (int)shim_random(), RECORD);
			if (toy_next < DISK_PAGES - 8)
				CHECK(toy_write(&shared, buf, RECORD, at) ==
				      RECORD);
			break;
		case 6:
			memset(buf, (int)shim_random(), RECORD);
			(void)fake_access(at, buf, RECORD, true);
			break;
		case 7:
			if (fake_access(at, buf, RECORD, false))
				check_records(buf, RECORD);
			break;
		default:
			r = toy_read(&shared, buf, n, at);
			CHECK(r >= 0);
			check_records(buf, r);
		}
	}
	running--;
	waitq_wake_all(&finished);
}

TEST(threads_share_a_file)
{
	uint64_t before = free_frames(), size;

	for (unsigned round = 0; round < 12 && check_bad == 0; round++) {
		reset();
		toy_open(&shared);
		map_file(&shared);
		shim_preempt = 1 + round * 2;
		running = 5;
		for (unsigned i = 0; i < 5; i++)
			CHECK(thread_spawn_kernel("worker", worker, NULL) == 0);
		wait_event(&finished, running == 0);
		shim_preempt = 0;
		unmap_file();
		/* The disk has every byte that a thread stored. */
		size = pagecache_size(&shared.cache);
		CHECK(toy_read(&shared, bytes, sizeof(bytes), 0) ==
		      (ssize_t)size);
		CHECK(pagecache_sync(&shared.cache, 0, UINT64_MAX) == 0);
		toy_from_disk(&shared, other, size);
		CHECK(memcmp(bytes, other, size) == 0);
		pagecache_destroy(&shared.cache);
		CHECK(stats().cached == 0 && stats().dirty == 0);
		CHECK(free_frames() == before);
	}
}

static int sync_results[3];

static void
syncer(void *arg)
{
	*(int *)arg = pagecache_sync(&shared.cache, 0, UINT64_MAX);
	running--;
	waitq_wake_all(&finished);
}

/* None of them may call the data safe, whichever of them wrote it. */
TEST(all_who_wait_for_a_failed_write_are_told)
{
	for (unsigned round = 0; round < 20; round++) {
		reset();
		toy_open(&shared);
		fill(model, 4 * PAGE_SIZE, 3);
		CHECK(toy_write(&shared, model, 4 * PAGE_SIZE, 0) ==
		      4 * PAGE_SIZE);
		disk->fail_write = 0;
		disk->sticky = true;
		running = 3;
		for (unsigned i = 0; i < 3; i++)
			CHECK(thread_spawn_kernel("syncer", syncer,
						  &sync_results[i]) == 0);
		wait_event(&finished, running == 0);
		for (unsigned i = 0; i < 3; i++)
			CHECK(sync_results[i] == -EIO);
		CHECK(stats().dirty == 4);
		disk->fail_write = -1;
		CHECK(pagecache_sync(&shared.cache, 0, UINT64_MAX) == 0);
		pagecache_destroy(&shared.cache);
	}
}

/* ---- memory ---- */

TEST(files_larger_than_memory)
{
	static struct toy t[6];
	uint64_t before = free_frames();

	reset();
	fill(model, FILE_PAGES * PAGE_SIZE, 8);
	/* All share the disk: contents are checked for the last one only. */
	for (unsigned i = 0; i < 6; i++) {
		toy_next = i < 2 ? i * FILE_PAGES : FILE_PAGES;
		toy_open(&t[i]);
		CHECK(toy_write(&t[i], model, FILE_PAGES * PAGE_SIZE, 0) ==
		      FILE_PAGES * PAGE_SIZE);
		CHECK(stats().dirty <= RAM_PAGES / 4 + 1);
		CHECK(stats().cached < RAM_PAGES);
	}
	for (unsigned i = 0; i < 6; i++)
		CHECK(pagecache_sync(&t[i].cache, 0, UINT64_MAX) == 0);
	for (unsigned i = 0; i < 6; i++) {
		CHECK(toy_read(&t[i], bytes, FILE_PAGES * PAGE_SIZE, 0) ==
		      FILE_PAGES * PAGE_SIZE);
		CHECK(memcmp(bytes, model, FILE_PAGES * PAGE_SIZE) == 0);
	}
	CHECK(stats().cached > RAM_PAGES / 2);
	pagecache_drop_clean();
	CHECK(stats().cached == 0);
	for (unsigned i = 0; i < 6; i++)
		pagecache_destroy(&t[i].cache);
	CHECK(free_frames() == before);
}

/* All that could be given back has to be written first. */
static void
write_in_little_memory(void)
{
	static struct frame *taken[RAM_PAGES];
	uint64_t left = free_frames();
	unsigned n = 0;
	struct toy t;

	reset();
	toy_open(&t);
	while (left - n > 200)
		taken[n++] = frame_alloc(FRAME_MAY_SLEEP);
	fill(model, FILE_PAGES * PAGE_SIZE, 12);
	CHECK(toy_write(&t, model, FILE_PAGES * PAGE_SIZE, 0) ==
	      FILE_PAGES * PAGE_SIZE);
	CHECK(toy_read(&t, bytes, FILE_PAGES * PAGE_SIZE, 0) ==
	      FILE_PAGES * PAGE_SIZE);
	CHECK(memcmp(bytes, model, FILE_PAGES * PAGE_SIZE) == 0);
	pagecache_destroy(&t.cache);
	while (n > 0)
		frame_put(taken[--n]);
}

TEST(memory_full_of_dirty_pages)
{
	write_in_little_memory();
	/* A slow disk is no reason to run out of memory either. */
	shim_disk_slow = true;
	write_in_little_memory();
	shim_disk_slow = false;
}

/* ---- caches without a device ---- */

static uint64_t charged;

static int
mem_charge(struct pagecache *pc, uint64_t pages)
{
	if (charged + pages > 20)
		return -ENOSPC;
	charged += pages;
	return 0;
}

static void
mem_uncharge(struct pagecache *pc, uint64_t pages)
{
	charged -= pages;
}

static const struct pagecache_ops mem_ops = {
	.charge = mem_charge,
	.uncharge = mem_uncharge,
	.get = toy_ref,
	.put = toy_ref,
};

TEST(files_in_memory_only)
{
	struct toy t;
	uint64_t before = free_frames();

	memset(&t, 0, sizeof(t));
	mutex_init(&t.lock, LOCK_INODE);
	pagecache_init(&t.cache, &mem_ops, NULL, 0);
	fill(model, 30 * PAGE_SIZE, 11);
	CHECK(toy_write(&t, model, 10 * PAGE_SIZE + 5, 0) ==
	      10 * PAGE_SIZE + 5);
	CHECK(charged == 11);
	CHECK(pagecache_drop_clean() == 0 && stats().in_memory == 11);
	CHECK(toy_read(&t, bytes, 30 * PAGE_SIZE, 0) == 10 * PAGE_SIZE + 5);
	CHECK(memcmp(bytes, model, 10 * PAGE_SIZE + 5) == 0);
	/* Reading a hole needs no memory; running out is an error. */
	CHECK(toy_truncate(&t, 100 * PAGE_SIZE) == 0);
	CHECK(toy_read(&t, bytes, 1000, 50 * PAGE_SIZE) == 1000);
	CHECK(bytes[0] == 0 && bytes[999] == 0 && charged == 11);
	CHECK(toy_write(&t, model, 30 * PAGE_SIZE, 60 * PAGE_SIZE) ==
	      9 * PAGE_SIZE);
	CHECK(toy_write(&t, model, 1, 90 * PAGE_SIZE) == -ENOSPC);
	CHECK(toy_truncate(&t, 5) == 0 && charged == 1);
	CHECK(toy_truncate(&t, 300) == 0);
	CHECK(toy_read(&t, bytes, 300, 0) == 300);
	CHECK(memcmp(bytes, model, 5) == 0 && bytes[5] == 0);
	CHECK(pagecache_sync(&t.cache, 0, UINT64_MAX) == 0);
	pagecache_destroy(&t.cache);
	CHECK(charged == 0 && free_frames() == before);
}

int
main(int argc, char **argv)
{
	char path[] = "/tmp/tine-pagecache-XXXXXX";
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;

	check_begin(argc, argv);
	shim_log_show = getenv("SHIM_LOG") != NULL;
	if (mkstemp(path) < 0 ||
	    host_run("truncate -s %lu %s", DISK_PAGES * PAGE_SIZE, path) != 0)
		return 99;
	shim_init(RAM_PAGES, seed);
	disk = shim_disk_open(path, "vda");
	host_run("rm -f %s", path);
	pagecache_system_init();
	shim_settle();
	RUN(tree_agrees_with_a_model);
	RUN(file_agrees_with_a_model);
	RUN(sequential_reading_uses_few_requests);
	RUN(whole_pages_are_written_without_reading);
	RUN(failed_writes_are_reported_and_stay_dirty);
	RUN(failed_reads_are_reported_and_tried_again);
	RUN(a_full_disk_is_reported_before_data_is_taken);
	RUN(every_allocation_may_fail);
	RUN(writing_a_file_from_its_own_mapping);
	RUN(stores_to_a_mapping_reach_the_disk);
	RUN(a_page_about_to_be_mapped_stays_dirty);
	RUN(growing_shows_zeroes);
	RUN(truncation_takes_pages_from_mappings);
	RUN(threads_share_a_file);
	RUN(all_who_wait_for_a_failed_write_are_told);
	RUN(files_larger_than_memory);
	RUN(memory_full_of_dirty_pages);
	RUN(files_in_memory_only);
	return check_end();
}
