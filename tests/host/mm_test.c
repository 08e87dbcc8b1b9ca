/* SPDX-License-Identifier: MIT */
/*
 * tests/host/mm_test.c - mm/ on this computer, every fork strategy.
 *
 * Random programs over a tree of spaces, four harts with TLBs that forget
 * nothing by themselves (tests/host/shim/mmu.h), devices, a page cache, failing
 * allocations.  Every byte is compared with an oracle (tests/host/mm/oracle.h),
 * and the audit recounts all frames.  Then the rows of docs/checklist.md that
 * need a host (A7, A8, E11, F1, F3, L1).
 *
 * usage: mm [SEED [STEPS]]       steps of that seed for each strategy
 *        mm SEED sharers [N]     row A7: a page of N spaces (default 70000)
 * LOOK=1 in the environment: compare everything after each step.
 */
#include "check.h"

#include "check/audit.h"
#include "kernel/hart.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/advise.h"
#include "mm/commit.h"
#include "mm/fault.h"
#include "mm/fork/registry.h"
#include "mm/fork/strategy.h"
#include "mm/map.h"
#include "mm/remap.h"
#include "mm/space.h"
#include "mm/step.h"
#include "shim/host.h"
#include "shim/mmu.h"
#include "shim/shim.h"

#define RAM_PAGES 3072u

static uint64_t seed = 1;
static unsigned steps_each = 15000, seeds = 6;
static unsigned look_every = 32;
static const struct fork_strategy *st; /* under test */

/* Is everything right?  If not, says what is wrong. */
static bool
fine(const char *when)
{
	if (wrong[0] == '\0' && !mmu_check())
		WRONG("%s", mmu_complaint);
	if (wrong[0] == '\0')
		return true;
	CHECK(!"the world is as the oracle says");
	printf("# %s, %s: %s\n", st->name, when, wrong);
	wrong[0] = mmu_complaint[0] = '\0';
	return false;
}

static void
begin(uint64_t s)
{
	shim_seed(s);
	world_begin(st);
}

static void
look_at_everything(void)
{
	shim_fail_percent = 0;
	check_world();
}

/* ---- random programs ---- */

static void
random_steps(uint64_t s)
{
	char when[80];

	begin(s);
	for (unsigned i = 0; i < steps_each; i++) {
		const char *name;

		snprintf(host_doing, sizeof(host_doing),
			 "fork=%s, step %u: run with the arguments %lu %u",
			 st->name, i, (unsigned long)s, steps_each);
		shim_fail_percent = one_in(2) ? 20 : 0;
		name = step(true);
		shim_fail_percent = 0;
		if (i % look_every == 0)
			look_at_everything();
		snprintf(when, sizeof(when), "seed %lu, step %u (%s)",
			 (unsigned long)s, i, name);
		if (!fine(when)) {
			/* Nothing else in this world can be trusted. */
			printf("Bail out! with LOOK=1 in the environment, "
			       "every step is looked at\n");
			exit(1);
		}
	}
	look_at_everything();
	world_end();
	(void)fine("at the end");
	host_doing[0] = '\0';
}

TEST(random_programs)
{
	for (unsigned i = 0; i < seeds && check_bad == 0; i++)
		random_steps(seed + i);
}

/* ---- one space with everything in it, and every allocation fails once ---- */

static struct ospace *
rich_space(uint64_t s)
{
	begin(s);
	for (unsigned i = 0; i < 600; i++)
		(void)step(false);
	look_at_everything();
	return &world[0];
}

/* All of the space, byte by byte, and the rest of the world. */
static void
nothing_changed(const char *when)
{
	look_at_everything();
	(void)fine(when);
}

