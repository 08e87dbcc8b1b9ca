/* SPDX-License-Identifier: MIT */
/*
 * syscall/populate.h - make pages present before the program accesses them.
 *
 * Used by mmap, brk and mremap (syscall/mem.c) and by mlock and madvise
 * (syscall/advise.c).  All functions act on the space of the current thread.
 * Process context, no lock held; may sleep.
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

/*
 * Call space_next_vma() for the current space, and drop its reference on
 * v->obj, which the caller must not use.
 */
static inline bool
next_vma(uaddr_t at, struct vma_info *v)
{
	bool found = space_next_vma(current_space(), at, v);

	if (found && v->obj != NULL)
		memobj_put(v->obj);
	return found;
}

/*
 * Make the pages of [at, end) present for this access.  0; the error of
 * space_fault() for the first page that fails; -EINTR: a fatal signal is
 * pending.
 */
int fault_in(uaddr_t at, uaddr_t end, unsigned access) must_check;

/*
 * Call fault_in() for each VMA in [at, end), with an access that it allows.
 * `locked`: skip VMAs without VM_LOCKED or with VM_LOCKLATER.  -EFAULT: a hole.
 */
int populate(uaddr_t at, uaddr_t end, bool locked);

/* populate() the new pages of locked VMAs; errors are ignored. */
void populate_locked(uaddr_t at, uaddr_t end);

/* May the current thread lock memory at all? */
bool may_lock(void);

#endif
