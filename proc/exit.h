/* SPDX-License-Identifier: MIT */
/*
 * proc/exit.h - ends of tasks and processes.
 *
 * Process context, no lock held.  A process ends with its last task; until its
 * parent has waited for it, it is a zombie (proc/wait.h).
 */
#ifndef PROC_EXIT_H
#define PROC_EXIT_H

#include "lib/base.h"

struct task;

/* Exit the current process: end all its tasks, with this wait status. */
noreturn void process_exit(int status);
/*
 * Exit the current task.  The last task ends the process, with the main task's
 * status unless group_exit is set.
 */
noreturn void task_exit(int status);

/*
 * At shutdown, in the last task of the current process: release its memory,
 * files and directories, as at exit.  The task continues in the kernel without
 * them.
 */
void process_let_go(void);
/*
 * execve(2): end all other tasks and become the main task.  0, or
 * -ERESTARTNOINTR if this task is being killed itself.
 */
int process_end_others(void) must_check;
/*
 * Call before task t leaves its user memory: mark the robust locks that t
 * holds, clear the word at clear_tid, and wake one thread that waits on that
 * word.  No effect if t has no user memory.
 */
void task_leave_memory(struct task *t) nonnull;

#endif
