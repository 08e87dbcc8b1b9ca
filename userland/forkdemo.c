/* SPDX-License-Identifier: MIT */
/*
 * forkdemo - a guided run through one fork().
 *
 * A parent fills some pages and forks.  The child reads, then writes; the
 * parent writes while the child lives, and again when it is gone.  Around each
 * step the counters of /proc/self/forkstat are read, and every sentence about
 * copying is made from how they changed: the program knows nothing about any
 * strategy.
 *
 * Measuring must not disturb what is measured.  A counter file is read into a
 * buffer that was touched before, and twice where the first reading would
 * itself break pages (the stack, the buffer).  It is taken apart only at the
 * end.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/counters.h"
#include "lib/ulib.h"

enum { PAGES = 64, WRITTEN = 3, LAST = PAGES - WRITTEN, PAGE = 4096 };

static unsigned char *array;
static bool have_counters;
static char strategy[64];

/* Moments, each kept as the text of the counter file. */
enum { BEFORE, FILLED, FORKING, FORKED, LIVING, BESIDE, ALONE, WROTE, MOMENTS };
static char moment[MOMENTS][COUNTERS_TEXT];

/* What the child tells its parent. */
static struct report {
	char start[COUNTERS_TEXT];
	char read[COUNTERS_TEXT];
	char wrote[COUNTERS_TEXT];
	int strange; /* pages that did not hold what they must */
} report;

/* What the child sees after the parent has written, too. */
static struct look {
	unsigned char byte[PAGES]; /* the first byte of each page */
	int strange;
} look;

/* ---- Measuring ---- */

static void
take(char *text)
{
	if (have_counters &&
	    read_small_file("/proc/self/forkstat", text, COUNTERS_TEXT) < 0)
		die("/proc/self/forkstat");
}

/* The second reading no longer counts what the first one touched. */
static void
take_settled(char *text)
{
	take(text);
	take(text);
}

static void
fill(int first, int count, int letter)
{
	for (int i = first; i < first + count; i++)
		memset(array + (size_t)i * PAGE, letter, PAGE);
}

/* How many pages do not hold `letter` in every byte; reads all of them. */
static int
count_strange(int first, int count, int letter)
{
	int strange = 0;

	for (int i = first; i < first + count; i++) {
		const unsigned char *page = array + (size_t)i * PAGE;
		int same = 0;

		while (same < PAGE && page[same] == letter)
			same++;
		strange += same < PAGE;
	}
	return strange;
}

/* ---- Saying ---- */

/* Print with breaks before column 80; every line starts three columns in. */
static void
say(const char *format, ...)
{
	char text[1024], *rest = text, *word;
	size_t column = 0;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	while ((word = strsep(&rest, " ")) != NULL) {
		size_t length = strlen(word);

		if (length == 0)
			continue;
		if (column + length + 1 > 76 || column == 0) {
			printf("%s  ", column == 0 ? "" : "\n");
			column = 0;
		}
		printf(" %s", word);
		column += length + 1;
	}
	putchar('\n');
}

/* Append to a sentence under construction. */
static void
add(char text[1024], const char *format, ...)
{
	size_t length = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + length, 1024 - length, format, args);
	va_end(args);
}

/* Every counter that changed, as it is called in /proc/forkstat. */
static void
say_changes(const struct counters *changes)
{
	char text[1024] = "[";

	for (size_t i = 0; i < changes->count; i++) {
		const struct counter *c = &changes->list[i];

		if (c->value != 0)
			add(text, "%s%s +%llu", text[1] != '\0' ? ", " : "",
			    c->name, c->value);
	}
	say("%s]", text[1] != '\0' ? text : "[no counter moved");
}

static bool
any_change(const struct counters *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		if (changes->list[i].value != 0)
			return true;
	}
	return false;
}

static const char *
plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

static const char *
were(unsigned long long n)
{
	return n == 1 ? " was" : "s were";
}

/*
 * Copies, hand-overs and other repairs between two moments.  `nothing` is what
 * it means when no counter moved at all.
 */
