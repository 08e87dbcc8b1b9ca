/* SPDX-License-Identifier: MIT */
/*
 * fs/current.h - what fs/ must know about the current process.
 *
 * fs/ may not include proc/, so it states here what it needs; proc/ defines
 * these functions (host tests define their own).  All are for the current
 * thread, in process context, and never fail.  A kernel thread has no
 * descriptors and no directory: NULL.
 */
#ifndef FS_CURRENT_H
#define FS_CURRENT_H

#include "lib/base.h"

struct fdtable;
struct fs_context;

/* Borrowed; valid until the thread itself changes them. */
struct fdtable *current_fdtable(void);
struct fs_context *current_fs(void);

/* RLIMIT_NOFILE and RLIMIT_FSIZE of the current process, soft limits. */
uint64_t current_nofile_limit(void);
uint64_t current_fsize_limit(void);

/* Is `gid` the group of the thread's files, or a supplementary one? */
bool current_in_group(uint32_t gid);

/* Send the current thread a signal, as if by the kernel (SIGPIPE, SIGXFSZ). */
void current_signal(int sig);

/*
 * ppoll, pselect6: use *newmask as the signal mask until the call is over, and
 * store the mask in force before.  current_restore_sigmask(old, interrupted)
 * ends that: with `interrupted`, the old mask comes back only after the
 * handlers of pending signals have run with the new one in force, as in
 * sigsuspend.
 */
int current_set_sigmask(const uint64_t *newmask, uint64_t *old);
void current_restore_sigmask(const uint64_t *old, bool interrupted);

/* Job control, for terminals. */
pid_t current_pid(void);
pid_t current_pgrp(void);
/*
 * The session with the process's terminal, 0 if the process gave that up.
 * current_give_up_tty() gives the terminal up, for the process and the children
 * it has later.  Both take proc_lock.
 */
pid_t current_tty_session(void);
void current_give_up_tty(void);
bool current_is_session_leader(void);
/* Is `sig` blocked or ignored by the current thread? */
bool current_signal_ignored(int sig);
/* Is the current process's group orphaned (no process could continue it)? */
bool current_pgrp_orphaned(void);
/* Does process group `pgrp` exist, and in session `session`? */
bool pgrp_in_session(pid_t pgrp, pid_t session);

#endif
