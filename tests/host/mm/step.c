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
#include "mm/fork/strategy.h"
#include "shim/mmu.h"
#include "shim/shim.h"

#define RW (VM_READ | VM_WRITE)

static struct ospace *pin_holder[PINS]; /* whose npins counts it */
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

/* Is the answer `want`, or a shortage that was made? */
static bool
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
	live_before = shim_kmalloc_live;
	free_before = frames_free();
	for (unsigned i = 0; i < OBJECTS; i++) {
		toy_init(&toys[i], 8 + 8 * i, (unsigned char)(0x40 + i));
		memcpy(toy_contents[i], toys[i].disk, sizeof(toys[i].disk));
	}
	o->s = space_create(st);
	o->threads = 1;
	o->brk = o->s->brk = o->s->brk_start = runs[HEAP].start;
	o->s->stack_limit = STACK_GAP_PAGES * PAGE_SIZE;
	mmu_race = race;
}

static void
drop_pin(unsigned i)
{
	if (pins[i].f == NULL)
		return;
	if (pin_holder[i] != NULL)
		pin_holder[i]->s->npins--;
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
	mmu_run(hart, o == NULL ? NULL : &o->s->mmu,
		o == NULL ? 0 : virt_to_phys(o->s->root));
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

	if (harts_of(o) == 0 || (harts_of(o) < o->threads && one_in(2)))
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
	if (o->threads < 3 && one_in(2)) {
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

/* Until the hart can: as the trap code does. */
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
	WRONG("faults at %#lx for ever", (unsigned long)va);
	return -EFAULT;
}

static int
access_page(struct ospace *o, unsigned page, unsigned access, char **at)
{
	int r;

	race_off_shared = access == VM_WRITE;
	r = cpu_access(o, page_va(page), access, at);
	race_off_shared = false;
	/* Growing a stack needs no memory. */
	if (oracle_grows(o, page))
		oracle_grow(o, page);
	(void)answer("access", r, oracle_access(o, page, access));
	return r;
}

int
do_access(struct ospace *o, unsigned page, unsigned access)
{
	unsigned at = (unsigned)below(PAGE_SIZE), n;
	char bytes[40], *p;
	int r;

	enter(o);
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
 * The kernel copied `done` of n bytes at `at` of the run: is that right, and
 * are they?  buf: what was written, or read; NULL: zeroes were written.
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
	race_count = how > 0 ? 4 : 0;
	race_off_shared = how > 0;
	/* What is shared would show elsewhere, before the oracle knows. */
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

/* ---- what it does to its mappings ---- */

struct range {
	unsigned first, n;
	uaddr_t va;
	uint64_t len;
};

static struct range
some_range(enum run r, unsigned most)
{
	unsigned n = 1 + (unsigned)below(MIN(most, runs[r].count));
	unsigned first = runs[r].first + (unsigned)below(runs[r].count - n + 1);

	return (struct range){ first, n, page_va(first), n * PAGE_SIZE };
}

static bool
all_free(const struct ospace *o, unsigned first, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (o->page[first + i].mapped)
			return false;
	}
	return true;
}

/* Where n pages go that may go anywhere; -1: outside of the universe. */
static int
placed(const struct ospace *o, unsigned n)
{
	unsigned first = runs[PLACED].first;

	for (unsigned at = first + runs[PLACED].count - n; at >= first; at--) {
		if (all_free(o, at, n))
			return (int)at;
	}
	return -1;
}

static unsigned
some_prot(void)
{
	static const unsigned some[8] = {
		RW, RW, RW, RW, VM_READ, VM_READ, 0, VM_READ | VM_EXEC
	};

	return some[below(8)];
}

static void
step_map(struct ospace *o)
{
	enum run run = (enum run)below(RUNS);
	struct range r = some_range(run, 8);
	unsigned flags = some_prot() | VM_MAYWRITE, index = 0;
	enum map_where where = (enum map_where)below(3);
	int obj = one_in(2) ? (int)below(OBJECTS) : -1;
	int64_t want = (int64_t)r.va;

	if (run == HEAP)
		return;
	if (obj >= 0) {
		index = (unsigned)below(TOY_PAGES - r.n + 1);
		if (one_in(2))
			flags |= VM_SHARED;
		if ((flags & VM_SHARED) && !(flags & VM_WRITE) && one_in(3))
			flags &= ~VM_MAYWRITE;
	} else if (run == STACK && one_in(2)) {
		flags |= VM_GROWSDOWN | VM_STACK;
	}
	if (obj >= 0 && one_in(16)) {
		flags |= VM_GROWSDOWN; /* downwards a file has no more */
		want = -EINVAL;
	} else if (!all_free(o, r.first, r.n) && where == MAP_NOREPLACE) {
		want = -EEXIST;
	} else if (!all_free(o, r.first, r.n) && where == MAP_HINT) {
		if (placed(o, r.n) < 0)
			return;
		r.first = (unsigned)placed(o, r.n);
		want = (int64_t)page_va(r.first);
	}
	enter(o);
	if (!answer("map",
		    space_map(o->s, r.va, r.len, flags, where,
			      obj < 0 ? NULL : &toys[obj].obj, index),
		    want))
		return;
	for (unsigned i = 0; i < r.n; i++)
		oracle_map(o, r.first + i, flags, obj, obj < 0 ? 0 : index + i);
}

static void
step_unmap(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 12);

	enter(o);
	if (!answer("unmap", space_unmap(o->s, r.va, r.len), 0))
		return;
	for (unsigned i = 0; i < r.n; i++)
		oracle_unmap(o, r.first + i);
}

