/* SPDX-License-Identifier: MIT */
/*
 * proc/fork.h - clone(2), and with it fork(2), vfork(2) and new threads.
 *
 * How memory is copied is not decided here, but by the space's strategy
 * (space_fork()).
 */
#ifndef PROC_FORK_H
#define PROC_FORK_H

#include "proc/abi.h"
#include "lib/base.h"

struct process;

/* The flags that CLONE_THREAD requires: threads share all of these. */
#define CLONE_THREAD_SHARES (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND)

struct clone_args {
	uint64_t flags;
	uaddr_t stack, parent_tid, tls, child_tid;
};

/*
 * clone(2): make a child or, with CLONE_THREAD, a thread of this process;
 * CLONE_THREAD needs CLONE_THREAD_SHARES.  Returns the new id.  Errors, with
 * nothing changed: -EINVAL for flags that Tine lacks, -ENOMEM, -EAGAIN;
 * -ERESTARTNOINTR if a signal arrived first; -EINTR if the thread is killed.
 */
int64_t process_clone(const struct clone_args *args) nonnull;

/* Wake the thread that waits for p in vfork(). */
void process_vfork_done(struct process *p) nonnull;

#endif
