/* SPDX-License-Identifier: MIT */
/*
 * kernel/page.h - allocate and free single pages in the rooms below mm/.
 *
 * mm/frame.c implements these functions; arch/ allocates page tables and kernel
 * stacks with them.  Any context, except for page_alloc(true).
 */
#ifndef KERNEL_PAGE_H
#define KERNEL_PAGE_H

#include "lib/base.h"

/*
 * Allocate one page: its address in the direct map, contents undefined.  NULL
 * if out of memory.  may_sleep: the call may reclaim page cache; only in
 * process context without spin locks.
 */
void *page_alloc(bool may_sleep) must_check;
void page_free(void *page);

/* True if pa is the address of a page of RAM. */
bool page_is_ram(paddr_t pa);

#endif
