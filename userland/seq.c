/* SPDX-License-Identifier: MIT */
/*
 * seq - print the whole numbers from FIRST to LAST.
 *
 * The step may be negative.  A sum that does not fit in 64 bits ends the list.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ulib.h"

/* Digits, and a sign, that `value` takes. */
static int
width_of(long long value)
{
	return snprintf(NULL, 0, "%lld", value);
}

static void
print(long long first, long long step, long long last, const char *between,
      int width)
{
	long long value = first;
	bool any = false;

	while (step > 0 ? value <= last : value >= last) {
		printf("%s%0*lld", any ? between : "", width, value);
		any = true;
		if (__builtin_add_overflow(value, step, &value))
			break;
	}
	if (any)
		putchar('\n');
}

/* Does the word end the options?  "-5" is a number here. */
static bool
is_number(const char *word)
{
	return word != NULL && word[0] == '-' && word[1] >= '0' &&
	       word[1] <= '9';
}

int
main(int argc, char **argv)
{
	long long first = 1, step = 1, last;
	const long long least = -(1LL << 62);
	const char *between = "\n";
	int width = 0, c;
	bool same_width = false;

	prog_init(argv, "[-w] [-s TEXT] [FIRST [STEP]] LAST\n"
			"  -w  pad with zeros to equal width\n"
			"  -s  put TEXT between the numbers");
	while (!is_number(argv[optind]) &&
	       (c = prog_option(argc, argv, "+ws:")) != -1) {
		if (c == 'w')
			same_width = true;
		else
			between = optarg;
	}
	argc -= optind;
	argv += optind;
	if (argc < 1 || argc > 3)
		prog_usage();
	last = number_or_die(argv[argc - 1], least);
	if (argc > 1)
		first = number_or_die(argv[0], least);
	if (argc > 2)
		step = number_or_die(argv[1], least);
	if (step == 0)
		die_as("the step must not be 0");
	if (same_width) {
		width = width_of(last);
		if (width_of(first) > width)
			width = width_of(first);
	}
	print(first, step, last, between, width);
	return prog_end();
}
