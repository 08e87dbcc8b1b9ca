/* SPDX-License-Identifier: MIT */
/*
 * proc/wait.h - freeing dead processes; for proc/exit.c and proc/wait.c.
 *
 * wait_unlink() comes first, under proc_lock; wait_free() follows without the
 * lock, since it waits until the dead thread has left its stack.
 */
#ifndef PROC_WAIT_H
#define PROC_WAIT_H

struct process;

/*
 * Remove p from all lists: no lookup finds it, and it has no parent.  proc_lock
 * held.
 */
void wait_unlink(struct process *p);

/*
 * Free the main task of a dead, unlinked process and drop the reference to the
 * process; spins until the task has left its kernel stack.  No lock held.
 */
void wait_free(struct process *p);

#endif
