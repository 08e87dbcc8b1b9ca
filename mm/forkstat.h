/*
 * mm/forkstat.h - counting what fork and its later repairs do.
 *
 * One list, mm/forkstat.def, names every counter.  Adding is one relaxed
 * atomic each for the space and for the system; any context.
 */
#ifndef MM_FORKSTAT_H
#define MM_FORKSTAT_H

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

extern struct fork_counters forkstat_system;

static inline void
forkstat_add(struct fork_counters *c, enum fork_counter which, uint64_t n)
{
	atomic_fetch_add_explicit(&c->value[which], n, memory_order_relaxed);
	atomic_fetch_add_explicit(&forkstat_system.value[which], n,
				  memory_order_relaxed);
}

static inline void
forkstat_inc(struct fork_counters *c, enum fork_counter which)
{
	forkstat_add(c, which, 1);
}

/*
 * "name value" lines into buf[size]; returns the length of the whole text, so
 * a result >= size means it was cut.
 */
size_t forkstat_format(struct fork_counters *c, char *buf, size_t size);
void forkstat_reset(struct fork_counters *c);

#endif
