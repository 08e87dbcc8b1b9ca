/* SPDX-License-Identifier: MIT */
/*
 * tests/user/maps.c - mmap, mprotect, madvise and mremap: what they answer, and
 * what they have done when they fail halfway.
 *
 * Linux gives the same answers: the program is also built for this computer and
 * run there.  /proc/self/maps tells which mappings were split or joined.
 */
#include "thread.h"

#include <stdatomic.h>

#include <sys/mount.h>

#define USER 61237
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW   (PROT_READ | PROT_WRITE)

#define MOVE  MREMAP_MAYMOVE
#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)
#define KEEP  (MREMAP_MAYMOVE | 4) /* MREMAP_DONTUNMAP */

/* Not in every library's headers. */
#define COLD	       20
#define PAGEOUT	       21
#define POPULATE_READ  22
#define POPULATE_WRITE 23

static char *
map(void *at, size_t n, int prot, int flags, int fd)
{
	return mmap(at, n * PG, prot, flags, fd, 0);
}

/* The raw call: the library checks some arguments itself. */
static long
raw_map(unsigned long at, size_t len, int prot, int flags, int fd,
	unsigned long offset)
{
	return syscall(SYS_mmap, at, len, prot, flags, fd, offset);
}

/* Whether a store would work, without one in this process. */
static bool
can_write(char *p)
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		poke(p, peek(p));
		_exit(0);
	}
	return utest_wait(pid) == 0;
}

/* ---- mmap ---- */

UTEST(flags, "MP1 mmap names the first thing that is wrong")
{
	const int unknown = 0x200000;
	int fd = temp_file_of('f', PG), pair[2];
	int dir = open("/", O_RDONLY), null = open("/dev/null", O_RDWR);
	char path[64];
	int out, o_path;

	REQUIRE(pipe(pair) == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	out = open(path, O_WRONLY);
	o_path = open("/", O_PATH);
	REQUIRE(dir >= 0 && null >= 0 && out >= 0 && o_path >= 0);
	EXPECT_ERR(raw_map(0, PG, RW, MAP_ANONYMOUS, -1, 0), EINVAL);
	EXPECT_ERR(raw_map(0, PG, RW, MAP_ANONYMOUS | 3, -1, 0), EINVAL);
	EXPECT_ERR(raw_map(0, PG, RW, MAP_ANONYMOUS | 4, -1, 0), EINVAL);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, 0, fd, 0), EINVAL);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, 3 | unknown, fd, 0), EOPNOTSUPP);
	EXPECT_ERR(raw_map(0x20000000, PG, PROT_READ, 3 | MAP_FIXED_NOREPLACE,
			   fd, 0),
		   EOPNOTSUPP);
	EXPECT(raw_map(0, PG, PROT_READ, MAP_SHARED | unknown, fd, 0) > 0);
	EXPECT(raw_map(0, PG, PROT_READ, MAP_PRIVATE | unknown, fd, 0) > 0);
	EXPECT(raw_map(0, PG, RW, 3, fd, 0) > 0);
	/* There are no huge pages; the type comes first. */
	EXPECT_ERR(raw_map(0, 1ul << 36, RW, ANON | MAP_HUGETLB, -1, 0),
		   ENOMEM);
	EXPECT_ERR(raw_map(0, 1ul << 36, RW, MAP_ANONYMOUS | MAP_HUGETLB, -1,
			   0),
		   EINVAL);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE | MAP_HUGETLB, fd, 0),
		   EINVAL);
	EXPECT_ERR(raw_map(0, -PG, RW, ANON, -1, 0), ENOMEM);
	EXPECT_ERR(raw_map(0, -1ul, RW, ANON, -1, 0), ENOMEM);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE, fd, 100), EINVAL);
	/* An offset that no file can have, checked before the file's rights. */
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE, fd, -PG), EOVERFLOW);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE, out, -PG), EOVERFLOW);
	EXPECT_ERR(raw_map(0, 2 * PG, PROT_READ, 3 | unknown, fd,
			   0x7ffffffffffff000),
		   EOVERFLOW);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE, out, 0), EACCES);
	EXPECT_ERR(raw_map(0, 0, PROT_READ, MAP_PRIVATE, -1, 0), EBADF);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE, o_path, 0), EBADF);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE, dir, 0), ENODEV);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE, null, 0), ENODEV);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE, pair[0], 0), ENODEV);
	EXPECT_ERR(raw_map(0, PG, PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN, fd,
			   0),
		   EINVAL);
}

UTEST(place, "MP2 mmap: a hint is rounded down, a fixed place is checked")
{
	char *p = pages_new(4);

	REQUIRE(munmap(p + PG, 2 * PG) == 0);
	EXPECT(map(p + PG + 0x123, 1, RW, ANON, -1) == p + PG);
	EXPECT(map(p + PG, 1, RW, ANON, -1) != p + PG);
	EXPECT_ERR(map(p + 0x123, 1, RW, ANON | MAP_FIXED, -1), EINVAL);
	EXPECT_ERR(map(p + 0x123, 1, RW, ANON | MAP_FIXED_NOREPLACE, -1),
		   EINVAL);
	EXPECT_ERR(map(p + PG, 1, RW, ANON | MAP_FIXED_NOREPLACE, -1), EEXIST);
	EXPECT_ERR(map((char *)(-1ul << 40), 1, RW, ANON | MAP_FIXED, -1),
		   ENOMEM);
	EXPECT_ERR(map((char *)-PG, 2, RW, ANON | MAP_FIXED, -1), ENOMEM);
	EXPECT(map((char *)(-1ul << 40), 1, RW, ANON, -1) != MAP_FAILED);
}

