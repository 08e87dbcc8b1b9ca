/* SPDX-License-Identifier: MIT */
/*
 * mm/space.c - the life of an address space: create, copy, load, destroy.
 *
 * space_create() makes an empty space and space_fork() a copy of one, by the
 * fork strategy of the parent.  The last space_put() destroys a space, in
 * process context.  All spaces are on one list (mm/space_list.h), and beside it
 * are the counters of the destroyed ones.  The functions at the end look at a
 * space, for /proc and for the choice of a victim when memory is short.
 */
#include "mm/space.h"

#include "arch/clock.h"
#include "arch/trap.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/fork/drain.h"
#include "mm/fork/settle.h"
#include "mm/fork/strategy.h"
#include "mm/forkaudit.h"
#include "mm/pt.h"
#include "mm/slab.h"
#include "mm/space_list.h"
#include "mm/user.h"
#include "mm/vma.h"

_Static_assert(VM_READ == ACCESS_READ && VM_WRITE == ACCESS_WRITE &&
		       VM_EXEC == ACCESS_EXEC,
	       "the trap code passes the kind of access as it is");

static struct spinlock list_lock = SPINLOCK_INIT(LOCK_SPACES);
static struct list_node spaces = LIST_INIT(spaces); /* [list_lock] */
static uint64_t space_count;			    /* [list_lock] ever made */
static struct fork_counters ended; /* [list_lock] of destroyed spaces */

struct space *
space_create(const struct fork_strategy *strategy)
{
	struct space *s = kzalloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	s->root = mmu_root_alloc();
	if (s->root == NULL)
		goto fail_root;
	frame_set_flags(frame_of_ptr(s->root), FRAME_UPPER);
	s->user = user_get(thread_current()->user);
	if (!pt_count(s, 1))
		goto fail_user;
	s->strategy = strategy != NULL ? strategy : fork_strategy_default(NULL);
	rwlock_init(&s->lock, LOCK_SPACE);
	spin_init(&s->pt_lock, LOCK_UPPER);
	mmu_space_init(&s->mmu);
	s->mmap_top = MMAP_TOP;
	s->users = 1;
	spin_lock(&list_lock);
	s->number = ++space_count;
	list_push_back(&spaces, &s->list_node);
	spin_unlock(&list_lock);
	return s;

fail_user:
	user_put(s->user);
	mmu_root_free(s->root);
fail_root:
	kfree(s);
	return NULL;
}

void
space_get(struct space *s)
{
	atomic_fetch_add_explicit(&s->users, 1, memory_order_relaxed);
}

static void
destroy(struct space *s)
{
	struct rb_node *n;

	assert(s->mmu.harts == 0);
	spin_lock(&list_lock);
	list_del(&s->list_node);
	forkstat_sum(&ended, &s->counters, FORKSTAT_MOVE);
	spin_unlock(&list_lock);
	/*
	 * The VMAs first: afterwards no truncation can reach the tables.  No
	 * hart can reach them either, and the space's ASID is not reused before
	 * every hart has flushed, so nothing needs flushing here.
	 */
	while ((n = rb_first(&s->vmas)) != NULL) {
		struct vma *v = rb_entry(n, struct vma, node);

		vma_remove(v);
		vma_free(v);
	}
	tlbcheck_dead(&s->mmu);
	pt_destroy(s);
	pt_uncount_all(s);
	commit_release(s->committed);
	user_put(s->user);
	kfree(s);
}

void
space_put(struct space *s)
{
	if (atomic_fetch_sub_explicit(&s->users, 1, memory_order_acq_rel) == 1)
		destroy(s);
}

int
settle_deferred(struct space *s, uaddr_t start, uaddr_t end,
		enum settle_why why)
{
	struct tlb_batch tb;
	int err;

	tlb_begin(&tb, s);
	err = s->strategy->settle(s, start, end, why, &tb);
	if (err != 0)
		forkstat_inc(&s->counters, FS_settle_enomem);
	return err;
}

void
space_switch(struct space *s)
{
	struct hart *h;

	irq_push_off();
	h = this_hart();
	if (h->space != s) {
		if (s == NULL)
			mmu_switch(NULL, 0);
		else
			mmu_switch(&s->mmu, virt_to_phys(s->root));
		if (h->space != NULL)
			mmu_leave(&h->space->mmu);
		h->space = s;
	}
	irq_pop_off();
}

/* What fork does under both locks. */
static int
fork_locked(struct fork_ctx *fc)
{
	struct space *parent = fc->parent, *child = fc->child;
	uint64_t promised;
	int err = vma_clone_all(parent, child, &promised);

	if (err != 0)
		return err;
	err = commit_charge_copy(promised);
	if (err != 0)
		return err;
	child->committed = promised;
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->dumpable = parent->dumpable;
	child->stack_top = parent->stack_top;
	child->mmap_top = parent->mmap_top;
	child->arg_start = parent->arg_start;
	child->arg_end = parent->arg_end;
	child->env_start = parent->env_start;
	child->env_end = parent->env_end;
	return parent->strategy->fork(fc);
}

