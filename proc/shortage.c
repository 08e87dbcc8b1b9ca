/* SPDX-License-Identifier: MIT */
/*
 * proc/shortage.c - when memory has run out, choose a process and kill it.
 *
 * Only a page fault in user mode, or the store of a signal frame, calls
 * shortage_fault(), with no lock held.  Under the mutex `choosing` the fault is
 * retried.  If it fails again, and no process is exiting already, the process
 * with the highest score gets SIGKILL.  Then the fault waits, without the
 * mutex, until that process has exited.  So of several concurrent faults the
 * first chooses a victim, and the others find that the victim is dying.  A
 * victim needs no memory to exit: SIGKILL ends its killable waits, and a store
 * to user memory that fails during its exit is skipped.
 *
 * A process's score is the number of pages that its exit would free:
 *
 *   pages of private memory, or of shared memory without a name, that no other
 *   page table maps; page tables that no other process uses; and of each pipe's
 *   pages the part that is its own: with n open ends and m descriptors of an
 *   end, each descriptor counts for 1/(n * m)
 *
 * plus oom_score_adj thousandths of all RAM.  Never chosen: init, kernel
 * threads, a process with an oom_score_adj of -1000, and a process that shares
 * its memory with such a process.  All processes that share the victim's memory
 * are killed with it.
 */
#include "proc/shortage.h"

#include "fs/fd.h"
#include "fs/file.h"
#include "fs/pipe.h"
#include "kernel/log.h"
#include "kernel/mutex.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/fault.h"
#include "mm/inspect.h"
#include "mm/pt.h"
#include "mm/space.h"
#include "mm/space_list.h"
#include "proc/process.h"

#define PATIENCE (NSEC_PER_SEC / 50) /* between two checks of the victim */
#define LINGER	 (NSEC_PER_SEC * 5)  /* to wait for the dead process's space */

static struct mutex choosing = MUTEX_INIT(choosing, LOCK_SHORTAGE);
/* [choosing] The last victim's space number, and the end of the wait for it. */
static uint64_t last_space, last_until;
static struct waitq gone_waitq = WAITQ_INIT(gone_waitq);
static _Atomic unsigned waiting; /* threads that wait, or will soon */

/* ---- the score ---- */

/* A process at one moment; each pointer holds a reference or is NULL. */
struct candidate {
	pid_t pid;
	char name[16];
	int adj;
	bool may_end;
	struct space *space;
	struct fdtable *files;
	uint64_t pages; /* that its exit would free */
	int64_t score;
};

static bool
is_protected(const struct process *p)
{
	requires_lock(&proc_lock);
	return p == process_init || p->oom_adj == -OOM_ADJ_MOST;
}

/* May p and all processes that share its memory be killed? */
static bool
may_end(const struct process *p)
{
	const struct process *q;

	requires_lock(&proc_lock);
	if (p->state != PROCESS_ALIVE || p->space == NULL || is_protected(p))
		return false;
	if (p->space->users <= p->live)
		return true;
	list_for_each_entry(q, &process_list, all_node) {
		if (q->space == p->space && is_protected(q))
			return false;
	}
	return true;
}

static void
candidate_take(struct candidate *c, struct process *p)
{
	requires_lock(&proc_lock);
	*c = (struct candidate){ .pid = process_pid(p), .adj = p->oom_adj };
	(void)str_copy(c->name, p->main->thread.name, sizeof(c->name));
	c->may_end = may_end(p);
	c->space = process_space(p);
	if (p->files != NULL)
		c->files = fdtable_get(p->files);
}

static uint64_t
pipe_pages(struct fdtable *files)
{
	uint64_t bytes = 0;
	struct file *f;

	for (int fd = 0; (f = fdtable_next(files, &fd)) != NULL; fd++) {
		/* fdtable_next() has taken one of f's references. */
		bytes += pipe_share(f, f->refs - 1);
		file_put(f);
	}
	return bytes >> PAGE_SHIFT;
}

static int64_t
all_pages(void)
{
	struct frame_stats st;

	frame_get_stats(&st);
	return (int64_t)(st.total - st.reserved);
}

/* Compute pages and score; drop the references.  No lock held; may sleep. */
static void
candidate_count(struct candidate *c)
{
	if (c->space != NULL) {
		c->pages += space_own_pages(c->space);
		space_put(c->space);
	}
	if (c->files != NULL) {
		c->pages += pipe_pages(c->files);
		fdtable_put(c->files);
	}
	c->score = (int64_t)c->pages + c->adj * all_pages() / OOM_ADJ_MOST;
}

/* ---- choosing ---- */

/* The pid of a process that is exiting and will free its memory, or 0. */
static pid_t
find_dying(void)
{
	struct process *p;
	pid_t pid = 0;

	spin_lock(&proc_lock);
	list_for_each_entry(p, &process_list, all_node) {
		if (p->state == PROCESS_ALIVE &&
		    (p->group_exit || p->exiting)) {
			pid = process_pid(p);
			break;
		}
	}
	spin_unlock(&proc_lock);
	return pid;
}

