/* SPDX-License-Identifier: MIT */
/*
 * touch - make empty files, or set the times of existing ones to now.
 *
 * The times are tried first, so an existing file is never opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/ulib.h"

static void
touch(const char *path, bool create)
{
	int fd;

	if (utimensat(AT_FDCWD, path, NULL, 0) == 0)
		return;
	if (errno != ENOENT) {
		complain(path);
		return;
	}
	if (!create)
		return;
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd < 0)
		complain(path);
	else
		close(fd);
}

int
main(int argc, char **argv)
{
	bool create = true;

	prog_init(argv, "[-c] FILE...\n"
			"  -c  do not create files");
	while (prog_option(argc, argv, "c") != -1)
		create = false;
	if (optind == argc)
		prog_usage();
	for (; optind < argc; optind++)
		touch(argv[optind], create);
	return prog_end();
}
