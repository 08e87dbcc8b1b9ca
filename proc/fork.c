/* SPDX-License-Identifier: MIT */
/*
 * proc/fork.c - clone(2): create a copy of the current process, or one more
 * thread.
 *
 * process_clone() is the entry: process context, no lock held; an error leaves
 * nothing changed.  child_build() first allocates everything that the child
 * needs; space_fork() alone decides how user memory is copied.  child_publish()
 * then gives the child an id and makes it visible under proc_lock; after that
 * nothing can fail.  thread_clone() creates a thread in the same two steps.
 */
#include "proc/fork.h"

#include "arch/trap.h"
#include "fs/fd.h"
#include "fs/file.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "proc/cred.h"
#include "proc/group.h"
#include "proc/process.h"
#include "proc/task.h"

#define CLONE_HONOURED                                                       \
	(CSIGNAL | CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_VFORK |         \
	 CLONE_PARENT | CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID | \
	 CLONE_CHILD_CLEARTID | CLONE_DETACHED | CLONE_CHILD_SETTID)
#define CLONE_THREAD_HONOURED                                               \
	((CLONE_HONOURED & ~(CLONE_VFORK | CLONE_PARENT)) | CLONE_SIGHAND | \
	 CLONE_THREAD)

/* Free a child that was never visible, or those of its parts that exist. */
static void
child_destroy(struct process *p, struct task *t)
{
	if (t != NULL)
		task_free(t);
	if (p == NULL)
		return;
	if (p->space != NULL)
		space_put(p->space);
	if (p->files != NULL)
		fdtable_put(p->files);
	if (p->fs != NULL)
		fs_context_put(p->fs);
	if (p->exe != NULL)
		file_put(p->exe);
	p->space = NULL;
	p->files = NULL;
	process_put(p);
}

static int
child_copy_files(struct process *p, uint64_t flags)
{
	struct process *me = process_current();

	p->files = flags & CLONE_FILES ? fdtable_get(me->files)
				       : fdtable_clone(me->files);
	if (p->files == NULL)
		return -ENOMEM;
	p->fs = flags & CLONE_FS ? fs_context_get(me->fs)
				 : fs_context_clone(me->fs);
	if (p->fs == NULL)
		return -ENOMEM;
	if (me->exe != NULL)
		p->exe = file_get(me->exe);
	return 0;
}

/* Copy the parent's registers to the child, where the call returns 0. */
static void
child_copy_registers(struct task *t, const struct clone_args *args)
{
	struct task *me = task_current();
	struct trapframe *tf = thread_trapframe(&t->thread);

	*tf = *thread_trapframe(&me->thread);
	tf->a[0] = 0;
	if (args->stack != 0)
		tf->sp = args->stack;
	if (args->flags & CLONE_SETTLS)
		tf->tp = args->tls;
	fp_save(&me->thread);
	t->thread.fp = me->thread.fp;
}

/*
 * Store an id in user memory.  Ignores a bad address, as on Linux: the task
 * already exists.
 */
static void
store_tid(uaddr_t at, pid_t tid)
{
	int ignored = user_store32(at, (uint32_t)tid);

	(void)ignored;
}

/* The first function of every new task, on its own stack. */
static void
child_main(void *arg)
{
	struct task *t = arg;
	struct trapframe *tf = thread_trapframe(&t->thread);

	sched_begin();
	assert(t == task_current() && t->thread.tid > 0);
	if (t->child_tid != 0)
		store_tid(t->child_tid, t->thread.tid);
	process_return_to_user(tf);
	enter_user(tf);
}

/* Set the fields that a new task inherits; cannot fail. */
static void
task_inherit(struct task *t, const struct clone_args *args)
{
	struct task *mine = task_current();

	t->thread.hart = this_hart();
	cred_copy(&t->thread.cred, &mine->thread.cred);
	t->thread.cred.over_nproc = false;
	t->blocked = mine->blocked;
	t->nice = mine->nice;
	t->slack = t->first_slack = mine->slack;
	t->thread.allowed = mine->thread.allowed;
	if (!(args->flags & CLONE_VM) || (args->flags & CLONE_VFORK))
		t->altstack = mine->altstack;
	if (args->flags & CLONE_CHILD_SETTID)
		t->child_tid = args->child_tid;
	if (args->flags & CLONE_CHILD_CLEARTID)
		t->clear_tid = args->child_tid;
	child_copy_registers(t, args);
	context_init(&t->thread.context,
		     (vaddr_t)(uintptr_t)thread_trapframe(&t->thread),
		     child_main, t);
}

static void
child_inherit(struct process *p, const struct clone_args *args)
{
	struct process *me = process_current();
	bool others = me->live > 1; /* other threads may change the actions */

	if (others)
		spin_lock(&proc_lock);
	memcpy(p->actions, me->actions, sizeof(p->actions));
	if (others)
		spin_unlock(&proc_lock);
	p->oom_adj = me->oom_adj;
	p->oom_adj_least = me->oom_adj_least;
	p->no_tty = me->no_tty;
	p->exit_signal = args->flags & CLONE_PARENT
				 ? me->exit_signal
				 : (int)(args->flags & CSIGNAL);
	p->vfork_pending = (args->flags & CLONE_VFORK) != 0;
}

