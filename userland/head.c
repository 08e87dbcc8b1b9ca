/* SPDX-License-Identifier: MIT */
/*
 * head - print the first lines or bytes of files.
 *
 * 10 lines unless told otherwise.  With several files each gets a heading.
 */
#include <stdio.h>

#include "lib/ulib.h"

static void
head(const char *path, long long left, bool bytes, const char *heading)
{
	struct input in;
	FILE *file;
	int c;

	if (!input_open(&in, path))
		return;
	file = fdopen(dup(in.fd), "r");
	if (file == NULL)
		die(path);
	if (heading != NULL)
		printf("%s==> %s <==\n", heading, in.name);
	while (left > 0 && (c = getc(file)) != EOF) {
		putchar(c);
		left -= bytes || c == '\n';
	}
	if (ferror(file))
		complain(in.name);
	fclose(file);
	input_close(&in);
}

int
main(int argc, char **argv)
{
	long long amount = 10;
	bool bytes = false, several;
	int c;

	prog_init(argv, "[-n LINES | -c BYTES] [FILE...]\n"
			"10 lines by default; -5 is short for -n 5.");
	prog_old_count(argv);
	while ((c = prog_option(argc, argv, "n:c:")) != -1) {
		bytes = c == 'c';
		amount = number_or_die(optarg, 0);
	}
	if (optind == argc)
		head("-", amount, bytes, NULL);
	several = argc - optind > 1;
	for (int i = optind; i < argc; i++)
		head(argv[i], amount, bytes,
		     !several	   ? NULL
		     : i == optind ? ""
				   : "\n");
	return prog_end();
}
