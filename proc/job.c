/* SPDX-License-Identifier: MIT */
/*
 * proc/job.c - the current process as fs/ and mm/ see it (fs/current.h), and
 * the job control of terminals.
 *
 * The terminal itself stores only the ids of its session and foreground group;
 * this file looks up the processes.  Process context; some functions take
 * proc_lock.  For a kernel thread, which has no process, the functions return
 * the defaults named in fs/current.h.
 */
#include "proc/job.h"

#include "fs/current.h"
#include "fs/tty.h"
#include "mm/limit.h"
#include "proc/group.h"
#include "proc/process.h"

static void
signal_pgrp(pid_t pgrp, int sig)
{
	signal_send_group(pgrp, sig, NULL);
}

void
job_init(void)
{
	tty_set_signal_hook(signal_pgrp);
}

void
job_leader_exits(struct process *p)
{
	pid_t sid, foreground;

	if (!current_is_session_leader())
		return;
	sid = current_tty_session();
	foreground = tty_session_gone(sid);
	if (foreground > 0) {
		signal_pgrp(foreground, SIGHUP);
		signal_pgrp(foreground, SIGCONT);
	}
}

/* ---- fs/current.h ---- */

struct fdtable *
current_fdtable(void)
{
	struct process *p = process_current();

	return p == NULL ? NULL : p->files;
}

struct fs_context *
current_fs(void)
{
	struct process *p = process_current();

	return p == NULL ? NULL : p->fs;
}

static uint64_t
current_limit(unsigned which)
{
	struct process *p = process_current();

	return p == NULL ? RLIM_INFINITY : p->limits[which].cur;
}

uint64_t
current_nofile_limit(void)
{
	return current_limit(RLIMIT_NOFILE);
}

uint64_t
current_fsize_limit(void)
{
	return current_limit(RLIMIT_FSIZE);
}

uint64_t
current_memory_limit(enum memory_limit which)
{
	static const unsigned limits[] = {
		[LIMIT_AS] = RLIMIT_AS,
		[LIMIT_DATA] = RLIMIT_DATA,
		[LIMIT_STACK] = RLIMIT_STACK,
		[LIMIT_MEMLOCK] = RLIMIT_MEMLOCK,
	};

	if (which == LIMIT_MEMLOCK && thread_current()->cred.euid == 0)
		return UINT64_MAX;
	return current_limit(limits[which]);
}

void
current_signal(int sig)
{
	struct process *p = process_current();

	if (p == NULL)
		return;
	spin_lock(&proc_lock);
	(void)signal_send(p, task_current(), sig, NULL);
	spin_unlock(&proc_lock);
}

int
current_set_sigmask(const uint64_t *newmask, uint64_t *old)
{
	return signal_change_mask(SIG_SETMASK, *newmask, old);
}

void
current_restore_sigmask(const uint64_t *old, bool interrupted)
{
	struct task *t = task_current();

	if (!interrupted) {
		(void)signal_change_mask(SIG_SETMASK, *old, NULL);
		return;
	}
	t->saved_blocked = *old;
	t->restore_blocked = true;
	/* The return to user mode restores the mask, even without a signal. */
	atomic_fetch_or(&t->thread.flags, THREAD_SIGNAL);
}

pid_t
current_pid(void)
{
	struct process *p = process_current();

	return p == NULL ? 0 : process_pid(p);
}

pid_t
current_pgrp(void)
{
	struct process *p = process_current();
	pid_t id = 0;

	spin_lock(&proc_lock);
	if (p != NULL && p->pgrp != NULL)
		id = process_pgid(p);
	spin_unlock(&proc_lock);
	return id;
}

pid_t
current_tty_session(void)
{
	struct process *p = process_current();
	pid_t id = 0;

	spin_lock(&proc_lock);
	if (p != NULL && p->pgrp != NULL)
		id = process_tty_session(p);
	spin_unlock(&proc_lock);
	return id;
}

void
current_give_up_tty(void)
{
	spin_lock(&proc_lock);
	process_current()->no_tty = true;
	spin_unlock(&proc_lock);
}

bool
current_is_session_leader(void)
{
	struct process *p = process_current();

	return p != NULL && p->leads;
}

bool
current_signal_ignored(int sig)
{
	struct task *t = task_current();
	struct process *p = t->thread.process;

	return p != NULL && ((t->blocked & SIG_BIT(sig)) ||
			     p->actions[sig - 1].handler == SIG_IGN);
}

bool
current_pgrp_orphaned(void)
{
	struct process *p = process_current();
	bool orphaned;

	if (p == NULL)
		return true;
	spin_lock(&proc_lock);
	orphaned = group_orphaned(p->pgrp, NULL);
	spin_unlock(&proc_lock);
	return orphaned;
}

bool
pgrp_in_session(pid_t pgrp, pid_t session)
{
	struct pgrp *g;
	bool yes;

	spin_lock(&proc_lock);
	g = group_lookup(pgrp);
	yes = g != NULL && g->session->id.id == session;
	spin_unlock(&proc_lock);
	return yes;
}
