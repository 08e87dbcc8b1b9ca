/* SPDX-License-Identifier: MIT */
/*
 * proc/job.h - processes and their controlling terminal.
 *
 * The part of job control that proc/ itself calls; fs/current.h declares the
 * part that fs/ calls.
 */
#ifndef PROC_JOB_H
#define PROC_JOB_H

struct process;

/* Boot: let the terminal send signals to process groups. */
void job_init(void);

/*
 * If p, the current process, is a session leader, detach the session's terminal
 * and send SIGHUP and SIGCONT to the foreground group.  No lock held.
 */
void job_leader_exits(struct process *p);

#endif