UTEST(zero, "MP3 /dev/zero is mapped as anonymous memory is")
{
	int both = open("/dev/zero", O_RDWR), in = open("/dev/zero", O_RDONLY);
	char *own, *shared;
	pid_t pid;

	REQUIRE(both >= 0 && in >= 0);
	own = mmap(NULL, 2 * PG, RW, MAP_PRIVATE, in, 1l << 40);
	shared = map(NULL, 2, RW, MAP_SHARED, both);
	REQUIRE(own != MAP_FAILED && shared != MAP_FAILED);
	EXPECT_EQ(bytes_wrong(own, 2 * PG, 0), 0);
	poke(own, 'p');
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(peek(own), 'p');
		poke(own, 'c');
		poke(shared + PG, 'c');
		EXPECT_EQ(peek(shared), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(peek(own), 'p');
	EXPECT_EQ(peek(shared + PG), 'c');
	/* Each shared mapping is memory of its own. */
	shared = map(NULL, 2, RW, MAP_SHARED, both);
	EXPECT_EQ(bytes_wrong(shared, 2 * PG, 0), 0);
	EXPECT_ERR(map(NULL, 1, RW, MAP_SHARED, in), EACCES);
	shared = map(NULL, 1, PROT_READ, MAP_SHARED, in);
	EXPECT(shared != MAP_FAILED);
	EXPECT_ERR(mprotect(shared, PG, RW), EACCES);
}

UTEST(lowest, "MP4 only root may map the first page")
{
	char *volatile first = NULL;
	pid_t pid;

	if (geteuid() != 0 || on_qemu_user())
		SKIP("needs root, and the kernel's own answer");
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(raw_map(0, PG, RW, ANON | MAP_FIXED, -1, 0), 0);
		poke(first, 'z');
		EXPECT_EQ(raw_map(0, PG, RW, ANON | MAP_FIXED | MAP_POPULATE,
				  -1, 0),
			  0);
		EXPECT_EQ(peek(first), 0);
		/* A hint of 0 is no hint. */
		EXPECT(raw_map(0, PG, RW, ANON, -1, 0) > 0);
		poke(first + 1, 'z');
		pid = utest_fork();
		if (pid == 0) {
			EXPECT_EQ(peek(first + 1), 'z');
			poke(first + 1, 'c');
			utest_done();
		}
		EXPECT_CLEAN(pid);
		EXPECT_EQ(peek(first + 1), 'z');
		EXPECT_EQ(munmap(first, PG), 0);
		EXPECT_SIGNAL(SIGSEGV, peek(first));
		utest_done();
	}
	EXPECT_CLEAN(pid);
	utest_become(USER);
	EXPECT_EQ(access("/proc/sys/vm/mmap_min_addr", R_OK), 0);
	EXPECT_ERR(raw_map(0, PG, RW, ANON | MAP_FIXED, -1, 0), EPERM);
	EXPECT_ERR(raw_map(0, PG, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0),
		   EPERM);
	/* Checked before the type of the mapping, and after its range. */
	EXPECT_ERR(raw_map(0, PG, RW, MAP_ANONYMOUS | MAP_FIXED, -1, 0), EPERM);
	EXPECT_ERR(raw_map(0, -PG, RW, ANON | MAP_FIXED, -1, 0), ENOMEM);
	EXPECT(raw_map(1, PG, RW, ANON, -1, 0) > 0);
}

UTEST(noexec, "MP5 what lies on a noexec mount cannot be made executable")
{
	char *p;
	int fd;

	need_tine("mounting changes the system");
	REQUIRE(mkdir("/tmp/mp5", 0777) == 0);
	REQUIRE(mount("none", "/tmp/mp5", "tmpfs", MS_NOEXEC, NULL) == 0);
	fd = open("/tmp/mp5/file", O_CREAT | O_RDWR, 0777);
	REQUIRE(fd >= 0 && ftruncate(fd, PG) == 0);
	EXPECT_ERR(map(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd), EPERM);
	EXPECT_ERR(map(NULL, 1, PROT_READ | PROT_EXEC, MAP_SHARED, fd), EPERM);
	p = map(NULL, 1, PROT_READ, MAP_PRIVATE, fd);
	EXPECT(p != MAP_FAILED);
	EXPECT_ERR(mprotect(p, PG, PROT_READ | PROT_EXEC), EACCES);
	EXPECT_EQ(mprotect(p, PG, RW), 0);
	EXPECT_EQ(munmap(p, PG), 0);
	close(fd);
	EXPECT_EQ(umount("/tmp/mp5"), 0);
	EXPECT_EQ(rmdir("/tmp/mp5"), 0);
}

/* ---- mprotect ---- */

