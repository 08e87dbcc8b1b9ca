/* SPDX-License-Identifier: MIT */
/*
 * syscall/process.c - create, end and wait for processes, and return their ids:
 * clone, exit, exit_group, wait4, waitid; set_tid_address, set_robust_list,
 * get_robust_list, futex; getpid, gettid, getppid, getpgid, getsid.
 *
 * The calls check and copy arguments; the functions of proc/process.h and
 * proc/futex.h do the work.
 */
#include "arch/context.h"
#include "fs/fd.h"
#include "kernel/hart.h"
#include "lib/string.h"
#include "mm/space.h"
#include "proc/futex.h"
#include "proc/process.h"
#include "syscall/syscall.h"
#include "syscall/timeval.h"

/* ---- life ---- */

int64_t
sys_clone(uint64_t flags, uaddr_t stack, uaddr_t parent_tid, uint64_t tls,
	  uaddr_t child_tid)
{
	struct clone_args args = { .flags = flags,
				   .stack = stack,
				   .parent_tid = parent_tid,
				   .tls = tls,
				   .child_tid = child_tid };

	return process_clone(&args);
}

int64_t
sys_exit(int status)
{
	task_exit(STATUS_EXITED(status));
}

int64_t
sys_exit_group(int status)
{
	process_exit(STATUS_EXITED(status));
}

struct user_rusage {
	struct user_timeval utime, stime;
	int64_t rest[14];
};

static int
put_rusage(uaddr_t to, const struct usage *u)
{
	struct user_rusage r;

	if (to == 0)
		return 0;
	memset(&r, 0, sizeof(r));
	r.utime = timeval_of(u->user_ns);
	r.stime = timeval_of(u->sys_ns);
	return copy_to_user(to, &r, sizeof(r));
}

int64_t
sys_wait4(pid_t pid, uaddr_t status, unsigned options, uaddr_t rusage)
{
	const uint64_t known =
		WNOHANG | WUNTRACED | WCONTINUED | WNOTHREAD | WALL | WCLONE;
	struct wait_result r;
	int err;

	if (options & ~known)
		return -EINVAL;
	if (pid == INT32_MIN)
		return -ESRCH;
	err = process_wait(pid, options | WEXITED, &r);
	if (err != 0 || r.pid == 0)
		return err;
	if (status != 0 &&
	    copy_to_user(status, &r.status, sizeof(r.status)) != 0)
		return -EFAULT;
	if (put_rusage(rusage, &r.usage) != 0)
		return -EFAULT;
	return r.pid;
}

#define P_ALL  0
#define P_PID  1
#define P_PGID 2

/* Convert type and id to arguments of process_wait().  0 or -EINVAL. */
static int
wait_target(int type, pid_t id, pid_t *pid, uint64_t *options)
{
	switch (type) {
	case P_ALL:
		*pid = -1;
		return 0;
	case P_PID:
		*pid = id;
		return id > 0 ? 0 : -EINVAL;
	case P_PGID:
		*pid = -MAX(id, 0);
		*options |= WAIT_GROUP;
		return id >= 0 ? 0 : -EINVAL;
	default:
		return -EINVAL;
	}
}

int64_t
sys_waitid(int type, pid_t id, uaddr_t info, unsigned options, uaddr_t rusage)
{
	const uint64_t kinds = WEXITED | WUNTRACED | WCONTINUED;
	const uint64_t known =
		kinds | WNOHANG | WNOWAIT | WNOTHREAD | WALL | WCLONE;
	struct wait_result r;
	struct siginfo si;
	uint64_t how = options;
	pid_t pid;
	int err;

	if ((options & ~known) || (options & kinds) == 0)
		return -EINVAL;
	err = wait_target(type, id, &pid, &how);
	if (err == 0)
		err = process_wait(pid, how, &r);
	if (err != 0)
		return err;
	memset(&si, 0, sizeof(si));
	if (r.pid != 0) {
		si.signo = SIGCHLD;
		si.code = r.code;
		si.child.pid = r.pid;
		si.child.uid = r.uid;
		si.child.status = r.code == CLD_EXITED	  ? r.status >> 8 & 0xff
				  : r.code == CLD_KILLED  ? r.status & 0x7f
				  : r.code == CLD_STOPPED ? r.status >> 8 & 0xff
							  : SIGCONT;
	}
	if (put_rusage(rusage, &r.usage) != 0)
		return -EFAULT;
	return info == 0 ? 0 : copy_to_user(info, &si, sizeof(si));
}

/* ---- tasks ---- */

int64_t
sys_set_tid_address(uaddr_t at)
{
	struct task *t = task_current();

	t->clear_tid = at;
	return t->thread.tid;
}

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

/* ---- ids ---- */

int64_t
sys_getpid(void)
{
	return process_pid(process_current());
}

int64_t
sys_gettid(void)
{
	return thread_current()->tid;
}

int64_t
sys_getppid(void)
{
	return atomic_load_explicit(&process_current()->ppid,
				    memory_order_relaxed);
}

static int64_t
group_or_session(pid_t pid, bool session)
{
	struct process *p;
	int64_t id = -ESRCH;

	spin_lock(&proc_lock);
	p = pid == 0 ? process_current() : process_lookup(pid);
	if (p != NULL)
		id = session ? process_sid(p) : process_pgid(p);
	spin_unlock(&proc_lock);
	return id;
}

int64_t
sys_getpgid(pid_t pid)
{
	return group_or_session(pid, false);
}

int64_t
sys_getsid(pid_t pid)
{
	return group_or_session(pid, true);
}
