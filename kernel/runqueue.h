/* SPDX-License-Identifier: MIT */
/*
 * kernel/runqueue.h - the run queue of each hart.
 *
 * For the scheduler itself (kernel/sched.c, kernel/idle.c) and its statistics
 * (kernel/schedstat.c); other files use kernel/thread.h and kernel/sched.h.
 *
 * Keys: [lock] the queue's lock; [h] written by its own hart only, so another
 * hart may read a slightly old value.
 */
#ifndef KERNEL_RUNQUEUE_H
#define KERNEL_RUNQUEUE_H

#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/schedstat.h"
#include "kernel/spinlock.h"
#include "kernel/thread.h"

struct run_queue {
	struct spinlock lock;
	struct list_node ready;	    /* [lock] struct thread.run_node */
	_Atomic unsigned length;    /* [lock] to change */
	struct thread *current;	    /* [lock] */
	struct thread *left;	    /* [h] ran before the last switch */
	bool moving;		    /* [lock] `left` may not run here */
	struct thread idle;	    /* this hart's idle thread */
	uint64_t user_ns, sys_ns;   /* [h] of threads that ran here */
	uint64_t idle_ns;	    /* [h] */
	uint64_t idle_instret;	    /* [h] instructions counted in irq_wait() */
	struct sched_counts counts; /* [h] */
} cache_aligned;

extern struct run_queue run_queues[MAX_HARTS]; /* by hart */

static inline struct run_queue *
this_queue(void)
{
	return &run_queues[this_hart()->index];
}

/* Append t, which is READY and on no list, to a queue. */
static inline void
queue_push(struct run_queue *q, struct thread *t)
{
	requires_lock(&q->lock);
	assert(!list_linked(&t->run_node) && t->state == THREAD_READY);
	list_push_back(&q->ready, &t->run_node);
	atomic_fetch_add_explicit(&q->length, 1, memory_order_relaxed);
}

/* Take t out of the queue that it is on. */
static inline void
queue_remove(struct run_queue *q, struct thread *t)
{
	requires_lock(&q->lock);
	assert(list_linked(&t->run_node) && t->state == THREAD_READY);
	list_del(&t->run_node);
	atomic_fetch_sub_explicit(&q->length, 1, memory_order_relaxed);
}

/* May t run on h? */
static inline bool
may_run(const struct thread *t, const struct hart *h)
{
	return (t->allowed >> h->index & 1) != 0;
}

#endif
