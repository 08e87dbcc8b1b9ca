/* SPDX-License-Identifier: MIT */
/*
 * tests/host/mm/oracle.c - what every page of every space must be; see
 * oracle.h.
 *
 * Keeps the records up to date (oracle_map() to oracle_exit()), and compares
 * them with a real space: check_space() and check_world().  A difference goes
 * into `wrong`.
 */
#include "mm/oracle.h"

#include "check/audit.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/commit.h"
#include "mm/inspect.h"
#include "mm/pt.h"
#include "mm/space.h"
#include "shim/host.h"
#include "shim/mmu.h"
#include "shim/shim.h"

#define SLOT (UINT64_C(2) << 20)

const struct run_info runs[RUNS] = {
	[DENSE] = { UINT64_C(0x10000000), 0, 32 },
	[ACROSS] = { 16 * SLOT - 12 * PAGE_SIZE, 32, 24 },
	[ACROSS_UPPER] = { (UINT64_C(3) << 30) - 8 * PAGE_SIZE, 56, 16 },
	[HEAP] = { UINT64_C(0x20000000), 72, 20 },
	[STACK] = { STACK_TOP - 16 * PAGE_SIZE, 92, 16 },
	[PLACED] = { MMAP_TOP - 48 * PAGE_SIZE, 108, 48 },
};

struct ospace world[SPACES];
unsigned world_most = SPACES;
struct toy toys[OBJECTS];
char toy_contents[OBJECTS][TOY_PAGES][PAGE_SIZE];
struct opin pins[PINS];
char wrong[300];

static const char zeroes[PAGE_SIZE];

enum run
run_of(unsigned page)
{
	enum run r = 0;

	while (page >= runs[r].first + runs[r].count)
		r++;
	return r;
}

uaddr_t
page_va(unsigned page)
{
	const struct run_info *r = &runs[run_of(page)];

	return r->start + (page - r->first) * PAGE_SIZE;
}

int
page_at(uaddr_t va)
{
	for (enum run r = 0; r < RUNS; r++) {
		if (va >= runs[r].start &&
		    (va - runs[r].start) / PAGE_SIZE < runs[r].count)
			return (int)(runs[r].first +
				     (va - runs[r].start) / PAGE_SIZE);
	}
	return -1;
}

struct ospace *
world_find(const struct mmu_space *m)
{
	for (unsigned i = 0; i < SPACES; i++) {
		if (world[i].s != NULL && &world[i].s->mmu == m)
			return &world[i];
	}
	return NULL;
}

struct ospace *
world_free(void)
{
	for (unsigned i = 0; i < world_most; i++) {
		if (world[i].s == NULL)
			return &world[i];
	}
	return NULL;
}

unsigned
world_count(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < SPACES; i++)
		n += world[i].s != NULL;
	return n;
}

/* ---- what pages are ---- */

int
oracle_access(const struct ospace *o, unsigned page, unsigned access)
{
	const struct opage *p = &o->page[page];

	if (!p->mapped)
		return -EFAULT;
	if (!(p->flags & access))
		return -EACCES;
	if (p->obj >= 0 && p->bytes == NULL && p->index >= toys[p->obj].pages)
		return -ENXIO;
	return 0;
}

const char *
oracle_bytes(const struct ospace *o, unsigned page)
{
	const struct opage *p = &o->page[page];

	if (p->bytes != NULL)
		return p->bytes;
	return p->obj >= 0 ? toy_contents[p->obj][p->index] : zeroes;
}

void
oracle_write(struct ospace *o, unsigned page, unsigned at, const void *b,
	     size_t n)
{
	struct opage *p = &o->page[page];
	char *bytes;

	if (p->flags & VM_SHARED) {
		bytes = toy_contents[p->obj][p->index];
	} else {
		if (p->bytes == NULL)
			p->bytes = memcpy(host_alloc(PAGE_SIZE),
					  oracle_bytes(o, page), PAGE_SIZE);
		bytes = p->bytes;
	}
	memcpy(bytes + at, b, n);
}