UTEST(grows, "MP6 mprotect: a whole stack, and bits that are none")
{
	const int down = PROT_GROWSDOWN, up = PROT_GROWSUP;
	char *p = map(NULL, 8, RW, ANON | MAP_GROWSDOWN, -1), *q = pages_new(2);

	REQUIRE(p != MAP_FAILED);
	EXPECT_ERR(mprotect(q, PG, PROT_READ | down), EINVAL);
	EXPECT_ERR(mprotect(q, PG, PROT_READ | up), EINVAL);
	EXPECT_ERR(mprotect(p, PG, PROT_READ | down | up), EINVAL);
	EXPECT_ERR(mprotect(p, 0, down | up), EINVAL);
	EXPECT_EQ(mprotect(p + 6 * PG, PG, PROT_READ | down), 0);
	EXPECT(!can_write(p) && !can_write(p + 6 * PG));
	EXPECT(can_write(p + 7 * PG));
	REQUIRE(munmap(q, PG) == 0);
	/* It is the first mapping of the range that counts. */
	EXPECT_ERR(mprotect(q, 2 * PG, PROT_READ | down), EINVAL);
	EXPECT_ERR(mprotect(q, PG, PROT_READ | down), ENOMEM);
	EXPECT_EQ(mprotect(q + PG, PG, RW | 8), 0); /* PROT_SEM */
	EXPECT_ERR(mprotect(q + PG, PG, 0x100), EINVAL);
	EXPECT_EQ(mprotect(q + PG, 0, 0x100), 0);
	EXPECT_ERR(mprotect(q + PG + 1, 0, PROT_READ), EINVAL);
}

UTEST(in_part, "MP7 mprotect has changed what lies below the first failure")
{
	int fd = temp_file_of('f', PG), in;
	char *p = pages_new(8), path[64];

	REQUIRE(munmap(p + 3 * PG, PG) == 0);
	EXPECT_ERR(mprotect(p, 8 * PG, PROT_READ), ENOMEM);
	EXPECT(!can_write(p) && !can_write(p + 2 * PG));
	EXPECT(can_write(p + 4 * PG) && can_write(p + 7 * PG));
	/* A read-only mapping between two writable ones. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	in = open(path, O_RDONLY);
	REQUIRE(in >= 0);
	REQUIRE(map(p + 5 * PG, 1, PROT_READ, MAP_SHARED | MAP_FIXED, in) ==
		p + 5 * PG);
	REQUIRE(mprotect(p + 4 * PG, 4 * PG, PROT_READ) == 0);
	EXPECT_ERR(mprotect(p + 4 * PG, 4 * PG, RW), EACCES);
	EXPECT(can_write(p + 4 * PG));
	EXPECT(!can_write(p + 5 * PG) && !can_write(p + 6 * PG));
	EXPECT_ERR(mprotect(p + 5 * PG, PG, RW), EACCES);
	EXPECT_ERR(mprotect(p + 3 * PG, 2 * PG, PROT_READ), ENOMEM);
	EXPECT(can_write(p + 4 * PG));
}

/* ---- which mappings are joined ---- */

/* How many mappings /proc/self/maps shows between p and p + n pages. */
static int
pieces(const char *p, size_t n)
{
	unsigned long from = (unsigned long)p, to = from + n * PG, start, end;
	FILE *f = fopen("/proc/self/maps", "re");
	char line[512];
	int count = 0;

	REQUIRE(f != NULL);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "%lx-%lx", &start, &end) == 2)
			count += start < to && end > from;
	fclose(f);
	return count;
}

/* Pages between two that stay unmapped, so that nothing else joins them. */
static char *
pages_alone(size_t n)
{
	char *p = pages_new(n + 2);

	REQUIRE(munmap(p, PG) == 0 && munmap(p + (n + 1) * PG, PG) == 0);
	memset(p + PG, 'a', n * PG);
	return p + PG;
}

UTEST(joined, "MP8 mprotect and madvise join all that they make alike")
{
	char *p = pages_alone(9);

	EXPECT_EQ(pieces(p, 9), 1);
	for (int i = 1; i < 9; i += 2)
		EXPECT_EQ(mprotect(p + i * PG, PG, PROT_READ), 0);
	EXPECT_EQ(pieces(p, 9), 9);
	EXPECT_EQ(mprotect(p, 9 * PG, RW), 0);
	EXPECT_EQ(pieces(p, 9), 1);
	for (int i = 1; i < 9; i += 2)
		EXPECT_EQ(madvise(p + i * PG, PG, MADV_DONTFORK), 0);
	EXPECT_EQ(pieces(p, 9), 9);
	EXPECT_EQ(madvise(p + PG, 7 * PG, MADV_DOFORK), 0);
	EXPECT_EQ(pieces(p, 9), 1);
	for (int i = 1; i < 9; i += 2)
		EXPECT_EQ(mlock(p + i * PG, PG), 0);
	EXPECT_EQ(pieces(p, 9), 9);
	EXPECT_EQ(munlock(p, 8 * PG), 0);
	EXPECT_EQ(pieces(p, 9), 1);
	EXPECT_EQ(bytes_wrong(p, 9 * PG, 'a'), 0);
}

UTEST(joined_file, "MP9 pieces of a file join where they continue each other")
{
	int fd = temp_file_of('f', 8 * PG);
	char *p = pages_alone(8);

	REQUIRE(map(p, 8, PROT_READ, MAP_SHARED | MAP_FIXED, fd) == p);
	EXPECT_EQ(mprotect(p + 2 * PG, PG, RW), 0);
	EXPECT_EQ(mprotect(p + 4 * PG, PG, RW), 0);
	EXPECT_EQ(pieces(p, 8), 5);
	EXPECT_EQ(mprotect(p, 8 * PG, PROT_READ), 0);
	EXPECT_EQ(pieces(p, 8), 1);
	/* The same page of the file twice does not continue the mapping. */
	REQUIRE(map(p + PG, 1, PROT_READ, MAP_SHARED | MAP_FIXED, fd) ==
		p + PG);
	EXPECT_EQ(mprotect(p, 8 * PG, PROT_READ), 0);
	EXPECT_EQ(pieces(p, 8), 3);
}

