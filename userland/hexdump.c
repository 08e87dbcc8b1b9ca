/* SPDX-License-Identifier: MIT */
/*
 * hexdump - print bytes as numbers.
 *
 * Rows of 16; rows equal to the one before become a single "*".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/ulib.h"

enum { ROW = 16 };

static bool canonical, verbose;
static long long skip, limit = -1;

/* The inputs as one stream. */
static char **paths;
static struct input in;
static bool in_open;

/* Read up to `size` bytes across the ends of files; 0 at the very end. */
static size_t
take(unsigned char *row, size_t size)
{
	size_t length = 0;

	while (length < size) {
		ssize_t got;

		if (!in_open) {
			if (*paths == NULL)
				break;
			in_open = input_open(&in, *paths++);
			continue;
		}
		got = read(in.fd, row + length, size - length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			complain(in.name);
		if (got <= 0) {
			input_close(&in);
			in_open = false;
			continue;
		}
		length += (size_t)got;
	}
	return length;
}

/* 16-bit little-endian words, as hexdump prints without options. */
static void
print_words(const unsigned char *row, size_t length)
{
	for (size_t i = 0; i < ROW; i += 2) {
		if (i < length)
			printf(" %02x%02x", i + 1 < length ? row[i + 1] : 0,
			       row[i]);
		else
			printf("     ");
	}
	putchar('\n');
}

static void
print_bytes(const unsigned char *row, size_t length)
{
	for (size_t i = 0; i < ROW; i++) {
		if (i % 8 == 0)
			putchar(' ');
		if (i < length)
			printf(" %02x", row[i]);
		else
			printf("   ");
	}
	printf("  |");
	for (size_t i = 0; i < length; i++)
		putchar(row[i] >= ' ' && row[i] <= '~' ? row[i] : '.');
	printf("|\n");
}

static void
dump(void)
{
	unsigned char row[ROW], last[ROW];
	bool have_last = false, starred = false;
	long long at = 0;
	size_t length, size;

	while (at < skip) {
		size = skip - at < ROW ? (size_t)(skip - at) : ROW;
		length = take(row, size);
		if (length == 0)
			break;
		at += (long long)length;
	}
	for (;; at += (long long)length) {
		size = ROW;
		if (limit >= 0 && skip + limit - at < ROW)
			size = (size_t)(skip + limit - at);
		length = size > 0 ? take(row, size) : 0;
		if (length == 0)
			break;
		if (have_last && length == ROW && !verbose &&
		    memcmp(row, last, ROW) == 0) {
			if (!starred)
				puts("*");
			starred = true;
			continue;
		}
		starred = false;
		have_last = length == ROW;
		memcpy(last, row, ROW);
		printf(canonical ? "%08llx" : "%07llx", (unsigned long long)at);
		if (canonical)
			print_bytes(row, length);
		else
			print_words(row, length);
	}
	if (at > skip)
		printf(canonical ? "%08llx\n" : "%07llx\n",
		       (unsigned long long)at);
}

int
main(int argc, char **argv)
{
	static char standard[] = "-";
	char *only[] = { standard, NULL };
	int c;

	prog_init(argv, "[-Cv] [-n BYTES] [-s BYTES] [FILE...]\n"
			"  -C  bytes and characters instead of 16-bit words\n"
			"  -v  print every row\n"
			"  -n  print at most this many bytes\n"
			"  -s  skip this many bytes first");
	while ((c = prog_option(argc, argv, "Cvn:s:")) != -1) {
		if (c == 'C')
			canonical = true;
		else if (c == 'v')
			verbose = true;
		else
			*(c == 'n' ? &limit : &skip) = number_or_die(optarg, 0);
	}
	paths = optind < argc ? argv + optind : only;
	dump();
	return prog_end();
}
