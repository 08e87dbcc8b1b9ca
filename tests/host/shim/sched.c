/* SPDX-License-Identifier: MIT */
/*
 * tests/host/shim/sched.c - threads, time and locks of host builds; see shim.h.
 *
 * It implements the scheduler's interface for one hart.  Exactly one host
 * thread runs, the one with the baton; each sleep passes it on.  When none is
 * ready, a disk request or the earliest timer is completed.  Failing
 * allocations are here, too.
 */
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/spinlock.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "shim/host.h"
#include "shim/shim.h"

#define MAX_THREADS 64u

struct hart harts[MAX_HARTS];
unsigned hart_count = 1;
unsigned shim_preempt, shim_fail_percent;
bool shim_disk_slow;

static struct thread threads[MAX_THREADS];
static struct {
	void (*fn)(void *arg);
	void *arg;
} bodies[MAX_THREADS];
static unsigned thread_count;
static uint64_t random_state = 1;
static uint64_t now_ns = NSEC_PER_SEC;
static int fail_countdown = -1;
static bool fail_fired;
static struct list_node timers = LIST_INIT(timers);

void *
arch_this_hart(void)
{
	return &harts[0];
}

uint64_t
shim_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * UINT64_C(0x2545f4914f6cdd1d);
}

void
shim_seed(uint64_t seed)
{
	random_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
}

static unsigned
id_of(const struct thread *t)
{
	return (unsigned)(t - threads);
}

void
shim_sched_init(uint64_t seed)
{
	shim_seed(seed);
	memset(threads, 0, sizeof(threads));
	harts[0].thread = &threads[0];
	threads[0].state = THREAD_RUNNING;
	threads[0].tid = 1;
	threads[0].fail_nth = 1;
	thread_count = 1;
}

void
host_cpu_relax(void)
{
}

/* ---- timers and the clock ---- */

struct shim_timer {
	struct list_node node;
	struct timer *timer;
};

void
timer_init(struct timer *t, void (*fire)(struct timer *t))
{
	memset(t, 0, sizeof(*t));
	t->fire = fire;
	t->hart = TIMER_NEW;
}

static struct shim_timer *
timer_entry(struct timer *t)
{
	struct shim_timer *e;

	list_for_each_entry(e, &timers, node) {
		if (e->timer == t)
			return e;
	}
	return NULL;
}

void
timer_start(struct timer *t, uint64_t deadline)
{
	struct shim_timer *e = timer_entry(t);

	if (t->hart == TIMER_SHUT)
		return;
	if (e == NULL) {
		e = host_alloc(sizeof(*e));
		e->timer = t;
		list_push_back(&timers, &e->node);
	}
	t->deadline = deadline;
}

void
timer_shutdown(struct timer *t)
{
	struct shim_timer *e = timer_entry(t);

	t->hart = TIMER_SHUT;
	if (e != NULL) {
		list_del(&e->node);
		host_free(e);
	}
}

bool
timer_gone(const struct timer *t)
{
	return t->hart == TIMER_SHUT;
}

/* Fire the earliest timer, moving the clock to it if `advance`. */
static bool
run_timer(bool advance)
{
	struct shim_timer *e, *best = NULL;
	struct timer *t;

	list_for_each_entry(e, &timers, node) {
		if (best == NULL || e->timer->deadline < best->timer->deadline)
			best = e;
	}
	if (best == NULL || (!advance && best->timer->deadline > now_ns))
		return false;
	t = best->timer;
	now_ns = MAX(now_ns, t->deadline);
	list_del(&best->node);
	host_free(best);
	harts[0].irq_depth++;
	t->fire(t);
	harts[0].irq_depth--;
	return true;
}

uint64_t
time_now(void)
{
	return now_ns += 100;
}

uint64_t
time_real(void)
{
	return time_now() + UINT64_C(1700000000) * NSEC_PER_SEC;
}

/* ---- threads ---- */

static struct thread *
pick_ready(void)
{
	unsigned start = (unsigned)(shim_random() % thread_count);

	for (unsigned i = 0; i < thread_count; i++) {
		struct thread *t = &threads[(start + i) % thread_count];

		if (t->state == THREAD_READY)
			return t;
	}
	return NULL;
}

static void
switch_to(struct thread *next)
{
	struct thread *prev = harts[0].thread;

	harts[0].thread = next;
	next->state = THREAD_RUNNING;
	host_baton_pass(id_of(prev), id_of(next));
}

/* Finds a thread to run; completes requests and timers until there is one. */
static struct thread *
find_next(void)
{
	struct thread *t;

	for (;;) {
		if (!shim_disk_slow && shim_random() % 4 == 0)
			(void)shim_disk_complete_one();
		t = pick_ready();
		if (t != NULL)
			return t;
		if (!shim_disk_complete_one() && !run_timer(true))
			panic("all threads sleep and nothing is going to "
			      "happen");
	}
}

