/* SPDX-License-Identifier: MIT */
/*
 * mm/space.h - one user address space.
 *
 * A space is an ordered set of VMAs (what the program asked for) over one page
 * table (what the hardware has been told so far).  The page table is a cache of
 * the VMAs: it may hold less, never more.  How a space is copied at fork is
 * decided by its fork strategy (mm/fork/strategy.h), never by code that calls
 * this header.
 *
 * Lock order (take left before right, skip any; all of it in kernel/locks.def):
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

#include "kernel/hart.h"
#include "kernel/mutex.h"
#include "kernel/tlbcheck.h"
#include "lib/rbtree.h"
#include "mm/forkstat.h"
#include "mm/frame.h"
#include "mm/object.h"

struct fork_strategy;
struct user;

/* VMA flags.  The first three are also the kind of access a fault wants. */
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
#define VM_NAMELESS   (1u << 14) /* its object goes with its last mapping */
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
	struct vma *_Atomic last_hit;	      /* [a] a guess for vma_find() */
	unsigned vma_count;		      /* [L] */
	const struct fork_strategy *strategy; /* [i] */
	struct mmu_space mmu;	    /* arch: asid, generation, harts */
	_Atomic uint64_t forked;    /* [a] ns, of the last fork, either side */
	_Atomic uint32_t users;	    /* [a] threads and processes using it */
	_Atomic uint32_t npins;	    /* [a] pins of space_pin() */
	struct user *user;	    /* [i] the creator's, charged for VMAs */
	uint64_t number;	    /* [i] no other space ever has it */
	struct list_node list_node; /* mm/space.c's list of all spaces */
	uint64_t committed;	    /* [L] pages charged */
	uint32_t tables;	    /* [pt_lock] page tables named, root too */
	uint32_t tables_charged;    /* [pt_lock] to `user`, a few ahead */
	uaddr_t brk_start, brk;	    /* [L] */
	uaddr_t mmap_top;	    /* [i] mmap goes down from here */
	unsigned map_flags;	    /* [L] VM_LOCKS that each new VMA gets */
	_Atomic bool dumpable;	    /* [a] its own user may look inside */
	uaddr_t stack_top, arg_start, arg_end, env_start, env_end; /* [i] */
	struct fork_counters counters; /* [a] what this space did */
};

#define SPACE_VMA_MAX	65530	  /* -ENOMEM above, as on Linux */
#define USER_MIN	PAGE_SIZE /* only root maps something below it */
#define STACK_GAP_PAGES 256	  /* kept free below a stack */
#define STACK_TOP	(USER_END - (UINT64_C(16) << 20)) /* of exec's stack */

/*
 * A stack can grow between STACK_TOP and space->mmap_top.  exec makes that room
 * as large as RLIMIT_STACK, within these bounds.
 */
#define STACK_ROOM_LEAST (UINT64_C(128) << 20)
#define STACK_ROOM_MOST	 (UINT64_C(64) << 30)
#define MMAP_TOP	 (STACK_TOP - STACK_ROOM_LEAST) /* of a new space */

/*
 * A fresh, empty space with one user.  NULL: memory is short, or the user may
 * have no more page tables.  strategy NULL: the default of this boot.
 */
struct space *space_create(const struct fork_strategy *strategy) must_check;

/* One user more, and one less: at 0 all is freed.  space_put() may sleep. */
void space_get(struct space *s) nonnull;
void space_put(struct space *s) nonnull;

/*
 * Copy `parent` for fork(2), by the parent's strategy.  sp and tp are hints:
 * the forking thread's stack and thread pointers.
 * Returns 0 and *out set (one user); -ENOMEM, or -EINTR when the thread is
 * killed while leaves are copied, with *out untouched and the parent, as its
 * program sees it, exactly as before.
 */
int space_fork(struct space *parent, uaddr_t sp, uaddr_t tp,
	       struct space **out) must_check nonnull;

/*
 * Unlock s->lock, taken with rwlock_read() or rwlock_write().  The thread has
 * flushed by now what it took away from the page table.
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

/* Drop the reference of a leaf of this space, which no longer names f. */
static inline void
leaf_put(struct space *s, struct frame *f)
{
	tlbcheck(&s->mmu, frame_pa(f), "a page is given back");
	frame_put(f);
}

/* Load this space's page table on this hart; NULL: the kernel's own. */
void space_switch(struct space *s);

