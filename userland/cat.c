/* SPDX-License-Identifier: MIT */
/*
 * cat - print files one after the other.
 *
 * Bytes are copied unread; only -n looks for the ends of lines.  Line numbers
 * go on from one file to the next.
 */
#include <stdio.h>
#include <unistd.h>

#include "lib/ulib.h"

/* Print the file with a number before each line. */
static void
number_lines(struct input *in)
{
	static unsigned long line;
	static int at_start = 1;
	FILE *file = fdopen(dup(in->fd), "r");
	int c;

	if (file == NULL)
		die(in->name);
	while ((c = getc(file)) != EOF) {
		if (at_start)
			printf("%6lu\t", ++line);
		putchar(c);
		at_start = c == '\n';
	}
	if (ferror(file))
		complain(in->name);
	fclose(file);
}

static void
cat(const char *path, bool numbers)
{
	struct input in;

	if (!input_open(&in, path))
		return;
	if (numbers)
		number_lines(&in);
	else
		copy_fd(in.fd, in.name, STDOUT_FILENO, "write error");
	input_close(&in);
}

int
main(int argc, char **argv)
{
	bool numbers = false;
	int c;

	prog_init(argv, "[-n] [FILE...]\n"
			"  -n  number the lines\n"
			"No FILE, or -, is standard input.");
	while ((c = prog_option(argc, argv, "nu")) != -1)
		numbers |= c == 'n';
	if (optind == argc)
		cat("-", numbers);
	for (; optind < argc; optind++)
		cat(argv[optind], numbers);
	return prog_end();
}
