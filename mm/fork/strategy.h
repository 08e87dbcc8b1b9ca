/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/strategy.h - the seam between the address-space code of mm/ (here
 * called core) and a fork strategy.
 *
 * A strategy is one file in this folder.  It fills in a struct fork_strategy
 * and enters it with FORK_STRATEGY().  Code outside this folder calls its
 * operations, but neither names a strategy nor tests which one a space uses.  A
 * strategy never looks at a process, a trap frame or a system call.
 *
 * Division of work
 *   core      VMAs and their permissions, filling an empty leaf (zero page,
 *             file page), breaking one leaf (leaf_break), pins, user copies,
 *             commit accounting, freeing memory, the order of locks.
 *   strategy  what fork() puts in the child's page tables, and what it
 *             deferred.
 *   arch      encoding of entries, sfence.vma and remote fences, the trap that
 *             ends in space_fault().
 *
 * The permission of a page is a property of its VMA.  A leaf may be weaker than
 * its VMA (W missing), never stronger.  No bit in a leaf means "this is
 * copy-on-write": leaf_break() decides by the VMA and by the frame's count.
 */
#ifndef MM_FORK_STRATEGY_H
#define MM_FORK_STRATEGY_H

#include "mm/pt.h"
#include "mm/tlb.h"

struct space;
struct vma;

/*
 * Why core wants [start, end) settled.  Ordered: a later reason asks for
 * everything an earlier one does, except that SETTLE_ZAP spares a table wholly
 * inside the range.
 */
enum settle_why {
	SETTLE_READ,  /* leaves must be reachable by the hardware walker */
	SETTLE_FILL,  /* an empty leaf will be filled */
	SETTLE_WRITE, /* a leaf may gain W, or change frame */
	SETTLE_EDIT,  /* leaves will change permission or move */
	SETTLE_ZAP,   /* leaves will be cleared; a table wholly inside the
			 range will be dropped */
};

/*
 * What a strategy does to pages and tables.  Read by the audit and the tests
 * only.
 */
enum fork_trait {
	FORK_DOWNGRADES_PARENT = 1 << 0, /* clears W in the parent */
	FORK_SHARES_FRAMES = 1 << 1,	 /* a private frame in two tables */
	FORK_SHARES_TABLES = 1 << 2,	 /* a leaf table in two slots */
	FORK_DETACHES_TABLES = 1 << 3,	 /* a slot invalid, its table kept */
	FORK_CLEARS_DIRTY = 1 << 4,	 /* D may be clear where W is set */
};

/* All that a strategy's fork() is told: no process, no trap frame. */
struct fork_ctx {
	struct space *parent; /* locked for writing by the caller */
	struct space *child;  /* locked, too; VMAs cloned, no leaves */
	struct tlb_batch *tb; /* the parent's; core flushes it, also on error */
	uaddr_t sp, tp;	      /* the forking thread's stack and thread
				 pointers: hints, any value is possible */
};

struct fork_strategy {
	const char *name;    /* [required] unique, [a-z0-9-]+ */
	const char *summary; /* [required] one line for forkctl list */
	unsigned traits;     /* enum fork_trait */

	/*
	 * [required] Give the child its memory.
	 *   called by  space_fork() only.
	 *   context    parent->lock and child->lock held for writing, no spin
	 *              lock; may sleep.
	 *   returns 0  every private page of the child reads as the parent's
	 *              did at one single instant inside this call, and each
	 *              side's later stores are invisible to the other.  Shared
	 *              mappings still alias the same frames.
	 *   -ENOMEM    no memory, or a count at its limit.
	 *   -EINTR     the thread is being killed (see space_dup_range()).
	 *   on error   at any point.  The child may be half built: core tears
	 *              it down like any space.  The parent keeps its pages;
	 *              its leaves may have lost W (D too under
	 *              FORK_CLEARS_DIRTY), and its tables may be detached.
	 *              Once the child is gone, leaf_break() and settle() must
	 *              be able to undo what this call did without memory.
	 *   TLB        note every parent leaf that lost W or D with tlb_note(),
	 *              every slot change with tlb_note_table().  Core flushes
	 *              once, also after an error, before any lock is dropped.
	 */
	int (*fork)(struct fork_ctx *fc);

	/*
	 * [optional] Undo deferral for a range so that core may touch its
	 * leaves.  NULL: nothing is ever deferred.
	 *   called by  settle() of mm/fork/settle.h: for space_fault(), and so
	 *              for user copies (READ, FILL, WRITE: lock held at least
	 *              shared); for mmap, munmap, mremap, mprotect, brk,
	 *              madvise and mlock (EDIT, ZAP: exclusive).  May sleep.
	 *   returns 0  READ: every table in the range is attached.  Others:
	 *              also every table in the range is named by this one slot
	 *              only; ZAP may leave a table as it is if all its 2 MiB
	 *              lie inside the range.
	 *   -ENOMEM    before any visible change to the slot it failed on.
	 *              Calling it again continues where it stopped.
	 *   TLB        a table this space gives up goes through
	 *              tlb_put_table(); settle() itself calls tlb_flush()
	 *              before returning if it gave any up.
	 */
	int (*settle)(struct space *s, uaddr_t start, uaddr_t end,
		      enum settle_why why, struct tlb_batch *tb);

