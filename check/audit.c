/* SPDX-License-Identifier: MIT */
/*
 * check/audit.c - checks all page tables against the frame database.
 *
 * The audit recounts every reference from the page tables.  Its invariants:
 *
 *  I1  a leaf has no right that its VMA forbids
 *  I2  if a private leaf in an attached table has W, no other table maps its
 *      frame, one slot names the table, and the frame is neither in the page
 *      cache nor the zero page
 *  I3  a leaf of a shared mapping names a page-cache frame
 *  I4  refs == leaves in distinct tables + (1 if in the page cache) + pins
 *  I5  a table's share == the slots that name it, and live == its present
 *      leaves; a space counts the tables that it names, and charges at least
 *      that many to its user
 *  I6  no leaf names a frame that is free or poisoned
 *  I7  every leaf lies inside a VMA
 *  I8  a leaf has U and A, never G, and has D if it has W, except under a
 *      strategy with FORK_CLEARS_DIRTY; a slot has none of D, A, U, R, W, X
 *  I9  the zero page contains only zeroes
 *  I10 a slot is either attached or detached, and detached only under a
 *      strategy with FORK_DETACHES_TABLES
 *  I11 a pinned private page is mapped at most once, by an attached table that
 *      one slot names
 *  I12 every frame is free, reserved, or has references; a space is charged
 *      exactly the commit of its VMAs, and all spaces together at most the
 *      total commit charge (tmpfs accounts for the rest)
 *
 * A thread that is stopped in the middle of a fault may hold a reference that
 * no leaf shows yet, which looks like a violation.  So audit_run(), the entry,
 * repeats the audit, and reports violations only if ten audits in a row find
 * one.
 */
#include "check/audit.h"

#include "kernel/hart.h"
#include "kernel/panic.h"
#include "lib/errno.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/fork/strategy.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "mm/space_list.h"
#include "mm/vma.h"

#define ATTEMPTS      10
#define ATTEMPT_PAUSE 2000000 /* ns */

struct audit {
	char *buf;
	size_t size, len;
	int violations;
	struct frame *count_block; /* of `counts` */
	unsigned order;
	uint32_t *counts; /* leaves that map a frame, slots that name a table */
	uint64_t charged; /* pages charged to all spaces */
};

void
audit_report(struct audit *a, const char *fmt, ...)
{
	va_list ap;
	int n;

	a->violations++;
	if (a->len + 1 >= a->size)
		return;
	va_start(ap, fmt);
	n = vsnprintf(a->buf + a->len, a->size - a->len, fmt, ap);
	va_end(ap);
	a->len = MIN(a->len + (size_t)n, a->size - 1);
}

static uint32_t *
count_of(struct audit *a, const struct frame *f)
{
	return &a->counts[f - frame_table];
}

static bool
is_ours(pte_t e)
{
	return frame_valid_pa(pte_pa(e));
}

static void
check_bits(struct audit *a, struct space *s, uaddr_t va, pte_t e,
	   const struct vma *v)
{
	unsigned prot = v->flags & VM_PROT;

	if (((e & PTE_W) && !(prot & VM_WRITE)) ||
	    ((e & PTE_X) && !(prot & VM_EXEC)) ||
	    ((e & PTE_R) && !(prot & (VM_READ | VM_WRITE))))
		audit_report(a,
			     "I1 space %p va %#lx: leaf %#lx has a right "
			     "that VMA flags %#x lack\n",
			     (void *)s, va, e, v->flags);
	if (!(e & PTE_U) || !(e & PTE_A) || (e & PTE_G) ||
	    ((e & PTE_W) && !(e & PTE_D) &&
	     !(s->strategy->traits & FORK_CLEARS_DIRTY)))
		audit_report(a,
			     "I8 space %p va %#lx: leaf %#lx has wrong flag "
			     "bits\n",
			     (void *)s, va, e);
}

/*
 * `table` is NULL if the leaf's table is detached.  Such a leaf may keep W,
 * because the hardware cannot reach it.
 */
