/* SPDX-License-Identifier: MIT */
/*
 * tests/user/limits.c - the limits of a process on its memory and files, and
 * what a descriptor may do that was opened with O_PATH.
 *
 * Rows Z6-Z16 and Z21.  Linux gives the same answers: the program is also built
 * for this computer and run there.  usertests_held.c has what is bounded for
 * each user.
 */
#include "utest.h"

#include <alloca.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#define SOMEBODY 61236
#define ANON	 (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW	 (PROT_READ | PROT_WRITE)
#define MIB	 (1ul << 20)

/* qemu-riscv64 keeps some limits from the program and the kernel apart. */
static void
need_kernel(void)
{
	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
}

static void
need_root(void)
{
	if (getuid() != 0)
		SKIP("only root becomes another user");
}

static void
limit(int which, rlim_t soft, rlim_t hard)
{
	struct rlimit r = { soft, hard };

	REQUIRE(setrlimit(which, &r) == 0);
}

static char *
map(size_t n, int prot, int flags)
{
	return mmap(NULL, n, prot, flags, -1, 0);
}

/* ---- locked memory ---- */

static long
locked_pages(void)
{
	return number_in("/proc/self/status", "VmLck:") * 1024 / (long)PG;
}

UTEST(mlock, "Z6 mlock has pages present and is remembered")
{
	char *p = pages_new(8), *shared;
	pid_t pid;

	need_kernel();
	EXPECT_EQ(mlock(p + PG + 5, 2 * PG), 0); /* pages 1 to 3 */
	EXPECT_EQ(utest_resident(p, 8), 3);
	EXPECT_EQ(locked_pages(), 3);
	p[0] = p[PG] = 'k';
	EXPECT_ERR(madvise(p, 8 * PG, MADV_DONTNEED), EINVAL);
	EXPECT_ERR(madvise(p + 3 * PG, PG, MADV_FREE), EINVAL);
	EXPECT_EQ(peek(p + PG), 'k');
	EXPECT_ERR(msync(p + 2 * PG, PG, MS_INVALIDATE), EBUSY);
	EXPECT_EQ(msync(p + 2 * PG, PG, MS_SYNC), 0);
	EXPECT_EQ(msync(p + 4 * PG, PG, MS_INVALIDATE), 0);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(locked_pages(), 0);
		EXPECT_EQ(madvise(p, 8 * PG, MADV_DONTNEED), 0);
		EXPECT_EQ(peek(p + PG), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(mlock(p, 2 * PG), 0); /* one of them again */
	EXPECT_EQ(locked_pages(), 4);
	EXPECT_EQ(munlock(p + 2 * PG, PG), 0);
	EXPECT_EQ(locked_pages(), 3);
	EXPECT_EQ(madvise(p + 2 * PG, PG, MADV_DONTNEED), 0);
	EXPECT_EQ(munmap(p + 3 * PG, PG), 0);
	EXPECT_EQ(locked_pages(), 2);
	EXPECT_ERR(mlock(p, 8 * PG), ENOMEM);
	EXPECT_ERR(munlock(p, 8 * PG), ENOMEM);
	EXPECT_EQ(munlock(p, 2 * PG), 0);
	EXPECT_EQ(madvise(p + 4 * PG, 4 * PG, MADV_DONTNEED), 0);
	EXPECT_ERR(madvise(p, 8 * PG, MADV_DONTNEED), ENOMEM); /* the hole */
	EXPECT_EQ(peek(p), 0);
	shared = map(2 * PG, RW, MAP_SHARED | MAP_ANONYMOUS);
	EXPECT_EQ(mlock(shared, 2 * PG), 0);
	EXPECT_EQ(utest_resident(shared, 2), 2);
	EXPECT_EQ(munlock(shared, 2 * PG), 0);
	EXPECT_EQ(mprotect(shared, PG, PROT_NONE), 0);
	EXPECT_ERR(mlock(shared, PG), ENOMEM);
	EXPECT_EQ(mlock(shared, 0), 0);
}

UTEST(mlock2, "Z7 mlock2 and mlockall: on touch, now and later")
{
	char *p = pages_new(4), *q;
	long all;

	need_kernel();
	EXPECT_ERR(syscall(SYS_mlock2, p, PG, 2), EINVAL);
	EXPECT_EQ(syscall(SYS_mlock2, p, 4 * PG, MLOCK_ONFAULT), 0);
	EXPECT_EQ(utest_resident(p, 4), 0);
	EXPECT_EQ(locked_pages(), 4);
	EXPECT_EQ(syscall(SYS_mlock2, p, PG, 0), 0);
	EXPECT_EQ(utest_resident(p, 4), 1);
	EXPECT_ERR(mlockall(0), EINVAL);
	EXPECT_ERR(mlockall(8), EINVAL);
	EXPECT_ERR(mlockall(MCL_ONFAULT), EINVAL);
	EXPECT_EQ(mlockall(MCL_FUTURE), 0);
	q = pages_new(3);
	EXPECT_EQ(utest_resident(q, 3), 3);
	EXPECT_EQ(locked_pages(), 7);
	q = mremap(q, 3 * PG, 6 * PG, MREMAP_MAYMOVE);
	REQUIRE(q != MAP_FAILED);
	EXPECT_EQ(utest_resident(q, 6), 6);
	EXPECT_EQ(mlockall(MCL_CURRENT | MCL_ONFAULT), 0);
	all = locked_pages();
	EXPECT(all > 10);
	EXPECT_EQ(munlockall(), 0);
	EXPECT_EQ(locked_pages(), 0);
	q = pages_new(3);
	EXPECT_EQ(utest_resident(q, 3), 0);
	q = map(2 * PG, RW, ANON | MAP_LOCKED);
	EXPECT_EQ(utest_resident(q, 2), 2);
	EXPECT_EQ(locked_pages(), 2);
}

static void
lock_as_user(void)
{
	char *p = pages_new(16);

	limit(RLIMIT_MEMLOCK, 8 * PG, 8 * PG);
	utest_become(SOMEBODY);
	EXPECT_ERR(mlock(p, 9 * PG), ENOMEM);
	EXPECT_EQ(locked_pages(), 0);
	EXPECT_EQ(mlock(p, 8 * PG), 0);
	EXPECT_EQ(mlock(p + PG, 4 * PG), 0); /* they are locked already */
	EXPECT_ERR(mlock(p + 8 * PG, PG), ENOMEM);
	EXPECT_ERR(mlock(p + 4 * PG, 5 * PG), ENOMEM);
	EXPECT(map(PG, RW, ANON | MAP_LOCKED) == MAP_FAILED);
	EXPECT_EQ(errno, EAGAIN);
	EXPECT_ERR(mlockall(MCL_CURRENT), ENOMEM);
	EXPECT_EQ(munlock(p, PG), 0);
	EXPECT_EQ(mlock(p + 8 * PG, PG), 0);
	EXPECT_EQ(munlock(p, 16 * PG), 0);
	EXPECT_EQ(mlockall(MCL_FUTURE), 0);
	EXPECT(map(9 * PG, RW, ANON) == MAP_FAILED);
	EXPECT_EQ(errno, EAGAIN);
	EXPECT(map(8 * PG, RW, ANON) != MAP_FAILED);
	EXPECT_EQ(munlockall(), 0);
	limit(RLIMIT_MEMLOCK, 0, 8 * PG);
	EXPECT_ERR(mlock(p, PG), EPERM);
	EXPECT_ERR(mlockall(MCL_FUTURE), EPERM);
	EXPECT(map(PG, RW, ANON | MAP_LOCKED) == MAP_FAILED);
	EXPECT_EQ(errno, EPERM);
}

UTEST(memlock, "Z8 RLIMIT_MEMLOCK holds for what a user locks")
{
	need_kernel();
	need_root();
	lock_as_user();
}

/* ---- RLIMIT_DATA, RLIMIT_AS ---- */

static long
data_bytes(void)
{
	return number_in("/proc/self/status", "VmData:") * 1024;
}

UTEST(data, "Z9 RLIMIT_DATA holds for brk and private memory")
{
	rlim_t most;
	char *p, *ro;

	need_kernel();
	ro = map(2 * MIB, PROT_READ, ANON);
	REQUIRE(ro != MAP_FAILED);
	most = (rlim_t)data_bytes() + 2 * MIB;
	limit(RLIMIT_DATA, most, most);
	EXPECT(map(4 * MIB, RW, ANON) == MAP_FAILED);
	EXPECT_EQ(errno, ENOMEM);
	EXPECT(sbrk(4 * MIB) == (void *)-1);
	EXPECT(map(4 * MIB, RW, MAP_SHARED | MAP_ANONYMOUS) != MAP_FAILED);
	EXPECT(map(4 * MIB, PROT_READ, ANON) != MAP_FAILED);
	p = map(MIB, RW, ANON);
	EXPECT(p != MAP_FAILED);
	EXPECT_ERR(mprotect(ro, 2 * MIB, RW), ENOMEM);
	EXPECT_EQ(mprotect(ro, 4 * PG, RW), 0);
	EXPECT_EQ(mprotect(p, MIB, PROT_READ), 0);
	EXPECT_EQ(mprotect(p, MIB, RW), 0);
	EXPECT(mremap(p, MIB, 4 * MIB, MREMAP_MAYMOVE) == MAP_FAILED);
	EXPECT_EQ(errno, ENOMEM);
	EXPECT_EQ(munmap(p, MIB), 0);
	EXPECT(sbrk(MIB / 2) != (void *)-1);
}

/* ---- flags of mmap ---- */

static void
refuse_map(int err, size_t n, int prot, int flags, int fd, off_t offset)
{
	void *p = (void *)syscall(SYS_mmap, NULL, n, prot, flags, fd, offset);

	EXPECT(p == MAP_FAILED);
	EXPECT_EQ(errno, err);
}

UTEST(mapflags, "Z21 mmap refuses what it does not know")
{
	const int unknown = 0x80000; /* MAP_SYNC, which needs a DAX file */
	int fd = open("/proc/self/exe", O_RDONLY), pair[2];

	need_kernel();
	REQUIRE(fd >= 0 && pipe(pair) == 0);
	refuse_map(EINVAL, 0, RW, ANON, -1, 0);
	refuse_map(EINVAL, PG, RW, MAP_ANONYMOUS, -1, 0);
	refuse_map(EINVAL, PG, RW, MAP_ANONYMOUS | MAP_SHARED_VALIDATE, -1, 0);
	refuse_map(EACCES, PG, RW, MAP_SHARED_VALIDATE, fd, 0);
	refuse_map(EOPNOTSUPP, PG, PROT_READ, MAP_SHARED_VALIDATE | unknown, fd,
		   0);
	EXPECT(mmap(NULL, PG, PROT_READ, MAP_SHARED_VALIDATE | MAP_POPULATE, fd,
		    0) != MAP_FAILED);
	refuse_map(EBADF, 0, RW, MAP_PRIVATE, -1, 0);
	refuse_map(EINVAL, PG, RW, MAP_PRIVATE, -1, 100);
	refuse_map(EOVERFLOW, 2 * PG, PROT_READ, MAP_PRIVATE, fd,
		   0x7ffffffffffff000);
	refuse_map(EOVERFLOW, PG, PROT_READ, MAP_PRIVATE, fd, -(off_t)PG);
	refuse_map(ENODEV, PG, PROT_READ, MAP_PRIVATE, pair[0], 0);
}

/* ---- RLIMIT_STACK ---- */

/* Touches the stack n bytes below here. */
static void __attribute__((noinline)) reach(size_t n)
{
	volatile char *p = alloca(n);

	p[0] = 1;
}

/* In a child, so that the stack is as it was: SIGSEGV or not. */
static int
reach_in_child(size_t n)
{
	pid_t pid = utest_fork();
	int status;

	if (pid == 0) {
		reach(n);
		_exit(0);
	}
	status = utest_wait(pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

UTEST(stack, "Z10 RLIMIT_STACK is read when the stack grows")
{
	need_kernel();
	limit(RLIMIT_STACK, 8 * MIB, RLIM_INFINITY);
	EXPECT_EQ(reach_in_child(7 * MIB), 0);
	EXPECT_EQ(reach_in_child(9 * MIB), SIGSEGV);
	limit(RLIMIT_STACK, 48 * MIB, RLIM_INFINITY);
	EXPECT_EQ(reach_in_child(40 * MIB), 0);
	EXPECT_EQ(reach_in_child(50 * MIB), SIGSEGV);
	limit(RLIMIT_STACK, 100 * MIB, RLIM_INFINITY);
	EXPECT_EQ(reach_in_child(90 * MIB), 0);
	limit(RLIMIT_STACK, MIB, RLIM_INFINITY);
	EXPECT_EQ(reach_in_child(2 * MIB), SIGSEGV);
	EXPECT_EQ(reach_in_child(MIB / 2), 0);
}

UTEST(stackpeer, "Z11 RLIMIT_STACK can be changed from outside")
{
	struct rlimit r = { 48 * MIB, RLIM_INFINITY };
	struct peer c;

	need_kernel();
	limit(RLIMIT_STACK, 8 * MIB, RLIM_INFINITY);
	if (fork_peer(&c) == 0) {
		EXPECT_EQ(reach_in_child(20 * MIB), SIGSEGV);
		peer_post(&c);
		peer_wait(&c);
		reach(20 * MIB);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(syscall(SYS_prlimit64, c.pid, RLIMIT_STACK, &r, NULL), 0);
	peer_post(&c);
	PEER_END(&c);
}

#define DEEP "UTEST_STACK_DEEP"

/* This program, executed under the limit: exec has kept room for the stack. */
static void __attribute__((constructor)) deep_program(void)
{
	if (getenv(DEEP) == NULL)
		return;
	if (map(MIB, RW, ANON) == MAP_FAILED)
		_exit(1);
	reach(150 * MIB);
	_exit(0);
}

UTEST(stackexec, "Z12 exec keeps room for the stack that the limit allows")
{
	pid_t pid;

	need_kernel();
	if (utest_ram() < 200 * MIB)
		SKIP("150 MiB of stack are too much for this machine");
	limit(RLIMIT_STACK, 200 * MIB, RLIM_INFINITY);
	pid = utest_fork();
	if (pid == 0) {
		setenv(DEEP, "1", 1);
		execl("/proc/self/exe", "limits", (char *)NULL);
		_exit(127);
	}
	EXPECT_EXIT(pid, 0);
}

/* ---- RLIMIT_FSIZE ---- */

static volatile sig_atomic_t xfsz;

static void
count_xfsz(int sig)
{
	(void)sig;
	xfsz++;
}

UTEST(fsize, "Z13 RLIMIT_FSIZE holds for truncate and ftruncate")
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "%s/fsize%d", utest_dir, getpid());
	fd = open(name, O_RDWR | O_CREAT, 0600);
	REQUIRE(fd >= 0);
	EXPECT_EQ(ftruncate(fd, 10000), 0);
	signal(SIGXFSZ, count_xfsz);
	limit(RLIMIT_FSIZE, 4096, RLIM_INFINITY);
	EXPECT_ERR(ftruncate(fd, 10001), EFBIG);
	EXPECT_EQ(xfsz, 1);
	EXPECT_ERR(truncate(name, 1 << 20), EFBIG);
	EXPECT_EQ(xfsz, 2);
	/* A call that does not make the file larger ignores the limit. */
	EXPECT_EQ(ftruncate(fd, 10000), 0);
	EXPECT_EQ(ftruncate(fd, 5000), 0);
	EXPECT_EQ(ftruncate(fd, 0), 0);
	EXPECT_EQ(truncate(name, 4096), 0);
	EXPECT_ERR(truncate(name, 4097), EFBIG);
	EXPECT_EQ(xfsz, 3);
	limit(RLIMIT_FSIZE, RLIM_INFINITY, RLIM_INFINITY);
	EXPECT_EQ(unlink(name), 0);
	EXPECT_SIGNAL(SIGXFSZ, signal(SIGXFSZ, SIG_DFL);
		      limit(RLIMIT_FSIZE, 1, 1); (void)!ftruncate(fd, 5000));
	close(fd);
}

/* ---- RLIMIT_NOFILE ---- */

UTEST(nofile, "Z14 root raises RLIMIT_NOFILE to fs.nr_open")
{
	FILE *f = fopen("/proc/sys/fs/nr_open", "r");
	struct rlimit r;
	long most = 0;
	int fd;

	need_kernel();
	need_root();
	REQUIRE(f != NULL && fscanf(f, "%ld", &most) == 1);
	fclose(f);
	if (on_tine())
		EXPECT_EQ(most, 1 << 20);
	r = (struct rlimit){ (rlim_t)most, (rlim_t)most + 1 };
	EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &r), EPERM);
	r.rlim_max = (rlim_t)most;
	if (setrlimit(RLIMIT_NOFILE, &r) != 0)
		SKIP("this root may not");
	fd = (int)most - 1;
	EXPECT_EQ(dup2(0, fd), fd);
	EXPECT_ERR(dup2(0, fd + 1), EBADF);
	EXPECT_EQ(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	EXPECT_EQ(close(fd), 0);
	utest_become(SOMEBODY);
	r.rlim_cur = 100;
	EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &r), 0);
	r.rlim_max++;
	EXPECT_ERR(setrlimit(RLIMIT_NOFILE, &r), EPERM);
}

