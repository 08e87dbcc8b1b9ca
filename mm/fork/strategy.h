/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/strategy.h - the interface between the address-space code of mm/
 * (called core below) and a fork strategy.
 *
 * A strategy is one file in this folder.  The file fills in a struct
 * fork_strategy and registers it with FORK_STRATEGY().  Code outside this
 * folder uses a strategy only through the operations of that struct, and treats
 * all strategies alike.  A strategy depends on no process, trap frame or system
 * call.
 *
 * Division of work
 *   core      VMAs and their permissions, filling an empty leaf (zero page,
 *             file page), copy-on-write faults (leaf_break), pins, user
 *             copies, commit accounting, freeing memory, the order of locks.
 *   strategy  the contents of the child's page tables after fork(), and the
 *             work that fork() deferred.
 *   arch      encoding of entries, sfence.vma and remote fences, the page-fault
 *             trap, which calls space_fault().
 *
 * The permissions of a page are those of its VMA.  A leaf may have fewer rights
 * than its VMA (W clear), never more.  There is no copy-on-write bit in a leaf:
 * leaf_break() decides by the VMA and the frame's reference count.
 */
#ifndef MM_FORK_STRATEGY_H
#define MM_FORK_STRATEGY_H

#include "mm/pt.h"
#include "mm/tlb.h"

struct space;
struct vma;

/*
 * The reason for which core settles a range [start, end).  The reasons are
 * ordered: each includes the requirements of those before it, except that
 * SETTLE_ZAP leaves a table alone if all its 2 MiB lie inside the range.
 */
enum settle_why {
	SETTLE_READ,  /* leaves must be reachable by the hardware walker */
	SETTLE_FILL,  /* an empty leaf will be filled */
	SETTLE_WRITE, /* a leaf may gain W, or map another frame */
	SETTLE_EDIT,  /* leaves will change permission or move */
	SETTLE_ZAP,   /* leaves will be cleared; a table wholly inside the
			 range will be dropped */
};

/*
 * How a strategy treats pages and tables.  Only the audit and the tests read
 * these flags.
 */
enum fork_trait {
	FORK_DOWNGRADES_PARENT = 1 << 0, /* clears W in the parent */
	FORK_SHARES_FRAMES = 1 << 1,	 /* a private frame in two tables */
	FORK_SHARES_TABLES = 1 << 2,	 /* a leaf table in two slots */
	FORK_DETACHES_TABLES = 1 << 3,	 /* a slot invalid, its table kept */
	FORK_CLEARS_DIRTY = 1 << 4,	 /* D may be clear where W is set */
};

/* The argument of a strategy's fork(). */
struct fork_ctx {
	struct space *parent; /* locked for writing by the caller */
	struct space *child;  /* locked, too; VMAs cloned, no leaves */
	struct tlb_batch *tb; /* the parent's TLB batch, which core flushes */
	uaddr_t sp, tp;	      /* the forking thread's stack and thread
				 pointers: hints, any value is possible */
};

struct fork_strategy {
	const char *name;    /* [required] unique, [a-z0-9-]+ */
	const char *summary; /* [required] one line for forkctl list */
	unsigned traits;     /* enum fork_trait */

	/*
	 * [required] Fill the child's page tables.
	 *   called by  space_fork() only.
	 *   context    both spaces' locks, no spin lock; may sleep.
	 *   returns 0  the private pages of the child have the contents that
	 *              those of the parent had at one single instant inside
	 *              this call, and each side's later stores are invisible
	 *              to the other.  Shared mappings map the same frames.
	 *   -ENOMEM    no memory, or a reference count at its limit.
	 *   -EINTR     the thread is being killed (see space_dup_range()).
	 *   on error   at any point.  The child may be incomplete: core destroys
	 *              it like any space.  The parent keeps its pages; its
	 *              leaves may have lost W (D too under FORK_CLEARS_DIRTY),
	 *              and its tables may be detached.  After the child is
	 *              destroyed, leaf_break() and settle() must be able to
	 *              restore the parent without allocating memory.
	 *   TLB        note every parent leaf that lost W or D with tlb_note(),
	 *              every slot change with tlb_note_table().  Core flushes
	 *              once, also after an error, before it releases the locks.
	 */
	int (*fork)(struct fork_ctx *fc) needs_write_lock(fc->parent->lock);

