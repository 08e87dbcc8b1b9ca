/* SPDX-License-Identifier: MIT */
/*
 * tests/user/refuse.c - calls that are refused whatever the file's mode: no
 * such process, the wrong process group or session, another session's terminal,
 * a file or mount in use.
 *
 * The calls that decide by the caller's identity are in tests/user/matrix/.
 */
#include "utest.h"

#include <dirent.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>

#define NO_PID 999999
#define USER   1001

static long
queue(pid_t pid, int sig, int code)
{
	siginfo_t info = { .si_code = code };

	return syscall(SYS_rt_sigqueueinfo, pid, sig, &info);
}

UTEST(x1, "X1 every call on a process that is not there says so")
{
	char byte;
	struct iovec v = { &byte, 1 };
	struct rlimit limit = { 1, 1 };
	unsigned long mask[16];
	void *head;
	size_t size;

	EXPECT_ERR(kill(NO_PID, 0), ESRCH);
	EXPECT_ERR(kill(-NO_PID, 0), ESRCH);
	EXPECT_ERR(syscall(SYS_tkill, NO_PID, 0), ESRCH);
	EXPECT_ERR(syscall(SYS_tgkill, NO_PID, NO_PID, 0), ESRCH);
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), NO_PID, 0), ESRCH);
	EXPECT_ERR(queue(NO_PID, 0, SI_QUEUE), ESRCH);
	EXPECT_ERR(getpgid(NO_PID), ESRCH);
	EXPECT_ERR(getsid(NO_PID), ESRCH);
	EXPECT_ERR(setpgid(NO_PID, 0), ESRCH);
	EXPECT_ERR(getpriority(PRIO_PROCESS, NO_PID), ESRCH);
	EXPECT_ERR(setpriority(PRIO_PROCESS, NO_PID, 0), ESRCH);
	EXPECT_ERR(getpriority(PRIO_PGRP, NO_PID), ESRCH);
	EXPECT_ERR(prlimit(NO_PID, RLIMIT_CORE, NULL, &limit), ESRCH);
	EXPECT_ERR(prlimit(NO_PID, RLIMIT_CORE, &limit, NULL), ESRCH);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, NO_PID, sizeof(mask), mask),
		   ESRCH);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, -1, sizeof(mask), mask),
		   ESRCH);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, -1, 1, mask), EINVAL);
	EXPECT_ERR(process_vm_readv(NO_PID, &v, 1, &v, 1, 0), ESRCH);
	EXPECT_ERR(process_vm_writev(NO_PID, &v, 1, &v, 1, 0), ESRCH);
	EXPECT_ERR(syscall(SYS_get_robust_list, NO_PID, &head, &size), ESRCH);
}

UTEST(x2, "X2 a file in /proc of a process that has gone reads ESRCH")
{
	static const char *const names[] = { "status", "stat", "cmdline",
					     "comm" };
	int fds[ARRAY_LEN(names)];
	char path[64], buf[64];
	struct peer p;

	if (fork_peer(&p) == 0) {
		peer_wait(&p);
		utest_done();
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", p.pid, names[i]);
		fds[i] = open(path, O_RDONLY);
		REQUIRE(fds[i] >= 0);
	}
	peer_post(&p);
	PEER_END(&p);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		EXPECT_ERR(read(fds[i], buf, sizeof(buf)), ESRCH);
		close(fds[i]);
	}
}

/* What a read of /proc/PID/NAME gives when the process has gone. */
static int
errno_after_end(const char *name)
{
	/*
	 * After the end of the process the memory behind these files is empty.
	 */
	static const char *const empty[] = { "environ", "mem",	   "maps",
					     "smaps",	"pagemap", "pagewalk" };

	for (size_t i = 0; i < ARRAY_LEN(empty); i++)
		if (strcmp(name, empty[i]) == 0)
			return 0;
	if (strcmp(name, "mounts") == 0)
		return 0; /* the same for all processes */
	return strcmp(name, "fail-nth") == 0 ? EPERM : ESRCH;
}

