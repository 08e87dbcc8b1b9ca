/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/counters.h - reading /proc/forkstat and its kind.
 *
 * The files have a line "name value" for each counter.  A text of theirs can
 * be kept as it is and taken apart later, so that measuring touches no memory
 * but the buffer the text is read into.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <stdbool.h>
#include <stddef.h>

/* Room for the text of one file. */
enum { COUNTERS_TEXT = 2048, COUNTERS_MAX = 64, COUNTERS_NAME = 32 };

struct counter {
	char name[COUNTERS_NAME];
	unsigned long long value;
};

struct counters {
	struct counter list[COUNTERS_MAX];
	size_t count;
};

/* Take a text apart; lines that are not understood are left out. */
void counters_parse(struct counters *counters, const char *text);

/* after - before, counter by counter; what is missing before counts as 0. */
void counters_difference(struct counters *difference, const char *before,
			 const char *after);

/* The value of one; 0 when there is no such counter. */
unsigned long long
counters_get(const struct counters *counters, const char *name);

#endif
