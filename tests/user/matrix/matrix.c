/* SPDX-License-Identifier: MIT */
/*
 * tests/user/matrix/matrix.c - see matrix.h: the callers, and the lines.
 *
 *	matrix [-qt] [-d FOLDER]	all lines, as a test program prints them;
 *					-t: in the folder's own file system
 *	matrix -e			exit status: which ids and powers exec gave
 *	matrix -w			wait for a signal
 */
#include "matrix.h"

#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

const struct identity identities[IDENTITIES] = {
	[ROOT] = { "root", 0, 0, 0 },
	[OWNER] = { "owner", OWNER_UID, 2001, 0 },
	[GROUP] = { "group", 1002, FILE_GID, 0 },
	[EXTRA] = { "extra", 1003, 2003, FILE_GID },
	[OTHER] = { "other", 1004, 2004, 0 },
};

/* A process that runs calls as one identity. */
struct caller {
	pid_t pid;
	int to, from;
};

struct job *job;
int scratch_fd;
static unsigned long long powers;
static struct caller callers[IDENTITIES];
static unsigned lines;

void
must(bool worked, const char *what)
{
	if (worked)
		return;
	printf("Bail out! matrix: %s: %s\n", what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

/* ---- the lines ---- */

const char *
answer(long result)
{
	static char buf[4][24];
	static unsigned next;
	char *at = buf[next++ % 4];

	if (result >= 0)
		snprintf(at, sizeof(buf[0]), "%ld", result);
	else
		snprintf(at, sizeof(buf[0]), "%s",
			 strerrorname_np((int)-result) ?: "E?");
	return at;
}

void
line_begin(const char *fmt, ...)
{
	va_list ap;

	fputs(LINE_PREFIX, stdout);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	fputs(" |", stdout);
	lines++;
}

void
line_add(const char *text)
{
	printf(" %s", text);
}

void
line_end(void)
{
	putchar('\n');
	if (lines % 64 == 0)
		fflush(stdout);
}

bool
root_may(int capability)
{
	return (powers >> capability & 1) != 0;
}

/* ---- the callers ---- */

void
become(const struct identity *who)
{
	/* Refused where such groups do not exist: the matrix then shows it. */
	(void)syscall(SYS_setgroups, who->more != 0 ? 1 : 0, &who->more);
	must(syscall(SYS_setresgid, who->gid, who->gid, who->gid) == 0 &&
		     syscall(SYS_setresuid, who->uid, who->uid, who->uid) == 0,
	     "setresuid");
}

long
in_child(long (*run)(struct job *job), struct job *j)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		j->result = run(j);
		_exit(0);
	}
	must(pid > 0 && waitpid(pid, &status, 0) == pid, "fork");
	if (j->result >= 0)
		return j->result;
	errno = (int)-j->result;
	return -1;
}

static void
caller_start(struct caller *c, const struct identity *who)
{
	int to[2], from[2];
	char byte;

	must(pipe2(to, O_CLOEXEC) == 0 && pipe2(from, O_CLOEXEC) == 0, "pipe");
	fflush(stdout);
	c->pid = fork();
	must(c->pid >= 0, "fork");
	if (c->pid == 0) {
		close(to[1]);
		close(from[0]);
		become(who);
		while (read(to[0], &byte, 1) == 1) {
			job->result = job->run(job);
			if (write(from[1], "", 1) != 1)
				break;
		}
		_exit(0);
	}
	close(to[0]);
	close(from[1]);
	c->to = to[1];
	c->from = from[0];
}

void
call_as(int who, long (*run)(struct job *j))
{
	char byte;

	job->run = run;
	job->more[0] = '\0';
	must(write(callers[who].to, "", 1) == 1 &&
		     read(callers[who].from, &byte, 1) == 1,
	     identities[who].name);
}

static void
callers_start(void)
{
	for (int i = 0; i < IDENTITIES; i++)
		caller_start(&callers[i], &identities[i]);
}

static void
callers_end(void)
{
	int status;

	for (int i = 0; i < IDENTITIES; i++) {
		close(callers[i].to);
		close(callers[i].from);
		kill(callers[i].pid, SIGKILL);
		waitpid(callers[i].pid, &status, 0);
	}
}

/* ---- the program ---- */

static int
ids_after_exec(void)
{
	int what = 0;

	what |= geteuid() == OWNER_UID ? 1 : 0;
	what |= getegid() == FILE_GID ? 2 : 0;
	what |= getuid() == geteuid() ? 0 : 4;
	what |= getauxval(AT_SECURE) ? 8 : 0;
	return what;
}

static unsigned long long
powers_read(void)
{
	char line[256];
	unsigned long long caps = 0;
	FILE *f = fopen("/proc/self/status", "r");

	if (access("/proc/forkstat", F_OK) == 0)
		return ~0ull;
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		sscanf(line, "CapEff: %llx", &caps);
	if (f != NULL)
		fclose(f);
	return caps;
}

static void
scratch_make(const char *under)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/matrix.XXXXXX", under);
	must(mkdtemp(path) != NULL && chmod(path, 0755) == 0 &&
		     chdir(path) == 0,
	     path);
	scratch_fd = open(".", O_RDONLY | O_DIRECTORY);
	must(scratch_fd >= 0, path);
}

static void
all(const char *under, bool there)
{
	char path[256];

	must(geteuid() == 0, "not root");
	umask(0);
	signal(SIGPIPE, SIG_IGN);
	job = mmap(NULL, sizeof(*job), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(job != MAP_FAILED, "mmap");
	powers = powers_read();
	scratch_make(under);
	must(getcwd(path, sizeof(path)) != NULL, "getcwd");
	mounts_begin(there);
	callers_start();
	matrix_objects("object", false);
	matrix_names("name", false);
	matrix_mounts();
	matrix_system();
	callers_end();
	matrix_processes();
	matrix_ids();
	mounts_end();
	must(chdir("/") == 0 && rmdir(path) == 0, path);
}

int
main(int argc, char **argv)
{
	const char *under = "/tmp";
	bool there = false;
	int c;

	while ((c = getopt(argc, argv, "qd:tew")) != -1) {
		switch (c) {
		case 'd':
			under = optarg;
			must(chmod(under, 0755) == 0, under);
			break;
		case 't':
			there = true;
			break;
		case 'e':
			return ids_after_exec();
		case 'w':
			pause();
			return 0;
		case 'q':
			break;
		default:
			return 2;
		}
	}
	all(under, there);
	printf("1..1\nok 1 - %u lines\n", lines);
	return 0;
}
