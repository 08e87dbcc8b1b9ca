/* SPDX-License-Identifier: MIT */
/*
 * proc/wait.h - taking dead processes apart; for proc/exit.c and proc/wait.c.
 *
 * wait_unlink() comes first, under proc_lock; wait_free() follows without the
 * lock, since it waits for the dead thread.
 */
#ifndef PROC_WAIT_H
#define PROC_WAIT_H

struct process;

/* Unlink p: no lookup finds it, and it has no parent.  proc_lock held. */
void wait_unlink(struct process *p);

/*
 * Free what a dead, unlinked process still holds, the main task's stack
 * included; spins until the task has left that stack.  No lock held.
 */
void wait_free(struct process *p);

#endif
