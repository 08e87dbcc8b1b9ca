/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/slab_test.c - small objects that one hart takes and another
 * gives back.
 *
 * A thread for each hart goes through the sizes of all slab classes.  At the
 * end no slab page may be left over.
 */
#include "check/ktest.h"
#include "kernel/hart.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/slab.h"

#define OBJECTS 40u   /* of each size: more than a magazine holds */
#define LARGEST 3000u /* of the last class, and a little more */

static struct waitq turn = WAITQ_INIT(turn);
static _Atomic unsigned given, missed, wrong, running;
static unsigned char *objects[MAX_HARTS][OBJECTS];

static bool
holds(const unsigned char *p, size_t size, unsigned char byte)
{
	for (size_t i = 0; i < size; i++) {
		if (p[i] != byte)
			return false;
	}
	return true;
}

/* Takes objects of one size, and gives back those of the hart before. */
static void
one_size(unsigned me, size_t size)
{
	unsigned other = (me + 1) % hart_count;

	for (unsigned i = 0; i < OBJECTS; i++) {
		objects[me][i] = kmalloc(size);
		if (objects[me][i] == NULL)
			missed++;
		else
			memset(objects[me][i], (int)(me * OBJECTS + i), size);
	}
	given++;
	while (given % (2 * hart_count) < hart_count)
		sched_switch();
	for (unsigned i = 0; i < OBJECTS; i++) {
		unsigned char *p = objects[other][i];

		wrong += p != NULL &&
			 !holds(p, size, (unsigned char)(other * OBJECTS + i));
		kfree(p);
	}
	given++;
	while (given % (2 * hart_count) >= hart_count)
		sched_switch();
}

static void
take_and_give(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	for (size_t size = 1; size <= LARGEST; size += size / 2 + 1)
		one_size(me, size);
	running--;
	waitq_wake_all(&turn);
}

static size_t
pages_left(void)
{
	(void)slab_shrink();
	return slab_pages();
}

/*
 * Each hart gives back what another one took.  No two objects share a byte.
 * Afterwards every page comes back, whichever hart's magazine holds the
 * objects.
 */
KTEST(slab, objects_of_every_size_go_round)
{
	size_t before = pages_left();

	given = missed = wrong = 0;
	running = hart_count;
	for (unsigned i = 0; i < hart_count; i++) {
		if (thread_spawn_kernel("slab", take_and_give,
					(void *)(uintptr_t)i) != 0)
			panic("no memory for a test's thread");
	}
	wait_event(&turn, running == 0);
	EXPECT(t, missed == 0);
	EXPECT(t, wrong == 0);
	/* The threads leave their own objects a moment later. */
	EXPECT(t, KTEST_SETTLES(pages_left() <= before));
}
