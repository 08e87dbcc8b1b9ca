/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/mmu.c - the memory-management unit of host builds; see mmu.h.
 *
 * The functions of arch/mmu.h that mm/ calls come first, then those for the
 * tests: mmu_access() is what a hart does, mmu_check() looks for stale entries.
 * Every page that is freed passes by here and must be out of reach of all
 * harts.
 */
#include "shim/mmu.h"

#include "arch/clock.h"
#include "kernel/hart.h"
#include "kernel/page.h"
#include "kernel/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/frame.h"
#include "mm/limit.h"
#include "mm/space.h"
#include "shim/shim.h"

#define TLB_SIZE  256u
#define WALK_SIZE 32u
#define FETCHES	  64u
#define SPACES	  (1u << 20)

struct tlb_entry { /* asid 0: none */
	uint64_t asid, vpn;
	pte_t pte;
};

struct walk_entry {
	uint64_t asid, slot;
	paddr_t table;
};

struct fetched { /* pa 0: none */
	paddr_t pa;
	char bytes[PAGE_SIZE];
};

static struct hart_mmu {
	struct mmu_space *runs;
	struct tlb_entry tlb[TLB_SIZE];
	struct walk_entry walk[WALK_SIZE];
	struct fetched fetched[FETCHES];
	unsigned code_seen; /* code_gen when it last forgot those */
} mmu[MMU_HARTS];
static unsigned code_gen;

/* By ASID, none of which is used twice.  NULL: dead. */
static struct {
	struct mmu_space *m;
	paddr_t root;
} spaces[SPACES];
static uint64_t asid_last;

unsigned mmu_hart;
void (*mmu_race)(void);
char mmu_complaint[200];

#define complain(...)                                                  \
	do {                                                           \
		if (mmu_complaint[0] == '\0')                          \
			snprintf(mmu_complaint, sizeof(mmu_complaint), \
				 __VA_ARGS__);                         \
	} while (0)

/* ---- what mm/ calls ---- */

void
mmu_space_init(struct mmu_space *m, paddr_t root)
{
	memset(m, 0, sizeof(*m));
	m->root = root;
	m->asid = ++asid_last;
	assert(m->asid < SPACES);
	m->tlb_gen = 1;
	spaces[m->asid].m = m;
	spaces[m->asid].root = root;
}

pte_t *
mmu_root_alloc(void)
{
	pte_t *root = page_alloc(true);

	return root == NULL ? NULL : memset(root, 0, PAGE_SIZE);
}

void
mmu_root_free(pte_t *root)
{
	page_free(root);
}

static void
drop_page(unsigned hart, uint64_t asid, uint64_t vpn)
{
	struct tlb_entry *e = &mmu[hart].tlb[vpn % TLB_SIZE];

	if (e->asid == asid && e->vpn == vpn)
		e->asid = 0;
}

static void
drop_all(unsigned hart, uint64_t asid)
{
	for (unsigned i = 0; i < TLB_SIZE; i++) {
		if (mmu[hart].tlb[i].asid == asid)
			mmu[hart].tlb[i].asid = 0;
	}
	for (unsigned i = 0; i < WALK_SIZE; i++) {
		if (mmu[hart].walk[i].asid == asid)
			mmu[hart].walk[i].asid = 0;
	}
}

void
mmu_flush_local(struct mmu_space *m, uaddr_t va)
{
	drop_page(mmu_hart, m->asid, va >> PAGE_SHIFT);
}

void
mmu_flush_local_all(struct mmu_space *m)
{
	drop_all(mmu_hart, m->asid);
}

unsigned
mmu_flush(struct mmu_space *m, uaddr_t start, uaddr_t end)
{
	unsigned remote = 0;

	if (mmu_race != NULL)
		mmu_race();
	m->tlb_gen++;
	for (unsigned h = 0; h < MMU_HARTS; h++) {
		if (mmu[h].runs != m)
			continue;
		if (end - start <= PAGE_SIZE)
			drop_page(h, m->asid, start >> PAGE_SHIFT);
		else
			drop_all(h, m->asid);
		m->seen[h] = m->tlb_gen;
		remote += h != mmu_hart;
	}
	return remote;
}

static void
fence_i(unsigned hart)
{
	if (mmu[hart].code_seen == code_gen)
		return;
	for (unsigned i = 0; i < FETCHES; i++)
		mmu[hart].fetched[i].pa = 0;
	mmu[hart].code_seen = code_gen;
}

void
mmu_catch_up_icache(struct mmu_space *m)
{
	for (unsigned h = 0; h < MMU_HARTS; h++) {
		if (mmu[h].runs == m)
			fence_i(h);
	}
}

