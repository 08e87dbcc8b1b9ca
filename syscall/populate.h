/* SPDX-License-Identifier: MIT */
/*
 * syscall/populate.h - having pages present before the program touches them.
 *
 * For mmap, brk and mremap (syscall/mem.c) and for mlock and madvise
 * (syscall/advise.c).  All functions work on the current thread's space;
 * process context, no lock held, may sleep.
 */
#ifndef SYSCALL_POPULATE_H
#define SYSCALL_POPULATE_H

#include "kernel/hart.h"
#include "kernel/thread.h"
#include "mm/space.h"

static inline struct space *
current_space(void)
{
	return thread_current()->space;
}

/* space_next_vma() of the current space; v->obj has no reference. */
static inline bool
next_vma(uaddr_t at, struct vma_info *v)
{
	bool found = space_next_vma(current_space(), at, v);

	if (found && v->obj != NULL)
		memobj_put(v->obj);
	return found;
}

/*
 * Have the pages of [at, end) present for this access.  0; at the first page
 * that cannot be had, the error of space_fault(); -EINTR when the thread must
 * die.
 */
int fault_in(uaddr_t at, uaddr_t end, unsigned access) must_check;

/*
 * fault_in() for the access that each VMA allows; with `locked`, in locked VMAs
 * only.  -EFAULT at a hole.
 */
int populate(uaddr_t at, uaddr_t end, bool locked);

/* populate() for new pages of locked VMAs; a failure is ignored. */
void populate_locked(uaddr_t at, uaddr_t end);

/* May the current thread lock memory at all? */
bool may_lock(void);

#endif
