/* SPDX-License-Identifier: MIT */
/*
 * syscall/limits.c - limits, usage and properties of a process: prlimit64,
 * getrlimit, setrlimit, getrusage, times, prctl.
 *
 * proc_lock guards the resource limits and the two prctl settings about parents
 * and children (PDEATHSIG, CHILD_SUBREAPER).  The other settings of prctl
 * belong to the current thread or to its space.
 */
#include "kernel/hart.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/space.h"
#include "proc/process.h"
#include "proc/reach.h"
#include "syscall/syscall.h"
#include "syscall/timeval.h"

/* ---- limits ---- */

static int
limit_set(struct process *p, unsigned which, const struct rlimit *new)
{
	struct rlimit *old = &p->limits[which];
	struct task *t;

	requires_lock(&proc_lock);
	if (new->cur > new->max)
		return -EINVAL;
	if (new->max > old->max && thread_current()->cred.euid != 0)
		return -EPERM;
	if (which == RLIMIT_NOFILE && new->max > process_nofile_most)
		return -EPERM;
	*old = *new;
	if (which == RLIMIT_CPU) {
		list_for_each_entry(t, &p->tasks, node)
			process_count_cpu(p, &t->thread);
	}
	return 0;
}

int64_t
sys_prlimit64(pid_t pid, unsigned which, uaddr_t from, uaddr_t to)
{
	struct rlimit new, old;
	struct process *p;
	int err = 0;

	if (which >= RLIMIT_COUNT)
		return -EINVAL;
	if (from != 0 && copy_from_user(&new, from, sizeof(new)) != 0)
		return -EFAULT;
	spin_lock(&proc_lock);
	p = pid == 0 ? process_current() : process_of(pid);
	if (p == NULL) {
		err = -ESRCH;
	} else if (!process_same_user(p)) {
		err = -EPERM;
	} else {
		old = p->limits[which];
		if (from != 0)
			err = limit_set(p, which, &new);
	}
	spin_unlock(&proc_lock);
	if (err != 0 || to == 0)
		return err;
	return copy_to_user(to, &old, sizeof(old));
}

int64_t
sys_getrlimit(unsigned which, uaddr_t to)
{
	return to == 0 ? -EFAULT : sys_prlimit64(0, which, 0, to);
}

int64_t
sys_setrlimit(unsigned which, uaddr_t from)
{
	return from == 0 ? -EFAULT : sys_prlimit64(0, which, from, 0);
}

/* ---- use ---- */

struct user_rusage {
	struct user_timeval utime, stime;
	int64_t rest[14];
};

#define RUSAGE_SELF	0
#define RUSAGE_CHILDREN (-1)
#define RUSAGE_THREAD	1

/* The usage of the children that were waited for. */
static struct usage
children_usage(void)
{
	struct usage u;

	spin_lock(&proc_lock);
	u = process_current()->children_usage;
	spin_unlock(&proc_lock);
	return u;
}

int64_t
sys_getrusage(int who, uaddr_t to)
{
	struct user_rusage r;
	struct usage u = { 0 };

	switch (who) {
	case RUSAGE_SELF:
		process_own_usage(&u);
		break;
	case RUSAGE_THREAD:
		usage_add(&u, task_current());
		break;
	case RUSAGE_CHILDREN:
		u = children_usage();
		break;
	default:
		return -EINVAL;
	}
	memset(&r, 0, sizeof(r));
	r.utime = timeval_of(u.user_ns);
	r.stime = timeval_of(u.sys_ns);
	return copy_to_user(to, &r, sizeof(r));
}

int64_t
sys_times(uaddr_t to)
{
	const uint64_t tick = NSEC_PER_SEC / 100;
	struct usage u, children = children_usage();
	uint64_t t[4];

	process_own_usage(&u);
	t[0] = u.user_ns / tick;
	t[1] = u.sys_ns / tick;
	t[2] = children.user_ns / tick;
	t[3] = children.sys_ns / tick;
	if (to != 0 && copy_to_user(to, t, sizeof(t)) != 0)
		return -EFAULT;
	return (int64_t)(time_now() / tick);
}

/* ---- prctl ---- */

#define PR_SET_PDEATHSIG       1
#define PR_GET_PDEATHSIG       2
#define PR_GET_DUMPABLE	       3
#define PR_SET_DUMPABLE	       4
#define PR_GET_KEEPCAPS	       7
#define PR_SET_KEEPCAPS	       8
#define PR_SET_NAME	       15
#define PR_GET_NAME	       16
#define PR_SET_TIMERSLACK      29
#define PR_GET_TIMERSLACK      30
#define PR_SET_CHILD_SUBREAPER 36
#define PR_GET_CHILD_SUBREAPER 37
#define PR_SET_NO_NEW_PRIVS    38
#define PR_GET_NO_NEW_PRIVS    39

static int
set_name(struct thread *t, uaddr_t from)
{
	char name[16];

	memset(name, 0, sizeof(name));
	if (copy_string_from_user(name, from, sizeof(name)) == -EFAULT)
		return -EFAULT;
	name[sizeof(name) - 1] = '\0';
	memcpy(t->name, name, sizeof(name));
	return 0;
}

static int
put_int(uaddr_t to, int32_t value)
{
	return copy_to_user(to, &value, sizeof(value));
}

/* The options about parents and children. */
static int
prctl_family(int option, uint64_t a)
{
	struct process *p = process_current();

	switch (option) {
	case PR_GET_PDEATHSIG:
		return put_int(a, p->death_signal);
	case PR_GET_CHILD_SUBREAPER:
		return put_int(a, p->subreaper);
	case PR_SET_PDEATHSIG:
		if (a > NSIG)
			return -EINVAL;
		spin_lock(&proc_lock);
		p->death_signal = (int)a;
		break;
	default:
		spin_lock(&proc_lock);
		p->subreaper = a != 0;
		break;
	}
	spin_unlock(&proc_lock);
	return 0;
}

int64_t
sys_prctl(int option, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	struct task *task = task_current();
	struct thread *t = &task->thread;

	switch (option) {
	case PR_SET_PDEATHSIG:
	case PR_GET_PDEATHSIG:
	case PR_SET_CHILD_SUBREAPER:
	case PR_GET_CHILD_SUBREAPER:
		return prctl_family(option, a);
	case PR_SET_NAME:
		return set_name(t, a);
	case PR_GET_NAME:
		return copy_to_user(a, t->name, sizeof(t->name));
	case PR_GET_DUMPABLE:
		return t->space->dumpable;
	case PR_SET_DUMPABLE:
		if (a > 1)
			return -EINVAL;
		t->space->dumpable = a != 0;
		return 0;
	case PR_GET_KEEPCAPS:
		return t->cred.keep_caps;
	case PR_SET_KEEPCAPS:
		if (a > 1)
			return -EINVAL;
		t->cred.keep_caps = a != 0;
		return 0;
	case PR_SET_TIMERSLACK:
		task->slack = (int64_t)a <= 0 ? task->first_slack : a;
		return 0;
	case PR_GET_TIMERSLACK:
		return (int64_t)task->slack;
	case PR_SET_NO_NEW_PRIVS:
		if (a != 1 || (b | c | d) != 0)
			return -EINVAL;
		t->cred.no_new_privs = true;
		return 0;
	case PR_GET_NO_NEW_PRIVS:
		return (a | b | c | d) != 0 ? -EINVAL : t->cred.no_new_privs;
	default:
		return -EINVAL;
	}
}
