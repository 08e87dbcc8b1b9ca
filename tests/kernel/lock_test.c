/*
 * tests/kernel/lock_test.c - what the sleeping locks promise on several harts.
 */
#include "kernel/hart.h"
#include "kernel/ktest.h"
#include "kernel/mutex.h"
#include "kernel/thread.h"

#define ROUNDS	1000000u
#define AT_MOST UINT64_C(8000000000) /* ns */

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

/* Nobody would wake a reader that went to sleep with no writer about. */
KTEST(lock, readers_alone_never_sleep)
{
	rwlock_init(&lock);
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
