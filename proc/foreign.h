/*
 * proc/foreign.h - reaching another process's memory.
 */
#ifndef PROC_FOREIGN_H
#define PROC_FOREIGN_H

#include "lib/base.h"

struct iobuf;

/*
 * Copy between `mine` and `its`, segments of the process's memory whose space
 * this fills in, until one of them is at its end: into its memory if `write`.
 * Process context, no lock.  Bytes copied; or, if none was: 0 (nothing asked),
 * -EFAULT, -ESRCH (no such process, or a zombie), -EPERM (another user's),
 * -ENOMEM.  process_vm_readv(2).
 */
ssize_t foreign_copy(pid_t pid, struct iobuf *mine, struct iobuf *its,
		     bool write) must_check nonnull;

/* Boot: /proc/<pid>/mem. */
void foreign_init(void);

#endif
