/* SPDX-License-Identifier: MIT */
/*
 * uniq - print lines without their repetitions.
 *
 * Only lines that stand together are compared, so the input is usually sorted.
 * Two lines are in memory at a time.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ulib.h"

struct line {
	char *text; /* with a NUL behind it, without the newline */
	size_t room, length;
};

static bool with_count, only_repeated, only_single, fold;
static size_t fields, characters, width = (size_t)-1;

/* The part of a line that is compared: *length bytes from the result on. */
static const char *
key_of(const struct line *line, size_t *length)
{
	const char *at = line->text, *end = at + line->length;

	for (size_t i = 0; i < fields && at < end; i++) {
		while (at < end && (*at == ' ' || *at == '\t'))
			at++;
		while (at < end && *at != ' ' && *at != '\t')
			at++;
	}
	at += characters < (size_t)(end - at) ? characters : (size_t)(end - at);
	*length = (size_t)(end - at) < width ? (size_t)(end - at) : width;
	return at;
}

static bool
equal(const struct line *a, const struct line *b)
{
	size_t n, m;
	const char *x = key_of(a, &n), *y = key_of(b, &m);

	if (n != m)
		return false;
	if (!fold)
		return memcmp(x, y, n) == 0;
	for (size_t i = 0; i < n; i++)
		if (tolower((unsigned char)x[i]) !=
		    tolower((unsigned char)y[i]))
			return false;
	return true;
}

static bool
read_line(struct line *line, FILE *file)
{
	ssize_t got = getline(&line->text, &line->room, file);

	if (got > 0 && line->text[got - 1] == '\n')
		line->text[--got] = '\0';
	line->length = got < 0 ? 0 : (size_t)got;
	return got >= 0;
}

static void
print(const struct line *line, unsigned long count)
{
	if (count == 1 ? only_repeated : only_single)
		return;
	if (with_count)
		printf("%7lu ", count);
	fwrite(line->text, 1, line->length, stdout);
	putchar('\n');
}

static void
uniq(const char *path)
{
	struct line first = { 0 }, next = { 0 }, other;
	unsigned long count = 1;
	struct input in;
	FILE *file;

	if (!input_open(&in, path))
		return;
	file = fdopen(in.fd, "r");
	if (file == NULL)
		die(path);
	if (read_line(&first, file)) {
		while (read_line(&next, file)) {
			if (equal(&first, &next)) {
				count++;
				continue;
			}
			print(&first, count);
			count = 1;
			other = first;
			first = next;
			next = other;
		}
		print(&first, count);
	}
	if (ferror(file))
		complain(in.name);
	free(first.text);
	free(next.text);
	fclose(file);
}

int
main(int argc, char **argv)
{
	int c;

	prog_init(argv, "[-cdui] [-f N] [-s N] [-w N] [INPUT [OUTPUT]]\n"
			"  -c  print the count before each line\n"
			"  -d  only lines that are repeated\n"
			"  -u  only lines that are not\n"
			"  -i  ignore case\n"
			"  -f  compare without the first N fields\n"
			"  -s  then without the next N characters\n"
			"  -w  then at most N characters");
	while ((c = prog_option(argc, argv, "cduif:s:w:")) != -1) {
		with_count |= c == 'c';
		only_repeated |= c == 'd';
		only_single |= c == 'u';
		fold |= c == 'i';
		if (c == 'f')
			fields = (size_t)number_or_die(optarg, 0);
		else if (c == 's')
			characters = (size_t)number_or_die(optarg, 0);
		else if (c == 'w')
			width = (size_t)number_or_die(optarg, 0);
	}
	if (argc - optind > 2)
		prog_usage();
	if (argc - optind == 2 && strcmp(argv[optind + 1], "-") != 0 &&
	    freopen(argv[optind + 1], "w", stdout) == NULL)
		die(argv[optind + 1]);
	uniq(optind < argc ? argv[optind] : "-");
	return prog_end();
}
