/*
 * tests/user/maps.c - what mmap, mprotect, madvise and mremap answer, and what
 * they have done by then.  Linux gives the same answers: the program is also
 * built for this computer and run there.
 */
#include "utest.h"

#include <sys/mount.h>
#include <sys/syscall.h>

#define SOMEBODY 61237
#define ANON	 (MAP_PRIVATE | MAP_ANONYMOUS)
#define RW	 (PROT_READ | PROT_WRITE)

static char *
map(void *at, size_t n, int prot, int flags, int fd)
{
	return mmap(at, n * PG, prot, flags, fd, 0);
}

/* The raw call: the library has its own opinion of some arguments. */
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

static void
become_somebody(void)
{
	REQUIRE(setresgid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
	REQUIRE(setresuid(SOMEBODY, SOMEBODY, SOMEBODY) == 0);
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
	/* An offset that no file has, before what the file allows. */
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

UTEST(lowest, "MP4 the first page is root's to map, and nobody else's")
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
		/* 0 as a hint is none. */
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
	become_somebody();
	EXPECT_EQ(access("/proc/sys/vm/mmap_min_addr", R_OK), 0);
	EXPECT_ERR(raw_map(0, PG, RW, ANON | MAP_FIXED, -1, 0), EPERM);
	EXPECT_ERR(raw_map(0, PG, RW, ANON | MAP_FIXED_NOREPLACE, -1, 0),
		   EPERM);
	/* Before the type of the mapping, and after where it would end. */
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
	/* One that may not be written, between two that may. */
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

/* ---- what is joined ---- */

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

/* Pages between two that are never mapped, so that nothing else joins them. */
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
	/* The same page twice is no continuation. */
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
	/* Two that were mapped one by one. */
	REQUIRE(munmap(q, 4 * PG) == 0);
	REQUIRE(map(q, 2, RW, ANON | MAP_FIXED, -1) == q);
	REQUIRE(map(q + 2 * PG, 2, RW, ANON | MAP_FIXED, -1) == q + 2 * PG);
	r = mremap(q, 4 * PG, 16 * PG, MREMAP_MAYMOVE);
	EXPECT(r != MAP_FAILED);
	/* One that is not the end of its mapping has no room in place. */
	q = pages_alone(2);
	EXPECT_ERR(mremap(q, PG, 2 * PG, 0), ENOMEM);
	r = mremap(q, PG, 2 * PG, MREMAP_MAYMOVE);
	REQUIRE(r != MAP_FAILED && r != q);
	EXPECT(peek(r) == 'a' && peek(r + PG) == 0 && peek(q + PG) == 'a');
	/* Into a gap: what was three mappings is one. */
	p = pages_alone(3);
	REQUIRE(munmap(p + PG, PG) == 0);
	EXPECT_EQ(pieces(p, 3), 2);
	EXPECT(mremap(p, PG, 2 * PG, 0) == p);
	EXPECT_EQ(pieces(p, 3), 1);
}
