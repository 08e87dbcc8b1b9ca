/* SPDX-License-Identifier: MIT */
/*
 * tests/user/waits.c - waiting for children: which of them, for what, and what
 * is reported once.
 *
 * Also what SIGCHLD's action changes, clone's exit signal, and which processor
 * times are added when a child has been waited for.  Linux gives the same
 * answers.
 */
#include "meet.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/times.h>

/* glibc knows clone() alone; the child runs on the same stack, its own copy. */
static pid_t
raw_fork(unsigned long flags)
{
	pid_t pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);

	REQUIRE(pid >= 0);
	return pid;
}

/* A child that waits for signals. */
static pid_t
idle_child(void)
{
	pid_t pid = utest_fork();

	if (pid == 0)
		for (;;)
			pause();
	return pid;
}

/* Stops it and leaves the report to be fetched. */
static void
stop_child(pid_t pid)
{
	REQUIRE(kill(pid, SIGSTOP) == 0);
	REQUIRE(waitid(P_PID, (id_t)pid, NULL, WSTOPPED | WNOWAIT) == 0);
}

static pid_t
stopped_child(void)
{
	pid_t pid = idle_child();

	stop_child(pid);
	return pid;
}

/* A child that has exited with code and not been waited for. */
static pid_t
dead_child(int code)
{
	pid_t pid = utest_fork();

	if (pid == 0)
		_exit(code);
	while (state_of(pid) != 'Z')
		sched_yield();
	return pid;
}

static void
end_child(pid_t pid)
{
	kill(pid, SIGKILL);
	EXPECT_KILLED(pid, SIGKILL);
}

/* waitid() of a child finds exactly this. */
static void
expect_id(pid_t pid, int options, int code, int status)
{
	siginfo_t i = { 0 };

	/*
	 * A report of a stop, or of going on, is there already; that of an exit
	 * may be on its way.
	 */
	if ((options & WEXITED) == 0)
		options |= WNOHANG;
	EXPECT_EQ(waitid(P_PID, (id_t)pid, &i, options), 0);
	EXPECT_EQ(i.si_pid, pid);
	EXPECT_EQ(i.si_signo, SIGCHLD);
	EXPECT_EQ(i.si_code, code);
	EXPECT_EQ(i.si_status, status);
	EXPECT_EQ(i.si_uid, getuid());
}

static void
expect_nothing(pid_t pid, int options)
{
	siginfo_t i = { .si_pid = 1 };

	EXPECT_EQ(waitid(P_PID, (id_t)pid, &i, options | WNOHANG), 0);
	EXPECT_EQ(i.si_pid, 0);
}

UTEST(nowait, "WT1 WNOWAIT leaves each report, which then is taken once")
{
	pid_t pid = stopped_child();

	expect_id(pid, WSTOPPED | WNOWAIT, CLD_STOPPED, SIGSTOP);
	expect_id(pid, WSTOPPED | WNOWAIT, CLD_STOPPED, SIGSTOP);
	expect_id(pid, WSTOPPED, CLD_STOPPED, SIGSTOP);
	expect_nothing(pid, WSTOPPED | WCONTINUED | WEXITED);
	kill(pid, SIGCONT);
	expect_id(pid, WCONTINUED | WNOWAIT, CLD_CONTINUED, SIGCONT);
	expect_id(pid, WCONTINUED, CLD_CONTINUED, SIGCONT);
	expect_nothing(pid, WSTOPPED | WCONTINUED | WEXITED);
	kill(pid, SIGTERM);
	expect_id(pid, WEXITED | WNOWAIT, CLD_KILLED, SIGTERM);
	expect_id(pid, WEXITED, CLD_KILLED, SIGTERM);
	EXPECT_ERR(waitid(P_PID, (id_t)pid, NULL, WEXITED), ECHILD);
	pid = dead_child(300 & 0xff);
	expect_id(pid, WEXITED | WNOWAIT, CLD_EXITED, 44);
	EXPECT_EXIT(pid, 44);
}

UTEST(filter, "WT2 a wait reports what it asks for and nothing else")
{
	pid_t pid = stopped_child();

	expect_nothing(pid, WEXITED | WCONTINUED);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG | WCONTINUED), 0);
	EXPECT_EQ(wait_status(pid, WUNTRACED | WNOHANG), SIGSTOP << 8 | 0x7f);
	kill(pid, SIGCONT);
	expect_nothing(pid, WEXITED | WSTOPPED);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG | WUNTRACED), 0);
	EXPECT_EQ(wait_status(pid, WCONTINUED | WNOHANG), 0xffff);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG | WCONTINUED), 0);
	end_child(pid);
	EXPECT_ERR(waitid(P_PID, (id_t)pid, NULL, WNOHANG), EINVAL);
	EXPECT_ERR(waitid(P_PID, (id_t)pid, NULL, WEXITED | WUNTRACED | 64),
		   EINVAL);
}

