/* SPDX-License-Identifier: MIT */
/*
 * tests/user/badptr.c - every pointer that the kernel reads through, with
 * pointers that it must not trust.
 *
 * The answer is EFAULT and the program goes on.  The pointers that the kernel
 * writes through are in calls.c; they are tried here as well, under row C5.
 */
#include "utest.h"
#include "calls.h"

#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#define AT  AT_FDCWD
#define SET 8 /* bytes in the kernel's signal set */

static int file, pipe_rd, pipe_wr; /* the pipe holds 8 bytes */
static uint64_t readable;	   /* a set with pipe_rd in it */
static struct timespec zero_time;
static uint32_t futex_word; /* 0 */
static char word[8];
static struct iovec whole = { word, sizeof(word) };

#ifndef SYS_riscv_hwprobe
#define SYS_riscv_hwprobe (-1)
#endif

/* One input pointer b of one call. */
#define IN(id, ...)                          \
	static long in_##id(void *b)         \
	{                                    \
		return syscall(__VA_ARGS__); \
	}

IN(write, SYS_write, file, b, 16)
IN(write_pipe, SYS_write, pipe_wr, b, 16)
IN(pwrite, SYS_pwrite64, file, b, 16, 0)
IN(writev, SYS_writev, file, b, 1)
IN(readv, SYS_readv, file, b, 1)
IN(openat, SYS_openat, AT, b, O_RDONLY, 0)
IN(openat_creat, SYS_openat, AT, b, O_RDWR | O_CREAT, 0600)
IN(readlinkat, SYS_readlinkat, AT, b, &zero_time, 16)
IN(chdir, SYS_chdir, b)
IN(faccessat, SYS_faccessat, AT, b, 0)
IN(unlinkat, SYS_unlinkat, AT, b, 0)
IN(rmdirat, SYS_unlinkat, AT, b, AT_REMOVEDIR)
IN(mkdirat, SYS_mkdirat, AT, b, 0700)
IN(symlink_to, SYS_symlinkat, b, AT, "/tmp/ut.bad")
IN(symlink_at, SYS_symlinkat, "x", AT, b)
IN(link_from, SYS_linkat, AT, b, AT, "/tmp/ut.bad", 0)
IN(link_to, SYS_linkat, AT, "/proc/self/exe", AT, b, 0)
IN(rename_from, SYS_renameat2, AT, b, AT, "/tmp/ut.bad", 0)
IN(rename_to, SYS_renameat2, AT, "/tmp/ut.no", AT, b, 0)
IN(utimensat, SYS_utimensat, AT, b, NULL, 0)
IN(utimes, SYS_utimensat, AT, "/tmp", b, 0)
IN(fchmodat, SYS_fchmodat, AT, b, 0700)
IN(fchownat, SYS_fchownat, AT, b, 0, 0, 0)
IN(statfs, SYS_statfs, b, &zero_time)
IN(sigaction, SYS_rt_sigaction, SIGUSR1, b, NULL, SET)
IN(sigprocmask, SYS_rt_sigprocmask, SIG_BLOCK, b, NULL, SET)
IN(sigsuspend, SYS_rt_sigsuspend, b, SET)
IN(clock_nanosleep, SYS_clock_nanosleep, CLOCK_REALTIME, 0, b, NULL)
IN(nanosleep, SYS_nanosleep, b, NULL)
IN(select_in, SYS_pselect6, 1, b, NULL, NULL, &zero_time, NULL)
IN(select_out, SYS_pselect6, 1, NULL, b, NULL, &zero_time, NULL)
IN(select_ex, SYS_pselect6, 1, NULL, NULL, b, &zero_time, NULL)
IN(select_time, SYS_pselect6, pipe_rd + 1, &readable, NULL, NULL, b, NULL)
IN(select_mask, SYS_pselect6, 1, NULL, NULL, NULL, &zero_time, b)
IN(sigaltstack, SYS_sigaltstack, b, NULL)
IN(setitimer, SYS_setitimer, 0, b, NULL)
IN(prlimit, SYS_prlimit64, 0, 4, b, NULL)
IN(sigtimedwait, SYS_rt_sigtimedwait, b, NULL, &zero_time, SET)
IN(set_name, SYS_prctl, PR_SET_NAME, b, 0, 0, 0)
IN(futex_wait, SYS_futex, b, 0, 1, &zero_time, NULL, 0)
IN(mknodat, SYS_mknodat, AT, b, S_IFREG | 0600, 0)
IN(mount, SYS_mount, "tmpfs", b, "tmpfs", 0, NULL)
IN(umount, SYS_umount2, b, 0)
IN(chroot, SYS_chroot, b)
IN(futex_wake, SYS_futex, b, 1, 1, NULL, NULL, 0)
IN(futex_requeue, SYS_futex, &futex_word, 4, 0, 1, b, 0)
IN(truncate, SYS_truncate, b, 0)
IN(faccessat2, SYS_faccessat2, AT, b, 0, 0)
IN(preadv, SYS_preadv, file, b, 1, 0, 0)
IN(pwritev, SYS_pwritev, file, b, 1, 0, 0)
IN(setgroups, SYS_setgroups, 1, b)
IN(setrlimit, SYS_setrlimit, 4, b)
IN(sigqueueinfo, SYS_rt_sigqueueinfo, getpid(), SIGUSR1, b)
IN(tgsigqueueinfo, SYS_rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, b)
IN(sched_setparam, SYS_sched_setparam, 0, b)
IN(sched_setscheduler, SYS_sched_setscheduler, 0, 0, b)
IN(sched_setaffinity, SYS_sched_setaffinity, 0, 8, b)
IN(sched_setattr, SYS_sched_setattr, 0, b, 0)
IN(settimeofday, SYS_settimeofday, b, NULL)
IN(sethostname, SYS_sethostname, b, 8)
IN(mount_source, SYS_mount, b, "/tmp/ut.no", "tmpfs", 0, NULL)
IN(mount_type, SYS_mount, "tmpfs", "/tmp/ut.no", b, 0, NULL)
IN(futex_time, SYS_futex, &futex_word, 0, 1, b, NULL, 0)
IN(clock_settime, SYS_clock_settime, CLOCK_REALTIME, b)
IN(set_zone, SYS_settimeofday, NULL, b)
IN(getgroups, SYS_getgroups, 64, b)
IN(syslog, SYS_syslog, 3, b, 4096)
IN(fionbio, SYS_ioctl, pipe_rd, FIONBIO, b)
IN(hwprobe, SYS_riscv_hwprobe, b, 1, 0, NULL, 0)
IN(vm_readv, SYS_process_vm_readv, getpid(), b, 1, &whole, 1, 0)
IN(vm_readv_its, SYS_process_vm_readv, getpid(), &whole, 1, b, 1, 0)
IN(vm_writev, SYS_process_vm_writev, getpid(), b, 1, &whole, 1, 0)
IN(vm_writev_its, SYS_process_vm_writev, getpid(), &whole, 1, b, 1, 0)
IN(hwprobe_cpus, SYS_riscv_hwprobe, &zero_time, 1, 8, b, 0)

