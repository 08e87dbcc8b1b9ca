/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/prog.c - how every program starts, complains and ends; see
 * ulib.h.
 *
 * Messages go to standard error as "name: object: reason".  The first one sets
 * the exit status; standard output is written out before, so that the order is
 * kept.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ulib.h"

const char *prog_name = "?";
int prog_status;
int prog_failure = 1;

static const char *prog_text = "";

void
prog_init(char **argv, const char *usage)
{
	static char empty[] = "?";
	char *slash;

	if (argv[0] == NULL) {
		prog_name = empty;
	} else {
		slash = strrchr(argv[0], '/');
		if (slash != NULL && slash[1] != '\0')
			argv[0] = slash + 1; /* getopt names it too */
		prog_name = argv[0];
	}
	prog_text = usage;
}

static void
print_usage(FILE *to)
{
	fprintf(to, "usage: %s%s%s\n", prog_name,
		prog_text[0] > '\n' ? " " : "", prog_text);
}

int
prog_option(int argc, char **argv, const char *letters)
{
	static const struct option longs[] = { { "help", 0, NULL, 256 },
					       { NULL, 0, NULL, 0 } };
	int letter = getopt_long(argc, argv, letters, longs, NULL);

	if (letter == 256) {
		print_usage(stdout);
		exit(prog_end());
	}
	if (letter == '?')
		prog_usage();
	return letter;
}

void
prog_old_count(char **argv)
{
	static char text[32];

	if (argv[0] == NULL || argv[1] == NULL || argv[1][0] != '-')
		return;
	if (argv[1][1] < '0' || argv[1][1] > '9')
		return;
	snprintf(text, sizeof(text), "-n%s", argv[1] + 1);
	argv[1] = text;
}

void
prog_usage(void)
{
	fflush(stdout);
	print_usage(stderr);
	exit(2);
}

int
prog_end(void)
{
	/* A full disk shows only now: the last bytes were still in memory. */
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		complain("write error");
	return prog_status;
}

static void
say(const char *format, va_list args)
{
	fflush(stdout);
	fprintf(stderr, "%s: ", prog_name);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	if (prog_status == 0)
		prog_status = prog_failure;
}

void
complain_as(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void
complain(const char *object)
{
	complain_as("%s: %s", object, strerror(errno));
}

void
die_as(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
	exit(prog_failure);
}

void
die(const char *object)
{
	complain(object);
	exit(prog_failure);
}

long long
number_or_die(const char *text, long long least)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || value < least) {
		complain_as("%s: not a number in the valid range", text);
		exit(2);
	}
	return value;
}
