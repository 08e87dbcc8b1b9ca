/* SPDX-License-Identifier: MIT */
/*
 * syscall/futex.c - wait, wake and requeue by a word in user memory, and the list
 * of locks that a thread holds: futex, set_robust_list, get_robust_list.
 *
 * sys_futex() decodes the operation and copies the timeout; the functions of
 * proc/futex.h do the work.  Process context, no lock held; errors as there.
 */
#include "proc/futex.h"

#include "kernel/hart.h"
#include "lib/errno.h"
#include "mm/access.h"
#include "proc/reach.h"
#include "syscall/syscall.h"
#include "syscall/timeval.h"

int64_t
sys_set_robust_list(uaddr_t head, size_t size)
{
	if (size != sizeof(struct robust_list_head))
		return -EINVAL;
	task_current()->robust = head;
	return 0;
}

int64_t
sys_get_robust_list(pid_t tid, uaddr_t to_head, uaddr_t to_size)
{
	uint64_t head = 0, size = sizeof(struct robust_list_head);
	struct task *t;
	int err = 0;

	spin_lock(&proc_lock);
	t = tid == 0 ? task_current() : task_lookup(tid);
	if (t == NULL)
		err = -ESRCH;
	else if (!process_may_reach(t->thread.process, false))
		err = -EPERM;
	else
		head = t->robust;
	spin_unlock(&proc_lock);
	if (err == 0)
		err = copy_to_user(to_size, &size, sizeof(size));
	if (err == 0)
		err = copy_to_user(to_head, &head, sizeof(head));
	return err;
}

#define FUTEX_WAIT	     0u
#define FUTEX_WAKE	     1u
#define FUTEX_REQUEUE	     3u
#define FUTEX_CMP_REQUEUE    4u
#define FUTEX_WAKE_OP	     5u
#define FUTEX_WAIT_BITSET    9u
#define FUTEX_WAKE_BITSET    10u
#define FUTEX_PRIVATE_FLAG   128u
#define FUTEX_CLOCK_REALTIME 256u
#define FUTEX_COMMAND	     (~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME))

/*
 * Read the timeout of a futex wait and store the deadline.  The timeout of
 * FUTEX_WAIT_BITSET is absolute, others are relative.  0, -EFAULT or -EINVAL.
 */
static int
futex_deadline(uint32_t op, uaddr_t timeout, uint64_t *deadline)
{
	struct user_timespec ts;
	uint64_t at;

	if (sleep_resumed(deadline))
		return 0;
	*deadline = WAIT_FOREVER;
	if (timeout == 0)
		return 0;
	if (copy_from_user(&ts, timeout, sizeof(ts)) != 0)
		return -EFAULT;
	if (!timespec_ok(&ts))
		return -EINVAL;
	at = ns_of(ts.sec, ts.nsec);
	if ((op & FUTEX_COMMAND) != FUTEX_WAIT_BITSET)
		at = deadline_in(at);
	else if (op & FUTEX_CLOCK_REALTIME)
		at |= WAIT_REAL;
	*deadline = at;
	return 0;
}

static int64_t
futex_wait_until(uaddr_t at, uint32_t op, uint32_t value, uaddr_t timeout,
		 uint32_t bits)
{
	uint64_t deadline;
	int err;

	if (bits == 0)
		return -EINVAL;
	err = futex_deadline(op, timeout, &deadline);
	if (err == 0)
		err = futex_wait(at, (op & FUTEX_PRIVATE_FLAG) == 0, value,
				 bits, deadline);
	/* A restart keeps the old deadline, also for a relative timeout. */
	return err == -ERESTARTSYS && timeout != 0 ? sleep_interrupted(deadline)
						   : err;
}

static int64_t
futex_move(uaddr_t at, uint32_t op, int32_t wake, int32_t move, uaddr_t at2,
	   uint32_t value)
{
	struct futex_requeue r = {
		.from = at,
		.to = at2,
		.shared = (op & FUTEX_PRIVATE_FLAG) == 0,
		.wake = (unsigned)wake,
		.move = (unsigned)move,
		.compare = (op & FUTEX_COMMAND) == FUTEX_CMP_REQUEUE,
		.value = value,
	};

	if (wake < 0 || move < 0)
		return -EINVAL;
	return futex_requeue(&r);
}

/* A count below 1 wakes one waiter, as on Linux. */
static unsigned
wake_count(int32_t value)
{
	return (unsigned)MAX(value, 1);
}

static int64_t
futex_change(uaddr_t at, uint32_t op, int32_t wake, int32_t wake2, uaddr_t at2,
	     uint32_t change)
{
	struct futex_wake_op r = {
		.at = at,
		.at2 = at2,
		.shared = (op & FUTEX_PRIVATE_FLAG) == 0,
		.wake = wake_count(wake),
		.wake2 = wake_count(wake2),
		.op = change,
	};

	return futex_wake_op(&r);
}

int64_t
sys_futex(uaddr_t at, uint32_t op, uint32_t value, uint64_t timeout,
	  uaddr_t at2, uint32_t value3)
{
	uint32_t command = op & FUTEX_COMMAND, bits = FUTEX_ANY;

	if ((op & FUTEX_CLOCK_REALTIME) && command != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (command) {
	case FUTEX_WAIT_BITSET:
		bits = value3;
		/* fall through */
	case FUTEX_WAIT:
		return futex_wait_until(at, op, value, timeout, bits);
	case FUTEX_REQUEUE:
	case FUTEX_CMP_REQUEUE:
		return futex_move(at, op, (int32_t)value, (int32_t)timeout, at2,
				  value3);
	case FUTEX_WAKE_OP:
		return futex_change(at, op, (int32_t)value, (int32_t)timeout,
				    at2, value3);
	case FUTEX_WAKE_BITSET:
		bits = value3;
		if (bits == 0)
			return -EINVAL;
		/* fall through */
	case FUTEX_WAKE:
		return futex_wake(at, (op & FUTEX_PRIVATE_FLAG) == 0,
				  wake_count((int32_t)value), bits);
	default:
		return -ENOSYS;
	}
}
