/* SPDX-License-Identifier: MIT */
/*
 * procfs/memory.c - the files of /proc about the memory of the whole machine.
 *
 * Each function runs in process context and may sleep; without memory for a
 * text it fails with -ENOMEM.
 */
#include "arch/kstack.h"
#include "arch/page.h"
#include "check/audit.h"
#include "check/trace.h"
#include "fs/init.h"
#include "fs/pagecache.h"
#include "kernel/hart.h"
#include "kernel/mutex.h"
#include "kernel/thread.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/fork/registry.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/space_list.h"
#include "procfs/show.h"

#define AUDIT_TEXT  4096u
#define STAT_TEXT   2048u
#define DROP_PASSES 20u
#define DROP_PAUSE  2000000u /* ns */

struct frame_census {
	uint64_t anon, tables;
};

/* Count the frames of each kind in a scan, since no running totals are kept. */
static struct frame_census
take_census(void)
{
	struct frame_census c = { 0, 0 };

	for (uint64_t i = 0; i < frame_count; i++) {
		uint64_t word = frame_word(&frame_table[i]);

		if (frame_refs_in(word) == 0)
			continue;
		c.anon += (word & FRAME_ANON) != 0;
		c.tables += (word & (FRAME_TABLE | FRAME_UPPER)) != 0;
	}
	return c;
}

static void
line(struct textbuf *out, const char *name, uint64_t pages)
{
	char label[24];
	size_t n = str_copy(label, name, sizeof(label));

	label[n++] = ':';
	label[n] = '\0';
	tb_printf(out, "%-16s%8lu kB\n", label, pages * (PAGE_SIZE / 1024));
}

int
show_meminfo(struct textbuf *out, const struct proc_node *node)
{
	struct frame_census census = take_census();
	struct pagecache_stats cache;
	uint64_t committed, limit;
	struct frame_stats st;

	frame_get_stats(&st);
	pagecache_get_stats(&cache);
	commit_get(&committed, &limit);
	line(out, "MemTotal", st.total - st.reserved);
	line(out, "MemFree", st.free);
	line(out, "MemAvailable", st.free + cache.cached - cache.dirty);
	line(out, "Buffers", 0);
	line(out, "Cached", cache.cached + cache.in_memory);
	line(out, "Shmem", cache.in_memory);
	line(out, "Dirty", cache.dirty);
	line(out, "AnonPages", census.anon);
	line(out, "Slab", slab_pages());
	line(out, "KernelStack", (uint64_t)kstack_in_use() * KSTACK_PAGES);
	line(out, "PageTables", census.tables);
	line(out, "SwapTotal", 0);
	line(out, "SwapFree", 0);
	line(out, "CommitLimit", limit);
	line(out, "Committed_AS", committed);
	return 0;
}

int
print_counters(struct textbuf *out, struct fork_counters *c)
{
	char *text = kmalloc(STAT_TEXT);

	if (text == NULL)
		return -ENOMEM;
	(void)forkstat_format(c, text, STAT_TEXT);
	tb_printf(out, "%s", text);
	kfree(text);
	return 0;
}

int
show_forkstat(struct textbuf *out, const struct proc_node *node)
{
	struct fork_counters sum;
	struct frame_stats st;
	int err;

	space_counters(&sum, false);
	err = print_counters(out, &sum);
	frame_get_stats(&st);
	tb_printf(out, "frames_peak %lu\nframes_at_reset %lu\nspin_waits %lu\n",
		  st.total - st.least, st.total - st.at_reset, spin_waits);
	return err;
}

/* Reset the frame figures and, unless the text is "peak", all counters. */
int
write_forkstat(const char *data, size_t n, const struct proc_node *node)
{
	struct fork_counters ignored;

	frame_reset_least();
	if (n < 4 || memcmp(data, "peak", 4) != 0)
		space_counters(&ignored, true);
	return 0;
}

int
show_strategies(struct textbuf *out, const struct proc_node *node)
{
	const struct fork_strategy *st;

	for (unsigned i = 0; (st = fork_strategy_at(i)) != NULL; i++)
		tb_printf(out, "%s %s %s\n", fork_strategy_name(st),
			  st == fork_strategy_default(NULL) ? "*" : "-",
			  fork_strategy_summary(st));
	return 0;
}

int
show_audit(struct textbuf *out, const struct proc_node *node)
{
	char *text = kmalloc(AUDIT_TEXT);
	int n;

	if (text == NULL)
		return -ENOMEM;
	n = audit_run(text, AUDIT_TEXT);
	if (n >= 0)
		tb_printf(out, "%s", text);
	kfree(text);
	return MIN(n, 0);
}

static struct mutex trace_lock = MUTEX_INIT(trace_lock, LOCK_TRACE);

/* Print one line for each event, hart by hart. */
int
show_trace(struct textbuf *out, const struct proc_node *node)
{
	struct trace_event e;

	mutex_lock(&trace_lock);
	tb_printf(out, "%s, %lu lost\n", forktrace_on ? "on" : "off",
		  forktrace_lost());
	for (unsigned hart = 0; hart < hart_count; hart++)
		for (uint64_t i = 0; forktrace_get(hart, i, &e); i++)
			tb_printf(out, "%lu.%06lu hart %u thread %u %s %lu\n",
				  e.time / 1000000000, e.time / 1000 % 1000000,
				  hart, e.tid, forkstat_name(e.which), e.n);
	mutex_unlock(&trace_lock);
	return 0;
}

int
write_trace(const char *data, size_t n, const struct proc_node *node)
{
	int err = 0;

	mutex_lock(&trace_lock);
	if (proc_is_word(data, n, "on"))
		err = forktrace_start();
	else if (proc_is_word(data, n, "off"))
		forktrace_stop();
	else if (proc_is_word(data, n, "free"))
		forktrace_free();
	else
		err = -EINVAL;
	mutex_unlock(&trace_lock);
	return err;
}

static _Atomic uint64_t free_when_dropped; /* bytes, at the last drop */

/*
 * Free memory in bytes.  Cached pages and unused slab objects count as free: so
 * the result does not depend on program pages that have just been read again,
 * or on the positions of objects in their slabs.
 */
static uint64_t
free_bytes(void)
{
	struct pagecache_stats cache;
	struct frame_stats st;

	frame_get_stats(&st);
	pagecache_get_stats(&cache);
	return (st.free + cache.cached) * PAGE_SIZE + slab_unused();
}

/*
 * Evict or free everything that can be read or built again.  A page that is
 * being read is evicted in the next pass.  The free memory is recorded here,
 * because the writer's own next instruction may read a page of its program
 * again.
 */
int
write_drop_caches(const char *data, size_t n, const struct proc_node *node)
{
	uint64_t before, now = 0;
	unsigned passes = 0;

	do {
		before = now;
		thread_sleep(DROP_PAUSE);
		vfs_drop_caches();
		kstack_drain();
		(void)slab_shrink();
		now = free_bytes();
	} while (now != before && ++passes < DROP_PASSES);
	free_when_dropped = now;
	return 0;
}

/* Print the free memory after the last drop, to compare two points in time. */
int
show_drop_caches(struct textbuf *out, const struct proc_node *node)
{
	tb_printf(out, "%lu bytes\n", free_when_dropped);
	return 0;
}
