/* SPDX-License-Identifier: MIT */
/*
 * mm/forktrace.h - a ring of what the fork counters count, event by event.
 *
 * Every hart has a ring of its own, and writes no other.  Off by default: then
 * a count costs one load and one branch more.  The newest events are kept, and
 * the number of older ones lost is known.
 */
#ifndef MM_FORKTRACE_H
#define MM_FORKTRACE_H

#include "lib/base.h"

#include <stdatomic.h>

struct trace_event {
	uint64_t time;	/* ns since boot */
	uint64_t n;	/* by how much the counter was raised */
	uint32_t which; /* enum fork_counter */
	uint32_t tid;	/* of the thread that counted */
};

extern _Atomic bool forktrace_on; /* [a] counts are being recorded */

/* Record that counter `which` was raised by n.  Any context. */
void forktrace_put(unsigned which, uint64_t n);

/*
 * Begin with empty rings; end, with the events kept; end, and free the rings.
 * One caller at a time.  Process context; forktrace_start() returns 0 or
 * -ENOMEM.
 */
int forktrace_start(void) must_check;
void forktrace_stop(void);
void forktrace_free(void);

/*
 * Event i of that hart's ring, the oldest first, in *out.  False behind the
 * last event, and while counts are being recorded.  Not during a start or free.
 */
bool forktrace_get(unsigned hart, uint64_t i, struct trace_event *out) nonnull;
/* Events that were overwritten by newer ones. */
uint64_t forktrace_lost(void);

#endif
