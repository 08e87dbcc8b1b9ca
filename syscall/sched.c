/* SPDX-License-Identifier: MIT */
/*
 * syscall/sched.c - scheduling of threads: sched_yield, sched_getaffinity,
 * sched_setaffinity, getcpu, setpriority, getpriority, sched_setscheduler,
 * sched_setparam, sched_getscheduler, sched_getparam, sched_get_priority_max,
 * sched_get_priority_min, sched_rr_get_interval, sched_setattr, sched_getattr.
 *
 * There is one policy, SCHED_OTHER, which is round-robin.  A nice value is
 * checked, stored and reported, but has no effect.  The scheduler honours the
 * affinity mask of a thread.  The calls look up and change a thread under
 * proc_lock.
 */
#include "kernel/hart.h"
#include "kernel/sched.h"
#include "kernel/timer.h"
#include "lib/string.h"
#include "mm/access.h"
#include "proc/group.h"
#include "proc/process.h"
#include "syscall/syscall.h"
#include "syscall/timeval.h"

int64_t
sys_sched_yield(void)
{
	sched_switch();
	return 0;
}

/* ---- lookup and permission ---- */

/* Look up thread tid; 0 means the current thread.  NULL: no such thread. */
static struct task *
find(pid_t tid)
{
	requires_lock(&proc_lock);
	return tid == 0 ? task_current() : task_lookup(tid);
}

/* Does t belong to the caller's user, or is the caller root? */
static bool
is_ours(const struct task *t)
{
	const struct cred *me = &thread_current()->cred;
	const struct cred *it = &t->thread.cred;

	return me->euid == 0 || me->euid == it->uid || me->euid == it->euid;
}

static bool
can_be_root(const struct cred *c)
{
	return c->uid == 0 || c->euid == 0 || c->suid == 0;
}

/*
 * May the caller change t?  t must belong to the caller's user.  If t can
 * become root, the caller must be able to become root, too.
 */
static bool
may_change(const struct task *t)
{
	return is_ours(t) && (!can_be_root(&t->thread.cred) ||
			      can_be_root(&thread_current()->cred));
}

/* ---- harts ---- */

int64_t
sys_sched_getaffinity(pid_t tid, unsigned size, uaddr_t to)
{
	uint64_t mask = 0;
	struct task *t;

	if (size < sizeof(mask) || size % sizeof(mask) != 0)
		return -EINVAL;
	spin_lock(&proc_lock);
	t = find(tid);
	if (t != NULL)
		mask = t->thread.allowed & harts_online();
	spin_unlock(&proc_lock);
	if (t == NULL)
		return -ESRCH;
	if (copy_to_user(to, &mask, sizeof(mask)) != 0)
		return -EFAULT;
	return sizeof(mask);
}

int64_t
sys_sched_setaffinity(pid_t tid, unsigned size, uaddr_t from)
{
	uint64_t mask = 0;
	struct task *t;
	int err = 0;

	if (copy_from_user(&mask, from, MIN(size, sizeof(mask))) != 0)
		return -EFAULT;
	mask &= harts_online();
	spin_lock(&proc_lock);
	t = find(tid);
	if (t == NULL)
		err = -ESRCH;
	else if (!may_change(t))
		err = -EPERM;
	else if (mask == 0)
		err = -EINVAL;
	else
		sched_set_harts(&t->thread, (hart_mask_t)mask);
	spin_unlock(&proc_lock);
	sched_give_way();
	return err;
}

int64_t
sys_getcpu(uaddr_t cpu, uaddr_t node)
{
	uint32_t here = thread_current()->hart->index, zero = 0;

	if (cpu != 0 && copy_to_user(cpu, &here, sizeof(here)) != 0)
		return -EFAULT;
	if (node != 0 && copy_to_user(node, &zero, sizeof(zero)) != 0)
		return -EFAULT;
	return 0;
}

/* ---- nice ---- */

#define NICE_LEAST (-20)
#define NICE_MOST  19

/*
 * Set the nice value of t.  Only root may lower the value, that is, raise the
 * priority; like Linux, check this before may_change().  0; -EPERM: t belongs
 * to another user; `refused`: a lower value without root.
 */
static int
nice_set(struct task *t, int32_t value, int refused)
{
	if (is_ours(t) && value < t->nice && thread_current()->cred.euid != 0)
		return refused;
	if (!may_change(t))
		return -EPERM;
	t->nice = value;
	return 0;
}

