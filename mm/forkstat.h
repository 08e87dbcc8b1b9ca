/* SPDX-License-Identifier: MIT */
/*
 * mm/forkstat.h - counts the work of forks and of the faults that follow them.
 *
 * mm/forkstat.def lists the counters.  Each space has its own set, so that
 * unrelated processes share no cache line.  Counting is one relaxed atomic
 * addition, in any context.  space_counters() sums the counters of all spaces,
 * and check/trace.h can record each event.
 */
#ifndef MM_FORKSTAT_H
#define MM_FORKSTAT_H

#include "check/hooks.h"
#include "lib/base.h"

#include <stdatomic.h>

enum fork_counter {
#define FORKSTAT(name, meaning) FS_##name,
#include "mm/forkstat.def"
#undef FORKSTAT
	FS_COUNT
};

struct fork_counters {
	_Atomic uint64_t value[FS_COUNT]; /* [a] */
};

static inline void
forkstat_add(struct fork_counters *c, enum fork_counter which, uint64_t n)
{
	atomic_fetch_add_explicit(&c->value[which], n, memory_order_relaxed);
	if (unlikely(atomic_load_explicit(&forktrace_on, memory_order_relaxed)))
		forktrace_put(which, n);
}

static inline void
forkstat_inc(struct fork_counters *c, enum fork_counter which)
{
	forkstat_add(c, which, 1);
}

/*
 * Write "name value" lines into buf[size].  Returns the length of the whole
 * text; a result >= size means that the text was truncated.
 */
size_t forkstat_format(struct fork_counters *c, char *buf, size_t size);
/* A counter's name. */
const char *forkstat_name(enum fork_counter which);

/*
 * Add every counter of c to `to`, subtract it from `to`, or add it to `to` and
 * set it to 0 in c.
 */
enum forkstat_how { FORKSTAT_ADD, FORKSTAT_TAKE, FORKSTAT_MOVE };
void forkstat_sum(struct fork_counters *to, struct fork_counters *c,
		  enum forkstat_how how);

#endif