/* Find the process with the highest score; best->pid is 0 if there is none. */
static void
find_victim(struct candidate *best)
{
	struct candidate c = { .pid = 0 };
	struct process *p;

	best->pid = 0;
	do {
		spin_lock(&proc_lock);
		p = process_after(c.pid);
		if (p != NULL)
			candidate_take(&c, p);
		spin_unlock(&proc_lock);
		if (p == NULL)
			break;
		candidate_count(&c);
		if (c.may_end && (best->pid == 0 || c.score > best->score))
			*best = c;
	} while (true);
}

/*
 * Send SIGKILL to the process and to all that share its memory.  False if it
 * has exited or is protected.
 */
static bool
end_process(pid_t pid)
{
	struct process *p, *q;
	struct space *s;
	bool alive;

	requires_lock(&choosing);
	spin_lock(&proc_lock);
	p = process_lookup(pid);
	alive = p != NULL && may_end(p);
	if (alive) {
		s = p->space;
		last_space = s->number;
		last_until = time_now() + LINGER;
		list_for_each_entry(q, &process_list, all_node) {
			if (q->space == s)
				(void)signal_send(q, NULL, SIGKILL, NULL);
		}
	}
	spin_unlock(&proc_lock);
	return alive;
}

/*
 * No memory for the page at va: kill a process, unless one is exiting already.
 * Returns the pid to wait for, or 0 if the caller can only retry later.
 */
static pid_t
make_room(uaddr_t va)
{
	struct thread *me = thread_current();
	struct candidate v;
	pid_t dying;

	requires_lock(&choosing);
	dying = find_dying();
	if (dying != 0)
		return dying;
	/* Another thread may still hold a reference on the victim's space. */
	if (time_now() < last_until && space_is_there(last_space))
		return 0;
	find_victim(&v);
	if (v.pid == 0) {
		if (log_ratelimit())
			log_warn("out of memory: %s[%d] waits for the page at "
				 "%#lx: no process may be killed",
				 me->name, me->tid, va);
		return 0;
	}
	/* If the victim has exited by itself, its memory may be free now. */
	if (!end_process(v.pid))
		return 0;
	log_warn("out of memory: killed %s[%d] (score %ld, %lu KiB of its own, "
		 "oom_score_adj %d); %s[%d] faulted at %#lx",
		 v.name, v.pid, v.score, v.pages * (PAGE_SIZE / 1024), v.adj,
		 me->name, me->tid, va);
	return v.pid;
}

/* ---- waiting ---- */

static bool
is_gone(pid_t pid)
{
	struct process *p;
	bool gone;

	if (pid == 0)
		return false;
	spin_lock(&proc_lock);
	p = process_lookup(pid);
	gone = p == NULL || p->state != PROCESS_ALIVE;
	spin_unlock(&proc_lock);
	return gone;
}

void
shortage_process_gone(void)
{
	if (unlikely(atomic_load_explicit(&waiting, memory_order_relaxed) > 0))
		waitq_wake_all(&gone_waitq);
}

/*
 * Wait until the process has exited or PATIENCE is over.  False if the current
 * process is being killed.
 */
static bool
wait_until_gone(pid_t pid)
{
	int err;

	/* Increment before is_gone() takes proc_lock: no wakeup is lost. */
	atomic_fetch_add(&waiting, 1);
	err = wait_event_mode(&gone_waitq, is_gone(pid), WAIT_KILLABLE,
			      time_now() + PATIENCE);
	atomic_fetch_sub(&waiting, 1);
	return err != -ERESTARTSYS;
}

int
shortage_fault(unsigned access, uaddr_t va)
{
	struct thread *t = thread_current();

	while (!thread_interrupted(WAIT_KILLABLE)) {
		pid_t pid = 0;
		bool starved;
		int err;

		mutex_lock(&choosing);
		frame_drain_all();
		err = space_fault(t->space, va, access);
		starved = err == -ENOMEM &&
			  (thread_starved(t) || !pt_may_grow(t->space));
		if (err == -ENOMEM && !starved)
			pid = make_room(va);
		mutex_unlock(&choosing);
		if (err != -ENOMEM || starved)
			return err;
		if (!wait_until_gone(pid))
			break;
	}
	return -EINTR;
}

/* ---- /proc ---- */

/* Compute the score of process `pid`; -ESRCH if there is none. */
static int
candidate_find(struct candidate *c, pid_t pid)
{
	struct process *p;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p != NULL)
		candidate_take(c, p);
	spin_unlock(&proc_lock);
	if (p == NULL)
		return -ESRCH;
	candidate_count(c);
	return 0;
}

int
shortage_score(pid_t pid, int64_t *score)
{
	struct candidate c;
	int err = candidate_find(&c, pid);

	if (err != 0)
		return err;
	*score = 0;
	if (c.may_end)
		*score = (1000 + c.score * 1000 / all_pages()) * 2 / 3;
	*score = MAX(*score, 0);
	return 0;
}

int
shortage_set_adj(pid_t pid, int adj)
{
	bool root = thread_current()->cred.euid == 0;
	struct process *p;
	int err = 0;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p == NULL) {
		err = -ESRCH;
	} else if (!root && adj < p->oom_adj_least) {
		err = -EACCES;
	} else {
		p->oom_adj = (int16_t)adj;
		if (root)
			p->oom_adj_least = (int16_t)adj;
	}
	spin_unlock(&proc_lock);
	return err;
}
