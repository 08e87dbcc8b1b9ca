/* SPDX-License-Identifier: MIT */
/*
 * proc/shutdown.c - shutdown: end every process, then write the disks.
 *
 * An open file without a name keeps its blocks until it is closed.  So a
 * shutdown ends all processes, waits until they have exited, and closes the
 * caller's own files; only then are the disks written and marked clean.  If a
 * process does not exit in time, the disks stay marked as not clean, and the
 * log reports it.  One thread calls shutdown_begin() and then
 * shutdown_finish(); every other thread that calls shutdown_begin() must exit.
 */
#include "proc/shutdown.h"

#include "fs/mount.h"
#include "kernel/log.h"
#include "proc/exit.h"
#include "proc/process.h"

#define PATIENCE (5 * NSEC_PER_SEC)  /* to wait for the next task to exit */
#define AGAIN	 (NSEC_PER_SEC / 50) /* between rounds: a fork may add tasks */

static struct thread *_Atomic ender; /* NULL: no shutdown has begun */
static struct waitq end_queue = WAITQ_INIT(end_queue);

bool
shutdown_begin(void)
{
	struct thread *none = NULL;

	return atomic_compare_exchange_strong(&ender, &none, thread_current());
}

void
shutdown_task_ended(void)
{
	if (unlikely(atomic_load(&ender) != NULL))
		waitq_wake_all(&end_queue);
}

/* Kill every task but this one; return how many have not exited yet. */
static unsigned
end_tasks(void)
{
	struct task *me = task_current();
	unsigned left = 0;
	struct process *p;

	spin_lock(&proc_lock);
	list_for_each_entry(p, &process_list, all_node) {
		if (p->live == 0)
			continue;
		left += p->live;
		if (p == process_current())
			process_interrupt(p, me, THREAD_KILL | THREAD_SIGNAL);
		else
			process_kill(p, NULL, STATUS_KILLED(SIGKILL));
	}
	spin_unlock(&proc_lock);
	/*
	 * Do not count the caller of reboot(2), which is on its process's list.
	 * An init that has exited is neither on a list nor in p->live.
	 */
	return left - list_linked(&me->node);
}

/* Kill all other tasks and wait.  False: some did not exit in time. */
static bool
end_all_tasks(void)
{
	uint64_t deadline = time_now() + PATIENCE;
	unsigned left = end_tasks(), now;

	while (left > 0 && time_now() < deadline) {
		(void)wait_event_mode(&end_queue, false, WAIT_FIRM,
				      time_now() + AGAIN);
		now = end_tasks();
		if (now < left)
			deadline = time_now() + PATIENCE;
		left = now;
	}
	if (left > 0)
		log_error("shutdown: %u threads did not exit in time", left);
	return left == 0;
}

int
shutdown_finish(void)
{
	bool alone = end_all_tasks();

	if (list_linked(&task_current()->node))
		process_let_go();
	return fs_shutdown(alone);
}
