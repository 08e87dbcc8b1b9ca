/* SPDX-License-Identifier: MIT */
/*
 * mm/tlb.c - TLB shootdown batches: flush first, then free.
 *
 * The two rules are in mm/tlb.h.  A full batch flushes early; tlb_flush()
 * releases frames and tables only after the flush.  Each flush is counted in
 * the space's fork counters: flushes on this hart, flushes on others, and harts
 * interrupted.
 */
#include "mm/tlb.h"

#include "mm/pt.h"
#include "mm/space.h"

void
tlb_begin(struct tlb_batch *tb, struct space *s)
{
	tb->space = s;
	tb->start = USER_END;
	tb->end = 0;
	tb->frame_count = tb->table_count = 0;
}

void
tlb_put_frame(struct tlb_batch *tb, struct frame *f)
{
	if (tb->frame_count == TLB_BATCH)
		tlb_flush(tb);
	assert(frame_refs_in(frame_word(f)) > 0);
	tb->frames[tb->frame_count++] = f;
}

void
tlb_put_table(struct tlb_batch *tb, struct frame *t)
{
	if (tb->table_count == TLB_BATCH)
		tlb_flush(tb);
	tb->tables[tb->table_count++] = t;
}

static inline void
flush_range(struct space *s, uaddr_t start, uaddr_t end)
{
	unsigned remote = mmu_flush(&s->mmu, start, end);

	forkstat_inc(&s->counters, FS_flush_local);
	if (remote > 0) {
		forkstat_inc(&s->counters, FS_flush_remote);
		forkstat_add(&s->counters, FS_harts_interrupted, remote);
	}
}

void
tlb_flush_page(struct space *s, uaddr_t va)
{
	flush_range(s, va, va + PAGE_SIZE);
}

void
tlb_flush(struct tlb_batch *tb)
{
	if (tb->start < tb->end)
		flush_range(tb->space, tb->start, tb->end);
	for (unsigned i = 0; i < tb->frame_count; i++)
		leaf_put(tb->space, tb->frames[i]);
	for (unsigned i = 0; i < tb->table_count; i++)
		table_put(tb->space, tb->tables[i]);
	tlb_begin(tb, tb->space);
}
