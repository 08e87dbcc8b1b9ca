/* SPDX-License-Identifier: MIT */
/*
 * proc/reach.h - the rights that one process has on another.
 *
 * They are compared by user and group ids (ptrace(2), prlimit(2)).  The right
 * to send a signal has other rules: proc/signal.h.
 */
#ifndef PROC_REACH_H
#define PROC_REACH_H

#include "proc/process.h"

/*
 * True if p is the current process, if the current thread is root, or if all
 * ids of p equal the thread's real ids.
 */
bool process_same_user(const struct process *p) nonnull needs_lock(proc_lock);
/*
 * May the current thread inspect p?  As process_same_user(), but p must also be
 * dumpable, unless the thread is p's own or root.  With `files` the thread's
 * fsuid and fsgid are compared, as for /proc.
 */
bool process_may_reach(const struct process *p, bool files) nonnull
	needs_lock(proc_lock);
/*
 * Store process_space() of process `pid` in *out, NULL for a zombie.  0;
 * -ESRCH; -EPERM if the thread's real ids do not allow it
 * (process_may_reach()).  Takes proc_lock.
 */
int process_reach(pid_t pid, struct space **out) nonnull must_check;

#endif
