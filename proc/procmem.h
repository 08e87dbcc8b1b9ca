/* SPDX-License-Identifier: MIT */
/*
 * proc/procmem.h - the files of /proc that tell about memory.
 *
 * procmem_init() registers them all; print_counters() also serves
 * /proc/<pid>/forkstat (proc/procpid.c).
 */
#ifndef PROC_PROCMEM_H
#define PROC_PROCMEM_H

/*
 * Register meminfo, forkstat, fork_strategies, mm/audit, mm/trace,
 * sys/vm/drop_caches, and what crash_init() and crash_kasan_init() register.
 * Boot, after fs_init().
 */
void procmem_init(void);

/* Print what forkstat_format() says; 0 or -ENOMEM. */
struct fork_counters;
struct textbuf;
int print_counters(struct textbuf *out, struct fork_counters *c);

/* Register /proc/crash, in the debug build; the release build has none. */
#ifdef TINE_DEBUG
void crash_init(void);
#else
static inline void
crash_init(void)
{
}
#endif

/* Register /proc/kasan, in the KASAN build; the others have none. */
#ifdef TINE_KASAN
void crash_kasan_init(void);
#else
static inline void
crash_kasan_init(void)
{
}
#endif

#endif