/* F1: and when memory is gone afterwards, every page can be written. */
TEST(fork_with_each_allocation_failing)
{
	struct ospace *o = rich_space(seed), *child = NULL;
	unsigned n = 0, failures = 0;
	bool failed = true;

	for (; failed && n < 1000 && check_bad == 0; n++) {
		int r;

		enter(o);
		shim_fail_allocation((int)n);
		r = do_fork(o, &child);
		failed = shim_allocation_failed();
		/* A copy that may not sleep is tried again, and succeeds. */
		CHECK(r == 0 || (r == -ENOMEM && failed));
		nothing_changed("after a fork that failed");
		failures += r != 0;
		if (r == 0)
			do_exit(child);
	}
	CHECK(!failed && failures > 3);
	for (unsigned i = 0; i < UNIVERSE && check_bad == 0; i++) {
		const struct opage *p = &o->page[i];

		/* Pages that were never written need memory, of course. */
		if (p->bytes == NULL || !(p->flags & VM_WRITE))
			continue;
		shim_fail_percent = 100;
		CHECK(do_access(o, i, VM_WRITE) == 0);
		shim_fail_percent = 0;
	}
	nothing_changed("after writing without memory");
	world_end();
	(void)fine("at the end");
}

/*
 * F3: what a program does to its mappings.  With `done`, tell the oracle
 * instead of the space.
 */
static int
try_unmap(struct ospace *o, bool done)
{
	for (unsigned i = 3; i < 12 && done; i++)
		oracle_unmap(o, i);
	return done ? 0 : space_unmap(o->s, page_va(3), 9 * PAGE_SIZE);
}

static int
try_protect(struct ospace *o, bool done)
{
	for (unsigned i = 35; i < 42 && done; i++)
		o->page[i].flags &= ~VM_WRITE;
	return done ? 0
		    : space_protect(o->s, page_va(35), 7 * PAGE_SIZE, VM_READ);
}

static int
try_remap(struct ospace *o, bool done)
{
	unsigned to = runs[PLACED].first + runs[PLACED].count - 20;
	int64_t r;

	if (!done) {
		r = space_remap(o->s, page_va(36), 3 * PAGE_SIZE,
				20 * PAGE_SIZE, REMAP_MAY_MOVE, 0);
		return r == (int64_t)page_va(to) ? 0 : (int)r;
	}
	for (unsigned i = 0; i < 20; i++) {
		if (i < 3)
			oracle_move(o, 36 + i, to + i);
		else
			oracle_map(o, to + i, o->page[to].flags, -1, 0);
	}
	return 0;
}

static int
try_replace(struct ospace *o, bool done)
{
	int64_t r = 0;

	for (unsigned i = 58; i < 64 && done; i++)
		oracle_map(o, i, VM_READ | VM_WRITE, -1, 0);
	if (!done)
		r = space_map(o->s, page_va(58), 6 * PAGE_SIZE,
			      VM_READ | VM_WRITE, MAP_REPLACE, NULL, 0);
	return r < 0 ? (int)r : 0;
}

static int
try_brk(struct ospace *o, bool done)
{
	uaddr_t to = runs[HEAP].start + 3 * PAGE_SIZE;

	if (!done)
		return space_brk(o->s, to) == to ? 0 : -ENOMEM;
	o->brk = to;
	for (unsigned i = 3; i < 12; i++)
		oracle_unmap(o, runs[HEAP].first + i);
	return 0;
}

static int
try_discard(struct ospace *o, bool done)
{
	for (unsigned i = 0; i < 30 && done; i++)
		oracle_discard(o, i);
	return done ? 0 : space_discard(o->s, page_va(0), 30 * PAGE_SIZE, 0);
}

static int
try_advise(struct ospace *o, bool done)
{
	for (unsigned i = 38; i < 41 && done; i++)
		o->page[i].flags |= VM_DONTFORK;
	return done ? 0
		    : space_advise(o->s, page_va(38), 3 * PAGE_SIZE,
				   VM_DONTFORK, 0);
}

static const struct {
	const char *name;
	int (*fn)(struct ospace *o, bool done);
} attempts[] = {
	{ "unmap", try_unmap },	  { "protect", try_protect },
	{ "remap", try_remap },	  { "replace", try_replace },
	{ "brk", try_brk },	  { "discard", try_discard },
	{ "advise", try_advise },
};