UTEST(x2_all, "X2 all files in /proc of a process, before and after its end")
{
	int fds[64], gone[64], want[64], adj, n = 0;
	char path[300], buf[64];
	struct dirent *e;
	struct peer p;
	siginfo_t info;
	DIR *d;

	need_tine("its files in /proc");
	if (fork_peer(&p) == 0) {
		peer_wait(&p);
		utest_done();
	}
	snprintf(path, sizeof(path), "/proc/%d", p.pid);
	d = opendir(path);
	REQUIRE(d != NULL);
	while ((e = readdir(d)) != NULL && n < 64) {
		if (e->d_type != DT_REG)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/%s", p.pid, e->d_name);
		fds[n] = open(path, O_RDONLY);
		gone[n] = open(path, O_PATH);
		EXPECT(fds[n] >= 0 && gone[n] >= 0);
		want[n++] = errno_after_end(e->d_name);
	}
	closedir(d);
	EXPECT(n >= 15);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", p.pid);
	adj = open(path, O_WRONLY);
	EXPECT_EQ(write(adj, "10", 2), 2);
	peer_post(&p);
	EXPECT_EQ(waitid(P_PID, (id_t)p.pid, &info, WEXITED | WNOWAIT), 0);
	/* A zombie has no memory, and therefore no strategy. */
	snprintf(path, sizeof(path), "/proc/%d/fork_strategy", p.pid);
	fds[n] = open(path, O_RDONLY);
	EXPECT_ERR(read(fds[n], buf, sizeof(buf)), ESRCH);
	close(fds[n]);
	PEER_END(&p);
	EXPECT_ERR(write(adj, "10", 2), ESRCH);
	close(adj);
	for (int i = 0; i < n; i++) {
		if (want[i] == 0)
			EXPECT(read(fds[i], buf, sizeof(buf)) >= 0);
		else
			EXPECT_ERR(read(fds[i], buf, sizeof(buf)), want[i]);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", gone[i]);
		EXPECT_ERR(open(path, O_RDONLY), ESRCH);
		close(fds[i]);
		close(gone[i]);
	}
}

UTEST(x2_zombie, "X2 the memory of a zombie cannot be read")
{
	pid_t pid = utest_fork();
	char byte = 0;
	struct iovec v = { &byte, 1 };
	siginfo_t info;

	if (pid == 0)
		utest_done();
	EXPECT_EQ(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	EXPECT_ERR(process_vm_readv(pid, &v, 1, &v, 1, 0), ESRCH);
	EXPECT_ERR(process_vm_writev(pid, &v, 1, &v, 1, 0), ESRCH);
	EXPECT_CLEAN(pid);
}

/* ---- groups and sessions ---- */

UTEST(x3, "X3 setpgid: only oneself and one's children, before exec")
{
	struct peer p, q;

	EXPECT_ERR(setpgid(getppid(), 0), ESRCH);
	EXPECT_ERR(setpgid(0, NO_PID), EPERM);
	EXPECT_ERR(setpgid(0, -1), EINVAL);
	if (fork_peer(&p) == 0) {
		if (fork_peer(&q) == 0) {
			peer_wait(&q);
			utest_done();
		}
		/* A leader of a session cannot leave it. */
		REQUIRE(setsid() == getpid());
		/*
		 * Its child has stayed in the old session and leads no group.
		 */
		EXPECT_ERR(setpgid(q.pid, q.pid), EPERM);
		peer_post(&q);
		PEER_END(&q);
		EXPECT_ERR(setpgid(0, 0), EPERM);
		EXPECT_ERR(setsid(), EPERM);
		EXPECT_ERR(setpgid(0, getppid()), EPERM);
		peer_post(&p);
		peer_wait(&p);
		utest_done();
	}
	peer_wait(&p);
	/* Another session's process, and its group. */
	EXPECT_ERR(setpgid(p.pid, p.pid), EPERM);
	EXPECT_ERR(setpgid(0, p.pid), EPERM);
	if (fork_peer(&q) == 0) {
		/* A sibling is not a child, nor is a grandchild. */
		EXPECT_ERR(setpgid(p.pid, 0), ESRCH);
		EXPECT_EQ(setpgid(0, 0), 0);
		EXPECT_ERR(setsid(), EPERM);
		peer_post(&q);
		peer_wait(&q);
		utest_done();
	}
	peer_wait(&q);
	EXPECT_EQ(setpgid(q.pid, 0), 0);
	EXPECT_EQ(setpgid(q.pid, getpgrp()), 0);
	peer_post(&q);
	PEER_END(&q);
	peer_post(&p);
	PEER_END(&p);
}

UTEST(x4, "X4 setpgid of a child that has called exec is refused")
{
	int in[2], out[2];
	char byte = 'x';
	pid_t pid;

	REQUIRE(pipe(in) == 0 && pipe(out) == 0);
	pid = utest_fork();
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		exec_cat();
	}
	close(in[0]);
	close(out[1]);
	/* The answer shows that the child executes the program. */
	REQUIRE(write(in[1], &byte, 1) == 1 && read(out[0], &byte, 1) == 1);
	EXPECT_ERR(setpgid(pid, pid), EACCES);
	close(in[1]);
	EXPECT_EXIT(pid, 0);
	close(out[0]);
}

