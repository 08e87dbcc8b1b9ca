/* SPDX-License-Identifier: MIT */
/*
 * rm - remove files, and with -r whole directories.
 *
 * tree_remove() in userland/lib/tree.c walks the tree.  ".", ".."  and "/" are
 * refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/ulib.h"

static void
remove_one(const char *path, bool deep, bool force)
{
	char *base = path_base(path);
	bool special = strcmp(base, ".") == 0 || strcmp(base, "..") == 0 ||
		       strcmp(base, "/") == 0;
	struct stat st;

	free(base);
	if (lstat(path, &st) != 0) {
		if (!force || (errno != ENOENT && errno != ENOTDIR))
			complain(path);
	} else if (S_ISDIR(st.st_mode) && !deep) {
		complain_as("%s: Is a directory (use -r to remove it)", path);
	} else if (special) {
		complain_as("%s: refusing to remove '.', '..' or '/'", path);
	} else {
		tree_remove(path);
	}
}

int
main(int argc, char **argv)
{
	bool deep = false, force = false;
	int c;

	prog_init(argv, "[-rf] FILE...\n"
			"  -r  remove directories and their contents\n"
			"  -f  ignore files that do not exist");
	while ((c = prog_option(argc, argv, "rRf")) != -1) {
		force |= c == 'f';
		deep |= c != 'f';
	}
	if (optind == argc && !force)
		prog_usage();
	for (; optind < argc; optind++)
		remove_one(argv[optind], deep, force);
	return prog_end();
}
