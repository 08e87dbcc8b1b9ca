/* SPDX-License-Identifier: MIT */
/*
 * tests/user/usertests_mem.c - memory: behaviors that xv6's usertests look at,
 * by their names.
 *
 * Bad pointers in calls, the break, the stack and the ends of the address
 * space; then limits of memory (X12, X13), the times of a mapped file (X34) and
 * mincore (X35).
 */
#include "fstest.h"
#include "arch.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static char *const bad_addresses[] = {
	(char *)0x1540000000,	    (char *)0x3fffffe000ul + (1ul << 40),
	(char *)0xffffffc080000000, (char *)0xffffffff80200000,
	(char *)0xffffffffffffffff,
};

/* The break rounded up to a page, with nothing above it. */
static char *
aligned_break(void)
{
	uintptr_t now = (uintptr_t)sbrk(0), up = (now + PG - 1) & ~(PG - 1);

	REQUIRE(sbrk((intptr_t)(up - now)) == (void *)now);
	return (char *)up;
}

UTEST(copyin, "U copyin: bad source pointers to write fail")
{
	int fd = temp_file_of('x', 1), p[2];

	REQUIRE(pipe(p) == 0);
	for (size_t i = 0; i < ARRAY_LEN(bad_addresses); i++) {
		EXPECT_ERR(write(fd, bad_addresses[i], 8192), EFAULT);
		EXPECT_ERR(write(p[1], bad_addresses[i], 8192), EFAULT);
		EXPECT_ERR(write(fd, bad_addresses[i], 1), EFAULT);
	}
}

UTEST(copyout, "U copyout: bad destination pointers to read fail")
{
	int fd = temp_file_of('x', 100), p[2];
	char byte = 0;

	REQUIRE(pipe(p) == 0);
	REQUIRE(write(p[1], "x", 1) == 1);
	for (size_t i = 0; i < ARRAY_LEN(bad_addresses); i++) {
		EXPECT_ERR(pread(fd, bad_addresses[i], 8192, 0), EFAULT);
		EXPECT_ERR(read(p[0], bad_addresses[i], 8192), EFAULT);
	}
	/* The byte in the pipe was not lost to any of them. */
	EXPECT_EQ(read(p[0], &byte, 1), 1);
	EXPECT_EQ(byte, 'x');
}

UTEST(copyinstr1, "U copyinstr1: bad path pointers to open fail")
{
	for (size_t i = 0; i < ARRAY_LEN(bad_addresses); i++)
		EXPECT_ERR(syscall(SYS_openat, AT_FDCWD, bad_addresses[i],
				   O_RDONLY, 0),
			   EFAULT);
	EXPECT_ERR(syscall(SYS_openat, AT_FDCWD, NULL, O_RDONLY, 0), EFAULT);
}

UTEST(copyinstr2, "U copyinstr2: over-long names are refused everywhere")
{
	static char path[6000], name[300];
	char *argv[] = { path, NULL };

	memset(path, 'x', sizeof(path) - 1);
	memset(name, 'n', 256);
	EXPECT_ERR(open(path, O_RDONLY), ENAMETOOLONG);
	EXPECT_ERR(unlink(path), ENAMETOOLONG);
	EXPECT_ERR(link(path, "/tmp/ut.short"), ENAMETOOLONG);
	EXPECT_ERR(mkdir(path, 0700), ENAMETOOLONG);
	EXPECT_ERR(chdir(path), ENAMETOOLONG);
	EXPECT_ERR(execve(path, argv, NULL), ENAMETOOLONG);
	/* A single name has 255 bytes at most, anywhere in a path. */
	EXPECT_ERR(open(name, O_RDONLY), ENAMETOOLONG);
	snprintf(path, sizeof(path), "/tmp/%s/x", name);
	EXPECT_ERR(open(path, O_RDONLY), ENAMETOOLONG);
	/* A path of 4095 bytes is looked up, one of 4096 is not. */
	memset(path, '/', 5000);
	path[4095] = '\0';
	EXPECT(access(path, F_OK) == 0);
	path[4095] = '/';
	path[4096] = '\0';
	EXPECT_ERR(access(path, F_OK), ENAMETOOLONG);
}

