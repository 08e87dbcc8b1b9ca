/* SPDX-License-Identifier: MIT */
/*
 * tests/host/mm/step.c - random programs over a tree of spaces.
 *
 * Each step does one thing a program, a device or the page cache can do, and
 * predicts its result from the oracle.  -ENOMEM is a right answer only when an
 * allocation was made to fail, and then nothing may have changed.
 */
#include "mm/step.h"

#include "kernel/hart.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/commit.h"
#include "mm/fault.h"
#include "mm/fork/strategy.h"
#include "mm/space.h"
#include "shim/mmu.h"
#include "shim/shim.h"

static struct ospace *pin_holder[PINS]; /* counts the pin in its npins */
static long live_before;
static uint64_t free_before;

uint64_t
below(uint64_t n)
{
	return shim_random() % n;
}

bool
one_in(unsigned n)
{
	return below(n) == 0;
}

bool
answer(const char *what, int64_t r, int64_t want)
{
	if (r == -ENOMEM && want != -ENOMEM && shim_fail_fired())
		return false;
	if (r != want)
		WRONG("%s: %ld, not %ld", what, (long)r, (long)want);
	return r == want && want >= 0;
}

static uint64_t
frames_free(void)
{
	struct frame_stats st;

	frame_get_stats(&st);
	return st.free;
}

void
world_begin(const struct fork_strategy *st)
{
	struct ospace *o = &world[0];

	memset(world, 0, sizeof(world));
	memset(pins, 0, sizeof(pins));
	memset(pin_holder, 0, sizeof(pin_holder));
	/*
	 * A few spaces with many threads test other code than many spaces do.
	 */
	world_most = one_in(2) ? 2 : SPACES;
	live_before = shim_kmalloc_live;
	free_before = frames_free();
	for (unsigned i = 0; i < OBJECTS; i++) {
		toy_init(&toys[i], 8 + 8 * i, (unsigned char)(0x40 + i));
		memcpy(toy_contents[i], toys[i].disk, sizeof(toys[i].disk));
	}
	o->s = space_create(st);
	o->threads = 1;
	o->brk = o->s->brk = o->s->brk_start = runs[HEAP].start;
	mmu_race = race;
}

static void
drop_pin(unsigned i)
{
	if (pins[i].f == NULL)
		return;
	if (pin_holder[i] != NULL)
		space_unpin(pin_holder[i]->s, pins[i].f);
	else
		frame_unpin(pins[i].f);
	pins[i].f = NULL;
	pins[i].o = pin_holder[i] = NULL;
}

void
world_end(void)
{
	uint64_t promised, limit;

	shim_fail_percent = 0;
	for (unsigned i = 0; i < SPACES; i++) {
		if (world[i].s != NULL)
			do_exit(&world[i]);
	}
	for (unsigned i = 0; i < PINS; i++)
		drop_pin(i);
	for (unsigned i = 0; i < OBJECTS; i++)
		toy_fini(&toys[i]);
	commit_get(&promised, &limit);
	if (frames_free() != free_before || promised != 0 ||
	    shim_kmalloc_live != live_before)
		WRONG("left at the end: %ld frames, %ld objects, %lu promises",
		      (long)(free_before - frames_free()),
		      shim_kmalloc_live - live_before, (unsigned long)promised);
}

/* ---- harts ---- */

static void
run_on(unsigned hart, struct ospace *o)
{
	mmu_run(hart, o == NULL ? NULL : &o->s->mmu);
}

static unsigned
harts_of(const struct ospace *o)
{
	return (unsigned)__builtin_popcount(o->s->mmu.harts);
}

void
enter(struct ospace *o)
{
	unsigned hart = (unsigned)below(MMU_HARTS);

	if (harts_of(o) == 0 || harts_of(o) < o->threads)
		run_on(hart, o);
	while (mmu_running(hart) != &o->s->mmu)
		hart = (hart + 1) % MMU_HARTS;
	mmu_hart = hart;
}

