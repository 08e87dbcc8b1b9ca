/* SPDX-License-Identifier: MIT */
/*
 * kernel/idle.c - what a hart does without a ready thread: steal one, or wait.
 *
 * sched_idle() is the loop of each hart's idle thread.  It steals a ready
 * thread that may run here from another hart's queue; without such a thread it
 * waits for an interrupt.  Interrupts are off from the check of the queue to
 * the wait, so no IPI is lost in between.  Nothing here allocates or fails.
 */
#include "arch/clock.h"
#include "arch/irq.h"
#include "kernel/runqueue.h"
#include "kernel/sched.h"

/*
 * Dequeue the oldest thread of another hart's queue that may run here, and set
 * its hart to this one; NULL if there is none.
 */
static struct thread *
take_from(struct run_queue *q)
{
	struct thread *t, *found = NULL;

	spin_lock(&q->lock);
	list_for_each_entry(t, &q->ready, run_node) {
		if (may_run(t, this_hart())) {
			found = t;
			queue_remove(q, t);
			__atomic_store_n(&t->hart, this_hart(),
					 __ATOMIC_RELAXED);
			break;
		}
	}
	spin_unlock(&q->lock);
	return found;
}

/* Move a thread from another hart's queue to this one's.  False: none found. */
static bool
steal(void)
{
	struct hart *here = this_hart();
	struct thread *t = NULL;
	struct run_queue *q;

	for (unsigned i = 1; i < hart_count && t == NULL; i++) {
		q = &run_queues[(here->index + i) % hart_count];
		if (q->length > 0)
			t = take_from(q);
	}
	if (t == NULL)
		return false;
	q = this_queue();
	spin_lock(&q->lock);
	queue_push(q, t);
	spin_unlock(&q->lock);
	return true;
}

/*
 * Wait for an interrupt.  QEMU may count instructions also while a hart waits:
 * record their number, so that sched_instret() can subtract it.
 */
static void
wait_for_interrupt(struct run_queue *q)
{
	uint64_t before = clock_instret();

	irq_wait();
	q->idle_instret += clock_instret() - before;
	/* The sender of an IPI for new work clears idle_now: none was sent. */
	if (this_hart()->idle_now && q->length > 0)
		q->counts.untold++;
}

void
sched_idle(void)
{
	struct hart *h = this_hart();
	struct run_queue *q = this_queue();

	for (;;) {
		(void)irq_disable();
		atomic_store(&h->idle_now, 1);
		/*
		 * A hart that queues work here calls announce(): either
		 * announce() sees idle_now set, or this hart sees the work.
		 */
		if (q->length == 0 && !steal())
			wait_for_interrupt(q);
		atomic_store(&h->idle_now, 0);
		irq_enable();
		atomic_store_explicit(&h->thread->flags, 0,
				      memory_order_relaxed);
		sched_switch();
	}
}