UTEST(dead_only, "WT2 of a dead child nothing but its end is to be had")
{
	pid_t pid = dead_child(3);

	EXPECT_ERR(waitid(P_PID, (id_t)pid, NULL, WSTOPPED), ECHILD);
	EXPECT_ERR(waitid(P_ALL, 0, NULL, WSTOPPED | WCONTINUED), ECHILD);
	EXPECT_EXIT(pid, 3);
}

UTEST(superseded, "WT3 a stop ends a report of going on, and the reverse")
{
	pid_t pid = stopped_child();

	kill(pid, SIGCONT);
	expect_nothing(pid, WSTOPPED);
	expect_id(pid, WCONTINUED | WNOWAIT, CLD_CONTINUED, SIGCONT);
	stop_child(pid);
	expect_nothing(pid, WCONTINUED);
	expect_id(pid, WSTOPPED, CLD_STOPPED, SIGSTOP);
	/* A process that is not stopped does not report that it goes on. */
	kill(pid, SIGCONT);
	expect_id(pid, WCONTINUED, CLD_CONTINUED, SIGCONT);
	kill(pid, SIGCONT);
	expect_nothing(pid, WCONTINUED);
	end_child(pid);
}

UTEST(groups, "WT4 a wait by group finds that group's children only")
{
	pid_t here = dead_child(1), there = idle_child(), more = idle_child();
	siginfo_t i = { 0 };

	REQUIRE(setpgid(there, there) == 0 && setpgid(more, there) == 0);
	EXPECT_EQ(waitpid(-there, NULL, WNOHANG), 0);
	kill(more, SIGTERM);
	EXPECT_EQ(waitid(P_PGID, (id_t)there, &i, WEXITED | WNOWAIT), 0);
	EXPECT_EQ(i.si_pid, more);
	EXPECT_EQ(waitpid(-there, NULL, 0), more);
	EXPECT_EQ(waitid(P_PGID, (id_t)getpgrp(), &i, WEXITED | WNOWAIT), 0);
	EXPECT_EQ(i.si_pid, here);
	EXPECT_EQ(waitpid(0, NULL, 0), here);
	EXPECT_ERR(waitpid(0, NULL, 0), ECHILD);
	EXPECT_ERR(waitpid(-here, NULL, WNOHANG), ECHILD);
	EXPECT_EQ(waitpid(-1, NULL, WNOHANG), 0);
	/* Group 1, although -1 means any child. */
	EXPECT_ERR(waitid(P_PGID, 1, &i, WEXITED | WNOHANG), ECHILD);
	kill(there, SIGTERM);
	EXPECT_EQ(waitid(P_ALL, 0, &i, WEXITED), 0);
	EXPECT_EQ(i.si_pid, there);
	EXPECT_ERR(waitpid(there, NULL, 0), ECHILD);
}

UTEST(others, "WT5 another process's child is not to be waited for")
{
	pid_t pid = idle_child(), other = utest_fork();

	if (other == 0) {
		EXPECT_ERR(waitpid(pid, NULL, WNOHANG), ECHILD);
		EXPECT_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
		utest_done();
	}
	EXPECT_CLEAN(other);
	end_child(pid);
}

UTEST(exit_signal, "WT6 clone's exit signal: which one, and which wait sees it")
{
	pid_t pid, me = getpid();

	mask_change(SIG_BLOCK, SIGUSR1, SIGCHLD);
	pid = raw_fork(SIGUSR1);
	if (pid == 0)
		_exit(5);
	while (state_of(pid) != 'Z')
		sched_yield();
	EXPECT_ERR(waitpid(pid, NULL, WNOHANG), ECHILD);
	EXPECT_ERR(waitpid(-1, NULL, WNOHANG), ECHILD);
	EXPECT_EQ(wait_status(pid, __WCLONE), 5 << 8);
	EXPECT_EQ(take(SIGUSR1, SIGCHLD, NULL), SIGUSR1);
	EXPECT_EQ(take(SIGUSR1, SIGCHLD, NULL), 0);
	pid = utest_fork();
	if (pid == 0)
		_exit(getppid() != me);
	EXPECT_ERR(waitpid(pid, NULL, __WCLONE), ECHILD);
	EXPECT_EQ(wait_status(pid, __WALL), 0);
	EXPECT_EQ(take(SIGUSR1, SIGCHLD, NULL), SIGCHLD);
	/* No signal at all, until the child executes another program. */
	pid = raw_fork(0);
	if (pid == 0)
		_exit(6);
	EXPECT_EQ(wait_status(pid, __WALL), 6 << 8);
	EXPECT_EQ(take(SIGUSR1, SIGCHLD, NULL), 0);
	pid = raw_fork(0);
	if (pid == 0)
		exec_exit(7);
	while (state_of(pid) != 'Z')
		sched_yield();
	EXPECT_EQ(wait_status(pid, 0), 7 << 8);
	EXPECT_EQ(take(SIGUSR1, SIGCHLD, NULL), SIGCHLD);
}

