/* SPDX-License-Identifier: MIT */
/*
 * proc/futex.c - futexes: waiting on a word of user memory.
 *
 * The entries are declared in proc/futex.h and called in process context with
 * no spin lock held.  The bucket's mutex is held while the word is compared and
 * the waiter enqueued, so a wake-up that follows a change of the word finds the
 * waiter.
 *
 * A waiter lives on the sleeping thread's stack.  Other threads access it only
 * under the mutex of its bucket; the sleeping thread takes that mutex once more
 * before it returns.  Two buckets are locked in the order of their addresses.
 */
#include "proc/futex.h"

#include "kernel/mutex.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "mm/access.h"
#include "mm/inspect.h"
#include "mm/space.h"

#define BUCKETS	     64u
#define ROBUST_LIMIT 2048u /* limit on entries: the list may be circular */

/* In a robust lock's word. */
#define FUTEX_WAITERS	 (1u << 31)
#define FUTEX_OWNER_DIED (1u << 30)
#define FUTEX_TID_MASK	 (FUTEX_OWNER_DIED - 1)
/* Bit 0 of a robust list entry marks priority inheritance, which Tine lacks. */
#define ENTRY_OF(word) ((word) & ~UINT64_C(1))

struct futex_key {
	/*
	 * A space, by its address; or the object of a shared mapping, by its
	 * number: the object may be freed while a thread waits, and another
	 * one may then have its address.
	 */
	uint64_t base;
	uint64_t offset;
};

struct futex_waiter {
	struct list_node node;	       /* [bucket] */
	struct bucket *_Atomic bucket; /* [bucket] where it is */
	struct futex_key key;	       /* [bucket] */
	uint32_t bits;		       /* [i] */
	_Atomic bool woken;	       /* [bucket] to set */
	struct waitq waitq;
};

struct bucket {
	struct mutex lock;
	struct list_node waiters; /* [lock] oldest first */
};

static struct bucket buckets[BUCKETS];

void
futex_init(void)
{
	for (unsigned i = 0; i < BUCKETS; i++) {
		mutex_init(&buckets[i].lock, LOCK_FUTEX);
		list_init(&buckets[i].waiters);
	}
}

/*
 * Compute the key of the word at `at`: 0, -EINVAL, -EFAULT.  With `shared` the
 * word must be readable now, since the key is the object mapped there.
 */
static int
key_of(uaddr_t at, bool shared, struct futex_key *key)
{
	struct space *s = thread_current()->space;
	uint32_t word;
	int err;

	*key = (struct futex_key){ (uintptr_t)s, at };
	if (!IS_ALIGNED(at, sizeof(word)))
		return -EINVAL;
	if (!user_range_ok(at, sizeof(word)))
		return -EFAULT;
	if (!shared)
		return 0;
	err = user_load32(at, &word);
	return err != 0 ? err
			: space_shared_place(s, at, &key->base, &key->offset);
}

/* The keys of two words. */
static int
keys_of(uaddr_t from, uaddr_t to, bool shared, struct futex_key key[2])
{
	int err = key_of(from, shared, &key[0]);

	return err != 0 ? err : key_of(to, shared, &key[1]);
}

static struct bucket *
bucket_of(const struct futex_key *key)
{
	uint64_t h = (key->base >> 4) ^ key->base ^ (key->offset >> 2) ^
		     (key->offset >> 12);

	return &buckets[h % BUCKETS];
}

static bool
is_at(const struct futex_waiter *w, const struct futex_key *key)
{
	return w->key.base == key->base && w->key.offset == key->offset;
}

/* Wake at most n of the waiters with this key. */
static unsigned
wake_some(struct bucket *b, const struct futex_key *key, unsigned n,
	  uint32_t bits)
{
	struct futex_waiter *w, *next;
	unsigned done = 0;

	requires_lock(&b->lock);
	list_for_each_entry_safe(w, next, &b->waiters, node) {
		if (done == n)
			break;
		if (!is_at(w, key) || (w->bits & bits) == 0)
			continue;
		list_del(&w->node);
		w->woken = true;
		waitq_wake_all(&w->waitq);
		done++;
	}
	return done;
}

