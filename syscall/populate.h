/*
 * syscall/populate.h - having pages present before the program touches them.
 * All of the current thread's space; process context, no lock held.
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

/* space_next_vma() of that space, without a reference to the object. */
static inline bool
next_vma(uaddr_t at, struct vma_info *v)
{
	bool found = space_next_vma(current_space(), at, v);

	if (found && v->obj != NULL)
		memobj_put(v->obj);
	return found;
}

/*
 * Have the pages of [at, end) present for this access.  Ends at the first that
 * cannot be had, with what space_fault() says, or -EINTR when the thread is to
 * die.
 */
int fault_in(uaddr_t at, uaddr_t end, unsigned access) must_check;

/*
 * The same for the access that each VMA allows; of locked VMAs only, if locked.
 * -EFAULT at a hole.
 */
int populate(uaddr_t at, uaddr_t end, bool locked);

/* The same for new pages of locked VMAs.  What cannot be had comes later. */
void populate_locked(uaddr_t at, uaddr_t end);

/* May the current thread lock memory at all? */
bool may_lock(void);

#endif
