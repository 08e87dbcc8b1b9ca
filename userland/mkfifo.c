/* SPDX-License-Identifier: MIT */
/*
 * mkfifo - make FIFOs: pipes with a name.
 *
 * Every user may read and write them, less what the umask takes away.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	prog_init(argv, "NAME...");
	prog_option(argc, argv, "");
	if (optind == argc)
		prog_usage();
	for (; optind < argc; optind++)
		if (mkfifo(argv[optind], 0666) != 0)
			complain(argv[optind]);
	return prog_end();
}
