/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/jobs.h - the job table, for jobs.c and builtin_job.c only.
 *
 * A job is one pipeline, with a process for each command; its state is that of
 * its processes.  jobs_reap() learns what has become of them.  A forked
 * subshell begins with an empty table.
 */
#ifndef SH_JOBS_H
#define SH_JOBS_H

#include <stdbool.h>
#include <sys/types.h>

enum job_state { JOB_RUNNING, JOB_STOPPED, JOB_DONE };

struct proc {
	pid_t pid;
	int status; /* as wait gave it */
	enum job_state state;
};

struct job {
	int id;	     /* 0: not yet printed */
	pid_t group; /* 0 without job control */
	bool background;
	int n;
	struct proc *procs;
	char *text;
	struct job *next;
};

extern struct job *job_list;

enum job_state job_state(const struct job *j);
int job_status(const struct job *j);
void job_print(int fd, const struct job *j);
int job_to_front(struct job *j);
void job_continue(struct job *j);
void jobs_reap(int flags);

#endif
