/* SPDX-License-Identifier: MIT */
/*
 * env - print the environment, or run a program in a changed one.
 *
 * The status is the program's; 127 if there is no such program, 126 if it
 * cannot be executed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/ulib.h"

extern char **environ;

int
main(int argc, char **argv)
{
	int c;

	prog_init(argv, "[-i] [-u NAME]... [NAME=VALUE]... [PROGRAM [ARG...]]\n"
			"  -i  start from an empty environment\n"
			"  -u  remove NAME from the environment");
	while ((c = prog_option(argc, argv, "+iu:")) != -1) {
		if (c == 'i')
			clearenv();
		else if (unsetenv(optarg) != 0)
			die(optarg);
	}
	for (; optind < argc && strchr(argv[optind], '=') != NULL; optind++) {
		if (putenv(argv[optind]) != 0)
			die(argv[optind]);
	}
	if (optind < argc) {
		execvp(argv[optind], argv + optind);
		prog_failure = errno == ENOENT ? 127 : 126;
		die(argv[optind]);
	}
	for (char **pair = environ; pair != NULL && *pair != NULL; pair++)
		puts(*pair);
	return prog_end();
}