/* Leaves the other side open: without it there would be no terminal. */
static int
terminal_open(void)
{
	int master;

	if (on_tine())
		return open("/dev/console", O_RDWR | O_NOCTTY);
	master = posix_openpt(O_RDWR | O_NOCTTY);
	if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
		return -1;
	return open(ptsname(master), O_RDWR | O_NOCTTY);
}

static void
terminal_of_others(int tty)
{
	struct peer p;

	/* In the session, not its leader. */
	if (fork_peer(&p) == 0) {
		EXPECT_ERR(ioctl(tty, TIOCSCTTY, 0), EPERM);
		EXPECT_ERR(ioctl(tty, TIOCSCTTY, 1), EPERM);
		utest_done();
	}
	PEER_END(&p);
	/* The leader of another session, which has no terminal. */
	if (fork_peer(&p) == 0) {
		int group = getpid();

		REQUIRE(setsid() == getpid());
		EXPECT_ERR(ioctl(tty, TIOCSCTTY, 0), EPERM);
		EXPECT_ERR(ioctl(tty, TIOCNOTTY), ENOTTY);
		EXPECT_ERR(ioctl(tty, TIOCSPGRP, &group), ENOTTY);
		peer_post(&p);
		peer_wait(&p);
		utest_done();
	}
	peer_wait(&p);
	/* A group of another session cannot come to the foreground of ours. */
	EXPECT_ERR(ioctl(tty, TIOCSPGRP, &p.pid), EPERM);
	peer_post(&p);
	PEER_END(&p);
}

