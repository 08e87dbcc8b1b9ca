/* SPDX-License-Identifier: MIT */
/*
 * syscall/process.c - create, end and wait for processes, and return their ids:
 * clone, exit, exit_group, wait4, waitid; set_tid_address; getpid, gettid,
 * getppid, getpgid, getsid.
 *
 * The calls check and copy arguments; the functions of proc/ do the work.
 */
#include "arch/context.h"
#include "fs/fd.h"
#include "kernel/hart.h"
#include "lib/string.h"
#include "mm/access.h"
#include "proc/exit.h"
#include "proc/fork.h"
#include "proc/group.h"
#include "proc/process.h"
#include "proc/wait.h"
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
	p = pid == 0 ? process_current() : process_of(pid);
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
