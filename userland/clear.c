/* SPDX-License-Identifier: MIT */
/*
 * clear - make the terminal empty, with what has scrolled away.
 *
 * It sends the escape sequences of an xterm: there is no database of terminals.
 */
#include <stdio.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	prog_init(argv, "");
	if (prog_option(argc, argv, "") != -1 || optind < argc)
		prog_usage();
	fputs("\033[H\033[2J\033[3J", stdout);
	return prog_end();
}
