/* SPDX-License-Identifier: MIT */
/*
 * wc - count lines, words and bytes.
 *
 * The numbers are aligned by a guess: the sizes of the files, before reading
 * them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/ulib.h"

enum { LINES, WORDS, BYTES, COUNTS };

static bool wanted[COUNTS];
static int width;

static bool
count(struct input *in, unsigned long long counts[COUNTS])
{
	static char buffer[64 * 1024];
	bool in_word = false;
	ssize_t got;

	while ((got = read(in->fd, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			complain(in->name);
			return false;
		}
		counts[BYTES] += (unsigned long long)got;
		for (ssize_t i = 0; i < got; i++) {
			bool space = isspace((unsigned char)buffer[i]);

			counts[LINES] += buffer[i] == '\n';
			counts[WORDS] += !space && !in_word;
			in_word = !space;
		}
	}
	return true;
}

static void
print(const unsigned long long counts[COUNTS], const char *name)
{
	const char *between = "";

	for (int i = 0; i < COUNTS; i++) {
		if (wanted[i]) {
			printf("%s%*llu", between, width, counts[i]);
			between = " ";
		}
	}
	printf("%s%s\n", name[0] != '\0' ? " " : "", name);
}

/* Columns as wide as the sum of the sizes; 7 where sizes are not known. */
static void
choose_width(char **paths, int files)
{
	unsigned long long sum = 0;
	int columns = wanted[LINES] + wanted[WORDS] + wanted[BYTES];
	int least = 1;
	struct stat st;

	width = 1;
	if (files <= 1 && columns == 1)
		return;
	for (int i = 0; i < files || i == 0; i++) {
		bool in = files == 0 || strcmp(paths[i], "-") == 0;

		if ((in ? fstat(STDIN_FILENO, &st) : stat(paths[i], &st)) != 0)
			continue;
		if (S_ISREG(st.st_mode))
			sum += (unsigned long long)st.st_size;
		else
			least = 7;
	}
	width = snprintf(NULL, 0, "%llu", sum);
	if (width < least)
		width = least;
}

int
main(int argc, char **argv)
{
	static char standard[] = "-";
	char *only[] = { standard, NULL };
	unsigned long long total[COUNTS] = { 0 };
	char **paths = only;
	int c;

	prog_init(argv, "[-lwc] [FILE...]\n"
			"  -l  lines, -w words, -c bytes; all three by "
			"default");
	while ((c = prog_option(argc, argv, "lwc")) != -1)
		wanted[c == 'l' ? LINES : c == 'w' ? WORDS : BYTES] = true;
	if (!wanted[LINES] && !wanted[WORDS] && !wanted[BYTES])
		wanted[LINES] = wanted[WORDS] = wanted[BYTES] = true;
	choose_width(argv + optind, argc - optind);
	if (optind < argc)
		paths = argv + optind;
	for (char **path = paths; *path != NULL; path++) {
		unsigned long long counts[COUNTS] = { 0 };
		struct input in;

		if (!input_open(&in, *path))
			continue;
		if (count(&in, counts))
			print(counts, paths == only ? "" : *path);
		for (int i = 0; i < COUNTS; i++)
			total[i] += counts[i];
		input_close(&in);
	}
	if (argc - optind > 1)
		print(total, "total");
	return prog_end();
}