static int
child_build(const struct clone_args *args, struct process **out)
{
	struct process *me = process_current(), *p = process_alloc();
	struct task *t = task_alloc(thread_current()->name);
	struct trapframe *tf = thread_trapframe(thread_current());
	int err = -ENOMEM;

	if (p == NULL || t == NULL)
		goto fail;
	if (args->flags & CLONE_VM) {
		space_get(me->space);
		p->space = me->space;
	} else {
		err = space_fork(me->space, tf->sp, tf->tp, &p->space);
		if (err != 0)
			goto fail;
	}
	err = child_copy_files(p, args->flags);
	if (err != 0)
		goto fail;
	child_inherit(p, args);
	task_inherit(t, args);
	p->main = t;
	p->live = 1;
	process_get(p);
	t->thread.process = p;
	thread_set_space(&t->thread, p->space);
	*out = p;
	return 0;

fail:
	child_destroy(p, t);
	return err;
}

/*
 * Charge a new task to its user and allocate its id, or return an error.  A
 * signal to the process group, or the exit of this process, must also reach the
 * new task: if this thread has a pending signal or is being killed, returns
 * -ERESTARTNOINTR, and the call is restarted.
 */
static pid_t
new_id(struct task *t)
{
	int err;

	requires_lock(&proc_lock);
	if (thread_interrupted(WAIT_SIGNALS))
		return -ERESTARTNOINTR;
	err = task_count_user(t);
	return err != 0 ? err : pid_alloc();
}

static pid_t
child_publish(struct process *p, bool sibling)
{
	struct process *me = process_current(), *parent;
	pid_t pid;

	spin_lock(&proc_lock);
	parent = sibling ? me->parent : me;
	pid = new_id(p->main);
	if (pid < 0)
		goto out;
	memcpy(p->limits, me->limits, sizeof(p->limits));
	memcpy(p->calls_named, me->calls_named, sizeof(p->calls_named));
	process_count_cpu(p, &p->main->thread);
	id_insert(&p->id, ID_PROCESS, pid);
	p->main->thread.tid = pid;
	p->parent = parent;
	p->ppid = process_pid(parent);
	p->image = process_new_image();
	list_push_back(&parent->children, &p->sibling);
	list_push_back(&p->tasks, &p->main->node);
	process_list_add(p);
	group_join(p, me->pgrp);
	task_count++;
	process_forks++;
out:
	spin_unlock(&proc_lock);
	return pid;
}

/* ---- threads ---- */

/* Take, for t, a reference to each resource that a process's tasks share. */
static void
thread_share(struct task *t, struct process *me)
{
	space_get(me->space);
	thread_set_space(&t->thread, me->space);
	(void)fdtable_get(me->files);
	(void)fs_context_get(me->fs);
	process_get(me);
	t->thread.process = me;
	t->thread.gone = task_gone;
}

static void
thread_unshare(struct task *t, struct process *me)
{
	space_put(me->space);
	fdtable_put(me->files);
	fs_context_put(me->fs);
	task_free(t);
}

static pid_t
thread_publish(struct task *t, struct process *me)
{
	pid_t tid;

	spin_lock(&proc_lock);
	tid = new_id(t);
	if (tid > 0) {
		id_insert(&t->id, ID_TASK, tid);
		t->thread.tid = tid;
		process_count_cpu(me, &t->thread);
		list_push_back(&me->tasks, &t->node);
		me->live++;
		task_count++;
		process_forks++;
	}
	spin_unlock(&proc_lock);
	return tid;
}

static int64_t
thread_clone(const struct clone_args *args)
{
	struct process *me = process_current();
	struct task *t;
	pid_t tid;

	if ((args->flags & ~CLONE_THREAD_HONOURED) ||
	    (args->flags & CLONE_THREAD_SHARES) != CLONE_THREAD_SHARES)
		return -EINVAL;
	t = task_alloc(thread_current()->name);
	if (t == NULL)
		return -ENOMEM;
	thread_share(t, me);
	task_inherit(t, args);
	tid = thread_publish(t, me);
	if (tid < 0) {
		thread_unshare(t, me);
		return tid;
	}
	if (args->flags & CLONE_PARENT_SETTID)
		store_tid(args->parent_tid, tid);
	sched_start(&t->thread);
	return tid;
}

void
process_vfork_done(struct process *p)
{
	if (!p->vfork_pending)
		return;
	p->vfork_pending = false;
	waitq_wake_all(&p->vfork_waitq);
}

int64_t
process_clone(const struct clone_args *args)
{
	struct process *child;
	int err;
	pid_t pid;

	if (args->flags & CLONE_THREAD)
		return thread_clone(args);
	if ((args->flags & ~CLONE_HONOURED) || (args->flags & CSIGNAL) > NSIG)
		return -EINVAL;
	/* Init has no parent, which a sibling of init would need. */
	if ((args->flags & CLONE_PARENT) && process_current() == process_init)
		return -EINVAL;
	err = child_build(args, &child);
	if (err != 0)
		return err;
	pid = child_publish(child, (args->flags & CLONE_PARENT) != 0);
	if (pid < 0) {
		child_destroy(child, child->main);
		return pid;
	}
	if (args->flags & CLONE_PARENT_SETTID)
		store_tid(args->parent_tid, pid);
	process_get(child);
	sched_start(&child->main->thread);
	if (args->flags & CLONE_VFORK)
		(void)wait_event_killable(&child->vfork_waitq,
					  !child->vfork_pending);
	process_put(child);
	return pid;
}
