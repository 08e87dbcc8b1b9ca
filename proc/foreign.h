/* SPDX-License-Identifier: MIT */
/*
 * proc/foreign.h - access to another process's memory.
 *
 * For process_vm_readv(2), process_vm_writev(2) and /proc/<pid>/mem.
 * process_may_reach() decides which processes a thread may access.
 */
#ifndef PROC_FOREIGN_H
#define PROC_FOREIGN_H

#include "lib/base.h"

struct iobuf;
struct space;

/*
 * Copy from `its` to `mine` or, if `write`, from `mine` to `its`, until one of
 * them is at its end.  `its` has addresses in process `pid`; this function sets
 * the space of `its`.  Process context, no lock.  Returns the bytes copied; if
 * there were none: 0 (empty request), -EFAULT, -ESRCH (no such process, or a
 * zombie), -EPERM (process_may_reach() refuses), -ENOMEM.
 */
ssize_t foreign_copy(pid_t pid, struct iobuf *mine, struct iobuf *its,
		     bool write) must_check nonnull;

/*
 * Copy bytes at `at` in `s` to `b` or, if `write`, from `b` to `s`, until `b`
 * is at its end or the limit of one call is reached.  Ignores the access rights
 * of mappings, as a debugger needs.  Process context, no lock.  Returns the
 * bytes copied; if there were none: -EFAULT, -ENOMEM.
 */
ssize_t foreign_peek(struct space *s, uaddr_t at, struct iobuf *b,
		     bool write) must_check nonnull;

#endif
