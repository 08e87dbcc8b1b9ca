/* SPDX-License-Identifier: MIT */
/*
 * check/tlbcheck.c - record the entries that each hart's TLB may still hold.
 *
 * A record describes one store to an entry and the harts that have not flushed
 * since, at first all harts.  The record is made after the store, so that an
 * earlier flush is not counted for a later store.  A hart sets loaded[] before
 * it sets its bit in mmu_space.harts.  So a hart that does not run the space
 * according to loaded[] will read tlb_gen later than now, and must flush when
 * it switches to the space again (mmu_space.owing).  Stores call
 * tlbcheck_weaker(), flushes call tlbcheck_flushed(), and tlbcheck() checks; a
 * violation panics.
 */
#ifdef TINE_TLBCHECK
#include "check/hooks.h"

#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/spinlock.h"

#define RECORDS 256u
#define EACH	8u /* per thread and space; one more is for the rest */

struct record {
	struct mmu_space *m;
	const struct thread *by;
	uaddr_t va;	   /* of a leaf */
	paddr_t pa;	   /* old frame or table; 0: many */
	bool whole;	   /* needs a flush of everything */
	hart_mask_t harts; /* may still use the old entry */
};

static struct spinlock lock = SPINLOCK_INIT(LOCK_TLBCHECK);
static struct record records[RECORDS]; /* [lock] */
static _Atomic unsigned count;	       /* [lock] to change */
static struct {
	struct mmu_space *_Atomic m;
	_Atomic uint64_t asid;
	_Atomic bool entering; /* tlbcheck_entered() has not run yet */
} loaded[MAX_HARTS];	       /* [h] to change */

static void
drop(unsigned i)
{
	records[i] = records[count - 1];
	count--;
}

void
tlbcheck_weaker(struct mmu_space *m, uaddr_t va, pte_t old, bool slot)
{
	struct record r = { m,	  thread_current(),	 va, pte_pa(old),
			    slot, (1u << hart_count) - 1 };
	unsigned same = 0, at;

	spin_lock(&lock);
	for (at = 0; at < count; at++) {
		if (records[at].m != m || records[at].by != r.by)
			continue;
		if (same++ == EACH)
			break;
	}
	if (same >= EACH) {
		r.whole = true;
		r.pa = 0;
	}
	if (at == RECORDS)
		panic("tlbcheck: more than %u changed leaves await a flush",
		      RECORDS);
	records[at] = r;
	if (at == count)
		count++;
	spin_unlock(&lock);
}

static void
flushed(hart_mask_t set, uaddr_t at, uint64_t size, uint64_t asid)
{
	for (unsigned i = count; i-- > 0;) {
		struct record *r = &records[i];

		if (size > 0 &&
		    (r->whole || r->va + PAGE_SIZE <= at || r->va >= at + size))
			continue;
		for (unsigned h = 0; h < hart_count; h++) {
			if ((set & 1u << h) &&
			    (asid == ASID_ANY ||
			     (loaded[h].m == r->m && loaded[h].asid == asid)))
				r->harts &= ~(1u << h);
		}
		if (r->harts == 0)
			drop(i);
	}
}

void
tlbcheck_flushed(uaddr_t at, uint64_t size, uint64_t asid)
{
	unsigned h = this_hart()->index;
	struct mmu_space *m = loaded[h].m;

	if (count == 0 && (m == NULL || m->owing == 0))
		return;
	spin_lock(&lock);
	if (m != NULL && size == 0 &&
	    (asid == ASID_ANY || asid == loaded[h].asid))
		m->owing &= ~(1u << h);
	flushed(1u << h, at, size, asid);
	spin_unlock(&lock);
}

void
tlbcheck_flushed_by(uint64_t mask, uint64_t base, uaddr_t at, uint64_t size,
		    uint64_t asid)
{
	hart_mask_t set = 0;

	for (unsigned h = 0; h < hart_count; h++) {
		if (harts[h].id >= base && harts[h].id - base < 64 &&
		    (mask >> (harts[h].id - base) & 1))
			set |= 1u << h;
	}
	spin_lock(&lock);
	flushed(set, at, size, asid);
	spin_unlock(&lock);
}

void
tlbcheck_enter(struct mmu_space *m, uint64_t asid)
{
	unsigned h = this_hart()->index;

	/* flushed() must not see a space with the ASID of another space. */
	loaded[h].m = NULL;
	loaded[h].entering = m != NULL;
	loaded[h].asid = asid;
	loaded[h].m = m;
}

void
tlbcheck_entered(struct mmu_space *m)
{
	unsigned h = this_hart()->index;

	if (m->owing & 1u << h) {
		spin_lock(&lock);
		if (m->owing & 1u << h)
			panic("TLB: hart %u switched to a space without its "
			      "missed TLB flush",
			      h);
		spin_unlock(&lock);
	}
	loaded[h].entering = false;
}

/*
 * Return a hart that may use the old entry, or -1.  Set the owing bit of each
 * hart of the record that has switched to another space.
 */
static int
holder(struct record *r)
{
	for (unsigned h = 0; h < hart_count; h++) {
		hart_mask_t bit = 1u << h;

		if ((r->harts & bit) == 0)
			continue;
		if (loaded[h].m == r->m)
			return (int)h;
		r->m->owing |= bit;
		if (loaded[h].m == r->m) {
			r->m->owing &= ~bit;
			return (int)h;
		}
		r->harts &= ~bit;
	}
	return -1;
}

static noreturn void
complain(const struct record *r, int h, const char *when)
{
	if (r->pa == 0)
		panic("TLB: %s, but hart %d may still use old leaves", when, h);
	if (r->whole)
		panic("TLB: %s, but hart %d may still use table %#lx", when, h,
		      r->pa);
	panic("TLB: %s, but hart %d may still use page %#lx, frame %#lx", when,
	      h, r->va, r->pa);
}

void
tlbcheck(const struct mmu_space *m, paddr_t pa, const char *when)
{
	const struct thread *me = thread_current();
	struct record r;
	bool entering;
	int h = -1;

	if (count == 0)
		return;
	do {
		spin_lock(&lock);
		for (unsigned i = count; i-- > 0 && h < 0;) {
			r = records[i];
			if ((m != NULL && (r.m != m || r.by != me)) ||
			    (pa != 0 && r.pa != pa))
				continue;
			h = holder(&records[i]);
			if (h < 0)
				drop(i);
		}
		entering = h >= 0 && loaded[h].entering;
		spin_unlock(&lock);
		if (h >= 0 && !entering)
			complain(&r, h, when);
		h = -1;
	} while (entering); /* the hart is between switch and flush */
}

void
tlbcheck_dead(struct mmu_space *m)
{
	spin_lock(&lock);
	for (unsigned i = count; i-- > 0;) {
		if (records[i].m == m)
			drop(i);
	}
	spin_unlock(&lock);
}
#endif