UTEST(x5, "X5 a terminal: its session's leader takes it, its groups only come "
	  "to the front")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		int tty;

		signal(SIGHUP, SIG_IGN);
		signal(SIGTTOU, SIG_IGN);
		REQUIRE(setsid() == getpid());
		tty = terminal_open();
		REQUIRE(tty >= 0);
		REQUIRE(ioctl(tty, TIOCSCTTY, 1) == 0);
		EXPECT_EQ(ioctl(tty, TIOCSCTTY, 0), 0);
		terminal_of_others(tty);
		EXPECT_EQ(ioctl(tty, TIOCNOTTY), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

/* ---- signals ---- */

static volatile long nested[3]; /* answers inside the handler */

static void
on_other_stack(int sig)
{
	static char more[65536];
	stack_t other = { .ss_sp = more, .ss_size = sizeof(more) };
	stack_t none = { .ss_flags = SS_DISABLE };

	(void)sig;
	nested[0] = sigaltstack(&other, NULL) == 0 ? 0 : errno;
	nested[1] = sigaltstack(&none, NULL) == 0 ? 0 : errno;
	nested[2] = sigaltstack(NULL, &other) == 0 ? 0 : errno;
}

UTEST(x6, "X6 the signal stack cannot be changed by a handler that runs on it")
{
	static char stack[65536];
	stack_t s = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction act = { .sa_flags = SA_ONSTACK };

	act.sa_handler = on_other_stack;
	REQUIRE(sigaltstack(&s, NULL) == 0);
	REQUIRE(sigaction(SIGUSR1, &act, NULL) == 0);
	raise(SIGUSR1);
	EXPECT_EQ(nested[0], EPERM);
	EXPECT_EQ(nested[1], EPERM);
	EXPECT_EQ(nested[2], 0);
	s.ss_flags = SS_DISABLE;
	EXPECT_EQ(sigaltstack(&s, NULL), 0);
}

/* ---- pipes, files, mounts ---- */

UTEST(x7, "X7 a pipe: no size beyond the limit for a user, none below what is "
	  "in it")
{
	char page[PG];
	int fd[2];
	pid_t pid;

	REQUIRE(pipe(fd) == 0);
	memset(page, 'p', sizeof(page));
	for (int i = 0; i < 3; i++)
		REQUIRE(write(fd[1], page, PG) == (ssize_t)PG);
	EXPECT_ERR(fcntl(fd[1], F_SETPIPE_SZ, (int)PG), EBUSY);
	EXPECT_EQ(fcntl(fd[1], F_SETPIPE_SZ, 4 * (int)PG), 4 * (int)PG);
	EXPECT_EQ(read(fd[0], page, PG), (long)PG);
	pid = utest_fork();
	if (pid == 0) {
		utest_become(USER);
		EXPECT_ERR(fcntl(fd[1], F_SETPIPE_SZ, 64 << 20), EPERM);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	close(fd[0]);
	close(fd[1]);
}

UTEST(x8, "X8 a mapping has no right that its descriptor has not")
{
	char path[256];
	int both, in, out;
	void *at;

	snprintf(path, sizeof(path), "%s/refuse-x8", utest_dir);
	both = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);
	in = open(path, O_RDONLY);
	out = open(path, O_WRONLY);
	REQUIRE(both >= 0 && in >= 0 && out >= 0 && ftruncate(both, PG) == 0);
	EXPECT(mmap(NULL, PG, PROT_WRITE, MAP_SHARED, out, 0) == MAP_FAILED &&
	       errno == EACCES);
	EXPECT(mmap(NULL, PG, PROT_READ, MAP_PRIVATE, out, 0) == MAP_FAILED &&
	       errno == EACCES);
	EXPECT(mmap(NULL, PG, PROT_WRITE, MAP_SHARED, in, 0) == MAP_FAILED &&
	       errno == EACCES);
	at = mmap(NULL, PG, PROT_READ, MAP_SHARED, in, 0);
	REQUIRE(at != MAP_FAILED);
	EXPECT_ERR(mprotect(at, PG, PROT_READ | PROT_WRITE), EACCES);
	munmap(at, PG);
	at = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_PRIVATE, in, 0);
	EXPECT(at != MAP_FAILED);
	EXPECT_EQ(mprotect(at, PG, PROT_READ), 0);
	EXPECT_EQ(mprotect(at, PG, PROT_READ | PROT_WRITE), 0);
	munmap(at, PG);
	close(both);
	close(in);
	close(out);
	unlink(path);
}

