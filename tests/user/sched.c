/* SPDX-License-Identifier: MIT */
/*
 * tests/user/sched.c - what programs say about how threads are to run: on which
 * harts, under which policy, and how nicely.
 *
 * The affinity tests move running, waiting and sleeping threads between harts
 * and ask getcpu() where they are.  The others compare the answers of the calls
 * with Linux's.
 */
#include "thread.h"

#include "meet.h"

#include <sys/resource.h>

#define NO_PID	 0x7ffffff
#define NO_PLACE ((void *)8)

/* glibc 2.36 has no wrappers, and its headers no structure. */
struct attr {
	unsigned size, policy;
	unsigned long flags;
	int nice;
	unsigned priority;
	unsigned long runtime, deadline, period;
	unsigned util_min, util_max, later[2];
};

enum { ATTR_FIRST = 48, ATTR_SIZE = 56 };

static long
setattr(pid_t tid, struct attr *a, unsigned flags)
{
	return syscall(SYS_sched_setattr, tid, a, flags);
}

static long
getattr(pid_t tid, void *a, unsigned size, unsigned flags)
{
	return syscall(SYS_sched_getattr, tid, a, size, flags);
}

/* Bit i: hart i. */
static unsigned long
harts_of(pid_t tid)
{
	unsigned long mask = 0;

	EXPECT_EQ(syscall(SYS_sched_getaffinity, tid, sizeof(mask), &mask),
		  (long)sizeof(mask));
	return mask;
}

static long
set_harts(pid_t tid, unsigned long mask)
{
	return syscall(SYS_sched_setaffinity, tid, sizeof(mask), &mask);
}

static unsigned
hart_now(void)
{
	unsigned hart = ~0u;

	EXPECT_EQ(syscall(SYS_getcpu, &hart, NULL, NULL), 0);
	return hart;
}

/* Stays on one hart while other threads use all the time they can get. */
static void
stays_on(unsigned hart)
{
	for (unsigned i = 0; i < 50; i++) {
		EXPECT_EQ(hart_now(), hart);
		sched_yield();
	}
}

/* Each hart of a mask; `left` is the loop's own variable. */
#define FOR_EACH_HART(hart, mask)                                       \
	for (unsigned long left_ = (mask), hart;                        \
	     left_ != 0 && (hart = (unsigned)__builtin_ctzl(left_), 1); \
	     left_ &= left_ - 1)

UTEST(where, "SC1 a thread runs where it may, and so does its child")
{
	unsigned long all = harts_of(0);

	EXPECT_EQ(harts_of(getpid()), all);
	FOR_EACH_HART(hart, all)
	{
		pid_t pid;

		EXPECT_EQ(set_harts(0, 1ul << hart), 0);
		EXPECT_EQ(harts_of(0), 1ul << hart);
		stays_on((unsigned)hart);
		pid = utest_fork();
		if (pid == 0) {
			EXPECT_EQ(harts_of(0), 1ul << hart);
			stays_on((unsigned)hart);
			utest_done();
		}
		EXPECT_CLEAN(pid);
	}
	EXPECT_EQ(set_harts(0, ~0ul), 0);
	EXPECT_EQ(harts_of(0), all);
}

struct place {
	_Atomic unsigned hart, rounds;
	_Atomic int end;
};

static void *
tell_place(void *arg)
{
	struct place *p = arg;

	while (p->end == 0) {
		p->hart = hart_now();
		p->rounds++;
		sched_yield();
	}
	return NULL;
}

/* Waits until the thread has told its place twice more. */
static void
next_places(struct place *p)
{
	unsigned before = p->rounds;

	while (p->rounds - before < 2)
		sched_yield();
}

UTEST(move, "SC2 a thread that runs, waits or sleeps is moved")
{
	unsigned long all = harts_of(0);
	struct place *p = shared_new(1);
	pid_t busy = utest_fork(), idle;
	int pipes[2];

	if (busy == 0) {
		tell_place(p);
		utest_done();
	}
	REQUIRE(pipe(pipes) == 0);
	idle = utest_fork();
	if (idle == 0) {
		char hart;

		while (read(pipes[0], &hart, 1) == 1 && hart != 'e')
			EXPECT_EQ(hart_now(), (unsigned)hart);
		utest_done();
	}
	FOR_EACH_HART(hart, all)
	{
		char byte = (char)hart;

		EXPECT_EQ(set_harts(busy, 1ul << hart), 0);
		for (unsigned i = 0; i < 20; i++) {
			next_places(p);
			EXPECT_EQ(p->hart, hart);
		}
		await_state(idle, 'S');
		EXPECT_EQ(set_harts(idle, 1ul << hart), 0);
		EXPECT_EQ(write(pipes[1], &byte, 1), 1);
	}
	p->end = 1;
	EXPECT_EQ(write(pipes[1], "e", 1), 1);
	EXPECT_CLEAN(busy);
	EXPECT_CLEAN(idle);
	close(pipes[0]);
	close(pipes[1]);
}

