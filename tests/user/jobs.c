/* SPDX-License-Identifier: MIT */
/*
 * tests/user/jobs.c - the terminal and its jobs: which groups may read and
 * write, which stop, and which are hung up; and which session owns the
 * terminal.
 *
 * In Tine that is the console, which each test takes away from its last owner;
 * elsewhere a pseudo-terminal.  What typed keys do is tested in the kernel
 * (tests/kernel/tty_test.c).
 */
#include "meet.h"

#include <sys/ioctl.h>
#include <termios.h>

static int terminal = -1; /* this session's */

static int
open_terminal(int flags)
{
	int master;

	if (on_tine())
		return open("/dev/tty0", O_RDWR | flags);
	master = posix_openpt(O_RDWR | O_NOCTTY);
	REQUIRE(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	return open(ptsname(master), O_RDWR | flags);
}

/*
 * Runs the test as the leader of its own session, in the foreground of a
 * terminal.  The other processes are its descendants.
 */
static void
in_session(void (*run)(void))
{
	pid_t pid = utest_fork();

	if (pid != 0) {
		EXPECT_CLEAN(pid);
		return;
	}
	REQUIRE(setsid() == getpid());
	terminal = open_terminal(O_NOCTTY);
	REQUIRE(terminal >= 0);
	REQUIRE(ioctl(terminal, TIOCSCTTY, 1) == 0);
	run();
	/*
	 * The end of the session hangs up its group: keep our own exit status.
	 */
	signal(SIGHUP, SIG_IGN);
	utest_done();
}

/* A child in a group of its own, in the background. */
static pid_t
background(void (*run)(void))
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		REQUIRE(setpgid(0, 0) == 0);
		run();
		utest_done();
	}
	setpgid(pid, pid);
	return pid;
}

static void
sleep_for_ever(void)
{
	for (;;)
		pause();
}

/* pid stops with sig; in the foreground it then does what it wanted. */
static void
expect_stop(pid_t pid, int sig)
{
	signal(SIGTTOU, SIG_IGN);
	EXPECT_EQ(wait_status(pid, WUNTRACED), sig << 8 | 0x7f);
	EXPECT_EQ(tcsetpgrp(terminal, pid), 0);
	EXPECT_EQ(tcgetpgrp(terminal), pid);
	kill(-pid, SIGCONT);
	EXPECT_CLEAN(pid);
	EXPECT_EQ(tcsetpgrp(terminal, getpgrp()), 0);
	signal(SIGTTOU, SIG_DFL);
}

static void
set_lflag(tcflag_t set, tcflag_t clear)
{
	struct termios t;

	REQUIRE(tcgetattr(terminal, &t) == 0);
	t.c_lflag = (t.c_lflag & ~clear) | set;
	REQUIRE(tcsetattr(terminal, TCSANOW, &t) == 0);
}

/* ---- reading and writing ---- */

static void
read_nothing(void)
{
	char c;
	int fd = open("/dev/tty", O_RDWR | O_NONBLOCK);

	/* In the foreground there is nothing to read: EAGAIN at once. */
	EXPECT_ERR(read(fd, &c, 1), EAGAIN);
}

static void
read_ignored(void)
{
	char c;

	signal(SIGTTIN, SIG_IGN);
	EXPECT_ERR(read(terminal, &c, 1), EIO);
	signal(SIGTTIN, SIG_DFL);
	mask_change(SIG_BLOCK, SIGTTIN, 0);
	EXPECT_ERR(read(terminal, &c, 1), EIO);
	EXPECT(!is_pending(SIGTTIN));
}

static void
background_read(void)
{
	expect_stop(background(read_nothing), SIGTTIN);
	EXPECT_CLEAN(background(read_ignored));
}

UTEST(reads, "JB1 a read in the background: SIGTTIN, or EIO if that is ignored")
{
	in_session(background_read);
}

static void
write_line(void)
{
	EXPECT_EQ(write(terminal, "\r", 1), 1);
}

static void
write_ignored(void)
{
	signal(SIGTTOU, SIG_IGN);
	write_line();
	signal(SIGTTOU, SIG_DFL);
	mask_change(SIG_BLOCK, SIGTTOU, 0);
	write_line();
}

static void
background_write(void)
{
	EXPECT_CLEAN(background(write_line));
	set_lflag(TOSTOP, 0);
	expect_stop(background(write_line), SIGTTOU);
	EXPECT_CLEAN(background(write_ignored));
	set_lflag(0, TOSTOP);
}

UTEST(writes, "JB2 a write in the background: SIGTTOU with TOSTOP only")
{
	in_session(background_write);
}