UTEST(copyinstr3, "U copyinstr3: a string that runs into a hole")
{
	char *p = pages_new(2);

	REQUIRE(munmap(p + PG, PG) == 0);
	p[PG - 1] = 'x';
	EXPECT_ERR(open(p + PG - 1, O_RDONLY), EFAULT);
	EXPECT_ERR(unlink(p + PG - 1), EFAULT);
	EXPECT_ERR(chdir(p + PG - 1), EFAULT);
	/* The same string that ends just in time is a name like others. */
	p[PG - 1] = '\0';
	p[PG - 2] = '/';
	EXPECT_EQ(access(p + PG - 2, F_OK), 0);
}

UTEST(validatetest, "U validatetest: a string pointer on every page")
{
	char *p = pages_new(64);

	REQUIRE(munmap(p, 64 * PG) == 0);
	for (size_t i = 0; i < 64; i++)
		EXPECT_ERR(link(p + i * PG, "/no/such/file"), EFAULT);
}

UTEST(rwsbrk, "U rwsbrk: released memory can be neither read nor written")
{
	int fd = temp_file_of('x', 100);
	char *p = aligned_break();

	if (on_qemu_user())
		SKIP("qemu-user keeps what brk releases");
	REQUIRE(sbrk(2 * PG) == p);
	memset(p, 'y', 2 * PG);
	REQUIRE(sbrk(-2 * (intptr_t)PG) == p + 2 * PG);
	EXPECT_ERR(write(fd, p + PG, 1024), EFAULT);
	EXPECT_ERR(pread(fd, p + PG, 10, 0), EFAULT);
	EXPECT_SIGNAL(SIGSEGV, peek(p));
}

UTEST(mem, "U mem: allocate all there is, free it, allocate again")
{
	const size_t each = 10001, total = on_tine() ? ~0ul : 64ul << 20;
	size_t count[2];
	pid_t pid;

	/* What malloc() gives can be written: the end is a refusal. */
	if (on_tine())
		overcommit_set(COMMIT_STRICT);
	pid = utest_fork();
	if (pid != 0) {
		EXPECT_CLEAN(pid);
		return;
	}
	for (unsigned round = 0; round < 2; round++) {
		void **list = NULL, **p;

		count[round] = 0;
		while (count[round] * each < total &&
		       (p = malloc(each)) != NULL) {
			*p = list;
			list = p;
			/* QEMU is slow at pages that once held code. */
			if (++count[round] % 1000 == 0)
				utest_note("%zu blocks", count[round]);
		}
		for (size_t i = 1; (p = list) != NULL; i++) {
			list = *p;
			free(p);
			if (i % 1000 == 0)
				utest_note("%zu freed", i);
		}
		p = malloc(20 * 1024);
		EXPECT(p != NULL);
		free(p);
	}
	EXPECT(count[0] > 100);
	EXPECT(count[1] + count[1] / 8 >= count[0]);
	utest_done();
}

