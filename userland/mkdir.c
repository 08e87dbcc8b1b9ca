/* SPDX-License-Identifier: MIT */
/*
 * mkdir - make directories.
 *
 * With -p also the missing parents; a directory that exists is then no error.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/ulib.h"

/* Make what is missing of the path, one slash after the other. */
static void
make_all(const char *path)
{
	char *copy = must_copy(path);
	struct stat st;

	for (char *at = copy + 1;; at++) {
		char was = *at;

		if (was != '/' && was != '\0')
			continue;
		*at = '\0';
		if (mkdir(copy, 0777) != 0 &&
		    (stat(copy, &st) != 0 || !S_ISDIR(st.st_mode))) {
			/* The file in the way is the reason, not its name. */
			if (errno == EEXIST && was != '\0')
				errno = ENOTDIR;
			complain(copy);
			break;
		}
		if (was == '\0')
			break;
		*at = was;
	}
	free(copy);
}

int
main(int argc, char **argv)
{
	bool parents = false;
	int c;

	prog_init(argv,
		  "[-p] DIRECTORY...\n"
		  "  -p  create missing parents; accept existing directories");
	while ((c = prog_option(argc, argv, "p")) != -1)
		parents = true;
	if (optind == argc)
		prog_usage();
	for (; optind < argc; optind++) {
		if (parents && argv[optind][0] != '\0')
			make_all(argv[optind]);
		else if (mkdir(argv[optind], 0777) != 0)
			complain(argv[optind]);
	}
	return prog_end();
}
