/* SPDX-License-Identifier: MIT */
/*
 * kernel/sched.c - the scheduler: which thread runs on which hart.
 *
 * Every hart has a run queue, first come, first served.  If another thread is
 * ready, a thread is preempted by the tick nearest to 10 ms after its start.
 * kernel/idle.c has what a hart does without a thread.  The contract is in
 * kernel/sched.h; this file owns thread->state, ->hart and ->run_node.
 * Nothing here allocates or fails.
 *
 * Handover.  sched_switch() chooses the next thread under the hart's queue lock
 * and holds the lock across context_switch(); the next thread, on its own
 * stack, releases the lock.  So under the lock the registers of every thread
 * but `current` are saved, and such a thread may be queued on any hart.
 *
 * Locking.  A thread is guarded by the lock of thread->hart's queue.  A thread
 * that is moved to another hart is READY and on no list for a moment; only the
 * hart that moves the thread changes its state then.
 *
 * Lifetime.  An IPI is sent to a hart, which acts on the thread that it runs
 * when the IPI arrives.  Every other user of a thread pointer keeps the thread
 * alive.  A waker finds the thread on a wait queue, and the thread takes that
 * queue's lock before it continues.  A signal finds the thread under proc_lock,
 * which the thread takes to exit.  A sleep timer is shut down before its sleep
 * returns.
 *
 * Going to sleep takes no lock.  The thread stores SLEEPING and then checks its
 * condition once more; a waker changes the condition and then reads the state.
 * Full barriers on both sides rule out a lost wakeup.
 */
#include "kernel/sched.h"

#include "arch/clock.h"
#include "arch/fpu.h"
#include "arch/irq.h"
#include "arch/kstack.h"
#include "arch/mmu.h"
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/runqueue.h"
#include "kernel/timer.h"
#include "lib/string.h"

/* Half a tick, so that a slice which a tick began ends at the next one. */
#define SLICE_NS (TICK_NS / 2)

struct run_queue run_queues[MAX_HARTS];

static inline enum thread_state
state_load(struct thread *t)
{
	return __atomic_load_n(&t->state, __ATOMIC_RELAXED);
}

static inline void
state_store(struct thread *t, enum thread_state s)
{
	__atomic_store_n(&t->state, s, __ATOMIC_RELAXED);
}

/* Lock the queue that guards t; retry if t has moved to another hart. */
static struct run_queue *
lock_queue_of(struct thread *t)
{
	for (;;) {
		struct hart *h = __atomic_load_n(&t->hart, __ATOMIC_RELAXED);
		struct run_queue *q = &run_queues[h->index];

		spin_lock(&q->lock);
		if (likely(t->hart == h))
			return q;
		spin_unlock(&q->lock);
	}
}

static struct thread *
queue_pop(struct run_queue *q)
{
	struct thread *t;

	if (list_empty(&q->ready))
		return NULL;
	t = list_entry(q->ready.next, struct thread, run_node);
	queue_remove(q, t);
	return t;
}

/* ---- time ---- */

/*
 * Charge t for the time since its stamp: as user time if a tick interrupted
 * user mode, else as system time.
 */
static void
account(struct run_queue *q, struct thread *t, uint64_t now, bool user)
{
	uint64_t ran = now - t->stamp;

	t->stamp = now;
	if (t == &q->idle) {
		q->idle_ns += ran;
	} else if (user) {
		t->user_ns += ran;
		q->user_ns += ran;
	} else {
		t->sys_ns += ran;
		q->sys_ns += ran;
	}
}

/*
 * Did the tick interrupt user mode?  A trap from user mode saves its cause in
 * the trapframe at the top of the kernel stack; bit 63 marks an interrupt.
 */
static bool
interrupted_user(struct thread *t)
{
	return t->process != NULL && t->space != NULL &&
	       thread_trapframe(t)->cause >> 63 != 0;
}

/* Is the current thread about to exit, with no other thread in this queue? */
static bool
free_soon(void)
{
	return (this_hart()->thread->flags & THREAD_LEAVING) != 0 &&
	       this_queue()->length == 0;
}

/*
 * Claim the idle hart h for new work.  False if h is this hart or busy, or if
 * this hart will be free soon.  If true, the caller, and no other hart, must
 * send h an IPI.
 */
