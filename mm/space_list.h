/*
 * mm/space_list.h - all address spaces: for the audit, the drain thread and the
 * counters of /proc.
 */
#ifndef MM_SPACE_LIST_H
#define MM_SPACE_LIST_H

#include "mm/forkstat.h"

struct space;

/* Call fn for every space, the list's spin lock held. */
void space_for_each(void (*fn)(struct space *s, void *arg), void *arg);

/*
 * The space after `prev` (NULL: the first) with a reference; the one to prev is
 * given up.  NULL at the end.  Process context; may sleep.
 */
struct space *space_get_after(struct space *prev);

/*
 * What all spaces have counted since boot or the last reset, in *sum, which is
 * the caller's; then start again, or not.  Takes the list's lock.
 */
void space_counters(struct fork_counters *sum, bool reset);
/* Start again in one space; the sum of all stays what it is. */
void space_reset_counters(struct space *s);

#endif