/*
 * Make an access to `va` possible, or say why not.  `access` is one of VM_READ,
 * VM_WRITE, VM_EXEC.  With VM_FORCE, VM_READ is allowed wherever something is
 * mapped, and VM_WRITE in private mappings, too.  Every trap of a program, and
 * every access of the kernel to user memory, that needs a fault ends here.
 * Process context, may sleep; takes s->lock.
 * Returns 0;
 *   -EFAULT  nothing is mapped there	(SIGSEGV, SEGV_MAPERR)
 *   -EACCES  the mapping forbids it	(SIGSEGV, SEGV_ACCERR)
 *   -ENXIO   behind the end of the file	(SIGBUS, BUS_ADRERR)
 *   -EIO     the file cannot be read	(SIGBUS, BUS_ADRERR)
 *   -ENOSPC  no room in the file system	(SIGBUS, BUS_ADRERR)
 *   -EUCLEAN the file system is damaged	(SIGBUS, BUS_ADRERR)
 *   -ENOMEM  no memory, or the user may have no more page tables; the page
 *            is as it was
 */
int space_fault(struct space *s, uaddr_t va, unsigned access) must_check;

/* ---- mappings: mmap, munmap, mprotect, brk ---- */

/*
 * Map `len` bytes (rounded up to pages).  MAP_HINT: at `at` if there is room,
 * else where it fits.  MAP_REPLACE: at `at`, in place of what was there.
 * MAP_NOREPLACE: at `at`, if nothing is there.  obj NULL: anonymous memory;
 * else the object from its page `index` on, and a reference to it is taken.
 * Returns the address, or -ENOMEM (also: range outside user space, or a limit),
 * -EAGAIN (LIMIT_MEMLOCK), -EINVAL (`at` not page-aligned, len 0, or
 * VM_GROWSDOWN with an object), -EEXIST (MAP_NOREPLACE and something is there).
 * After an error the old mapping is still whole.  Below USER_MIN nothing is
 * placed by a hint; for a fixed place sys_mmap() has checked that the thread is
 * root's.
 */
enum map_where { MAP_HINT, MAP_REPLACE, MAP_NOREPLACE };
int64_t
space_map(struct space *s, uaddr_t at, uint64_t len, unsigned flags,
	  enum map_where where, struct memobj *obj, uint64_t index) must_check;

/* Unmap; holes are fine.  0, -EINVAL, or -ENOMEM with nothing changed. */
int space_unmap(struct space *s, uaddr_t at, uint64_t len) must_check;

/*
 * Set VM_PROT bits of every page in the range.  With VM_GROWSDOWN in `prot` the
 * range begins where the stack in it does; -EINVAL if the first mapping is not
 * a stack, or `at` not page-aligned.
 * 0; -ENOMEM at a hole and -EACCES at a VMA that may not have `prot`, with the
 * pages below it changed; -ENOMEM with nothing changed when memory is short or
 * at a limit.
 */
int space_protect(struct space *s, uaddr_t at, uint64_t len,
		  unsigned prot) must_check;

/* brk(2): returns the new break, or the old one when the break cannot move. */
uaddr_t space_brk(struct space *s, uaddr_t to);

/*
 * mremap(2): make the mapping of [old, old + old_len) new_len bytes long,
 * elsewhere if it does not fit and may move.  old_len 0: map the same pages of
 * a shared mapping once more.  `to` counts with REMAP_FIXED and REMAP_KEEP
 * only, and else is 0.
 * Returns the new address; -EFAULT (not one whole mapping), -EAGAIN
 * (LIMIT_MEMLOCK), -ENOMEM, -EINVAL (old_len 0 of a private mapping; `to` is no
 * place for the mapping or overlaps the old one; a bad length or alignment).
 * After an error of a call that shrinks, the excess may be gone; else nothing
 * has changed.
 */
#define REMAP_MAY_MOVE (1u << 0)
#define REMAP_FIXED    (1u << 1) /* to `to`, whatever is there */
#define REMAP_KEEP     (1u << 2) /* the old mapping stays, without its pages */
int64_t space_remap(struct space *s, uaddr_t old, uint64_t old_len,
		    uint64_t new_len, unsigned how, uaddr_t to) must_check;

/*
 * madvise.  `at` is page-aligned, and the range does not wrap; it may have
 * holes.
 * 0; -EINVAL at a VMA that the advice is not for, with the VMAs below it done;
 * -ENOMEM when there was a hole, with all the rest done, or with nothing done
 * when memory is short.
 */
