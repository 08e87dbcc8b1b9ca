/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/fork_test.c - fork strategies, tested below any process.
 *
 * Two spaces, no program: pages are written and read with space_write() and
 * space_read(), which fault exactly as a program would.
 */
#include "check/ktest.h"
#include "kernel/hart.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/fork/strategy.h"
#include "mm/frame.h"
#include "mm/map.h"
#include "mm/space.h"
#include "tests/kernel/onebyte.h"

#define BASE  UINT64_C(0x10000000)
#define PAGES 8u

static const unsigned RW = VM_READ | VM_WRITE | VM_MAYWRITE;

static uaddr_t
page(unsigned i)
{
	return BASE + i * PAGE_SIZE;
}

/* A space with PAGES anonymous pages, each filled with 'p'. */
static struct space *
parent_space(struct ktest *t)
{
	struct space *s = space_create(t->fork);

	if (s == NULL)
		return NULL;
	if (space_map(s, BASE, PAGES * PAGE_SIZE, RW, MAP_REPLACE, NULL, 0) < 0)
		return s;
	for (unsigned i = 0; i < PAGES; i++)
		(void)poke(s, page(i), 'p');
	return s;
}

KTEST_EACH_FORK(fork, child_write_is_private)
{
	struct space *parent = parent_space(t), *child = NULL;

	REQUIRE(t, parent != NULL);
	/* This hart runs the space as if for a program with its stack there. */
	space_switch(parent);
	EXPECT(t, space_fork(parent, page(3) + 100, 0, &child) == 0);
	space_switch(NULL);
	if (child != NULL) {
		EXPECT(t, peek(child, page(1)) == 'p');
		EXPECT(t, poke(child, page(1), 'c'));
		EXPECT(t, peek(parent, page(1)) == 'p');
		EXPECT(t, peek(child, page(1)) == 'c');
		EXPECT(t, poke(parent, page(2), 'q'));
		EXPECT(t, peek(child, page(2)) == 'p');
		space_put(child);
	}
	space_put(parent);
}

KTEST_EACH_FORK(fork, what_takes_w_from_the_parent_says_so)
{
	struct space *parent = parent_space(t), *child = NULL;

	REQUIRE(t, parent != NULL);
	EXPECT(t, space_fork(parent, 0, 0, &child) == 0);
	EXPECT(t, (t->fork->traits & FORK_DOWNGRADES_PARENT) != 0 ||
			  parent->counters.value[FS_w_stripped] == 0);
	if (child != NULL)
		space_put(child);
	space_put(parent);
}

/* The zero page belongs to no process. */
KTEST_EACH_FORK(fork, the_zero_page_is_not_counted)
{
	struct space *parent = parent_space(t), *child = NULL;
	const _Atomic uint64_t *count;

	REQUIRE(t, parent != NULL);
	count = parent->counters.value;
	EXPECT(t, space_map(parent, page(PAGES), PAGE_SIZE, RW, MAP_REPLACE,
			    NULL, 0) == (int64_t)page(PAGES));
	EXPECT(t, peek(parent, page(PAGES)) == 0);
	EXPECT(t, space_fork(parent, 0, 0, &child) == 0);
	EXPECT(t, count[FS_pages_shared] + count[FS_pages_copied_at_fork] <=
			  PAGES);
	if (child != NULL)
		space_put(child);
	space_put(parent);
}

KTEST_EACH_FORK(fork, sole_owner_writes_without_memory)
{
	struct space *parent = parent_space(t), *child = NULL;
	struct thread *me = thread_current();

	REQUIRE(t, parent != NULL);
	EXPECT(t, space_fork(parent, 0, 0, &child) == 0);
	if (child != NULL)
		space_put(child);
	me->fail_nth = -1;
	for (unsigned i = 0; i < PAGES; i++)
		EXPECT(t, poke(parent, page(i), 'w'));
	me->fail_nth = 0;
	for (unsigned i = 0; i < PAGES; i++)
		EXPECT(t, peek(parent, page(i)) == 'w');
	space_put(parent);
}

/* Has fork looked at each page, and not only at whole tables? */
static bool
one_by_one(struct space *s)
{
	return s->counters.value[FS_pages_shared] > 0 ||
	       s->counters.value[FS_pages_copied_at_fork] > 0;
}