static long
in_stat(void *b)
{
	struct stat st;

	return syscall(SYS_newfstatat, AT, b, &st, 0);
}

static long
in_statx(void *b)
{
	struct statx st;

	return syscall(SYS_statx, AT, b, 0, 0x7ff, &st);
}

static long
in_writev_base(void *b)
{
	struct iovec v = { b, 16 };

	return syscall(SYS_writev, file, &v, 1);
}

static long
in_ppoll_time(void *b)
{
	struct pollfd p = { pipe_rd, POLLIN, 0 };

	return syscall(SYS_ppoll, &p, 1, b, NULL, 0);
}

static long
in_ppoll_mask(void *b)
{
	struct pollfd p = { pipe_rd, POLLIN, 0 };

	return syscall(SYS_ppoll, &p, 1, &zero_time, b, SET);
}

static long
in_select_signals(void *b)
{
	struct {
		void *set;
		size_t size;
	} mask = { b, SET };

	return syscall(SYS_pselect6, 1, NULL, NULL, NULL, &zero_time, &mask);
}

/* The signal is there: it does not wait, whatever the time. */
static long
in_sigtimedwait_time(void *b)
{
	uint64_t set = 1ull << (SIGUSR2 - 1);
	long got;
	int err;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &set, NULL, SET);
	raise(SIGUSR2);
	got = syscall(SYS_rt_sigtimedwait, &set, NULL, b, SET);
	err = errno;
	signal(SIGUSR2, SIG_IGN);
	signal(SIGUSR2, SIG_DFL);
	syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, SET);
	errno = err;
	return got;
}