static void
step_migrate(struct ospace *o)
{
	unsigned hart = (unsigned)below(MMU_HARTS);

	if (one_in(3))
		run_on(hart, NULL);
	else if (harts_of(o) < o->threads)
		run_on(hart, o);
}

static void
step_thread(struct ospace *o)
{
	if (o->threads < MMU_HARTS && one_in(2)) {
		space_get(o->s);
		o->threads++;
	} else if (o->threads > 1) {
		if (harts_of(o) == o->threads) {
			enter(o);
			run_on(mmu_hart, NULL);
		}
		space_put(o->s);
		o->threads--;
	}
}

/* ---- what a program does to its memory ---- */

/* Faults until the hart can make the access, as the trap code does. */
static int
cpu_access(struct ospace *o, uaddr_t va, unsigned access, char **at)
{
	for (unsigned i = 0; i < 5; i++) {
		int err;

		*at = mmu_access(mmu_hart, va, access);
		if (*at != NULL)
			return 0;
		err = space_fault(o->s, va, access);
		if (err != 0)
			return err;
	}
	/* This access waits for a flush that the interrupted thread must do. */
	if (race_runs)
		return -EAGAIN;
	WRONG("faults at %#lx for ever", (unsigned long)va);
	return -EFAULT;
}

static int
access_page(struct ospace *o, unsigned page, unsigned access, char **at)
{
	int r;

	race_off_shared = access == VM_WRITE;
	race_hot = (int)page;
	r = cpu_access(o, page_va(page), access, at);
	race_off_shared = false;
	race_hot = -1;
	/* Growing a stack needs no memory. */
	if (oracle_grows(o, page))
		oracle_grow(o, page);
	if (r == -EAGAIN)
		return r;
	(void)answer("access", r, oracle_access(o, page, access));
	return r;
}

int
access_here(struct ospace *o, unsigned page, unsigned access)
{
	unsigned at = (unsigned)below(PAGE_SIZE), n;
	char bytes[40], *p;
	int r;

	r = access_page(o, page, access, &p);
	if (r != 0 || access == VM_EXEC || wrong[0] != '\0')
		return r;
	n = 1 + (unsigned)below(sizeof(bytes));
	n = MIN(n, (unsigned)PAGE_SIZE - at);
	if (access == VM_READ && one_in(4))
		at = 0, n = PAGE_SIZE;
	if (access == VM_READ) {
		if (memcmp(p + at, oracle_bytes(o, page) + at, n) != 0)
			WRONG("space %d reads wrong bytes at %#lx",
			      (int)(o - world), (unsigned long)page_va(page));
		return 0;
	}
	for (unsigned i = 0; i < n; i++)
		bytes[i] = (char)shim_random();
	memcpy(p + at, bytes, n);
	oracle_write(o, page, at, bytes, n);
	return 0;
}

int
do_access(struct ospace *o, unsigned page, unsigned access)
{
	enter(o);
	return access_here(o, page, access);
}

static unsigned
some_page(const struct ospace *o)
{
	unsigned page = 0;

	for (unsigned i = 0; i < 4; i++) {
		page = (unsigned)below(UNIVERSE);
		if (o->page[page].mapped)
			break;
	}
	return page;
}

static void
step_load(struct ospace *o)
{
	(void)do_access(o, some_page(o), VM_READ);
}

static void
step_store(struct ospace *o)
{
	(void)do_access(o, some_page(o), VM_WRITE);
}

static void
step_fetch(struct ospace *o)
{
	(void)do_access(o, some_page(o), VM_EXEC);
}

/*
 * The kernel copied `done` of n bytes at `at` of the run.  Is the number right,
 * and are the bytes?  buf: what was written, or read; NULL: zeroes were
 * written.
 */
