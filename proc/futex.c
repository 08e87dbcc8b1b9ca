/*
 * proc/futex.c - futexes: FUTEX_WAIT and FUTEX_WAKE.
 *
 * A waiter queues itself before it reads the word, so a wake that follows a
 * change of the word finds it.  It lives on the sleeper's stack; it is touched
 * by others only under its bucket's lock, which the sleeper takes once more
 * before it leaves.
 */
#include "proc/futex.h"

#include "kernel/hart.h"
#include "kernel/thread.h"
#include "kernel/wait.h"
#include "lib/errno.h"
#include "mm/space.h"

#define BUCKETS 64u

struct futex_waiter {
	struct list_node node; /* [bucket] */
	struct space *space;   /* [i] */
	uaddr_t at;	       /* [i] */
	uint32_t bits;	       /* [i] */
	_Atomic bool woken;    /* [bucket] to set */
	struct waitq waitq;
};

struct bucket {
	struct spinlock lock;
	struct list_node waiters; /* [lock] oldest first */
};

static struct bucket buckets[BUCKETS];

static struct bucket *
bucket_of(const struct space *s, uaddr_t at)
{
	uint64_t h = ((uint64_t)(uintptr_t)s >> 4) ^ (at >> 2) ^ (at >> 12);

	return &buckets[h % BUCKETS];
}

static void
bucket_lock(struct bucket *b)
{
	spin_lock(&b->lock);
	if (b->waiters.next == NULL)
		list_init(&b->waiters);
}

int
futex_wake(uaddr_t at, unsigned n, uint32_t bits)
{
	struct space *s = thread_current()->space;
	struct bucket *b = bucket_of(s, at);
	struct futex_waiter *w, *next;
	unsigned done = 0;

	bucket_lock(b);
	list_for_each_entry_safe(w, next, &b->waiters, node) {
		if (done == n)
			break;
		if (w->space != s || w->at != at || (w->bits & bits) == 0)
			continue;
		list_del(&w->node);
		w->woken = true;
		waitq_wake_all(&w->waitq);
		done++;
	}
	spin_unlock(&b->lock);
	return (int)done;
}

int
futex_wait(uaddr_t at, uint32_t value, uint32_t bits, uint64_t deadline)
{
	struct futex_waiter w = { .space = thread_current()->space,
				  .at = at,
				  .bits = bits };
	struct bucket *b = bucket_of(w.space, at);
	uint32_t now;
	int err;

	waitq_init(&w.waitq);
	bucket_lock(b);
	list_push_back(&b->waiters, &w.node);
	spin_unlock(&b->lock);

	err = user_load32(at, &now);
	if (err == 0 && now != value)
		err = -EAGAIN;
	if (err == 0)
		err = wait_event_mode(&w.waitq, w.woken, WAIT_SIGNALS,
				      deadline);
	bucket_lock(b);
	list_del(&w.node);
	spin_unlock(&b->lock);
	if (!w.woken)
		return err;
	if (err == 0 || err == -ETIMEDOUT || err == -ERESTARTSYS)
		return 0;
	/* We were not really waiting: the wake belongs to somebody else. */
	(void)futex_wake(at, 1, bits);
	return err;
}
