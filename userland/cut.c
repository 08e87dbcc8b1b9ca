/* SPDX-License-Identifier: MIT */
/*
 * cut - print chosen fields or characters of every line.
 *
 * The list is kept as text and read again for each field: lines are short.  A
 * line without a delimiter is printed whole, unless -s is given.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ulib.h"

/* The list "2,4-6,9-" as it was given; numbers count from 1. */
static const char *list;
static char delimiter = '\t';
static bool by_field, only_delimited;

/*
 * Is `number` in the list?  No list has number 0, so asking for it tries the
 * whole list: -1 means that the list is not understood.
 */
static int
chosen(unsigned long number)
{
	const char *at = list;

	for (;; at++) {
		unsigned long first = 1, last = ~0ul;
		char *end;

		if (*at != '-') {
			first = last = strtoul(at, &end, 10);
			if (end == at || *at < '0' || *at > '9' || first == 0)
				return -1;
			at = end;
		} else if (at[1] < '0' || at[1] > '9') {
			return -1;
		}
		if (*at == '-') {
			last = ~0ul;
			if (*++at >= '0' && *at <= '9') {
				last = strtoul(at, &end, 10);
				at = end;
			}
		}
		if (last < first || (*at != ',' && *at != '\0'))
			return -1;
		if (number >= first && number <= last)
			return 1;
		if (*at == '\0')
			return 0;
	}
}

static void
cut_fields(const char *line)
{
	bool any = false;

	if (strchr(line, delimiter) == NULL) {
		if (!only_delimited)
			puts(line);
		return;
	}
	for (unsigned long number = 1;; number++) {
		const char *end = strchrnul(line, delimiter);

		if (chosen(number) > 0) {
			if (any)
				putchar(delimiter);
			fwrite(line, 1, (size_t)(end - line), stdout);
			any = true;
		}
		if (*end == '\0')
			break;
		line = end + 1;
	}
	putchar('\n');
}

static void
cut(const char *path)
{
	struct input in;
	FILE *file;
	char *line = NULL;
	size_t size = 0;
	ssize_t got;

	if (!input_open(&in, path))
		return;
	file = fdopen(dup(in.fd), "r");
	if (file == NULL)
		die(path);
	while ((got = getline(&line, &size, file)) >= 0) {
		if (got > 0 && line[got - 1] == '\n')
			line[--got] = '\0';
		if (by_field) {
			cut_fields(line);
			continue;
		}
		for (ssize_t i = 0; i < got; i++) {
			if (chosen((unsigned long)i + 1) > 0)
				putchar(line[i]);
		}
		putchar('\n');
	}
	if (ferror(file))
		complain(in.name);
	free(line);
	fclose(file);
	input_close(&in);
}

int
main(int argc, char **argv)
{
	int c;

	prog_init(argv, "-f LIST [-d CHARACTER] [-s] [FILE...]\n"
			"       cut -c LIST [FILE...]\n"
			"  -f  fields, -c characters: 1,3-5,7-\n"
			"  -d  the field separator (default: a tab)\n"
			"  -s  omit lines without a separator");
	while ((c = prog_option(argc, argv, "f:c:b:d:s")) != -1) {
		if (c == 's')
			only_delimited = true;
		else if (c == 'd' && strlen(optarg) != 1)
			die_as("%s: not a single character", optarg);
		else if (c == 'd')
			delimiter = optarg[0];
		else if (list != NULL)
			prog_usage();
		else
			list = optarg;
		by_field |= c == 'f';
	}
	if (list == NULL)
		prog_usage();
	if (chosen(0) < 0)
		die_as("%s: not a list of numbers", list);
	if (optind == argc)
		cut("-");
	for (; optind < argc; optind++)
		cut(argv[optind]);
	return prog_end();
}
