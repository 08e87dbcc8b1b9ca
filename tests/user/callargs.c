/* SPDX-License-Identifier: MIT */
/*
 * tests/user/callargs.c - what the arguments of every system call mean.
 *
 * One letter for each argument; calls.h explains the letters.  call_args()
 * gives the table, which the fuzzer and the sweep go through: a call that is
 * missing here has no letters and is reported.
 */
#include "calls.h"

#include <string.h>

static const struct {
	const char *name, *kinds;
} kinds[] = {
	{ "getcwd", "wz" },
	{ "dup", "f" },
	{ "dup3", "ffg" },
	{ "fcntl", "fci" },
	{ "ioctl", "fcw" },
	{ "mknodat", "dsmi" },
	{ "mkdirat", "dsm" },
	{ "unlinkat", "dsg" },
	{ "symlinkat", "sds" },
	{ "linkat", "dsdsg" },
	{ "umount2", "sg" },
	{ "mount", "sssgi" }, /* the last is not looked at */
	{ "statfs", "sw" },
	{ "fstatfs", "fw" },
	{ "truncate", "so" },
	{ "ftruncate", "fo" },
	{ "fallocate", "fgoo" },
	{ "faccessat", "dsm" },
	{ "chdir", "s" },
	{ "fchdir", "f" },
	{ "chroot", "s" },
	{ "fchmod", "fm" },
	{ "fchmodat", "dsm" },
	{ "fchownat", "dsiig" },
	{ "fchown", "fii" },
	{ "openat", "dsgm" },
	{ "close", "f" },
	{ "pipe2", "wg" },
	{ "getdents64", "fwz" },
	{ "lseek", "foc" },
	{ "read", "fwz" },
	{ "write", "fpz" },
	{ "readv", "fpz" },
	{ "writev", "fpz" },
	{ "pread64", "fwzo" },
	{ "pwrite64", "fpzo" },
	{ "preadv", "fpzoi" },
	{ "pwritev", "fpzoi" },
	{ "sendfile", "ffwz" },
	{ "pselect6", "zwwwpp" },
	{ "ppoll", "wzppz" },
	{ "readlinkat", "dswz" },
	{ "newfstatat", "dswg" },
	{ "fstat", "fw" },
	{ "sync", "" },
	{ "fsync", "f" },
	{ "fdatasync", "f" },
	{ "utimensat", "dspg" },
	{ "fadvise64", "fooc" },
	{ "syncfs", "f" },
	{ "process_vm_readv", "npzpzg" },
	{ "process_vm_writev", "npzpzg" },
	{ "renameat2", "dsdsg" },
	{ "statx", "dsgiw" },
	{ "close_range", "ffg" },
	{ "faccessat2", "dsmg" },
	{ "exit", "i" },
	{ "exit_group", "i" },
	{ "set_tid_address", "a" }, /* as with clone */
	{ "futex", "pcipai" },
	{ "set_robust_list", "az" }, /* looked at when the thread ends */
	{ "get_robust_list", "nww" },
	{ "reboot", "iiii" }, /* the last is not looked at */
	{ "setregid", "ii" },
	{ "setgid", "i" },
	{ "setreuid", "ii" },
	{ "setuid", "i" },
	{ "setresuid", "iii" },
	{ "getresuid", "www" },
	{ "setresgid", "iii" },
	{ "getresgid", "www" },
	{ "times", "w" },
	{ "setpgid", "nn" },
	{ "getpgid", "n" },
	{ "getsid", "n" },
	{ "setsid", "" },
	{ "getgroups", "zw" },
	{ "setgroups", "zp" },
	{ "getrlimit", "cw" },
	{ "setrlimit", "cp" },
	{ "getrusage", "cw" },
	{ "umask", "m" },
	{ "prctl", "cpiii" },
	{ "getpid", "" },
	{ "getppid", "" },
	{ "getuid", "" },
	{ "geteuid", "" },
	{ "getgid", "" },
	{ "getegid", "" },
	{ "gettid", "" },
	{ "clone", "gaaaa" }, /* bad places for ids are overlooked */
	{ "execve", "spp" },
	{ "wait4", "nwgw" },
	{ "waitid", "cnwgw" },
	{ "prlimit64", "ncpw" },
	{ "sched_setparam", "np" },
	{ "sched_setscheduler", "ncp" },
	{ "sched_getscheduler", "n" },
	{ "sched_getparam", "nw" },
	{ "sched_setaffinity", "nzp" },
	{ "sched_getaffinity", "nzw" },
	{ "sched_yield", "" },
	{ "sched_get_priority_max", "c" },
	{ "sched_get_priority_min", "c" },
	{ "sched_rr_get_interval", "nw" },
	{ "setpriority", "cni" },
	{ "getpriority", "cn" },
	{ "getcpu", "ww" },
	{ "sched_setattr", "npg" },
	{ "sched_getattr", "nwzg" },
	{ "kill", "nk" },
	{ "tkill", "nk" },
	{ "tgkill", "nnk" },
	{ "sigaltstack", "pw" },
	{ "rt_sigsuspend", "pz" },
	{ "rt_sigaction", "kpwz" },
	{ "rt_sigprocmask", "cpwz" },
	{ "rt_sigpending", "wz" },
	{ "rt_sigtimedwait", "pwpz" },
	{ "rt_sigqueueinfo", "nkp" },
	{ "rt_tgsigqueueinfo", "nnkp" },
	{ "rt_sigreturn", "" },
	{ "nanosleep", "pw" },
	{ "getitimer", "cw" },
	{ "setitimer", "cpw" },
	{ "clock_settime", "cp" },
	{ "clock_gettime", "cw" },
	{ "clock_getres", "cw" },
	{ "clock_nanosleep", "cgpw" },
	{ "gettimeofday", "ww" },
	{ "settimeofday", "pp" },
	{ "syslog", "cwz" },
	{ "uname", "w" },
	{ "sethostname", "pz" },
	{ "sysinfo", "w" },
	{ "getrandom", "wzg" },
	{ "brk", "a" },
	{ "munmap", "al" },
	{ "mremap", "allga" },
	{ "mmap", "alggfo" },
	{ "mprotect", "alg" },
	{ "msync", "alg" },
	{ "mlock", "al" },
	{ "munlock", "al" },
	{ "mlock2", "alg" },
	{ "mlockall", "g" },
	{ "munlockall", "" },
	{ "mincore", "alw" },
	{ "madvise", "alc" },
	{ "riscv_hwprobe", "wzzpg" },
	{ "riscv_flush_icache", "aag" },
};

static struct call_args calls[] = {
#define ARGS_0()		0
#define ARGS_1(...)		1
#define ARGS_2(...)		2
#define ARGS_3(...)		3
#define ARGS_4(...)		4
#define ARGS_5(...)		5
#define ARGS_6(...)		6
#define SYSCALL(nr, name, args) { #name, nr, args, NULL },
#include "../../syscall/calls.def"
};

const struct call_args *
call_args(size_t *n)
{
	*n = sizeof(calls) / sizeof(calls[0]);
	for (size_t i = 0; i < *n && calls[i].kinds == NULL; i++)
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			if (strcmp(kinds[k].name, calls[i].name) == 0)
				calls[i].kinds = kinds[k].kinds;
	return calls;
}
