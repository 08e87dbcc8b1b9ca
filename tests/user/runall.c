/* SPDX-License-Identifier: MIT */
/*
 * tests/user/runall.c - run many test programs in one boot.
 *
 *	runall [-q | -m] NAME...
 *
 * Each /test/NAME prints TAP, with -q after fewer rounds, with -m after more.
 * runall passes the results on, renumbered and with "NAME: " before each.  It
 * adds three of its own: the program kept to its plan and its status, the
 * memory audit is clean, and the memory that was free before is free again.
 * The plan comes last, when the number is known: a reader must treat a missing
 * plan as a failure.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 512
#define SETTLE_TRIES   800 /* times 10 ms for exiting orphans to be gone */

/* What one program has printed so far. */
struct tally {
	const char *name;
	long plan; /* -1 before it was printed */
	long results, failures;
	bool disorder; /* two plans, or a result out of turn */
};

static long total, total_failed;
static const char *rounds; /* "-q", "-m" or NULL */

static void __attribute__((format(printf, 3, 4)))
result(bool ok, const char *program, const char *fmt, ...)
{
	va_list ap;

	total++;
	total_failed += !ok;
	printf("%s %ld - %s: ", ok ? "ok" : "not ok", total, program);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

/* The text behind "ok 12 - "; NULL when the line is no result. */
static const char *
parse_result(const char *line, bool *ok, long *number)
{
	char *end;

	*ok = strncmp(line, "not ", 4) != 0;
	if (!*ok)
		line += 4;
	if (strncmp(line, "ok", 2) != 0 || (line[2] != ' ' && line[2] != '\0'))
		return NULL;
	*number = strtol(line + 2, &end, 10);
	end += strspn(end, " ");
	if (*end == '-')
		end++;
	return end + strspn(end, " ");
}

static void
take_line(struct tally *t, const char *line)
{
	const char *text;
	char *end;
	long number;
	bool ok;

	text = parse_result(line, &ok, &number);
	if (text != NULL) {
		t->results++;
		t->failures += !ok;
		if (number != 0 && number != t->results)
			t->disorder = true;
		result(ok, t->name, "%s", text);
	} else if (strncmp(line, "1..", 3) == 0) {
		t->disorder |= t->plan >= 0;
		t->plan = strtol(line + 3, &end, 10);
	} else if (line[0] != '\0') {
		printf("# %s%s\n", t->name, line[0] == '#' ? line + 1 : line);
	}
}

/* Hand on whole lines from fd until its other end is closed. */
static void
take_output(struct tally *t, int fd)
{
	char buf[LINE_MAX_BYTES];
	size_t used = 0;
	ssize_t n;

	for (;;) {
		n = read(fd, buf + used, sizeof(buf) - 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += (size_t)n;
		buf[used] = '\0';
		for (char *nl; (nl = strchr(buf, '\n')) != NULL;) {
			*nl = '\0';
			take_line(t, buf);
			used -= (size_t)(nl + 1 - buf);
			memmove(buf, nl + 1, used + 1);
		}
		if (used == sizeof(buf) - 1) {
			take_line(t, buf);
			used = 0;
		}
	}
	if (used > 0)
		take_line(t, buf);
}

/* Wait status of /test/NAME, its results passed on; -1 if it did not start. */
static int
run_program(struct tally *t, const char *path)
{
	int fds[2], status;
	pid_t pid;

	if (pipe(fds) < 0)
		return -1;
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return -1;
	}
	if (pid == 0) {
		dup2(fds[1], 1);
		close(fds[0]);
		close(fds[1]);
		execl(path, path, rounds, (char *)NULL);
		dprintf(1, "# cannot start %s: %s\n", path, strerror(errno));
		_exit(127);
	}
	close(fds[1]);
	take_output(t, fds[0]);
	close(fds[0]);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static void
judge_end(const struct tally *t, int status)
{
	char what[160] = "";

	if (status < 0)
		snprintf(what, sizeof(what), "it did not start");
	else if (WIFSIGNALED(status))
		snprintf(what, sizeof(what), "killed by signal %d",
			 WTERMSIG(status));
	else if (t->plan != t->results)
		snprintf(what, sizeof(what), "planned %ld results, printed %ld",
			 t->plan, t->results);
	else if (t->disorder)
		snprintf(what, sizeof(what), "results out of order");
	else if (WEXITSTATUS(status) != 0 && t->failures == 0)
		snprintf(what, sizeof(what), "all ok, but exit status %d",
			 WEXITSTATUS(status));
	if (what[0] != '\0')
		printf("# %s: %s\n", t->name, what);
	result(what[0] == '\0', t->name, "ends well");
}

/* The whole of a small file as a string; "" when it cannot be read. */
static void
read_file(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t used = 0;
	ssize_t n;

	while (fd >= 0 && used < size - 1) {
		n = read(fd, buf + used, size - 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	buf[used] = '\0';
	if (fd >= 0)
		close(fd);
}

/* Free memory in bytes once the kernel has dropped what it only keeps for speed. */
static long
free_bytes(void)
{
	char buf[2048];
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	bool dropped = fd >= 0 && write(fd, "3\n", 2) == 2;

	if (fd >= 0)
		close(fd);
	/* What the drop arrived at, before this program came back in. */
	read_file("/proc/sys/vm/drop_caches", buf, sizeof(buf));
	return dropped ? strtol(buf, NULL, 10) : -1;
}

/*
 * Orphans of the program may still be on their way out: ask again for 8 s.
 * More than before is no loss: then another process was busy at the start.
 */
static void
judge_memory(const char *name, long before)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	long now = free_bytes();

	for (int i = 0; now < before && i < SETTLE_TRIES; i++) {
		nanosleep(&pause, NULL);
		now = free_bytes();
	}
	if (now < before || now < 0)
		printf("# %s: %ld bytes free before, %ld after\n", name, before,
		       now);
	result(now >= before && now >= 0, name, "no byte is lost");
}

static void
judge_audit(const char *name)
{
	char buf[2048];
	bool clean;

	read_file("/proc/mm/audit", buf, sizeof(buf));
	clean = strcmp(buf, "ok\n") == 0;
	if (!clean)
		for (char *line = strtok(buf, "\n"); line != NULL;
		     line = strtok(NULL, "\n"))
			printf("# %s: audit: %s\n", name, line);
	result(clean, name, "memory audit is clean");
}

static void
run_test(const char *name)
{
	struct tally t = { .name = name, .plan = -1 };
	long before = free_bytes();
	char path[256];

	snprintf(path, sizeof(path), "/test/%s", name);
	printf("# %s\n", name);
	judge_end(&t, run_program(&t, path));
	judge_audit(name);
	judge_memory(name, before);
}

/*
 * Do once everything that this process does between two measurements.  Its own
 * first uses of stack, heap and files then do not count as a loss.
 */
static void
warm_up(void)
{
	struct tally t = { .name = "runall", .plan = -1 };
	char buf[2048];

	for (int i = 0; i < 2; i++) {
		run_program(&t, "/bin/true");
		read_file("/proc/mm/audit", buf, sizeof(buf));
		printf("# %ld bytes free\n", free_bytes());
	}
}

int
main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	warm_up();
	if (argc > 1 && argv[1][0] == '-')
		rounds = argv[1];
	for (int i = 1 + (rounds != NULL); i < argc; i++)
		run_test(argv[i]);
	printf("1..%ld\n", total);
	return total_failed != 0;
}
