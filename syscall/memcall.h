/* SPDX-License-Identifier: MIT */
/*
 * syscall/memcall.h - what the system calls on memory have in common: checks,
 * and making pages present before the program accesses them.
 *
 * All functions act on the space of the current thread.  Process context, no
 * lock held; may sleep.
 */
#ifndef SYSCALL_MEMCALL_H
#define SYSCALL_MEMCALL_H

#include "kernel/hart.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "mm/access.h"
#include "mm/limit.h"
#include "mm/space.h"

struct vma_info;

static inline struct space *
current_space(void)
{
	return thread_current()->space;
}

/*
 * May the current thread map memory at exactly [at, at + len)?  0;
 * -ENOMEM (beyond user space); -EINVAL (not aligned); -EPERM (only root may).
 */
static inline int
check_place(uint64_t at, uint64_t len)
{
	if (!user_range_ok(at, len))
		return -ENOMEM;
	if (!IS_ALIGNED(at, PAGE_SIZE))
		return -EINVAL;
	return at < USER_MIN && thread_current()->cred.euid != 0 ? -EPERM : 0;
}

/* May the current thread lock memory at all? */
static inline bool
may_lock(void)
{
	return current_memory_limit(LIMIT_MEMLOCK) > 0;
}

/*
 * Call space_next_vma() for the current space, and drop its reference on
 * v->obj, which the caller must not use.
 */
bool next_vma(uaddr_t at, struct vma_info *v) must_check;

/*
 * Make the pages of [at, end) present for this access.  0; the error of
 * space_fault() for the first page that fails; -EINTR: a fatal signal is
 * pending.
 */
int fault_in(uaddr_t at, uaddr_t end, unsigned access) must_check;

/*
 * Call fault_in() for each VMA in [at, end), with an access that it allows.
 * `locked`: skip VMAs without VM_LOCKED or with VM_LOCKLATER.  -EFAULT: a hole.
 * No effect if end <= at.
 */
int populate(uaddr_t at, uaddr_t end, bool locked);

/* populate() the new pages of locked VMAs; errors are ignored. */
static inline void
populate_locked(uaddr_t at, uaddr_t end)
{
	(void)populate(at, end, true);
}

#endif
