/* SPDX-License-Identifier: MIT */
/*
 * tests/user/family.c - how processes are related: parents, orphans and
 * subreapers.
 *
 * Also the signal at a parent's end (PR_SET_PDEATHSIG), and the other options
 * of clone(2), prctl(2) and close_range(2).  Linux gives the same answers.
 */
#include "thread.h"

#include "meet.h"

#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define UNSHARE (1u << 1) /* of close_range() */
#define CLOEXEC (1u << 2)

struct shared {
	_Atomic pid_t pid[3];
	_Atomic int step, caught;
};

static struct shared *shared;

static pid_t
clone_with(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
}

/* ---- CLONE_PARENT ---- */

UTEST(sibling, "FM1 CLONE_PARENT: a child of the caller's parent")
{
	pid_t pid;
	int status;

	shared = shared_new(1);
	pid = utest_fork();
	if (pid == 0) {
		pid_t brother = clone_with(CLONE_PARENT | SIGUSR1);

		if (brother == 0) {
			shared->pid[0] = getppid();
			_exit(7);
		}
		REQUIRE(brother > 0);
		shared->pid[1] = brother;
		EXPECT_ERR(waitpid(brother, NULL, 0), ECHILD);
		EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	/* The exit signal is the caller's, whatever clone() was told. */
	EXPECT_EQ(waitpid(shared->pid[1], &status, 0), shared->pid[1]);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	EXPECT_EQ(shared->pid[0], getpid());
	EXPECT_ERR(waitpid(-1, NULL, 0), ECHILD);
}

/* ---- PR_SET_CHILD_SUBREAPER ---- */

static int
subreaper(void)
{
	int is = -1;

	EXPECT_EQ(prctl(PR_GET_CHILD_SUBREAPER, &is, 0, 0, 0), 0);
	return is;
}

/* A child that ends before its own child, which has the number pid[0]. */
static void
leave_orphan(void)
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		EXPECT_EQ(subreaper(), 0); /* not inherited */
		pid = utest_fork();
		if (pid == 0) {
			while (shared->step == 0)
				sched_yield();
			shared->pid[1] = getppid();
			_exit(5);
		}
		shared->pid[0] = pid;
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(reaper, "FM2 orphans go to the next subreaper above")
{
	int status;
	pid_t pid;

	shared = shared_new(1);
	EXPECT_EQ(subreaper(), 0);
	EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	EXPECT_EQ(subreaper(), 1);
	leave_orphan();
	shared->step = 1;
	EXPECT_EQ(waitpid(shared->pid[0], &status, 0), shared->pid[0]);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 5);
	EXPECT_EQ(shared->pid[1], getpid());
	/* An orphan that is already dead comes, too. */
	shared->step = 0;
	pid = utest_fork();
	if (pid == 0) {
		pid_t dead = utest_fork();

		if (dead == 0)
			_exit(6);
		await_state(dead, 'Z');
		shared->pid[2] = dead;
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(waitpid(shared->pid[2], &status, 0), shared->pid[2]);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 6);
	/* Not after it has stopped being a subreaper. */
	EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
	leave_orphan();
	EXPECT_ERR(waitpid(shared->pid[0], &status, 0), ECHILD);
	shared->step = 1;
}

/* ---- PR_SET_PDEATHSIG ---- */

static int
death_signal(void)
{
	int sig = -1;

	EXPECT_EQ(prctl(PR_GET_PDEATHSIG, &sig, 0, 0, 0), 0);
	return sig;
}

static void
on_death(int sig, siginfo_t *info, void *context)
{
	shared->pid[2] = info->si_pid;
	shared->caught = sig;
}

UTEST(parents_end, "FM3 PR_SET_PDEATHSIG: a signal when the parent ends")
{
	struct sigaction sa = { .sa_sigaction = on_death,
				.sa_flags = SA_SIGINFO };
	pid_t pid;

	shared = shared_new(1);
	EXPECT_EQ(death_signal(), SIGKILL); /* utest.c asks for it */
	EXPECT_ERR(prctl(PR_SET_PDEATHSIG, 65, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_PDEATHSIG, -1, 0, 0, 0), EINVAL);
	REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0);
	pid = utest_fork();
	if (pid == 0) {
		pid_t child;

		EXPECT_EQ(prctl(PR_SET_PDEATHSIG, SIGUSR2, 0, 0, 0), 0);
		EXPECT_EQ(death_signal(), SIGUSR2);
		child = utest_fork();
		if (child == 0) {
			EXPECT_EQ(death_signal(), 0); /* not inherited */
			EXPECT_EQ(sigaction(SIGUSR1, &sa, NULL), 0);
			EXPECT_EQ(prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0), 0);
			shared->step = 1;
			while (shared->caught == 0)
				sched_yield();
			EXPECT_EQ(shared->caught, SIGUSR1);
			utest_done();
		}
		shared->pid[0] = child;
		while (shared->step == 0)
			sched_yield();
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_CLEAN(shared->pid[0]);
	EXPECT_EQ(shared->pid[2], pid);
	EXPECT_EQ(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
}

