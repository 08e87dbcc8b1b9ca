/* SPDX-License-Identifier: MIT */
/*
 * core/proc.c - the files of /proc that forkdemo reads: which fork strategy the
 * process has, which there are, and the fork counters.
 */
#include "core/files.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/forkstat.h"
#include "mm/space.h"

static size_t
strategy_text(char *buf, size_t size)
{
	struct space *s = thread_current()->space;

	return (size_t)snprintf(buf, size, "%s\n",
				fork_strategy_name(s->strategy));
}

static size_t
strategies_text(char *buf, size_t size)
{
	const struct fork_strategy *s;
	size_t n = 0;

	for (unsigned i = 0; (s = fork_strategy_at(i)) != NULL; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s %s %s\n",
				      fork_strategy_name(s),
				      s == fork_strategy_default(NULL) ? "*"
								       : "-",
				      fork_strategy_summary(s));
	return n;
}

static size_t
counters_text(char *buf, size_t size)
{
	return forkstat_format(&thread_current()->space->counters, buf, size);
}

#define TEXT_FILE(name, function)                                      \
	{                                                              \
		.path = name, .text = function,                        \
		.inode = { .mode = S_IFREG | 0444, .sb = &core_sb,     \
			   .refs = 1 },                                \
	}

struct core_file core_proc_files[] = {
	TEXT_FILE("/proc/self/fork_strategy", strategy_text),
	TEXT_FILE("/proc/fork_strategies", strategies_text),
	TEXT_FILE("/proc/self/forkstat", counters_text),
	{ .path = NULL },
};
