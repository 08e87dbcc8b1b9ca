/*
 * proc/itimer.c - ITIMER_REAL: a timer of the process that sends SIGALRM.
 *
 * p->itimer_at says when it is due; a firing that finds it changed meanwhile
 * does nothing.  Both change under proc_lock, from process context or from the
 * timer interrupt.  The last task of the process shuts the timer down before
 * the process can be reaped (proc/exit.c), so fire() finds it alive.
 */
#include "proc/process.h"

static void
itimer_fire(struct timer *timer)
{
	struct process *p = container_of(timer, struct process, itimer);
	uint64_t now = time_now();

	spin_lock(&proc_lock);
	if (p->itimer_at != 0 && now >= p->itimer_at) {
		(void)signal_send(p, NULL, SIGALRM, NULL);
		if (p->itimer_period == 0) {
			p->itimer_at = 0;
		} else {
			p->itimer_at += p->itimer_period;
			if (p->itimer_at <= now)
				p->itimer_at = now + p->itimer_period;
			timer_start(timer, p->itimer_at);
		}
	}
	spin_unlock(&proc_lock);
}

void
itimer_init(struct process *p)
{
	timer_init(&p->itimer, itimer_fire);
}

/* proc_lock is held. */
static void
read_out(const struct process *p, uint64_t *value, uint64_t *period)
{
	uint64_t now = time_now();

	*value = 0;
	if (p->itimer_at != 0)
		*value = p->itimer_at > now ? p->itimer_at - now : 1;
	*period = p->itimer_at != 0 ? p->itimer_period : 0;
}

void
itimer_get(uint64_t *value, uint64_t *period)
{
	spin_lock(&proc_lock);
	read_out(process_current(), value, period);
	spin_unlock(&proc_lock);
}

void
itimer_set(uint64_t value, uint64_t period, uint64_t *old_value,
	   uint64_t *old_period)
{
	struct process *p = process_current();

	spin_lock(&proc_lock);
	read_out(p, old_value, old_period);
	if (value != 0) {
		p->itimer_at = time_now() + value;
		/* More often, and its hart would do nothing else. */
		p->itimer_period =
			period == 0 ? 0 : MAX(period, NSEC_PER_SEC / 1000);
		timer_start(&p->itimer, p->itimer_at);
	} else {
		p->itimer_at = 0;
		timer_cancel(&p->itimer);
	}
	spin_unlock(&proc_lock);
}