UTEST(sbrkbasic, "U sbrkbasic: a huge sbrk fails, then byte by byte")
{
	char *a, *b;
	pid_t pid;

	EXPECT_ERR(sbrk((intptr_t)1 << 60), ENOMEM);
	a = sbrk(0);
	for (unsigned i = 0; i < 5000; i++) {
		b = sbrk(1);
		REQUIRE(b == a);
		*b = 1;
		a = b + 1;
	}
	pid = utest_fork();
	if (pid == 0) {
		EXPECT(sbrk(1) == a);
		EXPECT(sbrk(1) == a + 1);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT(sbrk(0) == a);
}

UTEST(sbrkmuch, "U sbrkmuch: grow far, shrink, and what is regrown is zero")
{
	/* 100 MiB where there is room, and less on a small machine. */
	size_t big = 100ul << 20;
	char *a = aligned_break(), *p;

	while ((p = sbrk((intptr_t)big)) == (char *)-1 && big > 1ul << 20)
		big /= 2;
	REQUIRE(p == a);
	EXPECT(big >= 4ul << 20);
	poke(a + big - 1, 99);
	poke(a + big - PG, 98);
	EXPECT(sbrk(-(intptr_t)PG) == a + big);
	EXPECT(sbrk(0) == a + big - PG);
	if (!on_qemu_user())
		EXPECT_SIGNAL(SIGSEGV, peek(a + big - 1));
	EXPECT(sbrk(PG) == a + big - PG);
	EXPECT_EQ(bytes_wrong(a + big - PG, PG, 0), 0);
	EXPECT(sbrk(-(intptr_t)big) == a + big);
	EXPECT(sbrk(0) == a);
	if (!on_qemu_user())
		EXPECT_SIGNAL(SIGSEGV, peek(a));
}

UTEST(kernmem, "U kernmem: loads from kernel addresses kill")
{
	if (on_qemu_user())
		SKIP("qemu-user adds an offset to every address");
	for (uintptr_t a = 0xffffffc080000000; a < 0xffffffc080200000;
	     a += 50000)
		EXPECT_SIGNAL(SIGSEGV, peek((char *)a));
	for (uintptr_t a = 0xffffffff80000000; a < 0xffffffff80200000;
	     a += 150000)
		EXPECT_SIGNAL(SIGSEGV, peek((char *)a));
}

UTEST(maxvaplus, "U MAXVAplus: stores at and above the end of the half kill")
{
	need_tine("other machines give a program more than 2^38 bytes");
	for (unsigned shift = 38; shift < 64; shift++) {
		EXPECT_SIGNAL(SIGSEGV, poke((char *)(1ul << shift), 99));
		EXPECT_SIGNAL(SIGSEGV, poke((char *)(1ul << shift) - 1, 99));
	}
}

UTEST(sbrkfail, "U sbrkfail: big sbrks that fail lose nothing")
{
	pid_t pid[10];
	long bytes;

	need_tine("takes all the memory there is");
	bytes = free_bytes();
	for (unsigned i = 0; i < 10; i++) {
		struct peer c;

		pid[i] = fork_peer(&c);
		if (pid[i] == 0) {
			sbrk(1l << 26);
			sbrk(1l << 36);
			peer_post(&c);
			for (;;)
				pause();
		}
		peer_wait(&c);
		close(c.rd);
		close(c.wr);
	}
	EXPECT(sbrk((intptr_t)PG) != (char *)-1);
	for (unsigned i = 0; i < 10; i++) {
		REQUIRE(kill(pid[i], SIGKILL) == 0);
		EXPECT_KILLED(pid[i], SIGKILL);
	}
	EXPECT(sbrk(-(intptr_t)PG) != (char *)-1);
	EXPECT_FREE(bytes);
}

UTEST(sbrkarg, "U sbrkarg: calls use memory that was never touched")
{
	int fd = temp_file_of('x', 2 * PG);
	char *p = aligned_break();

	REQUIRE(sbrk(PG) == p);
	EXPECT_EQ(pwrite(fd, p, PG, 1), PG);
	p = sbrk(PG);
	EXPECT_EQ(syscall(SYS_pipe2, p, 0), 0);
	p = sbrk(PG);
	EXPECT_EQ(pread(fd, p, PG, 0), PG);
	EXPECT_EQ(p[0], 'x');
	EXPECT_EQ(bytes_wrong(p + 1, PG - 1, 0), 0);
}

static char uninitialised[10000];

UTEST(bsstest, "U bsstest: memory that is not initialised is zero")
{
	EXPECT_EQ(bytes_wrong(uninitialised, sizeof(uninitialised), 0), 0);
}

UTEST(argptest, "U argptest: read of length -1 at the end of memory")
{
	int fd = temp_file_of('x', 100);
	char *p = sbrk(0);

	EXPECT_EQ(read(fd, p - 1, 0), 0);
	EXPECT_ERR(syscall(SYS_read, fd, (char *)-PG, -1l), EFAULT);
	EXPECT_ERR(syscall(SYS_read, fd, p - 1, -1l), EFAULT);
}

UTEST(stacktest, "U stacktest: a load far below the stack kills")
{
	char here;
	uintptr_t at = (uintptr_t)&here - (1ul << 30);

	/* Farther than the limit of the stack: nothing grows to there. */
	EXPECT_SIGNAL(SIGSEGV, peek((char *)at));
}

int own_code(void);

int __attribute__((noinline, noclone)) own_code(void)
{
	return 3;
}

UTEST(textwrite, "U textwrite: a store to text kills")
{
	int (*fn)(void) = own_code;
	char *p;

	memcpy(&p, &fn, sizeof(p));
	EXPECT_SIGNAL(SIGSEGV, poke(p, 10));
	EXPECT_SIGNAL(SIGSEGV, poke(NULL, 10));
	EXPECT_EQ(own_code(), 3);
}

UTEST(sbrkbugs, "U sbrkbugs: exit with a heap shrunk to nothing or to a part")
{
	static const long leave[] = { 0, 1, 3500, (long)PG, (long)PG + 1 };
	char *start = aligned_break();

	for (size_t i = 0; i < ARRAY_LEN(leave); i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			REQUIRE(sbrk(20 * PG) == start);
			memset(start, 7, 20 * PG);
			/* All of it, or all but a piece of a page. */
			REQUIRE(brk(start + leave[i]) == 0);
			EXPECT_EQ(bytes_wrong(start, (size_t)leave[i], 7), 0);
			utest_done();
		}
		EXPECT_CLEAN(pid);
	}
	/* Nothing lies below the heap that a smaller break could release. */
	EXPECT(syscall(SYS_brk, 0) == syscall(SYS_brk, 1));
}

