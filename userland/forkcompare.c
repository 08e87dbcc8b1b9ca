/* SPDX-License-Identifier: MIT */
/*
 * userland/forkcompare.c - forkctl compare and forkctl measure: what a program
 * costs under a strategy.
 *
 * compare() runs the program once under every strategy and prints a table;
 * measure() runs it often under one, a line each, for ./tine sweep to read.  A
 * run is made by vfork, so that only the program's own forks count; the
 * counters of /proc/forkstat are read before and after.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forkctl.h"
#include "lib/counters.h"
#include "lib/ulib.h"

static const char stat_file[] = "/proc/forkstat";
static bool counted; /* instret has instructions, not time */

/* What a run did to one counter, or to the sum of several. */
static const struct column {
	const char *title;
	const char *counters[6];
} columns[] = {
	{ "forks", { "forks" } },
	{ "faults",
	  { "break_copy", "break_reuse", "break_zero", "break_file",
	    "fill_zero", "fill_file" } },
	{ "copied", { "pages_copied_at_fork" } },
	{ "later", { "break_copy" } },
	{ "tables", { "tables_copied" } },
};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

struct run {
	struct counters done;
	unsigned long long instructions, peak;
	int status; /* as wait gives it */
};

/* The process group being measured, and whether it took too long. */
static volatile pid_t group;
static volatile sig_atomic_t cut;

static uint64_t
instructions_now(void)
{
	uint64_t n;

	__asm__ volatile("rdinstret %0" : "=r"(n));
	return n;
}

static void
cut_off(int sig)
{
	(void)sig;
	cut = 1;
	kill(-group, SIGKILL);
}

/*
 * In the child, which shares our memory: only system calls.  alone: in a
 * process group of its own, with nothing to read.
 */
_Noreturn static void
become(const char *strategy, char **argv, bool alone)
{
	int fd = open("/proc/self/fork_strategy", O_WRONLY);
	int null = open("/dev/null", O_RDWR);

	if (fd < 0 || null < 0 || write(fd, strategy, strlen(strategy)) < 0 ||
	    dup2(null, 1) != 1)
		_exit(126);
	if (alone && (setpgid(0, 0) != 0 || dup2(null, 0) != 0))
		_exit(126);
	close(fd);
	close(null);
	execvp(argv[0], argv);
	_exit(errno == ENOENT ? 127 : 126);
}

/*
 * Run a program once.  seconds: if not 0, kill it after that time, and at its
 * end kill the processes that it leaves behind.
 */
static void
run_under(const char *strategy, char **argv, unsigned seconds, struct run *r)
{
	static char before[COUNTERS_TEXT], after[COUNTERS_TEXT];
	uint64_t begin;
	pid_t pid;

	if (write_small_file(stat_file, "peak\n") != 0)
		die(stat_file);
	read_or_die(stat_file, before, sizeof(before));
	begin = instructions_now();
	pid = vfork(); /* copies nothing: only the program's forks count */
	if (pid == 0)
		become(strategy, argv, seconds != 0);
	if (pid < 0)
		die("vfork");
	group = pid;
	alarm(seconds);
	while (waitpid(pid, &r->status, 0) < 0)
		;
	alarm(0);
	r->instructions = instructions_now() - begin;
	read_or_die(stat_file, after, sizeof(after));
	if (seconds != 0)
		kill(-group, SIGKILL);
	counters_parse(&r->done, after);
	r->peak = counters_get(&r->done, "frames_peak") -
		  counters_get(&r->done, "frames_at_reset");
	counters_difference(&r->done, before, after);
}

static void
print_titles(void)
{
	printf("%-10s", "strategy");
	if (counted)
		printf(" %13s", "instructions");
	for (size_t i = 0; i < COLUMNS; i++)
		printf(" %8s", columns[i].title);
	printf(" %8s\n", "peak");
}

static void
print_run(const char *strategy, const struct run *r)
{
	printf("%-10s", strategy);
	if (counted)
		printf(" %13llu", r->instructions);
	for (size_t i = 0; i < COLUMNS; i++) {
		unsigned long long sum = 0;

		for (size_t k = 0; k < 6 && columns[i].counters[k] != NULL; k++)
			sum += counters_get(&r->done, columns[i].counters[k]);
		printf(" %8llu", sum);
	}
	printf(" %8llu\n", r->peak);
}

/*
 * Runs before those that count.  Afterwards nothing has to be read from the
 * disk, and the pages in the kernel's caches are those that this strategy uses.
 */
enum { WARM_UPS = 2 };

static void
warm_up(const char *strategy, char **argv)
{
	struct run r;

	for (int i = 0; i < WARM_UPS; i++)
		run_under(strategy, argv, 0, &r);
	if (r.status != 127 << 8 && r.status != 126 << 8)
		return;
	prog_failure = r.status >> 8;
	die_as("%s: cannot be executed", argv[0]);
}

void
compare(char **argv)
{
	char text[4096], *rest = text, *line;
	int status = -1;

	counted = read_small_file("/proc/sys/kernel/counts_instructions", text,
				  sizeof(text)) > 0 &&
		  text[0] == '1';
	read_or_die("/proc/fork_strategies", text, sizeof(text));
	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		struct run r;

		line[strcspn(line, " ")] = '\0';
		warm_up(line, argv);
		if (status < 0)
			print_titles();
		run_under(line, argv, 0, &r);
		print_run(line, &r);
		if (status >= 0 && r.status != status)
			complain_as("%s: different wait status under %s: %#x, "
				    "not %#x",
				    argv[0], line, (unsigned)r.status,
				    (unsigned)status);
		status = r.status;
	}
	puts("\n"
	     "copied: pages at fork; later: pages at the first write; tables: "
	     "page tables later;\n"
	     "peak: growth of frames in use.  Other processes are included.");
	if (!counted)
		puts("Boot with ./tine run --count to count instructions, "
		     "too.");
}

/*
 * A word, then names and numbers.  They begin a new line, whatever was printed
 * before.
 */
static void
print_measured(const char *word, const struct run *r)
{
	printf("\n%s cut %d signal %d status %d instructions %llu "
	       "peak_frames %llu",
	       word, (int)cut, WIFSIGNALED(r->status) ? WTERMSIG(r->status) : 0,
	       WIFEXITED(r->status) ? WEXITSTATUS(r->status) : 0,
	       r->instructions, r->peak);
	for (size_t i = 0; i < r->done.count; i++) {
		const struct counter *c = &r->done.list[i];

		if (strncmp(c->name, "frames_", 7) != 0)
			printf(" %s %llu", c->name, c->value);
	}
	putchar('\n');
	fflush(stdout);
}

void
measure(const char *count, const char *seconds, const char *strategy,
	char **argv)
{
	long long runs = number_or_die(count, 1);
	unsigned limit = (unsigned)number_or_die(seconds, 1);
	struct run r;

	signal(SIGALRM, cut_off);
	for (long long i = -WARM_UPS; i < runs; i++) {
		run_under(strategy, argv, limit, &r);
		/* The first printing uses new pages: warm that up, too. */
		print_measured(i >= 0 || !WIFEXITED(r.status) ? "measured"
							      : "warm",
			       &r);
		if (!WIFEXITED(r.status))
			return; /* and so would the next runs */
	}
}
