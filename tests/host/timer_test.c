/* SPDX-License-Identifier: MIT */
/*
 * tests/host/timer_test.c - kernel/timer.c on two harts, step by step.
 *
 * The harts are host threads of which one runs.  It may be stopped whenever it
 * takes or releases a lock and at each step inside fire(); then the other one
 * goes on.  Each test runs under every schedule with up to three such switches,
 * so also under those that stop a hart between taking a timer off its queue
 * and running it.
 */
#include "check.h"

#include "arch/clock.h"
#include "kernel/hart.h"
#include "kernel/panic.h"
#include "kernel/sched.h"
#include "kernel/spinlock.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "kernel/timer.h"
#include "kernel/wait.h"
#include "shim/host.h"

#include <string.h>

#define HARTS	 2u
#define SWITCHES 3u
#define FAR	 UINT64_C(1000000) /* a time long after all others */

struct hart harts[MAX_HARTS];
unsigned hart_count = HARTS;

static unsigned current;       /* hart */
static bool stepping;	       /* the two threads run, not main() alone */
static unsigned steps, done;   /* of this schedule; harts that are ready */
static unsigned at[SWITCHES];  /* the steps at which to switch */
static uint64_t now;	       /* what the clocks show */
static uint64_t events[HARTS]; /* when each hart's timer interrupt comes */
static void (*bodies[HARTS])(void);

/* What the tests are about. */
static struct timer timer;
static bool shut;	      /* its memory may be used for something else */
static unsigned fired, rearm; /* how often; how often fire() starts it again */
static uint64_t rearm_at;
static unsigned used_when_shut;

/* No thread sleeps here. */
void
wait_clock_was_set(void)
{
}

/* ---- harts and schedules ---- */

void *
arch_this_hart(void)
{
	return &harts[current];
}

static void
run_other(void)
{
	unsigned self = current;

	current = !self;
	host_baton_pass(self + 1, current + 1);
}

/* The hart may be stopped here. */
static void
step(void)
{
	if (!stepping)
		return;
	steps++;
	for (unsigned i = 0; i < SWITCHES; i++) {
		if (at[i] == steps && done == 0)
			run_other();
	}
}

/* The hart cannot go on before the other one does. */
static void
wait_for_other(void)
{
	if (!stepping || done > 0) {
		printf("# a hart waits, and no other runs\n");
		exit(1);
	}
	run_other();
}

void
host_cpu_relax(void)
{
	wait_for_other();
}

static void
hart_main(void *arg)
{
	unsigned self = (unsigned)(uintptr_t)arg;

	for (;;) {
		bodies[self]();
		if (++done == HARTS)
			host_baton_pass(self + 1, 0);
		else
			run_other();
	}
}

void
spin_lock(struct spinlock *l)
{
	step();
	while (l->owner != 0)
		wait_for_other();
	l->owner = current + 1;
}

void
spin_unlock(struct spinlock *l)
{
	if (l->owner != current + 1)
		panic("a lock is released that is not held");
	l->owner = 0;
	step();
}

bool
spin_held(const struct spinlock *l)
{
	return l->owner == current + 1;
}

void
irq_push_off(void)
{
}

void
irq_pop_off(void)
{
}

uint64_t
clock_read(void)
{
	return now;
}

void
clock_set_event(uint64_t ns)
{
	events[current] = ns;
}

void
sched_tick(void)
{
}

void
panic(const char *fmt, ...)
{
	printf("# panic: %s\n", fmt);
	host_abort();
}

/* ---- one run ---- */

static void
fire(struct timer *t)
{
	for (unsigned i = 0; i < 3; i++) {
		used_when_shut += shut;
		step();
	}
	fired++;
	if (rearm > 0) {
		rearm--;
		timer_start(t, rearm_at);
		step();
		used_when_shut += shut;
	}
}

/* From now on no interrupt is missed: let the clock run to the end. */
static void
run_clock(void)
{
	for (current = 0; current < HARTS; current++)
		timer_interrupt();
	for (unsigned i = 0; i < 10; i++) {
		for (current = 0; current < HARTS; current++) {
			if (events[current] == UINT64_MAX)
				continue;
			now = MAX(now, events[current]);
			timer_interrupt();
		}
	}
	current = 0;
}

static void
run_schedule(void (*one)(void), void (*other)(void))
{
	bodies[0] = one;
	bodies[1] = other;
	steps = done = 0;
	stepping = true;
	current = 0;
	host_baton_pass(0, 1);
	stepping = false;
	current = 0;
}

/* Ready to fire on hart 0. */
static void
prepare(unsigned again, uint64_t again_at)
{
	now = 1000;
	for (current = 0; current < HARTS; current++) {
		events[current] = UINT64_MAX;
		timer_hart_busy(false);
	}
	current = 0;
	shut = false;
	fired = used_when_shut = 0;
	rearm = again;
	rearm_at = again_at;
	memset(&timer, 0xee, sizeof(timer));
	timer_init(&timer, fire);
}

/*
 * The next schedule of a test that takes up to `most` steps; a step that is
 * never reached stands for no switch.  False: that was the last one.
 */
static bool
next_schedule(unsigned most)
{
	unsigned i = SWITCHES;

	while (i > 0 && at[i - 1] > most)
		i--;
	if (i == 0)
		return false;
	at[i - 1]++;
	for (; i < SWITCHES; i++)
		at[i] = at[i - 1];
	return true;
}

