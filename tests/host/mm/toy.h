/* SPDX-License-Identifier: MIT */
/*
 * tests/host/mm/toy.h - a memory object for the tests of mm/.
 *
 * It stands for a file of a few pages: a page cache without locks, over a disk
 * that is an array.  toy_truncate() and toy_reclaim() take pages from the
 * spaces that map them.
 */
#ifndef TESTS_HOST_MM_TOY_H
#define TESTS_HOST_MM_TOY_H

#include "mm/frame.h"
#include "mm/object.h"

#define TOY_PAGES 24u

struct toy {
	struct memobj obj;
	struct frame *frames[TOY_PAGES]; /* in the "page cache", or NULL */
	bool dirty[TOY_PAGES];
	char disk[TOY_PAGES][PAGE_SIZE];
	unsigned pages; /* the file's length */
	unsigned users;
};

void toy_init(struct toy *t, unsigned pages, unsigned char fill);
/* Frees its pages, which must not be mapped any more. */
void toy_fini(struct toy *t);

/* Sets another length; new pages are zeroes. */
void toy_truncate(struct toy *t, unsigned pages);

/*
 * Write a page back and forget it, mapped or not.  false: it was changed
 * without being marked dirty.
 */
bool toy_reclaim(struct toy *t, unsigned page);

/* The bytes of a page, wherever they are. */
const char *toy_bytes(const struct toy *t, unsigned page);

#endif