/* ---- SIGCHLD's action ---- */

static void
action(int sig, void (*handler)(int), int flags)
{
	struct sigaction sa = { .sa_handler = handler, .sa_flags = flags };

	REQUIRE(sigaction(sig, &sa, NULL) == 0);
}

/* Children without a waiter leave no zombie behind. */
static void
vanish(void (*handler)(int), int flags)
{
	pid_t pid;

	action(SIGCHLD, handler, flags);
	pid = utest_fork();
	if (pid == 0)
		_exit(0);
	EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
	EXPECT_EQ(state_of(pid), 0);
}

UTEST(no_zombies, "WT7 SIG_IGN and SA_NOCLDWAIT: a child leaves no zombie")
{
	vanish(SIG_IGN, 0);
	vanish(SIG_DFL, SA_NOCLDWAIT);
	action(SIGCHLD, SIG_DFL, 0);
	EXPECT_EXIT(dead_child(2), 2);
}

UTEST(no_stops, "WT8 SA_NOCLDSTOP: no signal for stops, but for the end")
{
	pid_t pid = idle_child();

	mask_change(SIG_BLOCK, SIGCHLD, 0);
	action(SIGCHLD, SIG_DFL, SA_NOCLDSTOP);
	kill(pid, SIGSTOP);
	EXPECT_EQ(wait_status(pid, WUNTRACED), SIGSTOP << 8 | 0x7f);
	kill(pid, SIGCONT);
	EXPECT_EQ(wait_status(pid, WCONTINUED), 0xffff);
	EXPECT(!is_pending(SIGCHLD));
	end_child(pid);
	EXPECT(is_pending(SIGCHLD));
}

/* ---- times ---- */

enum { BURN_NS = 30000000 };

static long
total_us(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 +
	       u->ru_utime.tv_usec + u->ru_stime.tv_usec;
}

/*
 * Uses the processor for so long, as the process's own clock has it, and until
 * both the program and its system calls have been charged.
 */
static void
burn(void)
{
	struct rusage u;

	do {
		REQUIRE(getrusage(RUSAGE_SELF, &u) == 0);
		if (u.ru_utime.tv_usec == 0)
			for (volatile int i = 0; i < 10000; i++)
				;
	} while (u.ru_utime.tv_usec == 0 || u.ru_stime.tv_usec == 0 ||
		 total_us(&u) < BURN_NS / 1000);
}

static long
children_us(void)
{
	struct rusage u;

	REQUIRE(getrusage(RUSAGE_CHILDREN, &u) == 0);
	return total_us(&u);
}

UTEST(times, "WT9 a child's times count once it is waited for")
{
	struct rusage u;
	struct tms t;
	pid_t pid = utest_fork();

	if (pid == 0) {
		burn();
		_exit(0);
	}
	REQUIRE(waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT) == 0);
	EXPECT_EQ(children_us(), 0);
	REQUIRE(wait4(pid, NULL, 0, &u) == pid);
	EXPECT(total_us(&u) >= BURN_NS / 1000 - 1);
	EXPECT(u.ru_utime.tv_usec > 0 && u.ru_stime.tv_usec > 0);
	EXPECT_EQ(children_us(), total_us(&u));
	times(&t);
	EXPECT(t.tms_cutime + t.tms_cstime >= 2);
}

UTEST(more_times, "WT9 so do its own children's, and a new child has none")
{
	struct rusage u;
	long before;
	pid_t pid;

	pid = utest_fork();
	if (pid == 0) {
		pid = utest_fork();
		if (pid == 0) {
			burn();
			_exit(0);
		}
		EXPECT_CLEAN(pid);
		EXPECT(children_us() >= BURN_NS / 1000 - 1);
		utest_done();
	}
	REQUIRE(wait4(pid, NULL, 0, &u) == pid);
	EXPECT(total_us(&u) >= BURN_NS / 1000 - 1);
	EXPECT_EQ(children_us(), total_us(&u));
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(children_us(), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	/* A child that is not waited for does not count. */
	action(SIGCHLD, SIG_IGN, 0);
	before = children_us();
	pid = utest_fork();
	if (pid == 0) {
		burn();
		_exit(0);
	}
	EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
	EXPECT_EQ(children_us(), before);
}
