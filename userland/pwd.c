/* SPDX-License-Identifier: MIT */
/*
 * pwd - print the current directory.
 *
 * It asks the kernel, so the path has no symbolic links.  The shell has a pwd
 * of its own, which keeps them.
 */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	char path[PATH_MAX];

	prog_init(argv, "");
	/* -L and -P are accepted: the answer never has symbolic links. */
	while (prog_option(argc, argv, "LP") != -1)
		;
	if (getcwd(path, sizeof(path)) == NULL)
		die("current directory");
	puts(path);
	return prog_end();
}
