/* SPDX-License-Identifier: MIT */
/*
 * proc/itimer.c - setitimer(2): the interval timers of a process.
 *
 * ITIMER_REAL is a kernel timer.  itimer_fire() has no effect if the timer was
 * changed after it expired.  The other two timers count the processor time of
 * the process: while one of them is armed, each thread of the process checks
 * them after a tick has interrupted the thread (THREAD_COUNTED,
 * proc/deliver.c).
 *
 * All timers change under proc_lock, from process context or from the timer
 * interrupt.  The last task shuts down the kernel timer before the process can
 * be reaped (proc/exit.c), so the process exists as long as itimer_fire() runs.
 */
#include "proc/itimer.h"

#include "proc/process.h"

#define LEAST_PERIOD \
	(NSEC_PER_SEC / 1000) /* bounds the processor time spent on signals */

/* The current time on the clock of this kind of timer. */
static uint64_t
clock_of(enum itimer_kind kind, const struct usage *u)
{
	requires_lock(&proc_lock);
	switch (kind) {
	case ITIMER_VIRTUAL:
		return u->user_ns;
	case ITIMER_PROF:
		return u->user_ns + u->sys_ns;
	default:
		return time_now();
	}
}

/*
 * If the timer has expired, send its signal, set its next expiry and return
 * true.
 */
static bool
send_if_due(struct process *p, enum itimer_kind kind, uint64_t now)
{
	static const int signals[ITIMER_COUNT] = { SIGALRM, SIGVTALRM,
						   SIGPROF };
	struct itimer *i = &p->itimers[kind];

	requires_lock(&proc_lock);
	if (i->at == 0 || now < i->at)
		return false;
	(void)signal_send(p, NULL, signals[kind], NULL);
	if (i->period == 0) {
		i->at = 0;
	} else {
		i->at += i->period;
		if (i->at <= now)
			i->at = now + i->period;
	}
	return true;
}

static void
itimer_fire(struct timer *timer)
{
	struct process *p = container_of(timer, struct process, itimer);

	spin_lock(&proc_lock);
	if (send_if_due(p, ITIMER_REAL, time_now()) &&
	    p->itimers[ITIMER_REAL].at != 0)
		timer_start(timer, p->itimers[ITIMER_REAL].at);
	spin_unlock(&proc_lock);
}

void
itimer_init(struct process *p)
{
	timer_init(&p->itimer, itimer_fire);
}

void
itimer_check_cpu(struct process *p, const struct usage *u)
{
	requires_lock(&proc_lock);
	(void)send_if_due(p, ITIMER_VIRTUAL, clock_of(ITIMER_VIRTUAL, u));
	(void)send_if_due(p, ITIMER_PROF, clock_of(ITIMER_PROF, u));
}

/* Compute the time left and the period; `now` is on the timer's clock. */
static void
read_out(const struct itimer *i, uint64_t now, uint64_t *value,
	 uint64_t *period)
{
	requires_lock(&proc_lock);
	*value = 0;
	if (i->at != 0)
		*value = i->at > now ? i->at - now : 1;
	*period = i->at != 0 ? i->period : 0;
}

void
itimer_get(enum itimer_kind kind, uint64_t *value, uint64_t *period)
{
	struct process *p = process_current();
	struct usage u;

	spin_lock(&proc_lock);
	process_usage(p, &u);
	read_out(&p->itimers[kind], clock_of(kind, &u), value, period);
	spin_unlock(&proc_lock);
}

void
itimer_set(enum itimer_kind kind, uint64_t value, uint64_t period,
	   uint64_t *old_value, uint64_t *old_period)
{
	struct process *p = process_current();
	struct itimer *i = &p->itimers[kind];
	struct task *t;
	struct usage u;
	uint64_t now;

	spin_lock(&proc_lock);
	process_usage(p, &u);
	now = clock_of(kind, &u);
	read_out(i, now, old_value, old_period);
	i->at = value == 0 ? 0 : now + value;
	i->period = period == 0 ? 0 : MAX(period, LEAST_PERIOD);
	if (kind != ITIMER_REAL) {
		list_for_each_entry(t, &p->tasks, node)
			process_count_cpu(p, &t->thread);
	} else if (value != 0) {
		timer_start(&p->itimer, i->at);
	} else {
		timer_cancel(&p->itimer);
	}
	spin_unlock(&proc_lock);
}
