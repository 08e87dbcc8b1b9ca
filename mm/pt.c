/* SPDX-License-Identifier: MIT */
/*
 * mm/pt.c - allocates, walks, protects and frees user page tables.
 *
 * Every walk visits one slot after another: pt_next_slot() skips empty slots,
 * and the loops below handle the 512 leaves of a slot's table under the table's
 * lock.  pt_slot() and pt_table() allocate tables, and pt_zap_free() and
 * pt_destroy() free them.  Every table that a space names is charged to its
 * user.  Locks, contexts and errors are in mm/pt.h.
 */
#include "mm/pt.h"

#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/space.h"
#include "mm/tlb.h"
#include "mm/user.h"

/*
 * Tables are charged to the user in steps of this size, so that an ordinary
 * process needs one addition when it starts and one when it exits.
 */
#define COUNT_STEP 16u

/*
 * Count n more tables.  Returns false beyond the user's limit; then the tables
 * are counted only if `always` is set.
 */
static bool
count(struct space *s, uint32_t n, bool always)
{
	uint32_t more = s->tables + n <= s->tables_charged
				? 0
				: ROUND_UP(s->tables + n - s->tables_charged,
					   COUNT_STEP);
	bool within = more == 0 || user_charge_most(s->user, USER_TABLES, more);

	if (!within && !always)
		return false;
	if (!within)
		user_add(s->user, USER_TABLES, more);
	s->tables += n;
	s->tables_charged += more;
	return within;
}

bool
pt_count(struct space *s, uint32_t n)
{
	return count(s, n, false);
}

bool
pt_count_named(struct space *s, uint32_t n)
{
	return count(s, n, true);
}

/* Undo the count of one table. */
static void
uncount(struct space *s)
{
	requires_lock(&s->pt_lock);
	assert(s->tables > 0);
	s->tables--;
	if (s->tables_charged - s->tables >= 2 * COUNT_STEP) {
		s->tables_charged -= COUNT_STEP;
		user_uncharge(s->user, USER_TABLES, COUNT_STEP);
	}
}

void
pt_uncount_all(struct space *s)
{
	user_uncharge(s->user, USER_TABLES, s->tables_charged);
	s->tables_charged = 0;
}

bool
pt_may_grow(struct space *s)
{
	bool may;

	spin_lock(&s->pt_lock);
	may = pt_count(s, 1);
	s->tables -= may;
	spin_unlock(&s->pt_lock);
	return may;
}

pte_t *
pt_slot(struct space *s, uaddr_t va, bool make)
{
	pte_t *root = &s->root[pt_index(va, 2)];
	pte_t entry = __atomic_load_n(root, __ATOMIC_ACQUIRE);

	if (!pte_valid(entry)) {
		struct frame *f;

		if (!make)
			return NULL;
		f = frame_alloc(FRAME_MAY_SLEEP);
		if (f == NULL)
			return NULL;
		frame_set_flags(f, FRAME_UPPER);
		page_zero(frame_ptr(f));
		forkstat_inc(&s->counters, FS_tables_alloc);
		spin_lock(&s->pt_lock);
		entry = *root;
		if (!pte_valid(entry) && pt_count(s, 1)) {
			entry = pte_make(frame_pa(f), PTE_V);
			__atomic_store_n(root, entry, __ATOMIC_RELEASE);
			f = NULL;
		}
		spin_unlock(&s->pt_lock);
		if (f != NULL)
			frame_put(f);
		if (!pte_valid(entry))
			return NULL;
	}
	return (pte_t *)phys_to_virt(pte_pa(entry)) + pt_index(va, 1);
}

