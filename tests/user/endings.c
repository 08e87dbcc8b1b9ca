/* SPDX-License-Identifier: MIT */
/*
 * tests/user/endings.c - hold deleted files in every way, for ending_test.py.
 *
 *	endings DIR WAY
 *
 * Each child makes something in DIR, takes its name away, keeps it in use and
 * reports.  When all have reported, "held" is printed and the machine ends.
 * WAY is poweroff, halt or restart (reboot(2) is called), exit or abort (this
 * program ends: it must be init), or wait (it stays, and the test ends the
 * machine).  To try it on Linux, use "wait".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE (200u << 10) /* with an indirect block */

static char bytes[SIZE];
static int report;
static const char *self;

static void
must(const char *what, int ok)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static void
ready(void)
{
	must("report", write(report, "r", 1) == 1);
}

static void
stay(void)
{
	ready();
	for (;;)
		pause();
}

/* A file with contents, open, that is about to lose its name. */
static int
make(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0755);

	must(name, fd >= 0);
	must("write", write(fd, bytes, SIZE) == SIZE);
	return fd;
}

static void
hold_open(void)
{
	make("open");
	unlink("open");
	stay();
}

static void
hold_mapped(int flags, const char *name)
{
	int fd = make(name);
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, flags, fd, 0);

	must("mmap", p != MAP_FAILED);
	close(fd);
	unlink(name);
	for (unsigned i = 0; i < SIZE; i += 4096)
		p[i] = 1;
	stay();
}

static void
hold_shared(void)
{
	hold_mapped(MAP_SHARED, "shared");
}

static void
hold_private(void)
{
	hold_mapped(MAP_PRIVATE, "private");
}

static void
hold_cwd(void)
{
	must("mkdir", mkdir("cwd", 0755) == 0 && chdir("cwd") == 0 &&
			      rmdir("../cwd") == 0);
	stay();
}

static void
hold_fifo(void)
{
	must("fifo", mkfifo("fifo", 0644) == 0 && open("fifo", O_RDWR) >= 0 &&
			     unlink("fifo") == 0);
	stay();
}

/* Asleep in a write to a pipe that is full. */
static void
hold_in_pipe(void)
{
	int fds[2];

	make("piped");
	unlink("piped");
	must("pipe", pipe(fds) == 0);
	ready();
	for (;;)
		(void)!write(fds[1], bytes, SIZE);
}

static void
hold_stopped(void)
{
	make("stopped");
	unlink("stopped");
	ready();
	raise(SIGSTOP);
	stay();
}

/* Grows and shrinks for ever. */
static void
hold_writing(void)
{
	int fd = make("writing");

	unlink("writing");
	ready();
	for (unsigned n = 0;; n++) {
		if (n % 20 == 0)
			(void)!ftruncate(fd, 0);
		(void)!pwrite(fd, bytes, SIZE, n % 20 * SIZE);
	}
}

/* Names come and go for ever. */
static void
hold_names(void)
{
	char name[32];

	for (unsigned n = 0;; n++) {
		snprintf(name, sizeof(name), "name%u", n % 50);
		close(open(name, O_CREAT | O_WRONLY, 0644));
		if (n == 50)
			ready();
		snprintf(name, sizeof(name), "name%u", (n + 7) % 50);
		unlink(name);
	}
}

/* A program that runs and has no name: this one, copied. */
static void
hold_program(void)
{
	int from = open(self, O_RDONLY);
	int to = open("program", O_WRONLY | O_CREAT | O_TRUNC, 0755);
	char number[16];
	ssize_t n;

	must(self, from >= 0 && to >= 0);
	while ((n = read(from, bytes, SIZE)) > 0)
		must("write", write(to, bytes, (size_t)n) == n);
	close(to);
	snprintf(number, sizeof(number), "%d", report);
	execl("./program", "program", number, (char *)NULL);
	must("exec", 0);
}

/* Nor may the disk become read-only, and be marked clean, meanwhile. */
static void
hold_for_reading(void)
{
	close(make("own"));
	must("open", open("own", O_RDONLY) >= 0 && unlink("own") == 0);
	must("remount", mount("", "/", "", MS_REMOUNT | MS_RDONLY, "") < 0 &&
				errno == EBUSY);
}

static void (*const holders[])(void) = {
	hold_open,    hold_shared,  hold_private, hold_cwd,   hold_fifo,
	hold_in_pipe, hold_stopped, hold_writing, hold_names, hold_program,
};

#define HOLDERS (sizeof(holders) / sizeof(holders[0]))

static void
hold_all(const char *dir)
{
	int fds[2];
	char c;

	must("pipe", pipe(fds) == 0);
	report = fds[1];
	for (size_t i = 0; i < HOLDERS; i++) {
		if (fork() == 0) {
			must(dir, chdir(dir) == 0);
			holders[i]();
		}
	}
	for (size_t i = 0; i < HOLDERS; i++)
		must("reports", read(fds[0], &c, 1) == 1);
	printf("held\n");
	fflush(stdout);
}

static void
end(const char *way)
{
	int *volatile nowhere = (int *)8;

	/* Not raise(): init gets no signal that it has no handler for. */
	if (strcmp(way, "abort") == 0)
		*nowhere = 0;
	if (strcmp(way, "exit") == 0)
		exit(3);
	sync();
	if (strcmp(way, "poweroff") == 0)
		reboot(RB_POWER_OFF);
	if (strcmp(way, "halt") == 0)
		reboot(RB_HALT_SYSTEM);
	if (strcmp(way, "restart") == 0)
		reboot(RB_AUTOBOOT);
	for (;;)
		pause();
}

int
main(int argc, char **argv)
{
	if (argc == 2) {
		report = atoi(argv[1]);
		unlink("program");
		stay();
	}
	if (argc != 3)
		return 2;
	self = argv[0];
	/* Its own files count, too. */
	must(argv[1], chdir(argv[1]) == 0);
	hold_for_reading();
	hold_all(argv[1]);
	end(argv[2]);
}