/* ---- O_PATH ---- */

static char place[64]; /* a folder for these tests, and current */

static void
make_place(void)
{
	snprintf(place, sizeof(place), "%s/opath%d", utest_dir, getpid());
	REQUIRE(mkdir(place, 0755) == 0 && chdir(place) == 0);
	REQUIRE(close(open("file", O_CREAT | O_WRONLY, 0644)) == 0);
	REQUIRE(symlink("file", "link") == 0);
}

static void
drop_place(void)
{
	EXPECT_EQ(unlink("file"), 0);
	EXPECT_EQ(unlink("link"), 0);
	REQUIRE(chdir("/") == 0);
	EXPECT_EQ(rmdir(place), 0);
}

/* Calls that need the file itself. */
static void
refused(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int n, in = open("file", O_RDONLY);
	char c, entries[300];

	EXPECT_ERR(read(fd, &c, 1), EBADF);
	EXPECT_ERR(write(fd, "x", 1), EBADF);
	EXPECT_ERR(pread(fd, &c, 1, 0), EBADF);
	EXPECT_ERR(pwrite(fd, "x", 1, 0), EBADF);
	EXPECT_ERR(lseek(fd, 0, SEEK_SET), EBADF);
	EXPECT_ERR(syscall(SYS_getdents64, fd, entries, sizeof(entries)),
		   EBADF);
	EXPECT_ERR(fchmod(fd, 0600), EBADF);
	EXPECT_ERR(fchown(fd, 0, 0), EBADF);
	EXPECT_ERR(ftruncate(fd, 0), EBADF);
	EXPECT_ERR(fsync(fd), EBADF);
	EXPECT_ERR(fdatasync(fd), EBADF);
	EXPECT_ERR(syncfs(fd), EBADF);
	EXPECT_ERR(fallocate(fd, 0, 0, 1), EBADF);
	EXPECT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL), EBADF);
	EXPECT_ERR(ioctl(fd, FIONREAD, &n), EBADF);
	EXPECT_ERR(ioctl(fd, FIOCLEX), EBADF);
	EXPECT_ERR(futimens(fd, NULL), EBADF);
	EXPECT_ERR(sendfile(fd, in, NULL, 1), EBADF);
	EXPECT_ERR(sendfile(in, fd, NULL, 1), EBADF);
	EXPECT_ERR(fcntl(fd, F_SETFL, O_APPEND), EBADF);
	EXPECT_ERR(fcntl(fd, F_GETPIPE_SZ), EBADF);
	EXPECT_ERR(fcntl(fd, 77), EBADF);
	EXPECT(mmap(NULL, PG, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED);
	EXPECT_EQ(errno, EBADF);
	EXPECT_EQ(poll(&p, 1, 0), 1);
	EXPECT_EQ(p.revents, POLLNVAL);
	close(in);
}