pte_t *
pt_next_slot(struct space *s, uaddr_t *va, uaddr_t end)
{
	pte_t *const root_end = s->root + PT_ENTRIES / 2;
	uaddr_t at = *va;

	while (at < end) {
		pte_t *slot = pt_slot(s, at, false), *found, *last;
		uaddr_t stop = MIN(end, (at | (PT_SPAN_2 - 1)) + 1);

		if (slot == NULL) {
			found = pt_skip_empty(s->root + pt_index(at, 2),
					      root_end);
			at = (uaddr_t)(found - s->root) * PT_SPAN_2;
			continue;
		}
		last = slot + ((stop - 1) / PT_SPAN_1 - at / PT_SPAN_1) + 1;
		found = pt_skip_empty(slot, last);
		if (found < last) {
			if (found > slot)
				at = ROUND_DOWN(at, PT_SPAN_1) +
				     (uaddr_t)(found - slot) * PT_SPAN_1;
			*va = at;
			return found;
		}
		at = stop;
	}
	return NULL;
}

struct frame *
table_alloc(struct space *s)
{
	struct frame *t = frame_alloc(FRAME_MAY_SLEEP);

	if (t == NULL)
		return NULL;
	page_zero(frame_ptr(t));
	frame_set_flags(t, FRAME_TABLE);
	spin_init(&t->table.lock, LOCK_TABLE);
	atomic_store_explicit(&t->table.share, 1, memory_order_relaxed);
	t->table.live = 0;
	forkstat_inc(&s->counters, FS_tables_alloc);
	return t;
}

/*
 * Drop the references of the leaves of a table that no slot names any more.
 */
static void
table_drop_leaves(struct frame *table)
{
	pte_t *leaf = table_leaves(table), *end = leaf + PT_ENTRIES;
	const uintptr_t record_0 = frame_record_0;
	struct frame *const zero = frame_zero;
	struct frame_batch batch;

	frame_batch_begin(&batch);
	for (uint32_t live = table->table.live; live > 0; leaf++, live--) {
		struct frame *f;

		if (*leaf == 0)
			leaf = pt_skip_empty(leaf, end);
		f = pte_frame_from(record_0, *leaf);
		if (f != zero)
			frame_batch_put(&batch, f);
	}
	frame_batch_end(&batch);
	table->table.live = 0;
}

void
table_put(struct space *s, struct frame *table)
{
	uint32_t before;

	tlbcheck(&s->mmu, frame_pa(table), "a table share is dropped");
	before = atomic_fetch_sub_explicit(&table->table.share, 1,
					   memory_order_release);
	assert(before > 0);
	if (before == 1) {
		atomic_thread_fence(memory_order_acquire);
		table_drop_leaves(table);
		frame_put(table);
	}
}

struct frame *
pt_table(struct space *s, uaddr_t va)
{
	struct frame *t, *fresh;
	pte_t *slot;

	requires_lock(&s->lock);
	slot = pt_slot(s, va, true);
	if (slot == NULL)
		return NULL;
	t = slot_table(__atomic_load_n(slot, __ATOMIC_ACQUIRE));
	if (likely(t != NULL))
		return t;
	fresh = table_alloc(s);
	if (fresh == NULL)
		return NULL;
	spin_lock(&s->pt_lock);
	t = slot_table(*slot);
	if (t == NULL && pt_count(s, 1)) {
		t = fresh;
		__atomic_store_n(slot, slot_make(t), __ATOMIC_RELEASE);
	}
	spin_unlock(&s->pt_lock);
	if (t != fresh)
		table_put(s, fresh);
	return t;
}

struct frame *
slot_table_lock(struct space *s, pte_t *slot)
{
	struct frame *t;

	spin_lock(&s->pt_lock);
	t = slot_table(*slot);
	if (t != NULL)
		spin_lock(&t->table.lock);
	spin_unlock(&s->pt_lock);
	return t;
}

/* Clear the leaves of [at, end), which lies in the 2 MiB of the table t. */
static void
zap_leaves(struct space *s, struct frame *t, uaddr_t at, uaddr_t end,
	   bool only_cache, struct tlb_batch *tb)
{
	pte_t *leaf = &table_leaves(t)[pt_index(at, 0)];

	requires_lock(&t->table.lock);
	assert(at < end && (at ^ (end - 1)) < PT_SPAN_1);
	for (; at < end; at += PAGE_SIZE, leaf++) {
		pte_t e = *leaf;
		struct frame *f;

		if (!pte_present(e))
			continue;
		f = pte_frame(e);
		if (only_cache && (frame_word(f) & FRAME_CACHE) == 0)
			continue;
		pte_change(&s->mmu, at, leaf, 0);
		assert(t->table.live > 0);
		t->table.live--;
		tlb_note(tb, at);
		if (f != frame_zero)
			tlb_put_frame(tb, f);
	}
}

