/* SPDX-License-Identifier: MIT */
/*
 * core/proc.c - the files of /proc that forkdemo and the tests of fork read.
 *
 * forkdemo reads the process's fork strategy, the list of strategies and the
 * fork counters; a test reads the audit of memory and how much memory is free.
 */
#include "arch/kstack.h"
#include "check/audit.h"
#include "core/files.h"
#include "fs/abi.h"
#include "kernel/thread.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/fork/registry.h"
#include "mm/forkstat.h"
#include "mm/frame.h"
#include "mm/slab.h"
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
		n += (size_t)snprintf(
			buf + n, size - n, "%s %s %s\n", fork_strategy_name(s),
			s == fork_strategy_default(NULL) ? "*" : "-",
			fork_strategy_summary(s));
	return n;
}

static size_t
counters_text(char *buf, size_t size)
{
	return forkstat_format(&thread_current()->space->counters, buf, size);
}

static size_t
audit_text(char *buf, size_t size)
{
	return audit_run(buf, size) < 0 ? 0 : strlen(buf);
}

static size_t
meminfo_text(char *buf, size_t size)
{
	struct frame_stats st;
	uint64_t committed, limit;

	frame_get_stats(&st);
	commit_get(&committed, &limit);
	return (size_t)snprintf(buf, size,
				"MemTotal: %lu kB\nCommitted_AS: %lu kB\n",
				(st.total - st.reserved) * (PAGE_SIZE / 1024),
				committed * (PAGE_SIZE / 1024));
}

/* Let slabs and kernel stacks return unused pages; write the free bytes. */
static size_t
free_text(char *buf, size_t size)
{
	struct frame_stats st;
	uint64_t before = 0;

	for (;;) {
		kstack_drain();
		(void)slab_shrink();
		frame_get_stats(&st);
		if (st.free == before)
			break;
		before = st.free;
		thread_sleep(NSEC_PER_SEC / 1000);
	}
	return (size_t)snprintf(buf, size, "%lu\n", st.free * PAGE_SIZE);
}

#define TEXT_FILE(name, function, write)                           \
	{                                                          \
		.path = name, .text = function, .writable = write, \
		.inode = { .mode = S_IFREG | 0444,                 \
			   .sb = &core_sb,                         \
			   .refs = 1 },                            \
	}

struct core_file core_proc_files[] = {
	TEXT_FILE("/proc/self/fork_strategy", strategy_text, false),
	TEXT_FILE("/proc/fork_strategies", strategies_text, false),
	TEXT_FILE("/proc/self/forkstat", counters_text, false),
	/* Files for the tests in tests/user. */
	TEXT_FILE("/proc/forkstat", counters_text, false),
	TEXT_FILE("/proc/meminfo", meminfo_text, false),
	TEXT_FILE("/proc/mm/audit", audit_text, false),
	TEXT_FILE("/proc/sys/vm/drop_caches", free_text, true),
	{ .path = NULL },
};
