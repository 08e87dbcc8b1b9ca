/* SPDX-License-Identifier: MIT */
/*
 * rmdir - remove empty directories.
 *
 * One that is not empty is complained about, and the next is tried.
 */
#include <unistd.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	prog_init(argv, "DIRECTORY...");
	prog_option(argc, argv, "");
	if (optind == argc)
		prog_usage();
	for (; optind < argc; optind++) {
		if (rmdir(argv[optind]) != 0)
			complain(argv[optind]);
	}
	return prog_end();
}