static void
say_writes(const struct counters *changes, const char *who, const char *nothing)
{
	unsigned long long copied = counters_get(changes, "break_copy");
	unsigned long long reused = counters_get(changes, "break_reuse");
	unsigned long long tables = counters_get(changes, "tables_copied");
	char text[1024] = "";

	if (tables > 0)
		add(text, "%llu shared page table%s copied. ", tables,
		    were(tables));
	if (copied > 0)
		add(text, "%llu page%s copied, each at its first write. ",
		    copied, were(copied));
	if (reused > 0)
		add(text,
		    "%llu page%s no other user left: %s got back the right "
		    "to write, without a copy. ",
		    reused, reused == 1 ? " had" : "s had", who);
	if (copied == 0 && reused == 0)
		add(text, "Nothing was copied%s.",
		    any_change(changes) ? "" : nothing);
	say("%s", text);
	say_changes(changes);
}

static void
say_fork(const struct counters *changes)
{
	unsigned long long seen = counters_get(changes, "leaves_seen");
	unsigned long long copied =
		counters_get(changes, "pages_copied_at_fork");
	unsigned long long shared = counters_get(changes, "pages_shared");
	unsigned long long tables = counters_get(changes, "tables_shared");
	unsigned long long stripped = counters_get(changes, "w_stripped");
	unsigned long long own = counters_get(changes, "break_copy");
	char text[1024] = "";

	add(text, "Fork visited %llu page-table leaves%s. ", seen,
	    seen >= PAGES ? ": mine and those of my program, libc and stack"
			  : "");
	if (copied > 0)
		add(text, "It copied %llu page%s at once", copied,
		    plural(copied));
	else
		add(text, "It copied nothing");
	if (shared > 0)
		add(text, "; %llu page%s now shared", shared,
		    shared == 1 ? " is" : "s are");
	if (tables > 0)
		add(text, "; %llu page table%s now shared", tables,
		    tables == 1 ? " is" : "s are");
	if (stripped > 0)
		add(text,
		    ". %llu %s lost the right to write, so that the first "
		    "write reaches the kernel",
		    stripped, stripped == 1 ? "leaf" : "leaves");
	say("%s.", text);
	if (own > 0)
		say("Since then I ran on, and that alone copied %llu page%s of "
		    "my stack and variables.",
		    own, plural(own));
	say_changes(changes);
}

static void
say_bytes(const char *who, const unsigned char *byte)
{
	printf("   %-12s", who);
	for (int i = 0; i < 2 * WRITTEN; i++)
		printf(" %c", byte[i]);
	printf(" ... ");
	for (int i = PAGES - 2 * WRITTEN; i < PAGES; i++)
		printf(" %c", byte[i]);
	putchar('\n');
}

/* ---- The two processes ---- */

/* Wait for a byte, which means the next step, or for the end of the pipe. */
static void
wait_for_parent(int go)
{
	char c;

	while (read(go, &c, 1) < 0 && errno == EINTR)
		;
}

static void
look_at_all(unsigned char byte[PAGES])
{
	for (int i = 0; i < PAGES; i++)
		byte[i] = array[(size_t)i * PAGE];
}

_Noreturn static void
child(int tell, int go)
{
	memset(&report, 0, sizeof(report)); /* again: it is shared now */
	take(report.read);
	take(report.wrote);
	take_settled(report.start);
	report.strange += count_strange(0, PAGES, 'p');
	take(report.read);
	fill(0, WRITTEN, 'c');
	take(report.wrote);
	if (write_all(tell, &report, sizeof(report)) != 0)
		_exit(1);
	wait_for_parent(go);
	look.strange = count_strange(0, WRITTEN, 'c') +
		       count_strange(WRITTEN, PAGES - WRITTEN, 'p');
	look_at_all(look.byte);
	if (write_all(tell, &look, sizeof(look)) != 0)
		_exit(1);
	/* Stay alive, so that the pages stay shared. */
	wait_for_parent(go);
	_exit(0);
}

static void
hear(int fd, void *data, size_t size)
{
	size_t length = 0;

	while (length < size) {
		ssize_t got = read(fd, (char *)data + length, size - length);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			die_as("the child exited without a report");
		length += (size_t)got;
	}
}

static void
prepare(void)
{
	have_counters = access("/proc/self/forkstat", R_OK) == 0;
	read_small_file("/proc/self/fork_strategy", strategy, sizeof(strategy));
	strategy[strcspn(strategy, "\n")] = '\0';
	array = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (array == MAP_FAILED)
		die("mmap");
	memset(moment, 0, sizeof(moment)); /* touch it before measuring */
	memset(&report, 0, sizeof(report));
	if (!have_counters)
		puts("This kernel has no /proc/self/forkstat: no counters, "
		     "but the bytes are real.\n");
}

