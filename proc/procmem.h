/*
 * proc/procmem.h - the files of /proc that tell about memory.
 */
#ifndef PROC_PROCMEM_H
#define PROC_PROCMEM_H

/*
 * Register meminfo, forkstat, fork_strategies, mm/audit and
 * sys/vm/drop_caches.  Boot, after fs_init().
 */
void procmem_init(void);

#endif