/*
 * A fork that goes through the pages can be given up; others are done at once.
 */
KTEST_EACH_FORK(fork, a_killed_thread_gives_up)
{
	struct space *parent = parent_space(t), *child = NULL;
	struct thread *me = thread_current();
	int err;

	REQUIRE(t, parent != NULL);
	atomic_fetch_or(&me->flags, THREAD_KILL);
	err = space_fork(parent, 0, 0, &child);
	atomic_fetch_and(&me->flags, ~THREAD_KILL);
	if (err == 0)
		space_put(child);
	EXPECT(t, err == (one_by_one(parent) ? -EINTR : 0));
	for (unsigned i = 0; i < PAGES; i++)
		EXPECT(t, poke(parent, page(i), 'w') &&
				  peek(parent, page(i)) == 'w');
	space_put(parent);
}

KTEST_EACH_FORK(fork, survives_any_shortage)
{
	struct space *parent = parent_space(t), *child = NULL;
	struct thread *me = thread_current();
	int err = -ENOMEM;

	REQUIRE(t, parent != NULL);
	for (int n = 1; err != 0 && n < 1000; n++) {
		me->fail_nth = n;
		err = space_fork(parent, 0, 0, &child);
		me->fail_nth = 0;
		EXPECT(t, err == 0 || err == -ENOMEM);
		for (unsigned i = 0; i < PAGES; i++)
			EXPECT(t, peek(parent, page(i)) == 'p');
	}
	EXPECT(t, err == 0);
	if (err == 0)
		space_put(child);
	space_put(parent);
}

KTEST_EACH_FORK(fork, chain_of_generations)
{
	struct space *gen[10];
	unsigned n = 1;

	gen[0] = parent_space(t);
	REQUIRE(t, gen[0] != NULL);
	for (; n < ARRAY_SIZE(gen); n++) {
		if (space_fork(gen[n - 1], 0, 0, &gen[n]) != 0)
			break;
		EXPECT(t, poke(gen[n], page(0), (char)('0' + n)));
	}
	EXPECT(t, n == ARRAY_SIZE(gen));
	for (unsigned i = 1; i < n; i++)
		EXPECT(t, peek(gen[i], page(0)) == (char)('0' + i));
	EXPECT(t, peek(gen[0], page(0)) == 'p');
	for (unsigned i = 0; i < n; i++)
		space_put(gen[i]);
}

KTEST_EACH_FORK(fork, protnone_keeps_contents)
{
	struct space *parent = parent_space(t), *child = NULL;

	REQUIRE(t, parent != NULL);
	EXPECT(t, space_protect(parent, page(0), PAGE_SIZE, 0) == 0);
	EXPECT(t, peek(parent, page(0)) == '!');
	EXPECT(t, space_fork(parent, 0, 0, &child) == 0);
	if (child != NULL) {
		EXPECT(t, peek(child, page(0)) == '!');
		EXPECT(t, space_protect(child, page(0), PAGE_SIZE,
					VM_READ | VM_WRITE) == 0);
		EXPECT(t, poke(child, page(0), 'c'));
		space_put(child);
	}
	EXPECT(t, space_protect(parent, page(0), PAGE_SIZE,
				VM_READ | VM_WRITE) == 0);
	EXPECT(t, peek(parent, page(0)) == 'p');
	space_put(parent);
}

KTEST_EACH_FORK(fork, zero_page_is_never_written)
{
	struct space *s = space_create(t->fork), *child = NULL;
	uint64_t word = frame_word(frame_zero);

	REQUIRE(t, s != NULL);
	EXPECT(t, space_map(s, BASE, PAGES * PAGE_SIZE, RW, MAP_REPLACE, NULL,
			    0) == (int64_t)BASE);
	EXPECT(t, peek(s, page(0)) == 0);
	EXPECT(t, space_fork(s, 0, 0, &child) == 0);
	EXPECT(t, frame_word(frame_zero) == word);
	if (child != NULL) {
		EXPECT(t, poke(child, page(0), 'x'));
		EXPECT(t, peek(s, page(0)) == 0);
		space_put(child);
	}
	space_put(s);
}
