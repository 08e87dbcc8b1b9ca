/* SPDX-License-Identifier: MIT */
/*
 * mm/look.h - how one page of a space is mapped, and what an access would do;
 * for /proc.
 *
 * Programs read struct page_look as a record of /proc/PID/pagewalk, so its
 * layout must not change.
 */
#ifndef MM_LOOK_H
#define MM_LOOK_H

#include "lib/base.h"

struct space;

/*
 * What an access would do to the page, after the action on its leaf table
 * (LOOK_TABLE_*).
 */
enum look_page {
	LOOK_NOTHING,	   /* the leaf allows the access: no fault */
	LOOK_REFUSED,	   /* the mapping forbids it, or there is none */
	LOOK_MAP_ZERO,	   /* maps the shared zero page */
	LOOK_NEW_ZERO,	   /* allocates a zeroed frame */
	LOOK_MAP_FILE,	   /* maps the page-cache page */
	LOOK_FILE_COPY,	   /* maps a private copy of the page-cache page */
	LOOK_COPY,	   /* copies a page that other tables map */
	LOOK_REUSE,	   /* sets W: no other table maps the page */
	LOOK_SHARED_DIRTY, /* a shared page becomes writable and dirty */
};
#define LOOK_TABLE_COPY 0x40u /* first copies the shared leaf table */
#define LOOK_TABLE_TAKE 0x80u /* first attaches the table as it is */

/*
 * A record of /proc/PID/pagewalk: 64 bytes for each page, at index va / 4096.
 */
struct page_look {
	uint64_t entry[3]; /* PTEs of the root, upper and leaf table */
	uint64_t frame;	   /* the frame's word: refs:32 | pins:16 | flags:16 */
	uint64_t start, end;  /* the mapping; 0, 0: none */
	uint32_t vma_flags;   /* VM_ of mm/space.h */
	uint32_t table_share; /* slots that name the table; 0: no table */
	uint16_t table_live;  /* leaves in it */
	uint8_t does[3]; /* read, write, fetch: enum look_page | LOOK_TABLE_* */
	uint8_t reserved[3];
};

/*
 * Describe the page at `va`, below USER_END.  The result is a snapshot: nothing
 * is settled, filled or counted.  Process context; takes the space's lock.
 */
void space_look(struct space *s, uaddr_t va, struct page_look *out) nonnull;

#endif