/* A new world with one space, and its first runs and heap written. */
static struct ospace *
written_space(void)
{
	const unsigned rw = VM_READ | VM_WRITE | VM_MAYWRITE;
	struct ospace *o = &world[0];

	begin(seed);
	for (enum run r = DENSE; r <= ACROSS_UPPER; r++) {
		CHECK(space_map(o->s, runs[r].start, runs[r].count * PAGE_SIZE,
				rw, MAP_REPLACE, NULL,
				0) == (int64_t)runs[r].start);
		for (unsigned i = 0; i < runs[r].count; i++)
			oracle_map(o, runs[r].first + i, rw, -1, 0);
	}
	o->brk = runs[HEAP].start + 12 * PAGE_SIZE;
	CHECK(space_brk(o->s, o->brk) == o->brk);
	for (unsigned i = 0; i < 12; i++)
		oracle_map(o, runs[HEAP].first + i, rw | VM_HEAP, -1, 0);
	for (unsigned i = 0; i < runs[HEAP].first + 12; i++)
		CHECK(do_access(o, i, VM_WRITE) == 0);
	return o;
}

static void
finish(const char *when)
{
	look_at_everything();
	world_end();
	(void)fine(when);
}

/* Until it succeeds: each failure changes nothing, here or in the child. */
TEST(changes_with_each_allocation_failing)
{
	for (unsigned k = 0; k < ARRAY_SIZE(attempts) && check_bad == 0; k++) {
		struct ospace *o = written_space(), *child;
		unsigned n = 0;
		int r = -ENOMEM;

		CHECK(do_fork(o, &child) == 0);
		for (; r != 0 && n < 1000 && check_bad == 0; n++) {
			enter(o);
			shim_fail_allocation((int)n);
			r = attempts[k].fn(o, false);
			CHECK(shim_allocation_failed() == (r != 0));
			CHECK(r == 0 || r == -ENOMEM);
			if (r != 0)
				nothing_changed(attempts[k].name);
		}
		CHECK(r == 0);
		(void)attempts[k].fn(o, true);
		finish(attempts[k].name);
	}
}

/* A8: the last owner of a page writes it without memory. */
TEST(sole_owners_need_no_memory)
{
	struct ospace *o = written_space(), *child, *keeps;
	bool parent_stays = one_in(2);

	CHECK(do_fork(o, &child) == 0);
	keeps = parent_stays ? o : child;
	do_exit(parent_stays ? child : o);
	shim_fail_percent = 100;
	for (unsigned i = 0; i < 32 && st->settle == NULL; i++)
		CHECK(do_access(keeps, i, VM_WRITE) == 0);
	finish("a sole owner");
}

/* ---- E11: a reference count at its limit ---- */

static struct frame *
frame_at(struct ospace *o, unsigned page)
{
	char *p;

	enter(o);
	while ((p = mmu_access(mmu_hart, page_va(page), VM_READ)) == NULL)
		CHECK(space_fault(o->s, page_va(page), VM_READ) == 0);
	return frame_of_ptr(p);
}

static void
fork_at_limit(uint64_t extra)
{
	bool shares = (st->traits & FORK_SHARES_FRAMES) != 0;
	bool deferred =
		(st->traits & (FORK_SHARES_TABLES | FORK_DETACHES_TABLES)) != 0;
	struct ospace *o = written_space(), *child;
	struct frame *f = frame_at(o, 5);
	int r;

	/*
	 * As if that many tables mapped the page; no audit until it is undone.
	 */
	f->word += extra * FRAME_REF;
	race_off_faults = true; /* another hart's fault may do it */
	enter(o);
	r = do_fork(o, &child);
	if (!shares || extra < FRAME_REFS_MAX - 1)
		CHECK(r == 0);
	else if (!deferred)
		CHECK(r == -ENOMEM);
	CHECK(r == 0 || r == -ENOMEM);
	if (r == 0 && deferred) {
		/* The count is due when a table is copied. */
		enter(child);
		r = space_fault(child->s, page_va(5), VM_READ);
		CHECK(r == 0 || r == -ENOMEM);
	}
	CHECK(frame_refs_in(frame_word(f)) <= FRAME_REFS_MAX);
	f->word -= extra * FRAME_REF;
	race_off_faults = false;
	finish("a count at its limit");
}

