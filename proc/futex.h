/*
 * proc/futex.h - waiting on a word of user memory.
 *
 * A futex is known by (address space, address); with `shared`, if the address
 * lies in a shared mapping, by what is mapped there, so that it works between
 * processes.  See futex(2); Franke, Russell, Kirkwood: "Fuss, Futexes and
 * Furwocks", OLS 2002.  Process context, may sleep.
 */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include "lib/base.h"

#define FUTEX_ANY UINT32_MAX /* bit set that matches all */

/* Boot, before the first process. */
void futex_init(void);

/*
 * Sleep if the word still holds `value`, until a wake whose bits meet `bits`
 * or the deadline (see waiter_sleep()).  0; -EAGAIN (another value);
 * -ETIMEDOUT; -ERESTARTSYS; -EFAULT, -EINVAL (address).
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
 * Wake some of the waiters at one futex and let others wait at another.
 * Returns how many of both; -EAGAIN (another value); -EFAULT, -EINVAL.
 */
int futex_requeue(const struct futex_requeue *r) must_check nonnull;

struct futex_wake_op {
	uaddr_t at, at2;
	bool shared;
	unsigned wake, wake2; /* at most so many */
	uint32_t op;	      /* as futex(2) has it */
};

/*
 * Change the word at at2 as `op` says, wake waiters at `at`, and at at2 as well
 * if the old word there meets the comparison in `op`.  Returns how many;
 * -ENOSYS (no such operation, or none such comparison, which is found after
 * the change); -EFAULT, -EINVAL.
 */
int futex_wake_op(const struct futex_wake_op *r) must_check nonnull;

struct robust_list_head { /* as in user memory */
	uint64_t first;	  /* struct whose first word is the next's address */
	int64_t offset;	  /* from a struct to its lock's word */
	uint64_t pending; /* one that is being taken or given up, or 0 */
};

/*
 * The owner `tid` of the locks in the robust list at `head` ends: mark each of
 * them in its word, and wake one who waits.  Stops at the first bad address.
 */
void futex_robust_exit(uaddr_t head, pid_t tid);

#endif
