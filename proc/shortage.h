/* SPDX-License-Identifier: MIT */
/*
 * proc/shortage.h - out of memory: a page fault finds no free frame, so one
 * process is killed.
 *
 * docs/memory.md has the rule, proc/shortage.c the score that chooses the
 * process.
 */
#ifndef PROC_SHORTAGE_H
#define PROC_SHORTAGE_H

#include "lib/base.h"

#define OOM_ADJ_MOST 1000 /* oom_score_adj: from -1000 (never) to this */

struct process;
struct trapframe;

/*
 * Repair the current program's fault after space_fault() returned -ENOMEM: kill
 * a process, wait until it has exited, and retry until there is a page.
 * Returns the result of space_fault().  -ENOMEM only if fault injection, or the
 * limit on page tables of its user, makes the allocation fail; -EINTR if this
 * process is being killed.  Process context, no lock held; may sleep for long.
 */
int shortage_fault(unsigned access, uaddr_t va) must_check;

/*
 * Wake the threads that wait in shortage_fault().  Call after a process has
 * become a zombie, or has left the process list.
 */
void shortage_process_gone(void);

/*
 * Get the score of /proc/<pid>/oom_score, on Linux's scale: 0: never chosen;
 * 666: no memory and no adjustment; at most 2000.  -ESRCH: no such process.
 */
int shortage_score(pid_t pid, int64_t *score) must_check nonnull;

/*
 * Set oom_score_adj.  -ESRCH: no such process; -EACCES: only root may set less
 * than root has set last.
 */
int shortage_set_adj(pid_t pid, int adj) must_check;

#endif
