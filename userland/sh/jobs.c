/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/jobs.c - children: starting them, waiting, the job table.
 *
 * Every pipeline is a job.  With job control (a terminal that has process
 * groups) each gets its own group, and the foreground job the terminal.  Where
 * the system lacks that the shell says so once and goes on without.  A finished
 * background job stays listed until a command has asked for its status.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "sh.h"
#include "jobs.h"

#define MAX_DONE_JOBS 200

struct job *job_list; /* oldest first */

static int tty = -1;
static pid_t shell_group, first_group;
static bool controlled;
static struct termios tty_modes;

bool
jobs_controlled(void)
{
	return controlled;
}

/* ---- the table ------------------------------------------------------- */

struct job *
job_new(const struct node *n)
{
	struct job *j = xmalloc(sizeof(*j)), **end = &job_list;

	*j = (struct job){ .text = xstrdup("") };
	if (n != NULL && n->unit->raw != NULL && n->end > n->begin) {
		size_t len = n->end - n->begin;

		while (len > 0 &&
		       strchr(" \t\n", n->unit->raw[n->begin + len - 1]))
			len--;
		len = len > 200 ? 200 : len;
		j->text = xrealloc(j->text, len + 1);
		memcpy(j->text, n->unit->raw + n->begin, len);
		j->text[len] = '\0';
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)j->text[i] < ' ')
				j->text[i] = ' ';
	}
	while (*end != NULL)
		end = &(*end)->next;
	*end = j;
	return j;
}

void
job_free(struct job *j)
{
	struct job **p = &job_list;

	while (*p != j)
		p = &(*p)->next;
	*p = j->next;
	free(j->procs);
	free(j->text);
	free(j);
}

/* A child has its own children only. */
void
jobs_forget(void)
{
	while (job_list != NULL)
		job_free(job_list);
}

static void
job_add(struct job *j, pid_t pid)
{
	j->procs = xrealloc(j->procs, (j->n + 1) * sizeof(*j->procs));
	j->procs[j->n++] = (struct proc){ .pid = pid };
}

static void
job_number(struct job *j)
{
	int max = 0;

	if (j->id > 0)
		return;
	for (struct job *k = job_list; k != NULL; k = k->next)
		if (k->id > max)
			max = k->id;
	j->id = max + 1;
}

enum job_state
job_state(const struct job *j)
{
	enum job_state state = JOB_DONE;

	for (int i = 0; i < j->n; i++) {
		if (j->procs[i].state == JOB_RUNNING)
			return JOB_RUNNING;
		if (j->procs[i].state == JOB_STOPPED)
			state = JOB_STOPPED;
	}
	return state;
}

static int
exit_status(int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WIFSTOPPED(status))
		return 128 + WSTOPSIG(status);
	return 128 + WTERMSIG(status);
}

int
job_status(const struct job *j)
{
	return j->n > 0 ? exit_status(j->procs[j->n - 1].status) : 0;
}

bool
jobs_stopped(void)
{
	for (struct job *j = job_list; j != NULL; j = j->next)
		if (job_state(j) == JOB_STOPPED)
			return true;
	return false;
}

/* ---- waiting --------------------------------------------------------- */

static void
record(pid_t pid, int status)
{
	for (struct job *j = job_list; j != NULL; j = j->next) {
		for (int i = 0; i < j->n; i++) {
			struct proc *p = &j->procs[i];

			if (p->pid != pid || p->state == JOB_DONE)
				continue;
			p->status = status;
			p->state = WIFSTOPPED(status) ? JOB_STOPPED : JOB_DONE;
			return;
		}
	}
}

/* There are no children any more: the jobs that seemed to run are lost. */
static void
record_all_lost(void)
{
	for (struct job *j = job_list; j != NULL; j = j->next) {
		for (int i = 0; i < j->n; i++) {
			if (j->procs[i].state == JOB_DONE)
				continue;
			j->procs[i].state = JOB_DONE;
			j->procs[i].status = 127 << 8;
		}
	}
}

/* Learn about one child, or about all that are ready with WNOHANG. */
void
jobs_reap(int flags)
{
	int status;
	pid_t pid;

	do {
		pid = waitpid(-1, &status,
			      flags | (controlled ? WUNTRACED : 0));
		if (pid > 0)
			record(pid, status);
	} while (pid > 0 && (flags & WNOHANG));
	if (pid < 0 && errno != EINTR)
		record_all_lost();
}

int
wait_child(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 127;
	return exit_status(status);
}

static void
take_terminal(void)
{
	if (controlled)
		tcsetpgrp(tty, shell_group);
}

/* A program that was killed or stopped may have left raw mode behind. */
static void
check_modes(int status)
{
	if (tty < 0)
		return;
	if (WIFEXITED(status))
		tcgetattr(tty, &tty_modes);
	else
		tcsetattr(tty, TCSADRAIN, &tty_modes);
}

static void
say_signal(const struct job *j, int sig)
{
	if (sig == SIGINT || sig == SIGPIPE) {
		if (sh.interactive && sig == SIGINT && write(2, "\n", 1) < 0)
			return;
		return;
	}
	if (*j->text != '\0')
		error("%s: %s", strsignal(sig), j->text);
	else
		error("%s", strsignal(sig));
}

