/*
 * proc/futex.h - waiting on a word of user memory.
 *
 * A futex is known by (address space, address), so it works between threads
 * and processes that share a space.
 */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include "lib/base.h"

#define FUTEX_ANY UINT32_MAX /* bit set that matches all */

/*
 * Sleep if the word still holds `value`, until a wake whose bits meet `bits`
 * or the deadline.  0; -EAGAIN (another value); -ETIMEDOUT; -ERESTARTSYS;
 * -EFAULT, -EINVAL (address).
 */
int futex_wait(uaddr_t at, uint32_t value, uint32_t bits,
	       uint64_t deadline) must_check;

/* Wake at most n waiters; returns how many. */
int futex_wake(uaddr_t at, unsigned n, uint32_t bits);

#endif
