/* SPDX-License-Identifier: MIT */
/*
 * tail - print the last lines or bytes of files.
 *
 * The whole input is kept in memory: simple, and right for pipes too.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/ulib.h"

static long long amount = 10;
static bool bytes, from_start;

static char *
read_all(struct input *in, size_t *length)
{
	size_t size = 64 * 1024;
	char *text = must_alloc(size);
	ssize_t got;

	*length = 0;
	while ((got = read(in->fd, text + *length, size - *length)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			complain(in->name);
			break;
		}
		*length += (size_t)got;
		if (*length == size)
			text = must_realloc(text, size *= 2);
	}
	return text;
}

/* Where to start when the first unit to show has number `amount`, from 1. */
static size_t
start_forward(const char *text, size_t length)
{
	long long skip = amount > 0 ? amount - 1 : 0;
	size_t at = 0;

	while (skip > 0 && at < length)
		skip -= bytes || text[at] == '\n', at++;
	return at;
}

/* Where to start when `amount` units remain. */
static size_t
start_backward(const char *text, size_t length)
{
	long long left = amount;
	size_t at = length;

	if (left == 0 || length == 0)
		return length;
	if (bytes)
		return (size_t)left < length ? length - (size_t)left : 0;
	/* The newline at the very end closes the last line, no more. */
	at -= text[length - 1] == '\n';
	while (at > 0 && (text[at - 1] != '\n' || --left > 0))
		at--;
	return at;
}

static void
tail(const char *path, const char *heading)
{
	struct input in;
	size_t length, start;
	char *text;

	if (!input_open(&in, path))
		return;
	text = read_all(&in, &length);
	start = from_start ? start_forward(text, length)
			   : start_backward(text, length);
	if (heading != NULL)
		printf("%s==> %s <==\n", heading, in.name);
	fwrite(text + start, 1, length - start, stdout);
	free(text);
	input_close(&in);
}

int
main(int argc, char **argv)
{
	bool several;
	int c;

	prog_init(argv, "[-n LINES | -c BYTES] [FILE...]\n"
			"10 lines by default; -5 is short for -n 5,\n"
			"-n +5 starts with the 5th.");
	prog_old_count(argv);
	while ((c = prog_option(argc, argv, "n:c:")) != -1) {
		bytes = c == 'c';
		from_start = optarg[0] == '+';
		amount = number_or_die(optarg + (optarg[0] == '-'), 0);
	}
	several = argc - optind > 1;
	if (optind == argc)
		tail("-", NULL);
	for (int i = optind; i < argc; i++)
		tail(argv[i], !several ? NULL : i == optind ? "" : "\n");
	return prog_end();
}