int
space_fork(struct space *parent, uaddr_t sp, uaddr_t tp, struct space **out)
{
	uint64_t begin = clock_instret();
	struct tlb_batch tb;
	struct fork_ctx fc = {
		.parent = parent, .tb = &tb, .sp = sp, .tp = tp
	};
	int err;

	fc.child = space_create(parent->strategy);
	if (fc.child == NULL) {
		forkstat_inc(&parent->counters, FS_fork_fail);
		return -ENOMEM;
	}
	tlb_begin(&tb, parent);
	rwlock_write(&parent->lock);
	rwlock_write(&fc.child->lock);
	err = fork_locked(&fc);
	tlb_flush(&tb);
	if (err == 0)
		fork_audit(&fc);
	space_unlock(fc.child);
	space_unlock(parent);
	if (err != 0) {
		forkstat_inc(&parent->counters, FS_fork_fail);
		space_put(fc.child);
		return err;
	}
	if (parent->strategy->background != NULL)
		drain_wake();
	forkstat_inc(&parent->counters, FS_forks);
	forkstat_add(&parent->counters, FS_fork_instret,
		     clock_instret() - begin);
	*out = fc.child;
	return 0;
}

void
space_for_each(void (*fn)(struct space *s, void *arg), void *arg)
{
	struct space *s;

	spin_lock(&list_lock);
	list_for_each_entry(s, &spaces, list_node)
		fn(s, arg);
	spin_unlock(&list_lock);
}

bool
space_is_there(uint64_t number)
{
	struct space *s;
	bool found = false;

	spin_lock(&list_lock);
	list_for_each_entry(s, &spaces, list_node)
		found = found || s->number == number;
	spin_unlock(&list_lock);
	return found;
}

void
space_counters(struct fork_counters *sum, bool reset)
{
	struct space *s;

	memset(sum, 0, sizeof(*sum));
	spin_lock(&list_lock);
	forkstat_sum(sum, &ended, FORKSTAT_ADD);
	list_for_each_entry(s, &spaces, list_node)
		forkstat_sum(sum, &s->counters, FORKSTAT_ADD);
	/*
	 * The living spaces keep what they have counted: it is subtracted from
	 * `ended`.
	 */
	if (reset)
		forkstat_sum(&ended, sum, FORKSTAT_TAKE);
	spin_unlock(&list_lock);
}

void
space_reset_counters(struct space *s)
{
	spin_lock(&list_lock);
	forkstat_sum(&ended, &s->counters, FORKSTAT_MOVE);
	spin_unlock(&list_lock);
}

/* Take a reference.  False if the space is on its way out: it has no user. */
static bool
try_get(struct space *s)
{
	uint32_t users = s->users;

	while (users > 0) {
		if (atomic_compare_exchange_weak(&s->users, &users, users + 1))
			return true;
	}
	return false;
}

struct space *
space_get_after(struct space *prev)
{
	struct space *s = NULL;
	struct list_node *n;

	spin_lock(&list_lock);
	n = prev != NULL ? &prev->list_node : &spaces;
	while (s == NULL && (n = n->next) != &spaces) {
		s = list_entry(n, struct space, list_node);
		if (!try_get(s))
			s = NULL;
	}
	spin_unlock(&list_lock);
	if (prev != NULL)
		space_put(prev);
	return s;
}

bool
space_next_vma(struct space *s, uaddr_t at, struct vma_info *out)
{
	struct vma *v;

	rwlock_read(&s->lock);
	v = vma_find_next(s, at);
	if (v != NULL) {
		*out = (struct vma_info){ .start = v->start,
					  .end = v->end,
					  .flags = v->flags,
					  .index = v->index,
					  .obj = v->obj };
		if (v->obj != NULL)
			memobj_get(v->obj);
	}
	space_unlock_read(s);
	return v != NULL;
}

int
space_shared_place(struct space *s, uaddr_t va, const void **obj,
		   uint64_t *offset)
{
	struct vma *v;
	int err = 0;

	rwlock_read(&s->lock);
	v = vma_find(s, va);
	if (v == NULL || (v->obj == NULL && !(v->flags & VM_WRITE))) {
		err = -EFAULT;
	} else if ((v->flags & VM_SHARED) && v->obj != NULL) {
		*obj = v->obj;
		*offset = (v->index << PAGE_SHIFT) + (va - v->start);
	}
	space_unlock_read(s);
	return err;
}