#define ADVISE_UNLOCKED	 (1u << 0) /* for VMAs without VM_LOCKED only */
#define ADVISE_ANONYMOUS (1u << 1) /* for VMAs without a file only */

/* Only the answer, for advice that changes nothing here. */
int space_suits(struct space *s, uaddr_t at, uint64_t len,
		unsigned only) must_check;
/* Drop private pages, refill on demand. */
int space_discard(struct space *s, uaddr_t at, uint64_t len,
		  unsigned only) must_check;
/*
 * Free the pages of the objects mapped there: every mapping of them, in any
 * space, then reads as zeroes.
 * Also -EINVAL, anonymous memory, or locked; -EACCES, not a shared mapping that
 * may be written; -EOPNOTSUPP, an object without that operation.
 */
int space_remove(struct space *s, uaddr_t at, uint64_t len) must_check;
/* Set and clear VM_DONTFORK, VM_WIPEONFORK (which is for ADVISE_ANONYMOUS). */
int space_advise(struct space *s, uaddr_t at, uint64_t len, unsigned set,
		 unsigned clear) must_check;

/*
 * mlock, munlock: set and clear VM_LOCKS on a range up to the first hole
 * (-ENOMEM).  The caller makes the pages present.  -ENOMEM with nothing changed
 * also beyond LIMIT_MEMLOCK.
 */
int space_lock_range(struct space *s, uaddr_t at, uint64_t len, unsigned set,
		     unsigned clear) must_check;

/*
 * mlockall: later mappings get `future` of VM_LOCKS; with `present`, all VMAs
 * that are there get `flags`.  0 or -ENOMEM (LIMIT_MEMLOCK).
 */
int space_lock_all(struct space *s, bool present, unsigned flags,
		   unsigned future) must_check;

/*
 * msync: write shared file mappings in the range back.  0; -ENOMEM, there was a
 * hole; -EIO; -EINVAL, `at` is not page-aligned; with `invalidate`, -EBUSY at a
 * VMA that is locked.
 */
int space_sync(struct space *s, uaddr_t at, uint64_t len,
	       bool invalidate) must_check;

/* ---- user memory: the one way for the kernel to reach it ---- */

/*
 * Copy n bytes out of / into user memory, faulting pages in as a program's own
 * access would.  Any space, not only the current one.  Process context, no spin
 * lock held.  Returns the bytes copied: n, or less when an access fails (then
 * the rest is untouched).
 */
size_t space_read(struct space *s, void *to, uaddr_t from, size_t n);
size_t space_write(struct space *s, uaddr_t to, const void *from, size_t n);
size_t space_zero(struct space *s, uaddr_t to, size_t n);

/*
 * Pin the page at va for a device, which reaches the page by its physical
 * address and will read it (VM_READ) or write it (VM_WRITE).  Until
 * space_unpin() the page keeps its frame, no fork shares it, and no leaf table
 * of the space is shared.  The page becomes the space's own first, also for
 * reading: a page still shared would go to the other side of the fork when this
 * side unmaps it.
 * Private mappings only: the object of a shared one pins its pages itself.
 * Process context, no spin lock held; the caller keeps a use of the space.
 * Returns 0 and the frame; -EINVAL, a shared mapping; -EFAULT or -EACCES, not
 * allowed; -ENOMEM; or another error of space_fault().
 */
int space_pin(struct space *s, uaddr_t va, unsigned access,
	      struct frame **out) must_check nonnull;
/*
 * End one space_pin() of this space; the page need no longer be mapped.  Any
 * context.
 */
void space_unpin(struct space *s, struct frame *f) nonnull;

/* All or -EFAULT; for the current thread's space. */
int copy_from_user(void *to, uaddr_t from, size_t n) must_check;
int copy_to_user(uaddr_t to, const void *from, size_t n) must_check;

/*
 * Copy a NUL-terminated string into to[size].  Returns the length without the
 * NUL; -EFAULT; -ENAMETOOLONG when no NUL is within `size` bytes.
 */
ssize_t copy_string_from_user(char *to, uaddr_t from, size_t size) must_check;

/*
 * Read a 32-bit word atomically against programs and other harts.  0, -EFAULT,
 * or -EINVAL when `at` is not a multiple of 4.
 */
int user_load32(uaddr_t at, uint32_t *value) must_check;

/*
 * Compare and swap: write `new` there if the word holds *old; *old becomes what
 * the word held before.  Atomic against programs and other harts.  0, -EFAULT,
 * -EINVAL as above.
 */
