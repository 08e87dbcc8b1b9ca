/*
 * proc/wait.h - taking leave of dead processes; for exit.c and wait.c.
 */
#ifndef PROC_WAIT_H
#define PROC_WAIT_H

struct process;

/* Nobody can find p any more, it has no parent.  proc_lock held. */
void wait_unlink(struct process *p);

/*
 * Free what a dead, unlinked process still holds, its stack included; waits
 * (spinning) until it has left that.  No lock held.
 */
void wait_free(struct process *p);

#endif
