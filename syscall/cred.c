/* SPDX-License-Identifier: MIT */
/*
 * syscall/cred.c - user ids, group ids and supplementary groups: getuid,
 * geteuid, setuid, setreuid, setresuid, getresuid, the same six for group ids,
 * getgroups and setgroups.
 *
 * A thread may set each of its real, effective and saved ids to any of the
 * three.  Root may set them to any id, and only root may set the groups.
 * Credentials belong to one thread: the C library repeats the call in the other
 * threads of the process.  A call that changes credentials makes a new copy and
 * passes it to cred_commit().
 */
#include "proc/cred.h"

#include "kernel/hart.h"
#include "lib/errno.h"
#include "mm/access.h"
#include "proc/task.h"
#include "syscall/syscall.h"

#define KEEP UINT32_MAX /* -1: leave as it is */

enum which { USER, GROUP };

struct ids {
	uint32_t *real, *effective, *saved;
};

static struct ids
ids_of(struct cred *c, enum which which)
{
	if (which == USER)
		return (struct ids){ &c->uid, &c->euid, &c->suid };
	return (struct ids){ &c->gid, &c->egid, &c->sgid };
}

static bool
is_root(void)
{
	return thread_current()->cred.euid == 0;
}

static bool
may_become(const struct ids *i, uint32_t id)
{
	return id == KEEP || is_root() || id == *i->real ||
	       id == *i->effective || id == *i->saved;
}

/* Set ids that the caller has checked.  0; -EAGAIN: nothing has changed. */
static int64_t
change(enum which which, uint32_t real, uint32_t effective, uint32_t saved)
{
	struct cred new;
	struct ids i = ids_of(&new, which);
	int err;

	cred_copy(&new, &thread_current()->cred);
	if (real != KEEP)
		*i.real = real;
	if (effective != KEEP)
		*i.effective = effective;
	if (saved != KEEP)
		*i.saved = saved;
	err = task_change_user(new.uid);
	if (err != 0) {
		cred_drop(&new);
		return err;
	}
	cred_commit(&new);
	if (which == USER)
		cred_note_nproc();
	return 0;
}

static int64_t
set_three(enum which which, uint32_t real, uint32_t effective, uint32_t saved)
{
	struct ids i = ids_of(&thread_current()->cred, which);

	if (!may_become(&i, real) || !may_become(&i, effective) ||
	    !may_become(&i, saved))
		return -EPERM;
	return change(which, real, effective, saved);
}

/* setuid: root sets all three ids, other users only the effective id. */
static int64_t
set_one(enum which which, uint32_t id)
{
	struct ids i = ids_of(&thread_current()->cred, which);

	if (id == KEEP)
		return -EINVAL;
	if (is_root())
		return set_three(which, id, id, id);
	if (id != *i.real && id != *i.saved)
		return -EPERM;
	return change(which, KEEP, id, KEEP);
}

/*
 * setreuid: a call that sets the real id, or sets the effective id to a value
 * other than the real id, also sets the saved id to the new effective id.
 * Without root, the real id cannot be set to the saved id.
 */
static int64_t
set_two(enum which which, uint32_t real, uint32_t effective)
{
	struct ids i = ids_of(&thread_current()->cred, which);
	uint32_t saved = KEEP;

	if (real != KEEP && !is_root() && real != *i.real &&
	    real != *i.effective)
		return -EPERM;
	if (real != KEEP || (effective != KEEP && effective != *i.real))
		saved = effective != KEEP ? effective : *i.effective;
	return set_three(which, real, effective, saved);
}

static int64_t
put_three(enum which which, uaddr_t real, uaddr_t effective, uaddr_t saved)
{
	struct ids i = ids_of(&thread_current()->cred, which);

	if (copy_to_user(real, i.real, 4) != 0 ||
	    copy_to_user(effective, i.effective, 4) != 0 ||
	    copy_to_user(saved, i.saved, 4) != 0)
		return -EFAULT;
	return 0;
}

int64_t
sys_getuid(void)
{
	return thread_current()->cred.uid;
}

int64_t
sys_geteuid(void)
{
	return thread_current()->cred.euid;
}

int64_t
sys_getgid(void)
{
	return thread_current()->cred.gid;
}

int64_t
sys_getegid(void)
{
	return thread_current()->cred.egid;
}

int64_t
sys_setuid(uint32_t id)
{
	return set_one(USER, id);
}

int64_t
sys_setgid(uint32_t id)
{
	return set_one(GROUP, id);
}

int64_t
sys_setreuid(uint32_t real, uint32_t effective)
{
	return set_two(USER, real, effective);
}

int64_t
sys_setregid(uint32_t real, uint32_t effective)
{
	return set_two(GROUP, real, effective);
}

int64_t
sys_setresuid(uint32_t real, uint32_t effective, uint32_t saved)
{
	return set_three(USER, real, effective, saved);
}

int64_t
sys_setresgid(uint32_t real, uint32_t effective, uint32_t saved)
{
	return set_three(GROUP, real, effective, saved);
}

int64_t
sys_getresuid(uaddr_t real, uaddr_t effective, uaddr_t saved)
{
	return put_three(USER, real, effective, saved);
}

int64_t
sys_getresgid(uaddr_t real, uaddr_t effective, uaddr_t saved)
{
	return put_three(GROUP, real, effective, saved);
}

int64_t
sys_getgroups(int n, uaddr_t to)
{
	const struct groups *g = thread_current()->cred.groups;
	unsigned count = groups_count(g);

	if (n < 0)
		return -EINVAL;
	if (n == 0)
		return count;
	if ((int)count > n)
		return -EINVAL;
	if (groups_to_user(g, to) != 0)
		return -EFAULT;
	return count;
}

int64_t
sys_setgroups(unsigned n, uaddr_t from)
{
	struct groups *g = NULL;
	struct cred new;
	int err;

	if (!is_root())
		return -EPERM;
	if (n > GROUPS_MAX)
		return -EINVAL;
	err = n == 0 ? 0 : groups_from_user(n, from, &g);
	if (err != 0)
		return err;
	new = thread_current()->cred;
	new.groups = g;
	cred_commit(&new);
	return 0;
}
