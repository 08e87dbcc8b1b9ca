/*
 * mm/space_list.h - all address spaces, for the audit and the drain thread.
 */
#ifndef MM_SPACE_LIST_H
#define MM_SPACE_LIST_H

struct space;

/* Call fn for every space, the list's spin lock held. */
void space_for_each(void (*fn)(struct space *s, void *arg), void *arg);

/*
 * The space after `prev` (NULL: the first) with a reference; the one to prev is
 * given up.  NULL at the end.  Process context; may sleep.
 */
struct space *space_get_after(struct space *prev);

#endif
