/* SPDX-License-Identifier: MIT */
/*
 * tests/user/blocks.c - what a signal does to a call that blocks.
 *
 * A table lists the calls.  Each is made in a child; the parent waits until the
 * child sleeps and then sends a signal: one with a handler, with or without
 * SA_RESTART, or a stop and SIGCONT.  Linux gives the same answers.
 */
#include "meet.h"

#include <poll.h>
#include <sys/select.h>
#include <sys/syscall.h>

#include <linux/futex.h>

/* ---- a signal comes while a call blocks ---- */

static int way[2]; /* a pipe */
static pid_t dear; /* a child to wait for */
static unsigned *word;
static char path[200]; /* of a FIFO */
static char much[1 << 17];

static long
call_read(void)
{
	char c;

	return read(way[0], &c, 1);
}

static long
call_write(void)
{
	long n = write(way[1], much, sizeof(much));

	/* The bytes written before the signal count as the result. */
	return n == 65536 ? (errno = EINTR, -1) : n;
}

static long
call_small_write(void)
{
	REQUIRE(write(way[1], much, 65536) == 65536);
	return write(way[1], "x", 1);
}

static long
call_wait(void)
{
	return waitpid(dear, NULL, 0);
}

static long
call_futex(void)
{
	return syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static long
call_open(void)
{
	return open(path, O_RDONLY);
}

static long
call_poll(void)
{
	struct pollfd p = { way[0], POLLIN, 0 };

	return poll(&p, 1, 1000000);
}

static long
call_select(void)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(way[0], &set);
	return select(way[0] + 1, &set, NULL, NULL, NULL);
}

static long
call_sleep(void)
{
	const struct timespec t = { 1000, 0 };

	return nanosleep(&t, NULL);
}

static long
call_timed_futex(void)
{
	const struct timespec t = { 1000, 0 };

	return syscall(SYS_futex, word, FUTEX_WAIT, 0, &t, NULL, 0);
}

static long
call_sigwait(void)
{
	const struct timespec t = { 1000, 0 };
	sigset_t set = set_of(SIGUSR2, 0);

	return sigtimedwait(&set, NULL, &t);
}

static long
call_pause(void)
{
	return pause();
}

static void
release_pipe(void)
{
	EXPECT_EQ(write(way[1], "x", 1), 1);
}

static void
release_futex(void)
{
	while (syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0) != 1)
		sched_yield();
}

static void
release_open(void)
{
	int fd = open(path, O_WRONLY);

	EXPECT(fd >= 0);
	close(fd);
}

static void
release_small_write(void)
{
	for (ssize_t n = 0; n < 65536;)
		n += read(way[0], much, sizeof(much));
}

enum { RESTARTS, NEVER };

static const struct call {
	const char *name;
	long (*run)(void);
	void (*release)(void); /* ends it well; NULL: nothing does */
	int kind;	       /* NEVER: SA_RESTART makes no difference */
	bool goes_on;	       /* after a stop that no handler sees */
} calls[] = {
	{ "read", call_read, release_pipe, RESTARTS, true },
	{ "write", call_write, NULL, NEVER, false },
	{ "small write", call_small_write, release_small_write, RESTARTS,
	  true },
	{ "wait", call_wait, NULL, RESTARTS, false },
	{ "futex", call_futex, release_futex, RESTARTS, true },
	{ "open", call_open, release_open, RESTARTS, true },
	{ "poll", call_poll, release_pipe, NEVER, true },
	{ "select", call_select, release_pipe, NEVER, true },
	{ "nanosleep", call_sleep, NULL, NEVER, false },
	{ "timed futex", call_timed_futex, release_futex, NEVER, true },
	{ "sigtimedwait", call_sigwait, NULL, NEVER, false },
	{ "pause", call_pause, NULL, NEVER, false },
};

struct progress {
	_Atomic int begun, handled;
};
static struct progress *progress;

static void
count_handled(int sig)
{
	(void)sig;
	progress->handled = 1;
}

/* Makes the call; exit status 0: done, otherwise its error. */
static pid_t
caller(const struct call *c, int flags)
{
	struct sigaction sa = { .sa_handler = count_handled,
				.sa_flags = flags };
	pid_t pid = utest_fork();

	if (pid == 0) {
		if (c->run == call_wait) {
			dear = utest_fork();
			if (dear == 0)
				for (;;)
					pause();
		}
		REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
		progress->begun = 1;
		_exit(c->run() < 0 ? errno : 0);
	}
	await_asleep(pid, &progress->begun, 1);
	return pid;
}

static void
prepare(void)
{
	if (way[1] != 0) {
		close(way[0]);
		close(way[1]);
	}
	REQUIRE(pipe(way) == 0);
	progress->begun = progress->handled = 0;
}

static void
begin_calls(void)
{
	progress = shared_new(1);
	word = shared_new(1);
	snprintf(path, sizeof(path), "%s/fifo", utest_dir);
	unlink(path);
	REQUIRE(mkfifo(path, 0600) == 0);
}

