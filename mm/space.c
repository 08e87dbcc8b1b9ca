/* SPDX-License-Identifier: MIT */
/*
 * mm/space.c - creates, copies, loads and destroys address spaces.
 *
 * space_create() makes an empty space, and space_fork() copies a space by the
 * parent's fork strategy.  space_switch() loads a space on this hart.  The last
 * space_put() destroys the space, in process context.  mm/space_list.h has the
 * list of all spaces.
 */
#include "mm/space.h"

#include "arch/clock.h"
#include "arch/trap.h"
#include "check/hooks.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/fork/drain.h"
#include "mm/fork/registry.h"
#include "mm/fork/settle.h"
#include "mm/fork/strategy.h"
#include "mm/pt.h"
#include "mm/slab.h"
#include "mm/space_list.h"
#include "mm/user.h"
#include "mm/vma.h"

_Static_assert(VM_READ == ACCESS_READ && VM_WRITE == ACCESS_WRITE &&
		       VM_EXEC == ACCESS_EXEC,
	       "the trap code passes the kind of access as it is");

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
	mmu_space_init(&s->mmu, virt_to_phys(s->root));
	s->mmap_top = MMAP_TOP;
	s->users = 1;
	space_list_add(s);
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
	assert(s->users > 0);
	atomic_fetch_add_explicit(&s->users, 1, memory_order_relaxed);
}

static void
destroy(struct space *s)
{
	struct rb_node *n;

	assert(s->mmu.harts == 0);
	space_list_remove(s);
	/*
	 * Remove the VMAs first: then no truncation can reach the tables.  No
	 * hart can reach them either, and the space's ASID is reused only after
	 * every hart has flushed.  So no flush is needed here.
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
	irq_push_off();
	mmu_switch(s == NULL ? NULL : &s->mmu);
	irq_pop_off();
}

/* The part of space_fork() that needs the locks of parent and child. */
static int
fork_locked(struct fork_ctx *fc)
{
	struct space *parent = fc->parent, *child = fc->child;
	uint64_t promised;
	int err;

	requires_write_lock(&parent->lock);
	requires_write_lock(&child->lock);
	err = vma_clone_all(parent, child, &promised);
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
		drain_forked(parent, fc.child);
	forkstat_inc(&parent->counters, FS_forks);
	forkstat_add(&parent->counters, FS_fork_instret,
		     clock_instret() - begin);
	*out = fc.child;
	return 0;
}