/* The job is over: print what the user should know, and free it. */
static int
finish_job(struct job *j)
{
	int status = job_status(j);
	int raw = j->n > 0 ? j->procs[j->n - 1].status : 0;

	if (WIFSIGNALED(raw)) {
		say_signal(j, WTERMSIG(raw));
		if (sh.interactive && WTERMSIG(raw) == SIGINT)
			sh.unwind = UNWIND_INTERRUPT;
	}
	job_free(j);
	return status;
}

int
job_wait_foreground(struct job *j)
{
	int status;

	while (job_state(j) == JOB_RUNNING)
		jobs_reap(0);
	take_terminal();
	if (sh.interactive && j->n > 0)
		check_modes(j->procs[j->n - 1].status);
	if (job_state(j) == JOB_DONE)
		return finish_job(j);
	status = job_status(j);
	for (int i = 0; i < j->n; i++)
		if (j->procs[i].state == JOB_STOPPED)
			status = exit_status(j->procs[i].status);
	job_number(j);
	dprintf(2, "\n");
	job_print(2, j);
	return status;
}

/* ---- starting -------------------------------------------------------- */

static void
join_group(struct job *j, pid_t pid, bool foreground)
{
	pid_t group = j->group != 0 ? j->group : pid;

	/* Parent and child both do this: whichever comes first wins. */
	setpgid(pid, group);
	if (foreground)
		tcsetpgrp(tty, group);
	j->group = group;
}

static void
child_setup(struct job *j, bool foreground)
{
	bool had_control = controlled;
	int null;

	sh.subshell = true;
	if (j != NULL && had_control)
		join_group(j, getpid(), foreground);
	controlled = false;
	sh.interactive = false;
	signals_subshell();
	jobs_forget();
	if (j == NULL || foreground || had_control)
		return;
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	null = open("/dev/null", O_RDONLY);
	if (null > 0) {
		dup2(null, 0);
		close(null);
	}
}

/*
 * Fork a process of job `j`.  Without a job the child stays in the shell's own
 * group and the caller waits for it by pid.
 */
pid_t
job_fork(struct job *j, bool foreground)
{
	pid_t pid = fork();

	if (pid == 0) {
		child_setup(j, foreground);
	} else if (pid > 0 && j != NULL) {
		job_add(j, pid);
		if (controlled)
			join_group(j, pid, foreground);
	}
	return pid;
}

/* Old statuses that no command asks for must not pile up. */
static void
drop_old_jobs(void)
{
	int done = 0;

	for (struct job *j = job_list; j != NULL; j = j->next)
		done += job_state(j) == JOB_DONE;
	for (struct job *j = job_list, *next; done > MAX_DONE_JOBS; j = next) {
		next = j->next;
		if (job_state(j) != JOB_DONE)
			continue;
		job_free(j);
		done--;
	}
}

void
job_background(struct job *j, bool announce)
{
	j->background = true;
	job_number(j);
	if (announce)
		dprintf(2, "[%d] %ld\n", j->id, (long)j->procs[j->n - 1].pid);
	jobs_reap(WNOHANG);
	drop_old_jobs();
}

/* ---- the terminal ---------------------------------------------------- */

static void
no_control(const char *why)
{
	error("no job control here (%s): Ctrl-Z, fg and bg will not work", why);
	if (tty >= 0)
		close(tty);
	tty = -1;
}

void
jobs_init(void)
{
	pid_t group;

	tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (tty < 0)
		tty = dup(2);
	if (tty >= 0)
		tty = fd_move_high(tty);
	/*
	 * Started in the background: stop until the shell is in the foreground.
	 */
	for (int i = 0; i < 100; i++) {
		group = tcgetpgrp(tty);
		if (group < 0 || group == getpgrp())
			break;
		kill(0, SIGTTIN);
	}
	if (group < 0 || group != getpgrp()) {
		no_control(group < 0 ? strerror(errno)
				     : "the shell is in the background");
		return;
	}
	first_group = group;
	shell_group = getpid();
	if (group != shell_group && setpgid(0, shell_group) < 0) {
		no_control(strerror(errno));
		return;
	}
	if (tcsetpgrp(tty, shell_group) < 0) {
		no_control(strerror(errno));
		return;
	}
	tcgetattr(tty, &tty_modes);
	controlled = true;
	sh.opt[OPT_MONITOR] = true;
}

void
jobs_end(void)
{
	if (!controlled)
		return;
	for (struct job *j = job_list; j != NULL; j = j->next) {
		if (job_state(j) != JOB_STOPPED)
			continue;
		kill(-j->group, SIGHUP);
		kill(-j->group, SIGCONT);
	}
	if (first_group != shell_group) {
		tcsetpgrp(tty, first_group);
		setpgid(0, first_group);
	}
	controlled = false;
}

/* Put a job in front, going on if it was stopped, and wait for it. */
int
job_to_front(struct job *j)
{
	dprintf(2, "%s\n", j->text);
	tcsetpgrp(tty, j->group);
	job_continue(j);
	j->background = false;
	return job_wait_foreground(j);
}

void
job_continue(struct job *j)
{
	for (int i = 0; i < j->n; i++)
		if (j->procs[i].state == JOB_STOPPED)
			j->procs[i].state = JOB_RUNNING;
	kill(-j->group, SIGCONT);
}
