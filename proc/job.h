/*
 * proc/job.h - processes and their terminal.
 */
#ifndef PROC_JOB_H
#define PROC_JOB_H

struct process;

/* Boot: let the terminal signal process groups. */
void job_init(void);

/*
 * If p leads a session, its terminal becomes nobody's and the foreground group
 * gets SIGHUP and SIGCONT.  No lock held.
 */
void job_leader_exits(struct process *p);

#endif