#define PRIO_PROCESS 0
#define PRIO_PGRP    1
#define PRIO_USER    2

/*
 * Do the first two arguments of setpriority(2) select t?  The id 0 stands for
 * the caller's own thread, group or user.
 */
static bool
prio_means(const struct task *t, int which, int who)
{
	const struct thread *me = thread_current();

	requires_lock(&proc_lock);
	switch (which) {
	case PRIO_PROCESS:
		return t->thread.tid == (who == 0 ? me->tid : who);
	case PRIO_PGRP:
		return process_pgid(t->thread.process) ==
		       (who == 0 ? process_pgid(me->process) : who);
	default:
		return t->thread.cred.uid ==
		       (who == 0 ? me->cred.uid : (uint32_t)who);
	}
}

int64_t
sys_setpriority(int which, int who, int nice)
{
	int32_t value = CLAMP(nice, NICE_LEAST, NICE_MOST);
	struct process *p;
	struct task *t;
	int err = -ESRCH, e;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	spin_lock(&proc_lock);
	list_for_each_entry(p, &process_list, all_node) {
		list_for_each_entry(t, &p->tasks, node) {
			if (!prio_means(t, which, who))
				continue;
			e = nice_set(t, value, -EACCES);
			/* Return an error even if other threads were changed. */
			if (e != 0 || err == -ESRCH)
				err = e;
		}
	}
	spin_unlock(&proc_lock);
	return err;
}

int64_t
sys_getpriority(int which, int who)
{
	struct process *p;
	struct task *t;
	int64_t value = -ESRCH;

	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	spin_lock(&proc_lock);
	list_for_each_entry(p, &process_list, all_node) {
		list_for_each_entry(t, &p->tasks, node) {
			if (prio_means(t, which, who))
				value = MAX(value, 20 - t->nice);
		}
	}
	spin_unlock(&proc_lock);
	return value;
}

/* ---- policies ---- */

#define SCHED_OTHER    0
#define SCHED_FIFO     1
#define SCHED_RR       2
#define SCHED_BATCH    3
#define SCHED_IDLE     5
#define SCHED_DEADLINE 6
#define REALTIME_MOST  99 /* priorities 1 to this */

