/* SPDX-License-Identifier: MIT */
/*
 * kernel/tlbcheck.h - an oracle that knows what each hart's TLB may hold.
 *
 * QEMU flushes more than it is told to, so a flush with wrong operands goes
 * unnoticed there.  With -Dtlbcheck=true the kernel records each store that
 * takes a right, the frame or the table from an entry.  A hart is struck off
 * the record only when it has executed an sfence.vma that covers the entry.  A
 * record that is left when the entry's frame is freed, its table given up, or
 * its space unlocked, is a panic.  A hart that ran something else meanwhile
 * must flush before it runs the space again.
 *
 * The oracle trusts neither a batch (mm/tlb.h) nor mmu_flush().  It is exact
 * for 8 entries per thread and space; one more record stands for all others.
 */
#ifndef KERNEL_TLBCHECK_H
#define KERNEL_TLBCHECK_H

#include "arch/mmu.h"

#define ASID_ANY UINT64_MAX

#ifdef TINE_TLBCHECK
/*
 * An entry that harts may hold was stored to: the leaf of `va` or, if slot, an
 * entry that named a table; `old` is its value before.  Any context; the lock
 * of the entry is held.
 */
void
tlbcheck_weaker(struct mmu_space *m, uaddr_t va, pte_t old, bool slot) nonnull;

/* This hart has flushed [at, at + size) of an ASID; size 0: everything. */
void tlbcheck_flushed(uaddr_t at, uint64_t size, uint64_t asid);
/* As tlbcheck_flushed(), for the harts of SBI's mask and base. */
void tlbcheck_flushed_by(uint64_t mask, uint64_t base, uaddr_t at,
			 uint64_t size, uint64_t asid);

/* This hart begins to load a space (NULL: none); it has loaded the space. */
void tlbcheck_enter(struct mmu_space *m, uint64_t asid);
void tlbcheck_entered(struct mmu_space *m) nonnull;

/*
 * Panic if a hart may still use an entry that this thread changed in space m
 * (NULL: that any thread changed in any space) and that named `frame` (0: any).
 * The panic message contains `when`.
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
