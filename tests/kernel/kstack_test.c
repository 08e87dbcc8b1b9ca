/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/kstack_test.c - kernel stacks that several harts give back at
 * once.
 *
 * Threads take more stacks than the cache keeps and free them together.  The
 * page tables of the stacks' region must be free again, too.
 */
#include "arch/kstack.h"
#include "check/ktest.h"
#include "kernel/sched.h"
#include "kernel/thread.h"
#include "mm/frame.h"
#include "mm/slab.h"

#define THREADS 2u
#define STACKS	80u /* more than the cache keeps; 64 share a table */
#define ROUNDS	150u

static struct waitq done = WAITQ_INIT(done);
static _Atomic unsigned running, missed, ready;

static void
take_and_give(void *arg)
{
	vaddr_t stacks[STACKS];
	unsigned n = 0;

	while (n < STACKS && (stacks[n] = kstack_alloc()) != 0)
		n++;
	missed += n < STACKS;
	ready++;
	while (ready < THREADS)
		sched_switch();
	while (n > 0)
		kstack_free(stacks[--n]);
	kstack_drain();
	running--;
	waitq_wake_all(&done);
}

static uint64_t
pages_free(void)
{
	struct frame_stats st;

	kstack_drain();
	(void)slab_shrink();
	frame_get_stats(&st);
	return st.free;
}

/*
 * The stacks of one leaf table are freed in several releases at once, and the
 * last release must free the table.  A table left behind is one page less.
 */
KTEST(kstack, tables_go_with_the_last_stack)
{
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t before = pages_free();

		running = THREADS;
		missed = ready = 0;
		for (unsigned i = 0; i < THREADS; i++) {
			if (thread_spawn_kernel("stacks", take_and_give,
						NULL) != 0) {
				EXPECT(t, !"memory for a thread");
				running--;
				ready++;
			}
		}
		wait_event(&done, running == 0);
		EXPECT(t, missed == 0);
		/* The threads leave their own stacks a moment later. */
		REQUIRE(t, KTEST_SETTLES(pages_free() >= before));
	}
}
