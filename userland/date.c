/* SPDX-License-Identifier: MIT */
/*
 * date - print the time.
 *
 * The default format is that of the C locale; TZ chooses the time zone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/ulib.h"

int
main(int argc, char **argv)
{
	const char *format = "%a %b %e %H:%M:%S %Z %Y";
	time_t now = time(NULL);
	char text[1024];
	struct tm *tm;
	int c;

	prog_init(argv, "[-u] [-d @SECONDS] [+FORMAT]\n"
			"  -u  the time in UTC\n"
			"  -d  this many seconds after 1970 instead of now\n"
			"FORMAT is as in strftime: %Y-%m-%d, %H:%M:%S, %s ...");
	while ((c = prog_option(argc, argv, "ud:")) != -1) {
		if (c == 'u')
			setenv("TZ", "UTC0", 1);
		else if (optarg[0] == '@')
			now = (time_t)number_or_die(optarg + 1, -(1LL << 55));
		else
			prog_usage();
	}
	if (optind < argc && argv[optind][0] == '+')
		format = argv[optind++] + 1;
	if (optind < argc)
		prog_usage();
	tzset();
	tm = localtime(&now);
	if (tm == NULL)
		die("time");
	if (format[0] != '\0' && strftime(text, sizeof(text), format, tm) == 0)
		die_as("%s: too long", format);
	puts(format[0] != '\0' ? text : "");
	return prog_end();
}
