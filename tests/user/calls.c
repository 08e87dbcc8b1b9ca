/* SPDX-License-Identifier: MIT */
/*
 * tests/user/calls.c - the table behind calls.h.
 *
 * Raw calls throughout: a C library's wrapper may look at the pointer itself.
 * Whatever a call needs beside its result is made once and kept.
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

#define SIGSET_BYTES 8

/* Some calls write the time that was left, even if it was none. */
static struct timespec no_time;

static int
data_file(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = temp_file_of('C', PG);
	return fd;
}

static int
sink_file(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = temp_file_of('d', 1);
	return fd;
}

/* A pipe with something to read in it. */
static int
full_pipe(void)
{
	static int fd[2] = { -1, -1 };

	if (fd[0] < 0) {
		REQUIRE(pipe(fd) == 0);
		REQUIRE(write(fd[1], "12345678", 8) == 8);
	}
	return fd[0];
}

/* An empty pipe's end for reading. */
static int
empty_pipe(void)
{
	static int fd[2] = { -1, -1 };

	if (fd[0] < 0)
		REQUIRE(pipe(fd) == 0);
	return fd[0];
}

static int
some_dir(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static long
o_read(void *out)
{
	lseek(data_file(), 0, SEEK_SET);
	return syscall(SYS_read, data_file(), out, 16);
}

static long
o_pread(void *out)
{
	return syscall(SYS_pread64, data_file(), out, 16, 0);
}

static long
o_readv(void *out)
{
	struct iovec v = { out, 16 };

	lseek(data_file(), 0, SEEK_SET);
	return syscall(SYS_readv, data_file(), &v, 1);
}

static long
o_vm_readv(void *out)
{
	static char bytes[16] = "another's bytes";
	struct iovec v = { out, 16 }, its = { bytes, 16 };

	return syscall(SYS_process_vm_readv, getpid(), &v, 1, &its, 1, 0);
}

static long
o_read_pipe(void *out)
{
	int fd[2];
	long got;
	int err;

	REQUIRE(pipe(fd) == 0);
	REQUIRE(write(fd[1], "0123456789abcdef", 16) == 16);
	got = syscall(SYS_read, fd[0], out, 16);
	err = errno;
	close(fd[0]);
	close(fd[1]);
	errno = err;
	return got;
}

static long
o_getcwd(void *out)
{
	return syscall(SYS_getcwd, out, 1000);
}

static long
o_pipe2(void *out)
{
	long got = syscall(SYS_pipe2, out, 0);

	if (got == 0) {
		int fd[2];

		memcpy(fd, out, sizeof(fd));
		close(fd[0]);
		close(fd[1]);
	}
	return got;
}

static long
o_fstat(void *out)
{
	return syscall(SYS_fstat, data_file(), out);
}

static long
o_newfstatat(void *out)
{
	return syscall(SYS_newfstatat, AT_FDCWD, "/", out, 0);
}

static long
o_statx(void *out)
{
	return syscall(SYS_statx, AT_FDCWD, "/", 0, 0x7ff, out);
}

/* Makes a child with exit status 7 and waits for it with wait4 or waitid. */
static long
wait_for_one(void *status, void *info, void *usage, bool by_id)
{
	pid_t pid = utest_fork();
	long got;
	int err;

	if (pid == 0)
		_exit(7);
	if (by_id)
		got = syscall(SYS_waitid, P_PID, pid, info, WEXITED, usage);
	else
		got = syscall(SYS_wait4, pid, status, 0, usage);
	err = errno;
	/* The call may have failed before or after it let the child go. */
	while (got < 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = err;
	return got;
}

static long
o_wait4_status(void *out)
{
	return wait_for_one(out, NULL, NULL, false);
}

static long
o_wait4_usage(void *out)
{
	return wait_for_one(NULL, NULL, out, false);
}

static long
o_waitid_info(void *out)
{
	return wait_for_one(NULL, out, NULL, true);
}

static long
o_waitid_usage(void *out)
{
	return wait_for_one(NULL, NULL, out, true);
}

static void
p_ppoll(void *out)
{
	struct pollfd want = { full_pipe(), POLLIN, 0 };

	memcpy(out, &want, sizeof(want));
}

static long
o_ppoll(void *out)
{
	return syscall(SYS_ppoll, out, 1, &no_time, NULL, 0);
}

static void
p_pselect(void *out)
{
	/* Asks whether the reading end can be written: it cannot. */
	uint64_t set = 1ull << full_pipe();

	memcpy(out, &set, sizeof(set));
}

static long
o_pselect(void *out)
{
	return syscall(SYS_pselect6, full_pipe() + 1, NULL, out, NULL, &no_time,
		       NULL);
}

static long
o_pselect_ex(void *out)
{
	return syscall(SYS_pselect6, full_pipe() + 1, NULL, NULL, out, &no_time,
		       NULL);
}

static void
p_pselect_in(void *out)
{
	uint64_t set = 1ull << empty_pipe();

	memcpy(out, &set, sizeof(set));
}

static long
o_pselect_in(void *out)
{
	return syscall(SYS_pselect6, empty_pipe() + 1, out, NULL, NULL,
		       &no_time, NULL);
}

static void
on_alarm(int sig)
{
	(void)sig;
}

/* A sleep that ends too early stores what was left of it. */
static long
cut_sleep(bool with_clock, void *left)
{
	static const struct itimerval soon = { { 0, 1000 }, { 0, 1000 } }, off;
	const struct timespec hour = { 3600, 0 };
	struct sigaction sa = { .sa_handler = on_alarm }, old;
	long got;
	int err;

	sigaction(SIGALRM, &sa, &old);
	setitimer(ITIMER_REAL, &soon, NULL);
	if (with_clock)
		got = syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &hour,
			      left);
	else
		got = syscall(SYS_nanosleep, &hour, left);
	err = errno;
	setitimer(ITIMER_REAL, &off, NULL);
	sigaction(SIGALRM, &old, NULL);
	errno = err;
	return got == -1 && err == EINTR ? 0 : got;
}

static long
o_nanosleep(void *out)
{
	return cut_sleep(false, out);
}

static long
o_clock_nanosleep(void *out)
{
	return cut_sleep(true, out);
}

static long
o_setitimer(void *out)
{
	static const struct itimerval off;

	return syscall(SYS_setitimer, ITIMER_REAL, &off, out);
}

static long
o_timezone(void *out)
{
	return syscall(SYS_gettimeofday, NULL, out);
}

static long
o_mincore(void *out)
{
	static char *p;

	if (p == NULL)
		p = pages_new(16);
	return syscall(SYS_mincore, p, 16 * PG, out);
}

static long
o_uname(void *out)
{
	return syscall(SYS_uname, out);
}

static long
o_times(void *out)
{
	return syscall(SYS_times, out) == -1 ? -1 : 0;
}

static long
o_clock_gettime(void *out)
{
	return syscall(SYS_clock_gettime, CLOCK_MONOTONIC, out);
}

static long
o_clock_getres(void *out)
{
	return syscall(SYS_clock_getres, CLOCK_MONOTONIC, out);
}

static long
o_gettimeofday(void *out)
{
	return syscall(SYS_gettimeofday, out, NULL);
}

static long
o_sigaction(void *out)
{
	return syscall(SYS_rt_sigaction, SIGUSR2, NULL, out, SIGSET_BYTES);
}

static long
o_sigprocmask(void *out)
{
	return syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, out, SIGSET_BYTES);
}

