/* SPDX-License-Identifier: MIT */
/*
 * tests/user/thread.h - for tests with several threads: start, finish, wait and
 * futex.
 *
 * A function that cannot do its work leaves the test.  No loop here waits for a
 * time.
 */
#ifndef TESTS_USER_THREAD_H
#define TESTS_USER_THREAD_H

#include "utest.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

/*
 * Starts a thread, or leaves the test.  The stack is small: Tine promises no
 * memory that it lacks, and the smallest machine has 32 MiB.
 */
static inline pthread_t
start(void *(*fn)(void *), void *arg)
{
	pthread_attr_t a;
	pthread_t t;
	int err;

	pthread_attr_init(&a);
	pthread_attr_setstacksize(&a, 16 * PG);
	err = pthread_create(&t, &a, fn, arg);

	if (err != 0) {
		utest_fail(__FILE__, __LINE__, "pthread_create: %s",
			   strerror(err));
		utest_done();
	}
	return t;
}

static inline void *
finish(pthread_t t)
{
	void *result = NULL;

	EXPECT_EQ(pthread_join(t, &result), 0);
	return result;
}

static inline long
futex(void *word, int op, unsigned value, const void *timeout, void *word2,
      unsigned value3)
{
	return syscall(SYS_futex, word, op, value, timeout, word2, value3);
}

/* A thread function: executes another program, which exits with 9. */
static inline void *
exec_nine(void *arg)
{
	exec_exit(9);
	return arg;
}

static inline pid_t
tid_self(void)
{
	return (pid_t)syscall(SYS_gettid);
}

/* Waits until *word has the value, leaving the hart to other threads. */
static inline void
await(_Atomic unsigned *word, unsigned value)
{
	while (*word != value)
		sched_yield();
}

/*
 * For a loop that spins: gives the hart away now and then.  On one hart the
 * other threads then need not wait for the end of a slice each time.
 */
static inline void
breathe(unsigned long i)
{
	if (i % 1024 == 0)
		sched_yield();
}

#endif
