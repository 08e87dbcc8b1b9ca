/* SPDX-License-Identifier: MIT */
/*
 * proc/wait.h - wait for children, and reap zombie processes.
 *
 * process_wait() serves wait4() and waitid().  A process that no parent waits
 * for is reaped when it exits: by wait_unlink(), under proc_lock, and then by
 * wait_free() without the lock, since this function waits until the dead thread
 * has left its stack.
 */
#ifndef PROC_WAIT_H
#define PROC_WAIT_H

#include "proc/abi.h"
#include "proc/process.h"

#define WAIT_GROUP (UINT64_C(1) << 32) /* process_wait(): pid -1 is group 1 */

struct wait_result {
	pid_t pid; /* 0: WNOHANG and nothing to report */
	uint32_t uid;
	int code;   /* CLD_* */
	int status; /* wait status */
	struct usage usage;
};

/*
 * Wait for a child: pid > 0 the child with this pid, 0 any child in the
 * caller's group, -1 any child, < -1 any child in group -pid.  options: the
 * events that count (WEXITED, WUNTRACED, WCONTINUED), and WNOHANG, WNOWAIT,
 * WALL, WCLONE.  0 with *r filled in; -ECHILD, -ERESTARTSYS.  A dead child is
 * reaped before the return, unless WNOWAIT is set.
 */
int process_wait(pid_t pid, uint64_t options, struct wait_result *r);

/*
 * Notify p's parent, by a signal and a wake-up, that p has stopped, continued
 * or died.  `code` is CLD_*.
 */
void process_notify_parent(struct process *p, int code, int status) nonnull
	needs_lock(proc_lock);

/* Remove p from all lists: no lookup finds it, and it has no parent. */
void wait_unlink(struct process *p) needs_lock(proc_lock);

/*
 * Free the main task of a dead, unlinked process and drop the reference to the
 * process; spins until the task has left its kernel stack.  No lock held.
 */
void wait_free(struct process *p);

#endif
