/* SPDX-License-Identifier: MIT */
/*
 * mm/inspect.h - what a space contains, for /proc, the OOM score and futexes.
 *
 * Process context; each function takes s->lock for reading and may sleep.  The
 * answer may be old when the caller gets it, since the lock is released.
 */
#ifndef MM_INSPECT_H
#define MM_INSPECT_H

#include "lib/base.h"

struct memobj;
struct space;

struct vma_info { /* a copy, valid after the lock is released */
	uaddr_t start, end;
	unsigned flags;
	uint64_t index;
	struct memobj *obj; /* NULL: anonymous memory */
};

/*
 * Find the first VMA that ends above `at`.  False if there is none.  out->obj,
 * if not NULL, carries a reference, which the caller drops with memobj_put().
 * Process context; takes the lock.
 */
bool space_next_vma(struct space *s, uaddr_t at, struct vma_info *out) nonnull;

struct space_usage {	   /* pages, counted by walking the page table */
	uint64_t size;	   /* of all VMAs */
	uint64_t locked;   /* of VMAs with VM_LOCKED */
	uint64_t resident; /* leaves, without the zero page */
	uint64_t shared;   /* leaves of page-cache frames */
	uint64_t tables;   /* page tables */
	uint64_t data, stack, text; /* sizes of VMAs by kind */
};
void space_get_usage(struct space *s, struct space_usage *out) nonnull;

struct page_counts {	     /* present leaves, without the zero page */
	uint64_t resident;   /* all leaves */
	uint64_t file;	     /* page-cache frames */
	uint64_t dirty;	     /* anonymous, or newer than the file */
	uint64_t sole;	     /* mapped by this space only */
	uint64_t sole_dirty; /* sole and dirty */
	uint64_t part;	     /* bytes: each page's size / its mappers */
};
/* Count the pages of [start, end), page-aligned.  Takes the lock. */
void space_count_pages(struct space *s, uaddr_t start, uaddr_t end,
		       struct page_counts *c) nonnull;

/*
 * The number of pages that destroying s would free if s had no other reference:
 * its own page tables, and the pages of private memory and of unnamed objects
 * that no other table maps.  Takes the lock.
 */
uint64_t space_own_pages(struct space *s) nonnull;

/*
 * Store the number of the object that the shared mapping at `va` maps, and the
 * byte offset in the object.  Stores nothing if the memory is private.
 * Returns 0; -EFAULT if nothing is mapped, or only anonymous memory that may
 * not be written, where a word can never change.
 */
int space_shared_place(struct space *s, uaddr_t va, uint64_t *object,
		       uint64_t *offset) must_check nonnull;

/*
 * Is the page mapped, or in memory in its object?  Returns 1 or 0; -ENOMEM
 * outside all mappings.
 */
int space_is_resident(struct space *s, uaddr_t va) must_check;

#endif