/* An exec in a child, so that one that works is seen and does no harm. */
static long
try_exec(const void *path, const void *argv, const void *envp)
{
	pid_t pid = utest_fork();
	int status;

	if (pid == 0) {
		syscall(SYS_execve, path, argv, envp);
		_exit(errno);
	}
	status = utest_wait(pid);
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	return errno == 0 ? 0 : -1;
}

static const char *const no_args[] = { "true", NULL };
static const char *const no_env[] = { NULL };

static long
in_exec_path(void *b)
{
	return try_exec(b, no_args, no_env);
}

static long
in_exec_argv(void *b)
{
	return try_exec("/bin/true", b, no_env);
}

static long
in_exec_envp(void *b)
{
	return try_exec("/bin/true", no_args, b);
}

static long
in_exec_arg(void *b)
{
	const char *argv[] = { "true", b, NULL };

	return try_exec("/bin/true", argv, no_env);
}

static long
in_exec_env(void *b)
{
	const char *envp[] = { "A=B", b, NULL };

	return try_exec("/bin/true", no_args, envp);
}

#define NULL_OK OUT_NULL_OK
#define PARTIAL OUT_PARTIAL
#define NO_QEMU OUT_NOT_QEMU

static const struct out_call table[] = {
	{ "write", 1, 0, in_write, NULL, PARTIAL },
	{ "write to a pipe", 1, 0, in_write_pipe, NULL, PARTIAL },
	{ "writev's vector", 1, 0, in_writev, NULL, 0 },
	{ "writev's buffer", 1, 0, in_writev_base, NULL, PARTIAL },
	{ "readv's vector", 2, 0, in_readv, NULL, 0 },
	{ "openat", 2, 0, in_openat, NULL, 0 },
	{ "openat O_CREAT", 2, 0, in_openat_creat, NULL, 0 },
	{ "readlinkat's path", 2, 0, in_readlinkat, NULL, 0 },
	{ "newfstatat's path", 2, 0, in_stat, NULL, 0 },
	{ "chdir", 3, 0, in_chdir, NULL, 0 },
	{ "faccessat", 3, 0, in_faccessat, NULL, 0 },
	{ "rt_sigaction's act", 3, 0, in_sigaction, NULL, NULL_OK },
	{ "rt_sigprocmask's set", 3, 0, in_sigprocmask, NULL, NULL_OK },
	{ "rt_sigsuspend", 3, 0, in_sigsuspend, NULL, 0 },
	{ "clock_nanosleep", 3, 0, in_clock_nanosleep, NULL, 0 },
	{ "ppoll's time", 3, 0, in_ppoll_time, NULL, NULL_OK },
	{ "ppoll's mask", 3, 0, in_ppoll_mask, NULL, NULL_OK },
	{ "execve's path", 3, 0, in_exec_path, NULL, 0 },
	{ "execve's argv", 3, 0, in_exec_argv, NULL, NULL_OK },
	{ "execve's envp", 3, 0, in_exec_envp, NULL, NULL_OK },
	{ "execve's argument", 3, 0, in_exec_arg, NULL, NULL_OK },
	{ "execve's variable", 3, 0, in_exec_env, NULL, NULL_OK },
	{ "pselect6's input", 4, 0, in_select_in, NULL, NULL_OK },
	{ "pselect6's output", 4, 0, in_select_out, NULL, NULL_OK },
	{ "pselect6's exceptions", 4, 0, in_select_ex, NULL, NULL_OK },
	{ "pselect6's time", 4, 0, in_select_time, NULL, NULL_OK },
	{ "pselect6's mask", 4, 0, in_select_mask, NULL, NULL_OK },
	{ "unlinkat", 4, 0, in_unlinkat, NULL, 0 },
	{ "unlinkat of a directory", 4, 0, in_rmdirat, NULL, 0 },
	{ "mkdirat", 4, 0, in_mkdirat, NULL, 0 },
	{ "symlinkat's target", 4, 0, in_symlink_to, NULL, 0 },
	{ "symlinkat's name", 4, 0, in_symlink_at, NULL, 0 },
	{ "linkat's old name", 4, 0, in_link_from, NULL, 0 },
	{ "linkat's new name", 4, 0, in_link_to, NULL, 0 },
	{ "renameat2's old name", 4, 0, in_rename_from, NULL, 0 },
	{ "renameat2's new name", 4, 0, in_rename_to, NULL, 0 },
	{ "utimensat's path", 4, 0, in_utimensat, NULL, 0 },
	{ "utimensat's times", 4, 0, in_utimes, NULL, NULL_OK },
	{ "fchmodat", 4, 0, in_fchmodat, NULL, 0 },
	{ "fchownat", 4, 0, in_fchownat, NULL, 0 },
	{ "statfs's path", 4, 0, in_statfs, NULL, 0 },
	{ "statx's path", 4, 0, in_statx, NULL, 0 },
	{ "pwrite64", 4, 0, in_pwrite, NULL, PARTIAL },
	{ "nanosleep", 5, 0, in_nanosleep, NULL, NO_QEMU },
	{ "sigaltstack's new", 5, 0, in_sigaltstack, NULL, NULL_OK },
	{ "setitimer's new", 5, 0, in_setitimer, NULL, NULL_OK },
	{ "prlimit64's new", 5, 0, in_prlimit, NULL, NULL_OK },
	{ "rt_sigtimedwait's set", 5, 0, in_sigtimedwait, NULL, 0 },
	{ "prctl PR_SET_NAME", 5, 0, in_set_name, NULL, 0 },
	{ "futex wait", 5, 0, in_futex_wait, NULL, OUT_ALIGNED },
	{ "mknodat", 5, 0, in_mknodat, NULL, 0 },
	{ "mount's place", 5, 0, in_mount, NULL, NO_QEMU },
	{ "umount2", 5, 0, in_umount, NULL, NO_QEMU },
	{ "chroot", 5, 0, in_chroot, NULL, 0 },
	{ "futex wake", 5, 0, in_futex_wake, NULL, OUT_ALIGNED },
	{ "futex requeue", 5, 0, in_futex_requeue, NULL, OUT_ALIGNED },
	{ "truncate", 5, 0, in_truncate, NULL, 0 },
	{ "faccessat2", 5, 0, in_faccessat2, NULL, 0 },
	{ "preadv", 5, 0, in_preadv, NULL, 0 },
	{ "pwritev", 5, 0, in_pwritev, NULL, 0 },
	{ "process_vm_readv's own", 5, 0, in_vm_readv, NULL, NO_QEMU },
	{ "process_vm_readv's other", 5, 0, in_vm_readv_its, NULL, NO_QEMU },
	{ "process_vm_writev's own", 5, 0, in_vm_writev, NULL, NO_QEMU },
	{ "process_vm_writev's other", 5, 0, in_vm_writev_its, NULL, NO_QEMU },
	{ "setgroups", 5, 0, in_setgroups, NULL, NO_QEMU },
	{ "setrlimit", 5, 0, in_setrlimit, NULL, 0 },
	{ "rt_sigqueueinfo", 5, 0, in_sigqueueinfo, NULL, 0 },
	{ "rt_tgsigqueueinfo", 5, 0, in_tgsigqueueinfo, NULL, 0 },
	{ "sched_setparam", 5, 0, in_sched_setparam, NULL, NULL_OK },
	{ "sched_setscheduler", 5, 0, in_sched_setscheduler, NULL, NULL_OK },
	{ "sched_setaffinity", 5, 0, in_sched_setaffinity, NULL, 0 },
	{ "sched_setattr", 5, 0, in_sched_setattr, NULL, NULL_OK | NO_QEMU },
	{ "settimeofday", 5, 0, in_settimeofday, NULL, NULL_OK | NO_QEMU },
	{ "sethostname", 5, 0, in_sethostname, NULL, NO_QEMU },
	{ "mount's source", 5, 0, in_mount_source, NULL, NULL_OK | NO_QEMU },
	{ "mount's type", 5, 0, in_mount_type, NULL, NULL_OK | NO_QEMU },
	{ "futex's time", 5, 0, in_futex_time, NULL, NULL_OK },
	{ "clock_settime", 5, 0, in_clock_settime, NULL, 0 },
	{ "settimeofday's zone", 5, 0, in_set_zone, NULL,
	  NULL_OK | NO_QEMU | OUT_IGNORED },
	{ "getgroups", 5, 0, in_getgroups, NULL, OUT_IGNORED },
	{ "syslog", 5, 0, in_syslog, NULL, OUT_TINE },
	{ "ioctl FIONBIO", 5, 0, in_fionbio, NULL, 0 },
	{ "pselect6's set of signals", 4, 0, in_select_signals, NULL, NULL_OK },
	{ "rt_sigtimedwait's time", 5, 0, in_sigtimedwait_time, NULL, NULL_OK },
	{ "riscv_hwprobe's pairs", 5, 0, in_hwprobe, NULL, OUT_TINE },
	{ "riscv_hwprobe's harts", 5, 0, in_hwprobe_cpus, NULL, OUT_TINE },
};

