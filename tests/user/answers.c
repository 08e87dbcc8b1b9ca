/* SPDX-License-Identifier: MIT */
/*
 * tests/user/answers.c - calls with arguments that few programs give: the order
 * of checks, empty paths, flags that do not go together, ids of threads.
 *
 * Linux gives the same answers; the last test is about the kernel's own log.
 */
#include "thread.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define OMIT UTIME_OMIT

/* ---- files ---- */

UTEST(empty_link, "AN1 readlinkat with an empty path reads an open link only")
{
	char path[64], to[16];
	int fd, link;

	snprintf(path, sizeof(path), "/tmp/link-%d", getpid());
	REQUIRE_EQ(symlink("target", path), 0);
	link = open(path, O_PATH | O_NOFOLLOW);
	fd = open("/", O_RDONLY);
	REQUIRE(link >= 0 && fd >= 0);
	EXPECT_EQ(readlinkat(link, "", to, sizeof(to)), 6);
	EXPECT(memcmp(to, "target", 6) == 0);
	EXPECT_ERR(readlinkat(fd, "", to, sizeof(to)), ENOENT);
	EXPECT_ERR(readlinkat(AT_FDCWD, "", to, sizeof(to)), ENOENT);
	EXPECT_ERR(readlinkat(fd, ".", to, sizeof(to)), EINVAL);
	EXPECT_ERR(readlinkat(-1, "", to, sizeof(to)), EBADF);
	EXPECT_ERR(readlinkat(-1, "", to, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_readlinkat, link, "", 1, 16), EFAULT);
	EXPECT_ERR(syscall(SYS_readlinkat, link, 1, to, 16), EFAULT);
	close(fd);
	close(link);
	unlink(path);
}

UTEST(bytes_left, "AN2 FIONREAD of a regular file: bytes behind the position")
{
	int fd = temp_file_of('x', 100), n = -1, dir = open("/", O_RDONLY);

	REQUIRE(fd >= 0 && dir >= 0);
	EXPECT_EQ(lseek(fd, 30, SEEK_SET), 30);
	EXPECT_EQ(ioctl(fd, FIONREAD, &n), 0);
	EXPECT_EQ(n, 70);
	EXPECT_EQ(lseek(fd, 150, SEEK_SET), 150);
	EXPECT_EQ(ioctl(fd, FIONREAD, &n), 0);
	EXPECT_EQ(n, -50);
	EXPECT_ERR(syscall(SYS_ioctl, fd, FIONREAD, 1), EFAULT);
	EXPECT_ERR(ioctl(dir, FIONREAD, &n), ENOTTY);
	close(dir);
	close(fd);
}

UTEST(position, "AN3 a position below 0 is refused before a bad descriptor")
{
	char byte;
	struct iovec v = { &byte, 1 };

	EXPECT_ERR(pread(-1, &byte, 1, -1), EINVAL);
	EXPECT_ERR(pwrite(-1, &byte, 1, -1), EINVAL);
	EXPECT_ERR(preadv(-1, &v, 1, -1), EINVAL);
	EXPECT_ERR(pwritev(-1, &v, 1, -1), EINVAL);
	EXPECT_ERR(pread(-1, &byte, 1, 0), EBADF);
	EXPECT_ERR(pwrite(-1, &byte, 1, 0), EBADF);
}

static long
set_times(int dir, const char *path, const void *ts, unsigned flags)
{
	return syscall(SYS_utimensat, dir, path, ts, flags);
}

