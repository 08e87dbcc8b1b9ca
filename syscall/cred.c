/*
 * syscall/cred.c - user and group ids.
 *
 * Each of the three ids may be set to any of the three by anybody, and to
 * anything by root.  There are no supplementary groups.
 */
#include "kernel/hart.h"
#include "kernel/thread.h"
#include "mm/space.h"
#include "syscall/syscall.h"

#define KEEP UINT32_MAX /* -1: leave as it is */

struct ids {
	uint32_t *real, *effective, *saved;
};

static struct ids
user_ids(void)
{
	struct cred *c = &thread_current()->cred;

	return (struct ids){ &c->uid, &c->euid, &c->suid };
}

static struct ids
group_ids(void)
{
	struct cred *c = &thread_current()->cred;

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

static int64_t
set_three(struct ids i, uint32_t real, uint32_t effective, uint32_t saved)
{
	if (!may_become(&i, real) || !may_become(&i, effective) ||
	    !may_become(&i, saved))
		return -EPERM;
	if (real != KEEP)
		*i.real = real;
	if (effective != KEEP)
		*i.effective = effective;
	if (saved != KEEP)
		*i.saved = saved;
	return 0;
}

/* setuid: root changes all three, others only the effective id. */
static int64_t
set_one(struct ids i, uint32_t id)
{
	if (id == KEEP)
		return -EINVAL;
	if (is_root())
		return set_three(i, id, id, id);
	if (id != *i.real && id != *i.saved)
		return -EPERM;
	*i.effective = id;
	return 0;
}

/* setreuid: the saved id follows when the real one is set or differs. */
static int64_t
set_two(struct ids i, uint32_t real, uint32_t effective)
{
	uint32_t old = *i.real, saved = KEEP;

	if (real != KEEP || (effective != KEEP && effective != old))
		saved = effective != KEEP ? effective : *i.effective;
	return set_three(i, real, effective, saved);
}

static int64_t
put_three(struct ids i, uaddr_t real, uaddr_t effective, uaddr_t saved)
{
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
sys_setuid(uint64_t id)
{
	return set_one(user_ids(), (uint32_t)id);
}

int64_t
sys_setgid(uint64_t id)
{
	return set_one(group_ids(), (uint32_t)id);
}

int64_t
sys_setreuid(uint64_t real, uint64_t effective)
{
	return set_two(user_ids(), (uint32_t)real, (uint32_t)effective);
}

int64_t
sys_setregid(uint64_t real, uint64_t effective)
{
	return set_two(group_ids(), (uint32_t)real, (uint32_t)effective);
}

int64_t
sys_setresuid(uint64_t real, uint64_t effective, uint64_t saved)
{
	return set_three(user_ids(), (uint32_t)real, (uint32_t)effective,
			 (uint32_t)saved);
}

int64_t
sys_setresgid(uint64_t real, uint64_t effective, uint64_t saved)
{
	return set_three(group_ids(), (uint32_t)real, (uint32_t)effective,
			 (uint32_t)saved);
}

int64_t
sys_getresuid(uint64_t real, uint64_t effective, uint64_t saved)
{
	return put_three(user_ids(), real, effective, saved);
}

int64_t
sys_getresgid(uint64_t real, uint64_t effective, uint64_t saved)
{
	return put_three(group_ids(), real, effective, saved);
}

int64_t
sys_getgroups(uint64_t n, uint64_t to)
{
	return (int32_t)n < 0 ? -EINVAL : 0;
}

int64_t
sys_setgroups(uint64_t n, uint64_t from)
{
	if (!is_root())
		return -EPERM;
	return n == 0 ? 0 : -EINVAL;
}
