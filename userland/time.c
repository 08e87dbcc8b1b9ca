/* SPDX-License-Identifier: MIT */
/*
 * time - run a program and say how long it took, on standard error.
 *
 * The clock's time, and the processor time of the program and its children.
 * The status is the program's, as a shell gives it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/ulib.h"

static void
run(char **argv)
{
	execvp(argv[0], argv);
	prog_failure = errno == ENOENT ? 127 : 126;
	die(argv[0]);
}

static double
seconds_between(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) +
	       (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

static double
seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	struct timespec begin, end;
	struct rusage usage;
	int status;
	pid_t pid;

	prog_init(argv, "PROGRAM [ARG...]\n"
			"Prints the seconds on the clock, in the program and "
			"in the kernel.");
	prog_option(argc, argv, "+");
	if (optind == argc)
		prog_usage();
	clock_gettime(CLOCK_MONOTONIC, &begin);
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		run(argv + optind);
	/* Ctrl-C is for the program: this process must live to report. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	if (wait4(pid, &status, 0, &usage) < 0)
		die("wait");
	clock_gettime(CLOCK_MONOTONIC, &end);
	fprintf(stderr, "real %.3f\nuser %.3f\nsys %.3f\n",
		seconds_between(&begin, &end), seconds(&usage.ru_utime),
		seconds(&usage.ru_stime));
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}