int
space_is_resident(struct space *s, uaddr_t va)
{
	int result = -ENOMEM;
	struct vma *v;

	rwlock_read(&s->lock);
	v = vma_find(s, va);
	if (v != NULL) {
		pte_t *slot = pt_slot(s, va, false);
		struct frame *t = slot == NULL ? NULL : slot_table(*slot);

		result = t != NULL &&
			 pte_present(table_leaves(t)[pt_index(va, 0)]);
		if (!result && v->obj != NULL && v->obj->ops->cached != NULL)
			result = v->obj->ops->cached(
				v->obj,
				v->index + ((va - v->start) >> PAGE_SHIFT));
	}
	space_unlock_read(s);
	return result;
}

/* Count one present leaf; `share` slots name its table. */
static void
count_leaf(pte_t leaf, unsigned share, struct page_counts *c)
{
	uint64_t word = frame_word(pte_frame(leaf));
	/*
	 * The other tables that map the page, and the slots that name this one.
	 */
	uint64_t mappers = frame_maps_in(word) + share - 1;
	bool dirty = (word & (FRAME_CACHE | FRAME_DIRTY)) != FRAME_CACHE;

	if (word & FRAME_ZERO)
		return;
	c->resident++;
	c->file += (word & FRAME_CACHE) != 0;
	c->dirty += dirty;
	c->part += PAGE_SIZE / mappers;
	c->sole += mappers == 1;
	c->sole_dirty += dirty && mappers == 1;
}

/* Count the leaves in [start, end).  Returns how many leaf tables hold them. */
static uint64_t
count_pages(struct space *s, uaddr_t start, uaddr_t end, struct page_counts *c)
{
	uint64_t tables = 0;
	uaddr_t at = start;
	pte_t *slot;

	for (; (slot = pt_next_slot(s, &at, end)) != NULL; tables++) {
		uaddr_t stop = MIN(end, (at | (PT_SPAN_1 - 1)) + 1);
		struct frame *t = slot_table(*slot);
		const pte_t *leaf = &table_leaves(t)[pt_index(at, 0)];

		for (; at < stop; at += PAGE_SIZE, leaf++) {
			if (pte_present(*leaf))
				count_leaf(*leaf, t->table.share, c);
		}
	}
	return tables;
}

void
space_get_usage(struct space *s, struct space_usage *u)
{
	struct page_counts c = { 0 };
	struct vma *v;

	memset(u, 0, sizeof(*u));
	rwlock_read(&s->lock);
	for (v = vma_find_next(s, 0); v != NULL; v = vma_next(v)) {
		uint64_t pages = (v->end - v->start) >> PAGE_SHIFT;

		u->size += pages;
		if (v->flags & VM_STACK)
			u->stack += pages;
		else if (v->flags & VM_EXEC)
			u->text += pages;
		else if ((v->flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
			u->data += pages;
	}
	u->locked = vma_locked_bytes(s) >> PAGE_SHIFT;
	u->tables = 1 + count_pages(s, 0, USER_END, &c);
	for (unsigned i = 0; i < PT_ENTRIES / 2; i++)
		u->tables += pte_valid(s->root[i]);
	u->resident = c.resident;
	u->shared = c.file;
	space_unlock_read(s);
}

void
space_count_pages(struct space *s, uaddr_t start, uaddr_t end,
		  struct page_counts *c)
{
	*c = (struct page_counts){ 0 };
	rwlock_read(&s->lock);
	(void)count_pages(s, start, end, c);
	space_unlock_read(s);
}

/* Pages of v in tables of this space alone that no other table maps. */
static uint64_t
own_pages(struct space *s, const struct vma *v)
{
	uint64_t pages = 0;
	uaddr_t at = v->start;
	pte_t *slot;

	while ((slot = pt_next_slot(s, &at, v->end)) != NULL) {
		uaddr_t stop = MIN(v->end, (at | (PT_SPAN_1 - 1)) + 1);
		struct frame *t = slot_table(*slot);
		const pte_t *leaf = &table_leaves(t)[pt_index(at, 0)];

		for (; at < stop; at += PAGE_SIZE, leaf++) {
			uint64_t word;

			if (!pte_present(*leaf) || t->table.share > 1)
				continue;
			word = frame_word(pte_frame(*leaf));
			pages += frame_maps_in(word) == 1 &&
				 !(word & FRAME_ZERO) &&
				 (!(word & FRAME_CACHE) ||
				  (v->flags & VM_NAMELESS));
		}
	}
	return pages;
}

uint64_t
space_own_pages(struct space *s)
{
	uint64_t pages = 1; /* the root */
	uaddr_t at = 0;
	struct vma *v;
	pte_t *slot;

	rwlock_read(&s->lock);
	for (v = vma_find_next(s, 0); v != NULL; v = vma_next(v))
		pages += own_pages(s, v);
	for (; (slot = pt_next_slot(s, &at, USER_END)) != NULL;
	     at = (at | (PT_SPAN_1 - 1)) + 1)
		pages += slot_table(*slot)->table.share == 1;
	for (unsigned i = 0; i < PT_ENTRIES / 2; i++)
		pages += pte_valid(s->root[i]);
	space_unlock_read(s);
	return pages;
}
