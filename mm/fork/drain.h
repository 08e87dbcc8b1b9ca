/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/drain.h - the thread that does what strategies have put off.
 *
 * One kernel thread serves all spaces under strategies with a background()
 * operation.  space_fork() wakes it.
 */
#ifndef MM_FORK_DRAIN_H
#define MM_FORK_DRAIN_H

#include "lib/base.h"

struct space;

/*
 * Start the thread if some strategy has background work.  Boot, once, threads
 * can run.  If there is no memory for it, the work is done when an access needs
 * it.
 */
void drain_init(void);

/* These two have forked, so both may have work in a while.  Any context. */
void drain_forked(struct space *parent, struct space *child) nonnull;

#endif
