/* SPDX-License-Identifier: MIT */
/*
 * tests/user/clocks.c - clocks of processor time, and the timers that go by
 * them.
 *
 * A child or a thread uses the processor until its own clock has moved, and
 * other clocks are compared with that one: no test depends on how fast the
 * machine is.
 */
#include "thread.h"

#include "meet.h"

#include <sys/time.h>

#define MS	 1000000l
#define TAI	 11
#define NO_CLOCK 77

/* The number of a clock of process or thread `id`: see clock_gettime(2). */
#define CLOCK_OF(id, thread, what) \
	((clockid_t)((~(unsigned)(id) << 3) | (thread) << 2 | (what)))
enum { PROF, VIRT, SCHED, NONE };

static long
clock_ns(clockid_t clock)
{
	struct timespec t = { -1, 0 };

	EXPECT_EQ(syscall(SYS_clock_gettime, clock, &t), 0);
	return t.tv_sec * 1000 * MS + t.tv_nsec;
}

/* Uses the processor until `flag` is set; false: the clock shows `until`. */
static bool
burn(clockid_t clock, long until, volatile sig_atomic_t *flag, int value)
{
	while (*flag < value) {
		if (clock_ns(clock) >= until)
			return false;
		for (volatile int i = 0; i < 20000; i++)
			;
	}
	return true;
}

static volatile sig_atomic_t never;

static void
burn_ms(long ms)
{
	clockid_t mine = CLOCK_THREAD_CPUTIME_ID;

	(void)burn(mine, clock_ns(mine) + ms * MS, &never, 1);
}

UTEST(other_clocks, "CK1 the clocks of another process, of all kinds")
{
	_Atomic int *end = shared_new(1);
	pid_t pid = utest_fork();
	long was[NONE];

	if (pid == 0) {
		while (*end == 0)
			;
		utest_done();
	}
	for (int what = PROF; what < NONE; what++) {
		was[what] = clock_ns(CLOCK_OF(pid, 0, what));
		while (clock_ns(CLOCK_OF(pid, 0, what)) - was[what] < 20 * MS)
			sched_yield();
	}
	EXPECT(clock_ns(CLOCK_OF(pid, 0, VIRT)) <=
	       clock_ns(CLOCK_OF(pid, 0, PROF)));
	*end = 1;
	EXPECT_CLEAN(pid);
}

static _Atomic pid_t other;
static _Atomic int done;

static void *
burn_some(void *arg)
{
	burn_ms(30);
	other = (pid_t)syscall(SYS_gettid);
	while (done == 0)
		sched_yield();
	return NULL;
}

