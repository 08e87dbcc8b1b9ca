/* SPDX-License-Identifier: MIT */
/*
 * check/forkaudit.c - a debug check at fork: compares the page tables of parent
 * and child.
 *
 * check/audit.c recounts the whole machine.  It finds any wrong count, but
 * late, and can name only the broken invariant.  fork_audit() compares the two
 * page tables of one fork page by page, before either side runs again.  So it
 * can say which side is wrong, and at which address.
 *
 * No other thread changes the two page tables during the check, except that
 * memobj_unmap() and memobj_cut() clear leaves, and drop their references
 * afterwards, without the spaces' locks.  So a page of a file may be missing on
 * either side.  A count that is too low is reported only if both leaves are
 * still present afterwards.
 */
#include "check/hooks.h"
#include "mm/space.h"

#ifdef TINE_DEBUG
#include "kernel/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/fork/registry.h"
#include "mm/fork/strategy.h"
#include "mm/vma.h"

#define STRATEGIES 32u
#define FIRST	   16u
#define LATER	   64u

static bool each; /* [i] after boot */

/* One page in parent and child.  A table is NULL if that side has none. */
struct pair {
	const struct fork_ctx *fc;
	const struct vma *vma; /* the parent's */
	uaddr_t va;
	struct frame *parent_table, *child_table;
	bool parent_walks, child_walks; /* the table is attached there */
	pte_t parent, child;
};

_Noreturn static void
broken(const struct pair *p, const char *fmt, ...) print_format(2, 3);

static void
broken(const struct pair *p, const char *fmt, ...)
{
	static char text[160];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	panic("fork under %s: page %#lx: %s",
	      fork_strategy_name(p->fc->parent->strategy), p->va, text);
}

static pte_t
leaf_of(const struct frame *table, uaddr_t va)
{
	return table == NULL ? 0
			     : pte_load(&table_leaves(table)[pt_index(va, 0)]);
}

static bool
may_write(pte_t leaf)
{
	return pte_valid(leaf) && (leaf & PTE_W);
}

static bool
both_still_there(const struct pair *p)
{
	return leaf_of(p->parent_table, p->va) == p->parent &&
	       leaf_of(p->child_table, p->va) == p->child;
}

/* Check a page that both sides map to one frame, through two tables. */
static void
check_same_frame(const struct pair *p, const struct frame *f)
{
	const bool private = (p->vma->flags & VM_SHARED) == 0;
	uint32_t maps;

	if (private && may_write(p->parent))
		broken(p, "the child maps it, but the parent's leaf still has "
			  "W");
	if (private && may_write(p->child))
		broken(p, "the parent maps it, but the child's leaf has W");
	if (f == frame_zero)
		return;
	maps = frame_maps_in(frame_word(f));
	if (maps < 2 && both_still_there(p))
		broken(p,
		       "parent and child map its frame, but the frame counts "
		       "%u mapping%s",
		       maps, maps == 1 ? "" : "s");
}

/* Check a page in a leaf table that parent and child share. */
static void
check_shared_table(const struct pair *p)
{
	if (table_is_own(p->child_table))
		broken(p, "both spaces name its leaf table, but table.share is "
			  "1");
	if (may_write(p->parent) && (p->vma->flags & VM_SHARED) == 0 &&
	    (p->parent_walks || p->child_walks))
		broken(p, "the %s may write it through a shared leaf table",
		       p->child_walks ? "child" : "parent");
}

static void
check_copy(const struct pair *p, const struct frame *of_parent,
	   const struct frame *of_child)
{
	if (p->vma->flags & VM_SHARED)
		broken(p, "the mapping is shared, but parent and child map "
			  "different frames");
	if (frame_refs_in(frame_word(of_child)) == 0 && both_still_there(p))
		broken(p, "the child maps a free frame");
	/*
	 * Do not compare the contents if another thread or a device may have
	 * written the page since the fork.
	 */
	if (!space_threaded(p->fc->parent) &&
	    frame_pins_in(frame_word(of_parent)) == 0 &&
	    memcmp(frame_ptr(of_parent), frame_ptr(of_child), PAGE_SIZE) != 0 &&
	    both_still_there(p))
		broken(p, "the child's copy differs from the parent's page");
}