UTEST(sbrklast, "U sbrklast: the last page can be used after a shrink")
{
	int fd = temp_file_of('x', 1);
	char *p = aligned_break(), byte = 0;

	REQUIRE(sbrk(PG) == p);
	REQUIRE(sbrk(10) == p + PG);
	REQUIRE(sbrk(-20) == p + PG + 10);
	p = sbrk(0);
	p[-1] = 'q';
	EXPECT_EQ(pwrite(fd, p - 1, 1, 0), 1);
	EXPECT_EQ(pread(fd, &byte, 1, 0), 1);
	EXPECT_EQ(byte, 'q');
	EXPECT_EQ(pread(fd, p - 1, 1, 0), 1);
}

UTEST(sbrk8000, "U sbrk8000: a break that would wrap is refused")
{
	char *p = sbrk(0);

	/* The call answers a break it refuses with the break as it is. */
	EXPECT_EQ(syscall(SYS_brk, (uintptr_t)p + (1ul << 63)), (long)p);
	EXPECT_EQ(syscall(SYS_brk, -1l), (long)p);
	EXPECT_EQ(syscall(SYS_brk, (uintptr_t)p + 0x80000000000), (long)p);
	EXPECT(sbrk(0) == p);
	poke(p - 1, peek(p - 1));
}

/* ---- limits -------------------------------------------------------------- */

static unsigned long
mapped_bytes(void)
{
	char line[512];
	unsigned long sum = 0, start, end;
	FILE *f = fopen("/proc/self/maps", "re");

	REQUIRE(f != NULL);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%lx-%lx", &start, &end) == 2)
			sum += end - start;
	fclose(f);
	return sum;
}

/* Mappings of `more` bytes beside those there are now. */
static void
limit_to(size_t more)
{
	struct rlimit r;

	REQUIRE(getrlimit(RLIMIT_AS, &r) == 0);
	r.rlim_cur = mapped_bytes() + more;
	REQUIRE(setrlimit(RLIMIT_AS, &r) == 0);
}

static char *
map_some(void *at, size_t len, int how)
{
	return mmap(at, len, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | how, -1, 0);
}

