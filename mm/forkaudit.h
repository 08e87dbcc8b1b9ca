/* SPDX-License-Identifier: MIT */
/*
 * mm/forkaudit.h - compares the two page tables that a fork leaves, on the
 * spot.
 *
 * The debug kernel compares parent and child after the first 16 forks under
 * each strategy and every 64th later, with the boot argument audit=fork after
 * each, and panics with the rule, the page, the side and the strategy.
 */
#ifndef MM_FORKAUDIT_H
#define MM_FORKAUDIT_H

#include "lib/base.h"

struct fork_ctx;

#ifdef TINE_DEBUG
/*
 * Called after a strategy's fork() that succeeded, and after the flush: both
 * spaces' locks are held for writing, and no other thread can run in the child.
 * Changes no counter.
 */
void fork_audit(struct fork_ctx *fc) nonnull;

/*
 * Boot: look at each fork, if `word` is "fork".  False if it is another word.
 */
bool fork_audit_init(const char *word) nonnull;
#else
#define fork_audit(fc) ((void)(fc))

static inline bool
fork_audit_init(const char *word)
{
	return false;
}
#endif

#endif