static void
change_modes(void)
{
	struct termios t;

	EXPECT_EQ(tcgetattr(terminal, &t), 0);
	EXPECT_EQ(tcsetattr(terminal, TCSANOW, &t), 0);
}

static void
take_foreground(void)
{
	EXPECT_EQ(tcsetpgrp(terminal, getpgrp()), 0);
}

static void
flush_input(void)
{
	EXPECT_EQ(tcflush(terminal, TCIFLUSH), 0);
}

static void
background_changes(void)
{
	expect_stop(background(change_modes), SIGTTOU);
	expect_stop(background(take_foreground), SIGTTOU);
	expect_stop(background(flush_input), SIGTTOU);
}

UTEST(changes, "JB3 a change of the terminal in the background: SIGTTOU")
{
	in_session(background_changes);
}

/* ---- orphans ---- */

static _Atomic int *told; /* by processes that have no parent here */

static void
tell(int sig)
{
	told[1] |= sig == SIGHUP ? 1 : 2;
}

/* The parent is gone, and no process of the session could continue this one. */
static void
be_orphan(void)
{
	pid_t parent = getppid();
	char c;

	setpgid(0, 0);
	told[0] = 1;
	while (getppid() == parent)
		sched_yield();
	raise(SIGTSTP); /* ignored: no process could continue it */
	raise(SIGTTIN);
	told[2] = read(terminal, &c, 1) < 0 && errno == EIO ? 1 : 2;
	told[0] = 2;
	raise(SIGSTOP); /* this does stop it */
	told[0] = 3;
	_exit(0);
}

static void
orphan_stops(void)
{
	pid_t pid, parent = utest_fork();

	if (parent == 0) {
		pid = utest_fork();
		if (pid == 0)
			be_orphan();
		told[4] = pid;
		while (told[0] == 0)
			sched_yield();
		_exit(0);
	}
	EXPECT_EXIT(parent, 0);
	await_flag(parent, &told[0], 2);
	EXPECT_EQ(told[2], 1);
	await_state(told[4], 'T');
	kill(told[4], SIGCONT);
	await_flag(parent, &told[0], 3);
}

UTEST(orphan_stop, "JB4 an orphaned group does not stop, except by SIGSTOP")
{
	told = shared_new(1);
	in_session(orphan_stops);
}

static void
stop_and_be_told(void)
{
	struct sigaction sa = { .sa_handler = tell };

	setpgid(0, 0);
	sigaction(SIGHUP, &sa, NULL);
	sigaction(SIGCONT, &sa, NULL);
	told[0] = 1;
	raise(SIGSTOP);
	while (told[1] != 3)
		sched_yield();
	told[0] = 2;
	_exit(0);
}

static void
orphaned_while_stopped(void)
{
	pid_t pid, parent = utest_fork();

	if (parent == 0) {
		pid = utest_fork();
		if (pid == 0)
			stop_and_be_told();
		await_state(pid, 'T');
		_exit(0);
	}
	EXPECT_EXIT(parent, 0);
	while (told[0] != 2)
		sched_yield();
	EXPECT_EQ(told[1], 3);
}

UTEST(orphan_hangup, "JB5 a stopped group that is orphaned: SIGHUP and SIGCONT")
{
	told = shared_new(1);
	in_session(orphaned_while_stopped);
}

/* ---- the session's end ---- */

/* In the foreground, when the leader exits. */
static void
be_hung_up(void)
{
	struct sigaction sa = { .sa_handler = tell };
	int fd;

	sigaction(SIGHUP, &sa, NULL);
	told[0] = 1;
	while (told[1] != 1)
		sched_yield();
	fd = open("/dev/tty", O_RDWR);
	told[2] = fd < 0 && errno == ENXIO ? 1 : 2;
	told[0] = 2;
	_exit(0);
}

UTEST(hangup, "JB6 a session leader's end hangs up the foreground")
{
	pid_t leader;

	told = shared_new(1);
	leader = utest_fork();
	if (leader == 0) {
		pid_t pid[2];

		REQUIRE(setsid() == getpid());
		terminal = open_terminal(O_NOCTTY);
		REQUIRE(ioctl(terminal, TIOCSCTTY, 1) == 0);
		signal(SIGTTOU, SIG_IGN);
		pid[0] = background(be_hung_up);
		pid[1] = background(sleep_for_ever);
		told[4] = pid[1];
		EXPECT_EQ(tcsetpgrp(terminal, pid[0]), 0);
		while (told[0] != 1)
			sched_yield();
		utest_done();
	}
	EXPECT_CLEAN(leader);
	while (told[0] != 2)
		sched_yield();
	EXPECT_EQ(told[2], 1);
	/* The background is not told. */
	EXPECT_EQ(kill(told[4], SIGKILL), 0);
}

