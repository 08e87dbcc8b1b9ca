/* SPDX-License-Identifier: MIT */
/*
 * mm/forkstat.c - prints and sums the fork counters.
 *
 * mm/forkstat.def defines the names and their order.  These functions take no
 * lock; for sums, mm/space_list.c holds the lock of the list of spaces.
 */
#include "mm/forkstat.h"

#include "lib/printf.h"

static const char *const names[FS_COUNT] = {
#define FORKSTAT(name, meaning) #name,
#include "mm/forkstat.def"
#undef FORKSTAT
};

const char *
forkstat_name(enum fork_counter which)
{
	return names[which];
}

size_t
forkstat_format(struct fork_counters *c, char *buf, size_t size)
{
	size_t n = 0;

	for (unsigned i = 0; i < FS_COUNT; i++) {
		uint64_t v = atomic_load_explicit(&c->value[i],
						  memory_order_relaxed);

		n += (size_t)snprintf(n < size ? buf + n : NULL,
				      n < size ? size - n : 0, "%s %lu\n",
				      names[i], v);
	}
	return n;
}

void
forkstat_sum(struct fork_counters *to, struct fork_counters *c,
	     enum forkstat_how how)
{
	for (unsigned i = 0; i < FS_COUNT; i++) {
		uint64_t n = c->value[i];

		/*
		 * Most counters are 0: skip them without touching `to`, which
		 * may be in the cache of another hart.
		 */
		if (n == 0)
			continue;
		if (how == FORKSTAT_MOVE)
			n = atomic_exchange(&c->value[i], 0);
		to->value[i] += how == FORKSTAT_TAKE ? -n : n;
	}
}