void
sched_prepare(enum wait_mode mode)
{
	thread_current()->wait_mode = mode;
	thread_current()->state = THREAD_SLEEPING;
}

void
sched_cancel(void)
{
	thread_current()->state = THREAD_RUNNING;
}

void
sched_switch(void)
{
	struct thread *me = thread_current(), *next;

	assert(may_sleep());
	if (me->state == THREAD_RUNNING)
		me->state = THREAD_READY;
	/* Woken between prepare and switch: ready, and may be picked. */
	next = find_next();
	if (next != me)
		switch_to(next);
	me->state = THREAD_RUNNING;
}

hart_mask_t
sched_wake_untold(struct thread *t)
{
	if (t->state == THREAD_SLEEPING)
		t->state = THREAD_READY;
	return 0;
}

void
sched_wake(struct thread *t)
{
	sched_tell(sched_wake_untold(t));
}

void
sched_tell(hart_mask_t set)
{
}

bool
thread_interrupted(enum wait_mode mode)
{
	return false;
}

static void
thread_body(void *arg)
{
	struct thread *t = arg, *next;

	bodies[id_of(t)].fn(bodies[id_of(t)].arg);
	t->state = THREAD_DEAD;
	next = find_next();
	harts[0].thread = next;
	next->state = THREAD_RUNNING;
	host_thread_end(id_of(next));
}

/* A slot for a new thread: that of a dead thread, or a new one. */
static unsigned
free_slot(void)
{
	for (unsigned i = 1; i < thread_count; i++) {
		if (threads[i].state == THREAD_DEAD)
			return i;
	}
	if (thread_count == MAX_THREADS)
		panic("too many threads");
	return thread_count++;
}

int
thread_spawn_kernel(const char *name, void (*fn)(void *arg), void *arg)
{
	struct thread *t;
	unsigned i;

	if (thread_should_fail())
		return -ENOMEM;
	i = free_slot();
	t = &threads[i];
	memset(t, 0, sizeof(*t));
	bodies[i].fn = fn;
	bodies[i].arg = arg;
	t->tid = (pid_t)i + 1;
	t->fail_nth = 1;
	str_copy(t->name, name, sizeof(t->name));
	t->state = THREAD_READY;
	host_thread_start(i, thread_body, t);
	return 0;
}

static bool
anybody_ready(void)
{
	for (unsigned i = 0; i < thread_count; i++) {
		if (threads[i].state == THREAD_READY)
			return true;
	}
	return false;
}

void
shim_settle(void)
{
	while (anybody_ready() || shim_disk_complete_one()) {
		if (anybody_ready())
			sched_switch();
	}
}

void
shim_sleep(uint64_t ns)
{
	struct waitq q;

	waitq_init(&q);
	(void)wait_event_mode(&q, false, WAIT_FIRM, time_now() + ns);
}

/* ---- allocation failures ---- */

void
shim_fail_allocation(int n)
{
	fail_countdown = n;
	fail_fired = false;
}

bool
shim_fail_fired(void)
{
	return fail_fired;
}

void
shim_fail_set_fired(bool fired)
{
	fail_fired = fired;
}

bool
shim_allocation_failed(void)
{
	bool fired = fail_fired;

	shim_fail_allocation(-1);
	return fired;
}

/* Every thread's fail_nth is set, so each allocation asks here. */
bool
thread_fail_step(struct thread *t, bool copy)
{
	if (copy)
		return false;
	if (shim_fail_percent > 0 && shim_random() % 100 < shim_fail_percent) {
		fail_fired = true;
		return true;
	}
	if (fail_countdown < 0)
		return false;
	if (fail_countdown-- > 0)
		return false;
	fail_fired = true;
	return true;
}

/* ---- spin locks ---- */

void
spin_lock(struct spinlock *l)
{
	if (l->owner != 0)
		panic("spin lock taken twice");
	l->owner = 1;
	harts[0].spin_depth++;
}

bool
spin_trylock(struct spinlock *l)
{
	if (l->owner != 0)
		return false;
	spin_lock(l);
	return true;
}

void
spin_unlock(struct spinlock *l)
{
	if (l->owner == 0)
		panic("spin lock was not taken");
	l->owner = 0;
	harts[0].spin_depth--;
	/* As if another hart had been waiting for this moment. */
	if (shim_preempt > 0 && may_sleep() &&
	    thread_current()->state == THREAD_RUNNING &&
	    shim_random() % 100 < shim_preempt)
		sched_switch();
}

bool
spin_held(const struct spinlock *l)
{
	return l->owner != 0;
}

void
irq_push_off(void)
{
	harts[0].spin_depth++;
}

void
irq_pop_off(void)
{
	harts[0].spin_depth--;
}

bool
may_sleep(void)
{
	return harts[0].spin_depth == 0 && harts[0].irq_depth == 0;
}
