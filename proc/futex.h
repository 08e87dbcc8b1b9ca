/* SPDX-License-Identifier: MIT */
/*
 * proc/futex.h - waiting on a word of user memory: futex(2).
 *
 * The key of a futex is (address space, address).  With `shared`, and an
 * address in a shared mapping, the key is (mapped object, offset), so that the
 * futex works between processes.  See Franke, Russell, Kirkwood: "Fuss, Futexes
 * and Furwocks", OLS 2002.  Process context, may sleep.
 */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include "lib/base.h"

#define FUTEX_ANY UINT32_MAX /* bit set that matches all */

/* Boot, before the first process. */
void futex_init(void);

/*
 * Sleep if the word equals `value`, until the deadline (see waiter_sleep()) or
 * a wake-up that has a bit in common with `bits`.  0; -EAGAIN (the word
 * differs); -ETIMEDOUT; -ERESTARTSYS; -EFAULT, -EINVAL (address).
 */
int futex_wait(uaddr_t at, bool shared, uint32_t value, uint32_t bits,
	       uint64_t deadline) must_check;

/* Wake at most n waiters; returns how many, or -EFAULT, -EINVAL (address). */
int futex_wake(uaddr_t at, bool shared, unsigned n, uint32_t bits);

struct futex_requeue {
	uaddr_t from, to;
	bool shared;
	unsigned wake, move; /* at most so many */
	bool compare;	     /* only if the word at `from` holds `value` */
	uint32_t value;
};

/*
 * Wake some of the waiters of one futex and move others to another futex.
 * Returns the number woken and moved; -EAGAIN (the word at `from` differs);
 * -EFAULT, -EINVAL.
 */
int futex_requeue(const struct futex_requeue *r) must_check nonnull;

struct futex_wake_op {
	uaddr_t at, at2;
	bool shared;
	unsigned wake, wake2; /* at most so many */
	uint32_t op;	      /* encoded as in futex(2) */
};

/*
 * Apply the operation in `op` to the word at at2, wake waiters at `at`, and at
 * at2 as well if the old word there meets the comparison in `op`.  Returns the
 * number woken; -ENOSYS (unknown operation; an unknown comparison is detected
 * only after the change); -EFAULT, -EINVAL.
 */
int futex_wake_op(const struct futex_wake_op *r) must_check nonnull;

struct robust_list_head { /* as in user memory */
	uint64_t first;	  /* an entry: its first word points to the next */
	int64_t offset;	  /* from an entry to its lock's word */
	uint64_t pending; /* the lock being acquired or released, or 0 */
};

/*
 * Exit of task `tid`, which owns the locks in the robust list at `head`: mark
 * the word of each lock, and wake one of its waiters.  Stops at the first bad
 * address.
 */
void futex_robust_exit(uaddr_t head, pid_t tid);

#endif
