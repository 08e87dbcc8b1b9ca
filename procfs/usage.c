/* SPDX-License-Identifier: MIT */
/*
 * procfs/usage.c - what harts, processes and users use: stat, loadavg, uptime,
 * users, and limits in sys/.
 *
 * Each function runs in process context and may sleep.  The figures of other
 * harts may change meanwhile.
 */
#include "arch/clock.h"
#include "fs/fd.h"
#include "kernel/load.h"
#include "kernel/schedstat.h"
#include "lib/errno.h"
#include "mm/user.h"
#include "proc/process.h"
#include "procfs/show.h"
#define TICK (NSEC_PER_SEC / 100) /* /proc counts in 1/100 s */

static void
print_cpu(struct textbuf *out, const struct sched_times *t)
{
	tb_printf(out, "%lu 0 %lu %lu 0 0 0 0 0 0\n", t->busy_user / TICK,
		  t->busy_sys / TICK, t->idle / TICK);
}

int
show_stat(struct textbuf *out, const struct proc_node *node)
{
	struct sched_times sum = { 0, 0, 0 }, one;
	unsigned running = sched_load();
	struct sched_counts counts;

	sched_get_counts(&counts);
	for (unsigned i = 0; i < hart_count; i++) {
		sched_get_times(i, &one);
		sum.busy_user += one.busy_user;
		sum.busy_sys += one.busy_sys;
		sum.idle += one.idle;
	}
	tb_printf(out, "cpu  ");
	print_cpu(out, &sum);
	for (unsigned i = 0; i < hart_count; i++) {
		if (!harts[i].online)
			continue;
		sched_get_times(i, &one);
		tb_printf(out, "cpu%u ", i);
		print_cpu(out, &one);
	}
	tb_printf(out,
		  "ctxt %lu\nbtime %lu\nprocesses %lu\nprocs_running %u\n"
		  "procs_blocked 0\n",
		  counts.switches, (time_real() - time_now()) / NSEC_PER_SEC,
		  process_forks, running);
	return 0;
}

int
show_loadavg(struct textbuf *out, const struct proc_node *node)
{
	for (unsigned i = 0; i < LOAD_AVERAGES; i++) {
		/* The average in hundredths, rounded. */
		uint64_t n = (load_average(i) * 100 + (1 << LOAD_SHIFT) / 2) >>
			     LOAD_SHIFT;

		tb_printf(out, "%lu.%02lu ", n / 100, n % 100);
	}
	tb_printf(out, "%u/%u %lu\n", sched_load(), task_count,
		  process_forks + 1);
	return 0;
}

/* Print the seconds since boot, and the idle seconds of all harts together. */
int
show_uptime(struct textbuf *out, const struct proc_node *node)
{
	uint64_t up = time_now() / TICK, idle = 0;
	struct sched_times t;

	for (unsigned i = 0; i < hart_count; i++) {
		sched_get_times(i, &t);
		idle += t.idle;
	}
	idle /= TICK;
	tb_printf(out, "%lu.%02lu %lu.%02lu\n", up / 100, up % 100, idle / 100,
		  idle % 100);
	return 0;
}

int
show_pid_max(struct textbuf *out, const struct proc_node *node)
{
	tb_printf(out, "%d\n", PID_MAX);
	return 0;
}

int
write_nr_open(const char *data, size_t n, const struct proc_node *node)
{
	uint64_t most;

	if (!proc_parse_number(data, n, &most) || most < 64 || most > FD_MAX)
		return -EINVAL;
	process_nofile_most = most;
	return 0;
}

/* Print the kernel resources charged to each user: docs/limits.md. */
int
show_users(struct textbuf *out, const struct proc_node *node)
{
	uint64_t holds[USER_KINDS];

	tb_printf(out, "       uid tasks signals pipe-pages files vmas "
		       "text-pages tables\n");
	for (uint32_t uid = 0; user_next(&uid, holds); uid++) {
		tb_printf(out, "%10u %5lu %7lu %10lu %5lu %4lu %10lu %6lu\n",
			  uid, holds[USER_TASKS], holds[USER_SIGNALS],
			  holds[USER_PIPES], holds[USER_FILES],
			  holds[USER_VMAS], holds[USER_TEXTS],
			  holds[USER_TABLES]);
		if (uid == UINT32_MAX)
			break;
	}
	return 0;
}

int
show_counts(struct textbuf *out, const struct proc_node *node)
{
	tb_printf(out, "%d\n", clock_counts());
	return 0;
}
