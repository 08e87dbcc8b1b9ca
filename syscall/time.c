/* SPDX-License-Identifier: MIT */
/*
 * syscall/time.c - calls that read and set clocks, sleep, and use interval
 * timers: clock_gettime, clock_getres, clock_settime, gettimeofday,
 * settimeofday, nanosleep, clock_nanosleep, setitimer, getitimer.
 *
 * clock_read_id() reads every clock.  sleep_resumed() and sleep_interrupted()
 * restart an interrupted sleep with its old deadline if no handler runs; futex
 * waits use these functions, too.
 */
#include "syscall/timeval.h"

#include "kernel/thread.h"
#include "mm/access.h"
#include "proc/itimer.h"
#include "proc/process.h"
#include "syscall/syscall.h"

#define CLOCK_REALTIME		 0
#define CLOCK_MONOTONIC		 1
#define CLOCK_PROCESS_CPUTIME_ID 2
#define CLOCK_THREAD_CPUTIME_ID	 3
#define CLOCK_MONOTONIC_RAW	 4
#define CLOCK_REALTIME_COARSE	 5
#define CLOCK_MONOTONIC_COARSE	 6
#define CLOCK_BOOTTIME		 7
#define CLOCK_TAI		 11 /* equal to UTC: the offset is always 0 */

#define TIMER_ABSTIME 1

#define LONGEST_UPTIME (INT64_C(30) * 365 * 24 * 3600) /* seconds */

/*
 * CPU-time clocks of processes and threads: bits 3 and up hold ~id, where id 0
 * stands for the caller; the lower bits select the kind of time.
 */
#define CPU_WHAT   3
#define CPU_USER   1 /* user time; 0 and 2: user and system */
#define CPU_THREAD 4
#define CPU_OWN	   (-6) /* the caller's process, user and system */

/* Read the CPU time of a thread or process.  0; -EINVAL: no such clock. */
static noinline int
cpu_clock_read(int clock, uint64_t *ns)
{
	pid_t id = ~(clock >> 3);
	struct usage u = { 0 };
	struct task *t;
	int err = -EINVAL;

	if ((clock & CPU_WHAT) == CPU_WHAT)
		return -EINVAL;
	spin_lock(&proc_lock);
	t = id == 0 ? task_current() : task_lookup(id);
	if (t != NULL && (clock & CPU_THREAD)) {
		if (t->thread.process == process_current()) {
			usage_add(&u, t);
			err = 0;
		}
	} else if (t != NULL &&
		   (id == 0 || id == process_pid(t->thread.process))) {
		process_usage(t->thread.process, &u);
		err = 0;
	}
	spin_unlock(&proc_lock);
	*ns = u.user_ns + ((clock & CPU_WHAT) == CPU_USER ? 0 : u.sys_ns);
	return err;
}

/* Read a clock: 0, or -EINVAL for a clock that Tine lacks. */
static int
clock_read_id(int clock, uint64_t *ns)
{
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_TAI:
		*ns = time_real();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = time_now();
		return 0;
	case CLOCK_PROCESS_CPUTIME_ID:
		return cpu_clock_read(CPU_OWN, ns);
	case CLOCK_THREAD_CPUTIME_ID:
		return cpu_clock_read(CPU_OWN | CPU_THREAD, ns);
	default:
		return clock < 0 ? cpu_clock_read(clock, ns) : -EINVAL;
	}
}

int64_t
sys_clock_gettime(int clock, uaddr_t to)
{
	struct user_timespec ts;
	uint64_t ns;
	int err = clock_read_id(clock, &ns);

	if (err != 0)
		return err;
	ts = timespec_of(ns);
	return copy_to_user(to, &ts, sizeof(ts));
}

int64_t
sys_clock_getres(int clock, uaddr_t to)
{
	struct user_timespec ts = { 0, 1 };
	uint64_t ns;
	int err = clock_read_id(clock, &ns);

	if (err != 0 || to == 0)
		return err;
	return copy_to_user(to, &ts, sizeof(ts));
}

/*
 * Set the real time.  -EPERM: not root; -EINVAL: the clock could overflow
 * INT64_MAX nanoseconds within LONGEST_UPTIME.
 */
static int64_t
set_real_time(int64_t sec, int64_t nsec)
{
	const int64_t last = INT64_MAX / (int64_t)NSEC_PER_SEC - LONGEST_UPTIME;

	if (sec > last)
		return -EINVAL;
	if (thread_current()->cred.euid != 0)
		return -EPERM;
	time_set_real(ns_of(sec, nsec));
	return 0;
}

int64_t
sys_clock_settime(int clock, uaddr_t from)
{
	struct user_timespec ts;
	uint64_t ns;

	if (copy_from_user(&ts, from, sizeof(ts)) != 0)
		return -EFAULT;
	/* A CPU-time clock cannot be set. */
	if (clock < 0 && clock_read_id(clock, &ns) == 0)
		return -EPERM;
	if (clock != CLOCK_REALTIME || !timespec_ok(&ts))
		return -EINVAL;
	return set_real_time(ts.sec, ts.nsec);
}

int64_t
sys_gettimeofday(uaddr_t to, uaddr_t zone)
{
	struct user_timeval tv = timeval_of(time_real());
	uint32_t utc[2] = { 0, 0 };

	if (to != 0 && copy_to_user(to, &tv, sizeof(tv)) != 0)
		return -EFAULT;
	if (zone != 0 && copy_to_user(zone, utc, sizeof(utc)) != 0)
		return -EFAULT;
	return 0;
}

