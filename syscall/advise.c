/* SPDX-License-Identifier: MIT */
/*
 * syscall/advise.c - calls that advise on, write back, lock and inspect mapped
 * memory: madvise, msync, mlock, mlock2, munlock, mlockall, munlockall,
 * mincore.
 *
 * All calls act on the space of the current thread.  They check the arguments
 * and translate them to VM_* flags; mm/ does the rest.  Calls that populate
 * pages use syscall/memcall.h, and return -EINTR if a fatal signal is pending.
 */
#include "lib/errno.h"
#include "mm/access.h"
#include "mm/advise.h"
#include "mm/inspect.h"
#include "mm/limit.h"
#include "mm/space.h"
#include "syscall/memcall.h"
#include "syscall/syscall.h"

#define MADV_NORMAL	     0
#define MADV_RANDOM	     1
#define MADV_SEQUENTIAL	     2
#define MADV_WILLNEED	     3
#define MADV_DONTNEED	     4
#define MADV_FREE	     8
#define MADV_REMOVE	     9
#define MADV_DONTFORK	     10
#define MADV_DOFORK	     11
#define MADV_MERGEABLE	     12
#define MADV_UNMERGEABLE     13
#define MADV_NOHUGEPAGE	     15
#define MADV_DONTDUMP	     16
#define MADV_DODUMP	     17
#define MADV_WIPEONFORK	     18
#define MADV_KEEPONFORK	     19
#define MADV_COLD	     20
#define MADV_PAGEOUT	     21
#define MADV_POPULATE_READ   22
#define MADV_POPULATE_WRITE  23
#define MADV_DONTNEED_LOCKED 24

#define MLOCK_ONFAULT 1u
#define MCL_CURRENT   1u
#define MCL_FUTURE    2u
#define MCL_ONFAULT   4u

#define MS_ASYNC      1u
#define MS_INVALIDATE 2u
#define MS_SYNC	      4u

int64_t
sys_msync(uaddr_t at, size_t len, unsigned flags)
{
	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	return space_sync(current_space(), at, len,
			  (flags & MS_INVALIDATE) != 0);
}

/*
 * Serve MADV_POPULATE_READ and _WRITE.  Unlike MAP_POPULATE of mmap, they
 * return an error if a page cannot be made present.
 */
static int
populate_for(uaddr_t at, uaddr_t end, unsigned access)
{
	int err = 0, why = 0;
	struct vma_info v;

	while (at < end && err == 0) {
		if (!next_vma(at, &v) || v.start >= end)
			return -ENOMEM;
		if (v.start > at)
			why = -ENOMEM;
		err = v.flags & access ? fault_in(MAX(at, v.start),
						  MIN(end, v.end), access)
				       : -EINVAL;
		at = v.end;
	}
	/* Another error would raise SIGBUS at an access: return -EFAULT. */
	if (err != 0 && err != -ENOMEM && err != -EINVAL && err != -EINTR)
		err = -EFAULT;
	return err != 0 ? err : why;
}

static int64_t
advise(uaddr_t at, size_t len, int advice)
{
	struct space *s = current_space();

	switch (advice) {
	case MADV_DONTNEED:
		return space_discard(s, at, len, ADVISE_UNLOCKED);
	case MADV_FREE:
		return space_discard(s, at, len,
				     ADVISE_UNLOCKED | ADVISE_ANONYMOUS);
	case MADV_DONTNEED_LOCKED:
		return space_discard(s, at, len, 0);
	case MADV_REMOVE:
		return space_remove(s, at, len);
	case MADV_DONTFORK:
		return space_advise(s, at, len, VM_DONTFORK, 0);
	case MADV_DOFORK:
		return space_advise(s, at, len, 0, VM_DONTFORK);
	case MADV_WIPEONFORK:
		return space_advise(s, at, len, VM_WIPEONFORK, 0);
	case MADV_KEEPONFORK:
		return space_advise(s, at, len, 0, VM_WIPEONFORK);
	case MADV_POPULATE_READ:
		return populate_for(at, at + PAGE_UP(len), VM_READ);
	case MADV_POPULATE_WRITE:
		return populate_for(at, at + PAGE_UP(len), VM_WRITE);
	/* The remaining advice has no effect in Tine. */
	case MADV_COLD:
	case MADV_PAGEOUT:
		return space_suits(s, at, len, ADVISE_UNLOCKED);
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return space_suits(s, at, len, 0);
	default:
		return -EINVAL;
	}
}