static long
o_sigpending(void *out)
{
	return syscall(SYS_rt_sigpending, out, SIGSET_BYTES);
}

static long
o_sigaltstack(void *out)
{
	return syscall(SYS_sigaltstack, NULL, out);
}

static long
o_sigtimedwait(void *out)
{
	sigset_t set;
	long got;
	int err;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR2);
	got = syscall(SYS_rt_sigtimedwait, &set, out, &no_time, SIGSET_BYTES);
	err = errno;
	signal(SIGUSR2, SIG_IGN);
	signal(SIGUSR2, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	errno = err;
	return got;
}

static long
o_getrandom(void *out)
{
	return syscall(SYS_getrandom, out, 16, 0);
}

static long
o_getdents(void *out)
{
	return syscall(SYS_getdents64, some_dir(), out, 1000);
}

static long
o_readlink(void *out)
{
	return syscall(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", out, 1000);
}

static long
o_statfs(void *out)
{
	return syscall(SYS_statfs, "/", out);
}

static long
o_fstatfs(void *out)
{
	return syscall(SYS_fstatfs, data_file(), out);
}

static long
o_sysinfo(void *out)
{
	return syscall(SYS_sysinfo, out);
}

static long
o_robust_head(void *out)
{
	size_t size;

	return syscall(SYS_get_robust_list, 0, out, &size);
}

static long
o_robust_size(void *out)
{
	void *head;

	return syscall(SYS_get_robust_list, 0, &head, out);
}

static long
o_prlimit(void *out)
{
	return syscall(SYS_prlimit64, 0, 3, NULL, out);
}

static long
o_getrusage(void *out)
{
	return syscall(SYS_getrusage, 0, out);
}

static long
o_getitimer(void *out)
{
	return syscall(SYS_getitimer, 0, out);
}

static long
o_sched_getparam(void *out)
{
	return syscall(SYS_sched_getparam, 0, out);
}

static long
o_sched_interval(void *out)
{
	return syscall(SYS_sched_rr_get_interval, 0, out);
}

static long
o_sched_getattr(void *out)
{
	return syscall(SYS_sched_getattr, 0, out, 48, 0);
}

static long
o_cpu(void *out)
{
	return syscall(SYS_getcpu, out, NULL, NULL);
}

static long
o_node(void *out)
{
	return syscall(SYS_getcpu, NULL, out, NULL);
}

static long
o_getaffinity(void *out)
{
	return syscall(SYS_sched_getaffinity, 0, 128, out);
}

static long
o_fionread(void *out)
{
	return syscall(SYS_ioctl, full_pipe(), FIONREAD, out);
}

static long
o_get_name(void *out)
{
	return syscall(SYS_prctl, PR_GET_NAME, out, 0, 0, 0);
}

static void
p_zero8(void *out)
{
	memset(out, 0, 8);
}

static long
o_sendfile(void *out)
{
	return syscall(SYS_sendfile, sink_file(), data_file(), out, 16);
}

/* The ids before and after the one that goes to out. */
static uint32_t other[2];

#define RES_ID(id, ...)                      \
	static long o_##id(void *out)        \
	{                                    \
		return syscall(__VA_ARGS__); \
	}

RES_ID(ruid, SYS_getresuid, out, &other[0], &other[1])
RES_ID(euid, SYS_getresuid, &other[0], out, &other[1])
RES_ID(suid, SYS_getresuid, &other[0], &other[1], out)
RES_ID(rgid, SYS_getresgid, out, &other[0], &other[1])
RES_ID(egid, SYS_getresgid, &other[0], out, &other[1])
RES_ID(sgid, SYS_getresgid, &other[0], &other[1], out)

static long
o_getrlimit(void *out)
{
	return syscall(SYS_getrlimit, 7, out);
}

static const struct out_call table[] = {
	{ "read", 2, 16, o_read, NULL, OUT_PARTIAL },
	{ "pread64", 4, 16, o_pread, NULL, OUT_PARTIAL },
	{ "readv", 2, 16, o_readv, NULL, OUT_PARTIAL },
	{ "process_vm_readv", 5, 16, o_vm_readv, NULL,
	  OUT_PARTIAL | OUT_NOT_QEMU },
	{ "read of a pipe", 3, 16, o_read_pipe, NULL, OUT_PARTIAL },
	{ "getcwd", 3, 2, o_getcwd, NULL, 0 },
	{ "pipe2", 3, 8, o_pipe2, NULL, OUT_NOT_QEMU },
	{ "fstat", 2, 128, o_fstat, NULL, 0 },
	{ "newfstatat", 2, 128, o_newfstatat, NULL, 0 },
	{ "statx", 4, 256, o_statx, NULL, 0 },
	{ "wait4 status", 3, 4, o_wait4_status, NULL, OUT_NULL_OK },
	{ "wait4 rusage", 3, 144, o_wait4_usage, NULL, OUT_NULL_OK },
	{ "waitid info", 5, 128, o_waitid_info, NULL, OUT_NULL_OK },
	{ "waitid rusage", 5, 144, o_waitid_usage, NULL, OUT_NULL_OK },
	{ "ppoll", 3, 8, o_ppoll, p_ppoll, 0 },
	{ "pselect6", 4, 8, o_pselect, p_pselect, OUT_NULL_OK },
	{ "pselect6 input", 4, 8, o_pselect_in, p_pselect_in, OUT_NULL_OK },
	{ "pselect6 exceptions", 4, 8, o_pselect_ex, p_pselect, OUT_NULL_OK },
	{ "uname", 3, 390, o_uname, NULL, 0 },
	{ "times", 5, 32, o_times, NULL, OUT_NULL_OK },
	{ "clock_gettime", 3, 16, o_clock_gettime, NULL, 0 },
	{ "clock_getres", 5, 16, o_clock_getres, NULL,
	  OUT_NULL_OK | OUT_NOT_QEMU },
	{ "gettimeofday", 5, 16, o_gettimeofday, NULL, OUT_NULL_OK },
	{ "rt_sigaction", 3, 24, o_sigaction, NULL, OUT_NULL_OK },
	{ "rt_sigprocmask", 3, 8, o_sigprocmask, NULL, OUT_NULL_OK },
	{ "rt_sigpending", 5, 8, o_sigpending, NULL, 0 },
	{ "sigaltstack", 5, 24, o_sigaltstack, NULL, OUT_NULL_OK },
	{ "rt_sigtimedwait", 5, 16, o_sigtimedwait, NULL, OUT_NULL_OK },
	{ "getrandom", 5, 16, o_getrandom, NULL, OUT_PARTIAL },
	{ "getdents64", 2, 19, o_getdents, NULL, 0 },
	{ "readlinkat", 2, 2, o_readlink, NULL, OUT_PARTIAL },
	{ "statfs", 4, 120, o_statfs, NULL, 0 },
	{ "fstatfs", 4, 120, o_fstatfs, NULL, 0 },
	{ "sysinfo", 4, 104, o_sysinfo, NULL, OUT_NOT_QEMU },
	{ "prlimit64", 5, 16, o_prlimit, NULL, OUT_NULL_OK },
	{ "get_robust_list's head", 5, 8, o_robust_head, NULL, OUT_NOT_QEMU },
	{ "get_robust_list's size", 5, 8, o_robust_size, NULL, OUT_NOT_QEMU },
	{ "getrusage", 5, 144, o_getrusage, NULL, 0 },
	{ "getitimer", 5, 32, o_getitimer, NULL, OUT_NOT_QEMU },
	{ "sched_getaffinity", 5, 8, o_getaffinity, NULL, 0 },
	{ "sched_getparam", 5, 4, o_sched_getparam, NULL, OUT_NULL_OK },
	{ "sched_rr_get_interval", 5, 16, o_sched_interval, NULL, 0 },
	{ "sched_getattr", 5, 48, o_sched_getattr, NULL,
	  OUT_NULL_OK | OUT_NOT_QEMU },
	{ "getcpu's hart", 5, 4, o_cpu, NULL, OUT_NULL_OK },
	{ "getcpu's node", 5, 4, o_node, NULL, OUT_NULL_OK },
	{ "ioctl FIONREAD", 5, 4, o_fionread, NULL, 0 },
	{ "prctl PR_GET_NAME", 5, 16, o_get_name, NULL, 0 },
	{ "sendfile", 4, 8, o_sendfile, p_zero8, OUT_NULL_OK },
	{ "getresuid real", 5, 4, o_ruid, NULL, 0 },
	{ "getresuid effective", 5, 4, o_euid, NULL, 0 },
	{ "getresuid saved", 5, 4, o_suid, NULL, 0 },
	{ "getresgid real", 5, 4, o_rgid, NULL, 0 },
	{ "getresgid effective", 5, 4, o_egid, NULL, 0 },
	{ "getresgid saved", 5, 4, o_sgid, NULL, 0 },
	{ "getrlimit", 5, 16, o_getrlimit, NULL, 0 },
	{ "nanosleep's rest", 5, 16, o_nanosleep, NULL,
	  OUT_NULL_OK | OUT_NOT_QEMU },
	{ "clock_nanosleep's rest", 5, 16, o_clock_nanosleep, NULL,
	  OUT_NULL_OK },
	{ "setitimer's old", 5, 32, o_setitimer, NULL, OUT_NULL_OK },
	{ "gettimeofday's zone", 5, 8, o_timezone, NULL, OUT_NULL_OK },
	{ "mincore", 5, 16, o_mincore, NULL, 0 },
};

const struct out_call *
out_calls(size_t *n)
{
	/* What the calls keep is made before a test counts descriptors. */
	data_file();
	sink_file();
	full_pipe();
	empty_pipe();
	some_dir();
	*n = ARRAY_LEN(table);
	return table;
}

bool
out_call_absent(const struct out_call *call, long got)
{
	return got == -1 && call->tier > 4 &&
	       (errno == ENOSYS || errno == EINVAL || errno == ENOTTY);
}

const struct bad_pointer *
bad_pointers(size_t *n)
{
	static struct bad_pointer bad[] = {
		{ "NULL", NULL, BAD_NULL },
		{ "a hole", NULL, 0 },
		{ "a kernel address", (char *)0xffffffc080000000, 0 },
		{ "the kernel's image", (char *)0xffffffff80200000, 0 },
		{ "not canonical", (char *)(1ul << 62), 0 },
		{ "the last byte of all", (char *)-1ul, 0 },
		{ "the last page of all", (char *)-4096ul, 0 },
		{ "close to wrapping", (char *)-4104ul, 0 },
		{ "a read-only page", NULL, BAD_READABLE },
		{ "a PROT_NONE page", NULL, 0 },
		{ "a byte before a hole", NULL, BAD_SHORT },
		{ "the end of the user's half", (char *)(1ul << 38), 0 },
	};
	static char *p;

	if (p == NULL) {
		p = pages_new(6);
		REQUIRE(mprotect(p, PG, PROT_READ) == 0);
		REQUIRE(munmap(p + PG, PG) == 0);
		REQUIRE(munmap(p + 3 * PG, PG) == 0);
		REQUIRE(mprotect(p + 4 * PG, PG, PROT_NONE) == 0);
		/* A string that begins there does not end there. */
		p[3 * PG - 1] = 'x';
		bad[8].p = p;
		bad[1].p = p + PG;
		bad[9].p = p + 4 * PG;
		bad[10].p = p + 3 * PG - 1;
	}
	/* Other machines have more than 2^38 bytes for a program. */
	*n = ARRAY_LEN(bad) - !on_tine();
	return bad;
}

void
bad_call(const struct out_call *call, const struct bad_pointer *bad)
{
	int fd, fd2;
	long got;

	if ((call->flags & OUT_NOT_QEMU) && on_qemu_user())
		return;
	if ((call->flags & OUT_TINE) && !on_tine())
		return;
	fd = dup(0);
	close(fd);
	errno = 0;
	got = call->call(bad->p);
	if (got == -1 && errno == EFAULT)
		;
	else if (got == -1 && errno == EINVAL && ((uintptr_t)bad->p & 3) &&
		 (call->flags & OUT_ALIGNED))
		;
	else if (out_call_absent(call, got))
		;
	else if (got >= 0 && (call->flags & OUT_IGNORED))
		;
	else if ((bad->flags & BAD_NULL) && (call->flags & OUT_NULL_OK))
		;
	else if ((bad->flags & BAD_SHORT) && (call->flags & OUT_PARTIAL) &&
		 got == 1)
		;
	else
		utest_fail(__FILE__, __LINE__,
			   "%s with %s (%p): expected "
			   "EFAULT, got %ld, %s",
			   call->name, bad->name, (void *)bad->p, got,
			   strerrorname_np(errno));
	if (bad->flags & BAD_READABLE)
		EXPECT_EQ(bytes_wrong(bad->p, PG, 0), 0);
	fd2 = dup(0);
	close(fd2);
	if (fd != fd2)
		utest_fail(__FILE__, __LINE__, "%s with %s lost a descriptor",
			   call->name, bad->name);
}
