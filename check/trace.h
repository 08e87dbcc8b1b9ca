/* SPDX-License-Identifier: MIT */
/*
 * check/trace.h - records each change of a fork counter in a ring buffer.
 *
 * Each hart writes only its own ring.  Recording is off by default; then each
 * count costs one load and one branch.  A full ring overwrites its oldest
 * events, and counts how many it has overwritten.
 */
#ifndef CHECK_TRACE_H
#define CHECK_TRACE_H

#include "lib/base.h"

struct trace_event {
	uint64_t time;	/* ns since boot */
	uint64_t n;	/* amount added to the counter */
	uint32_t which; /* enum fork_counter */
	uint32_t tid;	/* of the thread that counted */
};

/*
 * forktrace_start() empties the rings and starts recording; it returns 0 or
 * -ENOMEM.  forktrace_stop() stops recording and keeps the events.
 * forktrace_free() stops recording and frees the rings.  Process context, one
 * caller at a time.
 */
int forktrace_start(void) must_check;
void forktrace_stop(void);
void forktrace_free(void);

/*
 * Copy event i of the hart's ring to *out; event 0 is the oldest.  False after
 * the last event, and while recording is on.  Not during forktrace_start() or
 * forktrace_free().
 */
bool forktrace_get(unsigned hart, uint64_t i, struct trace_event *out) nonnull;
/* The number of events that newer ones have overwritten. */
uint64_t forktrace_lost(void);

#endif