static bool
claim(struct hart *h)
{
	return h != this_hart() && h->idle_now && !free_soon() &&
	       atomic_exchange(&h->idle_now, 0);
}

/* Claim an idle hart in the set `among`; NULL if there is none. */
static struct hart *
claim_idle_hart(hart_mask_t among)
{
	for (unsigned i = 0; i < hart_count; i++) {
		if ((among >> i & 1) && claim(&harts[i]))
			return &harts[i];
	}
	return NULL;
}

/* The harts that are idle now, without this one. */
static hart_mask_t
idle_harts(void)
{
	hart_mask_t set = 0;

	for (unsigned i = 0; i < hart_count; i++) {
		if (harts[i].idle_now && &harts[i] != this_hart())
			set |= 1u << i;
	}
	return set;
}

static hart_mask_t enqueue(struct thread *t, struct hart *h, bool kick);

/*
 * Move the first ready thread of q that an idle hart may run to that hart.  An
 * IPI alone would not do: this hart switches to the thread before the idle hart
 * can steal it.
 */
static void
push_to_idle(struct run_queue *q)
{
	hart_mask_t idle = idle_harts();
	struct hart *h = NULL;
	struct thread *t;

	if (idle == 0)
		return;
	spin_lock(&q->lock);
	list_for_each_entry(t, &q->ready, run_node) {
		h = claim_idle_hart(t->allowed & idle);
		if (h != NULL) {
			queue_remove(q, t);
			__atomic_store_n(&t->hart, h, __ATOMIC_RELAXED);
			break;
		}
	}
	spin_unlock(&q->lock);
	if (h != NULL)
		sched_tell(enqueue(t, h, true));
}

void
sched_tick(void)
{
	struct run_queue *q = this_queue();
	struct thread *t = this_hart()->thread;
	uint64_t now = time_now();

	account(q, t, now, interrupted_user(t));
	if (t == &q->idle || q->length == 0)
		return;
	if (now >= t->slice_end)
		atomic_fetch_or(&t->flags, THREAD_RESCHED);
	push_to_idle(q);
}

/* ---- switching ---- */

static void move_and_unlock(struct run_queue *q, struct thread *t);

/*
 * The second half of a switch, on the new thread's stack.  Release this hart's
 * queue lock, which the previous thread acquired.  Free that thread if it is
 * dead and has a `gone`: its stack is unused only from here on.
 */
static void
finish_switch(bool irqs)
{
	struct run_queue *q = this_queue();
	struct thread *left = q->left;
	void (*gone)(struct thread * t) =
		left->state == THREAD_DEAD ? left->gone : NULL;

	requires_lock(&q->lock);
	assert(left != this_hart()->thread);
	this_hart()->spin_irqs = irqs;
	if (unlikely(q->moving)) {
		q->moving = false;
		move_and_unlock(q, left);
		return;
	}
	spin_unlock(&q->lock);
	if (unlikely(gone != NULL))
		gone(left);
}

/* Switch from prev to next.  Returns on prev's stack when prev runs again. */
static void
switch_to(struct run_queue *q, struct thread *prev, struct thread *next)
{
	struct hart *h = this_hart();
	uint64_t now = time_now();
	bool irqs = h->spin_irqs;

	requires_lock(&q->lock);
	assert(h->spin_depth == 1);
	account(q, prev, now, false);
	next->stamp = now;
	next->slice_end = now + SLICE_NS;
	state_store(next, THREAD_RUNNING);
	q->current = next;
	q->left = prev;
	q->counts.switches++;
	if (prev == &q->idle)
		timer_hart_busy(true);
	else if (next == &q->idle)
		timer_hart_busy(false);
	fp_switch(prev, next);
	if (h->mmu != next->mmu)
		mmu_switch(next->mmu);
	h->thread = next;
	h->arch.kernel_sp = next->stack + KSTACK_SIZE;
	(void)kstack_sync();
	context_switch(&prev->context, &next->context);
	finish_switch(irqs);
}