	/*
	 * [optional] Learn.  leaf_break() calls this under the table lock when
	 * a private page has become the space's own: old == now for a reuse,
	 * else old was copied to now.  Must not fail, sleep, allocate.
	 */
	void (*broke)(struct space *s, struct vma *v, uaddr_t va,
		      struct frame *old, struct frame *now);

	/*
	 * [optional] Do at most `budget` units of deferred work; return what is
	 * left of the budget.  0 means that there may be more work.  Lock held
	 * shared, may sleep.
	 */
	unsigned (*background)(struct space *s, unsigned budget);
};

/*
 * Enter a strategy in the registry.  Adding a file to mm/fork/ is all it takes.
 */
#define FORK_STRATEGY(table)                                    \
	static const struct fork_strategy *const table##_entry_ \
		__attribute__((used, section("fork_strategies"))) = &(table)

/* ---- what core offers a strategy ---- */

/*
 * How space_dup_range() treats a page of private memory of the parent that is
 * not pinned.
 */
enum dup_how {
	DUP_SHARE, /* same frame, W=0 on both sides, one more reference */
	DUP_COPY,  /* a copy for the child now; the parent's leaf untouched */
	DUP_COPY_CLEAN, /* as DUP_COPY, and D=0 on both sides: a D that is set
			   later shows that the page was written */
};

/*
 * Put the parent's present leaves in [start, end) into the child, each by its
 * VMA's rules:
 *
 *   DONTFORK, WIPEONFORK    nothing
 *   shared mapping          the same entry, W kept, reference + 1
 *   zero page               the same entry (W=0), not counted
 *   page-cache page         the same entry (W=0), reference + 1
 *   private, pinned         a copy now: a pin never loses its page
 *   private otherwise       as `how` says; but as choose(fc, va, leaf) says
 *                           where the frame has FRAME_MARK and choose is not NULL
 *
 * FRAME_MARK and FRAME_MARK2 belong to the strategies: core clears them when
 * the frame is freed, and does nothing else with them.
 *
 * Context: that of a strategy's fork().  Returns 0.  -ENOMEM: no memory, or a
 * frame has as many references as it can.  -EINTR: the thread is being killed,
 * which is tested once for each slot.  After an error the child is half built.
 */
typedef enum dup_how dup_choose_fn(struct fork_ctx *fc, uaddr_t va, pte_t leaf);
int space_dup_range(struct fork_ctx *fc, uaddr_t start, uaddr_t end,
		    enum dup_how how, dup_choose_fn *choose) must_check;

/*
 * True if every VMA in this slot's 2 MiB is private, anonymous and inherited by
 * fork, and no page of the space is pinned.  Only then may the slot's table be
 * shared or detached.
 */
bool slot_plain(struct space *s, uaddr_t va);

/*
 * Clear W in every leaf of [start, end) that belongs to a private writable
 * mapping, and flush: for a strategy that copies while other threads of the
 * parent run.  W comes back by reuse.
 */
void space_freeze(struct fork_ctx *fc, uaddr_t start, uaddr_t end);

/*
 * Clear W in every leaf of the space's own table for `base` and set FRAME_NO_W
 * on the table; returns how many leaves had W.  The table's lock is held.
 */
unsigned
table_strip(struct space *s, struct frame *table, uaddr_t base) nonnull;

/*
 * Let the child's slots name the parent's leaf tables, for fork().  Each table
 * of a plain slot (see slot_plain()) gets one share more, after prepare() has
 * done to the parent's slot and table what the strategy needs; mixed slots are
 * attached and copied leaf by leaf as DUP_SHARE does.  Returns 0, -ENOMEM or
 * -EINTR, as space_dup_range().
 */
typedef void slot_prepare_fn(struct fork_ctx *fc, pte_t *slot,
			     struct frame *table, uaddr_t base);
int
space_share_tables(struct fork_ctx *fc, slot_prepare_fn *prepare) must_check;

/*
 * Make the table that *slot names this space's own and attached.  If other
 * slots name the table too, a copy takes its place: the same frames, one more
 * reference each, no W.  Space lock held, at least shared; may sleep.  A table
 * that the hardware could reach goes through `tb`, which the caller flushes.
 * Returns 0; -ENOMEM with the slot as it was.
 */
int
slot_own(struct space *s, pte_t *slot, struct tlb_batch *tb) nonnull must_check;

/* Has the space more than one user?  Then another thread may run in it. */
bool space_threaded(const struct space *s);

#endif
