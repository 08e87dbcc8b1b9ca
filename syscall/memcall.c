/* SPDX-License-Identifier: MIT */
/*
 * syscall/memcall.c - make pages present before the program accesses them.
 *
 * Used by mmap, brk, mremap, mlock and madvise; contexts and errors are in
 * syscall/memcall.h.
 */
#include "syscall/memcall.h"

#include "kernel/hart.h"
#include "lib/errno.h"
#include "mm/fault.h"
#include "mm/inspect.h"
#include "mm/object.h"

/*
 * The access that populates a VMA: a write if the VMA is private and writable,
 * so that its pages are un-shared.
 */
static unsigned
populate_access(unsigned flags)
{
	if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		return VM_WRITE;
	return flags & VM_READ ? VM_READ : VM_EXEC;
}

bool
next_vma(uaddr_t at, struct vma_info *v)
{
	bool found = space_next_vma(current_space(), at, v);

	if (found && v->obj != NULL)
		memobj_put(v->obj);
	return found;
}

int
fault_in(uaddr_t at, uaddr_t end, unsigned access)
{
	int err = 0;

	for (; at < end && err == 0; at += PAGE_SIZE) {
		err = space_fault(current_space(), at, access);
		if (thread_interrupted(WAIT_KILLABLE))
			err = -EINTR;
	}
	return err;
}

int
populate(uaddr_t at, uaddr_t end, bool locked)
{
	struct vma_info v;
	int err = 0;

	for (; at < end && err == 0; at = v.end) {
		if (!next_vma(at, &v) || v.start > at)
			return -EFAULT;
		if (locked && (v.flags & VM_LOCKS) != VM_LOCKED)
			continue;
		err = fault_in(at, MIN(end, v.end), populate_access(v.flags));
	}
	return err;
}