/*
 * Run a test under every schedule: begin(), both bodies, and end(), which
 * checks.  It stops at the first that goes wrong, and says which it was.
 */
static void
run_all(void (*begin)(void), void (*one)(void), void (*other)(void),
	void (*end)(void))
{
	unsigned most = 0, bad = check_bad, n = 0;

	memset(at, 0, sizeof(at));
	while (check_bad == bad && next_schedule(most)) {
		snprintf(host_doing, sizeof(host_doing),
			 "switches at the steps %u, %u, %u", at[0], at[1],
			 at[2]);
		begin();
		run_schedule(one, other);
		run_clock();
		end();
		most = MAX(most, steps);
		n++;
	}
	if (check_bad != bad)
		printf("# %s\n", host_doing);
	else
		printf("# %u schedules of up to %u steps\n", n, most);
	host_doing[0] = '\0';
}

/* ---- what the harts do ---- */

static void
do_shutdown(void)
{
	timer_shutdown(&timer);
	shut = true;
	CHECK(timer_gone(&timer));
}

static void
do_restart_and_shutdown(void)
{
	timer_start(&timer, FAR);
	do_shutdown();
}

static void
do_cancel_and_shutdown(void)
{
	timer_cancel(&timer);
	do_shutdown();
}

static void
do_start(void)
{
	timer_start(&timer, now);
}

static void
do_start_later(void)
{
	timer_start(&timer, FAR);
}

static void
begin_due(void)
{
	prepare(0, 0);
	timer_start(&timer, now);
}

/* fire() starts the timer again, which is due at once. */
static void
begin_rearming(void)
{
	prepare(3, 0);
	timer_start(&timer, now);
}

static void
begin_rearming_later(void)
{
	prepare(3, FAR);
	timer_start(&timer, now);
}

static void
begin_new(void)
{
	prepare(0, 0);
}

static void
end_shut(void)
{
	CHECK(used_when_shut == 0);
	CHECK(timer_gone(&timer));
}

static void
end_fired_once_or_twice(void)
{
	CHECK(fired == 1 || fired == 2);
	CHECK(!timer.queued);
	timer_shutdown(&timer);
	CHECK(timer_gone(&timer));
}

/* ---- tests ---- */

TEST(shutdown_while_it_fires)
{
	run_all(begin_due, timer_interrupt, do_shutdown, end_shut);
}

TEST(shutdown_while_it_starts_itself_again)
{
	run_all(begin_rearming, timer_interrupt, do_shutdown, end_shut);
	run_all(begin_rearming_later, timer_interrupt, do_shutdown, end_shut);
}

/* Another hart queues it while it fires here. */
TEST(shutdown_of_a_timer_restarted_while_it_fires)
{
	run_all(begin_due, timer_interrupt, do_restart_and_shutdown, end_shut);
	run_all(begin_rearming, timer_interrupt, do_restart_and_shutdown,
		end_shut);
}

TEST(shutdown_after_cancelling)
{
	run_all(begin_due, timer_interrupt, do_cancel_and_shutdown, end_shut);
	run_all(begin_rearming, timer_interrupt, do_cancel_and_shutdown,
		end_shut);
}

/* A start that comes too late, or during the firing, has no effect. */
TEST(shutdown_beside_a_start)
{
	run_all(begin_new, do_start, do_shutdown, end_shut);
	run_all(begin_due, do_start, do_shutdown, end_shut);
	run_all(begin_due, do_start, do_restart_and_shutdown, end_shut);
}

TEST(two_harts_start_it)
{
	run_all(begin_new, do_start, do_start_later, end_fired_once_or_twice);
	run_all(begin_due, do_start, do_start, end_fired_once_or_twice);
}

/* A start is not lost, however it falls into the firing before. */
static void
end_fired_at_the_end(void)
{
	CHECK(now >= FAR);
	end_fired_once_or_twice();
}

TEST(started_while_it_fires)
{
	run_all(begin_due, timer_interrupt, do_start_later,
		end_fired_at_the_end);
}

TEST(never_started)
{
	prepare(0, 0);
	CHECK(timer_gone(&timer));
	timer_cancel(&timer);
	timer_shutdown(&timer);
	timer_start(&timer, now);
	CHECK(timer_gone(&timer));
	run_clock();
	CHECK(fired == 0);
}

TEST(cancelled_and_started_again)
{
	begin_due();
	timer_cancel(&timer);
	run_clock();
	CHECK(fired == 0 && timer.hart >= 0);
	timer_start(&timer, now);
	CHECK(!timer_gone(&timer));
	run_clock();
	CHECK(fired == 1);
	timer_shutdown(&timer);
}

int
main(int argc, char **argv)
{
	check_begin(argc, argv);
	for (unsigned i = 0; i < HARTS; i++) {
		harts[i].index = i;
		host_thread_start(i + 1, hart_main, (void *)(uintptr_t)i);
	}
	RUN(shutdown_while_it_fires);
	RUN(shutdown_while_it_starts_itself_again);
	RUN(shutdown_of_a_timer_restarted_while_it_fires);
	RUN(shutdown_after_cancelling);
	RUN(shutdown_beside_a_start);
	RUN(two_harts_start_it);
	RUN(started_while_it_fires);
	RUN(never_started);
	RUN(cancelled_and_started_again);
	return check_end();
}
