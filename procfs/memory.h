/* SPDX-License-Identifier: MIT */
/*
 * procfs/memory.h - registering the files of /proc about memory.
 *
 * procmem_init() registers them all; print_counters() also serves
 * /proc/<pid>/forkstat (procfs/process.c).
 */
#ifndef PROCFS_MEMORY_H
#define PROCFS_MEMORY_H

/*
 * Register meminfo, forkstat, fork_strategies, mm/audit, mm/trace and
 * sys/vm/drop_caches, and call crash_init() and crash_kasan_init().  Boot,
 * after fs_init().
 */
void procmem_init(void);

/* Print the counters as forkstat_format() formats them; 0 or -ENOMEM. */
struct fork_counters;
struct textbuf;
int print_counters(struct textbuf *out, struct fork_counters *c);

/* Register /proc/crash, which exists in debug builds only. */
#ifdef TINE_DEBUG
void crash_init(void);
#else
static inline void
crash_init(void)
{
}
#endif

/* Register /proc/kasan, which exists in KASAN builds only. */
#ifdef TINE_KASAN
void crash_kasan_init(void);
#else
static inline void
crash_kasan_init(void)
{
}
#endif

#endif
