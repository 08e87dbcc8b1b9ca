/* SPDX-License-Identifier: MIT */
/*
 * mm/slab.h - small kernel objects.
 *
 * kmalloc() serves sizes up to 8 pages: small ones from size classes, larger
 * ones as blocks of pages.  Freed memory is poisoned in debug builds.  Memory
 * is aligned to 16 bytes, or to a page from PAGE_SIZE up.  All allocation may
 * fail: NULL, nothing changed.
 */
#ifndef MM_SLAB_H
#define MM_SLAB_H

#include "lib/base.h"

/* As FRAME_MAY_SLEEP (mm/frame.h).  Contents undefined. */
void *kmalloc(size_t size) must_check;
/* As kmalloc(), zeroed. */
void *kzalloc(size_t size) must_check;
/* Never sleeps; for interrupt handlers and under spin locks. */
void *kmalloc_atomic(size_t size) must_check;
/* NULL is allowed.  Any context. */
void kfree(void *p);
/* A copy of a string, at most max bytes without the NUL. */
char *kstrndup(const char *s, size_t max) must_check;

/*
 * Pages held by slabs now.  slab_shrink() gives empty slabs back: how many
 * pages.
 */
size_t slab_pages(void);
size_t slab_shrink(void);

/*
 * Bytes of the slabs that are in no object.  How many pages the slabs hold
 * depends on which objects were freed; free pages and these bytes together
 * depend only on what is in use.  Exact when no thread allocates meanwhile.
 */
uint64_t slab_unused(void);

/* Boot, once: let memory shortage shrink the slabs. */
void slab_init(void);

#endif
