/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/mmu.h - the memory-management unit of host builds.
 *
 * It implements arch/mmu.h for four harts that one host thread plays in turn.
 * Each has a TLB and a cache of the walker's (which leaf table decides these
 * 2 MiB), and both keep what they hold until a flush that covers it: a page's
 * flush drops that page's entry only, and no leaf table.  So a flush that is
 * missing, too small or on the wrong hart leaves something behind, as on the
 * real machine; here it is also looked for.
 *
 * Each hart keeps the pages it has fetched from, too, and may fetch from what
 * it keeps.  A program's own stores drop them, which is its duty; what the
 * kernel has put into a frame since must have been synchronized.
 */
#ifndef TESTS_HOST_SHIM_MMU_H
#define TESTS_HOST_SHIM_MMU_H

#include "arch/mmu.h"

#define MMU_HARTS 4u

extern unsigned mmu_hart; /* which hart runs now */

/* Have the hart run a space, or none (m NULL).  The space must be alive. */
void mmu_run(unsigned hart, struct mmu_space *m);
/* What it runs, or NULL. */
struct mmu_space *mmu_running(unsigned hart);

/*
 * What a load (1), store (2) or fetch (4) of the program does: the address of
 * the byte, from the TLB or by walking; or NULL: a page fault.
 */
char *mmu_access(unsigned hart, uaddr_t va, unsigned access);

/* Some page that the hart's TLB holds of what it runs; false: none. */
bool mmu_holds(unsigned hart, uaddr_t *va);

/* The space will never run again; its entries may stay. */
void mmu_dies(struct mmu_space *m);

/*
 * Called when a space is about to be flushed: the moment in which other harts
 * still may use what they hold.
 */
extern void (*mmu_race)(void);

/*
 * Look for entries that hold more than the page tables say, on harts that
 * would use them.  false: there is one, or there was a breach noticed earlier
 * (a page freed that a hart could reach, a reserved bit); mmu_complaint says
 * what.
 */
bool mmu_check(void);
extern char mmu_complaint[200];

#endif
