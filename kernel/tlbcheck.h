/* SPDX-License-Identifier: MIT */
/*
 * kernel/tlbcheck.h - check that no TLB keeps an entry that lost a right.
 *
 * QEMU flushes more than an sfence.vma requires, so wrong operands of a flush
 * go unnoticed there.  With -Dtlbcheck=true the kernel records each store that
 * removes a right, the frame or the table from an entry.  A hart is removed
 * from the record only when it has executed an sfence.vma that covers the
 * entry.  The kernel panics if a record is left when the entry's frame or table
 * is freed, or its space is unlocked.  A hart that ran another space meanwhile
 * must flush before it runs the space again.
 *
 * The check does not rely on batches (mm/tlb.h) or on mmu_flush().  It is exact
 * for 8 entries per thread and space; one more record is for all others.
 */
#ifndef KERNEL_TLBCHECK_H
#define KERNEL_TLBCHECK_H

#include "arch/mmu.h"

#define ASID_ANY UINT64_MAX

#ifdef TINE_TLBCHECK
/*
 * Record a store to an entry that TLBs may hold: the leaf of `va` or, if slot,
 * an entry that pointed at a table; `old` is its value before.  Any context;
 * the lock of the entry is held.
 */
void
tlbcheck_weaker(struct mmu_space *m, uaddr_t va, pte_t old, bool slot) nonnull;

/* Record a flush of [at, at + size) of an ASID by this hart; size 0: all. */
void tlbcheck_flushed(uaddr_t at, uint64_t size, uint64_t asid);
/* As tlbcheck_flushed(), for the harts of an SBI mask and its base. */
void tlbcheck_flushed_by(uint64_t mask, uint64_t base, uaddr_t at,
			 uint64_t size, uint64_t asid);

/*
 * Record that this hart starts to load a space (NULL: none), or has loaded it.
 */
void tlbcheck_enter(struct mmu_space *m, uint64_t asid);
void tlbcheck_entered(struct mmu_space *m) nonnull;

/*
 * Panic if a hart may still use an entry that this thread changed in space m
 * (NULL: that any thread changed in any space) and that pointed at `frame` (0:
 * any).  The panic message contains `when`.
 */
void tlbcheck(const struct mmu_space *m, paddr_t frame, const char *when);
/* The space will not run again: drop its records. */
void tlbcheck_dead(struct mmu_space *m) nonnull;
#define tlbcheck_on() true
#else
#define tlbcheck_on()					false
#define tlbcheck_weaker(m, va, old, slot)		((void)(m))
#define tlbcheck_flushed(at, size, asid)		((void)0)
#define tlbcheck_flushed_by(mask, base, at, size, asid) ((void)0)
#define tlbcheck_enter(m, asid)				((void)0)
#define tlbcheck_entered(m)				((void)0)
#define tlbcheck(m, frame, when)			((void)0)
#define tlbcheck_dead(m)				((void)0)
#endif

#endif