/*
 * The child of a process with threads shows one instant, also of pages that a
 * strategy likes to copy at once: the one under the stack pointer, and those
 * that were written after the fork before.
 */
TEST(a_fork_beside_threads_shows_one_instant)
{
	struct ospace *o = written_space(), *child = NULL;

	for (; o->threads < MMU_HARTS; o->threads++)
		space_get(o->s);
	for (unsigned i = 0; i < 200 && check_bad == 0; i++) {
		for (unsigned k = 0; k < 4 * MMU_HARTS; k++) {
			enter(o);
			(void)access_here(o, (unsigned)below(8), VM_WRITE);
		}
		if (child != NULL)
			do_exit(child);
		enter(o);
		CHECK(do_fork(o, &child) == 0);
		look_at_everything();
		(void)fine("a fork beside threads");
	}
	finish("forks beside threads");
}

TEST(a_count_at_its_limit)
{
	fork_at_limit(FRAME_REFS_MAX - 2); /* one more is allowed */
	if (check_bad == 0)
		fork_at_limit(FRAME_REFS_MAX - 1);
}

/* ---- A7: more sharers than a 16-bit count holds ---- */

static struct space **sharers;

static bool
touch(struct space *s, char c)
{
	return space_write(s, PAGE_SIZE, &c, 1) == 1;
}

static char
look(struct space *s)
{
	char c = '?';

	return space_read(s, &c, PAGE_SIZE, 1) == 1 ? c : '!';
}

static void
swap_random(struct space **s, unsigned n)
{
	for (unsigned i = n - 1; i > 0; i--) {
		unsigned k = (unsigned)below(i + 1);
		struct space *t = s[i];

		s[i] = s[k];
		s[k] = t;
	}
}

static void
share_one_page(unsigned n)
{
	struct space *parent = space_create(st);
	unsigned made = 0;

	CHECK(space_map(parent, PAGE_SIZE, PAGE_SIZE, VM_READ | VM_WRITE,
			MAP_REPLACE, NULL, 0) == (int64_t)PAGE_SIZE);
	CHECK(touch(parent, 'p'));
	while (made < n && space_fork(parent, 0, 0, &sharers[made]) == 0)
		made++;
	CHECK(made == n);
	swap_random(sharers, made);
	for (unsigned i = 0; i < made; i++) {
		bool writes = one_in(4);

		CHECK(look(sharers[i]) == 'p');
		if (writes)
			CHECK(touch(sharers[i], 'c') &&
			      look(sharers[i]) == 'c');
		space_put(sharers[i]);
		if (i % 1000 == 0)
			CHECK(look(parent) == 'p');
	}
	/* All are gone: the parent is the only owner again. */
	shim_fail_percent = st->settle == NULL ? 100 : 0;
	CHECK(touch(parent, 'q') && look(parent) == 'q');
	shim_fail_percent = 0;
	space_put(parent);
}

static unsigned sharer_count = 70000;

TEST(one_page_of_many_spaces)
{
	static char text[400];
	struct frame_stats before, after;

	frame_get_stats(&before);
	sharers = malloc(sharer_count * sizeof(*sharers));
	share_one_page(sharer_count);
	free(sharers);
	CHECK(audit_run(text, sizeof(text)) == 0);
	frame_get_stats(&after);
	CHECK(before.free == after.free);
}

/* ---- the caches that harts fetch instructions from ---- */

enum { CODE = 16, RX = VM_READ | VM_EXEC };

/* A hart that runs s executes the page; its frame. */
static struct frame *
execute_on(unsigned hart, struct space *s, unsigned page)
{
	uaddr_t va = page_va(page);
	char *p;

	mmu_hart = hart;
	while ((p = mmu_access(hart, va, VM_EXEC)) == NULL) {
		if (space_fault(s, va, VM_EXEC) != 0)
			break;
	}
	CHECK(p != NULL && mmu_complaint[0] == '\0');
	return p != NULL ? frame_of_ptr(p) : NULL;
}

