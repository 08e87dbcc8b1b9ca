/* SPDX-License-Identifier: MIT */
/*
 * mm/forkaudit.h - a debug check at fork: compares the page tables of parent
 * and child.
 *
 * The debug kernel checks the first 16 forks under each strategy, and then
 * every 64th.  With the boot argument audit=fork it checks every fork.  If a
 * check fails, the kernel panics; the message names the strategy, the page, the
 * rule and the side.
 */
#ifndef MM_FORKAUDIT_H
#define MM_FORKAUDIT_H

#include "lib/base.h"

struct fork_ctx;

#ifdef TINE_DEBUG
/*
 * Check one fork.  Called after a strategy's fork() has succeeded and the TLB
 * has been flushed.  Both spaces' locks are held for writing, and no other
 * thread can run in the child.  Changes no counter.
 */
void fork_audit(struct fork_ctx *fc) nonnull;

/* Boot: check every fork if `word` is "fork".  False for any other word. */
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