/* More of them than harts, moved about at random. */
UTEST(crowd, "SC2 processes that are sent from hart to hart all go on")
{
	enum { CROWD = 12, MOVES = 400 };
	unsigned long all = harts_of(0), seed = 1;
	struct place *p = shared_new(1);
	pid_t pid[CROWD];

	for (unsigned i = 0; i < CROWD; i++) {
		pid[i] = utest_fork();
		if (pid[i] == 0) {
			tell_place(&p[i]);
			utest_done();
		}
	}
	for (unsigned i = 0; i < MOVES; i++) {
		unsigned long mask;

		seed = seed * 6364136223846793005ul + 1442695040888963407ul;
		mask = (seed >> 40) & all;
		if (mask != 0)
			EXPECT_EQ(set_harts(pid[seed >> 33 & 7], mask), 0);
		sched_yield();
	}
	for (unsigned i = 0; i < CROWD; i++) {
		next_places(&p[i]);
		EXPECT((harts_of(pid[i]) >> p[i].hart & 1) != 0);
		p[i].end = 1;
	}
	for (unsigned i = 0; i < CROWD; i++)
		EXPECT_CLEAN(pid[i]);
}

/*
 * Runs until it is on hart 2, or has taken turns on another hart with the
 * process at `p` 50 times.  Returns the last hart.
 */
static unsigned
seek_hart_2(struct place *p)
{
	unsigned turns = 0, last = p->rounds, hart;

	do {
		hart = hart_now();
		turns += p->rounds != last;
		last = p->rounds;
	} while (hart != 2 && turns < 50);
	return hart;
}

/*
 * Hart 1 is idle, too, but may run neither of them.  The parent sleeps, and the
 * first process gives up no hart.
 */
UTEST(help, "SC7 an idle hart takes the one of two threads that it may run")
{
	struct place *p = shared_new(1);
	pid_t stay, move;

	if ((harts_of(0) & 7) != 7) {
		/* There is no hart 2 to move to, or this may not use it. */
		if ((harts_of(0) & 4) == 0)
			EXPECT_ERR(set_harts(0, 1 << 2), EINVAL);
		return;
	}
	stay = utest_fork();
	if (stay == 0) {
		EXPECT_EQ(set_harts(0, 1), 0);
		while (p->end == 0)
			p->rounds++;
		utest_done();
	}
	move = utest_fork();
	if (move == 0) {
		EXPECT_EQ(set_harts(0, 1), 0);
		EXPECT_EQ(set_harts(0, 1 | 1 << 2), 0);
		EXPECT_EQ(seek_hart_2(p), 2);
		p->end = 1;
		utest_done();
	}
	EXPECT_CLEAN(move);
	EXPECT_CLEAN(stay);
}

/* True in a child that runs as another user; the parent waits for it. */
static bool
as_user(void)
{
	pid_t pid;

	if (!is_root())
		return false;
	pid = utest_fork();
	if (pid == 0)
		utest_become(FOREIGN_UID);
	else
		EXPECT_CLEAN(pid);
	return pid == 0;
}

UTEST(no_place, "SC3 sched_setaffinity says what is wrong")
{
	unsigned long all = harts_of(0);

	EXPECT_ERR(set_harts(NO_PID, all), ESRCH);
	EXPECT_ERR(set_harts(-1, all), ESRCH);
	EXPECT_ERR(set_harts(0, 0), EINVAL);
	EXPECT_ERR(set_harts(0, 1ul << 63), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setaffinity, 0, 0, &all), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setaffinity, 0, 8, NO_PLACE), EFAULT);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, 0, 8, NO_PLACE), EFAULT);
	EXPECT_EQ(harts_of(0), all);
	EXPECT_EQ(syscall(SYS_getcpu, NULL, NULL, NULL), 0);
	EXPECT_ERR(syscall(SYS_getcpu, NO_PLACE, NULL, NULL), EFAULT);
	if (as_user()) {
		EXPECT_EQ(set_harts(0, all), 0);
		EXPECT_ERR(set_harts(getppid(), all), EPERM);
		EXPECT_EQ(harts_of(getppid()), all);
		utest_done();
	}
}

static long
set_policy(pid_t tid, int policy, int priority)
{
	return syscall(SYS_sched_setscheduler, tid, policy, &priority);
}