UTEST(input, "C5 every call with an input answers EFAULT to a bad pointer")
{
	size_t nbad;
	const struct bad_pointer *bad = bad_pointers(&nbad);
	int fd[2];

	file = temp_file_of('f', 100);
	REQUIRE(pipe(fd) == 0);
	REQUIRE(write(fd[1], "12345678", 8) == 8);
	pipe_rd = fd[0];
	pipe_wr = fd[1];
	readable = 1ull << pipe_rd;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		for (size_t k = 0; k < nbad; k++)
			if (!(bad[k].flags & BAD_READABLE))
				bad_call(&table[i], &bad[k]);
}

UTEST(output, "C5 every call with a result, in a fresh process for each")
{
	size_t n, nbad;
	const struct out_call *calls = out_calls(&n);
	const struct bad_pointer *bad = bad_pointers(&nbad);

	for (size_t i = 0; i < n; i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			for (size_t k = nbad; k > 0; k--)
				bad_call(&calls[i], &bad[k - 1]);
			utest_done();
		}
		EXPECT_CLEAN(pid);
	}
}

/* How many rows of a table are about this call. */
static unsigned
rows_about(const char *name, const struct out_call *t, size_t n)
{
	unsigned rows = 0;

	for (size_t i = 0; i < n; i++)
		rows += strcspn(t[i].name, " '") == strlen(name) &&
			strncmp(t[i].name, name, strlen(name)) == 0;
	return rows;
}

