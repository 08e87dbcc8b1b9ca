/* SPDX-License-Identifier: MIT */
/*
 * mm/look.h - what decides one address of a space: for /proc, which shows it.
 *
 * Programs read struct page_look as a record of /proc/PID/pagewalk, so its
 * layout must not change.
 */
#ifndef MM_LOOK_H
#define MM_LOOK_H

#include "lib/base.h"

struct space;

/*
 * What an access would do to the page now, after what it does to the table
 * (LOOK_TABLE_*).
 */
enum look_page {
	LOOK_NOTHING,	   /* the page is there: no fault */
	LOOK_REFUSED,	   /* the mapping, or its absence, forbids it */
	LOOK_MAP_ZERO,	   /* maps the shared zero page */
	LOOK_NEW_ZERO,	   /* a frame of zeroes */
	LOOK_MAP_FILE,	   /* maps the page of the cache */
	LOOK_FILE_COPY,	   /* a copy of the page of the cache */
	LOOK_COPY,	   /* a copy of a page that other tables map */
	LOOK_REUSE,	   /* no other table maps it: W comes back */
	LOOK_SHARED_DIRTY, /* a shared page becomes writable and dirty */
};
#define LOOK_TABLE_COPY 0x40u /* first a leaf table of its own */
#define LOOK_TABLE_TAKE 0x80u /* first the table is attached as it is */

/* As read from /proc/PID/pagewalk: 64 bytes a page, at index address / 4096. */
struct page_look {
	uint64_t entry[3]; /* of the root, the upper and the leaf table */
	uint64_t frame;	   /* the frame's word: refs:32 | pins:16 | flags:16 */
	uint64_t start, end;  /* the mapping; 0, 0: none */
	uint32_t vma_flags;   /* VM_ of mm/space.h */
	uint32_t table_share; /* slots that name the leaf table; 0: no table */
	uint16_t table_live;  /* leaves in it */
	uint8_t does[3]; /* a read, a write, a fetch: enum look_page | ... */
	uint8_t reserved[3];
};

/*
 * Look at the page at `va`, below USER_END.  A snapshot: it settles, fills and
 * counts nothing.  Process context; takes the space's lock.
 */
void space_look(struct space *s, uaddr_t va, struct page_look *out) nonnull;

#endif