static void
policies(pid_t mine)
{
	static const int unknown[] = { -1, 4, 8, 1000 };
	static const int others[] = { SCHED_FIFO, SCHED_RR };
	int priority = 5;
	struct timespec t = { 0, 0 };

	EXPECT_EQ(syscall(SYS_sched_getscheduler, mine), SCHED_OTHER);
	EXPECT_EQ(syscall(SYS_sched_getparam, mine, &priority), 0);
	EXPECT_EQ(priority, 0);
	EXPECT_EQ(syscall(SYS_sched_setparam, mine, &priority), 0);
	EXPECT_EQ(set_policy(mine, SCHED_OTHER, 0), 0);
	EXPECT_ERR(set_policy(mine, SCHED_OTHER, 1), EINVAL);
	EXPECT_ERR(set_policy(mine, SCHED_OTHER, -1), EINVAL);
	EXPECT_ERR(set_policy(mine, SCHED_BATCH, 1), EINVAL);
	EXPECT_ERR(set_policy(mine, 6, 0), EINVAL); /* without its times */
	for (unsigned i = 0; i < ARRAY_LEN(unknown); i++) {
		EXPECT_ERR(set_policy(mine, unknown[i], 0), EINVAL);
		EXPECT_ERR(sched_get_priority_max(unknown[i]), EINVAL);
		EXPECT_ERR(sched_get_priority_min(unknown[i]), EINVAL);
	}
	for (unsigned i = 0; i < ARRAY_LEN(others); i++) {
		EXPECT_ERR(set_policy(mine, others[i], 0), EINVAL);
		EXPECT_ERR(set_policy(mine, others[i], 100), EINVAL);
		EXPECT_ERR(set_policy(mine, others[i], 1), EPERM);
		EXPECT_EQ(sched_get_priority_max(others[i]), 99);
		EXPECT_EQ(sched_get_priority_min(others[i]), 1);
	}
	EXPECT_EQ(sched_get_priority_max(SCHED_OTHER), 0);
	EXPECT_EQ(sched_get_priority_min(SCHED_BATCH), 0);
	EXPECT_EQ(syscall(SYS_sched_rr_get_interval, mine, &t), 0);
	EXPECT(t.tv_sec == 0 && (t.tv_nsec > 0 || !on_tine()));
	EXPECT_EQ(syscall(SYS_sched_getscheduler, mine), SCHED_OTHER);
}

static void
policy_errors(void)
{
	int priority = 0;

	EXPECT_ERR(set_policy(NO_PID, SCHED_OTHER, 0), ESRCH);
	EXPECT_ERR(set_policy(-1, SCHED_OTHER, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setscheduler, 0, 0, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setscheduler, 0, 0, NO_PLACE), EFAULT);
	EXPECT_ERR(syscall(SYS_sched_setparam, 0, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setparam, NO_PID, &priority), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_getscheduler, NO_PID), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_getscheduler, -1), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_getparam, 0, NULL), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_getparam, 0, NO_PLACE), EFAULT);
	EXPECT_ERR(syscall(SYS_sched_getparam, NO_PID, &priority), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_rr_get_interval, NO_PID, NULL), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_rr_get_interval, 0, NO_PLACE), EFAULT);
}

UTEST(policy, "SC4 one policy: SCHED_OTHER; a user may have no other")
{
	policy_errors();
	if (as_user()) {
		policies(0);
		policies(getpid());
		EXPECT_ERR(set_policy(getppid(), SCHED_OTHER, 0), EPERM);
		EXPECT_EQ(syscall(SYS_sched_getscheduler, getppid()), 0);
		utest_done();
	}
}