UTEST(x9, "X9 mounts: a disk and a directory are used once, the root stays")
{
	need_tine("mounting changes the system");
	REQUIRE(mkdir("/tmp/x9", 0777) == 0 && mkdir("/tmp/x9b", 0777) == 0);
	/* "."  still names the folder that was there before. */
	REQUIRE(chdir("/tmp/x9") == 0);
	REQUIRE(mount("none", "/tmp/x9", "tmpfs", MS_NODEV, NULL) == 0);
	EXPECT_ERR(mount("none", ".", "tmpfs", 0, NULL), EBUSY);
	REQUIRE(chdir("/") == 0);
	EXPECT_ERR(mount("/dev/vda", "/tmp/x9b", "ext2", 0, NULL), EBUSY);
	EXPECT_ERR(umount("/"), EBUSY);
	EXPECT_ERR(mount("none", "/", "tmpfs", 0, NULL), EBUSY);
	REQUIRE(mkdir("/tmp/x9c", 0777) == 0 && chdir("/tmp/x9c") == 0);
	REQUIRE(rmdir("/tmp/x9c") == 0);
	EXPECT_ERR(mount("none", ".", "tmpfs", 0, NULL), ENOENT);
	REQUIRE(chdir("/") == 0);
	/*
	 * A device node on a disk mounted without devices stands for nothing.
	 */
	REQUIRE(mknod("/tmp/x9/disk", S_IFBLK | 0600, makedev(254, 0)) == 0);
	EXPECT_ERR(mount("/tmp/x9/disk", "/tmp/x9b", "ext2", 0, NULL), EACCES);
	EXPECT_ERR(open("/tmp/x9/disk", O_RDONLY), EACCES);
	REQUIRE(mknod("/x9disk", S_IFBLK | 0600, makedev(254, 0)) == 0);
	EXPECT_EQ(unlink("/x9disk"), 0);
	EXPECT_EQ(umount("/tmp/x9"), 0);
	EXPECT_EQ(rmdir("/tmp/x9"), 0);
	EXPECT_EQ(rmdir("/tmp/x9b"), 0);
}

UTEST(x9_flags,
      "X9 mounts: what there is not is refused, not taken for a mount")
{
	static const unsigned long none[] = {
		MS_BIND,   MS_BIND | MS_REC,	MS_MOVE,
		MS_SHARED, MS_PRIVATE | MS_REC, MS_SLAVE,
		MS_NOUSER, MS_UNBINDABLE,	MS_SYNCHRONOUS,
	};
	pid_t pid;

	need_tine("mounting changes the system");
	REQUIRE(mkdir("/tmp/x9", 0777) == 0);
	for (unsigned i = 0; i < ARRAY_LEN(none); i++) {
		EXPECT_ERR(mount("/bin", "/tmp/x9", NULL, none[i], NULL),
			   EINVAL);
		EXPECT_ERR(mount("none", "/tmp/x9", "tmpfs", none[i], NULL),
			   EINVAL);
		EXPECT_ERR(mount("none", "/tmp/no", "tmpfs", none[i], NULL),
			   ENOENT);
	}
	EXPECT_ERR(mount("none", "/tmp/x9", NULL, 0, NULL), EINVAL);
	EXPECT_ERR(mount("none", "/tmp/x9", "nosuch", 0, NULL), ENODEV);
	EXPECT_ERR(umount2("/tmp/x9", 16), EINVAL);
	EXPECT_ERR(umount2("/tmp/x9", MNT_EXPIRE), EINVAL);
	/* With the magic number of old programs, and by a link's own name. */
	EXPECT_EQ(mount("none", "/tmp/x9", "tmpfs", MS_MGC_VAL | MS_NODEV,
			NULL),
		  0);
	REQUIRE(symlink("/tmp/x9", "/tmp/x9link") == 0);
	EXPECT_ERR(umount2("/tmp/x9link", UMOUNT_NOFOLLOW), EINVAL);
	EXPECT_EQ(umount2("/tmp/x9link", 0), 0);
	REQUIRE(unlink("/tmp/x9link") == 0);
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(setuid(1000) == 0);
		EXPECT_ERR(mount("none", "/tmp/no", "tmpfs", 0, NULL), ENOENT);
		EXPECT_ERR(mount("none", "/tmp/x9", NULL, 0, NULL), EPERM);
		EXPECT_ERR(mount("none", "/tmp/x9", "tmpfs", MS_BIND, NULL),
			   EPERM);
		EXPECT_ERR(mount((char *)1, "/tmp/no", "tmpfs", 0, NULL),
			   EFAULT);
		EXPECT_ERR(umount2("/tmp/no", 0), ENOENT);
		EXPECT_ERR(umount2("/tmp/x9", 0), EPERM);
		EXPECT_ERR(umount2("/tmp/x9", 16), EINVAL);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(rmdir("/tmp/x9"), 0);
}

