/* SPDX-License-Identifier: MIT */
/*
 * userland/sh/builtin_job.c - jobs, fg, bg, wait, kill.
 *
 * They look jobs up by number, name or %%; jobs.c starts and waits.  wait also
 * returns when a signal with a trap comes.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sh.h"
#include "jobs.h"

/* The job that %%, fg and bg mean: the last stopped, else the last one. */
static struct job *
current_job(bool previous)
{
	struct job *best = NULL, *second = NULL;

	for (int pass = 0; pass < 2; pass++) {
		for (struct job *j = job_list; j != NULL; j = j->next) {
			bool stopped = job_state(j) == JOB_STOPPED;

			if (j->id == 0 || stopped != (pass == 1))
				continue;
			second = best;
			best = j;
		}
	}
	return previous ? second : best;
}

/* What a job or one of its processes does; `status` is as wait gave it. */
static const char *
state_text(enum job_state state, int status)
{
	static const char *const words[] = { "Running", "Stopped", "Done" };
	static char text[32];

	if (state != JOB_DONE || status == 0)
		return words[state];
	if (WIFSIGNALED(status))
		return strsignal(WTERMSIG(status));
	snprintf(text, sizeof(text), "Exit %d", WEXITSTATUS(status));
	return text;
}

static char
job_mark(const struct job *j)
{
	if (j == current_job(false))
		return '+';
	return j == current_job(true) ? '-' : ' ';
}

void
job_print(int fd, const struct job *j)
{
	enum job_state state = job_state(j);
	int status = j->n > 0 ? j->procs[j->n - 1].status : 0;

	dprintf(fd, "[%d]%c  %-20s %s%s\n", j->id, job_mark(j),
		state_text(state, status), j->text,
		state == JOB_RUNNING ? " &" : "");
}

/* A line for each process, the job's command on the first. */
static void
job_print_long(const struct job *j)
{
	for (int i = 0; i < j->n; i++) {
		const struct proc *p = &j->procs[i];
		const char *state = state_text(p->state, p->status);

		if (i > 0) {
			out_printf("      %ld %s\n", (long)p->pid, state);
			continue;
		}
		out_printf("[%d]%c  %ld %-20s ", j->id, job_mark(j),
			   (long)p->pid, state);
		out_puts(j->text);
		out_puts(job_state(j) == JOB_RUNNING ? " &\n" : "\n");
	}
}

/* Before a prompt: the jobs that have ended since the last one. */
void
jobs_report(void)
{
	if (job_list == NULL)
		return;
	jobs_reap(WNOHANG);
	for (struct job *j = job_list, *next; j != NULL; j = next) {
		next = j->next;
		if (j->id == 0 || job_state(j) != JOB_DONE)
			continue;
		job_print(2, j);
		job_free(j);
	}
}

/* %1, %%, %+, %-, %name; NULL after a message. */
static struct job *
find_job(const char *who, const char *spec)
{
	struct job *found = NULL;

	if (spec == NULL || strcmp(spec, "%") == 0 || strcmp(spec, "%%") == 0 ||
	    strcmp(spec, "%+") == 0)
		found = current_job(false);
	else if (strcmp(spec, "%-") == 0)
		found = current_job(true);
	for (struct job *j = job_list;
	     j != NULL && spec != NULL && found == NULL; j = j->next) {
		const char *s = spec + (*spec == '%');

		if (j->id == 0)
			continue;
		if (isdigit((unsigned char)*s)
			    ? atoi(s) == j->id
			    : *s != '\0' && strncmp(j->text, s, strlen(s)) == 0)
			found = j;
	}
	if (found == NULL && spec == NULL)
		error("%s: no current job", who);
	else if (found == NULL)
		error("%s: %s: no such job (see `jobs`)", who, spec);
	return found;
}

/* Print one job; forget it when it is over and its end has been shown. */
static void
list_job(struct job *j, char how)
{
	if (how == 'p') {
		if (j->n > 0)
			out_printf("%ld\n", (long)j->procs[0].pid);
		return;
	}
	if (how == 'l')
		job_print_long(j);
	else
		job_print(1, j);
	if (job_state(j) == JOB_DONE)
		job_free(j);
}

int
builtin_jobs(int argc, char **argv)
{
	int i = 1, status = 0;
	char how = ' ';

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "-l") != 0 && strcmp(argv[i], "-p") != 0) {
			error("jobs: no option %s: jobs [-l|-p] [%%JOB ...]",
			      argv[i]);
			return 2;
		}
		how = argv[i][1];
	}
	jobs_reap(WNOHANG);
	for (struct job *j = job_list, *next; i == argc && j != NULL;
	     j = next) {
		next = j->next;
		if (j->id != 0)
			list_job(j, how);
	}
	for (; i < argc; i++) {
		struct job *j = find_job("jobs", argv[i]);

		if (j != NULL)
			list_job(j, how);
		else
			status = 1;
	}
	return status;
}

static bool
have_control(const char *who)
{
	if (!jobs_controlled())
		error("%s: no job control in this shell", who);
	return jobs_controlled();
}

int
builtin_fg(int argc, char **argv)
{
	struct job *j;

	if (!have_control("fg"))
		return 1;
	j = find_job("fg", argc > 1 ? argv[1] : NULL);
	return j != NULL ? job_to_front(j) : 1;
}

