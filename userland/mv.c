/* SPDX-License-Identifier: MIT */
/*
 * mv - rename files, or move them into a directory.
 *
 * Between two file systems a file is copied, with its owner and times, and then
 * removed.  What has the new name already is replaced.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/ulib.h"

static void
move(const char *from, const char *to)
{
	struct stat a, b;

	/* rename() would succeed and do nothing, which looks like a loss. */
	if (lstat(from, &a) == 0 && lstat(to, &b) == 0 &&
	    a.st_ino == b.st_ino && a.st_dev == b.st_dev) {
		complain_as("%s and %s are the same file", from, to);
		return;
	}
	if (rename(from, to) == 0)
		return;
	if (errno != EXDEV) {
		/* Name the side that is to blame, if it is known. */
		if (errno == ENOENT && lstat(from, &a) != 0)
			complain(from);
		else
			complain_as("%s to %s: %m", from, to);
		return;
	}
	/* Another file system: rename cannot cross, so copy and remove. */
	if (tree_copy(from, to, TREE_DEEP | TREE_KEEP) == 0)
		tree_remove(from);
}

int
main(int argc, char **argv)
{
	struct stat st;
	const char *to;

	prog_init(argv, "[-f] FROM TO\n"
			"       mv [-f] FROM... DIRECTORY");
	while (prog_option(argc, argv, "f") != -1)
		;
	if (argc - optind < 2)
		prog_usage();
	to = argv[--argc];
	if (argc - optind > 1 && (stat(to, &st) != 0 || !S_ISDIR(st.st_mode)))
		die_as("%s: Not a directory", to);
	for (; optind < argc; optind++) {
		char *target = path_target(argv[optind], to);

		move(argv[optind], target);
		free(target);
	}
	return prog_end();
}