int64_t
sys_madvise(uaddr_t at, size_t len, int advice)
{
	if (!IS_ALIGNED(at, PAGE_SIZE) || (len > 0 && PAGE_UP(len) == 0) ||
	    at + PAGE_UP(len) < at)
		return -EINVAL;
	return advise(at, len, advice);
}

/*
 * Lock the pages that overlap [at, at + len).  Without VM_LOCKLATER in `set`,
 * also make them present.
 */
static int64_t
lock_range(uaddr_t at, size_t len, unsigned set)
{
	uaddr_t start = PAGE_DOWN(at);
	int err;

	if (!may_lock())
		return -EPERM;
	if (at + len < at)
		return -EINVAL;
	len = PAGE_UP(at + len - start);
	if (len == 0)
		return 0;
	if (!user_range_ok(start, len) ||
	    len > current_memory_limit(LIMIT_MEMLOCK))
		return -ENOMEM;
	/* Populate, then lock: after an error, no page has been locked. */
	err = set & VM_LOCKLATER ? 0 : populate(start, start + len, false);
	if (err == -EFAULT || err == -EACCES || err == -ENXIO)
		return -ENOMEM;
	if (err != 0)
		return err == -ENOMEM ? -EAGAIN : err;
	return space_lock_range(current_space(), start, len, set,
				VM_LOCKS & ~set);
}

int64_t
sys_mlock(uaddr_t at, size_t len)
{
	return lock_range(at, len, VM_LOCKED);
}

int64_t
sys_mlock2(uaddr_t at, size_t len, unsigned flags)
{
	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	return lock_range(at, len, flags ? VM_LOCKS : VM_LOCKED);
}

int64_t
sys_munlock(uaddr_t at, size_t len)
{
	uaddr_t start = PAGE_DOWN(at);

	if (at + len < at)
		return -EINVAL;
	len = PAGE_UP(at + len - start);
	if (start + len < start)
		return -EINVAL;
	return len == 0 ? 0
			: space_lock_range(current_space(), start, len, 0,
					   VM_LOCKS);
}

int64_t
sys_mlockall(unsigned flags)
{
	unsigned kind = flags & MCL_ONFAULT ? VM_LOCKS : VM_LOCKED;
	struct space *s = current_space();
	struct vma_info v;
	int err;

	if (flags == 0 || flags == MCL_ONFAULT ||
	    (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)))
		return -EINVAL;
	if (!may_lock())
		return -EPERM;
	err = space_lock_all(s, (flags & MCL_CURRENT) != 0, kind,
			     flags & MCL_FUTURE ? kind : 0);
	if (err != 0 || (flags & MCL_CURRENT) == 0)
		return err;
	for (uaddr_t at = 0; next_vma(at, &v); at = v.end) {
		populate_locked(v.start, v.end);
		if (thread_interrupted(WAIT_KILLABLE))
			return -EINTR;
	}
	return 0;
}

int64_t
sys_munlockall(void)
{
	return space_lock_all(current_space(), true, 0, 0);
}

int64_t
sys_mincore(uaddr_t at, size_t len, uaddr_t vec)
{
	struct space *s = current_space();

	if (!IS_ALIGNED(at, PAGE_SIZE))
		return -EINVAL;
	if (!user_range_ok(at, len))
		return -ENOMEM;
	for (uint64_t i = 0; i < PAGE_UP(len) >> PAGE_SHIFT; i++) {
		int r = space_is_resident(s, at + (i << PAGE_SHIFT));
		uint8_t byte = r > 0;

		if (r < 0)
			return r;
		if (thread_interrupted(WAIT_KILLABLE))
			return -EINTR;
		if (copy_to_user(vec + i, &byte, 1) != 0)
			return -EFAULT;
	}
	return 0;
}