static void
step_protect(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 6);
	unsigned prot = some_prot();
	int want = 0;

	for (unsigned i = 0; i < r.n && want == 0; i++) {
		const struct opage *p = &o->page[r.first + i];

		if (!p->mapped)
			want = -ENOMEM;
		else if ((prot & VM_WRITE) && (p->flags & VM_SHARED) &&
			 !(p->flags & VM_MAYWRITE))
			want = -EACCES;
	}
	enter(o);
	if (!answer("protect", space_protect(o->s, r.va, r.len, prot), want))
		return;
	for (unsigned i = 0; i < r.n; i++) {
		struct opage *p = &o->page[r.first + i];

		p->flags = (p->flags & ~VM_PROT) | prot;
	}
}

static void
step_advise(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 6);
	unsigned what = one_in(2) ? VM_DONTFORK : VM_WIPEONFORK;
	bool set = one_in(2);
	int want = 0;

	for (unsigned i = 0; i < r.n && want == 0; i++) {
		const struct opage *p = &o->page[r.first + i];

		if (!p->mapped)
			want = -ENOMEM;
		else if (set && what == VM_WIPEONFORK && p->obj >= 0)
			want = -EINVAL;
	}
	enter(o);
	if (!answer("advise",
		    space_advise(o->s, r.va, r.len, set ? what : 0,
				 set ? 0 : what),
		    want))
		return;
	for (unsigned i = 0; i < r.n; i++) {
		struct opage *p = &o->page[r.first + i];

		p->flags = set ? p->flags | what : p->flags & ~what;
	}
}

static void
step_discard(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 6);

	enter(o);
	if (!answer("discard", space_discard(o->s, r.va, r.len), 0))
		return;
	for (unsigned i = 0; i < r.n; i++)
		oracle_discard(o, r.first + i);
}

static void
step_brk(struct ospace *o)
{
	const unsigned flags = RW | VM_MAYWRITE | VM_HEAP;
	uaddr_t to = runs[HEAP].start + below(runs[HEAP].count * PAGE_SIZE + 1);
	unsigned old =
		runs[HEAP].first +
		(unsigned)((PAGE_UP(o->brk) - runs[HEAP].start) >> PAGE_SHIFT);
	unsigned new =
		runs[HEAP].first +
		(unsigned)((PAGE_UP(to) - runs[HEAP].start) >> PAGE_SHIFT);
	uaddr_t r, want = to;

	if (new > old && !all_free(o, old, new - old))
		want = o->brk;
	enter(o);
	r = space_brk(o->s, to);
	if (r == o->brk && r != want && shim_fail_fired())
		return;
	if (r != want)
		WRONG("brk: %#lx, not %#lx", (unsigned long)r,
		      (unsigned long)want);
	if (r != to)
		return;
	o->brk = to;
	for (unsigned i = old; i < new; i++)
		oracle_map(o, i, flags, -1, 0);
	for (unsigned i = new; i < old; i++)
		oracle_unmap(o, i);
}