static void
judge_copy(struct ospace *o, uaddr_t va, const char *buf, size_t n, size_t done,
	   bool write)
{
	static const char zeroes[PAGE_SIZE];
	size_t at = 0;

	while (at < n && at <= done) {
		int page = page_at(va + at);
		unsigned off = (va + at) & PAGE_MASK;
		size_t part = MIN(n - at, PAGE_SIZE - off);
		const char *bytes = buf == NULL ? zeroes : buf + at;

		if (page >= 0 && oracle_grows(o, (unsigned)page))
			oracle_grow(o, (unsigned)page);
		if (page < 0 || oracle_access(o, (unsigned)page,
					      write ? VM_WRITE : VM_READ) != 0)
			break;
		if (done < at + part) {
			if (done != at || !shim_fail_fired())
				WRONG("copied %lu of %lu bytes",
				      (unsigned long)done, (unsigned long)n);
			return;
		}
		if (write)
			oracle_write(o, (unsigned)page, off, bytes, part);
		else if (memcmp(oracle_bytes(o, (unsigned)page) + off, bytes,
				part) != 0)
			WRONG("the kernel reads wrong bytes at %#lx",
			      (unsigned long)(va + at));
		at += part;
	}
	if (done != at)
		WRONG("copied %lu bytes, not %lu", (unsigned long)done,
		      (unsigned long)at);
}

static void
step_copy(struct ospace *o)
{
	static char buf[3 * PAGE_SIZE];
	unsigned page = some_page(o), how = (unsigned)below(3);
	uaddr_t va = page_va(page) + below(PAGE_SIZE);
	size_t n = 1 + below(sizeof(buf)), done;

	enter(o);
	race_not = o;
	race_first = page;
	race_count = 4;
	race_off_shared = true;
	/* A shared page would show the change before the oracle knows of it. */
	for (unsigned i = page; i < MIN(page + race_count, UNIVERSE); i++)
		race_off |= (o->page[i].flags & VM_SHARED) != 0;
	if (how == 0) {
		done = space_read(o->s, buf, va, n);
		judge_copy(o, va, buf, n, done, false);
	} else if (how == 1) {
		memset(buf, (int)shim_random(), n);
		done = space_write(o->s, va, buf, n);
		judge_copy(o, va, buf, n, done, true);
	} else {
		done = space_zero(o->s, va, n);
		judge_copy(o, va, NULL, n, done, true);
	}
	race_count = 0;
	race_off = race_off_shared = false;
}

/* ---- objects and devices ---- */

static void
step_truncate(struct ospace *o)
{
	unsigned i = (unsigned)below(OBJECTS);
	unsigned pages = (unsigned)below(TOY_PAGES + 1);

	if (!one_in(4))
		return;
	race_off_faults = true; /* the toy has no lock of its own */
	toy_truncate(&toys[i], pages);
	race_off_faults = false;
	memset(toy_contents[i][pages], 0, (TOY_PAGES - pages) * PAGE_SIZE);
	for (o = world; o < world + SPACES; o++) {
		for (unsigned k = 0; k < UNIVERSE && o->s != NULL; k++) {
			if (o->page[k].mapped && o->page[k].obj == (int)i &&
			    o->page[k].index >= pages)
				oracle_discard(o, k);
		}
	}
}

static void
step_reclaim(struct ospace *o)
{
	unsigned i = (unsigned)below(OBJECTS), page;
	bool known;

	page = (unsigned)below(TOY_PAGES);
	race_off_faults = true;
	known = toy_reclaim(&toys[i], page);
	race_off_faults = false;
	if (!known)
		WRONG("page %u of object %u was changed, and not dirty", page,
		      i);
}

/* Was the page pinned, as it should be? */
static bool
pin_page(struct ospace *o, unsigned page, unsigned access, struct frame **f)
{
	const struct opage *p = &o->page[page];
	int r, want;

	enter(o);
	race_off_shared = true;
	race_hot = (int)page;
	r = space_pin(o->s, page_va(page), access, f);
	race_off_shared = false;
	race_hot = -1;
	if (oracle_grows(o, page))
		oracle_grow(o, page);
	want = oracle_access(o, page, access);
	if (p->mapped && (p->flags & VM_SHARED))
		want = -EINVAL;
	return answer("pin", r, want);
}

