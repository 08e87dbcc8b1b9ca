/* SPDX-License-Identifier: MIT */
/*
 * proc/cred.h - changing the credentials of a thread (struct cred).
 *
 * A thread changes only its own credentials: in cred_commit(), or in execve(2).
 * A list of supplementary groups is constant once created; every thread with
 * the list holds a reference.  Process context unless a comment says otherwise.
 */
#ifndef PROC_CRED_H
#define PROC_CRED_H

#include "kernel/thread.h"
#include "lib/base.h"

#define GROUPS_MAX 65536u /* as NGROUPS_MAX on Linux */

struct groups;

/*
 * Copy credentials, and take a reference on the groups.  proc_lock held if
 * `from` belongs to another thread.
 */
void cred_copy(struct cred *to, const struct cred *from) nonnull;
/* Drop the references of a copy.  Any context. */
void cred_drop(struct cred *c) nonnull;

/*
 * Set the current thread's credentials to `new` and take over its references.
 * fsuid and fsgid become the effective ids.  If the effective ids change, the
 * space is marked as not dumpable: it may hold data that only the old ids could
 * read.  Takes proc_lock.
 */
void cred_commit(const struct cred *new) nonnull;

/*
 * Call after task_change_user() and a change of the real user id: record
 * whether the new user has more tasks than RLIMIT_NPROC.  If so, execve(2)
 * checks again with cred_check_nproc(): 0, or -EAGAIN if the user still has
 * more.
 */
void cred_note_nproc(void);
int cred_check_nproc(void) must_check;

/*
 * Copy a list of n <= GROUPS_MAX groups from user memory, and sort it.  *out
 * gets the list with one reference.  0; -EFAULT, -ENOMEM; -EINVAL if a group is
 * -1.
 */
int groups_from_user(unsigned n, uaddr_t from,
		     struct groups **out) must_check nonnull;
/* Copy all groups to user memory, in ascending order: 0 or -EFAULT. */
int groups_to_user(const struct groups *g, uaddr_t to) must_check;
struct groups *groups_get(struct groups *g); /* NULL: no groups */
void groups_put(struct groups *g);
unsigned groups_count(const struct groups *g);
/* Group number i of the list, for i < groups_count(). */
uint32_t groups_at(const struct groups *g, unsigned i) nonnull;

#endif
