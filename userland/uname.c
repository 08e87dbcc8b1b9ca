/* SPDX-License-Identifier: MIT */
/*
 * uname - print what system this is.
 *
 * The parts are printed in one order, whatever the order of the options.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	static const char order[] = "snrvm";
	bool wanted[sizeof(order)] = { false }, any = false, first = true;
	struct utsname u;
	int c;

	prog_init(argv, "[-asnrvm]\n"
			"  -s  kernel name (the default)\n"
			"  -n  host name\n"
			"  -r  kernel release, -v kernel version\n"
			"  -m  hardware type\n"
			"  -a  all of them");
	while ((c = prog_option(argc, argv, "asnrvm")) != -1) {
		for (size_t i = 0; order[i] != '\0'; i++)
			wanted[i] |= c == 'a' || c == order[i];
		any = true;
	}
	if (optind < argc)
		prog_usage();
	if (!any)
		wanted[0] = true;
	if (uname(&u) != 0)
		die("uname");

	const char *const parts[] = { u.sysname, u.nodename, u.release,
				      u.version, u.machine };

	for (size_t i = 0; order[i] != '\0'; i++) {
		if (!wanted[i])
			continue;
		printf("%s%s", first ? "" : " ", parts[i]);
		first = false;
	}
	putchar('\n');
	return prog_end();
}
