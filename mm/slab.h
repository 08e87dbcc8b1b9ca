/* SPDX-License-Identifier: MIT */
/*
 * mm/slab.h - kmalloc() and kfree(), the allocator for small kernel objects.
 *
 * kmalloc() serves sizes up to 8 pages: small ones from size classes, larger
 * ones as blocks of pages.  Memory is aligned to 16 bytes, and to a page if the
 * size is PAGE_SIZE or more.  Debug builds poison freed memory.  An allocation
 * that fails returns NULL and changes nothing.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "lib/base.h"

/*
 * May sleep: context as for FRAME_MAY_SLEEP (mm/frame.h).  Contents undefined.
 */
void *kmalloc(size_t size) must_check;
/* As kmalloc(), zeroed. */
void *kzalloc(size_t size) must_check;
/* Never sleeps; for interrupt handlers and under spin locks. */
void *kmalloc_atomic(size_t size) must_check;
/* NULL is allowed.  Any context. */
void kfree(void *p);
/* Copy a string to new memory, at most `max` bytes and the NUL.  May sleep. */
char *kstrndup(const char *s, size_t max) must_check;

/*
 * slab_pages() returns how many pages kmalloc() holds now.  slab_shrink()
 * empties the magazines, frees empty slabs, and returns how many pages it
 * freed.
 */
size_t slab_pages(void);
size_t slab_shrink(void);

/*
 * Bytes in the slabs that no allocated object uses.  The number of pages in
 * slabs depends on which objects were freed; but the free pages and these bytes
 * together depend only on the objects in use.  Exact if no thread allocates
 * meanwhile.
 */
uint64_t slab_unused(void);

/*
 * Boot, once: initialize the size classes, and register slab_shrink() for
 * shortages of memory.
 */
void slab_init(void);

#endif
