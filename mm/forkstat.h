/* SPDX-License-Identifier: MIT */
/*
 * mm/forkstat.h - counting what fork and its later repairs do.
 *
 * One list, mm/forkstat.def, names every counter.  Counting is one relaxed
 * atomic addition, in the space alone, so that unrelated processes share no
 * cache line; any context.  space_counters() adds all spaces up, and
 * mm/forktrace.h can record each count.
 */
#ifndef MM_FORKSTAT_H
#define MM_FORKSTAT_H

#include "lib/base.h"
#include "mm/forktrace.h"

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
 * text, so a result >= size means that the text was cut.
 */
size_t forkstat_format(struct fork_counters *c, char *buf, size_t size);
/* A counter's name. */
const char *forkstat_name(enum fork_counter which);

/* Add every counter of c to `to`, take it away from `to`, or move it there. */
enum forkstat_how { FORKSTAT_ADD, FORKSTAT_TAKE, FORKSTAT_MOVE };
void forkstat_sum(struct fork_counters *to, struct fork_counters *c,
		  enum forkstat_how how);

#endif