int user_cas32(uaddr_t at, uint32_t *old, uint32_t new) must_check;

/* Is [at, at + n) wholly user space? */
static inline bool
user_range_ok(uaddr_t at, uint64_t n)
{
	return n <= USER_END && at <= USER_END - n;
}

/* ---- looking at a space ---- */

struct vma_info { /* a copy, valid after the lock is gone */
	uaddr_t start, end;
	unsigned flags;
	uint64_t index;
	struct memobj *obj; /* NULL: anonymous memory */
};

/*
 * The first VMA that ends above `at`.  Returns false when there is none.
 * out->obj, if not NULL, has a reference for the caller (memobj_put()).
 * Process context; takes the lock.
 */
bool space_next_vma(struct space *s, uaddr_t at, struct vma_info *out) nonnull;

struct space_usage {	   /* pages, counted by walking the page table */
	uint64_t size;	   /* of all VMAs */
	uint64_t locked;   /* of VMAs with VM_LOCKED */
	uint64_t resident; /* leaves present */
	uint64_t shared;   /* leaves of page-cache frames */
	uint64_t tables;   /* page tables */
	uint64_t data, stack, text; /* sizes of VMAs by kind */
};
void space_get_usage(struct space *s, struct space_usage *out) nonnull;

struct page_counts {	     /* leaves present, without the zero page */
	uint64_t resident;   /* all leaves */
	uint64_t file;	     /* page-cache frames */
	uint64_t dirty;	     /* anonymous, or newer than the file */
	uint64_t sole;	     /* mapped by this space only */
	uint64_t sole_dirty; /* sole and dirty */
	uint64_t part;	     /* bytes, each page's divided by its mappers */
};
/* Count the pages of [start, end), page-aligned.  Takes the lock. */
void space_count_pages(struct space *s, uaddr_t start, uaddr_t end,
		       struct page_counts *c) nonnull;

/*
 * Is the space with this number still there?  False once its last user is gone.
 * Any context.
 */
bool space_is_there(uint64_t number);

/*
 * Pages that the end of s would free, if it has no other user: the page tables
 * that are its own, and pages of private memory and of objects without a name
 * that no other table maps.  Takes the lock.
 */
uint64_t space_own_pages(struct space *s) nonnull;

/*
 * Which object does the shared mapping at `va` map (for comparing only), and at
 * which offset in bytes?  Nothing is stored if the memory is private.
 * 0; -EFAULT: nothing is mapped there, or anonymous memory that may not be
 * written, where no word ever changes.
 */
int space_shared_place(struct space *s, uaddr_t va, const void **obj,
		       uint64_t *offset) must_check nonnull;

/*
 * The limits of the current process in bytes; UINT64_MAX: none.  proc/ defines
 * current_memory_limit().
 */
enum memory_limit {
	LIMIT_AS,      /* all that is mapped */
	LIMIT_DATA,    /* what is private and may be written, stacks apart */
	LIMIT_STACK,   /* each stack */
	LIMIT_MEMLOCK, /* what is locked; root has none */
};
uint64_t current_memory_limit(enum memory_limit which);

/*
 * Is this page mapped now, or has its object the page in memory?  1, 0, or
 * -ENOMEM outside all mappings.
 */
int space_is_resident(struct space *s, uaddr_t va) must_check;

/* ---- commit accounting: promises of private writable memory, in pages ---- */

/*
 * Charge `pages` that one request asks for; 0 or -ENOMEM by the policy
 * (mm/commit.h).  Also for tmpfs pages.  Any context.
 */
int commit_charge(uint64_t pages) must_check;
/*
 * As commit_charge(), for fork's copy of what earlier requests asked for: only
 * the strict policy refuses it.
 */
int commit_charge_copy(uint64_t pages) must_check;
void commit_release(uint64_t pages);
/* Pages charged now, and how many the strict policy allows. */
void commit_get(uint64_t *committed, uint64_t *limit);

/* ---- choosing strategies by name ---- */

/* The strategy called `name`, or NULL. */
const struct fork_strategy *fork_strategy_find(const char *name);
const char *fork_strategy_name(const struct fork_strategy *st);
/* The default of this boot, and where it came from ("build", "bootarg"). */
const struct fork_strategy *fork_strategy_default(const char **whence);
/* Strategy number i, from 0; NULL at the end.  And its one-line summary. */
const struct fork_strategy *fork_strategy_at(unsigned i);
const char *fork_strategy_summary(const struct fork_strategy *st);

#endif