/* ---- which session owns the terminal ---- */

/* True in a child; the parent has waited for it. */
static bool
fork_and_wait(void)
{
	pid_t pid = utest_fork();

	if (pid != 0)
		EXPECT_CLEAN(pid);
	return pid == 0;
}

/*
 * A process that leads no session gives the terminal up for itself and for the
 * children that it makes later.
 */
static void
give_up_alone(void)
{
	EXPECT_EQ(ioctl(terminal, TIOCNOTTY), 0);
	EXPECT_ERR(ioctl(terminal, TIOCNOTTY), ENOTTY);
	EXPECT_ERR(open("/dev/tty", O_RDWR), ENXIO);
	EXPECT_ERR(tcgetpgrp(terminal), ENOTTY);
	if (fork_and_wait()) {
		EXPECT_ERR(open("/dev/tty", O_RDWR), ENXIO);
		utest_done();
	}
	utest_done();
}

static void
take_and_give(void)
{
	int fd = open("/dev/tty", O_RDWR);
	pid_t sid = 0, pid;

	EXPECT(fd >= 0);
	EXPECT_EQ(tcgetpgrp(terminal), getpgrp());
	EXPECT_EQ(ioctl(terminal, TIOCGSID, &sid), 0);
	EXPECT_EQ(sid, getpid());
	/* A child has it, too; in a session of its own it has none. */
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(tcgetpgrp(terminal), getpgrp());
		EXPECT_EQ(getsid(0), getppid());
		if (fork_and_wait())
			give_up_alone();
		REQUIRE(setsid() == getpid());
		EXPECT_ERR(open("/dev/tty", O_RDWR), ENXIO);
		EXPECT_ERR(tcgetpgrp(terminal), ENOTTY);
		EXPECT_ERR(tcsetpgrp(terminal, getpgrp()), ENOTTY);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_ERR(setsid(), EPERM);
	EXPECT_ERR(tcsetpgrp(terminal, -1), EINVAL);
	EXPECT_ERR(tcsetpgrp(terminal, getppid()), EPERM);
	signal(SIGHUP, SIG_IGN);
	catch_signal(SIGCONT, 0, 0);
	EXPECT_EQ(ioctl(terminal, TIOCNOTTY), 0);
	EXPECT_EQ(seen.count, 1);
	EXPECT_ERR(open("/dev/tty", O_RDWR), ENXIO);
	EXPECT_ERR(tcgetpgrp(terminal), ENOTTY);
}

UTEST(owner, "JB7 a terminal is its session's, until that gives it up")
{
	in_session(take_and_give);
}

static void
open_as_leader(void)
{
	int fd;

	REQUIRE(ioctl(terminal, TIOCNOTTY) == 0);
	fd = open_terminal(O_NOCTTY);
	EXPECT(fd >= 0);
	EXPECT_ERR(open("/dev/tty", O_RDWR), ENXIO);
	fd = open_terminal(0);
	EXPECT(fd >= 0);
	EXPECT(open("/dev/tty", O_RDWR) >= 0);
	EXPECT_EQ(tcgetpgrp(fd), getpgrp());
}

static void
open_after_hangup(void)
{
	signal(SIGHUP, SIG_IGN);
	open_as_leader();
}

UTEST(opening, "JB8 a leader without a terminal opens one, O_NOCTTY or not")
{
	in_session(open_after_hangup);
}

static void
resize(void)
{
	struct winsize w, now;

	REQUIRE(ioctl(terminal, TIOCGWINSZ, &w) == 0);
	catch_signal(SIGWINCH, 0, 0);
	EXPECT_EQ(ioctl(terminal, TIOCSWINSZ, &w), 0);
	EXPECT_EQ(seen.count, 0);
	w.ws_row++;
	EXPECT_EQ(ioctl(terminal, TIOCSWINSZ, &w), 0);
	EXPECT_EQ(seen.count, 1);
	EXPECT_EQ(ioctl(terminal, TIOCGWINSZ, &now), 0);
	EXPECT_EQ(now.ws_row, w.ws_row);
	w.ws_row--;
	EXPECT_EQ(ioctl(terminal, TIOCSWINSZ, &w), 0);
}

UTEST(size, "JB9 a new size is told to the foreground")
{
	in_session(resize);
}
