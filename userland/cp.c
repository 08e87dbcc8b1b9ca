/* SPDX-License-Identifier: MIT */
/*
 * cp - copy files, and with -r whole directories.
 *
 * tree_copy() in userland/lib/tree.c copies; here the targets are chosen.
 */
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	struct stat st;
	const char *to;
	int flags = 0, c;

	prog_init(argv, "[-rpa] FROM TO\n"
			"       cp [-rpa] FROM... DIRECTORY\n"
			"  -r  copy directories recursively\n"
			"  -p  keep mode, owner and times\n"
			"  -a  same as -rp");
	while ((c = prog_option(argc, argv, "arRpf")) != -1) {
		if (c == 'r' || c == 'R' || c == 'a')
			flags |= TREE_DEEP;
		if (c == 'p' || c == 'a')
			flags |= TREE_KEEP;
	}
	if (argc - optind < 2)
		prog_usage();
	to = argv[--argc];
	if (argc - optind > 1 && (stat(to, &st) != 0 || !S_ISDIR(st.st_mode)))
		die_as("%s: Not a directory", to);
	for (; optind < argc; optind++) {
		char *target = path_target(argv[optind], to);

		tree_copy(argv[optind], target, flags);
		free(target);
	}
	return prog_end();
}
