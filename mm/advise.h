/* SPDX-License-Identifier: MIT */
/*
 * mm/advise.h - madvise, mlock and msync: calls on each VMA of a range.
 *
 * Process context; each function takes s->lock and may sleep.  A range may have
 * holes, and VMAs to which the call does not apply; each function says how far
 * it goes then.
 */
#ifndef MM_ADVISE_H
#define MM_ADVISE_H

#include "lib/base.h"

struct space;

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
 * msync: write shared file mappings in the range back.  Returns 0; -ENOMEM if
 * there was a hole; -EIO; -EINVAL if `at` is not page-aligned; -EBUSY at a
 * locked VMA, with `invalidate`.
 */
int space_sync(struct space *s, uaddr_t at, uint64_t len,
	       bool invalidate) must_check;

#endif
