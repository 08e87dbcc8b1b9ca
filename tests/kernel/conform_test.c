/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/conform_test.c - the rows of docs/checklist.md that only the
 * kernel can look at: B10, E9 and F8.
 *
 * B10 compares page-table leaves with a shadow of what each page may do, E9
 * counts the references of all frames, and F8 takes memory from the background
 * work of a strategy.  Each test runs in a thread of its own.
 */
#include "check/audit.h"
#include "check/ktest.h"
#include "kernel/hart.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/fork/strategy.h"
#include "mm/frame.h"
#include "mm/map.h"
#include "mm/pt.h"
#include "mm/space.h"

/* ---- B10 ---- */

#define SPACES 4u
#define PAGES  16u
/* Half of the pages lie in one leaf table, half in the next. */
#define BASE  (UINT64_C(0x10000000) + PT_SPAN_1 - PAGES / 2 * PAGE_SIZE)
#define STEPS 300u

/* A space, and what each of its pages must hold and allow. */
struct shadow {
	struct space *space; /* NULL: none */
	unsigned prot[PAGES];
	char byte[PAGES];
};

static struct shadow shadows[SPACES];
static char audit_text[256];
static uint64_t random_state;

static unsigned
below(unsigned n)
{
	random_state = random_state * UINT64_C(6364136223846793005) +
		       UINT64_C(1442695040888963407);
	return (unsigned)(random_state >> 33) % n;
}

static uaddr_t
page(unsigned i)
{
	return BASE + i * PAGE_SIZE;
}

/* Access to the page must give what its permissions and its history say. */
static void
check_access(struct ktest *t, struct shadow *sh, unsigned i, char c)
{
	bool may_read = sh->prot[i] & (VM_READ | VM_WRITE);
	bool may_write = sh->prot[i] & VM_WRITE;
	char got = 0;

	EXPECT(t, (space_read(sh->space, &got, page(i), 1) == 1) == may_read);
	EXPECT(t, !may_read || got == sh->byte[i]);
	if (c == 0)
		return;
	EXPECT(t, (space_write(sh->space, page(i), &c, 1) == 1) == may_write);
	if (may_write)
		sh->byte[i] = c;
}

/* No leaf that the hardware would use allows more than the shadow does. */
static void
check_leaves(struct ktest *t, const struct shadow *sh)
{
	for (unsigned i = 0; i < PAGES; i++) {
		struct frame *table;
		pte_t *leaf = pt_leaf(sh->space->root, page(i), &table);
		pte_t e = leaf != NULL ? *leaf : 0;
		unsigned prot = sh->prot[i];

		if (!pte_valid(e))
			continue;
		EXPECT(t, (e & PTE_W) == 0 || (prot & VM_WRITE));
		EXPECT(t, (e & PTE_X) == 0 || (prot & VM_EXEC));
		EXPECT(t, (e & PTE_R) == 0 || (prot & (VM_READ | VM_WRITE)));
	}
}

static void
protect_some(struct ktest *t, struct shadow *sh)
{
	static const unsigned choices[] = {
		0,
		VM_READ,
		VM_EXEC,
		VM_READ | VM_WRITE,
		VM_READ | VM_EXEC,
		VM_READ | VM_WRITE,
	};
	unsigned first = below(PAGES), n = 1 + below(PAGES - first);
	unsigned prot = choices[below(ARRAY_SIZE(choices))];

	EXPECT(t,
	       space_protect(sh->space, page(first), n * PAGE_SIZE, prot) == 0);
	for (unsigned i = first; i < first + n; i++)
		sh->prot[i] = prot;
}

static void
fork_or_drop(struct ktest *t, struct shadow *from, struct shadow *to)
{
	struct space *child = NULL;

	if (to->space == NULL) {
		EXPECT(t, space_fork(from->space, 0, 0, &child) == 0);
		*to = *from;
		to->space = child;
	} else if (to != from) {
		space_put(to->space);
		to->space = NULL;
	}
}

static void
random_step(struct ktest *t)
{
	struct shadow *sh = &shadows[below(SPACES)];

	if (sh->space == NULL)
		return;
	switch (below(8)) {
	case 0:
		fork_or_drop(t, sh, &shadows[below(SPACES)]);
		break;
	case 1:
	case 2:
		protect_some(t, sh);
		break;
	default:
		check_access(t, sh, below(PAGES), (char)below(200));
		break;
	}
}

KTEST_EACH_FORK(conform, B10_no_leaf_is_stronger_than_its_vma)
{
	const unsigned rw = VM_READ | VM_WRITE;

	random_state = 10;
	memset(shadows, 0, sizeof(shadows));
	shadows[0].space = space_create(t->fork);
	REQUIRE(t, shadows[0].space != NULL);
	EXPECT(t, space_map(shadows[0].space, BASE, PAGES * PAGE_SIZE,
			    rw | VM_MAYWRITE, MAP_REPLACE, NULL,
			    0) == (int64_t)BASE);
	for (unsigned i = 0; i < PAGES; i++)
		shadows[0].prot[i] = rw;
	for (unsigned n = 0; n < STEPS && t->failures == 0; n++) {
		random_step(t);
		for (unsigned i = 0; i < SPACES; i++) {
			if (shadows[i].space != NULL)
				check_leaves(t, &shadows[i]);
		}
		/* The audit looks at all memory: not at every step. */
		if (n % 4 == 0)
			EXPECT(t,
			       audit_run(audit_text, sizeof(audit_text)) == 0);
	}
	for (unsigned i = 0; i < SPACES; i++) {
		if (shadows[i].space == NULL)
			continue;
		for (unsigned k = 0; k < PAGES; k++)
			check_access(t, &shadows[i], k, 0);
		space_put(shadows[i].space);
	}
}