static bool
is_realtime(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

static bool
is_policy(int policy)
{
	return policy >= SCHED_OTHER && policy <= SCHED_DEADLINE && policy != 4;
}

/*
 * Is the priority valid for the policy?  0 or -EINVAL.  SCHED_DEADLINE passes
 * this check but needs times, so a caller without them must refuse it.
 */
static int
check_policy(int policy, int64_t priority)
{
	if (!is_policy(policy) || priority < 0 || priority > REALTIME_MOST ||
	    is_realtime(policy) != (priority != 0))
		return -EINVAL;
	return 0;
}

/*
 * Set the policy of thread tid and, unless `nice` is NULL, its nice value.  0;
 * -ESRCH; -EPERM: another user's thread, a policy other than SCHED_OTHER, or a
 * lower nice value without root.
 */
static int
set_policy(pid_t tid, int policy, const int32_t *nice)
{
	struct task *t;
	int err = 0;

	spin_lock(&proc_lock);
	t = find(tid);
	if (t == NULL)
		err = -ESRCH;
	else if (!may_change(t) || policy != SCHED_OTHER)
		err = -EPERM;
	else if (nice != NULL)
		err = nice_set(t, *nice, -EPERM);
	spin_unlock(&proc_lock);
	return err;
}

/* Does thread tid exist?  0; -EINVAL: tid is negative; -ESRCH. */
static int
check_thread(pid_t tid)
{
	struct task *t;

	if (tid < 0)
		return -EINVAL;
	spin_lock(&proc_lock);
	t = find(tid);
	spin_unlock(&proc_lock);
	return t == NULL ? -ESRCH : 0;
}

int64_t
sys_sched_setscheduler(pid_t tid, int policy, uaddr_t from)
{
	int32_t priority;
	int err;

	if (tid < 0 || from == 0)
		return -EINVAL;
	if (copy_from_user(&priority, from, sizeof(priority)) != 0)
		return -EFAULT;
	err = check_thread(tid);
	if (err == 0 && policy == SCHED_DEADLINE)
		err = -EINVAL;
	if (err == 0)
		err = check_policy(policy, priority);
	return err != 0 ? err : set_policy(tid, policy, NULL);
}

int64_t
sys_sched_setparam(pid_t tid, uaddr_t from)
{
	return sys_sched_setscheduler(tid, SCHED_OTHER, from);
}

int64_t
sys_sched_getscheduler(pid_t tid)
{
	int err = check_thread(tid);

	return err != 0 ? err : SCHED_OTHER;
}

int64_t
sys_sched_getparam(pid_t tid, uaddr_t to)
{
	int err = to == 0 ? -EINVAL : check_thread(tid);
	int32_t priority = 0;

	return err != 0 ? err : copy_to_user(to, &priority, sizeof(priority));
}

int64_t
sys_sched_get_priority_max(int policy)
{
	if (!is_policy(policy))
		return -EINVAL;
	return is_realtime(policy) ? REALTIME_MOST : 0;
}

int64_t
sys_sched_get_priority_min(int policy)
{
	if (!is_policy(policy))
		return -EINVAL;
	return is_realtime(policy) ? 1 : 0;
}

int64_t
sys_sched_rr_get_interval(pid_t tid, uaddr_t to)
{
	struct user_timespec slice = timespec_of(TICK_NS);
	int err = check_thread(tid);

	return err != 0 ? err : copy_to_user(to, &slice, sizeof(slice));
}

/* ---- sched_setattr ---- */

struct user_sched_attr {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

#define ATTR_SIZE_FIRST	 48u  /* of the first version, without util_* */
#define ATTR_KEEP_POLICY 0x8u /* flags */
#define ATTR_KEEP_PARAMS 0x10u

/* Are all bytes in [at, at + n) of user memory 0?  1, 0 or -EFAULT. */
static int
is_zero(uaddr_t at, uint64_t n)
{
	uint8_t byte = 0;

	while (n > 0 && byte == 0) {
		if (copy_from_user(&byte, at, 1) != 0)
			return -EFAULT;
		at++;
		n--;
	}
	return byte == 0;
}

/*
 * Copy the structure from user memory.  Fields beyond Tine's structure must be
 * zero.  If they are not, or if the size is too small or too large, store the
 * size of Tine's structure and return -E2BIG.
 */
static int
read_attr(uaddr_t from, struct user_sched_attr *a)
{
	const uint32_t mine = sizeof(*a);
	uint32_t size;
	int err = 1;

	memset(a, 0, sizeof(*a));
	if (copy_from_user(&size, from, sizeof(size)) != 0)
		return -EFAULT;
	if (size == 0)
		size = ATTR_SIZE_FIRST;
	if (size < ATTR_SIZE_FIRST || size > PAGE_SIZE)
		err = 0;
	else if (size > mine)
		err = is_zero(from + mine, size - mine);
	if (err < 0)
		return err;
	if (err == 0)
		return copy_to_user(from, &mine, sizeof(mine)) != 0 ? -EFAULT
								    : -E2BIG;
	return copy_from_user(a, from, MIN(size, mine));
}

int64_t
sys_sched_setattr(pid_t tid, uaddr_t from, unsigned flags)
{
	struct user_sched_attr a;
	int err;

	if (from == 0 || tid < 0 || flags != 0)
		return -EINVAL;
	err = read_attr(from, &a);
	if (err != 0)
		return err;
	if ((int)a.policy < 0)
		return -EINVAL;
	if (a.flags & ATTR_KEEP_POLICY)
		a.policy = SCHED_OTHER;
	err = check_thread(tid);
	if (err != 0)
		return err;
	if (a.flags & ~(uint64_t)(ATTR_KEEP_POLICY | ATTR_KEEP_PARAMS))
		return -EINVAL;
	err = check_policy((int)a.policy, a.priority);
	if (err != 0)
		return err;
	a.nice = CLAMP(a.nice, NICE_LEAST, NICE_MOST);
	return set_policy(tid, (int)a.policy,
			  a.flags & ATTR_KEEP_PARAMS ? NULL : &a.nice);
}

int64_t
sys_sched_getattr(pid_t tid, uaddr_t to, unsigned size, unsigned flags)
{
	struct user_sched_attr a;
	struct task *t;

	memset(&a, 0, sizeof(a));
	if (to == 0 || tid < 0 || size > PAGE_SIZE || size < ATTR_SIZE_FIRST ||
	    flags != 0)
		return -EINVAL;
	spin_lock(&proc_lock);
	t = find(tid);
	if (t != NULL)
		a.nice = t->nice;
	spin_unlock(&proc_lock);
	if (t == NULL)
		return -ESRCH;
	a.size = MIN(size, (uint32_t)sizeof(a));
	return copy_to_user(to, &a, a.size);
}