void
mmu_sync_icache(struct mmu_space *m)
{
	code_gen++;
	mmu_catch_up_icache(m);
}

void
mmu_switch(struct mmu_space *m)
{
	if (mmu[mmu_hart].runs != NULL)
		atomic_fetch_and(&mmu[mmu_hart].runs->harts, ~(1u << mmu_hart));
	mmu[mmu_hart].runs = m;
	if (m == NULL)
		return;
	atomic_fetch_or(&m->harts, 1u << mmu_hart);
	if (m->seen[mmu_hart] != m->tlb_gen)
		drop_all(mmu_hart, m->asid);
	m->seen[mmu_hart] = m->tlb_gen;
	fence_i(mmu_hart);
}

/* ---- the rest of the machine that mm/ asks for ---- */

uint64_t
clock_instret(void)
{
	return 0;
}

void
hart_stop_others(void)
{
}

void
hart_resume_others(void)
{
}

/* ---- what the tests call ---- */

void
mmu_run(unsigned hart, struct mmu_space *m)
{
	unsigned was = mmu_hart;

	mmu_hart = hart;
	mmu_switch(m);
	mmu_hart = was;
}

struct mmu_space *
mmu_running(unsigned hart)
{
	return mmu[hart].runs;
}

void
mmu_dies(struct mmu_space *m)
{
	spaces[m->asid].m = NULL;
}

static pte_t
read_entry(paddr_t table, unsigned i)
{
	return ((pte_t *)phys_to_virt(table))[i];
}

/* Does the walker accept this entry as the place of a table? */
static bool
points_down(pte_t e)
{
	if (!pte_valid(e))
		return false;
	if (e & (PTE_R | PTE_W | PTE_X | PTE_A | PTE_D | PTE_U | PTE_G)) {
		complain("a table's entry has reserved bits: %#lx",
			 (unsigned long)e);
		return false;
	}
	return true;
}

/* The leaf table for `va`, from the walker's cache or the tables. */
static paddr_t
find_table(unsigned hart, uaddr_t va)
{
	uint64_t asid = mmu[hart].runs->asid, slot = va / PT_SPAN_1;
	struct walk_entry *w = &mmu[hart].walk[slot % WALK_SIZE];
	pte_t e;

	if (w->asid == asid && w->slot == slot)
		return w->table;
	e = read_entry(spaces[asid].root, pt_index(va, 2));
	if (!points_down(e))
		return 0;
	e = read_entry(pte_pa(e), pt_index(va, 1));
	if (!points_down(e))
		return 0;
	*w = (struct walk_entry){ asid, slot, pte_pa(e) };
	return w->table;
}

/* This machine does not set D itself: a store without it faults. */
static bool
allows(pte_t e, unsigned access)
{
	pte_t need = access == 1 ? PTE_R : access == 2 ? PTE_W | PTE_D : PTE_X;

	need |= PTE_V | PTE_U;
	return (e & need) == need;
}

/* Can a leaf that a hart may use look like this? */
static bool
leaf_fine(pte_t e)
{
	return (e & PTE_A) && (!(e & PTE_W) || (e & PTE_R)) && !(e & PTE_G) &&
	       (e & (PTE_W | PTE_X)) != (PTE_W | PTE_X);
}

static struct fetched *
fetched_from(unsigned hart, paddr_t pa)
{
	return &mmu[hart].fetched[(pa >> PAGE_SHIFT) % FETCHES];
}

static void
forget_fetched(paddr_t pa)
{
	for (unsigned h = 0; h < MMU_HARTS; h++)
		if (fetched_from(h, pa)->pa == pa)
			fetched_from(h, pa)->pa = 0;
}

static void
fetch(unsigned hart, paddr_t pa)
{
	struct fetched *f = fetched_from(hart, pa);

	if (f->pa != pa) {
		f->pa = pa;
		memcpy(f->bytes, phys_to_virt(pa), PAGE_SIZE);
	} else if (memcmp(f->bytes, phys_to_virt(pa), PAGE_SIZE) != 0) {
		complain("hart %u fetches what was at %#lx before", hart,
			 (unsigned long)pa);
	}
}