UTEST(map_limit, "X12 RLIMIT_AS bounds mmap, brk, mremap, and a child's too")
{
	struct rlimit low = { 64 * 1024, RLIM_INFINITY };
	const size_t mib = 1ul << 20;
	char *p, *q, *top = sbrk(0);
	pid_t pid;

	need_tine("qemu-user does not pass the limit on");
	p = map_some(NULL, mib, 0);
	REQUIRE(p != MAP_FAILED);
	limit_to(4 * mib);
	q = map_some(NULL, 8 * mib, MAP_NORESERVE);
	EXPECT(q == MAP_FAILED && errno == ENOMEM);
	EXPECT(sbrk(8 * mib) == (void *)-1 && errno == ENOMEM);
	EXPECT(mremap(p, mib, 8 * mib, MREMAP_MAYMOVE) == MAP_FAILED &&
	       errno == ENOMEM);
	EXPECT(sbrk(0) == top);
	q = map_some(NULL, 3 * mib, 0);
	EXPECT(q != MAP_FAILED);
	/* A mapping that replaces another counts once. */
	EXPECT(map_some(q, 3 * mib, MAP_FIXED) == q);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT(map_some(NULL, 2 * mib, 0) == MAP_FAILED);
		EXPECT(munmap(q, 3 * mib) == 0);
		EXPECT(map_some(NULL, 2 * mib, 0) != MAP_FAILED);
		utest_done();
	}
	EXPECT_EXIT(pid, 0);
	/* A vfork child shares the memory but has a limit of its own. */
	pid = vfork();
	if (pid == 0)
		_exit(setrlimit(RLIMIT_AS, &low) != 0 ||
		      map_some(q, PG, MAP_FIXED) != MAP_FAILED);
	EXPECT_EXIT(pid, 0);
	EXPECT(map_some(q, mib, MAP_FIXED) == q);
	/* A program that does not fit is refused before it is too late. */
	EXPECT(munmap(q, 3 * mib) == 0 && munmap(p, mib) == 0);
	pid = utest_fork();
	if (pid == 0) {
		char *const args[] = { "utest", "--exit", "3", NULL };

		REQUIRE(setrlimit(RLIMIT_AS, &low) == 0);
		execv("/proc/self/exe", args);
		_exit(errno == ENOMEM ? 5 : 6);
	}
	EXPECT_EXIT(pid, 5);
}