static void
check_leaf(struct audit *a, struct space *s, uaddr_t va, pte_t e,
	   const struct frame *table)
{
	/*
	 * Do not call vma_find() here: it would store v in last_hit, and a
	 * stopped hart may be in the middle of removing v.
	 */
	struct vma *v = vma_find_next(s, va);
	struct frame *f;
	uint64_t word;

	if (v == NULL || v->start > va || !is_ours(e)) {
		audit_report(a, "I7 space %p va %#lx: leaf %#lx in no VMA\n",
			     (void *)s, va, e);
		return;
	}
	check_bits(a, s, va, e, v);
	f = pte_frame(e);
	word = frame_word(f);
	if (frame_refs_in(word) == 0 || f->poisoned)
		audit_report(a, "I6 space %p va %#lx: frame %#lx is free\n",
			     (void *)s, va, frame_pa(f));
	if ((word & FRAME_ANON) && frame_pins_in(word) > 0 &&
	    (frame_maps_in(word) != 1 || table == NULL ||
	     table->table.share != 1))
		audit_report(a,
			     "I11 space %p va %#lx: pinned frame is shared, "
			     "word %#lx\n",
			     (void *)s, va, word);
	if ((v->flags & VM_SHARED) && !(word & FRAME_CACHE))
		audit_report(a,
			     "I3 space %p va %#lx: shared frame %#lx not in "
			     "page cache\n",
			     (void *)s, va, frame_pa(f));
	if ((e & PTE_W) && !(v->flags & VM_SHARED) && table != NULL &&
	    (frame_maps_in(word) != 1 || table->table.share != 1 ||
	     (word & (FRAME_CACHE | FRAME_ZERO))))
		audit_report(a,
			     "I2 space %p va %#lx: W on a shared frame, "
			     "word %#lx\n",
			     (void *)s, va, word);
}

static void
check_table(struct audit *a, struct space *s, uaddr_t base, struct frame *t,
	    bool attached)
{
	const pte_t *leaf = table_leaves(t);
	bool first = (*count_of(a, t))++ == 0;
	uint32_t live = 0;

	for (unsigned i = 0; i < PT_ENTRIES; i++) {
		if (!pte_present(leaf[i]))
			continue;
		live++;
		check_leaf(a, s, base + i * PAGE_SIZE, leaf[i],
			   attached ? t : NULL);
		/*
		 * Count the frames of a table once, even if several slots name
		 * the table.
		 */
		if (first && is_ours(leaf[i]))
			(*count_of(a, pte_frame(leaf[i])))++;
	}
	if (live != t->table.live)
		audit_report(a,
			     "I5 space %p va %#lx: table.live is %u, but it "
			     "has %u leaves\n",
			     (void *)s, base, t->table.live, live);
}

static void
check_slot(struct audit *a, struct space *s, uaddr_t base, pte_t slot)
{
	bool attached = (slot & PTE_V) != 0;
	bool detached = (slot & PTE_DETACHED) != 0;

	if (attached == detached ||
	    (detached && !(s->strategy->traits & FORK_DETACHES_TABLES)))
		audit_report(a,
			     "I10 space %p va %#lx: invalid state of slot "
			     "%#lx\n",
			     (void *)s, base, slot);
	if (slot & (PTE_D | PTE_A | PTE_U | PTE_R | PTE_W | PTE_X))
		audit_report(a,
			     "I8 space %p va %#lx: slot %#lx has bits of a "
			     "leaf\n",
			     (void *)s, base, slot);
	if (is_ours(slot))
		check_table(a, s, base, frame_of_pa(pte_pa(slot)), attached);
}

static void
check_charge(struct audit *a, struct space *s)
{
	uint64_t promised = vma_commit_all(s);

	a->charged += s->committed;
	if (s->committed != promised)
		audit_report(a,
			     "I12 space %p: charged %lu, its VMAs need %lu\n",
			     (void *)s, s->committed, promised);
}

/*
 * Compare the space's count of tables with the root, the upper tables and
 * `leaves` leaf tables.
 */
static void
check_table_count(struct audit *a, struct space *s, uint32_t leaves)
{
	pte_t *const root_end = s->root + PT_ENTRIES / 2;
	uint32_t there = 1 + leaves;

	for (pte_t *p = s->root; (p = pt_skip_empty(p, root_end)) < root_end;
	     p++)
		there++;
	if (s->tables != there || s->tables_charged < there)
		audit_report(a,
			     "I5 space %p: counts %u tables, charges %u, "
			     "has %u\n",
			     (void *)s, s->tables, s->tables_charged, there);
}