UTEST(times, "AN4 utimensat: flags without a path, the order of checks")
{
	static const struct timespec omit[2] = { { 1, OMIT }, { 1, OMIT } },
				     bad[2] = { { 1, 1000000000 }, { 1, 0 } },
				     one[2] = { { 1, 5 }, { 7, OMIT } };
	int fd = temp_file_of('x', 1);
	const void *volatile wild = (void *)8;
	struct stat before, after;

	REQUIRE(fd >= 0);
	EXPECT_EQ(fstat(fd, &before), 0);
	EXPECT_EQ(set_times(fd, NULL, one, 0), 0);
	EXPECT_EQ(fstat(fd, &after), 0);
	EXPECT(after.st_atim.tv_sec == 1 && after.st_atim.tv_nsec == 5);
	EXPECT_EQ(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
	EXPECT_ERR(set_times(fd, NULL, one, AT_SYMLINK_NOFOLLOW), EINVAL);
	EXPECT_ERR(set_times(fd, NULL, one, AT_EMPTY_PATH), EINVAL);
	EXPECT_ERR(set_times(fd, "", one, AT_REMOVEDIR), EINVAL);
	EXPECT_ERR(set_times(fd, "", one, 0), ENOENT);
	EXPECT_EQ(set_times(fd, "", one, AT_EMPTY_PATH), 0);
	EXPECT_ERR(set_times(fd, NULL, wild, AT_REMOVEDIR), EFAULT);
	EXPECT_EQ(set_times(-1, "/none", omit, AT_REMOVEDIR), 0);
	EXPECT_ERR(set_times(-1, NULL, bad, 0), EBADF);
	EXPECT_ERR(set_times(-1, "/none", bad, 0), ENOENT);
	EXPECT_ERR(set_times(fd, NULL, bad, 0), EINVAL);
	EXPECT_ERR(set_times(AT_FDCWD, NULL, one, 0), EFAULT);
	close(fd);
}

UTEST(mode3, "AN5 access mode 3: both permissions, and a file for ioctl only")
{
	char path[64], byte = 'b';
	int fd, n = -1;

	snprintf(path, sizeof(path), "/tmp/mode3-%d", getpid());
	fd = open(path, O_CREAT | O_RDWR, 0600);
	REQUIRE(fd >= 0);
	EXPECT_EQ(write(fd, "four", 4), 4);
	close(fd);
	fd = open(path, O_ACCMODE);
	REQUIRE(fd >= 0);
	EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_ACCMODE);
	EXPECT_ERR(read(fd, &byte, 1), EBADF);
	EXPECT_ERR(write(fd, &byte, 1), EBADF);
	EXPECT_ERR(ftruncate(fd, 1), EINVAL);
	EXPECT_EQ(mmap(NULL, PG, PROT_READ, MAP_SHARED, fd, 0), MAP_FAILED);
	EXPECT_EQ(errno, EACCES);
	EXPECT_EQ(ioctl(fd, FIONREAD, &n), 0);
	EXPECT_EQ(n, 4);
	close(fd);
	EXPECT_ERR(open("/", O_ACCMODE), EISDIR);
	if (getuid() == 0 && !on_qemu_user()) {
		pid_t pid;

		EXPECT_EQ(chmod(path, 0644), 0);
		pid = utest_fork();
		if (pid == 0) {
			utest_become(1001);
			EXPECT_ERR(open(path, O_ACCMODE), EACCES);
			utest_done();
		}
		EXPECT_CLEAN(pid);
	}
	unlink(path);
	REQUIRE_EQ(mkfifo(path, 0600), 0);
	EXPECT_ERR(open(path, O_ACCMODE), EINVAL);
	EXPECT_ERR(open(path, O_ACCMODE | O_NONBLOCK), EINVAL);
	unlink(path);
}

/* ---- random numbers ---- */

UTEST(random_flags, "AN6 getrandom refuses RANDOM with INSECURE")
{
	char buf[8];

	EXPECT_EQ(syscall(SYS_getrandom, buf, 8, 1), 8);
	EXPECT_EQ(syscall(SYS_getrandom, buf, 8, 4), 8);
	EXPECT_EQ(syscall(SYS_getrandom, buf, 8, 5), 8);
	EXPECT_ERR(syscall(SYS_getrandom, buf, 8, 2 | 4), EINVAL);
	EXPECT_ERR(syscall(SYS_getrandom, buf, 8, 8), EINVAL);
}

/* ---- threads ---- */

static _Atomic pid_t thread_id;
static _Atomic int leave;

static void *
idle_thread(void *unused)
{
	thread_id = (pid_t)syscall(SYS_gettid);
	while (!leave)
		sched_yield();
	return NULL;
}

UTEST(thread_ids, "AN7 the id of a thread names its process")
{
	struct rlimit want, got;
	char from = 'f', to = 't';
	struct iovec here = { &to, 1 }, there = { &from, 1 };
	pthread_t t;
	pid_t tid;

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	t = start(idle_thread, NULL);
	while (thread_id == 0)
		sched_yield();
	tid = thread_id;
	EXPECT(tid != getpid());
	EXPECT_EQ(getpgid(tid), getpgid(0));
	EXPECT_EQ(getsid(tid), getsid(0));
	EXPECT_EQ(kill(tid, 0), 0);
	EXPECT_EQ(getrlimit(RLIMIT_CORE, &want), 0);
	EXPECT_EQ(prlimit(tid, RLIMIT_CORE, NULL, &got), 0);
	EXPECT(got.rlim_cur == want.rlim_cur && got.rlim_max == want.rlim_max);
	EXPECT_EQ(process_vm_readv(tid, &here, 1, &there, 1, 0), 1);
	EXPECT_EQ(to, 'f');
	EXPECT_ERR(setpgid(tid, 0), EINVAL);
	EXPECT_ERR(setpgid(tid, getpgid(0)), EINVAL);
	leave = 1;
	finish(t);
	/* A thread may still be listed for a moment after it was joined. */
	while (kill(tid, 0) == 0)
		sched_yield();
	EXPECT_ERR(getpgid(tid), ESRCH);
	EXPECT_ERR(prlimit(tid, RLIMIT_CORE, NULL, &got), ESRCH);
	EXPECT_ERR(setpgid(tid, 0), ESRCH);
}

