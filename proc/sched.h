/* SPDX-License-Identifier: MIT */
/*
 * proc/sched.h - begin and end of threads in the scheduler.
 *
 * For proc/ and the code that starts harts; the functions that every room uses
 * are in kernel/thread.h.
 */
#ifndef PROC_SCHED_H
#define PROC_SCHED_H

#include "kernel/thread.h"

/* Enqueue a new thread for the first time. */
void sched_start(struct thread *t) nonnull;
/* Every new thread calls this first, on its own stack, to finish the switch. */
void sched_begin(void);
/* Mark the current thread dead, and switch to another one for good. */
noreturn void sched_die(void);
/* Is t dead, and has it left its stack? */
bool sched_gone(struct thread *t) nonnull;

#endif
