/* SPDX-License-Identifier: MIT */
/*
 * proc/exec.h - execve(2): replacing the program of a process.
 *
 * exec_user() implements the system call; exec_kernel() and exec_enter() start
 * pid 1.  Process context, no lock held; may sleep.
 */
#ifndef PROC_EXEC_H
#define PROC_EXEC_H

#include "lib/base.h"

struct task;

#define EXEC_STRING_MAX (UINT64_C(128) << 10) /* bytes of one string */
#define EXEC_TOTAL_MAX	(UINT64_C(2) << 20)   /* strings and pointers */
#define EXEC_SCRIPTS	5		      /* #! leading to #! */

/*
 * Replace the program of the current process.  Every error is detected while
 * the old program is unchanged, with one exception: for a set-ID program the
 * other threads of the process end early.  Returns 0 with the trapframe set to
 * the new program's entry point, or: -E2BIG, -EAGAIN, -EFAULT, -ENOEXEC,
 * -ELOOP, -ENOMEM, -ETXTBSY, -EIO and the errors of a path lookup.
 */
int exec_user(uaddr_t path, uaddr_t argv, uaddr_t envp) must_check;

/* exec_user() with strings in kernel memory, for pid 1. */
int exec_kernel(const char *path, char *const argv[],
		char *const envp[]) must_check;

/* Enter user mode in the program that exec_kernel() has loaded. */
noreturn void exec_enter(struct task *t);

#endif