UTEST(complete, "C5 no pointer of any system call is left out")
{
	size_t n, nout;
	const struct call_args *calls = call_args(&n);
	const struct out_call *out = out_calls(&nout);

	for (size_t i = 0; i < n; i++) {
		const struct call_args *c = &calls[i];
		unsigned pointers = 0, rows;

		if (c->kinds == NULL || strlen(c->kinds) != c->nargs) {
			utest_fail(__FILE__, __LINE__,
				   "callargs.c does not say what the %u "
				   "arguments of %s are",
				   c->nargs, c->name);
			continue;
		}
		for (const char *k = c->kinds; *k != '\0'; k++)
			pointers += strchr("spw", *k) != NULL;
		rows = rows_about(c->name, table, ARRAY_LEN(table)) +
		       rows_about(c->name, out, nout);
		if (rows < pointers)
			utest_fail(__FILE__, __LINE__,
				   "%s has %u pointers and %u rows", c->name,
				   pointers, rows);
	}
}

UTEST(tids, "C5 clone overlooks bad addresses for thread ids")
{
	size_t nbad;
	const struct bad_pointer *bad = bad_pointers(&nbad);

	/*
	 * Linux makes the child all the same: clone cannot report this error.
	 */
	for (size_t k = 0; k < nbad; k++) {
		long flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
			     CLONE_CHILD_CLEARTID | SIGCHLD;
		long pid = syscall(SYS_clone, flags, 0, bad[k].p, bad[k].p,
				   bad[k].p);

		if (pid == 0)
			_exit(0);
		if (pid > 0)
			EXPECT_EXIT((pid_t)pid, 0);
		else
			EXPECT_EQ(errno, EFAULT);
	}
}

