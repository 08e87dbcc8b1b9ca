/* SPDX-License-Identifier: MIT */
/*
 * which - print the path of the program that a name stands for.
 *
 * The folders of PATH are looked through in order, as execvp() does; an empty
 * one is the current folder.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/ulib.h"

static bool all;

static bool
is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       access(path, X_OK) == 0;
}

/*
 * Print its path in the first folder, or in each with -a.  False: none has it.
 */
static bool
which(const char *name)
{
	const char *path = getenv("PATH");
	bool found = false;

	if (strchr(name, '/') != NULL) {
		found = is_program(name);
		if (found)
			puts(name);
		return found;
	}
	while (path != NULL && (all || !found)) {
		size_t length = strcspn(path, ":");
		char *folder = strndup(length > 0 ? path : ".",
				       length > 0 ? length : 1);
		char *full;

		if (folder == NULL)
			die("memory");
		full = path_join(folder, name);
		if (is_program(full)) {
			puts(full);
			found = true;
		}
		free(full);
		free(folder);
		path = path[length] == ':' ? path + length + 1 : NULL;
	}
	return found;
}

int
main(int argc, char **argv)
{
	int c;

	prog_init(argv,
		  "[-a] NAME...\n"
		  "  -a  print all matches in PATH, not only the first\n"
		  "The status is 1 if a NAME is not found.  Builtins of the\n"
		  "shell are not searched: use `type` for them.");
	while ((c = prog_option(argc, argv, "a")) != -1)
		all = true;
	if (optind == argc)
		prog_usage();
	for (; optind < argc; optind++)
		if (!which(argv[optind]))
			prog_status = 1;
	return prog_end();
}
