/* SPDX-License-Identifier: MIT */
/*
 * mount - list what is mounted, or mount a file system.
 *
 * The list is /proc/mounts in other words.  The type is ext2 unless -t says
 * other.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "lib/ulib.h"

static void
list(void)
{
	char from[256], on[256], type[64], options[256];
	FILE *file = fopen("/proc/mounts", "r");

	if (file == NULL)
		die("/proc/mounts");
	while (fscanf(file, "%255s %255s %63s %255s %*d %*d", from, on, type,
		      options) == 4)
		printf("%s on %s type %s (%s)\n", from, on, type, options);
	fclose(file);
}

int
main(int argc, char **argv)
{
	const char *type = "ext2";
	unsigned long flags = 0;
	int c;

	prog_init(argv, "[[-r] [-t TYPE] DEVICE DIRECTORY]\n"
			"  -r  read only\n"
			"  -t  file system type (ext2, tmpfs, proc ...)");
	while ((c = prog_option(argc, argv, "rt:")) != -1) {
		if (c == 'r')
			flags |= MS_RDONLY;
		else
			type = optarg;
	}
	if (optind == argc && argc == 1)
		list();
	else if (argc - optind != 2)
		prog_usage();
	else if (mount(argv[optind], argv[optind + 1], type, flags, NULL) != 0)
		complain(argv[optind + 1]);
	return prog_end();
}
