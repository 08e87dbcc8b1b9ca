/* SPDX-License-Identifier: MIT */
/*
 * mm/space_list.h - finds all address spaces, and sums their fork counters.
 *
 * The audit, the drain thread and /proc use it.  A space is on the list from
 * space_create() to the last space_put().  A spin lock guards the list (SPACES
 * in kernel/locks.def).
 */
#ifndef MM_SPACE_LIST_H
#define MM_SPACE_LIST_H

#include "mm/forkstat.h"

struct space;

/* Add a new space to the list, and give it a unique number. */
void space_list_add(struct space *s) nonnull;
/* Remove the space; its counters stay in the sums below. */
void space_list_remove(struct space *s) nonnull;

/*
 * Does the space with this number exist?  False once the space is being
 * destroyed.  Any context.
 */
bool space_is_there(uint64_t number);

/* Call fn for every space, with the list's spin lock held. */
void space_for_each(void (*fn)(struct space *s, void *arg), void *arg);

/*
 * Return the space after `prev` (NULL: the first) with a reference, and drop
 * the reference to prev.  NULL at the end.  Process context; may sleep.
 */
struct space *space_get_after(struct space *prev);

/*
 * Set *sum to the counters of all spaces since boot or the last reset.
 * `reset`: also restart the sums from 0.  Takes the list's lock.
 */
void space_counters(struct fork_counters *sum, bool reset);
/* Reset the counters of one space; the sums over all spaces do not change. */
void space_reset_counters(struct space *s);

#endif
