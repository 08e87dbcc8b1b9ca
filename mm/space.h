/* SPDX-License-Identifier: MIT */
/*
 * mm/space.h - user address spaces: their structures, and their life.
 *
 * A space is an ordered set of VMAs (the mappings of the program) over one page
 * table (the translations that the hardware has so far).  The page table is a
 * cache of the VMAs: it may hold less, never more.  The space's fork strategy
 * (mm/fork/strategy.h) decides how fork copies the space; callers of this
 * header do not depend on the strategy.
 *
 * Lock order (acquire left before right, skip any; all of it in
 * kernel/locks.def):
 *
 *   inode lock -> space->lock (parent before child) -> a file system's own ->
 *   memobj.lock -> page-cache locks -> pt_lock ->
 *   table lock (old before new) -> frame allocator
 *
 * Keys: [L] space->lock, write side to change  [i] constant once published
 *       [a] atomic  [pt_lock] guarded by that lock
 */
#ifndef MM_SPACE_H
#define MM_SPACE_H

#include "check/hooks.h"
#include "kernel/hart.h"
#include "kernel/mutex.h"
#include "kernel/thread.h"
#include "lib/rbtree.h"
#include "mm/forkstat.h"
#include "mm/frame.h"
#include "mm/object.h"

struct fork_strategy;
struct user;

/* VMA flags.  The first three are also the kinds of access of a fault. */
#define VM_READ	      (1u << 0)
#define VM_WRITE      (1u << 1)
#define VM_EXEC	      (1u << 2)
#define VM_PROT	      (VM_READ | VM_WRITE | VM_EXEC)
#define VM_SHARED     (1u << 3)
#define VM_GROWSDOWN  (1u << 4) /* a stack */
#define VM_NORESERVE  (1u << 5) /* not charged to commit */
#define VM_DONTFORK   (1u << 6)
#define VM_WIPEONFORK (1u << 7)
#define VM_MAYWRITE   (1u << 8)	 /* mprotect may add VM_WRITE */
#define VM_HEAP	      (1u << 9)	 /* for /proc/<pid>/maps: [heap] */
#define VM_STACK      (1u << 10) /* [stack] */
#define VM_FORCE      (1u << 11) /* of an access only: see space_fault() */
#define VM_LOCKED     (1u << 12) /* mlock: not to be discarded */
#define VM_LOCKLATER  (1u << 13) /* with VM_LOCKED: present once touched */
#define VM_LOCKS      (VM_LOCKED | VM_LOCKLATER)
#define VM_NAMELESS   (1u << 14) /* the last unmap frees its object */
#define VM_NOEXEC     (1u << 15) /* mprotect may not add VM_EXEC */

struct vma {
	struct rb_node node;	   /* [L] in space->vmas */
	uaddr_t start, end;	   /* [L] page-aligned, start < end */
	unsigned flags;		   /* [L] VM_* */
	struct space *space;	   /* [i] */
	struct memobj *obj;	   /* [i] NULL: anonymous; holds a reference */
	uint64_t index;		   /* [L] page of obj that `start` maps */
	struct list_node obj_node; /* [obj->lock] */
};

struct space {
	struct rwlock lock;
	pte_t *root;			      /* [i] */
	struct spinlock pt_lock;	      /* root and upper entries */
	struct rb_root vmas;		      /* [L] disjoint, by address */
	struct vma *_Atomic last_hit;	      /* [a] a hint for vma_find() */
	unsigned vma_count;		      /* [L] */
	const struct fork_strategy *strategy; /* [i] */
	struct mmu_space mmu;	    /* arch: asid, generation, harts */
	_Atomic uint64_t forked;    /* [a] ns, last fork as parent or child */
	_Atomic uint32_t users;	    /* [a] threads and processes using it */
	_Atomic uint32_t npins;	    /* [a] pins of space_pin() */
	struct user *user;	    /* [i] the creator's, charged for VMAs */
	uint64_t number;	    /* [i] unique, never reused */
	struct list_node list_node; /* in the list of mm/space_list.c */
	uint64_t committed;	    /* [L] pages charged */
	uint32_t tables;	    /* [pt_lock] page tables named, with root */
	uint32_t tables_charged;    /* [pt_lock] charged to `user`, in steps */
	uaddr_t brk_start, brk;	    /* [L] */
	uaddr_t mmap_top;	    /* [i] mmap searches down from here */
	unsigned map_flags;	    /* [L] VM_LOCKS that each new VMA gets */
	_Atomic bool dumpable;	    /* [a] its own user may inspect it */
	uaddr_t stack_top, arg_start, arg_end, env_start, env_end; /* [i] */
	struct fork_counters counters; /* [a] what this space did */
};

#define SPACE_VMA_MAX	65530	  /* -ENOMEM above, as on Linux */
#define USER_MIN	PAGE_SIZE /* only root may map below it */
#define STACK_GAP_PAGES 256	  /* kept free below a stack */
#define STACK_TOP	(USER_END - (UINT64_C(16) << 20)) /* of exec's stack */

/*
 * A stack can grow from STACK_TOP down to space->mmap_top.  exec makes this
 * room as large as RLIMIT_STACK, within these bounds.
 */
#define STACK_ROOM_LEAST (UINT64_C(128) << 20)
#define STACK_ROOM_MOST	 (UINT64_C(64) << 30)
#define MMAP_TOP	 (STACK_TOP - STACK_ROOM_LEAST) /* of a new space */

/*
 * Create an empty space with one reference.  strategy NULL: the default of this
 * boot.  Returns NULL if memory is short, or the user may have no more page
 * tables.
 */
struct space *space_create(const struct fork_strategy *strategy) must_check;

/*
 * Take or drop a reference.  The last space_put() destroys the space; may
 * sleep.
 */
void space_get(struct space *s) nonnull;
void space_put(struct space *s) nonnull;

/*
 * Copy `parent` for fork(2), by the parent's strategy.  sp and tp are hints:
 * the forking thread's stack and thread pointers.  Returns 0, with one
 * reference to the child in *out.  Returns -ENOMEM, or -EINTR if the thread is
 * killed while leaves are copied.  After an error *out is unchanged, and the
 * parent's program sees the same memory as before.
 */
int space_fork(struct space *parent, uaddr_t sp, uaddr_t tp,
	       struct space **out) must_check nonnull;

/*
 * Release s->lock, acquired with rwlock_read() or rwlock_write().  The thread
 * has flushed every right that it removed from the page table.
 */
static inline void
space_unlock_read(struct space *s)
{
	tlbcheck(&s->mmu, 0, "a space is unlocked");
	rwlock_unread(&s->lock);
}

static inline void
space_unlock(struct space *s)
{
	tlbcheck(&s->mmu, 0, "a space is unlocked");
	rwlock_unwrite(&s->lock);
}

/* Drop the reference of a leaf of this space that no longer names f. */
static inline void
leaf_put(struct space *s, struct frame *f)
{
	tlbcheck(&s->mmu, frame_pa(f), "a leaf's reference is dropped");
	frame_put(f);
}

/* Make s, or no space (NULL), the user memory of thread t. */
static inline void
thread_set_space(struct thread *t, struct space *s)
{
	t->space = s;
	t->mmu = s == NULL ? NULL : &s->mmu;
}

/* Load this space's page table on this hart; NULL: the kernel's own. */
void space_switch(struct space *s);

#endif
