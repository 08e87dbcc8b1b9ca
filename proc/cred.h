/*
 * proc/cred.h - changing who a thread acts for (struct cred).
 *
 * A thread changes its own credentials only, in cred_commit().  The list of
 * supplementary groups is never changed once it is made: every thread that has
 * it holds a reference.
 */
#ifndef PROC_CRED_H
#define PROC_CRED_H

#include "kernel/thread.h"
#include "lib/base.h"

#define GROUPS_MAX 65536u /* as NGROUPS_MAX on Linux */

struct groups;

/*
 * Copy credentials: one more reference on what they hold.  Of another thread,
 * proc_lock held.
 */
void cred_copy(struct cred *to, const struct cred *from) nonnull;
/* Give up the references of a copy.  Any context. */
void cred_drop(struct cred *c) nonnull;

/*
 * From now on the current thread acts for `new`, whose references it takes
 * over; ids for files follow the effective ones.  If those change, the space
 * is not dumpable any more: it may hold what only the old ids could read.
 * Takes proc_lock.
 */
void cred_commit(const struct cred *new) nonnull;

/*
 * The real user id has changed, and task_change_user() was called: remember
 * whether that user has more tasks than RLIMIT_NPROC.  Then execve(2) asks once
 * more with cred_check_nproc(): 0, or -EAGAIN if it still has.
 */
void cred_note_nproc(void);
int cred_check_nproc(void) must_check;

/*
 * A list of n <= GROUPS_MAX groups from user memory, sorted, with one reference
 * for the caller.  0; -EFAULT, -ENOMEM; -EINVAL, one of them is -1.
 */
int groups_from_user(unsigned n, uaddr_t from,
		     struct groups **out) must_check nonnull;
/* All of them, in ascending order: 0 or -EFAULT. */
int groups_to_user(const struct groups *g, uaddr_t to) must_check;
struct groups *groups_get(struct groups *g); /* NULL: no groups */
void groups_put(struct groups *g);
unsigned groups_count(const struct groups *g);
/* Number i < groups_count(). */
uint32_t groups_at(const struct groups *g, unsigned i) nonnull;

#endif