static void
check_space(struct space *s, void *arg)
{
	struct audit *a = arg;
	const bool changing = rwlock_writing(&s->lock);
	uint32_t tables = 0;
	uaddr_t at = 0;
	pte_t *slot;

	/* This report makes audit_run() repeat the audit later. */
	if (changing)
		audit_report(a, "space %p is locked for writing\n", (void *)s);
	else
		check_charge(a, s);
	while ((slot = pt_next_slot(s, &at, USER_END)) != NULL) {
		at = ROUND_DOWN(at, PT_SPAN_1);
		check_slot(a, s, at, *slot);
		at += PT_SPAN_1;
		tables++;
	}
	if (!changing)
		check_table_count(a, s, tables);
}

static void
check_frame(struct audit *a, struct frame *f)
{
	uint64_t word = frame_word(f);
	uint32_t seen = *count_of(a, f), refs = frame_refs_in(word);

	if (word & FRAME_TABLE) {
		if (seen != f->table.share || refs != 1)
			audit_report(a,
				     "I5 table %#lx: table.share is %u, but "
				     "%u slots name it\n",
				     frame_pa(f), f->table.share, seen);
	} else if ((word & FRAME_KERNEL) == 0 && (word & FRAME_UPPER) == 0 &&
		   refs > 0) {
		uint32_t want = seen + frame_pins_in(word) +
				((word & FRAME_CACHE) != 0);

		if (refs != want)
			audit_report(a,
				     "I4 frame %#lx: word %#lx, but %u leaves "
				     "map it\n",
				     frame_pa(f), word, seen);
	}
}

static void
check_frames(struct audit *a)
{
	struct frame_stats st;
	uint64_t in_use = 0;

	for (uint64_t i = 0; i < frame_count; i++) {
		struct frame *f = &frame_table[i];

		if (frame_refs_in(frame_word(f)) == 0)
			continue;
		in_use++;
		if (f != frame_zero)
			check_frame(a, f);
	}
	frame_get_stats(&st);
	if (in_use + st.free != st.total)
		audit_report(a, "I12 %lu in use + %lu free != %lu frames\n",
			     in_use, st.free, st.total);
}

static void
check_promises(struct audit *a)
{
	uint64_t promised, limit;

	commit_get(&promised, &limit);
	if (a->charged > promised)
		audit_report(a,
			     "I12 spaces charge %lu pages, the total is "
			     "only %lu\n",
			     a->charged, promised);
}

static void
check_zero_page(struct audit *a)
{
	const uint64_t *w = frame_ptr(frame_zero);

	for (unsigned i = 0; i < PAGE_SIZE / sizeof(*w); i++) {
		if (w[i] != 0) {
			audit_report(a, "I9 the zero page has a byte that is "
					"not 0\n");
			return;
		}
	}
}

static void
audit_once(struct audit *a)
{
	a->len = 0;
	a->violations = 0;
	a->charged = 0;
	a->buf[0] = '\0';
	memset(a->counts, 0, PAGE_SIZE << a->order);
	hart_stop_others();
	space_for_each(check_space, a);
	check_frames(a);
	check_promises(a);
	check_zero_page(a);
	hart_resume_others();
}

int
audit_run(char *buf, size_t size)
{
	struct audit a = { .buf = buf, .size = size };

	while (PAGE_SIZE << a.order < frame_count * sizeof(*a.counts))
		a.order++;
	a.count_block = frame_alloc_order(a.order, FRAME_MAY_SLEEP);
	if (a.count_block == NULL)
		return -ENOMEM;
	a.counts = frame_ptr(a.count_block);
	for (int i = 0; i < ATTEMPTS; i++) {
		audit_once(&a);
		if (a.violations == 0)
			break;
		thread_sleep(ATTEMPT_PAUSE);
	}
	frame_free_order(a.count_block, a.order);
	if (a.violations == 0)
		str_copy(buf, "ok\n", size);
	return a.violations;
}