bool
oracle_grows(const struct ospace *o, unsigned page)
{
	const struct run_info *r = &runs[run_of(page)];
	unsigned above = page + 1;

	if (o->page[page].mapped)
		return false;
	for (unsigned i = r->first; i < page; i++) {
		if (o->page[i].mapped)
			return false; /* nearer than the gap allows */
	}
	while (above < r->first + r->count && !o->page[above].mapped)
		above++;
	return above < r->first + r->count &&
	       (o->page[above].flags & VM_GROWSDOWN);
}

void
oracle_grow(struct ospace *o, unsigned page)
{
	unsigned above = page + 1;

	while (!o->page[above].mapped)
		above++;
	while (page < above)
		oracle_map(o, page++, o->page[above].flags, -1, 0);
}

/* ---- what changes pages ---- */

/* A device keeps the frame, but the frame is no longer this page's. */
static void
unpin_page(struct ospace *o, unsigned page)
{
	for (unsigned i = 0; i < PINS; i++) {
		if (pins[i].o == o && pins[i].page == page)
			pins[i].o = NULL;
	}
}

void
oracle_discard(struct ospace *o, unsigned page)
{
	unpin_page(o, page);
	host_free(o->page[page].bytes);
	o->page[page].bytes = NULL;
}

void
oracle_unmap(struct ospace *o, unsigned page)
{
	oracle_discard(o, page);
	o->page[page].mapped = false;
}

void
oracle_map(struct ospace *o, unsigned page, unsigned flags, int obj,
	   unsigned index)
{
	oracle_unmap(o, page);
	o->page[page] = (struct opage){ true, flags, obj, index, NULL };
}

void
oracle_move(struct ospace *o, unsigned from, unsigned to)
{
	o->page[to] = o->page[from];
	for (unsigned i = 0; i < PINS; i++) {
		if (pins[i].o == o && pins[i].page == from)
			pins[i].page = to;
	}
	o->page[from].bytes = NULL;
	o->page[from].mapped = false;
}

void
oracle_fork(const struct ospace *parent, struct ospace *child)
{
	child->brk = parent->brk;
	child->threads = 1;
	for (unsigned i = 0; i < UNIVERSE; i++) {
		const struct opage *p = &parent->page[i];
		struct opage *c = &child->page[i];

		*c = *p;
		c->bytes = NULL;
		if (!p->mapped || (p->flags & VM_DONTFORK))
			c->mapped = false;
		else if (p->bytes != NULL && !(p->flags & VM_WIPEONFORK))
			c->bytes = memcpy(host_alloc(PAGE_SIZE), p->bytes,
					  PAGE_SIZE);
	}
}

void
oracle_exit(struct ospace *o)
{
	for (unsigned i = 0; i < UNIVERSE; i++)
		oracle_unmap(o, i);
	o->s = NULL;
}

/* ---- comparing ---- */

static void
check_vma(struct ospace *o, const struct vma_info *v, unsigned page)
{
	const struct opage *p = &o->page[page];
	uint64_t index = v->index + ((page_va(page) - v->start) >> PAGE_SHIFT);

	if (!p->mapped)
		WRONG("space %d has %#lx mapped, which it has not",
		      (int)(o - world), (unsigned long)page_va(page));
	else if (v->flags != p->flags || (p->obj >= 0 && index != p->index))
		WRONG("space %d: %#lx has flags %#x, index %lu, not %#x, %u",
		      (int)(o - world), (unsigned long)page_va(page), v->flags,
		      (unsigned long)index, p->flags, p->index);
}

bool
oracle_next_vma(struct ospace *o, uaddr_t at, struct vma_info *v)
{
	bool found = space_next_vma(o->s, at, v);

	if (found && v->obj != NULL)
		memobj_put(v->obj);
	return found;
}

/* Two neighbors that could be one mapping are an error, too. */
static void
check_joined(struct ospace *o, const struct vma_info *lo,
	     const struct vma_info *hi)
{
	uint64_t pages = (lo->end - lo->start) >> PAGE_SHIFT;

	if (lo->end == hi->start && lo->flags == hi->flags &&
	    lo->obj == hi->obj &&
	    (lo->obj == NULL || lo->index + pages == hi->index))
		WRONG("space %d: two mappings meet at %#lx, alike",
		      (int)(o - world), (unsigned long)hi->start);
}

