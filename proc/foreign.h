/* SPDX-License-Identifier: MIT */
/*
 * proc/foreign.h - reaching another process's memory.
 *
 * For process_vm_readv(2), process_vm_writev(2) and /proc/<pid>/mem.  A thread
 * may reach into the processes that process_may_reach() allows.
 */
#ifndef PROC_FOREIGN_H
#define PROC_FOREIGN_H

#include "lib/base.h"

struct iobuf;

/*
 * Copy from `its` to `mine` or, if `write`, the other way, until one of them is
 * at its end.  `its` has segments of the process's memory; this function fills
 * in their space.  Process context, no lock.  Returns the bytes copied; if
 * there were none: 0 (nothing asked), -EFAULT, -ESRCH (no such process, or a
 * zombie), -EPERM (another user's), -ENOMEM.
 */
ssize_t foreign_copy(pid_t pid, struct iobuf *mine, struct iobuf *its,
		     bool write) must_check nonnull;

/* Boot: /proc/<pid>/mem. */
void foreign_init(void);

#endif
