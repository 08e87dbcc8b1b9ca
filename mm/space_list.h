/*
 * mm/space_list.h - all address spaces, for the audit.
 */
#ifndef MM_SPACE_LIST_H
#define MM_SPACE_LIST_H

struct space;

/* Call fn for every space, the list's spin lock held. */
void space_for_each(void (*fn)(struct space *s, void *arg), void *arg);

#endif
