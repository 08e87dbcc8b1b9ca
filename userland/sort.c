/* SPDX-License-Identifier: MIT */
/*
 * sort - print the lines of files in order.
 *
 * All lines are kept in memory and sorted by qsort().  Equal lines keep the
 * order of the input.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ulib.h"

struct line {
	char *text;
	size_t length;
	size_t place; /* place in the input: equal lines keep their order */
};

static struct line *lines;
static size_t count, room;
static bool reverse, numeric, unique;

/* The number a line starts with; 0 without one.  No exponents, no hex. */
static double
number_of(const char *text)
{
	double value = 0, unit = 1;
	bool minus;

	text += strspn(text, " \t");
	minus = *text == '-';
	text += minus;
	for (; *text >= '0' && *text <= '9'; text++)
		value = value * 10 + (*text - '0');
	if (*text == '.') {
		for (text++; *text >= '0' && *text <= '9'; text++)
			value += (*text - '0') * (unit /= 10);
	}
	return minus ? -value : value;
}

static int
compare_text(const struct line *a, const struct line *b)
{
	size_t length = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->text, b->text, length);

	return order != 0 ? order
			  : (a->length > b->length) - (a->length < b->length);
}

/* By the chosen key alone: -u calls lines equal that give 0. */
static int
compare_key(const struct line *a, const struct line *b)
{
	double x, y;

	if (!numeric)
		return compare_text(a, b);
	x = number_of(a->text);
	y = number_of(b->text);
	return (x > y) - (x < y);
}

static int
compare(const void *one, const void *two)
{
	const struct line *a = one, *b = two;
	int order = compare_key(a, b);

	if (order == 0 && !unique)
		order = compare_text(a, b);
	if (order != 0)
		return reverse ? -order : order;
	return (a->place > b->place) - (a->place < b->place);
}

static void
read_lines(const char *path)
{
	struct input in;
	FILE *file;
	char *text = NULL;
	size_t size = 0;
	ssize_t got;

	if (!input_open(&in, path))
		return;
	file = fdopen(dup(in.fd), "r");
	if (file == NULL)
		die(path);
	while ((got = getline(&text, &size, file)) >= 0) {
		if (got > 0 && text[got - 1] == '\n')
			text[--got] = '\0';
		if (count == room) {
			room = room * 2 + 64;
			lines = must_realloc(lines, room * sizeof(*lines));
		}
		lines[count] = (struct line){ text, (size_t)got, count };
		count++;
		text = NULL; /* the line keeps it */
		size = 0;
	}
	if (ferror(file))
		complain(in.name);
	free(text);
	fclose(file);
	input_close(&in);
}

int
main(int argc, char **argv)
{
	int c;

	prog_failure = 2;
	prog_init(argv, "[-rnu] [FILE...]\n"
			"  -r  reverse the order\n"
			"  -n  compare the numbers at the start of lines\n"
			"  -u  print only the first of equal lines");
	while ((c = prog_option(argc, argv, "rnu")) != -1) {
		reverse |= c == 'r';
		numeric |= c == 'n';
		unique |= c == 'u';
	}
	if (optind == argc)
		read_lines("-");
	for (; optind < argc; optind++)
		read_lines(argv[optind]);
	if (count > 0)
		qsort(lines, count, sizeof(*lines), compare);
	for (size_t i = 0; i < count; i++) {
		if (unique && i > 0 &&
		    compare_key(&lines[i - 1], &lines[i]) == 0)
			continue;
		fwrite(lines[i].text, 1, lines[i].length, stdout);
		putchar('\n');
	}
	for (size_t i = 0; i < count; i++)
		free(lines[i].text);
	free(lines);
	return prog_end();
}