UTEST(joined_remap, "MP10 mremap over pages that were several mappings")
{
	char *p = pages_alone(8), *q = pages_alone(4), *r;

	EXPECT_EQ(mprotect(p + 3 * PG, PG, PROT_NONE), 0);
	EXPECT_EQ(mprotect(p + 3 * PG, PG, RW), 0);
	p = mremap(p, 8 * PG, 64 * PG, MREMAP_MAYMOVE);
	REQUIRE(p != MAP_FAILED);
	EXPECT_EQ(bytes_wrong(p, 8 * PG, 'a'), 0);
	/* Two pages that were mapped one by one. */
	REQUIRE(munmap(q, 4 * PG) == 0);
	REQUIRE(map(q, 2, RW, ANON | MAP_FIXED, -1) == q);
	REQUIRE(map(q + 2 * PG, 2, RW, ANON | MAP_FIXED, -1) == q + 2 * PG);
	r = mremap(q, 4 * PG, 16 * PG, MREMAP_MAYMOVE);
	EXPECT(r != MAP_FAILED);
	/* A range inside its mapping has no room to grow in place. */
	q = pages_alone(2);
	EXPECT_ERR(mremap(q, PG, 2 * PG, 0), ENOMEM);
	r = mremap(q, PG, 2 * PG, MREMAP_MAYMOVE);
	REQUIRE(r != MAP_FAILED && r != q);
	EXPECT(peek(r) == 'a' && peek(r + PG) == 0 && peek(q + PG) == 'a');
	/* Growing into a gap makes one mapping of three. */
	p = pages_alone(3);
	REQUIRE(munmap(p + PG, PG) == 0);
	EXPECT_EQ(pieces(p, 3), 2);
	EXPECT(mremap(p, PG, 2 * PG, 0) == p);
	EXPECT_EQ(pieces(p, 3), 1);
}

/* ---- madvise ---- */

static long
locked_pages(void)
{
	return number_in("/proc/self/status", "VmLck:") * 1024 / (long)PG;
}

UTEST(holes, "MP11 madvise and msync go on behind a hole, munlock ends there")
{
	char *p = pages_alone(8);

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	REQUIRE(munmap(p + 3 * PG, PG) == 0);
	EXPECT_ERR(madvise(p, 8 * PG, MADV_DONTNEED), ENOMEM);
	EXPECT_EQ(bytes_wrong(p, 3 * PG, 0), 0);
	EXPECT_EQ(bytes_wrong(p + 4 * PG, 4 * PG, 0), 0);
	EXPECT_ERR(madvise(p, 8 * PG, MADV_DONTFORK), ENOMEM);
	EXPECT_SIGNAL(SIGSEGV, peek(p));
	EXPECT_SIGNAL(SIGSEGV, peek(p + 7 * PG));
	EXPECT_ERR(madvise(p, 8 * PG, MADV_DOFORK), ENOMEM);
	EXPECT(can_write(p) && can_write(p + 7 * PG));
	EXPECT_EQ(pieces(p, 8), 2);
	EXPECT_ERR(madvise(p + 3 * PG, PG, MADV_DONTNEED), ENOMEM);
	EXPECT_ERR(madvise(p, 4 * PG, MADV_NORMAL), ENOMEM);
	EXPECT_ERR(madvise(p, 8 * PG, MADV_WILLNEED), ENOMEM);
	EXPECT_ERR(madvise(p, 8 * PG, COLD), ENOMEM);
	EXPECT_ERR(madvise(p, 8 * PG, POPULATE_READ), ENOMEM);
	EXPECT_ERR(msync(p, 8 * PG, MS_SYNC), ENOMEM);
	EXPECT_EQ(mlock(p, 3 * PG), 0);
	EXPECT_EQ(mlock(p + 5 * PG, PG), 0);
	EXPECT_ERR(msync(p + 3 * PG, 5 * PG, MS_INVALIDATE), EBUSY);
	EXPECT_ERR(munlock(p, 8 * PG), ENOMEM);
	EXPECT_EQ(locked_pages(), 1);
}

