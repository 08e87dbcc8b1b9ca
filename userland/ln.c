/* SPDX-License-Identifier: MIT */
/*
 * ln - give a file another name, or make a symbolic link.
 *
 * With -f a file that has the new name is removed first, unless it is the same
 * file.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ulib.h"

static void
link_one(const char *from, const char *to, bool symbolic, bool force)
{
	struct stat a, b;

	if (!symbolic && lstat(from, &a) != 0) {
		complain(from);
		return;
	}
	if (force && lstat(to, &b) == 0) {
		/* Removing the only name first would lose the file. */
		if (!symbolic && a.st_ino == b.st_ino && a.st_dev == b.st_dev) {
			complain_as("%s and %s are the same file", from, to);
			return;
		}
		if (unlink(to) != 0) {
			complain(to);
			return;
		}
	}
	if ((symbolic ? symlink(from, to) : link(from, to)) != 0)
		complain(to);
}

int
main(int argc, char **argv)
{
	bool symbolic = false, force = false;
	const char *to = ".";
	struct stat st;
	int c;

	prog_init(argv, "[-sf] FILE [NAME]\n"
			"       ln [-sf] FILE... DIRECTORY\n"
			"  -s  make symbolic links\n"
			"  -f  replace an existing file");
	while ((c = prog_option(argc, argv, "sf")) != -1) {
		symbolic |= c == 's';
		force |= c == 'f';
	}
	if (optind == argc)
		prog_usage();
	if (argc - optind > 1)
		to = argv[--argc];
	if (argc - optind > 1 && (stat(to, &st) != 0 || !S_ISDIR(st.st_mode)))
		die_as("%s: Not a directory", to);
	for (; optind < argc; optind++) {
		char *target = path_target(argv[optind], to);

		link_one(argv[optind], target, symbolic, force);
		free(target);
	}
	return prog_end();
}
