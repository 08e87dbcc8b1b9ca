/*
 * kernel/page.h - single pages for the rooms below mm/.
 *
 * mm/frame.c implements these; arch/ needs them for page tables and stacks.
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include "lib/base.h"

/*
 * One page through the direct map, contents undefined, owned by the caller.
 * NULL: out of memory.  may_sleep: process context without spin locks, page
 * cache may be reclaimed.
 */
void *page_alloc(bool may_sleep) must_check;
void page_free(void *page);

/* Is this the address of a page of RAM? */
bool page_is_ram(paddr_t pa);

#endif