static void
say_step(int number, const char *what)
{
	printf("%d. %s\n", number, what);
}

/* Step 1: the parent gets its pages. */
static void
fill_step(void)
{
	struct counters changes;

	say_step(1, "I ask for 64 pages (256 KiB) and write 'p' into "
		    "every byte.");
	fflush(stdout);
	take_settled(moment[BEFORE]);
	fill(0, PAGES, 'p');
	take(moment[FILLED]);
	counters_difference(&changes, moment[BEFORE], moment[FILLED]);
	if (have_counters)
		say_changes(&changes);
}

/* Step 2: fork.  Returns with the child's report in `report`. */
static pid_t
fork_step(int *from, int *go)
{
	int tell[2], leave[2];
	struct counters changes;
	pid_t pid;

	printf("2. I fork%s%s.\n", strategy[0] != '\0' ? ", under " : "",
	       strategy);
	fflush(stdout);
	if (pipe(tell) != 0 || pipe(leave) != 0)
		die("pipe");
	take_settled(moment[FORKING]);
	pid = fork();
	if (pid == 0) {
		close(tell[0]);
		close(leave[1]);
		child(tell[1], leave[0]);
	}
	if (pid < 0)
		die("fork");
	take(moment[FORKED]);
	close(tell[1]);
	close(leave[0]);
	hear(tell[0], &report, sizeof(report));
	*from = tell[0];
	*go = leave[1];
	counters_difference(&changes, moment[FORKING], moment[FORKED]);
	if (have_counters)
		say_fork(&changes);
	return pid;
}

/* Steps 3 and 4: what the child did. */
static int
child_steps(void)
{
	struct counters changes;

	say_step(3, "The child reads all 64 pages.");
	counters_difference(&changes, report.start, report.read);
	if (have_counters)
		say_writes(&changes, "the child",
			   ": what is only read can stay as it is");
	say_step(4, "The child writes 'c' into the first 3 pages.");
	counters_difference(&changes, report.read, report.wrote);
	if (have_counters)
		say_writes(&changes, "the child",
			   ": the child had the right to write already");
	return report.strange + count_strange(0, PAGES, 'p');
}

/* The parent writes, and says what that did between two moments. */
static void
write_pages(int first, int count, int letter, char *before, char *after)
{
	struct counters changes;

	take(after);
	take_settled(before);
	fill(first, count, letter);
	take(after);
	counters_difference(&changes, before, after);
	if (have_counters)
		say_writes(&changes, "I", ": I had the right to write already");
}

/* Steps 5 and 6: the parent writes beside the child, and both look. */
static int
beside_steps(int from, int go)
{
	unsigned char mine[PAGES];

	say_step(5, "The child lives; I write 'q' into the last 3 pages.");
	fflush(stdout);
	write_pages(LAST, WRITTEN, 'q', moment[LIVING], moment[BESIDE]);
	if (write_all(go, "", 1) != 0)
		die("write");
	hear(from, &look, sizeof(look));
	close(from);
	say_step(6, "Each looks at its memory: the first byte of pages "
		    "0 to 5 and 58 to 63.");
	look_at_all(mine);
	say_bytes("parent", mine);
	say_bytes("child", look.byte);
	return look.strange + count_strange(0, LAST, 'p') +
	       count_strange(LAST, WRITTEN, 'q');
}

/* Step 7: the child goes, the parent writes. */
static int
alone_step(pid_t pid, int go)
{
	int status;

	say_step(7, "The child exits; then I write 'r' into all 64 pages.");
	fflush(stdout);
	close(go);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			die("waitpid");
	}
	if (status != 0)
		die_as("the child exited with wait status 0x%x",
		       (unsigned)status);
	write_pages(0, PAGES, 'r', moment[ALONE], moment[WROTE]);
	return count_strange(0, PAGES, 'r');
}

/* ---- At the end ---- */