UTEST(attr, "SC5 sched_setattr: sizes, versions and nice values")
{
	struct attr a = { .size = ATTR_FIRST, .nice = 3 }, got;

	EXPECT_EQ(setattr(0, &a, 0), 0);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 3);
	memset(&got, 1, sizeof(got));
	EXPECT_EQ(getattr(0, &got, ATTR_SIZE, 0), 0);
	EXPECT(got.size == ATTR_SIZE && got.policy == 0 && got.nice == 3 &&
	       got.priority == 0);
	EXPECT_EQ(getattr(getpid(), &got, ATTR_FIRST, 0), 0);
	EXPECT_EQ(got.size, ATTR_FIRST);
	a.size = 0; /* means the first */
	a.nice = 1000;
	EXPECT_EQ(setattr(0, &a, 0), 0);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 19);
	a.size = sizeof(a);
	EXPECT_EQ(setattr(0, &a, 0), 0);
	a.later[1] = 1;
	EXPECT_ERR(setattr(0, &a, 0), E2BIG);
	EXPECT_EQ(a.size, ATTR_SIZE);
	a.size = ATTR_FIRST - 1;
	EXPECT_ERR(setattr(0, &a, 0), E2BIG);
	EXPECT_EQ(a.size, ATTR_SIZE);
	a.size = 4097;
	EXPECT_ERR(setattr(0, &a, 0), E2BIG);
	a.size = ATTR_FIRST;
	EXPECT_ERR(setattr(0, &a, 1), EINVAL);
	EXPECT_ERR(setattr(0, NULL, 0), EINVAL);
	EXPECT_ERR(setattr(0, NO_PLACE, 0), EFAULT);
	EXPECT_ERR(setattr(-1, &a, 0), EINVAL);
	EXPECT_ERR(setattr(NO_PID, &a, 0), ESRCH);
	a.priority = 1;
	EXPECT_ERR(setattr(0, &a, 0), EINVAL);
	a.priority = 0;
	a.policy = 4;
	EXPECT_ERR(setattr(0, &a, 0), EINVAL);
	a.flags = 1ul << 63;
	a.policy = 0;
	EXPECT_ERR(setattr(0, &a, 0), EINVAL);
	EXPECT_ERR(getattr(0, &got, ATTR_FIRST - 1, 0), EINVAL);
	EXPECT_ERR(getattr(0, &got, 4097, 0), EINVAL);
	EXPECT_ERR(getattr(0, &got, ATTR_SIZE, 1), EINVAL);
	EXPECT_ERR(getattr(0, NULL, ATTR_SIZE, 0), EINVAL);
	EXPECT_ERR(getattr(0, NO_PLACE, ATTR_SIZE, 0), EFAULT);
	EXPECT_ERR(getattr(-1, &got, ATTR_SIZE, 0), EINVAL);
	EXPECT_ERR(getattr(NO_PID, &got, ATTR_SIZE, 0), ESRCH);
	if (as_user()) {
		a = (struct attr){ .size = ATTR_FIRST, .nice = 19 };
		EXPECT_EQ(setattr(0, &a, 0), 0);
		a.nice = 18;
		EXPECT_ERR(setattr(0, &a, 0), EPERM);
		EXPECT_ERR(setattr(getppid(), &a, 0), EPERM);
		a.flags = 0x10; /* SCHED_FLAG_KEEP_PARAMS */
		EXPECT_EQ(setattr(0, &a, 0), 0);
		EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 19);
		utest_done();
	}
}

static _Atomic pid_t other;
static _Atomic int done;

static void *
be_nice(void *arg)
{
	EXPECT_EQ(setpriority(PRIO_PROCESS, 0, 7), 0);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 7);
	other = (pid_t)syscall(SYS_gettid);
	while (done == 0)
		sched_yield();
	return NULL;
}

UTEST(nice_threads, "SC6 a nice value is a thread's own, and its children's")
{
	pthread_t t = start(be_nice, NULL);
	pid_t pid;

	while (other == 0)
		sched_yield();
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 0);
	EXPECT_EQ(getpriority(PRIO_PROCESS, getpid()), 0);
	EXPECT_EQ(getpriority(PRIO_PROCESS, other), 7);
	EXPECT_EQ(setpriority(PRIO_PROCESS, other, 9), 0);
	EXPECT_EQ(getpriority(PRIO_PROCESS, other), 9);
	EXPECT_EQ(setpriority(PRIO_PROCESS, 0, 100), 0);
	EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 19);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(getpriority(PRIO_PROCESS, 0), 19);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	done = 1;
	finish(t);
}

UTEST(nice_others,
      "SC6 which nice values a user may change, in which direction")
{
	if (as_user()) {
		EXPECT_EQ(setpgid(0, 0), 0);
		EXPECT_EQ(setpriority(PRIO_PROCESS, 0, 5), 0);
		EXPECT_ERR(setpriority(PRIO_PROCESS, 0, 4), EACCES);
		EXPECT_ERR(setpriority(PRIO_PROCESS, getppid(), 5), EPERM);
		EXPECT_ERR(setpriority(PRIO_PGRP, 0, 4), EACCES);
		EXPECT_EQ(setpriority(PRIO_PGRP, getpid(), 6), 0);
		EXPECT_EQ(setpriority(PRIO_USER, 0, 7), 0);
		EXPECT_EQ(setpriority(PRIO_USER, FOREIGN_UID, 8), 0);
		EXPECT_EQ(getpriority(PRIO_USER, FOREIGN_UID), 8);
		EXPECT_EQ(getpriority(PRIO_PGRP, 0), 8);
		EXPECT_ERR(getpriority(PRIO_USER, FOREIGN_UID + 1), ESRCH);
		EXPECT_ERR(setpriority(-1, 0, 0), EINVAL);
		EXPECT_ERR(getpriority(3, 0), EINVAL);
		utest_done();
	}
}
