/* SPDX-License-Identifier: MIT */
/*
 * fs/current.h - the functions by which fs/ reads and changes the current
 * process: its descriptors, limits, signals and terminal.
 *
 * fs/ may not include proc/, so proc/ defines these functions (host tests
 * define their own).  All but pgrp_in_session() act on the current thread.
 * They run in process context, and never fail.  For a kernel thread,
 * current_fdtable() and current_fs() return NULL.
 */
#ifndef FS_CURRENT_H
#define FS_CURRENT_H

#include "lib/base.h"

struct fdtable;
struct fs_context;

/* Borrowed; valid until the current thread itself replaces the structure. */
struct fdtable *current_fdtable(void);
struct fs_context *current_fs(void);

/* The current process's soft limits RLIMIT_NOFILE and RLIMIT_FSIZE. */
uint64_t current_nofile_limit(void);
uint64_t current_fsize_limit(void);

/* Is `gid` the current thread's fsgid or one of its supplementary groups? */
bool current_in_group(uint32_t gid);

/* Send the current thread signal `sig` (SIGPIPE, SIGXFSZ) from the kernel. */
void current_signal(int sig);

/*
 * ppoll, pselect6: current_set_sigmask() stores the signal mask in *old and
 * replaces it by *newmask.  current_restore_sigmask() restores the old mask
 * when the call returns.  If the call was `interrupted`, pending signals are
 * first delivered under the new mask, as in sigsuspend.
 */
int current_set_sigmask(const uint64_t *newmask, uint64_t *old);
void current_restore_sigmask(const uint64_t *old, bool interrupted);

/* Job control, for terminals. */
pid_t current_pid(void);
pid_t current_pgrp(void);
/*
 * The process's session, or 0 if the process gave up its controlling terminal.
 * current_give_up_tty() gives up the terminal for the process and for its later
 * children.  Both take proc_lock.
 */
pid_t current_tty_session(void);
void current_give_up_tty(void);
bool current_is_session_leader(void);
/* Is `sig` blocked or ignored by the current thread? */
bool current_signal_ignored(int sig);
/*
 * Is the current process group orphaned: no member has a parent, other than pid
 * 1, in another group of the same session?
 */
bool current_pgrp_orphaned(void);
/* Does process group `pgrp` exist and belong to session `session`? */
bool pgrp_in_session(pid_t pgrp, pid_t session);

#endif
