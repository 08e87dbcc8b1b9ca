/* SPDX-License-Identifier: MIT */
/*
 * mm/map.h - mmap, munmap, mprotect and brk: the system calls' work on a space.
 *
 * Process context; each function takes s->lock for writing and may sleep.  An
 * error leaves the old mappings as they were, unless the function says
 * otherwise.
 */
#ifndef MM_MAP_H
#define MM_MAP_H

#include "lib/base.h"

struct memobj;
struct space;

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

#endif