/* The device writes or reads the page, while a program may do so, too. */
static void
use_pin(struct opin *pin)
{
	uint64_t value = shim_random();

	if (pin->access == VM_WRITE) {
		memcpy(frame_ptr(pin->f), &value, sizeof(value));
		if (pin->o != NULL)
			oracle_write(pin->o, pin->page, 0, &value,
				     sizeof(value));
	} else if (pin->o != NULL &&
		   memcmp(frame_ptr(pin->f), oracle_bytes(pin->o, pin->page),
			  PAGE_SIZE) != 0) {
		WRONG("a device reads wrong bytes at %#lx",
		      (unsigned long)page_va(pin->page));
	}
}

/* A device begins to use a page, uses it, or has done. */
static void
step_device(struct ospace *o)
{
	unsigned i = (unsigned)below(PINS), page = some_page(o);
	unsigned access = one_in(3) ? VM_READ : VM_WRITE;
	struct frame *f;

	if (pins[i].f != NULL && one_in(3)) {
		drop_pin(i);
	} else if (pins[i].f != NULL) {
		use_pin(&pins[i]);
	} else if (pin_page(o, page, access, &f)) {
		/* From now on the page is not the file's any more. */
		oracle_write(o, page, 0, frame_ptr(f), 1);
		pins[i] = (struct opin){ f, o, page, access };
		pin_holder[i] = o;
	}
}

/* ---- the family ---- */

void
do_exit(struct ospace *o)
{
	for (unsigned h = 0; h < MMU_HARTS; h++) {
		if (mmu_running(h) == &o->s->mmu)
			run_on(h, NULL);
	}
	for (unsigned i = 0; i < PINS; i++) {
		if (pin_holder[i] == o)
			pin_holder[i] = NULL;
	}
	mmu_dies(&o->s->mmu);
	for (; o->threads > 0; o->threads--)
		space_put(o->s);
	oracle_exit(o);
}

static void
step_fork(struct ospace *o)
{
	struct ospace *child;

	if (world_free() == NULL)
		return;
	enter(o);
	(void)answer("fork", do_fork(o, &child), 0);
}

static void
step_exit(struct ospace *o)
{
	if (world_count() > 1)
		do_exit(o);
}

static void
step_background(struct ospace *o)
{
	if (o->s->strategy->background == NULL)
		return;
	rwlock_read(&o->s->lock);
	(void)o->s->strategy->background(o->s, (unsigned)below(8));
	rwlock_unread(&o->s->lock);
}

static const struct {
	const char *name;
	void (*fn)(struct ospace *o);
	unsigned weight;
	bool family;
} steps[] = {
	{ "load", step_load, 24, false },
	{ "store", step_store, 30, false },
	{ "fetch", step_fetch, 3, false },
	{ "copy", step_copy, 10, false },
	{ "map", step_map, 10, false },
	{ "unmap", step_unmap, 3, false },
	{ "protect", step_protect, 6, false },
	{ "advise", step_advise, 2, false },
	{ "discard", step_discard, 2, false },
	{ "brk", step_brk, 3, false },
	{ "remap", step_remap, 5, false },
	{ "move", step_move, 3, false },
	{ "truncate", step_truncate, 2, false },
	{ "reclaim", step_reclaim, 4, false },
	{ "device", step_device, 5, false },
	{ "migrate", step_migrate, 4, false },
	{ "thread", step_thread, 3, false },
	{ "background", step_background, 2, false },
	{ "fork", step_fork, 8, true },
	{ "exit", step_exit, 6, true },
};

const char *
step(bool forks)
{
	unsigned total = 0, i = 0;
	struct ospace *o;
	uint64_t n;

	do
		o = &world[below(SPACES)];
	while (o->s == NULL);
	for (unsigned k = 0; k < ARRAY_SIZE(steps); k++)
		total += forks || !steps[k].family ? steps[k].weight : 0;
	for (n = below(total); n >= steps[i].weight; i++)
		n -= steps[i].weight;
	shim_fail_allocation(-1);
	steps[i].fn(o);
	return steps[i].name;
}
