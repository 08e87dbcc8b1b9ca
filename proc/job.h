/* SPDX-License-Identifier: MIT */
/*
 * proc/job.h - processes and their terminal.
 *
 * The part of job control that proc/ itself calls; what fs/ asks about the
 * current process is in fs/current.h.
 */
#ifndef PROC_JOB_H
#define PROC_JOB_H

struct process;

/* Boot: let the terminal signal process groups. */
void job_init(void);

/*
 * If p, the current process, leads a session, detach the session's terminal and
 * send the foreground group SIGHUP and SIGCONT.  No lock held.
 */
void job_leader_exits(struct process *p);

#endif
