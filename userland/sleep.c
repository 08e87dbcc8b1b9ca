/* SPDX-License-Identifier: MIT */
/*
 * sleep - wait for some seconds, minutes, hours or days.
 *
 * A signal with a handler does not cut it short: the rest is slept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/ulib.h"

static double
seconds(const char *text)
{
	static const char units[] = "smhd";
	static const int lengths[] = { 1, 60, 3600, 86400 };
	const char *unit;
	char *end;
	double value = strtod(text, &end);

	unit = *end == '\0' ? units : strchr(units, *end);
	if (end == text || unit == NULL || (*end != '\0' && end[1] != '\0') ||
	    !(value >= 0)) {
		complain_as("%s: not a valid time interval", text);
		exit(2);
	}
	return value * lengths[unit - units];
}

int
main(int argc, char **argv)
{
	const double longest = 1e15; /* infinity does not fit into a time_t */
	struct timespec left;
	double total = 0;

	prog_init(argv, "NUMBER[smhd]...\n"
			"Fractions are allowed; several numbers are added up.");
	prog_option(argc, argv, "");
	if (optind == argc)
		prog_usage();
	for (; optind < argc; optind++)
		total += seconds(argv[optind]);
	if (total > longest)
		total = longest;
	left.tv_sec = (time_t)total;
	left.tv_nsec = (long)((total - (double)left.tv_sec) * 1e9);
	while (nanosleep(&left, &left) != 0) {
		if (errno != EINTR)
			die("nanosleep");
	}
	return prog_end();
}
