/*
 * mm/forkstat.c - printing and resetting the fork counters.
 */
#include "mm/forkstat.h"

#include "lib/printf.h"

struct fork_counters forkstat_system;

static const char *const names[FS_COUNT] = {
#define FORKSTAT(name, meaning) #name,
#include "mm/forkstat.def"
#undef FORKSTAT
};

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
forkstat_reset(struct fork_counters *c)
{
	for (unsigned i = 0; i < FS_COUNT; i++)
		atomic_store_explicit(&c->value[i], 0, memory_order_relaxed);
}