static void
check_pair(const struct pair *p)
{
	const bool inherited =
		(p->vma->flags & (VM_DONTFORK | VM_WIPEONFORK)) == 0;
	const struct frame *of_parent, *of_child;

	if (!inherited) {
		if (pte_present(p->child))
			broken(p, "the child maps it, but the mapping is "
				  "MADV_DONTFORK or MADV_WIPEONFORK");
		return;
	}
	if (pte_present(p->parent) != pte_present(p->child)) {
		if (p->vma->obj != NULL)
			return;
		broken(p, pte_present(p->parent) ? "only the parent maps it"
						 : "only the child maps it");
	}
	if (!pte_present(p->parent))
		return;
	of_parent = pte_frame(p->parent);
	of_child = pte_frame(p->child);
	if (p->parent_table == p->child_table)
		check_shared_table(p);
	else if (of_parent != of_child)
		check_copy(p, of_parent, of_child);
	else
		check_same_frame(p, of_parent);
}

static void
check_live(struct pair *p, struct frame *table, const char *side)
{
	unsigned there = 0, counted;

	if (table == NULL)
		return;
	spin_lock(&table->table.lock);
	for (unsigned i = 0; i < PT_ENTRIES; i++)
		there += pte_present(table_leaves(table)[i]);
	counted = table->table.live;
	spin_unlock(&table->table.lock);
	p->va = ROUND_DOWN(p->va, PT_SPAN_1);
	if (there != counted)
		broken(p,
		       "the %s's leaf table for the 2 MiB from here has %u "
		       "leaves, but table.live is %u",
		       side, there, counted);
}

static struct frame *
table_at(struct space *s, uaddr_t va, bool *walks)
{
	pte_t *slot = pt_slot(s, va, false);

	*walks = slot != NULL && pte_valid(*slot);
	return slot == NULL ? NULL : slot_table(*slot);
}

/* Check the pages of one mapping in [at, end), which lies in one slot. */
static void
check_slot(struct pair *p, uaddr_t at, uaddr_t end)
{
	p->parent_table = table_at(p->fc->parent, at, &p->parent_walks);
	p->child_table = table_at(p->fc->child, at, &p->child_walks);
	if (p->parent_table == NULL && p->child_table == NULL)
		return;
	for (p->va = at; p->va < end; p->va += PAGE_SIZE) {
		p->parent = leaf_of(p->parent_table, p->va);
		p->child = leaf_of(p->child_table, p->va);
		check_pair(p);
	}
	p->va = at;
	check_live(p, p->child_table, "child");
	p->va = at;
	check_live(p, p->parent_table, "parent");
}

/*
 * Move *at up to the next address below `end` where either side has a leaf
 * table.  False if there is none.
 */
static bool
next_slot(const struct fork_ctx *fc, uaddr_t *at, uaddr_t end)
{
	uaddr_t parent = *at, child = *at;
	const bool of_parent = pt_next_slot(fc->parent, &parent, end) != NULL,
		   of_child = pt_next_slot(fc->child, &child, end) != NULL;

	*at = !of_parent ? child : !of_child ? parent : MIN(parent, child);
	return of_parent || of_child;
}

/* With -Dtlbcheck=true: panic if a TLB may still hold a leaf that lost W. */
static void
check_tlbs(const struct fork_ctx *fc)
{
	char when[64];

	(void)snprintf(when, sizeof(when), "fork under %s has returned",
		       fork_strategy_name(fc->parent->strategy));
	tlbcheck(&fc->parent->mmu, 0, when);
	(void)when;
}

bool
fork_audit_init(const char *word)
{
	each = strcmp(word, "fork") == 0;
	return each;
}

/* Is the check due for this fork? */
static bool
is_due(const struct fork_strategy *st)
{
	static _Atomic uint64_t forks[STRATEGIES];
	uint64_t n;
	unsigned i = 0;

	while (i < STRATEGIES - 1 && fork_strategy_at(i) != st)
		i++;
	n = atomic_fetch_add_explicit(&forks[i], 1, memory_order_relaxed);
	return each || n < FIRST || n % LATER == 0;
}

void
fork_audit(struct fork_ctx *fc)
{
	struct pair p = { .fc = fc };
	struct vma *v;

	requires_write_lock(&fc->parent->lock);
	requires_write_lock(&fc->child->lock);
	if (!is_due(fc->parent->strategy))
		return;
	for (v = vma_find_next(fc->parent, 0); v != NULL; v = vma_next(v)) {
		uaddr_t at = v->start;

		p.vma = v;
		while (next_slot(fc, &at, v->end)) {
			uaddr_t stop = MIN(v->end, (at | (PT_SPAN_1 - 1)) + 1);

			check_slot(&p, at, stop);
			at = stop;
		}
	}
	check_tlbs(fc);
}
#endif
