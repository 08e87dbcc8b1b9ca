/* SPDX-License-Identifier: MIT */
/*
 * mm/tlb.h - TLB shootdown batches: note changed entries, flush, then free.
 *
 * Two rules keep the TLBs correct.  An entry that loses a right, changes its
 * frame or becomes invalid is *noted*; its old frame or table goes into the
 * batch, and is released only after every hart that could reach it has flushed.
 * An entry that gains a right needs no flush: another hart may take one
 * spurious fault.
 *
 * A batch lives on its caller's stack and belongs to one space.  Its functions
 * never sleep, and may be called with spin locks held.
 */
#ifndef MM_TLB_H
#define MM_TLB_H

#include "arch/mmu.h"

struct frame;
struct space;

#define TLB_BATCH 64u

struct tlb_batch {
	struct space *space;
	uaddr_t start, end; /* noted range; start >= end: nothing noted */
	unsigned frame_count, table_count;
	struct frame *frames[TLB_BATCH]; /* dropped after the flush */
	struct frame *tables[TLB_BATCH]; /* share dropped after the flush */
};

void tlb_begin(struct tlb_batch *tb, struct space *s);

/*
 * Record that leaves have lost rights or their frame: those of [start, end), or
 * that of one page.
 */
static inline void
tlb_note_range(struct tlb_batch *tb, uaddr_t start, uaddr_t end)
{
	tb->start = MIN(tb->start, start);
	tb->end = MAX(tb->end, end);
}

static inline void
tlb_note(struct tlb_batch *tb, uaddr_t va)
{
	tlb_note_range(tb, va, va + PAGE_SIZE);
}

/* Record that a slot has changed: the whole space must be flushed. */
static inline void
tlb_note_table(struct tlb_batch *tb)
{
	tlb_note_range(tb, 0, USER_END);
}

/*
 * Drop a frame's reference, or a table's share, after the flush.  If the batch
 * is full, it is flushed now.
 */
void tlb_put_frame(struct tlb_batch *tb, struct frame *f);
void tlb_put_table(struct tlb_batch *tb, struct frame *t);

/* Flush one page on every hart now, without a batch. */
void tlb_flush_page(struct space *s, uaddr_t va);

/*
 * Flush the noted range on every hart, then release the frames and tables.
 * Afterwards the batch is empty.
 */
void tlb_flush(struct tlb_batch *tb);

#endif