/* What prlimit() of `victim` gives a process with these ids: 0 or errno. */
static int
limit_as(pid_t victim, uid_t uid, gid_t gid)
{
	struct rlimit r = { 10, 10 };
	int status;
	pid_t pid = utest_fork();

	if (pid == 0) {
		if (setresgid(gid, gid, gid) != 0 ||
		    setresuid(uid, uid, uid) != 0)
			_exit(255);
		_exit(prlimit(victim, RLIMIT_NOFILE, &r, NULL) == 0 ? 0
								    : errno);
	}
	REQUIRE(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	return WEXITSTATUS(status);
}

UTEST(prlimit_other, "X13 only its owner and root change a process's limits")
{
	struct rlimit r;
	struct peer c;

	if (geteuid() != 0)
		SKIP("needs root");
	if (fork_peer(&c) == 0) {
		REQUIRE(setresgid(1000, 1000, 1000) == 0 &&
			setresuid(1000, 1000, 1000) == 0);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(getrlimit(RLIMIT_NOFILE, &r), 0);
		EXPECT_EQ(r.rlim_cur, 10);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(limit_as(c.pid, 1001, 1000), EPERM);
	EXPECT_EQ(limit_as(c.pid, 1000, 1001), EPERM);
	EXPECT_EQ(limit_as(c.pid, 1000, 1000), 0);
	if (on_tine()) /* elsewhere root may lack that right */
		EXPECT_EQ(limit_as(c.pid, 0, 0), 0);
	peer_post(&c);
	PEER_END(&c);
}

/* ---- X34: when a file was changed ---- */

#define LONG_AGO 1000

static void
make_old(int fd)
{
	struct timespec t[2] = { { LONG_AGO, 0 }, { LONG_AGO, 0 } };

	REQUIRE(futimens(fd, t) == 0);
	usleep(20000); /* more than what a file system rounds times to */
}

/* Is it as make_old() left it, or were both times set after `since`? */
static bool
looks_changed(int fd, const struct stat *since)
{
	struct stat now;

	REQUIRE(fstat(fd, &now) == 0);
	if (now.st_mtime == LONG_AGO) {
		EXPECT(now.st_ctim.tv_sec == since->st_ctim.tv_sec &&
		       now.st_ctim.tv_nsec == since->st_ctim.tv_nsec);
		return false;
	}
	EXPECT(now.st_ctim.tv_sec > since->st_ctim.tv_sec ||
	       now.st_ctim.tv_nsec > since->st_ctim.tv_nsec);
	EXPECT(now.st_mtim.tv_sec >= since->st_ctim.tv_sec);
	return true;
}

/*
 * Does a new mapping of the file change its times when one loads from it,
 * stores to it, and calls msync() with `sync`, unless that is 0?
 */
static bool
changes(int fd, int flags, bool load, bool store, int sync)
{
	struct stat before;
	char *p = mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE, flags, fd, 0);

	REQUIRE(p != MAP_FAILED);
	make_old(fd);
	REQUIRE(fstat(fd, &before) == 0);
	if (load)
		EXPECT_EQ(peek(p + PG), 'x');
	if (store)
		poke(p + PG, 'x');
	if (sync != 0)
		EXPECT_EQ(msync(p, 2 * PG, sync), 0);
	EXPECT_EQ(munmap(p, 2 * PG), 0);
	return looks_changed(fd, &before);
}

FSTEST(mapped_times, "X34 a store through a shared mapping changes the times")
{
	int fd;

	put("f", 'x', 2 * PG);
	fd = open("f", O_RDWR);
	REQUIRE(fd >= 0);
	EXPECT(changes(fd, MAP_SHARED, false, true, MS_SYNC));
	EXPECT(changes(fd, MAP_SHARED, true, true, MS_SYNC));
	EXPECT(changes(fd, MAP_SHARED, true, true, MS_ASYNC));
	EXPECT(changes(fd, MAP_SHARED, false, true, 0));
	EXPECT(changes(fd, MAP_SHARED, true, true, 0));
	EXPECT(!changes(fd, MAP_SHARED, true, false, MS_SYNC));
	EXPECT(!changes(fd, MAP_SHARED, true, false, 0));
	EXPECT(!changes(fd, MAP_PRIVATE, true, true, MS_SYNC));
	EXPECT(!changes(fd, MAP_PRIVATE, false, true, 0));
	close(fd);
}

/* Once the page has been written to the disk, the next store counts, too. */
static void
store_again(void)
{
	struct stat before;
	char *p;
	int fd;

	put("f", 'x', PG);
	fd = open("f", O_RDWR);
	p = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(fd >= 0 && p != MAP_FAILED);
	for (int i = 0; i < 3; i++) {
		make_old(fd);
		REQUIRE(fstat(fd, &before) == 0);
		poke(p, 'x');
		EXPECT_EQ(msync(p, PG, MS_SYNC), 0);
		EXPECT(looks_changed(fd, &before));
	}
	munmap(p, PG);
	close(fd);
}

UTEST(stored_again, "X34 a store after msync changes the times again")
{
	on_the_disk(store_again);
}

/* ---- X35: which pages are in memory ---- */

FSTEST(mincore_file,
       "X35 mincore shows cached pages of a file before any is touched")
{
	enum { N = 8 };
	unsigned char vec[N];
	char *p;
	int fd;

	put("f", 'x', 3 * PG);
	fd = open("f", O_RDWR);
	REQUIRE(fd >= 0 && pwrite(fd, "x", 1, 5 * PG) == 1);
	for (int flags = MAP_SHARED; flags <= MAP_PRIVATE; flags++) {
		p = mmap(NULL, N * PG, PROT_READ | PROT_WRITE, flags, fd, PG);
		REQUIRE(p != MAP_FAILED);
		REQUIRE(mincore(p, N * PG, vec) == 0);
		for (int i = 0; i < N; i++)
			EXPECT_EQ(vec[i] & 1, i < 2 || i == 4);
		EXPECT_EQ(munmap(p, N * PG), 0);
	}
	/* Of private memory those that were touched. */
	p = pages_new(N);
	poke(p + 3 * PG, 'x');
	EXPECT_EQ(peek(p + 5 * PG), 0);
	REQUIRE(mincore(p, N * PG, vec) == 0);
	for (int i = 0; i < N; i++)
		EXPECT_EQ(vec[i] & 1, i == 3 || i == 5);
	close(fd);
}
