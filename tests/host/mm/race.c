/* SPDX-License-Identifier: MIT */
/*
 * tests/host/mm/race.c - forks and what other threads do meanwhile.
 *
 * One host thread plays all harts, so "meanwhile" is at fixed moments: before
 * each flush, each copy of a page and each allocation.  A hart then loads or
 * stores whatever its TLB and the page tables let it, without a fault.  A store
 * is remembered: a fork must have taken its picture between two of them.  Where
 * the locks would let another hart through, it also takes whole faults.
 */
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/pt.h"
#include "mm/space.h"
#include "mm/step.h"
#include "shim/mmu.h"
#include "shim/shim.h"

#define LOG_MAX 64u
#define BYTES	8u

const struct ospace *race_not;
unsigned race_first, race_count;
bool race_off, race_off_shared, race_off_faults, race_runs;
int race_hot = -1;

static struct store {
	unsigned page, at;
	char old[BYTES], new[BYTES];
} log_of_stores[LOG_MAX];
static unsigned log_count;
static const struct ospace *log_for; /* the space that forks */

static void
race_store(struct ospace *o, unsigned page, unsigned at, char *to)
{
	uint64_t value = shim_random();
	struct store *l = &log_of_stores[log_count];

	if (log_for == o && !(o->page[page].flags & VM_SHARED)) {
		if (log_count == LOG_MAX)
			return;
		log_count++;
		l->page = page;
		l->at = at;
		memcpy(l->old, oracle_bytes(o, page) + at, BYTES);
		memcpy(l->new, &value, BYTES);
	}
	memcpy(to, &value, BYTES);
	oracle_write(o, page, at, &value, BYTES);
}

/* A fork copies a pinned page at some moment, not at its one instant. */
static bool
exempt(const struct ospace *o, unsigned page)
{
	for (unsigned i = 0; i < PINS; i++) {
		if (pins[i].f != NULL && pins[i].o == o && pins[i].page == page)
			return log_for == o;
	}
	return false;
}

/* Often the page that is being worked on, or one that the hart's TLB holds. */
static unsigned
race_page(unsigned hart)
{
	uaddr_t va;

	if (race_hot >= 0 && one_in(2))
		return (unsigned)race_hot;
	if (one_in(2) && mmu_holds(hart, &va))
		return (unsigned)page_at(va);
	return (unsigned)below(UNIVERSE);
}

static bool
may_race(const struct ospace *o, unsigned page, bool store)
{
	if ((o == race_not && page - race_first < race_count) ||
	    (store && race_off_shared && (o->page[page].flags & VM_SHARED)))
		return false;
	return oracle_access(o, page, store ? VM_WRITE : VM_READ) == 0;
}

static void
race_on(unsigned hart, struct ospace *o)
{
	unsigned page = race_page(hart);
	unsigned at =
		(unsigned)below(one_in(2) ? 4 : PAGE_SIZE / BYTES) * BYTES;
	bool store = one_in(2);
	char *p;

	if (!may_race(o, page, store))
		return;
	p = mmu_access(hart, page_va(page) + at, store ? VM_WRITE : VM_READ);
	if (p == NULL)
		return;
	if (memcmp(p, oracle_bytes(o, page) + at, BYTES) != 0)
		WRONG("hart %u, meanwhile: space %d has %02x.. at %#lx, not "
		      "%02x..",
		      hart, (int)(o - world), (unsigned char)*p,
		      (unsigned long)page_va(page) + at,
		      (unsigned char)oracle_bytes(o, page)[at]);
	if (store && !exempt(o, page))
		race_store(o, page, at, p);
}

/* Does the interrupted thread hold the lock of the page's leaf table? */
static bool
table_locked(struct ospace *o, unsigned page)
{
	pte_t *slot = pt_slot(o->s, page_va(page), false);
	struct frame *table = slot == NULL ? NULL : slot_table(*slot);

	return table != NULL && spin_held(&table->table.lock);
}

/* A whole load or store of another hart, with its fault. */
static void
race_fault(unsigned hart, struct ospace *o)
{
	unsigned page = race_page(hart), was = mmu_hart;
	bool store = one_in(2), was_off = race_off_shared;
	int was_hot = race_hot;

	if (race_off_faults || rwlock_writing(&o->s->lock) ||
	    table_locked(o, page) || !may_race(o, page, store))
		return;
	mmu_hart = hart;
	(void)access_here(o, page, store ? VM_WRITE : VM_READ);
	mmu_hart = was;
	race_off_shared = was_off;
	race_hot = was_hot;
}

void
race(void)
{
	bool fired = shim_fail_fired();

	if (race_off || race_runs)
		return;
	race_runs = true;
	for (unsigned n = (unsigned)below(4 * MMU_HARTS); n > 0; n--) {
		unsigned h = (unsigned)below(MMU_HARTS);
		struct mmu_space *m = mmu_running(h);
		struct ospace *o = m == NULL ? NULL : world_find(m);

		if (h == mmu_hart || o == NULL)
			continue;
		if (one_in(4))
			race_fault(h, o);
		else
			race_on(h, o);
	}
	race_runs = false;
	shim_fail_set_fired(fired); /* for the step that is interrupted */
}

struct frame *__real_frame_alloc(enum frame_how how);
struct frame *__wrap_frame_alloc(enum frame_how how);

struct frame *
__wrap_frame_alloc(enum frame_how how)
{
	if (how == FRAME_MAY_SLEEP && one_in(4))
		race();
	return __real_frame_alloc(how);
}

void __real_page_copy(void *to, const void *from);
void __wrap_page_copy(void *to, const void *from);

void
__wrap_page_copy(void *to, const void *from)
{
	race();
	__real_page_copy(to, from);
}

/* ---- fork ---- */

static bool
child_shows(const struct ospace *child, const struct store *l)
{
	const struct opage *p = &child->page[l->page];
	char have[BYTES];

	/* Wiped, not inherited, or not to be read. */
	if (!p->mapped || (p->flags & VM_WIPEONFORK) || !(p->flags & VM_READ))
		return true;
	if (space_read(child->s, have, page_va(l->page) + l->at, BYTES) !=
	    BYTES)
		return false;
	return memcmp(have, oracle_bytes(child, l->page) + l->at, BYTES) == 0;
}

/*
 * The child must be the parent as it was between two of the stores that were
 * made during the fork.
 */
static void
find_instant(struct ospace *child)
{
	unsigned fail = shim_fail_percent;

	shim_fail_percent = 0;
	for (;;) {
		unsigned i = 0;

		while (i < log_count && child_shows(child, &log_of_stores[i]))
			i++;
		if (i == log_count)
			break;
		if (log_count == 0) {
			WRONG("the child shows no single instant of the "
			      "parent");
			break;
		}
		log_count--;
		if (child->page[log_of_stores[log_count].page].bytes != NULL)
			oracle_write(child, log_of_stores[log_count].page,
				     log_of_stores[log_count].at,
				     log_of_stores[log_count].old, BYTES);
	}
	shim_fail_percent = fail;
}

int
do_fork(struct ospace *o, struct ospace **out)
{
	struct ospace *child = world_free();
	struct space *s = NULL;
	int r;

	log_for = o;
	log_count = 0;
	r = space_fork(o->s, page_va(runs[STACK].first + 15), 0, &s);
	log_for = NULL;
	if (r != 0)
		return r;
	oracle_fork(o, child);
	child->s = s;
	find_instant(child);
	*out = child;
	return 0;
}