/* Every hart executes the page; its frame. */
static struct frame *
execute(struct space *s, unsigned page)
{
	struct frame *f = NULL;

	for (unsigned h = 0; h < MMU_HARTS; h++) {
		mmu_run(h, &s->mmu);
		f = execute_on(h, s, page);
	}
	return f;
}

static void
map_code(struct space *s, struct toy *t, unsigned page, unsigned prot)
{
	CHECK(space_map(s, page_va(0), PAGE_SIZE, prot, MAP_REPLACE, &t->obj,
			page) == (int64_t)page_va(0));
}

/* So that frames come back in one order. */
static void
keep_table(struct space *s)
{
	CHECK(space_map(s, page_va(CODE), PAGE_SIZE, VM_READ | VM_WRITE,
			MAP_REPLACE, NULL, 0) == (int64_t)page_va(CODE));
	CHECK(space_write(s, page_va(CODE), "x", 1) == 1);
}

static void
end_space(struct space *s)
{
	for (unsigned h = 0; h < MMU_HARTS; h++)
		mmu_run(h, NULL);
	mmu_dies(&s->mmu);
	space_put(s);
}

/* The same frame is filled with other code, and mapped, or allowed, as such. */
TEST(new_code_is_fetched)
{
	static struct toy t;
	struct space *s = space_create(st), *child;
	struct frame *f;
	char c;

	toy_init(&t, 2, 'a');
	memset(t.disk[1], 'b', PAGE_SIZE);
	keep_table(s);
	map_code(s, &t, 0, RX);
	f = execute(s, 0);
	CHECK(space_unmap(s, page_va(0), PAGE_SIZE) == 0);
	CHECK(toy_reclaim(&t, 0));
	map_code(s, &t, 1, RX);
	CHECK(execute(s, 0) == f);
	CHECK(space_unmap(s, page_va(0), PAGE_SIZE) == 0);
	CHECK(toy_reclaim(&t, 1));
	map_code(s, &t, 0, VM_READ);
	CHECK(space_read(s, &c, page_va(0), 1) == 1 && c == 'a');
	CHECK(space_protect(s, page_va(0), PAGE_SIZE, RX) == 0);
	CHECK(execute(s, 0) == f);
	CHECK(space_unmap(s, page_va(0), PAGE_SIZE) == 0);
	toy_fini(&t);

	/* A child's copies, in frames that another child's were in. */
	CHECK(space_map(s, page_va(0), CODE * PAGE_SIZE, VM_READ | VM_WRITE,
			MAP_REPLACE, NULL, 0) == (int64_t)page_va(0));
	for (unsigned i = 0; i < CODE; i++) {
		c = (char)('A' + i);
		CHECK(space_write(s, page_va(i), &c, 1) == 1);
	}
	CHECK(space_protect(s, page_va(0), CODE * PAGE_SIZE, RX) == 0);
	for (unsigned n = 0; n < 4; n++) {
		CHECK(space_fork(s, 0, 0, &child) == 0);
		for (unsigned i = 0; i < CODE; i++)
			(void)execute(child, i);
		end_space(child);
	}
	end_space(s);
}

/*
 * Two harts run different spaces and go on with them; either may fault first.
 */
TEST(new_code_of_another_space_is_fetched)
{
	static struct toy t;
	struct space *s[2];
	struct frame *f = NULL;

	toy_init(&t, 6, 'a');
	for (unsigned i = 0; i < 2; i++) {
		s[i] = space_create(st);
		keep_table(s[i]);
		map_code(s[i], &t, 0, RX);
		mmu_run(i, &s[i]->mmu);
		f = execute_on(i, s[i], 0);
	}
	for (unsigned page = 1; page < 6; page++) {
		unsigned first = page % 2;

		memset(t.disk[page], 'a' + (char)page, PAGE_SIZE);
		for (unsigned i = 0; i < 2; i++) {
			mmu_hart = i;
			map_code(s[i], &t, page, RX);
		}
		CHECK(toy_reclaim(&t, page - 1));
		CHECK(execute_on(first, s[first], 0) == f);
		CHECK(execute_on(!first, s[!first], 0) == f);
	}
	end_space(s[0]);
	end_space(s[1]);
	toy_fini(&t);
}

