/* SPDX-License-Identifier: MIT */
/*
 * forkctl - see and choose how fork() copies memory.
 *
 * Everything goes through files: /proc/fork_strategies lists what the kernel
 * has, /proc/PID/fork_strategy is what one process runs under, and a name
 * written to /proc/self/fork_strategy takes effect at the next execve.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forkctl.h"
#include "lib/counters.h"
#include "lib/ulib.h"

/* A counter means nothing to a newcomer without a word of explanation. */
static const char *const meanings[][2] = {
	{ "forks", "forks that succeeded" },
	{ "fork_fail", "forks that failed" },
	{ "leaves_seen", "page-table leaves visited by fork" },
	{ "pages_copied_at_fork", "pages copied inside fork" },
	{ "pages_shared", "pages of private mappings left shared by fork" },
	{ "tables_alloc", "page tables allocated" },
	{ "tables_shared", "leaf tables left shared by fork" },
	{ "tables_copied", "shared leaf tables copied later" },
	{ "tables_reused", "shared leaf tables kept by their last user, no "
			   "copy" },
	{ "w_stripped", "leaves that lost W in the parent at fork" },
	{ "break_copy", "first writes to a shared page: copied" },
	{ "break_reuse", "first writes by the sole owner: no copy" },
	{ "break_zero", "first writes over the zero page" },
	{ "break_file", "first writes to a private file page" },
	{ "fill_zero", "anonymous pages mapped on first use" },
	{ "fill_file", "file pages mapped on first use" },
	{ "pin_copies", "pages copied at fork because they were pinned" },
	{ "hot_copies", "pages copied at fork because they looked hot" },
	{ "hot_hits", "hot copies that were written again" },
	{ "spurious", "spurious faults: the leaf was already right" },
	{ "flush_local", "TLB flushes on this hart" },
	{ "flush_remote", "TLB flushes that interrupted other harts" },
	{ "harts_interrupted", "harts interrupted by remote TLB flushes" },
	{ "settle_enomem", "deferred copies that failed: out of memory" },
	{ "fork_instret", "instructions spent inside fork" },
	{ "frames_peak", "most page frames in use at once" },
	{ "frames_at_reset", "page frames in use at the last reset" },
};

static const char *
meaning_of(const char *name)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (strcmp(meanings[i][0], name) == 0)
			return meanings[i][1];
	}
	return "";
}

void
proc_path(char path[64], const char *pid, const char *file)
{
	if (strcmp(pid, "self") != 0)
		number_or_die(pid, 1);
	snprintf(path, 64, "/proc/%.20s/%s", pid, file);
}

void
read_or_die(const char *path, char *text, size_t size)
{
	if (read_small_file(path, text, size) >= 0)
		return;
	if (errno == ENOENT && access("/proc/fork_strategies", F_OK) != 0)
		die_as("%s: this kernel has no fork strategies", path);
	die(path);
}

void
read_strategy(const char *pid, char name[64])
{
	char path[64];

	proc_path(path, pid, "fork_strategy");
	read_or_die(path, name, 64);
	name[strcspn(name, "\n")] = '\0';
}

/* Lines "NAME MARK SUMMARY", the mark of the default being a star. */
static void
print_strategies(FILE *to)
{
	char text[4096], *rest = text, *line;

	read_or_die("/proc/fork_strategies", text, sizeof(text));
	while ((line = strsep(&rest, "\n")) != NULL) {
		char *name = strsep(&line, " ");
		char *mark = strsep(&line, " ");

		if (mark != NULL)
			fprintf(to, "%c %-10s %s\n",
				strcmp(mark, "*") == 0 ? '*' : ' ', name,
				line != NULL ? line : "");
	}
}

static void
list(void)
{
	char shell[24], name[64];

	print_strategies(stdout);
	snprintf(shell, sizeof(shell), "%ld", (long)getppid());
	read_strategy(shell, name);
	printf("\n* is the default since boot; this shell runs under %s.\n",
	       name);
}

static void
show(const char *pid)
{
	char name[64];

	read_strategy(pid, name);
	puts(name);
}

static void
print_counters(const char *pid)
{
	char path[64] = "/proc/forkstat", text[COUNTERS_TEXT];
	struct counters counters;

	if (pid != NULL && strcmp(pid, "reset") == 0) {
		if (write_small_file(path, "0\n") != 0)
			die(path);
		return;
	}
	if (pid != NULL)
		proc_path(path, pid, "forkstat");
	read_or_die(path, text, sizeof(text));
	counters_parse(&counters, text);
	for (size_t i = 0; i < counters.count; i++) {
		const struct counter *c = &counters.list[i];

		/* A kernel that cannot count them says 0. */
		if (c->value == 0 && strcmp(c->name, "fork_instret") == 0)
			continue;
		printf("%-20s %12llu  %s\n", c->name, c->value,
		       meaning_of(c->name));
	}
}

_Noreturn static void
run(const char *name, char **argv)
{
	const char *file = "/proc/self/fork_strategy";
	bool chosen = write_small_file(file, name) == 0;

	if (!chosen && errno == EINVAL) {
		complain_as("%s: no such fork strategy; available:", name);
		print_strategies(stderr);
		exit(2);
	}
	if (!chosen && errno == ENOENT)
		die_as("%s: this kernel has no fork strategies", file);
	if (!chosen)
		die(file);
	execvp(argv[0], argv);
	prog_failure = errno == ENOENT ? 127 : 126;
	die(argv[0]);
}

int
main(int argc, char **argv)
{
	const char *word;

	prog_init(argv, "list                     "
			"list the fork strategies\n"
			"       forkctl NAME PROGRAM [ARG...]    "
			"run PROGRAM under strategy NAME\n"
			"       forkctl show [PID]               "
			"show the strategy of a process\n"
			"       forkctl stat [PID | reset]       "
			"show or reset the counters\n"
			"       forkctl explain PID ADDRESS      "
			"show tables, frame and sharers of a page\n"
			"       forkctl compare PROGRAM [ARG...] "
			"run PROGRAM under each strategy\n"
			"       forkctl measure COUNT SECONDS NAME PROGRAM "
			"[ARG...]  what ./tine sweep runs");
	prog_option(argc, argv, "+");
	argc -= optind;
	argv += optind;
	word = argc > 0 ? argv[0] : "";
	if (argc == 1 && strcmp(word, "list") == 0) {
		list();
	} else if (argc > 0 && argc < 3 && strcmp(word, "show") == 0) {
		show(argc > 1 ? argv[1] : "self");
	} else if (argc > 0 && argc < 3 && strcmp(word, "stat") == 0) {
		print_counters(argc > 1 ? argv[1] : NULL);
	} else if (strcmp(word, "explain") == 0) {
		if (argc != 3)
			prog_usage();
		explain(argv[1], argv[2]);
	} else if (argc > 1 && strcmp(word, "compare") == 0) {
		compare(argv + 1);
	} else if (argc > 4 && strcmp(word, "measure") == 0) {
		measure(argv[1], argv[2], argv[3], argv + 4);
	} else if (argc > 1) {
		run(word, argv + 1);
	} else {
		prog_usage();
	}
	return prog_end();
}
