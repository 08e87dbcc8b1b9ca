/* SPDX-License-Identifier: MIT */
/*
 * userland/init.c - process 1: the first program, and the last parent of every
 * process.
 *
 *    /bin/init              a shell on the console, again and again
 *    /bin/init CMD [ARG...] that one command; its status ends the machine
 *
 * Init collects every process that has lost its parent.  When it returns the
 * kernel turns the machine off with its status.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SHELL	     "/bin/sh"
#define RC_FILE	     "/etc/rc"
#define MAX_FAILURES 3

static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP };

static void
say(const char *fmt, ...)
{
	char text[256];
	ssize_t done;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	/* When even this fails, the message is lost. */
	done = write(2, text, n);
	(void)done;
}

/* ---- the surroundings ------------------------------------------------ */

static bool
same_device(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev;
}

/* Mount what the kernel has not mounted; normally that is nothing. */
static void
mount_missing(void)
{
	if (access("/dev/console", F_OK) < 0 &&
	    mount("dev", "/dev", "devtmpfs", 0, NULL) < 0)
		mount("dev", "/dev", "devfs", 0, NULL);
	if (access("/proc/self", F_OK) < 0)
		mount("proc", "/proc", "proc", 0, NULL);
	if (same_device("/", "/tmp"))
		mount("tmp", "/tmp", "tmpfs", 0, NULL);
}

/* Descriptors 0, 1 and 2 are the console; without one, what we were given. */
static void
open_console(void)
{
	int fd = open("/dev/console", O_RDWR | O_NOCTTY);

	if (fd < 0) {
		say("init: cannot open /dev/console: %s\n", strerror(errno));
		return;
	}
	for (int i = 0; i < 3; i++)
		if (fd != i)
			dup2(fd, i);
	if (fd > 2)
		close(fd);
}

static void
set_environment(void)
{
	setenv("PATH", "/bin:/sbin:/usr/bin", 1);
	setenv("HOME", "/root", 1);
	setenv("TERM", "vt100", 1);
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
}

/* ---- children -------------------------------------------------------- */

/*
 * In the child: a session of its own with the console as its terminal, and
 * signals as a program expects them.
 */
static void
become_session(void)
{
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_DFL);
	setsid();
	/* Without a terminal there is no Ctrl-C, but everything else works. */
	(void)ioctl(0, TIOCSCTTY, 1);
}

/*
 * Start a program.  Returns its pid, or -1 with errno when it could not be
 * forked or executed: the child reports that through a pipe that a successful
 * exec closes.
 */
static pid_t
start(const char *path, char **argv)
{
	int fds[2], code = 0;
	pid_t pid;

	if (pipe(fds) < 0)
		return -1;
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		become_session();
		execvp(path, argv);
		code = errno;
		if (write(fds[1], &code, sizeof(code)) < 0)
			_exit(126);
		_exit(127);
	}
	if (pid < 0) {
		code = errno;
		close(fds[0]);
		close(fds[1]);
		errno = code;
		return -1;
	}
	close(fds[1]);
	while (read(fds[0], &code, sizeof(code)) < 0 && errno == EINTR)
		continue;
	close(fds[0]);
	if (code == 0)
		return pid;
	waitpid(pid, NULL, 0);
	errno = code;
	return -1;
}

/* Collect children until `pid` is among them; returns its wait status. */
static int
wait_for(pid_t pid)
{
	for (;;) {
		int status;
		pid_t got = waitpid(-1, &status, 0);

		if (got == pid)
			return status;
		if (got < 0 && errno != EINTR) {
			say("init: cannot wait for process %ld: %s\n",
			    (long)pid, strerror(errno));
			return 127 << 8;
		}
	}
}

static int
exit_status(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* ---- the two ways to run --------------------------------------------- */

static int
run_command(char **argv)
{
	pid_t pid = start(argv[0], argv);
	int status;

	if (pid < 0) {
		int code = errno;

		say("init: cannot run %s: %s\n", argv[0], strerror(code));
		status = code == ENOENT ? 127 : 126;
	} else {
		status = exit_status(wait_for(pid));
	}
	sync();
	return status;
}

static void
run_rc(void)
{
	char *argv[] = { "sh", RC_FILE, NULL };
	pid_t pid;

	if (access(RC_FILE, R_OK) < 0)
		return;
	pid = start(SHELL, argv);
	if (pid < 0)
		say("init: cannot run " RC_FILE ": %s\n", strerror(errno));
	else
		wait_for(pid);
}

static void
say_ended(int status)
{
	if (WIFSIGNALED(status))
		say("init: the shell was killed by signal %d (%s); starting a "
		    "new one\n",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		say("init: the shell exited with status %d; starting a new "
		    "one (poweroff turns the machine off)\n",
		    WEXITSTATUS(status));
}

static void
power_off(void)
{
	say("init: no shell can be started; turning the machine off\n");
	sync();
	reboot(RB_POWER_OFF);
	say("init: cannot turn the machine off: %s\n", strerror(errno));
}

/* Returns only when no shell can be started. */
static void
run_shells(void)
{
	char *argv[] = { "-sh", NULL };
	int failures = 0, short_lives = 0;

	while (failures < MAX_FAILURES) {
		time_t begun = time(NULL);
		pid_t pid = start(SHELL, argv);

		if (pid < 0) {
			failures++;
			say("init: cannot start " SHELL ": %s (try %d of %d)\n",
			    strerror(errno), failures, MAX_FAILURES);
			continue;
		}
		failures = 0;
		say_ended(wait_for(pid));
		/* A console at its end must not make a storm of shells. */
		short_lives = time(NULL) - begun < 2 ? short_lives + 1 : 0;
		if (short_lives >= 3)
			sleep(1);
	}
}

int
main(int argc, char **argv)
{
	if (getpid() != 1) {
		say("init: only process 1 can be init; this is process %ld; "
		    "`poweroff` turns the machine off\n",
		    (long)getpid());
		return 1;
	}
	mount_missing();
	open_console();
	set_environment();
	if (argc > 1)
		return run_command(argv + 1);
	say("Tine: type help for the commands, forkdemo for a tour, poweroff "
	    "to shut down.\n");
	run_rc();
	run_shells();
	power_off();
	return 1;
}
