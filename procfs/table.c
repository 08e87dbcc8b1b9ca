/* SPDX-License-Identifier: MIT */
/*
 * procfs/table.c - all files of /proc, a row for each.
 *
 * procfs/procfs.h explains the columns and what "*" stands for.  A directory
 * has a row, too; readdir() returns its rows in this order.
 */
#include "fs/abi.h"
#include "fs/pipesize.h"
#include "mm/look.h"
#include "mm/user.h"
#include "proc/process.h"
#include "procfs/show.h"

#define ROW(path_, mode_, ...)                              \
	{                                                   \
		.path = path_, .mode = mode_, ##__VA_ARGS__ \
	}
#define DIR(path, mode, ...) ROW(path, S_IFDIR | (mode), ##__VA_ARGS__)
#define LINK(path, mode, show_, ...) \
	ROW(path, S_IFLNK | (mode), .show = show_, ##__VA_ARGS__)
#define TEXT(path, mode, show_, ...) \
	ROW(path, S_IFREG | (mode), .show = show_, ##__VA_ARGS__)
#define DATA(path, mode, ...) ROW(path, S_IFREG | (mode), ##__VA_ARGS__)

const struct proc_entry proc_table[] = {
	DIR("", 0555, .next = next_pid),
	LINK("self", 0777, show_self),
	TEXT("mounts", 0444, show_mounts),
	TEXT("filesystems", 0444, show_filesystems),
	TEXT("partitions", 0444, show_partitions),
	TEXT("version", 0444, show_version),
	TEXT("cpuinfo", 0444, show_cpuinfo),
	TEXT("cmdline", 0444, show_boot_options),
	TEXT("kmsg", 0444, show_kmsg),

	DIR("sys", 0555),
	DIR("sys/kernel", 0555),
	TEXT("sys/kernel/ostype", 0444, show_text, .arg = "Tine"),
	TEXT("sys/kernel/osrelease", 0444, show_text, .arg = "6.1.0-tine"),
	TEXT("sys/kernel/hostname", 0644, show_hostname,
	     .write = write_hostname),
	TEXT("sys/kernel/user_files", 0644, show_number, .write = write_number,
	     .arg = &user_most[USER_FILES]),
	TEXT("sys/kernel/user_vmas", 0644, show_number, .write = write_number,
	     .arg = &user_most[USER_VMAS]),
	TEXT("sys/kernel/user_texts", 0644, show_number, .write = write_number,
	     .arg = &user_most[USER_TEXTS]),
	TEXT("sys/kernel/user_tables", 0644, show_number, .write = write_number,
	     .arg = &user_most[USER_TABLES]),
	TEXT("sys/kernel/pid_max", 0444, show_pid_max),
	TEXT("sys/kernel/counts_instructions", 0444, show_counts),
	DIR("sys/vm", 0555),
	TEXT("sys/vm/overcommit_memory", 0644, show_overcommit,
	     .write = write_overcommit),
	TEXT("sys/vm/mmap_min_addr", 0444, show_mmap_min),
	TEXT("sys/vm/drop_caches", 0644, show_drop_caches,
	     .write = write_drop_caches),
	DIR("sys/fs", 0555),
	TEXT("sys/fs/pipe-max-size", 0644, show_number, .write = write_max_size,
	     .arg = &pipe_max_size),
	TEXT("sys/fs/pipe-user-pages-soft", 0644, show_number,
	     .write = write_number, .arg = &pipe_soft_pages),
	TEXT("sys/fs/pipe-user-pages-hard", 0644, show_number,
	     .write = write_number, .arg = &pipe_hard_pages),
	TEXT("sys/fs/nr_open", 0644, show_number, .write = write_nr_open,
	     .arg = &process_nofile_most),

	TEXT("meminfo", 0444, show_meminfo),
	TEXT("forkstat", 0644, show_forkstat, .write = write_forkstat),
	TEXT("fork_strategies", 0444, show_strategies),
	DIR("mm", 0555),
	TEXT("mm/audit", 0444, show_audit),
	TEXT("mm/trace", 0644, show_trace, .write = write_trace),
#ifdef TINE_DEBUG
	TEXT("crash", 0644, show_crashes, .write = write_crash),
#endif
#ifdef TINE_KASAN
	TEXT("kasan", 0644, show_mistakes, .write = write_mistake),
#endif
	TEXT("stat", 0444, show_stat),
	TEXT("uptime", 0444, show_uptime),
	TEXT("loadavg", 0444, show_loadavg),
	TEXT("users", 0444, show_users),

	DIR("*", 0555),
	TEXT("*/mounts", 0444, show_mounts),
	TEXT("*/stat", 0444, show_pid_stat),
	TEXT("*/status", 0444, show_status),
	TEXT("*/statm", 0444, show_statm),
	TEXT("*/comm", 0444, show_comm),
	TEXT("*/cmdline", 0444, show_cmdline),
	TEXT("*/environ", 0400, show_environ, .of_space = true),
	TEXT("*/fork_strategy", 0644, show_fork_strategy,
	     .write = write_fork_strategy),
	TEXT("*/forkstat", 0644, show_pid_forkstat,
	     .write = write_pid_forkstat),
	TEXT("*/fail-nth", 0600, show_fail_nth, .write = write_fail_nth),
	TEXT("*/oom_score", 0444, show_oom_score),
	TEXT("*/oom_score_adj", 0644, show_oom_score_adj,
	     .write = write_oom_score_adj),
	TEXT("*/maps", 0444, show_maps, .of_space = true),
	TEXT("*/smaps", 0444, show_smaps, .of_space = true),
	DATA("*/pagemap", 0400, .record = get_pagemap,
	     .size = sizeof(uint64_t)),
	DATA("*/pagewalk", 0400, .record = get_pagewalk,
	     .size = sizeof(struct page_look)),
	DATA("*/mem", 0600, .fops = &proc_mem_ops),
	LINK("*/exe", 0777, show_exe, .follow = follow_exe),
	LINK("*/cwd", 0777, show_cwd, .follow = follow_cwd),
	LINK("*/root", 0777, show_root, .follow = follow_root),
	DIR("*/fd", 0500, .next = next_fd),
	LINK("*/fd/*", 0700, show_fd, .follow = follow_fd),
};

const unsigned proc_rows = ARRAY_SIZE(proc_table);
/* An inode number has 8 bits for a row. */
_Static_assert(ARRAY_SIZE(proc_table) < 255, "proc_table is too long");
_Static_assert(sizeof(struct page_look) <= PROC_RECORD_MAX, "record too long");