static void
summary_row(const char *what, const char *at_fork, const char *later)
{
	static const char *const steps[][2] = {
		{ moment[FORKING], moment[FORKED] },
		{ report.start, report.read },
		{ report.read, report.wrote },
		{ moment[LIVING], moment[BESIDE] },
		{ moment[ALONE], moment[WROTE] },
	};
	struct counters changes;

	printf("   %-20s", what);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		const char *name = i == 0 ? at_fork : later;

		counters_difference(&changes, steps[i][0], steps[i][1]);
		if (name != NULL)
			printf(" %10llu", counters_get(&changes, name));
		else
			printf(" %10s", "-");
	}
	putchar('\n');
}

/* Some other strategy of this kernel; false when there is none. */
static bool
other_strategy(char name[32])
{
	char text[4096], *rest = text, *line;

	read_small_file("/proc/fork_strategies", text, sizeof(text));
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (sscanf(line, "%31s", name) == 1 &&
		    strcmp(name, strategy) != 0)
			return true;
	}
	return false;
}

static void
summary(void)
{
	char name[32];

	printf("\n   %-20s %10s %10s %10s %10s %10s\n"
	       "   %-20s %10s %10s %10s %10s %10s\n",
	       "", "", "child", "child", "parent", "then", strategy, "fork",
	       "reads", "writes", "writes", "alone");
	summary_row("pages copied", "pages_copied_at_fork", "break_copy");
	summary_row("pages left shared", "pages_shared", NULL);
	summary_row("kept without a copy", NULL, "break_reuse");
	if (other_strategy(name))
		printf("\nThe same under another strategy:  "
		       "forkctl %s forkdemo\n",
		       name);
}

/* ---- Promises ---- */

#define POLICY_FILE "/proc/sys/vm/overcommit_memory"

static void
set_policy(int number)
{
	FILE *f = fopen(POLICY_FILE, "we");

	if (f == NULL || fprintf(f, "%d", number) < 0 || fclose(f) != 0)
		die(POLICY_FILE);
}

/* MiB of memory the machine has. */
static size_t
memory(void)
{
	char text[COUNTERS_TEXT];
	size_t kilobytes;

	if (read_small_file("/proc/meminfo", text, sizeof(text)) < 0 ||
	    sscanf(text, "MemTotal: %zu", &kilobytes) != 1)
		die("/proc/meminfo");
	return kilobytes / 1024;
}

/* What comes of a fork with this much filled; the child reads all of it. */
static const char *
try_fork(const char *filled, size_t size)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return strerror(errno);
	if (pid == 0) {
		for (size_t i = 0; i < size; i += PAGE) {
			if (filled[i] != 'p')
				_exit(1);
		}
		_exit(0);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			die("waitpid");
	}
	return status == 0 ? "a child, which reads all of it"
			   : "a child, which exits too early";
}

/* Fork with most of memory filled, under each policy for promises. */
static void
show_promises(void)
{
	static const char *const policies[] = { "heuristic", "always",
						"strict" };
	size_t all = memory(), size = (all * 6 / 10) << 20;
	char *filled = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char before[16];

	if (filled == MAP_FAILED)
		die("mmap");
	if (read_small_file(POLICY_FILE, before, sizeof(before)) < 0)
		die(POLICY_FILE);
	printf("I fill %zu MiB of %zu MiB and fork, under %s.\n", size >> 20,
	       all, strategy);
	fflush(stdout);
	memset(filled, 'p', size);
	for (int i = 0; i < 3; i++) {
		set_policy(i);
		printf("   %-9s  %s\n", policies[i], try_fork(filled, size));
		fflush(stdout);
	}
	set_policy(atoi(before));
}

int
main(int argc, char **argv)
{
	bool promises = false;
	int strange, from, go;
	pid_t pid;

	prog_init(argv, "[-p]\n"
			"Shows what one fork shares and what writes copy.\n"
			"  -p  instead: try to fork with most of memory in "
			"use, under each policy");
	while (prog_option(argc, argv, "p") != -1)
		promises = true;
	if (optind < argc)
		prog_usage();
	prepare();
	if (promises) {
		show_promises();
		return prog_end();
	}
	fill_step();
	pid = fork_step(&from, &go);
	strange = child_steps();
	strange += beside_steps(from, go);
	strange += alone_step(pid, go);
	if (have_counters)
		summary();
	if (strange == 0)
		puts("\nEach side saw only its own bytes, in all 64 pages.");
	else
		complain_as("%d pages held bytes of the other process",
			    strange);
	return prog_end();
}