char *
mmu_access(unsigned hart, uaddr_t va, unsigned access)
{
	uint64_t asid = mmu[hart].runs->asid, vpn = va >> PAGE_SHIFT;
	struct tlb_entry *t = &mmu[hart].tlb[vpn % TLB_SIZE];

	/* A walker may or may not look again before it faults. */
	if (t->asid != asid || t->vpn != vpn ||
	    (!allows(t->pte, access) && shim_random() % 2 == 0)) {
		paddr_t table = find_table(hart, va);
		pte_t e = table == 0 ? 0 : read_entry(table, pt_index(va, 0));

		if (!pte_valid(e) || !(e & PTE_U))
			return NULL;
		if (!leaf_fine(e))
			complain("leaf %#lx at %#lx", (unsigned long)e,
				 (unsigned long)va);
		*t = (struct tlb_entry){ asid, vpn, e };
	}
	if (!allows(t->pte, access))
		return NULL;
	if (access == 2)
		forget_fetched(pte_pa(t->pte));
	if (access == 4)
		fetch(hart, pte_pa(t->pte));
	return (char *)phys_to_virt(pte_pa(t->pte)) + (va & PAGE_MASK);
}

bool
mmu_holds(unsigned hart, uaddr_t *va)
{
	unsigned start = (unsigned)(shim_random() % TLB_SIZE);

	for (unsigned i = 0; i < TLB_SIZE; i++) {
		struct tlb_entry *t = &mmu[hart].tlb[(start + i) % TLB_SIZE];

		if (t->asid == mmu[hart].runs->asid) {
			*va = t->vpn << PAGE_SHIFT;
			return true;
		}
	}
	return false;
}

/* ---- looking for trouble ---- */

/* Will the hart use entries of this ASID without flushing first? */
static bool
in_force(unsigned hart, uint64_t asid)
{
	struct mmu_space *m = asid == 0 ? NULL : spaces[asid].m;

	return m != NULL &&
	       (mmu[hart].runs == m || m->seen[hart] == m->tlb_gen);
}

/* The leaf and the table that decide `va` now. */
static pte_t
truth(uint64_t asid, uaddr_t va, paddr_t *table)
{
	pte_t e = read_entry(spaces[asid].root, pt_index(va, 2));

	*table = 0;
	if (!pte_valid(e))
		return 0;
	e = read_entry(pte_pa(e), pt_index(va, 1));
	if (!pte_valid(e))
		return 0;
	*table = pte_pa(e);
	return read_entry(*table, pt_index(va, 0));
}

static void
check_hart(unsigned h)
{
	const pte_t rights = PTE_V | PTE_R | PTE_W | PTE_X | PTE_U;
	paddr_t table;

	for (unsigned i = 0; i < TLB_SIZE; i++) {
		struct tlb_entry *t = &mmu[h].tlb[i];
		pte_t now;

		if (!in_force(h, t->asid))
			continue;
		now = truth(t->asid, t->vpn << PAGE_SHIFT, &table);
		if (pte_pa(now) != pte_pa(t->pte) ||
		    (t->pte & rights & ~now) != 0)
			complain("hart %u still has leaf %#lx of %#lx, which "
				 "is %#lx now",
				 h, (unsigned long)t->pte,
				 (unsigned long)t->vpn << PAGE_SHIFT,
				 (unsigned long)now);
	}
	for (unsigned i = 0; i < WALK_SIZE; i++) {
		struct walk_entry *w = &mmu[h].walk[i];

		if (!in_force(h, w->asid))
			continue;
		(void)truth(w->asid, w->slot * PT_SPAN_1, &table);
		if (table != w->table)
			complain("hart %u still has the table for %#lx", h,
				 (unsigned long)(w->slot * PT_SPAN_1));
	}
}

bool
mmu_check(void)
{
	for (unsigned h = 0; h < MMU_HARTS; h++)
		check_hart(h);
	return mmu_complaint[0] == '\0';
}

/* ---- every page that is freed comes by here (the linker's --wrap) ---- */

void __real_frame_release(struct frame *f);
void __wrap_frame_release(struct frame *f);

void
__wrap_frame_release(struct frame *f)
{
	paddr_t pa = frame_pa(f);

	for (unsigned h = 0; h < MMU_HARTS; h++) {
		for (unsigned i = 0; i < TLB_SIZE; i++) {
			struct tlb_entry *t = &mmu[h].tlb[i];

			if (in_force(h, t->asid) && pte_pa(t->pte) == pa)
				complain("a page was freed that hart %u can "
					 "reach at %#lx",
					 h,
					 (unsigned long)t->vpn << PAGE_SHIFT);
		}
		for (unsigned i = 0; i < WALK_SIZE; i++) {
			struct walk_entry *w = &mmu[h].walk[i];

			if (in_force(h, w->asid) && w->table == pa)
				complain("a table was freed that hart %u can "
					 "reach at %#lx",
					 h,
					 (unsigned long)(w->slot * PT_SPAN_1));
		}
	}
	__real_frame_release(f);
}

uint64_t
current_memory_limit(enum memory_limit which)
{
	return which == LIMIT_STACK ? STACK_GAP_PAGES * PAGE_SIZE : UINT64_MAX;
}
