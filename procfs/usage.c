/* SPDX-License-Identifier: MIT */
/*
 * procfs/usage.c - /proc/stat, loadavg, uptime, users and some of sys/, and
 * the lookup of processes for procfs.
 *
 * procfs_init() registers the files at boot, and the functions by which
 * procfs finds processes.  The callbacks run in process context and may sleep;
 * those that look up a process take proc_lock.
 */
#include "procfs/files.h"

#include "arch/clock.h"
#include "fs/fd.h"
#include "procfs/procfs.h"
#include "procfs/machine.h"
#include "lib/errno.h"
#include "mm/space.h"
#include "mm/user.h"
#include "proc/process.h"
#include "procfs/memory.h"

#define TICK (NSEC_PER_SEC / 100) /* /proc counts in 1/100 s */

static void
print_cpu(struct textbuf *out, const struct sched_times *t)
{
	tb_printf(out, "%lu 0 %lu %lu 0 0 0 0 0 0\n", t->busy_user / TICK,
		  t->busy_sys / TICK, t->idle / TICK);
}

static int
show_stat(struct textbuf *out, void *arg)
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

static int
show_loadavg(struct textbuf *out, void *arg)
{
	for (unsigned i = 0; i < LOAD_AVERAGES; i++) {
		/* In hundredths, rounded. */
		uint64_t n = (load_average(i) * 100 + (1 << LOAD_SHIFT) / 2) >>
			     LOAD_SHIFT;

		tb_printf(out, "%lu.%02lu ", n / 100, n % 100);
	}
	tb_printf(out, "%u/%u %lu\n", sched_load(), task_count,
		  process_forks + 1);
	return 0;
}

/* Seconds since boot, and idle seconds of all harts together. */
static int
show_uptime(struct textbuf *out, void *arg)
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

static int
show_pid_max(struct textbuf *out, void *arg)
{
	tb_printf(out, "%d\n", PID_MAX);
	return 0;
}

static int
write_nr_open(const char *data, size_t n, void *arg)
{
	uint64_t most;

	if (!procfs_parse_number(data, n, &most) || most < 64 || most > FD_MAX)
		return -EINVAL;
	process_nofile_most = most;
	return 0;
}

/* Set the limit per user for one kind of resource. */
static int
write_user_most(const char *data, size_t n, void *arg)
{
	uint64_t most;

	if (!procfs_parse_number(data, n, &most))
		return -EINVAL;
	*(_Atomic uint64_t *)arg = most;
	return 0;
}

/* Print the kernel resources charged to each user: docs/limits.md. */
static int
show_users(struct textbuf *out, void *arg)
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

static bool
next_pid(pid_t after, pid_t *out)
{
	struct process *p;

	spin_lock(&proc_lock);
	p = process_after(after);
	if (p != NULL)
		*out = process_pid(p);
	spin_unlock(&proc_lock);
	return p != NULL;
}

static bool
pid_owner(pid_t pid, bool top, uint32_t *uid, uint32_t *gid)
{
	struct process *p;

	*uid = *gid = 0;
	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p != NULL && (top || (p->space != NULL && p->space->dumpable))) {
		*uid = p->main->thread.cred.euid;
		*gid = p->main->thread.cred.egid;
	}
	spin_unlock(&proc_lock);
	return p != NULL;
}

/*
 * The image of a process; -EACCES if `inside` and the thread may not inspect
 * the process.  A zombie has no space, so there is nothing to protect.
 */
static int
pid_image(pid_t pid, bool inside, uint64_t *image)
{
	struct process *p;
	int err = 0;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p == NULL)
		err = -ESRCH;
	else if (inside && p->space != NULL && !process_may_reach(p, true))
		err = -EACCES;
	else
		*image = p->image;
	spin_unlock(&proc_lock);
	return err;
}

static struct space *
pid_space(pid_t pid, uint64_t image)
{
	struct space *s = NULL;
	struct process *p;

	spin_lock(&proc_lock);
	p = process_lookup(pid);
	if (p != NULL && p->image == image)
		s = process_space(p);
	spin_unlock(&proc_lock);
	return s;
}

static int
show_counts(struct textbuf *out, void *arg)
{
	tb_printf(out, "%d\n", clock_counts());
	return 0;
}

void
procfs_init(void)
{
	static const struct procfs_processes processes = {
		.next = next_pid,
		.owner = pid_owner,
		.image = pid_image,
		.space = pid_space,
	};

	procinfo_init();
	procmem_init();
	procfs_set_processes(&processes);
	procfs_register_file("stat", show_stat, NULL, NULL);
	procfs_register_file("uptime", show_uptime, NULL, NULL);
	procfs_register_file("loadavg", show_loadavg, NULL, NULL);
	procfs_register_file("sys/fs/nr_open", procfs_show_number,
			     write_nr_open, &process_nofile_most);
	procfs_register_file("sys/kernel/user_files", procfs_show_number,
			     write_user_most, &user_most[USER_FILES]);
	procfs_register_file("sys/kernel/user_vmas", procfs_show_number,
			     write_user_most, &user_most[USER_VMAS]);
	procfs_register_file("sys/kernel/user_texts", procfs_show_number,
			     write_user_most, &user_most[USER_TEXTS]);
	procfs_register_file("sys/kernel/user_tables", procfs_show_number,
			     write_user_most, &user_most[USER_TABLES]);
	procfs_register_file("users", show_users, NULL, NULL);
	procfs_register_file("sys/kernel/pid_max", show_pid_max, NULL, NULL);
	procfs_register_file("sys/kernel/counts_instructions", show_counts,
			     NULL, NULL);
	procpid_init();
}