/* ---- frames by themselves ---- */

static struct {
	struct frame *f;
	unsigned order;
	unsigned char fill;
} held[200];

static bool
still_ours(unsigned i)
{
	for (unsigned k = 0; k < 1u << held[i].order; k++) {
		unsigned char *p = frame_ptr(held[i].f + k);

		if (p[0] != held[i].fill || p[PAGE_SIZE - 1] != held[i].fill)
			return false;
	}
	return true;
}

static void
give_back(unsigned i)
{
	CHECK(still_ours(i));
	if (held[i].order > 0)
		frame_free_order(held[i].f, held[i].order);
	else
		frame_put(held[i].f);
	held[i].f = NULL;
}

TEST(frames_are_given_out_once)
{
	struct frame_stats before, after;
	struct frame *f;

	frame_get_stats(&before);
	for (unsigned n = 0; n < 20000; n++) {
		unsigned i = (unsigned)below(ARRAY_SIZE(held));

		if (held[i].f != NULL) {
			give_back(i);
			continue;
		}
		held[i].order = one_in(8) ? 1 + (unsigned)below(4) : 0;
		f = held[i].order > 0
			    ? frame_alloc_order(held[i].order, FRAME_ATOMIC)
			    : frame_alloc(FRAME_ATOMIC);
		if (f == NULL)
			continue;
		held[i].f = f;
		held[i].fill = (unsigned char)shim_random();
		for (unsigned k = 0; k < 1u << held[i].order; k++)
			memset(frame_ptr(f + k), held[i].fill, PAGE_SIZE);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(held); i++) {
		if (held[i].f != NULL)
			give_back(i);
	}
	frame_get_stats(&after);
	CHECK(before.free == after.free);
	/* A block that was split is whole again. */
	frame_drain_caches();
	f = frame_alloc_order(10, FRAME_ATOMIC);
	CHECK(f != NULL);
	if (f != NULL)
		frame_free_order(f, 10);
}

/* ---- all of it, for every strategy ---- */

#define RUN_EACH(fn_)                                                      \
	do {                                                               \
		for (unsigned i_ = 0; (st = fork_strategy_at(i_)) != NULL; \
		     i_++) {                                               \
			char text_[80];                                    \
			snprintf(text_, sizeof(text_), #fn_ " fork=%s",    \
				 st->name);                                \
			check_run(text_, test_##fn_);                      \
		}                                                          \
	} while (0)

int
main(int argc, char **argv)
{
	bool many = argc > 2 && strcmp(argv[2], "sharers") == 0;

	check_begin(argc, argv);
	shim_log_show = getenv("SHIM_LOG") != NULL;
	if (getenv("LOOK") != NULL)
		look_every = (unsigned)atoi(getenv("LOOK"));
	if (argc > 1) {
		seed = strtoull(argv[1], NULL, 0);
		seeds = 1;
	}
	if (many && argc > 3)
		sharer_count = (unsigned)atoi(argv[3]);
	if (!many && argc > 2)
		steps_each = (unsigned)atoi(argv[2]);
	shim_guards = false; /* the audit counts in a block of pages */
	shim_init(many ? 4 * sharer_count + 4096 : RAM_PAGES, seed);
	(void)commit_init("strict");
	if (!fork_registry_init(NULL))
		return 99;
	if (many) {
		RUN_EACH(one_page_of_many_spaces);
		return check_end();
	}
	RUN(frames_are_given_out_once);
	RUN_EACH(random_programs);
	RUN_EACH(fork_with_each_allocation_failing);
	RUN_EACH(changes_with_each_allocation_failing);
	RUN_EACH(sole_owners_need_no_memory);
	RUN_EACH(a_fork_beside_threads_shows_one_instant);
	RUN_EACH(a_count_at_its_limit);
	RUN_EACH(new_code_is_fetched);
	RUN_EACH(new_code_of_another_space_is_fetched);
	return check_end();
}
