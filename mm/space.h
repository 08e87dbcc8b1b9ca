/* SPDX-License-Identifier: MIT */
/*
 * mm/space.h - user address spaces: mappings, faults, user copies, accounting.
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

/* Load this space's page table on this hart; NULL: the kernel's own. */
void space_switch(struct space *s);

/*
 * Handle a page fault: make an access to `va` possible, or return the reason
 * why it is not.  `access` is VM_READ, VM_WRITE or VM_EXEC.  VM_FORCE also
 * allows VM_READ in every mapping, and VM_WRITE in private mappings.  Serves
 * every page fault of a program, and every kernel access to user memory that
 * needs a fault.  Process context, may sleep; takes s->lock.
 * Returns 0;
 *   -EFAULT  nothing is mapped there	(SIGSEGV, SEGV_MAPERR)
 *   -EACCES  the mapping forbids it	(SIGSEGV, SEGV_ACCERR)
 *   -ENXIO   past the end of the file	(SIGBUS, BUS_ADRERR)
 *   -EIO     the file cannot be read	(SIGBUS, BUS_ADRERR)
 *   -ENOSPC  no room in the file system	(SIGBUS, BUS_ADRERR)
 *   -EUCLEAN the file system is damaged	(SIGBUS, BUS_ADRERR)
 *   -ENOMEM  no memory, or the user may have no more page tables; the page
 *            is unchanged
 */
int space_fault(struct space *s, uaddr_t va, unsigned access) must_check;

/* ---- mappings: mmap, munmap, mprotect, brk ---- */

/*
 * Map `len` bytes, rounded up to pages, at `at`.  MAP_HINT: if that range is
 * not free, at another address.  MAP_REPLACE: unmap what was there.
 * MAP_NOREPLACE: only if the range is free.  obj NULL: anonymous memory; else
 * the pages of the object from `index` on, with a new reference to it.
 * Returns the address, or -ENOMEM (also: range outside user space, or a limit),
 * -EAGAIN (LIMIT_MEMLOCK), -EINVAL (`at` not page-aligned, len 0, or
 * VM_GROWSDOWN with an object), -EEXIST (MAP_NOREPLACE and the range is not
 * free).  An error leaves the old mappings unchanged.  MAP_HINT maps nothing
 * below USER_MIN; for a fixed address sys_mmap() has checked that the thread is
 * root's.
 */
enum map_where { MAP_HINT, MAP_REPLACE, MAP_NOREPLACE };
int64_t
space_map(struct space *s, uaddr_t at, uint64_t len, unsigned flags,
	  enum map_where where, struct memobj *obj, uint64_t index) must_check;

/*
 * Unmap a range, holes allowed.  0, -EINVAL, or -ENOMEM with nothing changed.
 */
int space_unmap(struct space *s, uaddr_t at, uint64_t len) must_check;

/*
 * Set the VM_PROT bits of every page in the range.  With VM_GROWSDOWN in `prot`
 * the range begins at the start of its first mapping, which must be a stack.
 * Returns 0; -ENOMEM at a hole, or -EACCES at a VMA that may not have `prot`,
 * with the pages below changed; -ENOMEM with nothing changed if memory is short
 * or a limit is reached; -EINVAL if `at` is not page-aligned, or the first
 * mapping is not a stack.
 */
int space_protect(struct space *s, uaddr_t at, uint64_t len,
		  unsigned prot) must_check;

/*
 * brk(2): move the break to `to`.  Returns the new break, or the old one if the
 * break cannot move.
 */
uaddr_t space_brk(struct space *s, uaddr_t to);

/*
 * mremap(2): resize the mapping of [old, old + old_len) to new_len bytes, and
 * move it if it does not fit and `how` allows that.  old_len 0: duplicate a
 * shared mapping.  `to` is used only with REMAP_FIXED and REMAP_KEEP, and is 0
 * otherwise.
 * Returns the new address; -EFAULT (not one whole mapping), -EAGAIN
 * (LIMIT_MEMLOCK), -ENOMEM, -EINVAL (old_len 0 of a private mapping; `to` is
 * outside user space or overlaps the old mapping; a bad length or alignment).
 * An error leaves everything unchanged, except that a call that shrinks may
 * have unmapped the excess.
 */
