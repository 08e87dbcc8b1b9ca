/* SPDX-License-Identifier: MIT */
/*
 * proc/process.c - the process structure: allocation, reference count and
 * lookup.
 *
 * The file owns proc_lock and process_list, which is sorted by pid.
 * process_alloc() and process_unshare_files() allocate and may sleep; the
 * functions that find a process or its usage run under proc_lock, from any
 * context.  proc/process.h has the contract of each.
 */
#include "proc/process.h"

#include "fs/fd.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "lib/string.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "proc/itimer.h"

struct spinlock proc_lock = SPINLOCK_INIT(LOCK_PROC);
struct list_node process_list = LIST_INIT(process_list);
struct process *process_init;
unsigned task_count;
uint64_t process_forks;
_Atomic uint64_t process_nofile_most = FD_MAX;
/* [proc_lock] The member of process_list that was inserted last. */
static struct list_node *newest = &process_list;

struct process *
process_alloc(void)
{
	struct process *p = kzalloc(sizeof(*p));

	if (p == NULL)
		return NULL;
	p->refs = 1;
	list_init(&p->id.node);
	list_init(&p->tasks);
	list_init(&p->all_node);
	list_init(&p->children);
	list_init(&p->sibling);
	list_init(&p->pgrp_node);
	waitq_init(&p->child_waitq);
	waitq_init(&p->stop_waitq);
	waitq_init(&p->vfork_waitq);
	waitq_init(&p->alone_waitq);
	sigpending_init(&p->pending);
	itimer_init(p);
	p->exit_signal = SIGCHLD;
	p->start_ns = time_now();
	return p;
}

void
process_get(struct process *p)
{
	atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
}

void
process_put(struct process *p)
{
	if (atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) > 1)
		return;
	assert(p->space == NULL && p->files == NULL && p->pgrp == NULL);
	assert(timer_gone(&p->itimer));
	assert(waitq_unused(&p->child_waitq) && waitq_unused(&p->stop_waitq) &&
	       waitq_unused(&p->vfork_waitq) && waitq_unused(&p->alone_waitq));
	kfree(p);
}

struct process *
process_lookup(pid_t pid)
{
	struct id_node *n = id_lookup(ID_PROCESS, pid);

	requires_lock(&proc_lock);
	return n == NULL ? NULL : container_of(n, struct process, id);
}

uint64_t
process_new_image(void)
{
	static uint64_t images; /* [proc_lock] */

	requires_lock(&proc_lock);
	return ++images;
}

struct space *
process_space(struct process *p)
{
	requires_lock(&proc_lock);
	if (p->space != NULL)
		space_get(p->space);
	return p->space;
}

/* The pid of a list member; for the list head PID_MAX, above all pids. */
static pid_t
pid_at(const struct list_node *n)
{
	return n == &process_list
		       ? PID_MAX
		       : process_pid(list_entry(n, struct process, all_node));
}

void
process_list_add(struct process *p)
{
	requires_lock(&proc_lock);
	if (pid_at(newest) > process_pid(p))
		newest = &process_list;
	/* A short loop: it passes only pids that pid_alloc() has skipped. */
	while (pid_at(newest->next) < process_pid(p))
		newest = newest->next;
	list_insert_before(newest->next, &p->all_node);
	newest = &p->all_node;
}

void
process_list_remove(struct process *p)
{
	requires_lock(&proc_lock);
	if (newest == &p->all_node)
		newest = newest->prev;
	list_del(&p->all_node);
}

struct process *
process_after(pid_t pid)
{
	struct process *p = process_lookup(pid);
	const struct list_node *n = p != NULL ? &p->all_node : &process_list;

	requires_lock(&proc_lock);
	do
		n = n->next;
	while (n != &process_list && pid_at(n) <= pid);
	return n == &process_list ? NULL
				  : list_entry(n, struct process, all_node);
}

int
process_unshare_files(void)
{
	struct process *p = process_current();
	struct fdtable *old = p->files, *own;

	if (old->refs == 1)
		return 0;
	if (p->live > 1)
		return -EINVAL;
	own = fdtable_clone(old);
	if (own == NULL)
		return -ENOMEM;
	spin_lock(&proc_lock);
	p->files = own;
	spin_unlock(&proc_lock);
	fdtable_put(old);
	return 0;
}

void
process_interrupt(struct process *p, struct task *but, unsigned flags)
{
	struct task *t;

	requires_lock(&proc_lock);
	list_for_each_entry(t, &p->tasks, node) {
		if (t != but)
			sched_interrupt(&t->thread, flags);
	}
}

void
process_kill(struct process *p, struct task *but, int status)
{
	requires_lock(&proc_lock);
	if (!p->group_exit) {
		p->group_exit = true;
		p->group_status = status;
	}
	process_interrupt(p, but, THREAD_KILL | THREAD_SIGNAL);
}

struct task *
task_lookup(pid_t tid)
{
	struct id_node *n = id_lookup(ID_TASK, tid);
	struct process *p;

	requires_lock(&proc_lock);
	if (n != NULL)
		return container_of(n, struct task, id);
	p = process_lookup(tid);
	return p == NULL ? NULL : p->main;
}

struct process *
process_of(pid_t tid)
{
	struct id_node *n = id_lookup(ID_TASK, tid);

	requires_lock(&proc_lock);
	return n == NULL ? process_lookup(tid)
			 : container_of(n, struct task, id)->thread.process;
}

void
usage_add(struct usage *u, const struct task *t)
{
	assert(&t->thread == thread_current() || spin_held(&proc_lock));
	u->user_ns += t->thread.user_ns;
	u->sys_ns += t->thread.sys_ns;
	/* Add the time since the stamp, which is not charged yet. */
	if (&t->thread == thread_current())
		u->sys_ns += time_now() - t->thread.stamp;
}

void
process_usage(struct process *p, struct usage *u)
{
	struct task *t;

	requires_lock(&proc_lock);
	*u = p->ended_usage;
	if (!list_linked(&p->main->node))
		usage_add(u, p->main);
	list_for_each_entry(t, &p->tasks, node)
		usage_add(u, t);
}

void
process_own_usage(struct usage *u)
{
	spin_lock(&proc_lock);
	process_usage(process_current(), u);
	spin_unlock(&proc_lock);
}