void
sched_switch(void)
{
	struct run_queue *q = this_queue();
	struct thread *prev = this_hart()->thread, *next;
	bool here;

	lock_check_sleep();
	spin_lock(&q->lock);
	if (state_load(prev) == THREAD_RUNNING && prev != &q->idle) {
		here = may_run(prev, prev->hart);
		if (q->length == 0 && here) {
			prev->slice_end = time_now() + SLICE_NS;
			spin_unlock(&q->lock);
			return;
		}
		state_store(prev, THREAD_READY);
		if (likely(here))
			queue_push(q, prev);
		else
			q->moving = true; /* finish_switch() moves prev */
	}
	next = queue_pop(q);
	if (next == NULL)
		next = &q->idle;
	if (next == prev) {
		state_store(prev, THREAD_RUNNING);
		spin_unlock(&q->lock);
		return;
	}
	switch_to(q, prev, next);
}

void
sched_give_way(void)
{
	struct thread *t = thread_current();

	if (t->flags & THREAD_RESCHED) {
		atomic_fetch_and(&t->flags, ~THREAD_RESCHED);
		sched_switch();
	}
}

void
sched_begin(void)
{
	finish_switch(true);
}

void
sched_die(void)
{
	struct run_queue *q = this_queue();
	struct thread *self = this_hart()->thread, *next;

	lock_check_sleep();
	assert(self != &q->idle);
	spin_lock(&q->lock);
	state_store(self, THREAD_DEAD);
	next = queue_pop(q);
	switch_to(q, self, next != NULL ? next : &q->idle);
	panic("a dead thread was scheduled again");
}

bool
sched_gone(struct thread *t)
{
	struct run_queue *q = lock_queue_of(t);
	bool gone = q->current != t && t->state == THREAD_DEAD;

	spin_unlock(&q->lock);
	return gone;
}

/* ---- sleeping and waking ---- */

void
sched_prepare(enum wait_mode mode)
{
	struct thread *t = thread_current();

	assert(t != this_hart()->idle);
	__atomic_store_n(&t->wait_mode, mode, __ATOMIC_RELAXED);
	__atomic_store_n(&t->state, THREAD_SLEEPING, __ATOMIC_RELEASE);
	/* The state must be visible before the caller reads its condition. */
	atomic_thread_fence(memory_order_seq_cst);
}

void
sched_cancel(void)
{
	state_store(thread_current(), THREAD_RUNNING);
}

/*
 * Choose a hart for a thread that becomes ready: its last hart if idle, else
 * some idle hart, else its last hart.  *kick is true if the hart was claimed
 * and needs an IPI.
 */
static struct hart *
choose_hart(struct thread *t, bool *kick)
{
	struct hart *last = t->hart, *idle;

	*kick = false;
	if (hart_count == 1) /* nothing to choose, no IPI */
		return last;
	if (unlikely(!may_run(t, last)))
		last = &harts[__builtin_ctz(t->allowed)];
	*kick = claim(last);
	if (*kick)
		return last;
	if (last == this_hart() && last->thread == last->idle)
		return last;
	idle = claim_idle_hart(t->allowed);
	if (idle != NULL) {
		*kick = true;
		return idle;
	}
	/* The current thread is exiting: run the thread that reaps it here. */
	if (last != this_hart() && free_soon() && may_run(t, this_hart()))
		return this_hart();
	return last;
}

/*
 * Call after work has been queued for h.  Without `kick` h seemed busy when it
 * was chosen, but may have gone idle since: check idle_now after a full barrier
 * (see sched_idle()).  Returns h's bit if h needs an IPI, else 0.
 */
static hart_mask_t
announce(struct hart *h, bool kick)
{
	if (!kick && h != this_hart()) {
		atomic_thread_fence(memory_order_seq_cst);
		kick = h->idle_now && atomic_exchange(&h->idle_now, 0);
	}
	return kick ? 1u << h->index : 0;
}

void
sched_tell(hart_mask_t set)
{
	for (; set != 0; set &= set - 1)
		hart_send_ipi(&harts[__builtin_ctz(set)], IPI_RESCHED);
}

/*
 * Enqueue on h a READY thread that is on no list.  The return value is that of
 * announce().
 */
static hart_mask_t
enqueue(struct thread *t, struct hart *h, bool kick)
{
	struct run_queue *q = &run_queues[h->index];

	spin_lock(&q->lock);
	queue_push(q, t);
	spin_unlock(&q->lock);
	return announce(h, kick);
}

/*
 * Make a thread that is on no list READY, on a hart where it may run.  Unlocks
 * its queue q.  The return value is that of announce().
 */
