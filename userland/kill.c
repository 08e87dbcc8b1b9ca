/* SPDX-License-Identifier: MIT */
/*
 * kill - send a signal to processes.
 *
 * The shell has a kill of its own, which knows jobs.  A number of 0 sends
 * nothing and only tells whether the process can be reached.
 */
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/ulib.h"

static const char *const names[] = {
	[SIGHUP] = "HUP",	[SIGINT] = "INT",	[SIGQUIT] = "QUIT",
	[SIGILL] = "ILL",	[SIGTRAP] = "TRAP",	[SIGABRT] = "ABRT",
	[SIGBUS] = "BUS",	[SIGFPE] = "FPE",	[SIGKILL] = "KILL",
	[SIGUSR1] = "USR1",	[SIGSEGV] = "SEGV",	[SIGUSR2] = "USR2",
	[SIGPIPE] = "PIPE",	[SIGALRM] = "ALRM",	[SIGTERM] = "TERM",
	[SIGSTKFLT] = "STKFLT", [SIGCHLD] = "CHLD",	[SIGCONT] = "CONT",
	[SIGSTOP] = "STOP",	[SIGTSTP] = "TSTP",	[SIGTTIN] = "TTIN",
	[SIGTTOU] = "TTOU",	[SIGURG] = "URG",	[SIGXCPU] = "XCPU",
	[SIGXFSZ] = "XFSZ",	[SIGVTALRM] = "VTALRM", [SIGPROF] = "PROF",
	[SIGWINCH] = "WINCH",	[SIGIO] = "POLL",	[SIGPWR] = "PWR",
	[SIGSYS] = "SYS",
};
#define SIGNALS ((int)(sizeof(names) / sizeof(names[0])))

/* A number, or a name with or without SIG; -1 for neither. */
static int
signal_of(const char *text)
{
	if (isdigit((unsigned char)text[0])) {
		char *end;
		long number = strtol(text, &end, 10);

		return *end == '\0' && number <= 64 ? (int)number : -1;
	}
	if (strncasecmp(text, "SIG", 3) == 0)
		text += 3;
	for (int i = 1; i < SIGNALS; i++) {
		if (strcasecmp(text, names[i]) == 0)
			return i;
	}
	return -1;
}

/*
 * All names; or, for each word, the other form: a number for a name, a name for
 * a number.  A number above 128 is an exit status.
 */
static void
list(char **which)
{
	for (int i = 1; *which == NULL && i < SIGNALS; i++)
		puts(names[i]);
	for (; *which != NULL; which++) {
		int number = signal_of(*which);

		if (number < 0 && atoi(*which) > 128)
			number = atoi(*which) - 128;
		if (number <= 0 || number >= SIGNALS)
			complain_as("%s: no such signal", *which);
		else if (isdigit((unsigned char)**which))
			puts(names[number]);
		else
			printf("%d\n", number);
	}
}

static void
send_to(const char *target, int number)
{
	char *end;
	long pid = strtol(target, &end, 10);

	if (end == target || *end != '\0' || pid != (pid_t)pid)
		complain_as("%s: not a process number", target);
	else if (kill((pid_t)pid, number) != 0)
		complain(target);
}

int
main(int argc, char **argv)
{
	const char *name = "TERM";
	int number;

	prog_init(argv, "[-NAME | -NUMBER | -s NAME] PID...\n"
			"       kill -l [SIGNAL]...\n"
			"The default signal is TERM.  A negative PID, after "
			"--,\n"
			"names a process group.");
	argv++;
	if (argc > 1 && strcmp(*argv, "--help") == 0)
		prog_option(argc, argv - 1, "");
	if (*argv != NULL && strcmp(*argv, "-l") == 0) {
		list(argv + 1);
		return prog_end();
	}
	if (*argv != NULL && strcmp(*argv, "-s") == 0 && argv[1] != NULL) {
		name = argv[1];
		argv += 2;
	} else if (*argv != NULL && (*argv)[0] == '-' && (*argv)[1] != '-') {
		name = *argv++ + 1;
	}
	number = signal_of(name);
	if (number < 0) {
		complain_as("%s: no such signal (-l lists them)", name);
		return 2;
	}
	if (*argv != NULL && strcmp(*argv, "--") == 0)
		argv++;
	if (*argv == NULL || strncmp(*argv, "--", 2) == 0)
		prog_usage();
	for (; *argv != NULL; argv++)
		send_to(*argv, number);
	return prog_end();
}
