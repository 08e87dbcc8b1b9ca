/* SPDX-License-Identifier: MIT */
/*
 * check/trace.c - records each change of a fork counter in a ring buffer.
 *
 * A hart writes only its own ring, with interrupts off, and only while
 * forktrace_on is set.  turn() stops the other harts to change forktrace_on, so
 * no hart is then inside forktrace_put().  While recording is off,
 * forktrace_start() and forktrace_free() may change all rings.  Contexts and
 * errors are in check/trace.h.
 */
#include "check/trace.h"

#include "kernel/hart.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "lib/errno.h"
#include "mm/frame.h"

#define RING_ORDER  5u
#define RING_EVENTS ((PAGE_SIZE << RING_ORDER) / sizeof(struct trace_event))

_Atomic bool forktrace_on;

static struct ring {
	struct trace_event *events; /* [h] NULL: none */
	uint64_t count;		    /* [h] recorded since the start */
} rings[MAX_HARTS];

void
forktrace_put(unsigned which, uint64_t n)
{
	struct ring *r;

	irq_push_off();
	r = &rings[this_hart()->index];
	/*
	 * Check with interrupts off: turn() cannot stop this hart in between.
	 */
	if (forktrace_on && r->events != NULL && n > 0)
		r->events[r->count++ % RING_EVENTS] = (struct trace_event){
			.time = time_now(),
			.n = n,
			.which = which,
			.tid = (uint32_t)thread_current()->tid,
		};
	irq_pop_off();
}

static void
turn(bool on)
{
	hart_stop_others();
	for (unsigned i = 0; on && i < MAX_HARTS; i++)
		rings[i].count = 0;
	forktrace_on = on;
	hart_resume_others();
}

int
forktrace_start(void)
{
	turn(false);
	for (unsigned i = 0; i < hart_count; i++) {
		struct frame *f = NULL;

		if (rings[i].events != NULL)
			continue;
		f = frame_alloc_order(RING_ORDER, FRAME_MAY_SLEEP);
		if (f == NULL) {
			forktrace_free();
			return -ENOMEM;
		}
		rings[i].events = frame_ptr(f);
	}
	turn(true);
	return 0;
}

void
forktrace_stop(void)
{
	turn(false);
}

void
forktrace_free(void)
{
	turn(false);
	for (unsigned i = 0; i < MAX_HARTS; i++) {
		struct trace_event *events = rings[i].events;

		rings[i] = (struct ring){ NULL, 0 };
		if (events != NULL)
			frame_free_order(frame_of_ptr(events), RING_ORDER);
	}
}

bool
forktrace_get(unsigned hart, uint64_t i, struct trace_event *out)
{
	const struct ring *r = &rings[hart];
	uint64_t first = r->count - MIN(r->count, RING_EVENTS);

	if (forktrace_on || r->events == NULL || first + i >= r->count)
		return false;
	*out = r->events[(first + i) % RING_EVENTS];
	return true;
}

uint64_t
forktrace_lost(void)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < MAX_HARTS; i++)
		lost += rings[i].count - MIN(rings[i].count, RING_EVENTS);
	return lost;
}
