/* SPDX-License-Identifier: MIT */
/*
 * check/lockcheck.c - check the lock order in debug builds.
 *
 * The order of the classes is total, so the checker compares a new lock with
 * each lock held; it needs no graph of earlier acquisitions, and one thread
 * alone shows a wrong order.  Held spin locks are listed by hart, since one
 * thread acquires a run queue lock and the next thread releases it.  Sleeping
 * locks are listed by thread.  lock_check() runs before a lock is acquired,
 * lock_taken() after, lock_dropped() when it is released.  A violation panics.
 */
#include "check/hooks.h"

#if LOCK_CHECK
#include "kernel/hart.h"
#include "kernel/spinlock.h"
#include "kernel/symbol.h"
#include "kernel/thread.h"

static const struct {
	const char *name;
	bool nests; /* several may be held: locks.def has the order */
	bool spins;
} classes[LOCK_CLASSES] = {
	[LOCK_NONE] = { "nameless", false, true },
#define LOCK(name, nests) [LOCK_##name] = { #name, nests, false },
#define SPIN(name, nests) [LOCK_##name] = { #name, nests, true },
#include "kernel/locks.def"
#undef LOCK
#undef SPIN
};

static struct locks_held *
list_of(enum lock_class kind)
{
	return classes[kind].spins ? &this_hart()->locks
				   : &thread_current()->locks;
}

static const char *
place(const struct lock_held *h)
{
	uint64_t offset;
	const char *name = symbol_find((vaddr_t)h->from, &offset);

	return name != NULL ? name : "an unknown function";
}

static void
check_against(const struct locks_held *held, enum lock_class kind)
{
	for (unsigned i = 0; i < held->count; i++) {
		const struct lock_held *h = &held->at[i];

		if (kind < h->kind || (kind == h->kind && !classes[kind].nests))
			panic("lock order: %s acquired while %s is held "
			      "(acquired in %s)",
			      classes[kind].name, classes[h->kind].name,
			      place(h));
	}
}

void
lock_check(enum lock_class kind)
{
	struct hart *h = this_hart();

	if (unlikely(kind == LOCK_NONE))
		panic("lock order: acquiring a lock that was not initialized");
	if (unlikely(panic_in_progress()))
		return;
	check_against(&h->locks, kind);
	/* In an interrupt handler, ignore locks of the interrupted thread. */
	if (h->thread != NULL && h->irq_depth == 0)
		check_against(&h->thread->locks, kind);
}

void
lock_taken(enum lock_class kind, const void *lock, const void *from)
{
	struct locks_held *held = list_of(kind);

	if (unlikely(held->count == LOCKS_HELD_MAX))
		panic("lock order: cannot record %s: %u locks are held, the "
		      "maximum",
		      classes[kind].name, held->count);
	held->at[held->count++] = (struct lock_held){
		kind, lock, from != NULL ? from : __builtin_return_address(0)
	};
}

void
lock_dropped(enum lock_class kind, const void *lock)
{
	struct locks_held *held = list_of(kind);
	unsigned i = held->count;

	while (i > 0 && held->at[i - 1].lock != lock)
		i--;
	if (unlikely(i == 0)) {
		if (panic_in_progress())
			return;
		panic("lock %p is released but not held", lock);
	}
	for (held->count--; i <= held->count; i++)
		held->at[i - 1] = held->at[i];
}

void
lock_check_sleep(void)
{
	struct hart *h = this_hart();
	const struct lock_held *spin = h->locks.at;

	if (likely(may_sleep()))
		return;
	if (h->locks.count > 0)
		panic("a function that may sleep was called with lock %s "
		      "held, acquired in %s",
		      classes[spin->kind].name, place(spin));
	panic("a function that may sleep was called %s",
	      h->irq_depth > 0 ? "in an interrupt handler"
			       : "with interrupts off");
}

void
lock_check_alloc(void)
{
	lock_check_sleep();
	lock_check(LOCK_RECLAIM);
}

void
lock_check_none(void)
{
	const struct locks_held *held = &thread_current()->locks;

	if (unlikely(held->count > 0))
		panic("return to user mode with %s held, acquired in %s",
		      classes[held->at[0].kind].name, place(&held->at[0]));
	assert(this_hart()->locks.count == 0);
}
#endif
