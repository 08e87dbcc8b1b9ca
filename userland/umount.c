/* SPDX-License-Identifier: MIT */
/*
 * umount - take a file system away from the directory it is mounted on.
 *
 * The kernel refuses one that is in use (EBUSY); the next is then tried.
 */
#include <sys/mount.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	prog_init(argv, "DIRECTORY...");
	prog_option(argc, argv, "");
	if (optind == argc)
		prog_usage();
	for (; optind < argc; optind++) {
		if (umount2(argv[optind], 0) != 0)
			complain(argv[optind]);
	}
	return prog_end();
}
