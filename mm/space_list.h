/* SPDX-License-Identifier: MIT */
/*
 * mm/space_list.h - all address spaces: for the audit, the drain thread and the
 * counters of /proc.
 *
 * A space is on the list from space_create() to the last space_put().  A spin
 * lock guards the list (SPACES in kernel/locks.def).
 */
#ifndef MM_SPACE_LIST_H
#define MM_SPACE_LIST_H

#include "mm/forkstat.h"

struct space;

/* Put a new space on the list, with a number of its own. */
void space_list_add(struct space *s) nonnull;
/* Take the space off; what it has counted stays in the sums below. */
void space_list_remove(struct space *s) nonnull;

/* Call fn for every space, with the list's spin lock held. */
void space_for_each(void (*fn)(struct space *s, void *arg), void *arg);

/*
 * The space after `prev` (NULL: the first) with a reference; the reference to
 * prev is given up.  NULL at the end.  Process context; may sleep.
 */
struct space *space_get_after(struct space *prev);

/*
 * Store in *sum, which is the caller's, what all spaces have counted since boot
 * or the last reset.  `reset`: count from here on anew.  Takes the list's lock.
 */
void space_counters(struct fork_counters *sum, bool reset);
/* Count anew in one space; the sum of all spaces stays as it is. */
void space_reset_counters(struct space *s);

#endif
