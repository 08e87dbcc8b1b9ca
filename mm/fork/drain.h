/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/drain.h - the kernel thread that does the deferred work of
 * strategies.
 *
 * One thread serves all spaces under strategies with a background() operation.
 * space_fork() wakes the thread.
 */
#ifndef MM_FORK_DRAIN_H
#define MM_FORK_DRAIN_H

#include "lib/base.h"

struct space;

/*
 * Start the thread if any strategy has background work.  Boot, once, when
 * threads can run.  If there is no memory for the thread, each table is settled
 * when an access needs it.
 */
void drain_init(void);

/*
 * Record that `parent` has forked `child`, and wake the thread, which will
 * visit both spaces after a delay.  Any context.
 */
void drain_forked(struct space *parent, struct space *child) nonnull;

#endif