static void
check_vmas(struct ospace *o)
{
	struct vma_info v = { .end = 0 }, before = { .end = 0 };
	unsigned seen = 0, want = 0;

	for (; oracle_next_vma(o, v.end, &v); before = v) {
		check_joined(o, &before, &v);
		for (uaddr_t at = v.start; at < v.end; at += PAGE_SIZE) {
			int page = page_at(at);

			if (page < 0) {
				WRONG("space %d: a mapping at %#lx",
				      (int)(o - world), (unsigned long)at);
				return;
			}
			check_vma(o, &v, (unsigned)page);
			seen++;
		}
	}
	for (unsigned i = 0; i < UNIVERSE; i++)
		want += o->page[i].mapped;
	if (seen != want)
		WRONG("space %d maps %u pages, not %u", (int)(o - world), seen,
		      want);
}

/*
 * The frame that shows a page, looked up without changing anything, attached
 * to the hardware or not; NULL when none is there yet.
 */
static struct frame *
peek(struct space *s, uaddr_t va)
{
	pte_t *slot = pt_slot(s, va, false), leaf;
	struct frame *table = slot == NULL ? NULL : slot_table(*slot);

	if (table == NULL)
		return NULL;
	leaf = table_leaves(table)[pt_index(va, 0)];
	return pte_present(leaf) ? pte_frame(leaf) : NULL;
}

static void
check_bytes(struct ospace *o, unsigned page)
{
	const struct opage *p = &o->page[page];
	const char *want, *have;
	static char copy[PAGE_SIZE];
	struct frame *f;

	if (!p->mapped ||
	    (p->obj >= 0 && p->bytes == NULL && p->index >= toys[p->obj].pages))
		return;
	want = oracle_bytes(o, page);
	f = peek(o->s, page_va(page));
	if (f == NULL && p->bytes == NULL)
		return;
	have = f != NULL ? frame_ptr(f) : copy;
	/* The strategy may hold it back: access it as a program would. */
	if (f == NULL && (p->flags & VM_READ) &&
	    space_read(o->s, copy, page_va(page), PAGE_SIZE) != PAGE_SIZE)
		WRONG("space %d: %#lx cannot be read", (int)(o - world),
		      (unsigned long)page_va(page));
	if (f == NULL && !(p->flags & VM_READ))
		return;
	for (unsigned i = 0; i < PAGE_SIZE; i++) {
		if (have[i] != want[i]) {
			WRONG("space %d: byte %#lx is %02x, not %02x",
			      (int)(o - world),
			      (unsigned long)page_va(page) + i,
			      (unsigned char)have[i], (unsigned char)want[i]);
			return;
		}
	}
}

void
check_space(struct ospace *o)
{
	uint64_t promised = 0;

	check_vmas(o);
	for (unsigned i = 0; i < UNIVERSE; i++) {
		const struct opage *p = &o->page[i];

		check_bytes(o, i);
		promised += p->mapped &&
			    (p->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
	}
	if (o->s->committed != promised)
		WRONG("space %d has promised %lu pages, not %lu",
		      (int)(o - world), (unsigned long)o->s->committed,
		      (unsigned long)promised);
	if (o->s->brk != o->brk)
		WRONG("space %d: brk %#lx, not %#lx", (int)(o - world),
		      (unsigned long)o->s->brk, (unsigned long)o->brk);
}

static void
check_toys(void)
{
	for (unsigned i = 0; i < OBJECTS; i++) {
		for (unsigned k = 0; k < toys[i].pages; k++) {
			if (memcmp(toy_bytes(&toys[i], k), toy_contents[i][k],
				   PAGE_SIZE) != 0)
				WRONG("object %u: page %u differs", i, k);
		}
	}
}

void
check_world(void)
{
	static char text[1000];
	uint64_t sum = 0, promised, limit;

	for (unsigned i = 0; i < SPACES; i++) {
		if (world[i].s != NULL) {
			check_space(&world[i]);
			sum += world[i].s->committed;
		}
	}
	check_toys();
	commit_get(&promised, &limit);
	if (promised != sum)
		WRONG("%lu pages are promised, not %lu",
		      (unsigned long)promised, (unsigned long)sum);
	if (audit_run(text, sizeof(text)) != 0)
		WRONG("audit: %s", text);
}