UTEST(eintr, "BL1 a handler without SA_RESTART ends a call with EINTR")
{
	begin_calls();
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
		pid_t pid;

		prepare();
		pid = caller(&calls[i], 0);
		kill(pid, SIGUSR1);
		if (!EXPECT_EXIT(pid, EINTR))
			utest_note("in %s", calls[i].name);
		EXPECT_EQ(progress->handled, 1);
	}
	unlink(path);
}

/* The call goes on: ends it and looks at its result. */
static bool
ends_well(const struct call *c, pid_t pid)
{
	if (c->release == NULL) {
		kill(pid, SIGKILL);
		return EXPECT_KILLED(pid, SIGKILL);
	}
	c->release();
	return EXPECT_EXIT(pid, 0);
}

UTEST(restart, "BL2 with SA_RESTART those calls go on that may")
{
	begin_calls();
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
		const struct call *c = &calls[i];
		pid_t pid;

		prepare();
		pid = caller(c, SA_RESTART);
		kill(pid, SIGUSR1);
		if (c->kind == RESTARTS)
			await_asleep(pid, &progress->handled, 1);
		if (c->kind == RESTARTS ? !ends_well(c, pid)
					: !EXPECT_EXIT(pid, EINTR))
			utest_note("in %s", c->name);
	}
	unlink(path);
}

UTEST(stop, "BL3 a stop and SIGCONT end no call that can go on")
{
	begin_calls();
	for (unsigned i = 0; i < ARRAY_LEN(calls); i++) {
		const struct call *c = &calls[i];
		pid_t pid;

		if (!c->goes_on)
			continue;
		prepare();
		pid = caller(c, 0);
		stop_and_continue(pid);
		await_state(pid, 'S');
		if (!ends_well(c, pid))
			utest_note("in %s", c->name);
		EXPECT_EQ(progress->handled, 0);
	}
	unlink(path);
}

enum { LONG_S = 1000 };
#define LONG_NS (LONG_S * UINT64_C(1000000000))

/* When a child's sleep began, and when it would have ended. */
struct sleeper {
	_Atomic uint64_t begun, would_end;
};

static void
sleep_long(struct sleeper *s, bool clock)
{
	const struct timespec t = { LONG_S, 0 };
	struct timespec left = { 0, 0 };
	int err;

	catch_signal(SIGUSR1, SA_RESTART, 0);
	s->begun = now_ns();
	progress->begun = 1;
	if (clock)
		err = clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &left);
	else
		err = nanosleep(&t, &left) == 0 ? 0 : errno;
	s->would_end = now_ns() + (uint64_t)left.tv_sec * 1000000000 +
		       (uint64_t)left.tv_nsec;
	EXPECT_EQ(err, EINTR);
	utest_done();
}

UTEST(sleep_on, "BL4 a stopped sleep does not begin anew")
{
	const struct timespec stopped = { 0, 100000000 };
	struct sleeper *s = shared_new(1);
	uint64_t asleep, sent, took;
	pid_t pid;

	progress = shared_new(1);
	for (unsigned i = 0; i < 2; i++) {
		progress->begun = 0;
		pid = utest_fork();
		if (pid == 0)
			sleep_long(s, i == 1);
		await_asleep(pid, &progress->begun, 1);
		asleep = now_ns();
		kill(pid, SIGSTOP);
		await_state(pid, 'T');
		nanosleep(&stopped, NULL); /* at least */
		kill(pid, SIGCONT);
		await_state(pid, 'S');
		sent = now_ns();
		kill(pid, SIGUSR1);
		EXPECT_CLEAN(pid);
		took = now_ns() - sent;
		/* Allow more than a timer may be late on Linux. */
		EXPECT(s->would_end >= s->begun + LONG_NS);
		EXPECT(s->would_end - took <= asleep + LONG_NS + 10000000);
	}
}

UTEST(sleep_changed, "BL5 a stopped sleep goes on, whatever its time is now")
{
	struct timespec *t = shared_new(1);
	pid_t pid;

	progress = shared_new(1);
	for (unsigned i = 0; i < 2; i++) {
		*t = (struct timespec){ 0, 300000000 };
		progress->begun = 0;
		pid = utest_fork();
		if (pid == 0) {
			progress->begun = 1;
			EXPECT_EQ(syscall(i == 0 ? SYS_nanosleep
						 : SYS_clock_nanosleep,
					  i == 0 ? (long)t : CLOCK_MONOTONIC, 0,
					  t, NULL),
				  0);
			utest_done();
		}
		await_asleep(pid, &progress->begun, 1);
		kill(pid, SIGSTOP);
		await_state(pid, 'T');
		t->tv_nsec = -1;
		kill(pid, SIGCONT);
		EXPECT_CLEAN(pid);
	}
}
