/* SPDX-License-Identifier: MIT */
/*
 * proc/task.h - make and free tasks: threads of processes and of the kernel.
 *
 * Process context, no spin lock held, unless the function says otherwise.  A
 * task holds a reference to its process, and is charged to its user.
 */
#ifndef PROC_TASK_H
#define PROC_TASK_H

#include "lib/base.h"

struct task;
struct thread;

/* Allocate a task with a kernel stack, on no list; NULL: no memory. */
struct task *task_alloc(const char *name) must_check;
/*
 * Charge the new task to the current thread's user.  0, or -EAGAIN if the user
 * already has RLIMIT_NPROC tasks; root is exempt.
 */
int task_count_user(struct task *t) nonnull must_check needs_lock(proc_lock);
/*
 * Move the charge for the current task to user `uid`, before `uid` becomes its
 * real user id.  0, or -EAGAIN without memory.  No lock held.
 */
int task_change_user(uint32_t uid) must_check;
/* Free a task that has never run, or has left its stack for good. */
void task_free(struct task *t) nonnull;
/* A `gone` of struct thread: task_free() for the task of t. */
void task_gone(struct thread *t) nonnull;
/* Free a dead or dying task; spins until its thread has left the stack. */
void task_reap(struct task *t) nonnull;

#endif