static always_inline hart_mask_t
place_and_unlock(struct run_queue *q, struct thread *t)
{
	bool kick;
	struct hart *h;

	requires_lock(&q->lock);
	h = choose_hart(t, &kick);
	state_store(t, THREAD_READY);
	if (&run_queues[h->index] == q) {
		queue_push(q, t);
		spin_unlock(&q->lock);
		return announce(h, kick);
	}
	__atomic_store_n(&t->hart, h, __ATOMIC_RELAXED);
	spin_unlock(&q->lock);
	return enqueue(t, h, kick);
}

static void
move_and_unlock(struct run_queue *q, struct thread *t)
{
	irq_push_off();
	sched_tell(place_and_unlock(q, t));
	irq_pop_off();
}

hart_mask_t
sched_wake_untold(struct thread *t)
{
	struct run_queue *q;

	/* The caller's change must be visible before t's state is read. */
	atomic_thread_fence(memory_order_seq_cst);
	if (state_load(t) != THREAD_SLEEPING)
		return 0;
	q = lock_queue_of(t);
	if (state_load(t) != THREAD_SLEEPING) {
		spin_unlock(&q->lock);
		return 0;
	}
	if (q->current == t) {
		/* t is still running: its sched_switch() will see RUNNING. */
		state_store(t, THREAD_RUNNING);
		spin_unlock(&q->lock);
		return 0;
	}
	return place_and_unlock(q, t);
}

void
sched_wake(struct thread *t)
{
	sched_tell(sched_wake_untold(t));
}

void
sched_start(struct thread *t)
{
	struct hart *h;
	bool kick;

	irq_push_off();
	t->hart = this_hart();
	h = choose_hart(t, &kick);
	t->hart = h;
	state_store(t, THREAD_READY);
	sched_tell(enqueue(t, h, kick));
	irq_pop_off();
}

static bool
mode_allows(enum wait_mode mode, unsigned flags)
{
	if (mode == WAIT_KILLABLE)
		return (flags & THREAD_KILL) != 0;
	return mode == WAIT_SIGNALS;
}

void
sched_interrupt(struct thread *t, unsigned flags)
{
	struct run_queue *q;
	struct hart *h = NULL;
	bool wake = false;

	atomic_fetch_or(&t->flags, flags);
	if (t == thread_current())
		return;
	q = lock_queue_of(t);
	if (state_load(t) == THREAD_SLEEPING)
		wake = mode_allows(t->wait_mode, flags);
	else if (q->current == t)
		h = t->hart;
	spin_unlock(&q->lock);
	if (wake)
		sched_wake(t);
	else if (h != NULL)
		hart_send_ipi(h, IPI_RESCHED);
}

void
sched_set_harts(struct thread *t, hart_mask_t mask)
{
	struct run_queue *q;
	struct hart *runs = NULL;

	assert(mask != 0);
	assert(t == thread_current() || this_hart()->spin_depth > 0);
	q = lock_queue_of(t);
	t->allowed = mask;
	if (may_run(t, t->hart)) {
		spin_unlock(&q->lock);
		return;
	}
	/* t checks this flag before it returns to user mode, and then moves. */
	atomic_fetch_or(&t->flags, THREAD_RESCHED);
	if (state_load(t) == THREAD_READY && list_linked(&t->run_node)) {
		queue_remove(q, t);
		move_and_unlock(q, t);
		return;
	}
	if (q->current == t && t != thread_current())
		runs = t->hart;
	spin_unlock(&q->lock);
	if (runs != NULL)
		hart_send_ipi(runs, IPI_RESCHED);
}

void
sched_init_hart(void)
{
	struct hart *h = this_hart();
	struct run_queue *q = this_queue();
	struct thread *t = &q->idle;

	spin_init(&q->lock, LOCK_RUNQUEUE);
	list_init(&q->ready);
	list_init(&t->run_node);
	list_init(&t->all_node);
	(void)str_copy(t->name, "idle", sizeof(t->name));
	t->state = THREAD_RUNNING;
	t->hart = h;
	t->stack = h->arch.kernel_sp - KSTACK_SIZE;
	t->stamp = time_now();
	q->current = t;
	h->idle = t;
	h->thread = t;
}