/* Calls that need no more than the name. */
static void
allowed(int fd, mode_t type)
{
	struct statfs fs;
	struct stat st;
	int n;

	EXPECT_EQ(fstat(fd, &st), 0);
	EXPECT_EQ(st.st_mode & S_IFMT, type);
	EXPECT_EQ(fstatat(fd, "", &st, AT_EMPTY_PATH), 0);
	EXPECT_EQ(fstatfs(fd, &fs), 0);
	EXPECT(fcntl(fd, F_GETFL) & O_PATH);
	EXPECT_EQ(fcntl(fd, F_GETFD), 0);
	EXPECT_EQ(fcntl(fd, F_SETFD, FD_CLOEXEC), 0);
	EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
	n = dup(fd);
	EXPECT(n >= 0 && (fcntl(n, F_GETFL) & O_PATH));
	EXPECT_EQ(dup2(fd, n), n);
	EXPECT_EQ(close(n), 0);
	n = fcntl(fd, F_DUPFD_CLOEXEC, 20);
	EXPECT(n >= 20);
	EXPECT_EQ(close(n), 0);
	EXPECT_EQ(close(fd), 0);
}

UTEST(opath, "Z15 a descriptor of O_PATH names a file and no more")
{
	char text[16];
	int fd, dir;

	make_place();
	fd = open("file", O_PATH | O_TRUNC | O_WRONLY | O_CREAT);
	REQUIRE(fd >= 0);
	refused(fd);
	EXPECT_ERR(fchdir(fd), ENOTDIR);
	EXPECT_ERR(openat(fd, "x", O_RDONLY), ENOTDIR);
	EXPECT_EQ(fchownat(fd, "", getuid(), getgid(), AT_EMPTY_PATH), 0);
	allowed(fd, S_IFREG);
	fd = open("link", O_PATH | O_NOFOLLOW);
	REQUIRE(fd >= 0);
	refused(fd);
	EXPECT_EQ(readlinkat(fd, "", text, sizeof(text)), 4);
	allowed(fd, S_IFLNK);
	EXPECT_ERR(open("link", O_PATH | O_NOFOLLOW | O_DIRECTORY), ENOTDIR);
	dir = open(".", O_PATH);
	REQUIRE(dir >= 0);
	refused(dir);
	EXPECT_EQ(close(openat(dir, "file", O_RDONLY)), 0);
	EXPECT_EQ(fchdir(dir), 0);
	allowed(dir, S_IFDIR);
	drop_place();
}