UTEST(maps, "C5 bad ranges to the calls about memory")
{
	static char *const kernel[] = {
		(char *)0xffffffc080000000,
		(char *)0xffffffff80200000,
		(char *)-PG,
	};
	char *p = pages_new(3);
	long now = syscall(SYS_brk, 0);
	unsigned char vec[1];

	if (on_qemu_user())
		SKIP("qemu-user asserts that its own arithmetic holds");
	for (size_t i = 0; i < ARRAY_LEN(kernel); i++) {
		bool wraps = (uintptr_t)kernel[i] + PG < PG;

		EXPECT_ERR(munmap(kernel[i], PG), EINVAL);
		EXPECT_ERR(mprotect(kernel[i], PG, PROT_READ), ENOMEM);
		EXPECT_ERR(mmap(kernel[i], PG, PROT_READ,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			   ENOMEM);
		EXPECT_EQ(syscall(SYS_brk, kernel[i]), now);
		EXPECT_ERR(mremap(kernel[i], PG, 2 * PG, MREMAP_MAYMOVE),
			   EFAULT);
		EXPECT_ERR(msync(kernel[i], PG, MS_SYNC), ENOMEM);
		EXPECT_ERR(mlock(kernel[i], PG), wraps ? EINVAL : ENOMEM);
		EXPECT_ERR(munlock(kernel[i], PG), wraps ? EINVAL : ENOMEM);
		EXPECT_ERR(mincore(kernel[i], PG, vec), ENOMEM);
		EXPECT_EQ(madvise(kernel[i], PG, MADV_DONTNEED), -1);
		EXPECT(errno == EINVAL || errno == ENOMEM);
	}
	EXPECT_ERR(munmap(p + 1, PG), EINVAL);
	EXPECT_ERR(munmap(p, 0), EINVAL);
	EXPECT_ERR(munmap(p, -1ul), EINVAL);
	EXPECT_ERR(mprotect(p + 1, PG, PROT_READ), EINVAL);
	EXPECT_EQ(mprotect(p, 0, PROT_READ), 0);
	EXPECT_ERR(mprotect(p, -PG, PROT_READ), ENOMEM);
	EXPECT_ERR(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
		   EINVAL);
	EXPECT_ERR(mmap(NULL, -PG, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0),
		   ENOMEM);
	EXPECT_ERR(mmap(NULL, PG, PROT_READ, MAP_PRIVATE, -1, 0), EBADF);
	EXPECT_ERR(mmap(NULL, PG, PROT_READ, MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_ERR(mmap(p + 1, PG, PROT_READ,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
		   EINVAL);
	REQUIRE(munmap(p + PG, PG) == 0);
	EXPECT_ERR(mprotect(p, 3 * PG, PROT_READ), ENOMEM);
	EXPECT_EQ(munmap(p, 3 * PG), 0);
	EXPECT_EQ(munmap(p, 3 * PG), 0);
}

UTEST(console, "C5 bad pointers to the terminal's ioctls")
{
	static const unsigned long reqs[] = {
		TCGETS, TCSETS, TIOCGWINSZ, TIOCSWINSZ, TIOCGPGRP, TIOCSPGRP,
	};
	size_t nbad;
	const struct bad_pointer *bad = bad_pointers(&nbad);
	int fd;

	need_tine("needs a terminal");
	signal(SIGTTOU, SIG_IGN); /* we are not in the foreground */
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	REQUIRE(fd >= 0);
	for (size_t i = 0; i < ARRAY_LEN(reqs); i++)
		for (size_t k = 0; k < nbad; k++) {
			if (bad[k].flags & (BAD_READABLE | BAD_SHORT))
				continue;
			errno = 0;
			EXPECT_EQ(syscall(SYS_ioctl, fd, reqs[i], bad[k].p),
				  -1);
			EXPECT(errno == EFAULT || errno == ENOTTY);
		}
}

UTEST(times,
      "X7 times at the ends of their range are kept or refused, not overflowed")
{
	static const int64_t ends[] = { INT64_MAX, INT64_MIN,
					INT64_MAX / 1000000000,
					-INT64_MAX / 1000000000, 0 };
	int fd = temp_file_of('t', 16);
	struct stat st;
	char c;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct timespec t[2] = { { ends[i], 999999999 },
					 { ends[i], 0 } };

		EXPECT_EQ(futimens(fd, t), 0);
		EXPECT_EQ(pread(fd, &c, 1, 0), 1);
		EXPECT_EQ(fstat(fd, &st), 0);
	}
	need_tine("would set the clock of this computer");
	EXPECT_ERR(syscall(SYS_clock_settime, CLOCK_REALTIME,
			   &(struct timespec){ INT64_MAX, 0 }),
		   EINVAL);
}

UTEST(groups, "X8 a group's number may be the most negative")
{
	siginfo_t info;

	EXPECT_ERR(syscall(SYS_waitid, P_PGID, INT32_MIN, &info, WEXITED, NULL),
		   EINVAL);
	EXPECT_ERR(syscall(SYS_wait4, INT32_MIN, NULL, 0, NULL), ESRCH);
	EXPECT_ERR(kill(INT32_MIN, 0), ESRCH);
	EXPECT_EQ(setpgid(0, INT32_MIN), -1);
}

static volatile unsigned alarms;

static void
on_alarm(int sig)
{
	(void)sig;
	alarms++;
}

UTEST(interval,
      "X10 the shortest interval of a timer leaves time to the program")
{
	static const struct itimerval least = { { 0, 1 }, { 0, 1 } }, off;
	struct itimerval old;

	if (on_qemu_user())
		SKIP("qemu-user does nothing but deliver the signals");
	REQUIRE(signal(SIGALRM, on_alarm) != SIG_ERR);
	EXPECT_EQ(setitimer(ITIMER_REAL, &least, NULL), 0);
	while (alarms < 20)
		;
	EXPECT_EQ(setitimer(ITIMER_REAL, &off, &old), 0);
	EXPECT(old.it_interval.tv_usec >= 1); /* rounded up at most */
}