UTEST(parents_end_user, "FM3 PR_SET_PDEATHSIG ends with a change of ids")
{
	pid_t pid;

	if (!is_root())
		return;
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0), 0);
		EXPECT_EQ(setuid(0), 0); /* changes none */
		EXPECT_EQ(death_signal(), SIGKILL);
		utest_become(FOREIGN_UID);
		EXPECT_EQ(death_signal(), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

/* ---- the rest of prctl ---- */

UTEST(told, "FM4 prctl: what is only remembered")
{
	long slack = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
	pid_t pid;

	EXPECT(slack > 0);
	EXPECT_EQ(prctl(PR_SET_TIMERSLACK, 12345, 0, 0, 0), 0);
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 12345);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(prctl(PR_SET_TIMERSLACK, 99, 0, 0, 0), 0);
		EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 99);
		EXPECT_EQ(prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0), 0);
		EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), 12345);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(prctl(PR_SET_TIMERSLACK, 0, 0, 0, 0), 0);
	EXPECT_EQ(prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0), slack);
	EXPECT_EQ(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), 0);
	EXPECT_EQ(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), 0);
	EXPECT_EQ(prctl(PR_GET_KEEPCAPS, 0, 0, 0, 0), 1);
	EXPECT_ERR(prctl(PR_SET_KEEPCAPS, 2, 0, 0, 0), EINVAL);
	EXPECT_EQ(prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0), 0);
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_PDEATHSIG, 8, 0, 0, 0), EFAULT);
	EXPECT_ERR(prctl(PR_GET_CHILD_SUBREAPER, 8, 0, 0, 0), EFAULT);
	EXPECT_ERR(prctl(12345, 0, 0, 0, 0), EINVAL);
}

/* ---- close_range, and what is missing ---- */

UTEST(own_table, "FM5 CLOSE_RANGE_UNSHARE leaves others their descriptors")
{
	int fd = temp_file_of('f', 1), high;
	struct stat st;
	pid_t pid;

	high = fcntl(fd, F_DUPFD, 100);
	REQUIRE(fd >= 0 && high >= 100);
	pid = clone_with(CLONE_FILES | SIGCHLD);
	REQUIRE(pid >= 0);
	if (pid == 0) {
		int mine;

		/* Shared as yet: this one closes it for both. */
		if (syscall(SYS_close_range, high, high, 0) != 0 ||
		    syscall(SYS_close_range, fd, ~0u, UNSHARE) != 0)
			_exit(1);
		mine = open("/", O_RDONLY);
		_exit(mine == fd && fcntl(high, F_GETFD) == -1 ? 0 : 2);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(fstat(fd, &st) == 0 && S_ISREG(st.st_mode));
	EXPECT_ERR(fcntl(high, F_GETFD), EBADF);
	EXPECT_EQ(fcntl(fd, F_SETFD, 0), 0);
	EXPECT_EQ(syscall(SYS_close_range, fd, fd, UNSHARE | CLOEXEC), 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_ERR(syscall(SYS_close_range, fd, fd, 1), EINVAL);
	EXPECT_ERR(syscall(SYS_close_range, fd, fd, 8), EINVAL);
	close(fd);
}

UTEST(async_open, "FM6 open with O_ASYNC: the flags can still change")
{
	int fd = open("/tmp/fm6", O_RDWR | O_CREAT | O_ASYNC, 0600), on = 1;

	REQUIRE(fd >= 0);
	EXPECT_EQ(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK), 0);
	EXPECT_EQ(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	EXPECT_EQ(ioctl(fd, FIONBIO, &on), 0);
	close(fd);
	unlink("/tmp/fm6");
}

UTEST(no_sigio, "FM6 signals for input: refused, not forgotten")
{
	int p[2];

	need_tine("Linux has them");
	REQUIRE(pipe(p) == 0);
	EXPECT_ERR(fcntl(p[0], F_SETOWN, getpid()), EINVAL);
	EXPECT_ERR(fcntl(p[0], F_GETOWN), EINVAL);
	EXPECT_ERR(fcntl(p[0], F_SETFL, O_ASYNC), EINVAL);
	EXPECT_EQ(fcntl(p[0], F_GETFL), O_RDONLY);
	close(p[0]);
	close(p[1]);
}