UTEST(thread_clocks, "CK1 the clocks of threads, which others do not see")
{
	pthread_t t = start(burn_some, NULL);
	long mine, its;
	pid_t pid;

	while (other == 0)
		sched_yield();
	/*
	 * The time of the current slice is added at the next tick on that hart.
	 */
	while ((its = clock_ns(CLOCK_OF(other, 1, SCHED))) < 30 * MS)
		sched_yield();
	mine = clock_ns(CLOCK_OF(0, 1, SCHED));
	EXPECT(mine <= clock_ns(CLOCK_THREAD_CPUTIME_ID));
	EXPECT(clock_ns(CLOCK_OF(getpid(), 1, SCHED)) >= mine);
	EXPECT(clock_ns(CLOCK_OF(0, 0, SCHED)) >= its + mine);
	EXPECT(clock_ns(CLOCK_PROCESS_CPUTIME_ID) >= its + mine);
	pid = utest_fork();
	if (pid == 0) {
		struct timespec now;

		EXPECT_ERR(clock_gettime(CLOCK_OF(other, 1, SCHED), &now),
			   EINVAL);
		EXPECT_ERR(clock_gettime(CLOCK_OF(getppid(), 1, SCHED), &now),
			   EINVAL);
		EXPECT_EQ(clock_gettime(CLOCK_OF(getppid(), 0, SCHED), &now),
			  0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	done = 1;
	finish(t);
}

UTEST(refused, "CK2 what is no clock, is not set, or is not slept on")
{
	static const clockid_t none[] = { NO_CLOCK, 10,
					  CLOCK_OF(0x7ffffff, 0, SCHED),
					  CLOCK_OF(0x7ffffff, 1, SCHED) };
	const clockid_t mine = CLOCK_OF(0, 1, SCHED);
	static const clockid_t used[] = { CLOCK_THREAD_CPUTIME_ID,
					  CLOCK_MONOTONIC_RAW,
					  CLOCK_REALTIME_COARSE,
					  CLOCK_MONOTONIC_COARSE };
	struct timespec t = { 0, 1 };

	for (unsigned i = 0; i < ARRAY_LEN(none); i++) {
		EXPECT_ERR(syscall(SYS_clock_gettime, none[i], &t), EINVAL);
		EXPECT_ERR(syscall(SYS_clock_getres, none[i], &t), EINVAL);
		EXPECT_ERR(syscall(SYS_clock_nanosleep, none[i], 0, &t, NULL),
			   EINVAL);
	}
	for (unsigned i = 0; i < ARRAY_LEN(used); i++) {
		EXPECT_EQ(syscall(SYS_clock_getres, used[i], &t), 0);
		EXPECT_ERR(syscall(SYS_clock_nanosleep, used[i], 0, &t, NULL),
			   EOPNOTSUPP);
	}
	/* A descriptor's clock; and the caller's own, which a sleep stops. */
	EXPECT_ERR(syscall(SYS_clock_gettime, CLOCK_OF(0, 0, NONE), &t),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_clock_nanosleep, CLOCK_OF(0, 0, NONE), 0, &t,
			   NULL),
		   EOPNOTSUPP);
	EXPECT_EQ(syscall(SYS_clock_getres, mine, &t), 0);
	EXPECT_ERR(syscall(SYS_clock_nanosleep, mine, 0, &t, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_settime, CLOCK_OF(0, 0, SCHED), &t),
		   EPERM);
	EXPECT_ERR(syscall(SYS_clock_settime, CLOCK_MONOTONIC, &t), EINVAL);
	EXPECT_ERR(syscall(SYS_clock_settime, NO_CLOCK, &t), EINVAL);
}

UTEST(tai, "CK3 CLOCK_TAI goes with the real clock")
{
	struct timespec t = { 0, MS };
	long off = clock_ns(TAI) - clock_ns(CLOCK_REALTIME);

	EXPECT(labs(off) < 60 * 1000 * MS);
	EXPECT_EQ(syscall(SYS_clock_nanosleep, TAI, 0, &t, NULL), 0);
	EXPECT_EQ(syscall(SYS_clock_gettime, TAI, &t), 0);
	EXPECT_EQ(syscall(SYS_clock_nanosleep, TAI, TIMER_ABSTIME, &t, NULL),
		  0);
}

/* ---- setitimer ---- */

static volatile sig_atomic_t hits;

static void
on_timer(int sig)
{
	hits++;
}

static const struct itimerval off;

static struct itimerval
every(long value_ms, long period_ms)
{
	return (struct itimerval){ { 0, period_ms * 1000 },
				   { 0, value_ms * 1000 } };
}

static bool
is_off(int which)
{
	struct itimerval now = every(1, 1);

	EXPECT_EQ(getitimer(which, &now), 0);
	return now.it_value.tv_sec == 0 && now.it_value.tv_usec == 0 &&
	       now.it_interval.tv_sec == 0 && now.it_interval.tv_usec == 0;
}

static void
timer_by_use(int which, int sig)
{
	const clockid_t mine = CLOCK_PROCESS_CPUTIME_ID;
	struct itimerval t = every(30, 0), old;
	long start;
	int count;

	REQUIRE(signal(sig, on_timer) != SIG_ERR);
	EXPECT(is_off(which));
	/* Once. */
	hits = 0;
	start = clock_ns(mine);
	EXPECT_EQ(setitimer(which, &t, NULL), 0);
	EXPECT(burn(mine, start + 10000 * MS, &hits, 1));
	/* Linux guesses what is the user's; here a tick says it of 10 ms. */
	EXPECT(!on_tine() || clock_ns(mine) - start >= 20 * MS);
	EXPECT(is_off(which));
	burn_ms(60);
	EXPECT_EQ(hits, 1);
	/* Again and again. */
	t = every(10, 20);
	hits = 0;
	start = clock_ns(mine);
	EXPECT_EQ(setitimer(which, &t, &old), 0);
	EXPECT(old.it_value.tv_usec == 0 && old.it_interval.tv_usec == 0);
	EXPECT(burn(mine, start + 10000 * MS, &hits, 4));
	EXPECT(!on_tine() || clock_ns(mine) - start >= 60 * MS);
	EXPECT_EQ(setitimer(which, &off, &old), 0);
	EXPECT(old.it_interval.tv_usec >= 20000 && old.it_value.tv_usec > 0 &&
	       old.it_value.tv_usec <= 30000);
	count = hits;
	burn_ms(60);
	EXPECT_EQ(hits, count);
	EXPECT(is_off(which));
}

UTEST(by_use, "CK4 ITIMER_PROF and ITIMER_VIRTUAL go by what is used")
{
	timer_by_use(ITIMER_PROF, SIGPROF);
	timer_by_use(ITIMER_VIRTUAL, SIGVTALRM);
}

static void *
burn_long(void *arg)
{
	(void)burn(CLOCK_THREAD_CPUTIME_ID, 10000 * MS, &hits, 1);
	return NULL;
}

UTEST(by_use_of_threads, "CK4 ITIMER_PROF counts threads, also later ones")
{
	struct itimerval t = every(200, 0);
	pthread_t thread;

	REQUIRE(signal(SIGPROF, on_timer) != SIG_ERR);
	EXPECT_EQ(setitimer(ITIMER_PROF, &t, NULL), 0);
	thread = start(burn_long, NULL);
	finish(thread);
	EXPECT_EQ(hits, 1);
}

UTEST(timers_inherited, "CK4 a child has no timer, and the three are apart")
{
	struct itimerval t = { { 7000, 0 }, { 8000, 0 } }, now;
	pid_t pid;

	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
		EXPECT_EQ(setitimer(which, &t, NULL), 0);
		EXPECT(which == ITIMER_PROF || is_off(which + 1));
	}
	pid = utest_fork();
	if (pid == 0) {
		for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++)
			EXPECT(is_off(which));
		utest_done();
	}
	EXPECT_CLEAN(pid);
	for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) {
		EXPECT_EQ(setitimer(which, &off, &now), 0);
		EXPECT(now.it_interval.tv_sec == 7000 &&
		       now.it_value.tv_sec >= 7000 &&
		       now.it_value.tv_sec <= 8000);
	}
	EXPECT_ERR(setitimer(3, &t, NULL), EINVAL);
	EXPECT_ERR(getitimer(-1, &now), EINVAL);
}
