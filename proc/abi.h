/* SPDX-License-Identifier: MIT */
/*
 * proc/abi.h - numbers of system calls about processes, as on Linux riscv64.
 *
 * They belong to getrlimit(2), setitimer(2), clone(2) and waitid(2).  The
 * numbers of signals are in proc/signal.h.
 */
#ifndef PROC_ABI_H
#define PROC_ABI_H

#include "lib/base.h"

/* ---- resource limits ---- */

enum {
	RLIMIT_CPU,
	RLIMIT_FSIZE,
	RLIMIT_DATA,
	RLIMIT_STACK,
	RLIMIT_CORE,
	RLIMIT_RSS,
	RLIMIT_NPROC,
	RLIMIT_NOFILE,
	RLIMIT_MEMLOCK,
	RLIMIT_AS,
	RLIMIT_LOCKS,
	RLIMIT_SIGPENDING,
	RLIMIT_MSGQUEUE,
	RLIMIT_NICE,
	RLIMIT_RTPRIO,
	RLIMIT_RTTIME,
	RLIMIT_COUNT
};

#define RLIM_INFINITY UINT64_MAX

struct rlimit { /* as in user memory */
	uint64_t cur, max;
};

/* ---- timers ---- */

/* setitimer(2): timers on real time, user time, and user plus system time. */
enum itimer_kind { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF, ITIMER_COUNT };

/* ---- clone ---- */

#define CSIGNAL		     UINT64_C(0x000000ff)
#define CLONE_VM	     UINT64_C(0x00000100)
#define CLONE_FS	     UINT64_C(0x00000200)
#define CLONE_FILES	     UINT64_C(0x00000400)
#define CLONE_SIGHAND	     UINT64_C(0x00000800)
#define CLONE_VFORK	     UINT64_C(0x00004000)
#define CLONE_PARENT	     UINT64_C(0x00008000)
#define CLONE_THREAD	     UINT64_C(0x00010000)
#define CLONE_SYSVSEM	     UINT64_C(0x00040000)
#define CLONE_SETTLS	     UINT64_C(0x00080000)
#define CLONE_PARENT_SETTID  UINT64_C(0x00100000)
#define CLONE_CHILD_CLEARTID UINT64_C(0x00200000)
#define CLONE_DETACHED	     UINT64_C(0x00400000)
#define CLONE_CHILD_SETTID   UINT64_C(0x01000000)

/* ---- wait ---- */

#define WNOHANG	   UINT64_C(0x00000001)
#define WUNTRACED  UINT64_C(0x00000002)
#define WEXITED	   UINT64_C(0x00000004)
#define WCONTINUED UINT64_C(0x00000008)
#define WNOWAIT	   UINT64_C(0x01000000)
#define WNOTHREAD  UINT64_C(0x20000000)
#define WALL	   UINT64_C(0x40000000)
#define WCLONE	   UINT64_C(0x80000000)

/* Wait statuses. */
#define STATUS_EXITED(code) (((code)&0xff) << 8)
#define STATUS_KILLED(sig)  ((sig)&0x7f)
#define STATUS_STOPPED(sig) (((sig)&0xff) << 8 | 0x7f)
#define STATUS_CONTINUED    0xffff

#endif