/* ---- E9 ---- */

struct count {
	uint64_t free, in_use; /* by the records' references */
	uint64_t odd;	       /* free, but pinned or flagged */
	struct frame_stats stats;
};

/* Everything at one moment: no other hart may move a frame meanwhile. */
static struct count
count_frames(void)
{
	struct count c = { .free = 0 };

	hart_stop_others();
	for (uint64_t i = 0; i < frame_count; i++) {
		uint64_t word = frame_word(&frame_table[i]);

		if (frame_refs_in(word) > 0)
			c.in_use++;
		else
			c.free++;
		if (frame_refs_in(word) == 0 && word != 0)
			c.odd++;
	}
	frame_get_stats(&c.stats);
	hart_resume_others();
	return c;
}

KTEST(conform, E9_every_frame_is_free_or_used)
{
	struct count c = count_frames();

	/* What the lists hold is exactly what has no references. */
	EXPECT(t, c.free == c.stats.free);
	EXPECT(t, c.in_use + c.stats.free == c.stats.total);
	EXPECT(t, c.stats.total == frame_count);
	EXPECT(t, c.odd == 0);
	EXPECT(t, c.stats.free > 0 && c.in_use > c.stats.reserved);
}

#define TAKEN 300u /* more than a hart's cache of pages */

KTEST(conform, E9_a_frame_starts_with_one_reference)
{
	static struct frame *taken[TAKEN];
	struct count before = count_frames(), during, after;
	unsigned n = 0;

	for (; n < TAKEN; n++) {
		taken[n] = frame_alloc(FRAME_MAY_SLEEP);
		if (taken[n] == NULL)
			break;
		EXPECT(t, frame_word(taken[n]) == FRAME_REF);
	}
	EXPECT(t, n == TAKEN);
	during = count_frames();
	EXPECT(t, during.free == during.stats.free);
	EXPECT(t, during.stats.free + n == before.stats.free);
	for (unsigned i = 0; i < n; i++)
		frame_put(taken[i]);
	after = count_frames();
	EXPECT(t, after.stats.free == before.stats.free);
	EXPECT(t, after.free == before.free && after.odd == 0);
}

/* ---- F8 ---- */

#define TABLES 4u

static uaddr_t
in_table(unsigned i)
{
	return UINT64_C(0x10000000) + i * PT_SPAN_1;
}

/* Slots of the space that are detached. */
static unsigned
count_detached(struct space *s)
{
	unsigned n = 0;
	uaddr_t at = 0;
	pte_t *slot;

	while ((slot = pt_next_slot(s, &at, USER_END)) != NULL) {
		n += (pte_load(slot) & PTE_DETACHED) != 0;
		at = ROUND_DOWN(at, PT_SPAN_1) + PT_SPAN_1;
	}
	return n;
}

/*
 * Does one portion of the background work, as the drain thread would; s is
 * locked, so that the thread itself stays away.
 */
static void
starve_background(struct ktest *t, struct space *s)
{
	struct thread *me = thread_current();
	unsigned before = count_detached(s), left;

	EXPECT(t, before == TABLES);
	me->fail_nth = -1;
	left = t->fork->background(s, TABLES + 1);
	me->fail_nth = 0;
	/*
	 * 0 would say "nothing more to do", and the thread would not come back.
	 */
	EXPECT(t, left > 0);
	EXPECT(t, count_detached(s) == before);
	me->fail_nth = 2;
	(void)t->fork->background(s, TABLES + 1);
	me->fail_nth = 0;
	EXPECT(t, count_detached(s) == before - 1);
	EXPECT(t, t->fork->background(s, TABLES + 1) > 0);
	EXPECT(t, count_detached(s) == 0);
}

KTEST_EACH_FORK(conform, F8_background_gives_up_and_continues)
{
	struct space *s = space_create(t->fork), *child = NULL;
	char c = 'p';

	REQUIRE(t, s != NULL);
	EXPECT(t, space_map(s, in_table(0), TABLES * PT_SPAN_1,
			    VM_READ | VM_WRITE | VM_MAYWRITE, MAP_REPLACE, NULL,
			    0) >= 0);
	for (unsigned i = 0; i < TABLES; i++)
		EXPECT(t, space_write(s, in_table(i), &c, 1) == 1);
	EXPECT(t, space_fork(s, 0, 0, &child) == 0);
	if (child != NULL && t->fork->background != NULL) {
		rwlock_write(&s->lock);
		rwlock_write(&child->lock);
		starve_background(t, s);
		rwlock_unwrite(&child->lock);
		rwlock_unwrite(&s->lock);
	}
	for (unsigned i = 0; i < TABLES && child != NULL; i++) {
		EXPECT(t, space_read(s, &c, in_table(i), 1) == 1 && c == 'p');
		EXPECT(t, space_read(child, &c, in_table(i), 1) == 1);
		EXPECT(t, c == 'p');
	}
	EXPECT(t, audit_run(audit_text, sizeof(audit_text)) == 0);
	if (child != NULL)
		space_put(child);
	space_put(s);
}