void
pt_zap(struct space *s, uaddr_t start, uaddr_t end, bool only_cache,
       struct tlb_batch *tb)
{
	uaddr_t at = start;
	pte_t *slot;

	while ((slot = pt_next_slot(s, &at, end)) != NULL) {
		uaddr_t stop = MIN(end, (at | (PT_SPAN_1 - 1)) + 1);
		struct frame *t = slot_table_lock(s, slot);

		if (t != NULL) {
			zap_leaves(s, t, at, stop, only_cache, tb);
			spin_unlock(&t->table.lock);
		}
		at = stop;
	}
}

void
pt_zap_free(struct space *s, uaddr_t start, uaddr_t end, struct tlb_batch *tb)
{
	uaddr_t at = start;
	pte_t *slot;

	requires_write_lock(&s->lock);
	while ((slot = pt_next_slot(s, &at, end)) != NULL) {
		uaddr_t stop = MIN(end, (at | (PT_SPAN_1 - 1)) + 1);
		bool gone = at % PT_SPAN_1 == 0 && stop % PT_SPAN_1 == 0;
		struct frame *t = slot_table(*slot);

		/*
		 * Both locks are taken, so that slot_table_lock() in a
		 * truncation sees the slot either before or after the change.
		 * A table that lies wholly in the range is dropped with all its
		 * leaves, after the flush.
		 */
		spin_lock(&s->pt_lock);
		spin_lock(&t->table.lock);
		if (!gone)
			zap_leaves(s, t, at, stop, false, tb);
		gone = gone || t->table.live == 0;
		if (gone) {
			pte_change_slot(&s->mmu, slot, 0);
			uncount(s);
		}
		spin_unlock(&t->table.lock);
		spin_unlock(&s->pt_lock);
		if (gone) {
			tlb_note_table(tb);
			tlb_put_table(tb, t);
		}
		at = stop;
	}
}

void
pt_destroy(struct space *s)
{
	pte_t *const root_end = s->root + PT_ENTRIES / 2;
	pte_t *upper = s->root, *slot, *end;

	while ((upper = pt_skip_empty(upper, root_end)) < root_end) {
		slot = frame_ptr(pte_frame(*upper));
		end = slot + PT_ENTRIES;
		while ((slot = pt_skip_empty(slot, end)) < end)
			table_put(s, slot_table(*slot++));
		frame_put(pte_frame(*upper++));
	}
	mmu_root_free(s->root);
}

void
pt_protect(struct space *s, uaddr_t start, uaddr_t end, unsigned prot,
	   struct tlb_batch *tb)
{
	const pte_t rights = PTE_V | PTE_R | PTE_W | PTE_X | PTE_PARKED;
	pte_t want = pt_leaf_bits(prot) & rights;
	uaddr_t at = start;
	pte_t *slot;

	/*
	 * Before the leaves get X: the kernel may have written instructions to
	 * these pages through the direct map.
	 */
	if (want & PTE_X)
		mmu_sync_icache(&s->mmu);
	while ((slot = pt_next_slot(s, &at, end)) != NULL) {
		uaddr_t stop = MIN(end, (at | (PT_SPAN_1 - 1)) + 1);
		struct frame *t = slot_table(*slot);
		pte_t *leaf = &table_leaves(t)[pt_index(at, 0)];

		spin_lock(&t->table.lock);
		for (; at < stop; at += PAGE_SIZE, leaf++) {
			pte_t e = *leaf, n;

			if (!pte_present(e))
				continue;
			/*
			 * W is never added here: a write fault adds it, after a
			 * test for sharing.
			 */
			n = (e & ~rights) | (want & (e | ~PTE_W));
			if (n != e) {
				pte_change(&s->mmu, at, leaf, n);
				tlb_note(tb, at);
			}
		}
		spin_unlock(&t->table.lock);
	}
}