/* ---- files of the kernel ---- */

UTEST(x10, "X10 /proc: root, too, can only write and change what can be "
	   "written and changed")
{
	char text[64];
	struct peer p;
	int fd;

	need_tine("its files in /proc");
	EXPECT_ERR(open("/proc/meminfo", O_WRONLY), EACCES);
	EXPECT_ERR(open("/proc/self/status", O_RDWR), EACCES);
	EXPECT_ERR(open("/proc/self/pagemap", O_RDWR), EACCES);
	EXPECT_ERR(open("/proc/self/pagewalk", O_WRONLY), EACCES);
	EXPECT_ERR(chmod("/proc/meminfo", 0777), EPERM);
	EXPECT_ERR(chown("/proc/self/status", 1, 1), EPERM);
	EXPECT_ERR(mkdir("/proc/x10", 0777), EPERM);
	EXPECT_ERR(mknod("/proc/x10", S_IFREG | 0600, 0), EPERM);
	EXPECT_ERR(symlink("x", "/proc/x10"), EPERM);
	EXPECT_ERR(unlink("/proc/meminfo"), EPERM);
	EXPECT_ERR(rename("/proc/meminfo", "/proc/x10"), EPERM);
	EXPECT_ERR(link("/proc/meminfo", "/proc/x10"), EPERM);
	/* Another process's strategy can be read, not set. */
	if (fork_peer(&p) == 0) {
		peer_wait(&p);
		utest_done();
	}
	snprintf(text, sizeof(text), "/proc/%d/fork_strategy", p.pid);
	fd = open(text, O_RDWR);
	REQUIRE(fd >= 0);
	EXPECT_ERR(write(fd, "cow", 3), EPERM);
	EXPECT(read(fd, text, sizeof(text)) > 0);
	close(fd);
	snprintf(text, sizeof(text), "/proc/%d/fail-nth", p.pid);
	fd = open(text, O_RDWR);
	if (fd >= 0) {
		EXPECT_ERR(write(fd, "1", 1), EPERM);
		EXPECT_ERR(read(fd, text, sizeof(text)), EPERM);
		close(fd);
	}
	peer_post(&p);
	PEER_END(&p);
}

UTEST(x11, "X11 what is no process, and no limit, is refused")
{
	struct rlimit limit = { 1 << 30, 1 << 30 };

	EXPECT_ERR(kill(INT32_MIN, 0), ESRCH);
	EXPECT_ERR(queue(-1, 0, SI_QUEUE), ESRCH);
	EXPECT_ERR(queue(0, 0, SI_QUEUE), ESRCH);
	EXPECT_ERR(syscall(SYS_wait4, INT32_MIN, NULL, 0, NULL), ESRCH);
	EXPECT_ERR(syscall(SYS_tkill, 0, 0), EINVAL);
	EXPECT_ERR(syscall(SYS_tgkill, 1, -1, 0), EINVAL);
	EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &limit), EPERM);
	EXPECT_ERR(getpriority(3, 0), EINVAL);
	EXPECT_ERR(setpriority(3, 0, 0), EINVAL);
	EXPECT_ERR(mknod("/tmp/x11", S_IFDIR | 0777, 0), EPERM);
	EXPECT_ERR(mknod("/tmp/x11", S_IFLNK | 0777, 0), EINVAL);
}

/* The upper half of a register. */
#define HIGH (1ul << 32)