int
futex_wake(uaddr_t at, bool shared, unsigned n, uint32_t bits)
{
	struct futex_key key;
	struct bucket *b;
	unsigned done;
	int err = key_of(at, shared, &key);

	if (err != 0)
		return err;
	b = bucket_of(&key);
	mutex_lock(&b->lock);
	done = wake_some(b, &key, n, bits);
	mutex_unlock(&b->lock);
	return (int)done;
}

/* 0 if the word equals `value`, else -EAGAIN; or the error of reading it. */
static int
compare(uaddr_t at, uint32_t value)
{
	uint32_t now;
	int err = user_load32(at, &now);

	return err == 0 && now != value ? -EAGAIN : err;
}

/* Lock w's bucket; retry if futex_requeue() has moved w to another bucket. */
static struct bucket *
lock_bucket_of(struct futex_waiter *w)
{
	for (;;) {
		struct bucket *b = w->bucket;

		mutex_lock(&b->lock);
		if (w->bucket == b)
			return b;
		mutex_unlock(&b->lock);
	}
}

int
futex_wait(uaddr_t at, bool shared, uint32_t value, uint32_t bits,
	   uint64_t deadline)
{
	struct futex_waiter w = { .bits = bits };
	struct bucket *b;
	int err = key_of(at, shared, &w.key);

	if (err != 0)
		return err;
	b = bucket_of(&w.key);
	w.bucket = b;
	waitq_init(&w.waitq);
	mutex_lock(&b->lock);
	err = compare(at, value);
	if (err == 0)
		list_push_back(&b->waiters, &w.node);
	mutex_unlock(&b->lock);
	if (err != 0)
		return err;

	err = wait_event_mode(&w.waitq, w.woken, WAIT_SIGNALS, deadline);
	b = lock_bucket_of(&w);
	list_del(&w.node);
	mutex_unlock(&b->lock);
	return w.woken ? 0 : err;
}

/* Lock two buckets, which may be the same, in the order of their addresses. */
static void
lock_two(struct bucket *a, struct bucket *b)
{
	mutex_lock(a < b ? &a->lock : &b->lock);
	if (a != b)
		mutex_lock(a < b ? &b->lock : &a->lock);
}

static void
unlock_two(struct bucket *a, struct bucket *b)
{
	mutex_unlock(&a->lock);
	if (a != b)
		mutex_unlock(&b->lock);
}

int
futex_requeue(const struct futex_requeue *r)
{
	struct futex_waiter *w, *next;
	struct futex_key key[2];
	struct bucket *a, *b;
	unsigned moved = 0;
	int result = keys_of(r->from, r->to, r->shared, key);

	if (result != 0)
		return result;
	a = bucket_of(&key[0]);
	b = bucket_of(&key[1]);
	lock_two(a, b);
	if (r->compare)
		result = compare(r->from, r->value);
	if (result != 0)
		goto out;
	result = (int)wake_some(a, &key[0], r->wake, FUTEX_ANY);
	list_for_each_entry_safe(w, next, &a->waiters, node) {
		if (moved == r->move)
			break;
		if (!is_at(w, &key[0]))
			continue;
		if (a != b) {
			list_del(&w->node);
			list_push_back(&b->waiters, &w->node);
		}
		w->key = key[1];
		w->bucket = b;
		moved++;
	}
	result += (int)moved;
out:
	unlock_two(a, b);
	return result;
}

/* ---- FUTEX_WAKE_OP ---- */

/* The last argument: operation, comparison, and a 12-bit operand of each. */
#define OP_KIND(op)    ((op) >> 28 & 7)
#define OP_SHIFT       (1u << 31) /* the operand is 1 << argument */
#define OP_ARG(op)     ((int32_t)((op) << 8) >> 20)
#define OP_COMPARE(op) ((op) >> 24 & 15)
#define OP_VALUE(op)   ((int32_t)((op) << 20) >> 20)

