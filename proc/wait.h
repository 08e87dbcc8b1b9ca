/* SPDX-License-Identifier: MIT */
/*
 * proc/wait.h - reap zombie processes, for proc/exit.c and proc/wait.c.
 *
 * Call wait_unlink() first, under proc_lock.  Then call wait_free() without the
 * lock, since it waits until the dead thread has left its stack.
 */
#ifndef PROC_WAIT_H
#define PROC_WAIT_H

#include "lib/base.h"

struct process;

/* Remove p from all lists: no lookup finds it, and it has no parent. */
void wait_unlink(struct process *p) needs_lock(proc_lock);

/*
 * Free the main task of a dead, unlinked process and drop the reference to the
 * process; spins until the task has left its kernel stack.  No lock held.
 */
void wait_free(struct process *p);

#endif