#define REMAP_MAY_MOVE (1u << 0)
#define REMAP_FIXED    (1u << 1) /* at `to`, replacing other mappings */
#define REMAP_KEEP     (1u << 2) /* the old mapping stays, without its pages */
int64_t space_remap(struct space *s, uaddr_t old, uint64_t old_len,
		    uint64_t new_len, unsigned how, uaddr_t to) must_check;

/*
 * madvise.  `at` is page-aligned, and the range does not wrap; it may have
 * holes.
 * Returns 0; -EINVAL at a VMA to which the advice does not apply, with the VMAs
 * below changed; -ENOMEM if there was a hole, with all the rest changed, or
 * with nothing changed if memory is short.
 */
#define ADVISE_UNLOCKED	 (1u << 0) /* for VMAs without VM_LOCKED only */
#define ADVISE_ANONYMOUS (1u << 1) /* for VMAs without a file only */

/* Only check the range, for advice that has no effect here. */
int space_suits(struct space *s, uaddr_t at, uint64_t len,
		unsigned only) must_check;
/* Clear the leaves of the range; later accesses fault pages in again. */
int space_discard(struct space *s, uaddr_t at, uint64_t len,
		  unsigned only) must_check;
/*
 * Punch a hole: free the pages of the objects mapped in the range.  Every
 * mapping of them, in any space, then reads as zeroes.
 * Also -EINVAL for anonymous or locked memory; -EACCES if the mapping is not
 * shared and writable; -EOPNOTSUPP if the object cannot punch holes.
 */
int space_remove(struct space *s, uaddr_t at, uint64_t len) must_check;
/* Set and clear VM_DONTFORK, or VM_WIPEONFORK (anonymous memory only). */
int space_advise(struct space *s, uaddr_t at, uint64_t len, unsigned set,
		 unsigned clear) must_check;

/*
 * mlock, munlock: set and clear VM_LOCKS on the range up to the first hole,
 * which gives -ENOMEM.  Beyond LIMIT_MEMLOCK, -ENOMEM with nothing changed.
 * The caller faults the pages in.
 */
int space_lock_range(struct space *s, uaddr_t at, uint64_t len, unsigned set,
		     unsigned clear) must_check;

/*
 * mlockall: set VM_LOCKS of all later mappings to `future`; with `present`,
 * also those of all existing VMAs to `flags`.  0 or -ENOMEM (LIMIT_MEMLOCK).
 */
int space_lock_all(struct space *s, bool present, unsigned flags,
		   unsigned future) must_check;

/*
 * msync: write shared file mappings in the range back.  Returns 0; -ENOMEM if
 * there was a hole; -EIO; -EINVAL if `at` is not page-aligned; -EBUSY at a
 * locked VMA, with `invalidate`.
 */
int space_sync(struct space *s, uaddr_t at, uint64_t len,
	       bool invalidate) must_check;

/* ---- user copies: the kernel's only access to user memory ---- */

/*
 * Copy n bytes from or to user memory, or zero them, in any space.  Pages are
 * faulted in as for an access of the program.  Process context, no spin lock
 * held.  Returns the number of bytes copied: fewer than n if an access fails,
 * with the rest unchanged.
 */
size_t space_read(struct space *s, void *to, uaddr_t from, size_t n);
size_t space_write(struct space *s, uaddr_t to, const void *from, size_t n);
size_t space_zero(struct space *s, uaddr_t to, size_t n);

/*
 * Pin the page at va for a device, which will read it (VM_READ) or write it
 * (VM_WRITE) at its physical address.  Until space_unpin() the page keeps its
 * frame, no fork shares it, and no leaf table of the space is shared.  The page
 * is un-shared first, also for reading: otherwise a forked process could share
 * the frame, and would keep it when this process unmaps the page.
 * Private mappings only; the object of a shared mapping pins its own pages.
 * Process context, no spin lock held; the caller keeps a reference to the
 * space.
 * Returns 0 and the frame; -EINVAL for a shared mapping; -EFAULT or -EACCES if
 * the access is not allowed; -ENOMEM; or another error of space_fault().
 */
int space_pin(struct space *s, uaddr_t va, unsigned access,
	      struct frame **out) must_check nonnull;