/* Apply the operation to a word: 0 or -ENOSYS. */
static int
op_apply(uint32_t op, uint32_t word, uint32_t *new)
{
	uint32_t arg = (uint32_t)OP_ARG(op);

	if (op & OP_SHIFT)
		arg = 1u << (arg & 31);
	switch (OP_KIND(op)) {
	case 0:
		*new = arg;
		return 0;
	case 1:
		*new = word + arg;
		return 0;
	case 2:
		*new = word | arg;
		return 0;
	case 3:
		*new = word & ~arg;
		return 0;
	case 4:
		*new = word ^ arg;
		return 0;
	default:
		return -ENOSYS;
	}
}

/* Does the old word meet the comparison?  1, 0 or -ENOSYS. */
static int
op_meets(uint32_t op, int32_t old)
{
	int32_t value = OP_VALUE(op);

	switch (OP_COMPARE(op)) {
	case 0:
		return old == value;
	case 1:
		return old != value;
	case 2:
		return old < value;
	case 3:
		return old <= value;
	case 4:
		return old > value;
	case 5:
		return old >= value;
	default:
		return -ENOSYS;
	}
}

/* Change the word atomically, and compare its old value.  1, 0 or -errno. */
static int
op_run(uaddr_t at, uint32_t op)
{
	uint32_t word, old, new;
	int err = user_load32(at, &word);

	do {
		old = word;
		if (err == 0)
			err = op_apply(op, old, &new);
		if (err == 0)
			err = user_cas32(at, &word, new);
		if (err != 0)
			return err;
	} while (word != old);
	return op_meets(op, (int32_t)old);
}

int
futex_wake_op(const struct futex_wake_op *r)
{
	struct futex_key key[2];
	struct bucket *a, *b;
	int result = keys_of(r->at, r->at2, r->shared, key), meets;

	if (result != 0)
		return result;
	a = bucket_of(&key[0]);
	b = bucket_of(&key[1]);
	lock_two(a, b);
	meets = op_run(r->at2, r->op);
	if (meets < 0)
		result = meets;
	else
		result = (int)wake_some(a, &key[0], r->wake, FUTEX_ANY);
	if (meets > 0)
		result += (int)wake_some(b, &key[1], r->wake2, FUTEX_ANY);
	unlock_two(a, b);
	return result;
}

/* ---- robust lists ---- */

/*
 * The owner `tid` of a lock has exited: set FUTEX_OWNER_DIED in the lock's
 * word, and wake a waiter.
 */
static int
give_up(uaddr_t at, pid_t tid, bool pending)
{
	uint32_t word, want;
	int err = user_load32(at, &word);

	if (err != 0)
		return err;
	do {
		if ((word & FUTEX_TID_MASK) != (uint32_t)tid) {
			/*
			 * The task may have released the lock and then
			 * exited before it woke a waiter.
			 */
			if (pending && word == 0)
				(void)futex_wake(at, true, 1, FUTEX_ANY);
			return 0;
		}
		want = word;
		err = user_cas32(at, &word,
				 (word & FUTEX_WAITERS) | FUTEX_OWNER_DIED);
		if (err != 0)
			return err;
	} while (word != want);
	if (word & FUTEX_WAITERS)
		(void)futex_wake(at, true, 1, FUTEX_ANY);
	return 0;
}

void
futex_robust_exit(uaddr_t head, pid_t tid)
{
	struct robust_list_head h;
	uaddr_t at, pending;
	uint64_t next;

	if (copy_from_user(&h, head, sizeof(h)) != 0)
		return;
	pending = ENTRY_OF(h.pending);
	at = ENTRY_OF(h.first);
	for (unsigned i = 0; i < ROBUST_LIMIT && at != head; i++) {
		/* Read the link first: a woken thread may free the entry. */
		if (copy_from_user(&next, at, sizeof(next)) != 0)
			return;
		if (at != pending &&
		    give_up(at + (uint64_t)h.offset, tid, false) != 0)
			return;
		at = ENTRY_OF(next);
	}
	if (pending != 0)
		(void)give_up(pending + (uint64_t)h.offset, tid, true);
}