UTEST(refusals, "MP12 madvise ends at a mapping that it is not for")
{
	char *p = pages_alone(8), *shared = p + 5 * PG;
	pid_t pid;

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	EXPECT_EQ(mlock(p + 3 * PG, PG), 0);
	EXPECT_ERR(madvise(p, 8 * PG, MADV_DONTNEED), EINVAL);
	EXPECT_EQ(bytes_wrong(p, 3 * PG, 0), 0);
	EXPECT_EQ(bytes_wrong(p + 3 * PG, 5 * PG, 'a'), 0);
	EXPECT_ERR(madvise(p, 8 * PG, COLD), EINVAL);
	EXPECT_ERR(madvise(p, 8 * PG, PAGEOUT), EINVAL);
	EXPECT_EQ(munlock(p + 3 * PG, PG), 0);
	EXPECT_EQ(madvise(p, 8 * PG, COLD), 0);
	EXPECT_EQ(madvise(p, 8 * PG, PAGEOUT), 0);
	EXPECT_EQ(bytes_wrong(p + 3 * PG, 5 * PG, 'a'), 0);
	REQUIRE(map(shared, 1, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
		    -1) == shared);
	memset(shared, 'a', PG);
	EXPECT_ERR(madvise(p, 8 * PG, MADV_WIPEONFORK), EINVAL);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(bytes_wrong(p, 5 * PG, 0), 0);
		EXPECT_EQ(bytes_wrong(p + 5 * PG, 3 * PG, 'a'), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	/* After a hole the refusal is the answer. */
	REQUIRE(munmap(p + PG, PG) == 0);
	EXPECT_ERR(madvise(p, 8 * PG, MADV_FREE), EINVAL);
	EXPECT_EQ(bytes_wrong(shared, 3 * PG, 'a'), 0);
}

UTEST(advice, "MP13 madvise: what is no advice, and what an advice is for")
{
	char *p = pages_new(4), *shared = shared_new(1);
	int fd = temp_file_of('f', PG);
	char *file = map(NULL, 1, RW, MAP_PRIVATE, fd);

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	REQUIRE(file != MAP_FAILED);
	EXPECT_ERR(madvise(p, PG, 77), EINVAL);
	EXPECT_ERR(madvise(p, 0, 77), EINVAL);
	EXPECT_EQ(madvise(p, 0, MADV_DONTNEED), 0);
	EXPECT_EQ(madvise(p, 1, MADV_DONTNEED), 0);
	EXPECT_ERR(madvise(p + 1, PG, MADV_DONTNEED), EINVAL);
	EXPECT_ERR(madvise(p + 1, 0, MADV_DONTNEED), EINVAL);
	EXPECT_ERR(madvise(p, -PG, MADV_DONTNEED), EINVAL);
	EXPECT_ERR(madvise(p, -1ul, MADV_DONTNEED), EINVAL);
	EXPECT_ERR(madvise((char *)(1ul << 62), PG, MADV_DONTNEED), ENOMEM);
	EXPECT_EQ(madvise(p, PG, MADV_WILLNEED), 0);
	EXPECT_EQ(madvise(p, PG, MADV_FREE), 0);
	EXPECT_ERR(madvise(shared, PG, MADV_FREE), EINVAL);
	EXPECT_ERR(madvise(file, PG, MADV_FREE), EINVAL);
	EXPECT_ERR(madvise(shared, PG, MADV_WIPEONFORK), EINVAL);
	EXPECT_ERR(madvise(file, PG, MADV_WIPEONFORK), EINVAL);
	EXPECT_EQ(madvise(file, PG, MADV_DONTNEED), 0);
	EXPECT_EQ(madvise(file, PG, PAGEOUT), 0);
	EXPECT_EQ(peek(file), 'f');
}

UTEST(populate, "MP14 MADV_POPULATE_READ and _WRITE have pages present")
{
	int fd = temp_file_of('f', PG);
	char *p = pages_new(8), *own, *shared;
	long zeroes;

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	EXPECT_EQ(madvise(p, 8 * PG, POPULATE_READ), 0);
	EXPECT_EQ(utest_resident(p, 8), 8);
	EXPECT_EQ(madvise(p, 8 * PG, POPULATE_WRITE), 0);
	/* A write to the process's own page takes no fault now. */
	zeroes = stat_get("break_zero");
	zeroes = stat_get("break_zero");
	memset(p, 'p', 8 * PG);
	EXPECT_GREW("break_zero", zeroes, 0);
	EXPECT_EQ(mprotect(p, PG, PROT_READ), 0);
	EXPECT_ERR(madvise(p, PG, POPULATE_WRITE), EINVAL);
	EXPECT_EQ(madvise(p, PG, POPULATE_READ), 0);
	EXPECT_EQ(mprotect(p, PG, PROT_NONE), 0);
	EXPECT_ERR(madvise(p, PG, POPULATE_READ), EINVAL);
	EXPECT_ERR(madvise(p, PG, POPULATE_WRITE), EINVAL);
	/* Two pages of a file of one page. */
	own = map(NULL, 2, RW, MAP_PRIVATE, fd);
	shared = map(NULL, 2, RW, MAP_SHARED, fd);
	REQUIRE(own != MAP_FAILED && shared != MAP_FAILED);
	EXPECT_EQ(madvise(own, PG, POPULATE_WRITE), 0);
	EXPECT_EQ(madvise(shared, PG, POPULATE_WRITE), 0);
	poke(shared, 's');
	EXPECT_EQ(peek(own), 'f'); /* a copy already */
	EXPECT_ERR(madvise(own, 2 * PG, POPULATE_READ), EFAULT);
	EXPECT_ERR(madvise(shared, 2 * PG, POPULATE_WRITE), EFAULT);
}

UTEST(removed, "MP15 MADV_REMOVE: zeroes in every mapping of the page")
{
	char *p = shared_new(3), *own = pages_new(1), *file;
	int fd = temp_file_of('f', PG);
	struct peer c;

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	memset(p, 'a', 3 * PG);
	if (fork_peer(&c) == 0) {
		EXPECT_EQ(bytes_wrong(p, 3 * PG, 'a'), 0);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(bytes_wrong(p + PG, PG, 0), 0);
		EXPECT(peek(p) == 'a' && peek(p + 2 * PG) == 'a');
		poke(p + PG, 'c');
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(madvise(p + PG, PG, MADV_REMOVE), 0);
	EXPECT_EQ(bytes_wrong(p + PG, PG, 0), 0);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(peek(p + PG), 'c');
	EXPECT_EQ(bytes_wrong(p, PG, 'a') + bytes_wrong(p + 2 * PG, PG, 'a'),
		  0);
	EXPECT_ERR(madvise(own, PG, MADV_REMOVE), EINVAL);
	file = map(NULL, 1, RW, MAP_PRIVATE, fd);
	EXPECT_ERR(madvise(file, PG, MADV_REMOVE), EACCES);
	EXPECT_EQ(mlock(p, PG), 0);
	EXPECT_ERR(madvise(p, PG, MADV_REMOVE), EINVAL);
	EXPECT_EQ(munlock(p, PG), 0);
	REQUIRE(munmap(p + PG, PG) == 0);
	EXPECT_ERR(madvise(p, 3 * PG, MADV_REMOVE), ENOMEM);
	EXPECT_EQ(bytes_wrong(p, PG, 0) + bytes_wrong(p + 2 * PG, PG, 0), 0);
}

UTEST(removed_file, "MP16 MADV_REMOVE frees pages of tmpfs; a disk has no such "
		    "call")
{
	int mem = open("/tmp/mp16", O_CREAT | O_RDWR | O_TRUNC, 0600), disk;
	struct stat s;
	char *p, byte;

	need_tine("its file systems");
	REQUIRE(mem >= 0 && unlink("/tmp/mp16") == 0);
	REQUIRE(ftruncate(mem, 4 * PG) == 0);
	p = map(NULL, 4, RW, MAP_SHARED, mem);
	REQUIRE(p != MAP_FAILED);
	memset(p, 'a', 4 * PG);
	REQUIRE(fstat(mem, &s) == 0);
	EXPECT_EQ(s.st_blocks, 4 * PG / 512);
	EXPECT_EQ(madvise(p + PG, 2 * PG, MADV_REMOVE), 0);
	REQUIRE(fstat(mem, &s) == 0);
	EXPECT_EQ(s.st_blocks, 2 * PG / 512);
	EXPECT_EQ(s.st_size, 4 * PG);
	EXPECT(pread(mem, &byte, 1, PG) == 1 && byte == 0);
	EXPECT(peek(p + 2 * PG) == 0 && peek(p + 3 * PG) == 'a');
	disk = open("/root/mp16", O_CREAT | O_RDWR | O_TRUNC, 0600);
	REQUIRE(disk >= 0 && unlink("/root/mp16") == 0);
	REQUIRE(ftruncate(disk, PG) == 0);
	p = map(NULL, 1, RW, MAP_SHARED, disk);
	REQUIRE(p != MAP_FAILED);
	EXPECT_ERR(madvise(p, PG, MADV_REMOVE), EOPNOTSUPP);
}

/* ---- mremap ---- */

static bool
is_mapped(char *p)
{
	unsigned char v;

	return mincore(p, PG, &v) == 0;
}

UTEST(fixed, "MP17 MREMAP_FIXED: to a place, whatever is there")
{
	char *p = pages_alone(4), *to = pages_alone(6), *file;
	int fd = temp_file_of('f', 4 * PG);

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	memset(to, 't', 6 * PG);
	EXPECT(mremap(p, 4 * PG, 4 * PG, FIXED, to + PG) == to + PG);
	EXPECT(!is_mapped(p) && !is_mapped(p + 3 * PG));
	EXPECT_EQ(bytes_wrong(to + PG, 4 * PG, 'a'), 0);
	EXPECT(peek(to) == 't' && peek(to + 5 * PG) == 't');
	/* Within one mapping, and larger than before: the rest is new. */
	p = pages_alone(8);
	EXPECT(mremap(p + 5 * PG, 2 * PG, 3 * PG, FIXED, p + PG) == p + PG);
	EXPECT_EQ(bytes_wrong(p, 3 * PG, 'a'), 0);
	EXPECT_EQ(bytes_wrong(p + 3 * PG, PG, 0), 0);
	EXPECT(is_mapped(p + 4 * PG) && is_mapped(p + 7 * PG));
	EXPECT(!is_mapped(p + 5 * PG) && !is_mapped(p + 6 * PG));
	/* Smaller: the rest is unmapped. */
	p = pages_alone(4);
	EXPECT(mremap(p, 4 * PG, 2 * PG, FIXED, to) == to);
	EXPECT(!is_mapped(p) && !is_mapped(p + 2 * PG));
	EXPECT_EQ(bytes_wrong(to, 2 * PG, 'a'), 0);
	/* Of a file: the pages move with the copies that were made of them. */
	file = map(NULL, 4, RW, MAP_PRIVATE, fd);
	REQUIRE(file != MAP_FAILED);
	poke(file + PG, 'c');
	EXPECT(mremap(file + PG, 2 * PG, 2 * PG, FIXED, to) == to);
	EXPECT(peek(to) == 'c' && peek(to + PG) == 'f');
}

UTEST(fixed_fork, "MP18 MREMAP_FIXED onto and of pages shared by fork")
{
	char *p = pages_new(600), *to = pages_new(600);
	struct peer c;

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	pages_fill(p, 600, 1);
	pages_fill(to, 600, 2);
	if (fork_peer(&c) == 0) {
		EXPECT(mremap(p + 7 * PG, 590 * PG, 590 * PG, FIXED,
			      to + 3 * PG) == to + 3 * PG);
		for (size_t i = 0; i < 590; i += 7)
			poke(to + (3 + i) * PG, 'c');
		EXPECT(!is_mapped(p + 7 * PG) && is_mapped(p + 597 * PG));
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(peek(to + 3 * PG), 'c');
		EXPECT_EQ(pages_wrong(to, 3, 2), 0);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_EQ(pages_wrong(p, 600, 1) + pages_wrong(to, 600, 2), 0);
	memset(p, 'p', 600 * PG);
	peer_post(&c);
	PEER_END(&c);
	EXPECT_EQ(bytes_wrong(p, 600 * PG, 'p') + pages_wrong(to, 600, 2), 0);
	EXPECT_AUDIT();
}

UTEST(dontunmap, "MP19 MREMAP_DONTUNMAP: the old mapping stays, empty")
{
	char *p = pages_alone(4), *q, *to = pages_alone(2), *file, *shared;
	int fd = temp_file_of('f', PG);

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	EXPECT_EQ(mlock(p, PG), 0);
	q = mremap(p, PG, PG, KEEP, NULL);
	REQUIRE(q != MAP_FAILED && q != p);
	EXPECT_EQ(bytes_wrong(q, PG, 'a'), 0);
	if (on_tine()) /* later versions of Linux count it twice */
		EXPECT_EQ(locked_pages(), 1);
	EXPECT_EQ(bytes_wrong(p, PG, 0), 0);
	poke(p, 'n');
	EXPECT_EQ(peek(q), 'a');
	EXPECT(mremap(p + PG, 2 * PG, 2 * PG, KEEP | FIXED, to) == to);
	EXPECT_EQ(bytes_wrong(to, 2 * PG, 'a'), 0);
	EXPECT_EQ(bytes_wrong(p + PG, 2 * PG, 0), 0);
	EXPECT_EQ(bytes_wrong(p + 3 * PG, PG, 'a'), 0);
	/* A hint for a free place; not every C library passes it on. */
	REQUIRE(munmap(to + PG, PG) == 0);
	EXPECT_EQ(syscall(SYS_mremap, p + 3 * PG, PG, PG, KEEP, to + PG),
		  (long)to + (long)PG);
	file = map(NULL, 1, RW, MAP_PRIVATE, fd);
	shared = map(NULL, 1, RW, MAP_SHARED, fd);
	REQUIRE(file != MAP_FAILED && shared != MAP_FAILED);
	poke(file, 'c');
	q = mremap(file, PG, PG, KEEP, NULL);
	REQUIRE(q != MAP_FAILED);
	EXPECT(peek(q) == 'c' && peek(file) == 'f');
	q = mremap(shared, PG, PG, KEEP, NULL);
	REQUIRE(q != MAP_FAILED);
	poke(q, 's');
	EXPECT_EQ(peek(shared), 's');
}

UTEST(doubled, "MP20 mremap of nothing maps shared pages once more")
{
	char *s = shared_new(3), *d, *p = pages_new(1), *to = pages_new(2);

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	poke(s + PG, 's');
	d = mremap(s + PG, 0, 2 * PG, MOVE);
	REQUIRE(d != MAP_FAILED && d != s);
	EXPECT_EQ(peek(d), 's');
	poke(d + PG, 'd');
	EXPECT_EQ(peek(s + 2 * PG), 'd');
	EXPECT(mremap(s, 0, 2 * PG, FIXED, to) == to);
	EXPECT_EQ(peek(to + PG), 's');
	/* Larger than the memory: there is nothing behind its end. */
	d = mremap(s, 0, 4 * PG, MOVE);
	REQUIRE(d != MAP_FAILED);
	EXPECT_EQ(peek(d + 2 * PG), 'd');
	EXPECT_SIGNAL(SIGBUS, peek(d + 3 * PG));
	EXPECT_ERR(mremap(s, 0, PG, 0), ENOMEM);
	EXPECT_ERR(mremap(p, 0, PG, MOVE), EINVAL);
	EXPECT_ERR(mremap(p, 0, 0, MOVE), EINVAL);
	REQUIRE(munmap(p, PG) == 0);
	EXPECT_ERR(mremap(p, 0, PG, MOVE), EFAULT);
}

UTEST(refused, "MP21 mremap: what is no move, and what is left then")
{
	char *p = pages_alone(8), *q = pages_alone(2);

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	REQUIRE(munmap(p + 4 * PG, PG) == 0);
	EXPECT_ERR(mremap(p + 1, PG, PG, MOVE), EINVAL);
	EXPECT_ERR(mremap(p, PG, 0, MOVE), EINVAL);
	EXPECT_ERR(mremap(p, PG, PG, 8), EINVAL);
	EXPECT_ERR(mremap(p, PG, PG, MREMAP_FIXED, q), EINVAL);
	EXPECT_ERR(mremap(p, PG, PG, 4, q), EINVAL);
	EXPECT_ERR(mremap(p, PG, 2 * PG, KEEP, q), EINVAL);
	EXPECT_ERR(mremap(p, PG, PG, FIXED, q + 100), EINVAL);
	EXPECT_ERR(mremap(p, PG, PG, FIXED, 1ul << 62), EINVAL);
	EXPECT_ERR(mremap(p, 2 * PG, 2 * PG, FIXED, p + PG), EINVAL);
	EXPECT_ERR(mremap(p + PG, PG, 2 * PG, FIXED, p), EINVAL);
	EXPECT_ERR(mremap(p, 8 * PG, 9 * PG, MOVE), EFAULT);
	EXPECT_ERR(mremap(p + 4 * PG, PG, 2 * PG, MOVE), EFAULT);
	EXPECT_ERR(mremap(p + 4 * PG, PG, PG, 0), EFAULT);
	EXPECT(mremap(p, 8 * PG, 8 * PG, 0) == p);
	EXPECT(mremap(p, 8 * PG, PG, 0) == p);
	EXPECT(is_mapped(p) && !is_mapped(p + PG) && !is_mapped(p + 5 * PG));
	EXPECT_EQ(bytes_wrong(p, PG, 'a') + bytes_wrong(q, 2 * PG, 'a'), 0);
	if (geteuid() == 0) {
		EXPECT(mremap(q, PG, PG, FIXED, NULL) == NULL);
		EXPECT_EQ(munmap(NULL, PG), 0);
		utest_become(USER);
	}
	EXPECT_ERR(mremap(p, PG, PG, FIXED, NULL), EPERM);
}

UTEST(beyond, "MP22 a mapping past 2^32 pages of a file is SIGBUS there")
{
	const off_t last = (1l << 44) - 2 * PG; /* the end of 2^32 pages */
	int fd = temp_file_of('f', PG);
	char *p = mmap(NULL, PG, PROT_READ, MAP_SHARED, fd, last), *q;

	if (p == MAP_FAILED)
		SKIP("no mapping so far behind the end of a file here");
	q = mremap(p, PG, 3 * PG, MOVE);
	if (q == MAP_FAILED)
		SKIP("it cannot grow here");
	EXPECT_SIGNAL(SIGBUS, peek(q));
	EXPECT_SIGNAL(SIGBUS, peek(q + 2 * PG));
	REQUIRE(munmap(q, 3 * PG) == 0 && close(fd) == 0);
	EXPECT_ERR(munlock((void *)PG, ~PG), EINVAL);
}

enum { MEET = 512 }; /* pages: one leaf table */

/* A file's shared mapping that fills a leaf table. */
static char *
table_of_file(int fd)
{
	char *p = own_tables(1, PROT_NONE);

	REQUIRE(mmap(p, MEET * PG, RW, MAP_SHARED | MAP_FIXED, fd, 0) == p);
	return p;
}

/* Makes the file long and cuts it off in a while, until it is killed. */
static pid_t
start_cutting(int fd, useconds_t most)
{
	pid_t pid = utest_fork();

	while (pid == 0) {
		REQUIRE(ftruncate(fd, MEET * PG) == 0);
		if (most > 0)
			usleep(utest_random() % most);
		REQUIRE(ftruncate(fd, 0) == 0);
	}
	return pid;
}

UTEST(cut_discard, "MP23 a file is cut off while its mapping is discarded")
{
	int fd = temp_file_of('f', PG);
	char *p = table_of_file(fd);
	pid_t pid = start_cutting(fd, 0);

	for (unsigned i = 0; i < utest_rounds(20000); i++) {
		/* What is mapped now, if anything: no fault, so no SIGBUS. */
		(void)madvise(p, 4 * PG, POPULATE_READ);
		EXPECT_EQ(madvise(p, MEET * PG, MADV_DONTNEED), 0);
	}
	EXPECT_EQ(kill(pid, SIGKILL), 0);
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_AUDIT();
}

UTEST(cut_fork, "MP24 a file is cut off while processes that map it fork")
{
	int fd = temp_file_of('f', PG), other = temp_file_of('g', PG);
	char *p = table_of_file(fd);
	pid_t pid, child;

	/* Two mappings in one leaf table: fork locks it for each of them. */
	REQUIRE(ftruncate(other, MEET * PG) == 0);
	REQUIRE(mmap(p + MEET / 2 * PG, MEET / 2 * PG, RW,
		     MAP_SHARED | MAP_FIXED, other, 0) == p + MEET / 2 * PG);
	pid = start_cutting(fd, 1000);
	for (unsigned i = 0; i < utest_rounds(3000); i++) {
		(void)madvise(p, MEET * PG, POPULATE_READ);
		(void)madvise(p + MEET / 2 * PG, MEET / 2 * PG, POPULATE_READ);
		child = fork();
		if (child == 0)
			_exit(0);
		REQUIRE(child > 0 && waitpid(child, NULL, 0) == child);
	}
	EXPECT_EQ(kill(pid, SIGKILL), 0);
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_AUDIT();
}

static atomic_bool moved; /* there will be no more moves */

/* A thread function: keeps a hart in this space, so that it needs flushes. */
static void *
spin(void *arg)
{
	for (unsigned long i = 1; !moved; i++)
		breathe(i);
	return arg;
}

UTEST(move_remove, "MP25 a page is removed while its mapping moves")
{
	const size_t size = 4 * MEET * PG;
	char *p = shared_new(4 * MEET), *to = own_tables(8, PROT_NONE), *q;
	pthread_t thread;
	pid_t pid;

	if (on_qemu_user())
		SKIP("qemu-riscv64 answers itself");
	memset(p, 'a', size);
	pid = utest_fork();
	while (pid == 0)
		REQUIRE(madvise(p, PG, MADV_REMOVE) == 0);
	thread = start(spin, NULL);
	for (unsigned i = 0; i < utest_rounds(600); i++) {
		poke(p, 'p');
		q = mremap(p, size, size, FIXED, to + i % 2 * size);
		REQUIRE(q != MAP_FAILED);
		p = q;
	}
	moved = true;
	finish(thread);
	EXPECT_EQ(kill(pid, SIGKILL), 0);
	EXPECT_KILLED(pid, SIGKILL);
	EXPECT_EQ(bytes_wrong(p + PG, size - PG, 'a'), 0);
	EXPECT_AUDIT();
}
