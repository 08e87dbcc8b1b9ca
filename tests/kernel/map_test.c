/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/map_test.c - a mapping of a file meets a truncation or
 * write-back.
 *
 * space_map() waits for the space's lock, which this test holds; the file is
 * truncated meanwhile.
 */
#include "check/ktest.h"
#include "kernel/hart.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "mm/map.h"
#include "mm/object.h"
#include "mm/space.h"
#include "tests/kernel/onebyte.h"

#define BASE  UINT64_C(0x10000000)
#define PAGES 4u
#define RW    (VM_READ | VM_WRITE | VM_MAYWRITE)

static struct {
	struct space *s;
	struct memobj file;
	_Atomic int references;
	int64_t result;
	_Atomic bool done;
	struct waitq waitq;
} stage = { .waitq = WAITQ_INIT(stage.waitq) };

static void
get(struct memobj *o)
{
	stage.references++;
}

static void
put(struct memobj *o)
{
	stage.references--;
}

static const struct memobj_ops ops = { .get = get, .put = put };

static void
mapper(void *arg)
{
	enum map_where *where = arg;

	stage.result = space_map(stage.s, BASE, PAGES * PAGE_SIZE, RW, *where,
				 &stage.file, 0);
	stage.done = true;
	waitq_wake_all(&stage.waitq);
}

/* Truncate the file while another thread is about to map it. */
static void
cut_before_it_is_mapped(struct ktest *t, enum map_where where)
{
	stage.done = false;
	rwlock_write(&stage.s->lock);
	if (thread_spawn_kernel("mapper", mapper, &where) != 0) {
		space_unlock(stage.s);
		EXPECT(t, !"memory for a thread");
		return;
	}
	while (stage.s->lock.writers_waiting == 0)
		sched_switch();
	memobj_cut(&stage.file, 0);
	space_unlock(stage.s);
	wait_event(&stage.waitq, stage.done);
}

KTEST(vma, a_truncation_spares_the_memory_where_a_mapping_is_not_yet)
{
	memobj_init(&stage.file, &ops);
	stage.s = space_create(NULL);
	REQUIRE(t, stage.s != NULL);
	EXPECT(t, space_map(stage.s, BASE, PAGES * PAGE_SIZE, RW, MAP_REPLACE,
			    NULL, 0) == (int64_t)BASE);
	for (unsigned i = 0; i < PAGES; i++)
		EXPECT(t, poke(stage.s, BASE + i * PAGE_SIZE, 'p'));
	/* The hint is taken already. */
	cut_before_it_is_mapped(t, MAP_HINT);
	EXPECT(t, stage.result > 0 && stage.result != (int64_t)BASE);
	EXPECT(t, stage.references == 1);
	/* A mapping that fails leaves what was there. */
	cut_before_it_is_mapped(t, MAP_NOREPLACE);
	EXPECT(t, stage.result == -EEXIST && stage.references == 1);
	for (unsigned i = 0; i < PAGES; i++)
		EXPECT(t, peek(stage.s, BASE + i * PAGE_SIZE) == 'p');
	space_put(stage.s);
	EXPECT(t, stage.references == 0);
}

/*
 * munmap() clears a leaf before it flushes it.  Write-back that comes between
 * finds no leaf, and must flush nevertheless.
 */
KTEST(vma, a_page_is_flushed_even_where_its_leaf_is_gone)
{
	uint64_t gen;

	memobj_init(&stage.file, &ops);
	stage.s = space_create(NULL);
	REQUIRE(t, stage.s != NULL);
	EXPECT(t, space_map(stage.s, BASE, PAGES * PAGE_SIZE, RW | VM_SHARED,
			    MAP_REPLACE, &stage.file, 0) == (int64_t)BASE);
	gen = stage.s->mmu.tlb_gen;
	memobj_unmap(&stage.file, 1, 1);
	EXPECT(t, stage.s->mmu.tlb_gen == gen + 1);
	/* Not where the mapping has no such page. */
	memobj_unmap(&stage.file, PAGES, PAGES);
	EXPECT(t, stage.s->mmu.tlb_gen == gen + 1);
	space_put(stage.s);
}
