/* SPDX-License-Identifier: MIT */
/*
 * core/calls.c - small system calls of the core profile: faccessat, uname,
 * sysinfo, getrandom, sched_yield.
 *
 * They serve programs that a C library starts.  Process context; -EFAULT for a
 * bad address.
 */
#include "core/files.h"
#include "fs/abi.h"
#include "fs/rights.h"
#include "kernel/random.h"
#include "kernel/sched.h"
#include "lib/errno.h"
#include "lib/string.h"
#include "mm/access.h"
#include "mm/frame.h"
#include "mm/slab.h"
#include "mm/space.h"
#include "proc/process.h"
#include "syscall/filecall.h"
#include "syscall/syscall.h"

/* faccessat(2): every file is readable, and every program is executable. */
int64_t
sys_faccessat(int dfd, uaddr_t path, unsigned mode)
{
	char *name;
	const struct core_file *c;
	int err = path_from_user(path, &name);

	if (err != 0)
		return err;
	c = core_file_find(name);
	kfree(name);
	if (c == NULL)
		return -ENOENT;
	if ((mode & MAY_WRITE) && !S_ISCHR(c->inode.mode) && !c->writable)
		return -EROFS;
	return (mode & MAY_EXEC) && !(c->inode.mode & S_IXUGO) ? -EACCES : 0;
}

#define UTS_FIELD 65u

int64_t
sys_uname(uaddr_t to)
{
	static const char names[6][UTS_FIELD] = { "Tine", "tine",    "6.1.0",
						  "core", "riscv64", "" };

	return copy_to_user(to, names, sizeof(names));
}

struct user_sysinfo {
	int64_t uptime;
	uint64_t loads[3], total, free, shared, buffers, swap[2];
	uint16_t procs, pad;
	uint64_t high[2];
	uint32_t unit;
};

int64_t
sys_sysinfo(uaddr_t to)
{
	struct user_sysinfo info = { .unit = 1 };
	struct frame_stats st;

	frame_get_stats(&st);
	info.uptime = (int64_t)(time_now() / NSEC_PER_SEC);
	info.total = (st.total - st.reserved) * PAGE_SIZE;
	info.free = st.free * PAGE_SIZE;
	return copy_to_user(to, &info, sizeof(info));
}

int64_t
sys_getrandom(uaddr_t to, size_t n, unsigned flags)
{
	uint8_t buf[256];

	n = MIN(n, sizeof(buf));
	random_bytes(buf, n);
	return copy_to_user(to, buf, n) == 0 ? (int64_t)n : -EFAULT;
}

int64_t
sys_sched_yield(void)
{
	sched_switch();
	return 0;
}
