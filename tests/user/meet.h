/* SPDX-License-Identifier: MIT */
/*
 * tests/user/meet.h - for tests in which one process must know what another
 * does, and for handlers that tell what they saw.
 *
 * No test sleeps for a time: a process writes into shared memory just before it
 * makes a call that blocks, and the other one then waits until /proc/PID/stat
 * says that it is asleep.
 */
#ifndef TESTS_USER_MEET_H
#define TESTS_USER_MEET_H

#include "utest.h"

#include <sched.h>
#include <time.h>

#define FOREIGN_UID 54321 /* a user with no files or processes */

/* ---- other processes ---- */

/* The letter of /proc/PID/stat; 0: there is no such process. */
static inline char
state_of(pid_t pid)
{
	char path[40], text[400], *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	p = strrchr(text, ')');
	return p == NULL || p[1] == '\0' ? 0 : p[2];
}

/* Waits for that letter; leaves the test if the process has died instead. */
static inline void
await_state(pid_t pid, char state)
{
	char now;

	while ((now = state_of(pid)) != state) {
		REQUIRE(now != 0 && now != 'Z');
		sched_yield();
	}
}

/* Waits until *flag is set; the other process is the test's child `pid`. */
static inline void
await_flag(pid_t pid, const _Atomic int *flag, int value)
{
	while (*flag != value) {
		REQUIRE(state_of(pid) != 'Z');
		sched_yield();
	}
}

/*
 * A child that says in *flag that it is about to block: waits until it sleeps.
 */
static inline void
await_asleep(pid_t pid, const _Atomic int *flag, int value)
{
	await_flag(pid, flag, value);
	await_state(pid, 'S');
}

/* Lets other processes run for some turns, so that a race can happen. */
static inline void
let_others_run(void)
{
	for (unsigned i = 0; i < 50; i++)
		sched_yield();
}

/* Stops pid, sees that it stops, and lets it go on. */
static inline void
stop_and_continue(pid_t pid)
{
	REQUIRE(kill(pid, SIGSTOP) == 0);
	await_state(pid, 'T');
	REQUIRE(kill(pid, SIGCONT) == 0);
	while (state_of(pid) == 'T')
		sched_yield();
}

/* A wait status that says that pid has stopped, or the like. */
static inline int
wait_status(pid_t pid, int options)
{
	int status = 0;
	pid_t got = waitpid(pid, &status, options);

	EXPECT_EQ(got, pid);
	return status;
}

/* May the test become another user?  In Tine always. */
static inline bool
is_root(void)
{
	return geteuid() == 0;
}

static inline uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- signals ---- */

static inline sigset_t
set_of(int a, int b)
{
	sigset_t set;

	sigemptyset(&set);
	if (a != 0)
		sigaddset(&set, a);
	if (b != 0)
		sigaddset(&set, b);
	return set;
}

static inline void
mask_change(int how, int a, int b)
{
	sigset_t set = set_of(a, b);

	REQUIRE(sigprocmask(how, &set, NULL) == 0);
}

static inline bool
is_blocked(int sig)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	return sigismember(&set, sig) == 1;
}

static inline bool
is_pending(int sig)
{
	sigset_t set;

	sigpending(&set);
	return sigismember(&set, sig) == 1;
}

/* What the last handler saw; handlers stay in their own process. */
static struct {
	volatile sig_atomic_t count;
	volatile sig_atomic_t order[8]; /* the first signals */
	sigset_t mask;			/* while it ran */
	siginfo_t info;
	char *stack; /* an address of its own stack */
} seen;

static inline void
note_signal(int sig, siginfo_t *info, void *context)
{
	volatile char here = 0;

	(void)context;
	if (seen.count < (int)ARRAY_LEN(seen.order))
		seen.order[seen.count] = sig;
	seen.info = *info;
	sigprocmask(SIG_BLOCK, NULL, &seen.mask);
	seen.stack = (char *)&here;
	seen.count++;
}

/* note_signal() for sig; `other` is blocked while it runs (0: none). */
static inline void
catch_signal(int sig, int flags, int other)
{
	struct sigaction sa = { .sa_sigaction = note_signal,
				.sa_flags = SA_SIGINFO | flags,
				.sa_mask = set_of(other, 0) };

	REQUIRE(sigaction(sig, &sa, NULL) == 0);
}

/* What is set for sig: SIG_DFL, SIG_IGN or a handler. */
static inline void (*handler_of(int sig))(int)
{
	struct sigaction sa;

	REQUIRE(sigaction(sig, NULL, &sa) == 0);
	return sa.sa_handler;
}

/* Takes a pending signal of the set {a, b}; 0 when there is none. */
static inline int
take(int a, int b, siginfo_t *info)
{
	const struct timespec none = { 0, 0 };
	sigset_t set = set_of(a, b);
	int sig = sigtimedwait(&set, info, &none);

	if (sig < 0) {
		EXPECT_EQ(errno, EAGAIN);
		return 0;
	}
	return sig;
}

#endif
