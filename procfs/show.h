/* SPDX-License-Identifier: MIT */
/*
 * procfs/show.h - the functions of the rows of proc_table.
 *
 * procfs/procfs.h has their types, and what they may do and return.  crash.c
 * is empty in release builds, and crash_kasan.c in builds without KASAN.
 */
#ifndef PROCFS_SHOW_H
#define PROCFS_SHOW_H

#include "procfs/procfs.h"

/* ---- machine.c ---- */

proc_show_fn show_mounts, show_filesystems, show_partitions, show_version,
	show_cpuinfo, show_boot_options, show_kmsg, show_text, show_mmap_min,
	show_overcommit, show_hostname;
proc_write_fn write_overcommit, write_hostname, write_max_size;

/* ---- usage.c ---- */

proc_show_fn show_stat, show_loadavg, show_uptime, show_pid_max, show_users,
	show_counts;
proc_write_fn write_nr_open;

/* ---- memory.c ---- */

proc_show_fn show_meminfo, show_forkstat, show_strategies, show_audit,
	show_trace, show_drop_caches;
proc_write_fn write_forkstat, write_trace, write_drop_caches;

/* Print the counters as forkstat_format() formats them; 0 or -ENOMEM. */
struct fork_counters;
int print_counters(struct textbuf *out, struct fork_counters *c);

/* ---- process.c ---- */

proc_show_fn show_pid_stat, show_status, show_statm, show_comm, show_cmdline,
	show_environ, show_fork_strategy, show_pid_forkstat, show_fail_nth,
	show_oom_score, show_oom_score_adj;
proc_write_fn write_fork_strategy, write_pid_forkstat, write_fail_nth,
	write_oom_score_adj;

/* ---- maps.c ---- */

proc_show_fn show_maps, show_smaps;
proc_record_fn get_pagewalk, get_pagemap;

/* ---- links.c ---- */

proc_show_fn show_exe, show_cwd, show_root, show_fd, show_self;
proc_follow_fn follow_exe, follow_cwd, follow_root, follow_fd;
proc_next_fn next_fd;

/* ---- crash.c ---- */

proc_show_fn show_crashes;
proc_write_fn write_crash;

/* ---- crash_kasan.c ---- */

proc_show_fn show_mistakes;
proc_write_fn write_mistake;

#endif
