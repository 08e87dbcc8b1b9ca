/* SPDX-License-Identifier: MIT */
/*
 * proc/idle.c - what a hart does without a ready thread: steal one, or wait.
 *
 * sched_idle() is the loop of each hart's idle thread.  It moves a thread from
 * the next queue that has one which may run here; if there is none, it waits for
 * an interrupt.  Interrupts are off from the look at the queue to the wait, so
 * an IPI cannot be lost in between.  Nothing here allocates or fails.
 */
#include "arch/clock.h"
#include "arch/irq.h"
#include "proc/process.h"
#include "proc/runqueue.h"

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
 * If QEMU counts instructions, it counts them also while a hart waits.  Record
 * their number, so that sched_instret() can subtract it.
 */
static void
wait_for_interrupt(struct run_queue *q)
{
	uint64_t before = clock_instret();

	irq_wait();
	q->idle_instret += clock_instret() - before;
	/* A claim would clear idle_now: this work came without an IPI. */
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
		 * Either announce() on the other hart sees idle_now set, or
		 * this hart sees the queued work.
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