/* ---- signals ---- */

#ifdef __x86_64__
#define RESTORER 0x04000000ul
#else
#define RESTORER 0ul
#endif
#define KNOWN (0xd8000807ul | RESTORER)

struct kernel_action {
	unsigned long handler, flags;
#ifdef __x86_64__
	unsigned long restorer;
#endif
	unsigned long mask;
};

static long
kernel_action(const struct kernel_action *new, struct kernel_action *old)
{
	return syscall(SYS_rt_sigaction, SIGUSR1, new, old, 8);
}

UTEST(action_flags, "AN8 sigaction gives back only the flags that are known")
{
	struct kernel_action all = { .flags = ~0ul, .mask = ~0ul }, got;

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	EXPECT_EQ(kernel_action(&all, NULL), 0);
	EXPECT_EQ(kernel_action(NULL, &got), 0);
	EXPECT_EQ(got.flags, KNOWN);
	EXPECT_EQ(got.mask, ~(1ul << (SIGKILL - 1) | 1ul << (SIGSTOP - 1)));
	all.flags = 0;
	EXPECT_EQ(kernel_action(&all, &got), 0);
	EXPECT_EQ(got.flags, KNOWN);
	EXPECT_EQ(kernel_action(NULL, &got), 0);
	EXPECT_EQ(got.flags, 0);
}

/* ---- the log ---- */

enum { READ_ALL = 3, READ_CLEAR, CLEAR, LEVEL = 8, SIZE = 10 };

UTEST(log_newest, "AN9 syslog reads the newest whole lines, and clears")
{
	static char all[65536], some[301], *before;
	int n, part;

	need_tine("the log is small and quiet there");
	n = klogctl(READ_ALL, all, sizeof(all));
	REQUIRE(n > 300);
	EXPECT_EQ(all[n - 1], '\n');
	part = klogctl(READ_ALL, some, 300);
	REQUIRE(part > 0 && part <= 300);
	EXPECT(memcmp(some, all + n - part, (size_t)part) == 0);
	EXPECT_EQ(all[n - part - 1], '\n');
	/* The line before does not fit. */
	before = memrchr(all, '\n', (size_t)(n - part - 1));
	REQUIRE(before != NULL);
	EXPECT(all + n - (before + 1) > 300);
	EXPECT_EQ(klogctl(READ_ALL, some, 3), 0);
	EXPECT_EQ(klogctl(READ_ALL, some, 0), 0);
	EXPECT_ERR(klogctl(READ_ALL, some, -1), EINVAL);
	EXPECT_ERR(klogctl(READ_ALL, NULL, 5), EINVAL);
	EXPECT_ERR(klogctl(READ_ALL, (char *)1, 3000), EFAULT);
	EXPECT_ERR(klogctl(READ_ALL, (char *)(1ul << 40), 1), EFAULT);
	EXPECT_ERR(klogctl(LEVEL, NULL, 0), EINVAL);
	EXPECT_ERR(klogctl(LEVEL, NULL, 9), EINVAL);
	EXPECT_ERR(klogctl(77, some, 1), EINVAL);
	EXPECT_EQ(klogctl(SIZE, NULL, 0), 32768);
}

UTEST(log_rights, "AN10 only root clears the log and sets its level")
{
	char byte;
	pid_t pid;

	need_tine("no other program reads the log there");
	pid = utest_fork();
	if (pid == 0) {
		utest_become(1001);
		EXPECT_ERR(klogctl(READ_CLEAR, &byte, 1), EPERM);
		EXPECT_ERR(klogctl(CLEAR, NULL, 0), EPERM);
		EXPECT_ERR(klogctl(LEVEL, NULL, 4), EPERM);
		EXPECT_EQ(klogctl(READ_ALL, &byte, 1), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(klogctl(CLEAR, NULL, 0), 0);
	EXPECT_EQ(klogctl(READ_ALL, &byte, 1), 0);
}