UTEST(x36_files, "X36 a 32-bit argument is half a register: files")
{
	static const char *const a = "/tmp/x36", *const b = "/tmp/x36b";
	char text[8];
	int fd[2];

	EXPECT_EQ(syscall(SYS_pipe2, fd, HIGH | O_CLOEXEC), 0);
	EXPECT_EQ(syscall(SYS_dup3, HIGH | fd[0], HIGH | 50, HIGH), 50);
	EXPECT_EQ(syscall(SYS_ioctl, 50, HIGH | FIOCLEX), 0);
	EXPECT_EQ(syscall(SYS_fcntl, 50, HIGH | F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(syscall(SYS_close_range, 50, 50, HIGH), 0);
	EXPECT_ERR(fcntl(50, F_GETFD), EBADF);

	EXPECT_EQ(symlink("text", a), 0);
	EXPECT_EQ(syscall(SYS_readlinkat, AT_FDCWD, a, text, HIGH | 2), 2);
	EXPECT_EQ(syscall(SYS_linkat, AT_FDCWD, a, AT_FDCWD, b, HIGH), 0);
	EXPECT_EQ(syscall(SYS_fchownat, AT_FDCWD, a, -1, -1,
			  HIGH | AT_SYMLINK_NOFOLLOW),
		  0);
	EXPECT_EQ(syscall(SYS_utimensat, AT_FDCWD, a, NULL,
			  HIGH | AT_SYMLINK_NOFOLLOW),
		  0);
	EXPECT_ERR(syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b,
			   HIGH | RENAME_NOREPLACE),
		   EEXIST);
	EXPECT_EQ(syscall(SYS_faccessat, AT_FDCWD, "/", HIGH | R_OK), 0);
	EXPECT_EQ(syscall(SYS_faccessat2, AT_FDCWD, "/", R_OK,
			  HIGH | AT_EACCESS),
		  0);
	EXPECT_EQ(syscall(SYS_unlinkat, AT_FDCWD, a, HIGH), 0);
	EXPECT_EQ(syscall(SYS_unlinkat, AT_FDCWD, b, HIGH), 0);
}

UTEST(x36_others, "X36 a 32-bit argument is half a register: other calls")
{
	uint64_t words[32] = { 48 };
	char *page = pages_new(1);

	EXPECT_ERR(syscall(SYS_waitid, HIGH | P_ALL, 0, NULL, WEXITED | WNOHANG,
			   NULL),
		   ECHILD);
	EXPECT_EQ(syscall(SYS_rt_sigaction, HIGH | SIGUSR1, NULL, words, 8), 0);
	EXPECT_EQ(syscall(SYS_getitimer, HIGH | ITIMER_REAL, words), 0);
	EXPECT_EQ(syscall(SYS_setitimer, HIGH | ITIMER_REAL, NULL, words), 0);
	EXPECT_EQ(syscall(SYS_get_robust_list, HIGH, words, words + 1), 0);
	EXPECT_EQ(syscall(SYS_getrandom, words, 8, HIGH), 8);
	EXPECT(syscall(SYS_sched_getaffinity, 0, HIGH | 128, words) > 0);
	EXPECT_ERR(syscall(SYS_sched_getaffinity, 0, HIGH, words), EINVAL);
	EXPECT_ERR(syscall(SYS_sched_setaffinity, 0, HIGH, words), EINVAL);
	EXPECT_EQ(syscall(SYS_sched_getattr, 0, words, 48, HIGH), 0);
	EXPECT_EQ(syscall(SYS_sched_setattr, 0, words, HIGH), 0);
	EXPECT_EQ(syscall(SYS_msync, page, PG, HIGH | MS_ASYNC), 0);
	EXPECT_EQ(syscall(SYS_madvise, page, PG, HIGH | MADV_DONTNEED), 0);
	EXPECT_EQ(syscall(SYS_mlock2, page, PG, HIGH), 0);
	EXPECT_ERR(syscall(SYS_mlockall, HIGH), EINVAL);
}

UTEST(x36_whole, "X36 the flags of other calls fill a whole register")
{
	char *page = pages_new(1), byte;
	struct iovec v = { &byte, 1 };

	EXPECT_ERR(syscall(SYS_mremap, page, PG, PG, HIGH), EINVAL);
	EXPECT_ERR(syscall(SYS_mprotect, page, PG, HIGH | PROT_READ), EINVAL);
	EXPECT_ERR(syscall(SYS_process_vm_readv, getpid(), &v, 1, &v, 1, HIGH),
		   EINVAL);
}
