/* SPDX-License-Identifier: MIT */
/*
 * mm/fork/drain.c - the kernel thread that does the deferred work of
 * strategies.
 *
 * A strategy with a background() operation defers work at fork.  After a delay,
 * in which a new child may call exec, this thread visits all spaces in rounds
 * and does one portion of the work in each, until no work is left.  It holds a
 * space's lock shared for one portion at a time, so faults continue, and a fork
 * or an exit waits for one portion at most.  An access that needs a deferred
 * table earlier settles it.
 *
 * The drain thread holds a reference to the space it works on.
 * space_get_after() takes that reference under the list's lock, and skips a
 * space that has no reference left.  So the drain thread may drop the last
 * reference and destroy the space.
 */
#include "mm/fork/drain.h"

#include "kernel/log.h"
#include "kernel/thread.h"
#include "mm/fork/registry.h"
#include "mm/fork/strategy.h"
#include "mm/space.h"
#include "mm/space_list.h"

#define DELAY	UINT64_C(10000000) /* ns, after a fork */
#define PAUSE	UINT64_C(1000000)  /* ns, between rounds */
#define PORTION 4u		   /* units per space and round */

static struct waitq waitq = WAITQ_INIT(waitq);
static _Atomic uint32_t wanted; /* 1: a fork has asked for rounds */

void
drain_forked(struct space *parent, struct space *child)
{
	parent->forked = child->forked = time_now();
	if (atomic_exchange(&wanted, 1) == 0)
		waitq_wake_all(&waitq);
}

/*
 * Do one portion of the work in each space, once its last fork is at least
 * DELAY old: if a parent forks often, the next fork would detach its tables
 * again.  Returns the time in ns until the next round, or 0 if no work is left.
 */
static uint64_t
drain_round(void)
{
	struct space *s = NULL;
	uint64_t next = 0;

	while ((s = space_get_after(s)) != NULL) {
		if (s->strategy->background == NULL)
			continue;
		if (time_now() - s->forked < DELAY) {
			next = next != 0 ? next : DELAY;
			continue;
		}
		rwlock_read(&s->lock);
		if (s->strategy->background(s, PORTION) == 0)
			next = PAUSE;
		space_unlock_read(s);
	}
	return next;
}

static void
drain_main(void *arg)
{
	uint64_t next;

	for (;;) {
		wait_event(&waitq, wanted != 0);
		thread_sleep(DELAY);
		atomic_store(&wanted, 0);
		while ((next = drain_round()) > 0)
			thread_sleep(next);
	}
}

void
drain_init(void)
{
	const struct fork_strategy *st;

	for (unsigned i = 0; (st = fork_strategy_at(i)) != NULL; i++) {
		if (st->background == NULL)
			continue;
		if (thread_spawn_kernel("drain", drain_main, NULL) != 0)
			log_warn("drain: no memory for the thread; deferred "
				 "tables are settled on access");
		return;
	}
}
