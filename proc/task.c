/* SPDX-License-Identifier: MIT */
/*
 * proc/task.c - creating and freeing tasks, the threads of processes and of the
 * kernel.
 *
 * Every thread that can exit is the first member of a struct task.  A thread
 * cannot free its own kernel stack: the reaper of the process frees it or, for
 * a detached task, the thread that runs next on the hart.  Without memory the
 * functions return NULL, -ENOMEM or -EAGAIN with nothing changed.
 */
#include "proc/task.h"

#include "arch/kstack.h"
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "mm/user.h"
#include "proc/cred.h"
#include "proc/process.h"

#define TIMER_SLACK 50000 /* ns, as on Linux; only reported, see prctl(2) */

struct task *
task_alloc(const char *name)
{
	struct task *t = kzalloc(sizeof(*t));

	if (t == NULL)
		return NULL;
	t->thread.stack = kstack_alloc();
	if (t->thread.stack == 0) {
		kfree(t);
		return NULL;
	}
	t->thread.state = THREAD_SLEEPING;
	t->thread.stamp = time_now();
	t->thread.allowed = ~(hart_mask_t)0;
	list_init(&t->thread.run_node);
	list_init(&t->thread.all_node);
	list_init(&t->node);
	list_init(&t->id.node);
	sigpending_init(&t->pending);
	waitq_init(&t->sig_waitq);
	signal_drop_altstack(t);
	t->slack = t->first_slack = TIMER_SLACK;
	(void)str_copy(t->thread.name, name, sizeof(t->thread.name));
	return t;
}

int
task_count_user(struct task *t)
{
	struct thread *me = thread_current();
	uint64_t most = me->process->limits[RLIMIT_NPROC].cur;

	requires_lock(&proc_lock);
	if (me->cred.uid == 0)
		most = UINT64_MAX;
	if (!user_charge(me->user, USER_TASKS, 1, most))
		return -EAGAIN;
	t->thread.user = user_get(me->user);
	return 0;
}

int
task_change_user(uint32_t uid)
{
	struct thread *me = thread_current();
	struct user *old = me->user, *now;
	bool counted;

	if (user_uid(old) == uid)
		return 0;
	now = user_find(uid);
	if (now == NULL)
		return -EAGAIN;
	/*
	 * This charge has no limit: execve() checks the limit
	 * (cred_check_nproc()).
	 */
	counted = user_charge(now, USER_TASKS, 1, UINT64_MAX);
	assert(counted);
	(void)counted;
	spin_lock(&proc_lock);
	me->user = now;
	spin_unlock(&proc_lock);
	user_uncharge(old, USER_TASKS, 1);
	user_put(old);
	return 0;
}

void
task_free(struct task *t)
{
	assert(waitq_unused(&t->sig_waitq));
	assert(!list_linked(&t->node) && !list_linked(&t->thread.run_node));
	if (t->thread.user != NULL)
		user_uncharge(t->thread.user, USER_TASKS, 1);
	user_put(t->thread.user);
	kstack_free(t->thread.stack);
	cred_drop(&t->thread.cred);
	if (t->thread.process != NULL)
		process_put(t->thread.process);
	kfree(t);
}

void
task_gone(struct thread *t)
{
	task_free(task_of(t));
}

void
task_reap(struct task *t)
{
	while (!sched_gone(&t->thread))
		cpu_relax();
	task_free(t);
}

static void
kernel_thread_main(void *arg)
{
	struct task *t = arg;

	sched_begin();
	t->entry(t->arg);
	sched_die();
}

int
thread_spawn_kernel(const char *name, void (*fn)(void *arg), void *arg)
{
	struct task *t = task_alloc(name);

	if (t == NULL)
		return -ENOMEM;
	t->thread.gone = task_gone;
	t->entry = fn;
	t->arg = arg;
	context_init(&t->thread.context, t->thread.stack + KSTACK_SIZE,
		     kernel_thread_main, t);
	sched_start(&t->thread);
	return 0;
}