/* Runs as a user with no right to read the file or list the folder. */
static void
look_only(void)
{
	int fd, dir;
	char c;

	utest_become(SOMEBODY);
	fd = open("file", O_PATH);
	dir = open(".", O_PATH | O_DIRECTORY);
	REQUIRE(fd >= 0 && dir >= 0);
	EXPECT_ERR(read(fd, &c, 1), EBADF);
	EXPECT_ERR(open("file", O_RDONLY), EACCES);
	EXPECT_ERR(open(".", O_RDONLY), EACCES);
	EXPECT_ERR(syscall(SYS_getdents64, dir, &c, 1), EBADF);
	EXPECT_EQ(fchdir(dir), 0);
	/* EPERM: newer systems, since the file belongs to another user. */
	EXPECT_EQ(linkat(fd, "", AT_FDCWD, "name", AT_EMPTY_PATH), -1);
	EXPECT(errno == ENOENT || errno == EPERM);
	utest_done();
}

UTEST(opathuser, "Z16 O_PATH needs no right to the file and gives none")
{
	pid_t pid;

	need_root();
	make_place();
	REQUIRE(chmod("file", 0) == 0 && chmod(".", 0711) == 0);
	pid = utest_fork();
	if (pid == 0)
		look_only();
	EXPECT_CLEAN(pid);
	drop_place();
}
