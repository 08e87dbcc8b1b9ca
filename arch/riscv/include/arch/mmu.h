/* SPDX-License-Identifier: MIT */
/*
 * arch/mmu.h - page-table entries, page-table roots and the TLB.
 *
 * This is the whole contract between mm/ and the memory-management unit.
 * Entries are Sv39, and mm/ writes them.  A leaf always has A, and has D if it
 * has W, so that the hardware never sets a bit in it.  The exception is a fork
 * strategy with FORK_CLEARS_DIRTY (mm/fork/strategy.h), which clears D in
 * leaves with W: at the next write the hardware sets D, or traps and
 * space_fault() sets D.
 */
#ifndef ARCH_MMU_H
#define ARCH_MMU_H

#include "arch/page.h"

#include <stdatomic.h>

typedef uint64_t pte_t;

#define PT_LEVELS  3u
#define PT_ENTRIES 512u
#define PT_SPAN_0  PAGE_SIZE		    /* one leaf */
#define PT_SPAN_1  (PAGE_SIZE * PT_ENTRIES) /* one leaf table: a slot */
#define PT_SPAN_2  (PT_SPAN_1 * PT_ENTRIES)

#define PTE_V	(UINT64_C(1) << 0)
#define PTE_R	(UINT64_C(1) << 1)
#define PTE_W	(UINT64_C(1) << 2)
#define PTE_X	(UINT64_C(1) << 3)
#define PTE_U	(UINT64_C(1) << 4)
#define PTE_G	(UINT64_C(1) << 5)
#define PTE_A	(UINT64_C(1) << 6)
#define PTE_D	(UINT64_C(1) << 7)
#define PTE_SW0 (UINT64_C(1) << 8) /* for mm/: PTE_DETACHED */
#define PTE_SW1 (UINT64_C(1) << 9) /* for mm/: PTE_PARKED */

static inline unsigned
pt_index(vaddr_t va, unsigned level)
{
	return (unsigned)(va >> (PAGE_SHIFT + 9 * level)) & (PT_ENTRIES - 1);
}

static inline uint64_t
pt_span(unsigned level)
{
	return UINT64_C(1) << (PAGE_SHIFT + 9 * level);
}

static inline paddr_t
pte_pa(pte_t e)
{
	return (e << 2) & UINT64_C(0x00fffffffffff000);
}

static inline pte_t
pte_make(paddr_t pa, uint64_t bits)
{
	return (pa >> 2) | bits;
}

static inline bool
pte_valid(pte_t e)
{
	return (e & PTE_V) != 0;
}

static inline bool
pte_is_leaf(pte_t e)
{
	return (e & (PTE_R | PTE_W | PTE_X)) != 0;
}

/* The PTE bits of a user leaf with VM_READ (1), VM_WRITE (2), VM_EXEC (4). */
static inline pte_t
pte_user_bits(unsigned prot)
{
	pte_t bits = PTE_V | PTE_U | PTE_A;

	if (prot & 1u)
		bits |= PTE_R;
	if (prot & 2u)
		bits |= PTE_R | PTE_W | PTE_D;
	if (prot & 4u)
		bits |= PTE_X;
	return bits;
}

/* Access an entry in one piece, as the hardware page-table walker does. */
static inline pte_t
pte_load(const pte_t *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static inline void
pte_store(pte_t *at, pte_t e)
{
	__atomic_store_n(at, e, __ATOMIC_RELAXED);
}

/* The MMU state of one space. */
struct mmu_space {
	_Atomic uint64_t asid;	  /* generation << 16 | asid; 0: none yet */
	_Atomic uint64_t tlb_gen; /* incremented by every shootdown */
	_Atomic uint32_t harts;	  /* a bit for each hart that runs it */
	_Atomic uint32_t owing;	  /* check/tlbcheck.c: harts to flush first */
	uint64_t seen[8];	  /* [h] tlb_gen of each hart's last flush */
	paddr_t root;		  /* [i] the root of its page table */
};

/* Initialize m for the page table with this root. */
void mmu_space_init(struct mmu_space *m, paddr_t root);

/*
 * Run m on this hart: load its page table, and do the TLB flushes of m that the
 * hart missed while it ran another space.  m NULL: load the kernel's own table,
 * which has no user half.  No effect if the hart runs m already.  Interrupts
 * off.
 */
void mmu_switch(struct mmu_space *m);

/*
 * Allocate a root with the kernel half filled in; NULL if out of memory.
 * mmu_root_free() frees it.
 */
pte_t *mmu_root_alloc(void) must_check;
void mmu_root_free(pte_t *root);

/* Flush the TLB for one page, or for all of the space, on this hart only. */
void mmu_flush_local(struct mmu_space *m, uaddr_t va);
void mmu_flush_local_all(struct mmu_space *m);
/*
 * TLB shootdown: flush [start, end) of the space, or all of the space if the
 * range is larger than a page, on every hart that runs it.  When these harts
 * have flushed, return the number of remote harts interrupted.  Every other
 * hart flushes before it runs the space again.  Spin locks may be held.
 */
unsigned mmu_flush(struct mmu_space *m, uaddr_t start, uaddr_t end);

/*
 * Call mmu_sync_icache() after a write of code that a program will execute:
 * every hart then runs fence.i (Zifencei).  Harts that run m are interrupted;
 * the others run fence.i at their next switch to a user space.
 *
 * If mmu_sync_icache() was called for some memory with another space, and the
 * memory has not been written since, mmu_catch_up_icache(m) is enough before m
 * may execute it.
 *
 * Both functions may be called with spin locks held.
 */
void mmu_sync_icache(struct mmu_space *m);
void mmu_catch_up_icache(struct mmu_space *m);

#endif