/*
 * Undo one space_pin() of this space.  The page may have been unmapped
 * meanwhile.  Any context.
 */
void space_unpin(struct space *s, struct frame *f) nonnull;

/* Copy all n bytes, or return -EFAULT; in the current thread's space. */
int copy_from_user(void *to, uaddr_t from, size_t n) must_check;
int copy_to_user(uaddr_t to, const void *from, size_t n) must_check;

/*
 * Copy a NUL-terminated string into to[size].  Returns its length without the
 * NUL; -EFAULT; or -ENAMETOOLONG if the first `size` bytes have no NUL.
 */
ssize_t copy_string_from_user(char *to, uaddr_t from, size_t size) must_check;

/*
 * Read a 32-bit word with one atomic load.  Returns 0, -EFAULT, or -EINVAL if
 * `at` is not a multiple of 4.
 */
int user_load32(uaddr_t at, uint32_t *value) must_check;

/*
 * Write a 32-bit word, with one atomic store if `at` is a multiple of 4.
 * Returns 0 or -EFAULT.
 */
int user_store32(uaddr_t at, uint32_t value) must_check;

/*
 * Compare and swap: store `new` if the word equals *old, and set *old to the
 * word's previous value.  Atomic with respect to programs and other harts.
 * Returns 0, -EFAULT, or -EINVAL as user_load32() does.
 */
int user_cas32(uaddr_t at, uint32_t *old, uint32_t new) must_check;

/* Is [at, at + n) wholly user space? */
static inline bool
user_range_ok(uaddr_t at, uint64_t n)
{
	return n <= USER_END && at <= USER_END - n;
}

/* ---- looking at a space ---- */

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
 * Does the space with this number exist?  False once the space is being
 * destroyed.  Any context.
 */
bool space_is_there(uint64_t number);

/*
 * The number of pages that destroying s would free if s had no other reference:
 * its own page tables, and the pages of private memory and of unnamed objects
 * that no other table maps.  Takes the lock.
 */
uint64_t space_own_pages(struct space *s) nonnull;

/*
 * Find the object that the shared mapping at `va` maps, for comparison only,
 * and the byte offset in the object.  Stores nothing if the memory is private.
 * Returns 0; -EFAULT if nothing is mapped, or only anonymous memory that may
 * not be written, where a word can never change.
 */
int space_shared_place(struct space *s, uaddr_t va, const void **obj,
		       uint64_t *offset) must_check nonnull;

/*
 * The limits of the current process in bytes; UINT64_MAX: none.  proc/ defines
 * current_memory_limit().
 */
enum memory_limit {
	LIMIT_AS,      /* all mappings */
	LIMIT_DATA,    /* private writable mappings, without stacks */
	LIMIT_STACK,   /* each stack */
	LIMIT_MEMLOCK, /* locked mappings; no limit for root */
};
uint64_t current_memory_limit(enum memory_limit which);

/*
 * Is the page mapped, or in memory in its object?  Returns 1 or 0; -ENOMEM
 * outside all mappings.
 */
int space_is_resident(struct space *s, uaddr_t va) must_check;

/* ---- commit accounting, in pages (see mm/commit.c) ---- */

/*
 * Charge the pages of one request, also for tmpfs.  Returns 0, or -ENOMEM if
 * the policy refuses the request (mm/commit.h).  Any context.
 */
int commit_charge(uint64_t pages) must_check;
/*
 * As commit_charge(), for the pages that a fork duplicates: only the strict
 * policy can refuse them.
 */
int commit_charge_copy(uint64_t pages) must_check;
void commit_release(uint64_t pages);
/* The pages that are charged now, and the limit of the strict policy. */
void commit_get(uint64_t *committed, uint64_t *limit);

/* ---- choosing strategies by name ---- */

/* The strategy called `name`, or NULL. */
const struct fork_strategy *fork_strategy_find(const char *name);
const char *fork_strategy_name(const struct fork_strategy *st);
/* The default of this boot, and its origin ("build", "bootarg"). */
const struct fork_strategy *fork_strategy_default(const char **whence);
/* Strategy number i, from 0, or NULL after the last; a strategy's summary. */
const struct fork_strategy *fork_strategy_at(unsigned i);
const char *fork_strategy_summary(const struct fork_strategy *st);

#endif
