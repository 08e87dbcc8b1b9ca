/* SPDX-License-Identifier: MIT */
/*
 * mm/fault.h - page faults, of programs and of the kernel.
 *
 * The kernel's own faults are those of its accesses to user memory
 * (mm/access.h).
 */
#ifndef MM_FAULT_H
#define MM_FAULT_H

#include "lib/base.h"

struct space;

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

#endif