int
builtin_bg(int argc, char **argv)
{
	struct job *j;

	if (!have_control("bg"))
		return 1;
	j = find_job("bg", argc > 1 ? argv[1] : NULL);
	if (j == NULL)
		return 1;
	job_continue(j);
	j->background = true;
	sh.last_background = j->procs[j->n - 1].pid;
	job_print(1, j);
	return 0;
}

/* ---- wait ------------------------------------------------------------ */

/*
 * Sleep until a child changed or a signal came.  Signals are blocked between
 * looking and sleeping, so that none is missed.
 */
static void
sleep_for_child(void)
{
	sigset_t all, old;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &old);
	jobs_reap(WNOHANG);
	if (trap_pending_signal() == 0 && !interrupted()) {
		bool running = false;

		for (struct job *j = job_list; j != NULL; j = j->next)
			running |= job_state(j) == JOB_RUNNING;
		if (running && sigsuspend(&old) < 0 && errno == ENOSYS)
			jobs_reap(0);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
}

/* Returns the job's status, or 128+signal when a trap cut the wait short. */
static int
wait_job(struct job *j, bool *cut)
{
	int status;

	while (job_state(j) == JOB_RUNNING) {
		sleep_for_child();
		if (job_state(j) != JOB_RUNNING)
			break;
		if (interrupted() || trap_pending_signal() != 0) {
			*cut = true;
			return 128 +
			       (interrupted() ? SIGINT : trap_pending_signal());
		}
	}
	status = job_status(j);
	if (job_state(j) == JOB_DONE)
		job_free(j);
	return status;
}

static struct job *
job_of_pid(const char *text)
{
	intmax_t pid;

	if (!parse_number(text, &pid))
		return NULL;
	for (struct job *j = job_list; j != NULL; j = j->next)
		for (int i = 0; i < j->n; i++)
			if (j->procs[i].pid == pid)
				return j;
	return NULL;
}

static int
wait_all(void)
{
	bool cut = false;

	for (;;) {
		struct job *j = job_list;
		int status;

		while (j != NULL &&
		       (!j->background || job_state(j) == JOB_STOPPED))
			j = j->next;
		if (j == NULL)
			return 0;
		status = wait_job(j, &cut);
		if (cut)
			return status;
	}
}

int
builtin_wait(int argc, char **argv)
{
	bool cut = false;
	int status = 0;

	if (argc < 2)
		return wait_all();
	for (int i = 1; i < argc && !cut; i++) {
		struct job *j = argv[i][0] == '%' ? find_job("wait", argv[i])
						  : job_of_pid(argv[i]);

		if (j == NULL && argv[i][0] != '%' &&
		    strspn(argv[i], "0123456789") != strlen(argv[i])) {
			error("wait: '%s' is not a process number", argv[i]);
			return 2;
		}
		status = j != NULL ? wait_job(j, &cut) : 127;
	}
	return status;
}

/* ---- kill ------------------------------------------------------------ */

static int
list_signals(int argc, char **argv)
{
	if (argc > 2) {
		intmax_t n;

		if (parse_number(argv[2], &n) && n > 0 && n < 256 &&
		    signal_name(n & 127) != NULL) {
			out_printf("%s\n", signal_name(n & 127));
			return 0;
		}
		error("kill: %s: no such signal", argv[2]);
		return 1;
	}
	for (int i = 1; i < 32; i++)
		if (signal_name(i) != NULL)
			out_printf("%2d %-8s%s", i, signal_name(i),
				   i % 6 == 0 ? "\n" : "");
	out_puts("\n");
	return 0;
}

static int
kill_job(struct job *j, int sig)
{
	int result = 0;

	if (j->group != 0) {
		result = kill(-j->group, sig);
		if (job_state(j) == JOB_STOPPED && sig != SIGSTOP &&
		    sig != SIGTSTP)
			job_continue(j);
		return result;
	}
	for (int i = 0; i < j->n; i++)
		if (j->procs[i].state != JOB_DONE &&
		    kill(j->procs[i].pid, sig) < 0)
			result = -1;
	return result;
}

static int
kill_one(const char *who, int sig)
{
	struct job *j = NULL;
	intmax_t pid = 0;

	if (*who == '%') {
		j = find_job("kill", who);
		if (j == NULL)
			return 1;
	} else if (!parse_number(who, &pid) || pid != (pid_t)pid) {
		error("kill: '%s' is not a process number", who);
		return 1;
	}
	if ((j != NULL ? kill_job(j, sig) : kill(pid, sig)) < 0) {
		error("kill: %s: %s", who, strerror(errno));
		return 1;
	}
	return 0;
}

int
builtin_kill(int argc, char **argv)
{
	int i = 1, sig = SIGTERM, status = 0;

	if (argc > 1 && strcmp(argv[1], "-l") == 0)
		return list_signals(argc, argv);
	if (argc > 1 && argv[1][0] == '-' && strcmp(argv[1], "--") != 0) {
		const char *name = argv[1] + 1;

		i++;
		if (strcmp(name, "s") == 0 || strcmp(name, "n") == 0)
			name = argc > i ? argv[i++] : "";
		sig = signal_number(name);
		if (sig < 0) {
			error("kill: %s: no such signal (kill -l lists them)",
			      name);
			return 2;
		}
	}
	if (i < argc && strcmp(argv[i], "--") == 0)
		i++;
	if (i >= argc) {
		error("kill: usage: kill [-SIGNAL] PID or %%JOB ...");
		return 2;
	}
	for (; i < argc; i++)
		status |= kill_one(argv[i], sig);
	return status;
}
