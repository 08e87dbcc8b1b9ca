/* SPDX-License-Identifier: MIT */
/*
 * yes - print y, or some words, again and again until writing fails.
 *
 * Usually SIGPIPE ends it first, when the reader has closed the pipe.
 */
#include <stdio.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	prog_init(argv, "[WORD...]");
	prog_option(argc, argv, "+");
	while (!ferror(stdout)) {
		if (optind == argc)
			puts("y");
		for (int i = optind; i < argc; i++)
			printf("%s%c", argv[i], i + 1 < argc ? ' ' : '\n');
	}
	return prog_end();
}
