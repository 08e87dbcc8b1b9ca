/*
 * proc/exit.c - the end of a process.
 *
 * Memory and files go first, while the process is still alive to others; then,
 * under proc_lock, its children change parents and it becomes a zombie, or
 * nothing at all if its parent does not care.  The kernel stack is freed by
 * who waits for it (proc/wait.c).  Nothing here can fail.
 */
#include "arch/hart.h"
#include "fs/fd.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "mm/space.h"
#include "proc/futex.h"
#include "proc/job.h"
#include "proc/process.h"
#include "proc/wait.h"

/* Nobody can go on without init. */
static noreturn void
init_died(int status)
{
	int code = status >> 8 & 0xff;

	if (status & 0x7f) {
		log_error("init (pid 1) was killed by signal %d: powering off",
			  status & 0x7f);
		code = 128 + (status & 0x7f);
	} else {
		log_info("init (pid 1) exited with status %d: powering off",
			 code);
	}
	fs_shutdown();
	machine_power_off(code);
}

/* From here on signals neither wake nor wait. */
static void
refuse_signals(struct process *p, struct task *t)
{
	spin_lock(&proc_lock);
	p->exiting = true;
	sigpending_clear(&p->pending);
	sigpending_clear(&t->pending);
	p->queued = 0;
	t->forced.signo = 0;
	atomic_fetch_and(&t->thread.flags, ~(THREAD_SIGNAL | THREAD_KILL));
	spin_unlock(&proc_lock);
	itimer_stop(p);
}

/* Tell others that share the memory, if any, that this thread is gone. */
static void
clear_tid(struct task *t)
{
	uint32_t zero = 0;

	if (t->clear_tid == 0 || t->thread.space->users < 2)
		return;
	if (copy_to_user(t->clear_tid, &zero, sizeof(zero)) == 0)
		(void)futex_wake(t->clear_tid, 1, FUTEX_ANY);
}

static void
release_space(struct process *p, struct task *t)
{
	struct space *s = p->space;

	if (s == NULL)
		return;
	clear_tid(t);
	spin_lock(&proc_lock);
	p->space = NULL;
	spin_unlock(&proc_lock);
	t->thread.space = NULL;
	space_switch(NULL);
	space_put(s);
	process_vfork_done(p);
}

static void
release_files(struct process *p)
{
	struct fdtable *files = p->files;
	struct fs_context *fs = p->fs;
	struct file *exe = p->exe;

	spin_lock(&proc_lock);
	p->files = NULL;
	p->fs = NULL;
	p->exe = NULL;
	spin_unlock(&proc_lock);
	fdtable_put(files);
	fs_context_put(fs);
	if (exe != NULL)
		file_put(exe);
}

/* proc_lock is held.  True when nobody will wait for p. */
static bool
report_death(struct process *p)
{
	struct process *parent = p->parent;
	const struct sigaction *act = &parent->actions[SIGCHLD - 1];
	bool unwanted =
		p->exit_signal == SIGCHLD &&
		(act->handler == SIG_IGN || (act->flags & SA_NOCLDWAIT));

	if (p->exit_signal != 0)
		process_notify_parent(
			p, p->status & 0x7f ? CLD_KILLED : CLD_EXITED,
			p->status);
	waitq_wake_all(&parent->child_waitq);
	return unwanted;
}

/*
 * Give the children of p to init, and those that are dead and unwanted there
 * to `dead`.  proc_lock is held.
 */
static void
give_away_children(struct process *p, struct list_node *dead)
{
	struct process *c, *next;

	list_for_each_entry_safe(c, next, &p->children, sibling) {
		struct pgrp *g = c->pgrp;

		list_del(&c->sibling);
		c->parent = process_init;
		c->ppid = process_pid(process_init);
		c->exit_signal = SIGCHLD;
		list_push_back(&process_init->children, &c->sibling);
		if (c->state == PROCESS_ZOMBIE) {
			if (report_death(c)) {
				wait_unlink(c);
				list_push_back(dead, &c->sibling);
			}
		} else if (g != p->pgrp && g->session == p->pgrp->session) {
			group_check_orphan(g, NULL);
		}
	}
}

/* p becomes a zombie, or vanishes. */
static bool
leave_family(struct process *p, int status, struct list_node *dead)
{
	bool unwanted;

	spin_lock(&proc_lock);
	give_away_children(p, dead);
	if (p->pgrp->session->leader == p)
		p->pgrp->session->leader = NULL;
	p->status = p->group_exit ? p->group_status : status;
	p->state = PROCESS_ZOMBIE;
	if (p->parent->pgrp != p->pgrp &&
	    p->parent->pgrp->session == p->pgrp->session)
		group_check_orphan(p->pgrp, p);
	unwanted = report_death(p);
	if (unwanted) {
		p->main->detached = true;
		wait_unlink(p);
	}
	spin_unlock(&proc_lock);
	return unwanted;
}

void
process_exit(int status)
{
	struct process *p = process_current();
	struct task *t = task_current();
	struct list_node dead = LIST_INIT(dead), *n;

	assert(may_sleep());
	if (p == process_init)
		init_died(status);
	refuse_signals(p, t);
	release_space(p, t);
	job_leader_exits(p);
	release_files(p);
	if (leave_family(p, status, &dead))
		process_put(p);
	while ((n = list_pop_front(&dead)) != NULL)
		wait_free(list_entry(n, struct process, sibling));
	sched_die();
}