	/*
	 * [optional] Complete the deferred work on a range, so that core may
	 * access its leaves.  NULL: the strategy defers nothing.
	 *   called by  settle() of mm/fork/settle.h: for space_fault(), and so
	 *              for user copies (READ, FILL, WRITE: lock held at least
	 *              shared); for mmap, munmap, mremap, mprotect, brk,
	 *              madvise and mlock (EDIT, ZAP: exclusive).  May sleep.
	 *   returns 0  READ: every table in the range is attached.  Others: in
	 *              addition only one slot names each table; ZAP may skip
	 *              a table if all its 2 MiB lie inside the range.
	 *   -ENOMEM    no memory; the slot that failed is unchanged.  A second
	 *              call continues there.
	 *   TLB        if a hart may reach a table that this space gives up,
	 *              drop its share with tlb_put_table(), and call
	 *              tlb_flush() before returning.
	 */
	int (*settle)(struct space *s, uaddr_t start, uaddr_t end,
		      enum settle_why why, struct tlb_batch *tb);

	/*
	 * [optional] Observe a copy-on-write fault.  leaf_break() calls this
	 * with the table lock held when the space has become the sole owner of
	 * a private page: old == now if it reuses the frame, else `old` was
	 * copied to `now`.  Must not fail, sleep or allocate.
	 */
	void (*broke)(struct space *s, struct vma *v, uaddr_t va,
		      struct frame *old, struct frame *now);

	/*
	 * [optional] Do at most `budget` units of deferred work and return the
	 * unused part of the budget; 0 means that work may be left.  Called by
	 * the drain thread with the space's lock held shared; may sleep.
	 */
	unsigned (*background)(struct space *s, unsigned budget);
};

/*
 * Register a strategy.  To add a strategy, add a file to mm/fork/ that contains
 * this macro.
 */
#define FORK_STRATEGY(table)                                    \
	static const struct fork_strategy *const table##_entry_ \
		__attribute__((used, section("fork_strategies"))) = &(table)

/* ---- what core offers a strategy ---- */

/*
 * How space_dup_range() treats a private page of the parent that is not pinned.
 */
enum dup_how {
	DUP_SHARE, /* same frame, W=0 on both sides, one more reference */
	DUP_COPY,  /* a copy for the child now; the parent's leaf unchanged */
	DUP_COPY_CLEAN, /* as DUP_COPY, and D=0 on both sides: a D that is set
			   later shows that the page was written */
};

/*
 * Copy the parent's present leaves in [start, end) to the child's tables.  The
 * VMA and the frame of a leaf decide how:
 *
 *   DONTFORK, WIPEONFORK    no leaf
 *   shared mapping          the same entry, W kept, reference + 1
 *   zero page               the same entry (W=0), not counted
 *   page-cache page         the same entry (W=0), reference + 1
 *   private, pinned         a copy now: the parent keeps the pinned frame
 *   private otherwise       by `how`, or by choose(fc, va, leaf) if the
 *                           frame has FRAME_MARK and choose is not NULL
 *
 * FRAME_MARK and FRAME_MARK2 are for the strategies: core only clears them,
 * when the frame is freed.
 *
 * Context: that of a strategy's fork().  Returns 0.  -ENOMEM: no memory, or a
 * frame's reference count is at its limit.  -EINTR: the thread is being killed
 * (tested once for each slot).  After an error the child is incomplete.
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
 * mapping, and flush the TLB.  For a strategy that copies pages while other
 * threads of the parent run.  Later writes fault, and leaf_break() sets W
 * again.
 */
void space_freeze(struct fork_ctx *fc, uaddr_t start, uaddr_t end);

/*
 * Clear W in every leaf of the space's own table, which maps the 2 MiB at
 * `base`, and set FRAME_NO_W on the table.  Returns the number of leaves that
 * had W.  The caller flushes the TLB.
 */
unsigned table_strip(struct space *s, struct frame *table, uaddr_t base) nonnull
	needs_lock(table->table.lock);

/*
 * For fork(): let the child's slots name the parent's leaf tables.  For each
 * table of a plain slot (see slot_plain()), call prepare(), which changes the
 * parent's slot and table as the strategy needs, and then raise the table's
 * share count.  A slot that is not plain (mixed) is attached, and its leaves
 * are copied as by DUP_SHARE.  Returns 0, -ENOMEM or -EINTR, like
 * space_dup_range().
 */
typedef void slot_prepare_fn(struct fork_ctx *fc, pte_t *slot,
			     struct frame *table, uaddr_t base);
int
space_share_tables(struct fork_ctx *fc, slot_prepare_fn *prepare) must_check;

/*
 * Un-share and attach the table that *slot names.  If other slots name it too,
 * *slot gets a copy of the table: the same frames with one more reference each,
 * and W clear.  May sleep.  If the hardware could reach the old table, its
 * share is dropped through `tb`, which the caller flushes.  Returns 0, or
 * -ENOMEM with the slot unchanged.
 */
int slot_own(struct space *s, pte_t *slot,
	     struct tlb_batch *tb) nonnull must_check needs_lock(s->lock);

/* Has the space more than one user?  If so, another thread may run in it. */
bool space_threaded(const struct space *s);

#endif
