/* SPDX-License-Identifier: MIT */
/*
 * proc/shutdown.h - shutting the machine down, by reboot(2) or by the exit of
 * init.
 *
 * The thread that shuts down calls shutdown_begin(), then shutdown_finish(),
 * and then powers the machine off.
 */
#ifndef PROC_SHUTDOWN_H
#define PROC_SHUTDOWN_H

#include "lib/base.h"

/*
 * Begin a shutdown in the current thread.  False: another thread has already
 * begun one, and this thread must exit.
 */
bool shutdown_begin(void) must_check;

/*
 * After shutdown_begin(): end all other tasks, close the files of the current
 * process, write the disks and mark them clean.  0, or the first error, which
 * is logged: then the disks are marked as not clean.  The caller must power off
 * and never return to user mode.  Process context, no locks.
 */
int shutdown_finish(void);

/*
 * Call after a task has released its resources: wakes shutdown_finish().  Any
 * context.
 */
void shutdown_task_ended(void);

#endif