int64_t
sys_settimeofday(uaddr_t from, uaddr_t zone)
{
	struct user_timeval tv;

	/* The time zone is ignored, but only root may pass one. */
	if (from == 0)
		return zone != 0 && thread_current()->cred.euid != 0 ? -EPERM
								     : 0;
	if (copy_from_user(&tv, from, sizeof(tv)) != 0)
		return -EFAULT;
	if (tv.sec < 0 || tv.usec < 0 || tv.usec >= 1000000)
		return -EINVAL;
	return set_real_time(tv.sec, tv.usec * 1000);
}

/* ---- sleeping ---- */

int64_t
sleep_interrupted(uint64_t deadline)
{
	task_current()->sleep_deadline = deadline;
	return -ERESTART_SLEEP;
}

/*
 * Sleep until `deadline`.  If a signal interrupts a relative sleep (on the
 * clock of time_now()), store the remaining time at `left`, unless `left` is 0.
 * The call is then restarted with the same deadline unless a handler runs.
 */
static int64_t
sleep_until(uint64_t deadline, bool absolute, uaddr_t left)
{
	struct user_timespec rest;
	uint64_t now;
	struct waitq q;
	int err;

	waitq_init(&q);
	err = wait_event_mode(&q, false, WAIT_SIGNALS, deadline);
	if (err == -ETIMEDOUT)
		return 0;
	if (absolute)
		return -ERESTARTNOHAND;
	now = time_now();
	if (now >= deadline)
		return 0;
	if (left != 0) {
		rest = timespec_of(deadline - now);
		if (copy_to_user(left, &rest, sizeof(rest)) != 0)
			return -EFAULT;
	}
	return sleep_interrupted(deadline);
}

bool
sleep_resumed(uint64_t *deadline)
{
	struct task *t = task_current();
	bool resumed = t->sleep_again;

	t->sleep_again = false;
	if (resumed)
		*deadline = t->sleep_deadline;
	return resumed;
}

/* Read a time from user memory, in nanoseconds.  0, -EFAULT or -EINVAL. */
static int
read_time(uaddr_t from, uint64_t *ns)
{
	struct user_timespec ts;

	if (copy_from_user(&ts, from, sizeof(ts)) != 0)
		return -EFAULT;
	if (!timespec_ok(&ts))
		return -EINVAL;
	*ns = ns_of(ts.sec, ts.nsec);
	return 0;
}

static int64_t
sleep_for(uaddr_t from, uaddr_t left)
{
	uint64_t ns, deadline;
	int err;

	if (!sleep_resumed(&deadline)) {
		err = read_time(from, &ns);
		if (err != 0)
			return err;
		deadline = deadline_in(ns);
	}
	return sleep_until(deadline, false, left);
}

int64_t
sys_nanosleep(uaddr_t from, uaddr_t left)
{
	return sleep_for(from, left);
}

/*
 * Can a thread sleep on this clock?  0; -EOPNOTSUPP: Tine cannot sleep on the
 * clock; -EINVAL: no such clock, or the CPU time of the current thread, which
 * does not advance during a sleep.
 */
static int
check_sleep_clock(int clock)
{
	pid_t id = ~(clock >> 3);
	uint64_t ns;

	if (clock == CLOCK_REALTIME || clock == CLOCK_TAI ||
	    clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME)
		return 0;
	if (clock < 0 && (clock & CPU_WHAT) == CPU_WHAT)
		return -EOPNOTSUPP;
	if (clock < 0 && (clock & CPU_THREAD) &&
	    (id == 0 || id == thread_current()->tid))
		return -EINVAL;
	return clock_read_id(clock, &ns) != 0 ? -EINVAL : -EOPNOTSUPP;
}

int64_t
sys_clock_nanosleep(int clock, unsigned flags, uaddr_t from, uaddr_t left)
{
	bool real = clock == CLOCK_REALTIME || clock == CLOCK_TAI;
	uint64_t ns;
	int err = check_sleep_clock(clock);

	if (err == 0 && (flags & TIMER_ABSTIME) == 0)
		return sleep_for(from, left);
	if (err == 0)
		err = read_time(from, &ns);
	if (err != 0)
		return err;
	if (real)
		ns |= WAIT_REAL;
	return sleep_until(ns, true, 0);
}

/* ---- interval timers ---- */

struct user_itimerval {
	struct user_timeval interval, value;
};

static bool
timeval_ok(const struct user_timeval *tv)
{
	return tv->sec >= 0 && tv->usec >= 0 && tv->usec < 1000000;
}

int64_t
sys_setitimer(unsigned which, uaddr_t from, uaddr_t to)
{
	struct user_itimerval new = { { 0, 0 }, { 0, 0 } }, old;
	uint64_t value, period;

	if (from != 0 && copy_from_user(&new, from, sizeof(new)) != 0)
		return -EFAULT;
	if (which >= ITIMER_COUNT || !timeval_ok(&new.interval) ||
	    !timeval_ok(&new.value))
		return -EINVAL;
	itimer_set(which, ns_of(new.value.sec, new.value.usec * 1000),
		   ns_of(new.interval.sec, new.interval.usec * 1000), &value,
		   &period);
	old.value = timeval_of(value);
	old.interval = timeval_of(period);
	return to == 0 ? 0 : copy_to_user(to, &old, sizeof(old));
}

int64_t
sys_getitimer(unsigned which, uaddr_t to)
{
	struct user_itimerval now;
	uint64_t value, period;

	if (which >= ITIMER_COUNT)
		return -EINVAL;
	itimer_get(which, &value, &period);
	now.value = timeval_of(value);
	now.interval = timeval_of(period);
	return copy_to_user(to, &now, sizeof(now));
}
