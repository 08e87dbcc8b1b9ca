/* SPDX-License-Identifier: MIT */
/*
 * mm/limit.h - the limits of the current process on its mappings.
 *
 * Process context.  The checks are for use inside mm/; their callers hold
 * s->lock.
 */
#ifndef MM_LIMIT_H
#define MM_LIMIT_H

#include "lib/base.h"

struct space;

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
 * May the current process map `bytes` more in s, with these VM_* flags?
 * Returns 0; -ENOMEM beyond LIMIT_AS or LIMIT_DATA; -EAGAIN beyond
 * LIMIT_MEMLOCK.
 */
int limit_check(struct space *s, unsigned flags, uint64_t bytes) must_check
	needs_lock(s->lock);
/* May the VMAs of [start, end) become `prot`?  0; -ENOMEM beyond LIMIT_DATA. */
int limit_check_protect(struct space *s, uaddr_t start, uaddr_t end,
			unsigned prot) must_check;
/* May [start, end) be locked?  Returns 0; -ENOMEM beyond LIMIT_MEMLOCK. */
int limit_check_lock(struct space *s, uaddr_t start, uaddr_t end) must_check;

/*
 * Charge for a new mapping of `bytes` in s that adds `pages` to the commit
 * charge.  Returns 0, an error of limit_check(), or -ENOMEM beyond the commit
 * limit.
 */
int space_charge(struct space *s, unsigned flags, uint64_t bytes,
		 uint64_t pages) must_check needs_write_lock(s->lock);

/*
 * mlockall: set VM_LOCKS of all later mappings to `future`; with `present`,
 * also those of all existing VMAs to `flags`.  0 or -ENOMEM (LIMIT_MEMLOCK).
 */
int space_lock_all(struct space *s, bool present, unsigned flags,
		   unsigned future) must_check;

#endif