/* Pages [first, first + n) go on for more pages, up to `to`. */
static void
extend(struct ospace *o, unsigned last, unsigned to)
{
	for (unsigned i = last + 1; i < to; i++) {
		const struct opage p = o->page[last];

		oracle_map(o, i, p.flags, p.obj,
			   p.obj < 0 ? 0 : p.index + i - last);
	}
}

/* What mremap() does to a mapping that must grow; -1: let it be. */
static int64_t
predict_growth(struct ospace *o, const struct range *r, unsigned new_n,
	       bool may_move)
{
	struct vma_info v;
	const struct run_info *run = &runs[run_of(r->first)];
	int to = placed(o, new_n);

	if (!space_next_vma(o->s, r->va, &v) || v.start > r->va ||
	    v.end < r->va + r->len)
		return -EFAULT;
	if (r->first + new_n > run->first + run->count)
		return -1;
	/* Nothing above the run's mappings is in the way but its own pages. */
	if (v.end == r->va + r->len && v.end < MMAP_TOP &&
	    all_free(o, r->first + r->n, new_n - r->n))
		return (int64_t)r->va;
	if (!may_move)
		return -ENOMEM;
	return to < 0 ? -1 : (int64_t)page_va((unsigned)to);
}

static void
step_remap(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 6);
	unsigned new_n = 1 + (unsigned)below(8), to;
	bool may_move = one_in(2);
	int64_t want = (int64_t)r.va;
	struct vma_info v;

	if (new_n > r.n)
		want = predict_growth(o, &r, new_n, may_move);
	else if (new_n == r.n && (!space_next_vma(o->s, r.va, &v) ||
				  v.start > r.va || v.end < r.va + r.len))
		want = -EFAULT;
	if (want == -1)
		return;
	enter(o);
	if (!answer("remap",
		    space_remap(o->s, r.va, r.len, new_n * PAGE_SIZE, may_move),
		    want))
		return;
	to = (unsigned)page_at((uaddr_t)want);
	for (unsigned i = new_n; i < r.n; i++)
		oracle_unmap(o, r.first + i);
	for (unsigned i = 0; i < r.n && to != r.first; i++)
		oracle_move(o, r.first + i, to + i);
	if (new_n > r.n)
		extend(o, to + r.n - 1, to + new_n);
}

/* ---- objects and devices ---- */

static void
step_truncate(struct ospace *o)
{
	unsigned i = (unsigned)below(OBJECTS);
	unsigned pages = (unsigned)below(TOY_PAGES + 1);

	if (!one_in(4))
		return;
	toy_truncate(&toys[i], pages);
	memset(toy_contents[i][pages], 0, (TOY_PAGES - pages) * PAGE_SIZE);
}

static void
step_reclaim(struct ospace *o)
{
	unsigned i = (unsigned)below(OBJECTS), page;

	page = (unsigned)below(TOY_PAGES);
	if (!toy_reclaim(&toys[i], page))
		WRONG("page %u of object %u was changed, and not dirty", page,
		      i);
}

/* A device begins to write a private page, writes, or has done. */
static void
step_device(struct ospace *o)
{
	unsigned i = (unsigned)below(PINS), page = some_page(o);
	uint64_t value = shim_random();
	char *p;

	if (pins[i].f != NULL && one_in(3)) {
		drop_pin(i);
	} else if (pins[i].f != NULL) {
		memcpy(frame_ptr(pins[i].f), &value, sizeof(value));
		if (pins[i].o != NULL)
			oracle_write(pins[i].o, pins[i].page, 0, &value,
				     sizeof(value));
	} else if (!(o->page[page].flags & VM_SHARED) && o->page[page].mapped) {
		enter(o);
		if (access_page(o, page, VM_WRITE, &p) != 0)
			return;
		oracle_write(o, page, 0, p, 1);
		pins[i] = (struct opin){ frame_of_ptr(p), o, page };
		if (!frame_pin(pins[i].f))
			WRONG("a pin failed");
		o->s->npins++;
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
