/* SPDX-License-Identifier: MIT */
/*
 * userland/lib/counters.c - reading /proc/forkstat and its kind; see
 * counters.h.
 *
 * Names that a text lacks count as 0, so programs work with older and newer
 * kernels.
 */
#include <stdio.h>
#include <string.h>

#include "counters.h"

void
counters_parse(struct counters *counters, const char *text)
{
	counters->count = 0;
	while (*text != '\0' && counters->count < COUNTERS_MAX) {
		struct counter *c = &counters->list[counters->count];

		if (sscanf(text, "%31s %llu", c->name, &c->value) == 2)
			counters->count++;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

unsigned long long
counters_get(const struct counters *counters, const char *name)
{
	for (size_t i = 0; i < counters->count; i++) {
		if (strcmp(counters->list[i].name, name) == 0)
			return counters->list[i].value;
	}
	return 0;
}

void
counters_difference(struct counters *difference, const char *before,
		    const char *after)
{
	struct counters old;

	counters_parse(&old, before);
	counters_parse(difference, after);
	for (size_t i = 0; i < difference->count; i++) {
		struct counter *c = &difference->list[i];

		c->value -= counters_get(&old, c->name);
	}
}
