/* SPDX-License-Identifier: MIT */
/*
 * tests/host/mm/change.c - what random programs do to their mappings.
 *
 * A step_*() function chooses a range, makes one call of mm/ and has the oracle
 * do the same to its own pages.  step.c calls the steps; the answer and the
 * pages must then agree.
 */
#include "lib/errno.h"
#include "lib/printf.h"
#include "mm/advise.h"
#include "mm/map.h"
#include "mm/remap.h"
#include "mm/space.h"
#include "mm/step.h"
#include "shim/shim.h"

#define RW (VM_READ | VM_WRITE)

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

/* Where the kernel must place n pages; -1: outside of the universe. */
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

/*
 * Did the call meet a hole, or a mapping that refuses?  Then the pages before
 * it have changed.  A shortage looks like a hole but changes nothing.
 */
static bool
refused_in_part(int got, int want)
{
	return got == want && want < 0 && !shim_fail_fired();
}

static unsigned
some_prot(void)
{
	static const unsigned some[8] = {
		RW, RW, RW, RW, VM_READ, VM_READ, 0, VM_READ | VM_EXEC
	};

	return some[below(8)];
}

void
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
		flags |= VM_GROWSDOWN; /* VM_GROWSDOWN needs anonymous memory */
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

void
step_unmap(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 12);

	enter(o);
	if (!answer("unmap", space_unmap(o->s, r.va, r.len), 0))
		return;
	for (unsigned i = 0; i < r.n; i++)
		oracle_unmap(o, r.first + i);
}

void
step_protect(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 6);
	unsigned prot = some_prot(), done = 0;
	int want = 0, got;

	while (done < r.n && want == 0) {
		const struct opage *p = &o->page[r.first + done];

		if (!p->mapped)
			want = -ENOMEM;
		else if ((prot & VM_WRITE) && (p->flags & VM_SHARED) &&
			 !(p->flags & VM_MAYWRITE))
			want = -EACCES;
		else
			done++;
	}
	enter(o);
	got = space_protect(o->s, r.va, r.len, prot);
	if (!answer("protect", got, want) && !refused_in_part(got, want))
		return;
	for (unsigned i = 0; i < done; i++) {
		struct opage *p = &o->page[r.first + i];

		p->flags = (p->flags & ~VM_PROT) | prot;
	}
}

void
step_advise(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 6);
	unsigned what = one_in(2) ? VM_DONTFORK : VM_WIPEONFORK;
	bool set = one_in(2);
	unsigned done;
	int want = 0, got;

	for (done = 0; done < r.n && want != -EINVAL; done++) {
		const struct opage *p = &o->page[r.first + done];

		if (!p->mapped)
			want = -ENOMEM;
		else if (set && what == VM_WIPEONFORK && p->obj >= 0)
			want = -EINVAL;
	}
	if (want == -EINVAL)
		done--;
	enter(o);
	got = space_advise(o->s, r.va, r.len, set ? what : 0, set ? 0 : what);
	if (!answer("advise", got, want) && !refused_in_part(got, want))
		return;
	for (unsigned i = 0; i < done; i++) {
		struct opage *p = &o->page[r.first + i];

		p->flags = set ? p->flags | what : p->flags & ~what;
	}
}

void
step_discard(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 6);
	bool anonymous = one_in(2);
	int want = 0, got;
	unsigned done;

	for (done = 0; done < r.n && want != -EINVAL; done++) {
		const struct opage *p = &o->page[r.first + done];

		if (!p->mapped)
			want = -ENOMEM;
		else if (anonymous && p->obj >= 0)
			want = -EINVAL;
	}
	if (want == -EINVAL)
		done--;
	enter(o);
	got = space_discard(o->s, r.va, r.len,
			    anonymous ? ADVISE_ANONYMOUS : 0);
	if (!answer("discard", got, want) && !refused_in_part(got, want))
		return;
	for (unsigned i = 0; i < done; i++)
		oracle_discard(o, r.first + i);
}

void
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

	if (!oracle_next_vma(o, r->va, &v) || v.start > r->va ||
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

void
step_remap(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 6);
	unsigned new_n = 1 + (unsigned)below(8), to;
	bool may_move = one_in(2);
	int64_t want = (int64_t)r.va;

	if (new_n > r.n)
		want = predict_growth(o, &r, new_n, may_move);
	else if (!o->page[r.first].mapped)
		want = -EFAULT;
	if (want == -1)
		return;
	enter(o);
	if (!answer("remap",
		    space_remap(o->s, r.va, r.len, new_n * PAGE_SIZE,
				may_move ? REMAP_MAY_MOVE : 0, 0),
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

/* Maps the same pages of an object once more; private pages cannot be. */
static void
double_pages(struct ospace *o, unsigned from, unsigned to, unsigned n)
{
	const struct opage p = o->page[from];

	for (unsigned i = 0; i < n; i++)
		oracle_map(o, to + i, p.flags, p.obj, p.index + i);
}

/* mremap() to a place, where the old mapping may stay, or be doubled. */
void
step_move(struct ospace *o)
{
	struct range r = some_range((enum run)below(RUNS), 6);
	struct range t = some_range((enum run)below(RUNS), 8);
	unsigned how = REMAP_MAY_MOVE | REMAP_FIXED;
	bool twice = one_in(4), apart;
	int64_t want = (int64_t)t.va;
	struct vma_info v;

	if (one_in(3) && !twice) {
		how |= REMAP_KEEP;
		r.n = t.n = MIN(r.n, t.n);
	}
	if (t.n < r.n)
		return;
	apart = r.first + r.n <= t.first || t.first + t.n <= r.first;
	r.len = twice ? 0 : r.n * PAGE_SIZE;
	if (!apart)
		want = -EINVAL;
	else if (!oracle_next_vma(o, r.va, &v) || v.start > r.va)
		want = -EFAULT;
	else if (twice && !(v.flags & VM_SHARED))
		want = -EINVAL;
	else if (v.end < r.va + r.len)
		want = -EFAULT;
	if (!apart && twice)
		return;
	enter(o);
	if (!answer("move",
		    space_remap(o->s, r.va, r.len, t.n * PAGE_SIZE, how, t.va),
		    want))
		return;
	for (unsigned i = 0; i < t.n; i++)
		oracle_unmap(o, t.first + i);
	if (twice) {
		double_pages(o, r.first, t.first, t.n);
		return;
	}
	for (unsigned i = 0; i < r.n; i++) {
		const struct opage p = o->page[r.first + i];

		oracle_move(o, r.first + i, t.first + i);
		if (how & REMAP_KEEP)
			oracle_map(o, r.first + i, p.flags, p.obj, p.index);
	}
	if (t.n > r.n)
		extend(o, t.first + r.n - 1, t.first + t.n);
}
