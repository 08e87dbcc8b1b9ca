/* SPDX-License-Identifier: MIT */
/*
 * proc/shutdown.h - the end of the machine, by reboot(2) or by the end of init.
 *
 * The thread that ends the machine calls shutdown_begin(), then
 * shutdown_finish(), and then turns the machine off.
 */
#ifndef PROC_SHUTDOWN_H
#define PROC_SHUTDOWN_H

#include "lib/base.h"

/*
 * The current thread wants to end the machine.  False: another thread is doing
 * so already, and this one must end.
 */
bool shutdown_begin(void) must_check;

/*
 * After shutdown_begin(): end all other tasks, close what the current process
 * has open, write the disks and mark them clean.  0, or the first error, which
 * the log tells: then the disks are marked as not clean.  The caller must turn
 * the machine off and never return to its program.  Process context, no locks.
 */
int shutdown_finish(void);

/* A task holds nothing any more: wake shutdown_finish().  Any context. */
void shutdown_task_ended(void);

#endif
