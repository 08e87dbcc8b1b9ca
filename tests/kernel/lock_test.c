/* SPDX-License-Identifier: MIT */
/*
 * tests/kernel/lock_test.c - what sleeping and waking promise on several harts.
 *
 * Lost wakeups: readers of an rwlock without a writer never sleep, and a hart
 * that goes idle as a thread is queued for it is always told.  Each race is run
 * as often as the time allows.
 */
#include "check/ktest.h"
#include "kernel/hart.h"
#include "kernel/mutex.h"
#include "kernel/sched.h"
#include "kernel/schedstat.h"
#include "kernel/thread.h"

#define ROUNDS	1000000u
#define AT_MOST UINT64_C(30000000000) /* ns */

static struct rwlock lock;
static struct waitq done = WAITQ_INIT(done);
static _Atomic unsigned running;

static void
reader(void *arg)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		rwlock_read(&lock);
		rwlock_unread(&lock);
	}
	atomic_fetch_sub(&running, 1);
	waitq_wake_all(&done);
}

/* With no writer, no thread would wake a reader that went to sleep. */
KTEST(lock, readers_alone_never_sleep)
{
	rwlock_init(&lock, LOCK_SPACE);
	running = hart_count;
	for (unsigned i = 0; i < hart_count; i++) {
		if (thread_spawn_kernel("reader", reader, NULL) != 0) {
			EXPECT(t, !"memory for a thread");
			atomic_fetch_sub(&running, 1);
		}
	}
	EXPECT(t, wait_event_mode(&done, running == 0, WAIT_FIRM,
				  time_now() + AT_MOST) == 0);
	EXPECT(t, !rwlock_held(&lock));
}

#define WAKES 100000u		   /* or as many as fit in */
#define SPAN  UINT64_C(3000000000) /* ns; a busy computer does not get far */

static struct waitq bed = WAITQ_INIT(bed);
static _Atomic unsigned called, heard;

static void
sleeper(void *arg)
{
	for (unsigned i = 1; i <= WAKES; i++) {
		wait_event(&bed, called >= i);
		heard = i;
	}
	atomic_fetch_sub(&running, 1);
	waitq_wake_all(&done);
}

/*
 * A thread is queued for a hart just as that hart goes idle.  Only the waker
 * can tell the hart: its timer may be a second away.  The delay goes through
 * all moments of the hart's falling asleep.  It happens hardly ever that a
 * timer is due between the waker's two steps and wakes the hart before the
 * second.
 */
KTEST(lock, no_wake_up_waits_for_the_timer)
{
	uint64_t until = time_now() + SPAN;
	struct sched_counts before, after;

	sched_get_counts(&before);
	called = heard = 0;
	running = 1;
	REQUIRE(t, thread_spawn_kernel("sleeper", sleeper, NULL) == 0);
	for (unsigned i = 1; i <= WAKES && time_now() < until; i++) {
		for (volatile unsigned k = 0; k < i % 500; k++)
			;
		called = i;
		waitq_wake_all(&bed);
		while (heard != i)
			sched_switch();
	}
	called = WAKES;
	waitq_wake_all(&bed);
	wait_event(&done, running == 0);
	sched_get_counts(&after);
	EXPECT(t, after.untold - before.untold <= 2);
}
