/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/tlb_test.c - rows H6 and E8: the oracle of check/hooks.h
 * knows a right flush from a wrong one.
 *
 * A page of a space that this hart runs, and another one if there is one, is
 * taken away.  The boot argument mistake=WORD makes one mistake, after which
 * the kernel must panic: tests/guest/panic_test.py boots once for each.
 */
#ifdef TINE_TLBCHECK
#include "check/ktest.h"
#include "kernel/hart.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "mm/access.h"
#include "mm/map.h"
#include "mm/pt.h"
#include "mm/space.h"

#define PLACE UINT64_C(0x10000000)
#define LATE  UINT64_C(30000000000) /* ns */

static struct space *stage;
static _Atomic bool curtain, gone;

static void
runs_it_too(void *arg)
{
	space_switch(stage);
	while (!curtain)
		cpu_relax();
	space_switch(NULL);
	gone = true;
}

/* A space with two pages that as many harts run as there are, up to two. */
static bool
raise_stage(void)
{
	uint64_t until = time_now() + LATE;
	unsigned want = MIN(hart_count, 2u);

	curtain = gone = hart_count == 1;
	stage = space_create(NULL);
	if (stage == NULL ||
	    space_map(stage, PLACE, 2 * PAGE_SIZE,
		      VM_READ | VM_WRITE | VM_MAYWRITE, MAP_NOREPLACE, NULL,
		      0) < 0 ||
	    space_zero(stage, PLACE, 2 * PAGE_SIZE) != 2 * PAGE_SIZE ||
	    (want > 1 && thread_spawn_kernel("stage", runs_it_too, NULL) != 0))
		return false;
	space_switch(stage);
	while (__builtin_popcount(stage->mmu.harts) < (int)want)
		if (time_now() > until)
			return false;
	return true;
}

static void
clear_stage(void)
{
	space_switch(NULL);
	curtain = true;
	while (!gone)
		cpu_relax();
	space_put(stage);
}

/* The same space under the ASID of another one. */
static void
flush_another_asid(uaddr_t va)
{
	struct mmu_space wrong = { .asid = stage->mmu.asid ^ 1,
				   .tlb_gen = stage->mmu.tlb_gen,
				   .harts = stage->mmu.harts };

	(void)mmu_flush(&wrong, va, va + PAGE_SIZE);
}

static void
flush_one_page(uaddr_t va)
{
	struct mmu_space *m = &stage->mmu;

	if (ktest_mistake("va"))
		(void)mmu_flush(m, va + PAGE_SIZE, va + 2 * PAGE_SIZE);
	else if (ktest_mistake("below"))
		(void)mmu_flush(m, va - PAGE_SIZE, va);
	else if (ktest_mistake("asid"))
		flush_another_asid(va);
	else if (ktest_mistake("remote"))
		mmu_flush_local(m, va);
	else if (!ktest_mistake("none"))
		(void)mmu_flush(m, va, va + PAGE_SIZE);
}

KTEST(conform, H6_a_right_flush_pleases_the_oracle)
{
	struct frame *table = NULL;
	pte_t *leaf, *slot, e;

	REQUIRE(t, raise_stage());
	rwlock_write(&stage->lock);
	leaf = pt_leaf(stage->root, PLACE, &table);
	e = *leaf;
	pte_change(&stage->mmu, PLACE, leaf, e & ~PTE_W);
	flush_one_page(PLACE);
	space_unlock(stage);
	EXPECT(t, !ktest_mistake("va") && !ktest_mistake("below") &&
			  !ktest_mistake("asid") && !ktest_mistake("remote") &&
			  !ktest_mistake("none"));

	rwlock_write(&stage->lock);
	pte_change(&stage->mmu, PLACE, leaf, e); /* gains only: no flush */
	slot = pt_slot(stage, PLACE, false);
	e = *slot;
	pte_change_slot(&stage->mmu, slot, 0);
	if (ktest_mistake("slot"))
		(void)mmu_flush(&stage->mmu, PLACE, PLACE + PAGE_SIZE);
	else if (ktest_mistake("share"))
		table_put(stage, table);
	else
		(void)mmu_flush(&stage->mmu, 0, USER_END);
	pte_change_slot(&stage->mmu, slot, e);
	space_unlock(stage);
	EXPECT(t, !ktest_mistake("slot") && !ktest_mistake("share"));
	clear_stage();
}

KTEST(conform, E8_a_frame_is_freed_when_no_hart_can_reach_it)
{
	struct frame *table = NULL, *f;
	pte_t *leaf;

	REQUIRE(t, raise_stage());
	rwlock_write(&stage->lock);
	leaf = pt_leaf(stage->root, PLACE, &table);
	f = pte_frame(*leaf);
	pte_change(&stage->mmu, PLACE, leaf, 0);
	table->table.live--;
	if (ktest_mistake("free"))
		frame_put(f);
	flush_one_page(PLACE);
	EXPECT(t, !ktest_mistake("free"));
	frame_put(f);
	space_unlock(stage);
	clear_stage();
}
#endif
