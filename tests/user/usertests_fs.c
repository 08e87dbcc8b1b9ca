/* SPDX-License-Identifier: MIT */
/*
 * tests/user/usertests_fs.c - files: behaviors that xv6's usertests look at, by
 * their names.
 *
 * Where POSIX and xv6 differ, POSIX is right: a name has 255 bytes, a write
 * behind the end leaves a hole, and errors have numbers.  More tests follow, of
 * calls that xv6 lacks (X11 to X27).  Each runs on every file system
 * (fstest.h).
 */
#include "fstest.h"

#include <dirent.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>

FSTEST(opentest, "U opentest: a file that exists opens, another does not")
{
	put("there", 'x', 3);
	int fd = open("there", O_RDONLY);

	EXPECT(fd >= 0);
	close(fd);
	EXPECT_ERR(open("missing", O_RDONLY), ENOENT);
	EXPECT_ERR(open("there", O_WRONLY | O_CREAT | O_EXCL, 0600), EEXIST);
	EXPECT_ERR(open("missing/below", O_RDONLY), ENOENT);
}

FSTEST(truncate1, "U truncate1: O_TRUNC is seen by other descriptors")
{
	char buf[32];
	int a, b;

	put("f", 'a', 4);
	a = open("f", O_RDONLY);
	EXPECT_EQ(read(a, buf, sizeof(buf)), 4);
	b = open("f", O_WRONLY | O_TRUNC);
	REQUIRE(a >= 0 && b >= 0);
	EXPECT_EQ(read(a, buf, sizeof(buf)), 0);
	EXPECT_EQ(lseek(a, 0, SEEK_SET), 0);
	EXPECT_EQ(read(a, buf, sizeof(buf)), 0);
	EXPECT_EQ(write(b, "abcdef", 6), 6);
	EXPECT_EQ(read(a, buf, sizeof(buf)), 6);
	EXPECT_EQ(memcmp(buf, "abcdef", 6), 0);
	EXPECT_EQ(read(a, buf, sizeof(buf)), 0);
	close(a);
	close(b);
}

FSTEST(truncate2, "U truncate2: a write behind a truncated end leaves a hole")
{
	char buf[8];
	int a = open("f", O_RDWR | O_CREAT, 0644), b;

	REQUIRE(a >= 0);
	EXPECT_EQ(write(a, "abcd", 4), 4);
	b = open("f", O_RDWR | O_TRUNC);
	REQUIRE(b >= 0);
	EXPECT_EQ(write(a, "x", 1), 1);
	EXPECT_EQ(read(b, buf, sizeof(buf)), 5);
	EXPECT_EQ(memcmp(buf, "\0\0\0\0x", 5), 0);
	close(a);
	close(b);
}

FSTEST(truncate3, "U truncate3: truncate, write and read at the same time")
{
	unsigned rounds = utest_rounds(100);
	char buf[32];
	pid_t pid;

	put("f", 'x', 10);
	pid = utest_fork();
	if (pid == 0) {
		for (unsigned i = 0; i < rounds; i++) {
			int fd = open("f", O_WRONLY);
			ssize_t n;

			REQUIRE(fd >= 0);
			EXPECT_EQ(write(fd, "1234567890", 10), 10);
			close(fd);
			fd = open("f", O_RDONLY);
			n = read(fd, buf, sizeof(buf));
			EXPECT(n == 0 || n == 3 || n == 10);
			close(fd);
		}
		utest_done();
	}
	for (unsigned i = 0; i < rounds; i++) {
		int fd = open("f", O_CREAT | O_WRONLY | O_TRUNC, 0644);

		REQUIRE(fd >= 0);
		EXPECT_EQ(write(fd, "xxx", 3), 3);
		close(fd);
	}
	EXPECT_CLEAN(pid);
}

FSTEST(writetest, "U writetest: 200 small writes are read back")
{
	char buf[4100];
	int fd = open("small", O_CREAT | O_RDWR, 0644);

	REQUIRE(fd >= 0);
	for (unsigned i = 0; i < 100; i++) {
		EXPECT_EQ(write(fd, "aaaaaaaaaa", 10), 10);
		EXPECT_EQ(write(fd, "bbbbbbbbbb", 10), 10);
	}
	close(fd);
	fd = open("small", O_RDONLY);
	EXPECT_EQ(read(fd, buf, sizeof(buf)), 2000);
	for (unsigned i = 0; i < 2000; i++)
		REQUIRE_EQ(buf[i], i / 10 % 2 ? 'b' : 'a');
	close(fd);
	EXPECT_EQ(unlink("small"), 0);
	EXPECT_ERR(unlink("small"), ENOENT);
}

/* Block numbers that need one, two and three levels of indirection. */
static void
far_blocks(int fd)
{
	static const off_t at[] = {
		11l << 12,   12l << 12, 1035l << 12,
		1036l << 12, 1l << 30,	(1036l + (1l << 20)) << 12,
	};
	char buf[8];

	for (size_t i = 0; i < ARRAY_LEN(at); i++) {
		ssize_t n = pwrite(fd, "far away", 8, at[i]);

		if (n == -1 && errno == EFBIG)
			continue;
		EXPECT_EQ(n, 8);
		EXPECT_EQ(pread(fd, buf, 8, at[i]), 8);
		EXPECT_EQ(memcmp(buf, "far away", 8), 0);
		EXPECT_EQ(pread(fd, buf, 8, at[i] - 100), 8);
	}
	/* And the file is cut off again, level by level. */
	for (size_t i = ARRAY_LEN(at); i > 0; i--) {
		EXPECT_EQ(ftruncate(fd, at[i - 1] + 3), 0);
		EXPECT_EQ(pread(fd, buf, 8, at[i - 1]), 3);
		EXPECT_EQ(ftruncate(fd, at[i - 1] + 8), 0);
		if (pread(fd, buf, 8, at[i - 1]) == 8)
			EXPECT_EQ(bytes_wrong(buf + 3, 5, 0), 0);
	}
}

FSTEST(writebig, "U writebig: a file with all levels of blocks, verified")
{
	enum { BLOCKS = 1300 }; /* past the direct and indirect ones */
	static uint32_t block[1024];
	int fd = open("big", O_CREAT | O_RDWR, 0644);

	REQUIRE(fd >= 0);
	for (unsigned i = 0; i < BLOCKS; i++) {
		block[0] = block[1023] = i;
		REQUIRE(write(fd, block, PG) == (ssize_t)PG);
	}
	REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	for (unsigned i = 0; i < BLOCKS; i++) {
		REQUIRE(read(fd, block, PG) == (ssize_t)PG);
		REQUIRE_EQ(block[0], i);
		REQUIRE_EQ(block[1023], i);
	}
	EXPECT_EQ(read(fd, block, PG), 0);
	EXPECT_EQ(ftruncate(fd, 0), 0);
	far_blocks(fd);
	close(fd);
}

FSTEST(createtest, "U createtest: 52 files made, then removed")
{
	char name[] = "a0";

	for (unsigned i = 0; i < 52; i++) {
		name[1] = (char)('0' + i);
		put(name, 'c', 0);
	}
	EXPECT_EQ(names_in("."), 52);
	for (unsigned i = 0; i < 52; i++) {
		name[1] = (char)('0' + i);
		EXPECT_EQ(unlink(name), 0);
	}
	EXPECT_EQ(names_in("."), 0);
}

FSTEST(sharedfd, "U sharedfd: the offset is shared across fork")
{
	enum { ROUNDS = 1000 };
	unsigned c = 0, p = 0;
	char buf[10];
	ssize_t n;
	int fd = open("f", O_CREAT | O_RDWR, 0644);
	pid_t pid;

	REQUIRE(fd >= 0);
	pid = utest_fork();
	memset(buf, pid == 0 ? 'c' : 'p', sizeof(buf));
	for (unsigned i = 0; i < ROUNDS; i++)
		EXPECT_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
	REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++) {
			c += buf[i] == 'c';
			p += buf[i] == 'p';
		}
	EXPECT_EQ(c, 10 * ROUNDS);
	EXPECT_EQ(p, 10 * ROUNDS);
	close(fd);
}

FSTEST(fourfiles, "U fourfiles: four processes write four files")
{
	pid_t pid[4];
	char name[] = "f0";

	for (int i = 0; i < 4; i++) {
		name[1] = (char)('0' + i);
		pid[i] = utest_fork();
		if (pid[i] != 0)
			continue;
		int fd = open(name, O_CREAT | O_RDWR, 0644);
		char buf[500];

		memset(buf, '0' + i, sizeof(buf));
		for (int k = 0; k < 12; k++)
			EXPECT_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
		utest_done();
	}
	for (int i = 0; i < 4; i++) {
		EXPECT_CLEAN(pid[i]);
		name[1] = (char)('0' + i);
		EXPECT_FILE(name, '0' + i, 6000);
	}
}

FSTEST(unlinkread, "U unlinkread: a removed file that is open still works")
{
	char buf[64];
	int a, b;

	put("f", 'h', 5);
	a = open("f", O_RDWR);
	REQUIRE(a >= 0);
	EXPECT_EQ(unlink("f"), 0);
	b = open("f", O_CREAT | O_RDWR, 0644);
	REQUIRE(b >= 0);
	EXPECT_EQ(write(b, "yyy", 3), 3);
	close(b);
	EXPECT_EQ(read(a, buf, sizeof(buf)), 5);
	EXPECT_EQ(bytes_wrong(buf, 5, 'h'), 0);
	EXPECT_EQ(write(a, buf, 10), 10);
	close(a);
	EXPECT_FILE("f", 'y', 3);
}

FSTEST(bigwrite, "U bigwrite: writes of many odd sizes")
{
	static char buf[13 * 4096];
	struct stat st;

	for (size_t n = 499; n < sizeof(buf); n += 2471) {
		int fd = open("f", O_CREAT | O_RDWR | O_TRUNC, 0644);

		REQUIRE(fd >= 0);
		memset(buf, (int)(n % 251), n);
		EXPECT_EQ(write(fd, buf, n), n);
		EXPECT_EQ(write(fd, buf, n), n);
		EXPECT_EQ(fstat(fd, &st), 0);
		EXPECT_EQ(st.st_size, 2 * n);
		close(fd);
		EXPECT_FILE("f", (int)(n % 251), 2 * n);
	}
}

FSTEST(bigfile, "U bigfile: written in pieces of 600, read in 300")
{
	unsigned char buf[600];
	int fd = open("f", O_CREAT | O_RDWR, 0644);

	REQUIRE(fd >= 0);
	for (unsigned i = 0; i < 20; i++) {
		memset(buf, (int)i, sizeof(buf));
		EXPECT_EQ(write(fd, buf, sizeof(buf)), sizeof(buf));
	}
	REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	for (unsigned i = 0; i < 40; i++) {
		EXPECT_EQ(read(fd, buf, 300), 300);
		EXPECT_EQ(bytes_wrong(buf, 300, (int)(i / 2)), 0);
	}
	EXPECT_EQ(read(fd, buf, 300), 0);
	close(fd);
}

FSTEST(manywrites, "U manywrites: four processes create, write and remove")
{
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		pid[i] = utest_fork();
		if (pid[i] != 0)
			continue;
		char name[] = { (char)('a' + i), '\0' };

		for (unsigned k = 0; k < utest_rounds(30); k++) {
			for (int n = 0; n <= i; n++)
				put(name, 'w', 1024 + (size_t)n * 3000);
			EXPECT_FILE(name, 'w', 1024 + (size_t)i * 3000);
			EXPECT_EQ(unlink(name), 0);
		}
		utest_done();
	}
	for (int i = 0; i < 4; i++)
		EXPECT_CLEAN(pid[i]);
	EXPECT_EQ(names_in("."), 0);
}

/*
 * Not one of xv6's tests: an end of a FIFO closes as soon as a byte has passed.
 */
static void
fifo_end(bool writes, unsigned yields)
{
	char c = 'f';
	int fd;

	while (yields-- > 0)
		sched_yield();
	fd = open("fifo", writes ? O_WRONLY : O_RDONLY);
	REQUIRE(fd >= 0);
	EXPECT_EQ(writes ? write(fd, &c, 1) : read(fd, &c, 1), 1);
	EXPECT(writes || read(fd, &c, 1) == 0);
	close(fd);
}

FSTEST(fifo, "X11 an open of a FIFO meets another end that leaves at once")
{
	unsigned rounds = utest_rounds(4000);
	struct peer p;

	REQUIRE(mkfifo("fifo", 0600) == 0);
	if (fork_peer(&p) == 0) {
		for (unsigned i = 0; i < rounds; i++) {
			fifo_end(i % 2 != 0, i % 5);
			peer_wait(&p);
			peer_post(&p);
		}
		utest_done();
	}
	for (unsigned i = 0; i < rounds; i++) {
		fifo_end(i % 2 == 0, i % 3);
		peer_post(&p);
		peer_wait(&p);
		if (i % 1000 == 999)
			utest_note("%u rounds", i + 1);
	}
	PEER_END(&p);
}

FSTEST(socket, "X19 mknod makes a socket, which cannot be opened")
{
	struct dirent *e;
	struct stat st;
	int types = 0, fd;
	DIR *d;

	EXPECT_EQ(mknod("s", S_IFSOCK | 0640, 7), 0);
	EXPECT_ERR(mknod("s", S_IFSOCK | 0640, 0), EEXIST);
	EXPECT_EQ(lstat("s", &st), 0);
	EXPECT(st.st_mode == (S_IFSOCK | 0640) && st.st_size == 0);
	EXPECT_EQ(st.st_rdev, 0);
	EXPECT_ERR(open("s", O_RDONLY), ENXIO);
	EXPECT_ERR(open("s", O_RDWR | O_NONBLOCK | O_CREAT, 0600), ENXIO);
	EXPECT_ERR(truncate("s", 0), EINVAL);
	fd = open("s", O_PATH);
	EXPECT(fd >= 0 && fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode));
	close(fd);
	d = opendir(".");
	REQUIRE(d != NULL);
	while ((e = readdir(d)) != NULL)
		types += e->d_type == DT_SOCK;
	closedir(d);
	EXPECT_EQ(types, 1);
	EXPECT_EQ(rename("s", "t"), 0);
	EXPECT_EQ(unlink("t"), 0);
}

static void
seek_to_the_ends(const char *name)
{
	static const int64_t ends[] = {
		0,	   1,  PG,	  INT32_MAX,   INT64_MAX - 1,
		INT64_MAX, -1, INT64_MIN, 0x180000000, 1l << 33
	};
	/* Linux has negative positions in what is about addresses. */
	const bool negative = strcmp(name, "/proc/self/mem") == 0 ||
			      strcmp(name, "/proc/self/pagemap") == 0;
	int fd = open(name, O_RDONLY | O_NONBLOCK);
	char text[64];

	if (fd < 0)
		return; /* not on this machine */
	for (size_t i = 0; i < 2 * ARRAY_LEN(ends) * ARRAY_LEN(ends); i++) {
		int64_t to = ends[i / 2 % ARRAY_LEN(ends)];

		(void)lseek(fd, ends[i / 2 / ARRAY_LEN(ends)], SEEK_SET);
		to = lseek(fd, to, i % 2 ? SEEK_END : SEEK_CUR);
		if (!negative)
			EXPECT(to >= 0 || errno == EINVAL ||
			       errno == EOVERFLOW || errno == ESPIPE);
		(void)!read(fd, text, sizeof(text));
		(void)syscall(SYS_getdents64, fd, text, sizeof(text));
	}
	close(fd);
}

FSTEST(seek_ends, "X37 seeks to the ends of the range, on each kind of file")
{
	static const char *const names[] = {
		"f",
		".",
		"pipe",
		"/proc",
		"/proc/self",
		"/proc/self/maps",
		"/dev",
		"/proc/self/mem",
		"/proc/self/pagemap",
		"/dev/zero",
		"/dev/null",
		"/proc/self/fd",
		"/dev/kmsg",
		"/dev/random",
		"/dev/vda",
		"/tmp",
		"/proc/kmsg",
		"/proc/self/task",
	};

	put("f", 'f', 5000);
	REQUIRE(mkfifo("pipe", 0600) == 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		seek_to_the_ends(names[i]);
}

FSTEST(before_1970, "X38 times before 1970 are seconds and a positive rest")
{
	struct timespec t[2] = { { -2, 500000000 }, { -1, 1 } };
	struct statx sx;
	struct stat st;

	put("f", 'f', 1);
	EXPECT_EQ(utimensat(AT_FDCWD, "f", t, 0), 0);
	EXPECT_EQ(stat("f", &st), 0);
	EXPECT_EQ(st.st_atim.tv_sec, -2);
	EXPECT_EQ(st.st_atim.tv_nsec, 500000000);
	EXPECT_EQ(st.st_mtim.tv_sec, -1);
	EXPECT_EQ(st.st_mtim.tv_nsec, 1);
	EXPECT_EQ(statx(AT_FDCWD, "f", 0, STATX_ATIME, &sx), 0);
	EXPECT_EQ(sx.stx_atime.tv_sec, -2);
	EXPECT_EQ(sx.stx_atime.tv_nsec, 500000000);
}

FSTEST(seek_data, "X22 a written file is data up to its end, and a hole there")
{
	int fd, p[2];

	put("f", 'f', 5000);
	fd = open("f", O_RDWR);
	REQUIRE(fd >= 0 && pipe(p) == 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_DATA), 0);
	EXPECT_EQ(lseek(fd, 4999, SEEK_DATA), 4999);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 4999);
	EXPECT_ERR(lseek(fd, 5000, SEEK_DATA), ENXIO);
	EXPECT_ERR(lseek(fd, -1, SEEK_DATA), ENXIO);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 4999);
	EXPECT_EQ(lseek(fd, 1, SEEK_HOLE), 5000);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 5000);
	EXPECT_ERR(lseek(fd, 5000, SEEK_HOLE), ENXIO);
	EXPECT_ERR(lseek(fd, -1, SEEK_HOLE), ENXIO);
	EXPECT_ERR(lseek(fd, 0, SEEK_HOLE + 1), EINVAL);
	EXPECT_ERR(lseek(fd, 0, -1), EINVAL);
	EXPECT_ERR(lseek(fd, INT64_MAX, SEEK_CUR), EINVAL);
	EXPECT_ERR(lseek(fd, INT64_MAX, SEEK_END), EINVAL);
	EXPECT_EQ(ftruncate(fd, 0), 0);
	EXPECT_ERR(lseek(fd, 0, SEEK_DATA), ENXIO);
	EXPECT_ERR(lseek(fd, 0, SEEK_HOLE), ENXIO);
	close(fd);
	EXPECT_ERR(lseek(p[0], 0, SEEK_DATA), ESPIPE);
	EXPECT_ERR(lseek(p[0], 0, SEEK_HOLE + 1), EINVAL);
	fd = open("/dev/null", O_RDONLY);
	EXPECT_EQ(lseek(fd, 5, SEEK_DATA), 0);
	close(fd);
	close(p[0]);
	close(p[1]);
}

static off_t
size_of(int fd)
{
	struct stat st;

	REQUIRE(fstat(fd, &st) == 0);
	return st.st_size;
}

static long
bytes_held(int fd)
{
	struct stat st;

	REQUIRE(fstat(fd, &st) == 0);
	return (long)st.st_blocks * 512;
}

/* How many of the n bytes at `at` are other than c. */
static size_t
wrong_at(int fd, off_t at, size_t n, int c)
{
	char *buf = malloc(n);
	size_t wrong;

	REQUIRE(buf != NULL && pread(fd, buf, n, at) == (ssize_t)n);
	wrong = bytes_wrong(buf, n, c);
	free(buf);
	return wrong;
}

FSTEST(fallocate, "X23 fallocate makes room, and the file larger")
{
	int fd = open("f", O_RDWR | O_CREAT, 0644);

	REQUIRE(fd >= 0 && write(fd, "aaaaa", 5) == 5);
	EXPECT_EQ(fallocate(fd, 0, 2, 3), 0);
	EXPECT_EQ(size_of(fd), 5);
	EXPECT_EQ(fallocate(fd, 0, 0, 20000), 0);
	EXPECT_EQ(size_of(fd), 20000);
	EXPECT(bytes_held(fd) >= 20000);
	EXPECT_EQ(wrong_at(fd, 0, 5, 'a'), 0);
	EXPECT_EQ(wrong_at(fd, 5, 19995, 0), 0);
	EXPECT_EQ(lseek(fd, 0, SEEK_CUR), 5);
	/* A hole, in the middle of it. */
	REQUIRE(ftruncate(fd, 0) == 0 && ftruncate(fd, 50 * PG) == 0);
	REQUIRE(pwrite(fd, "b", 1, 11 * PG) == 1);
	EXPECT(bytes_held(fd) < 10 * (long)PG);
	EXPECT_EQ(fallocate(fd, 0, 10 * PG + 1, 5 * PG), 0);
	EXPECT_EQ(size_of(fd), 50 * PG);
	EXPECT(bytes_held(fd) >= 6 * (long)PG);
	EXPECT(bytes_held(fd) < 20 * (long)PG);
	EXPECT_EQ(wrong_at(fd, 0, 11 * PG, 0), 0);
	EXPECT_EQ(wrong_at(fd, 11 * PG, 1, 'b'), 0);
	EXPECT_EQ(wrong_at(fd, 11 * PG + 1, 20 * PG, 0), 0);
	EXPECT_EQ(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 50 * PG), 0);
	EXPECT_EQ(size_of(fd), 50 * PG);
	EXPECT(bytes_held(fd) >= 50 * (long)PG);
	EXPECT_EQ(wrong_at(fd, 11 * PG, 1, 'b'), 0);
	/* Asking for too much changes nothing. */
	if (on_tine()) {
		EXPECT_ERR(fallocate(fd, 0, 0, 1l << 36), ENOSPC);
		EXPECT_EQ(size_of(fd), 50 * PG);
	}
	close(fd);
}

/* Behind the end: a file system may say that it cannot, as ext2 does. */
FSTEST(keep_size, "X24 fallocate that keeps the size makes room behind it")
{
	int fd = open("f", O_RDWR | O_CREAT, 0644), got;

	REQUIRE(fd >= 0 && write(fd, "aaaaa", 5) == 5);
	EXPECT_EQ(fallocate(fd, FALLOC_FL_KEEP_SIZE, 100, 1000), 0);
	EXPECT_EQ(size_of(fd), 5);
	got = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8 * PG);
	if (got != 0)
		EXPECT_EQ(errno, EOPNOTSUPP);
	else
		EXPECT(bytes_held(fd) >= 8 * (long)PG);
	EXPECT_EQ(size_of(fd), 5);
	EXPECT_EQ(lseek(fd, 0, SEEK_END), 5);
	/* Bytes written there and around it are data as usual. */
	EXPECT_EQ(pwrite(fd, "bb", 2, 3 * PG - 1), 2);
	EXPECT_EQ(size_of(fd), 3 * PG + 1);
	EXPECT_EQ(wrong_at(fd, 5, 3 * PG - 6, 0), 0);
	EXPECT_EQ(wrong_at(fd, 3 * PG - 1, 2, 'b'), 0);
	EXPECT_EQ(ftruncate(fd, 6 * PG + 10), 0);
	EXPECT_EQ(wrong_at(fd, 3 * PG + 1, 3 * PG + 9, 0), 0);
	EXPECT_EQ(ftruncate(fd, 1), 0);
	EXPECT(bytes_held(fd) < 8 * (long)PG);
	EXPECT_EQ(ftruncate(fd, 8 * PG), 0);
	EXPECT_EQ(wrong_at(fd, 1, 8 * PG - 1, 0), 0);
	close(fd);
}

static void
fallocate_limited(int fd)
{
	struct rlimit r = { 2 * PG, 2 * PG };

	signal(SIGXFSZ, SIG_IGN);
	REQUIRE(setrlimit(RLIMIT_FSIZE, &r) == 0);
	EXPECT_ERR(fallocate(fd, 0, 0, 3 * PG), EFBIG);
	EXPECT_EQ(size_of(fd), 5);
	EXPECT_EQ(fallocate(fd, 0, 0, 2 * PG), 0);
	utest_done();
}

FSTEST(fallocate_args, "X25 fallocate says what is wrong with its arguments")
{
	const int64_t most = INT64_MAX;
	int fd, rd, null, path, p[2];
	pid_t pid;

	put("f", 'f', 5);
	fd = open("f", O_RDWR);
	rd = open("f", O_RDONLY);
	path = open("f", O_PATH);
	null = open("/dev/null", O_WRONLY);
	REQUIRE(fd >= 0 && rd >= 0 && path >= 0 && null >= 0 && pipe(p) == 0);
	EXPECT_ERR(fallocate(-1, 0, -1, 0), EBADF);
	EXPECT_ERR(fallocate(path, 0, 0, 10), EBADF);
	EXPECT_ERR(fallocate(fd, 0, -1, 10), EINVAL);
	EXPECT_ERR(fallocate(fd, 0, 0, 0), EINVAL);
	EXPECT_ERR(fallocate(fd, 0, 0, -1), EINVAL);
	EXPECT_ERR(fallocate(rd, 0x100000, 0, 0), EINVAL);
	EXPECT_ERR(fallocate(rd, 0x100000, 0, 10), EOPNOTSUPP);
	EXPECT_ERR(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 10), EOPNOTSUPP);
	EXPECT_ERR(fallocate(rd, 0, 0, 10), EBADF);
	EXPECT_ERR(fallocate(p[1], 0, 0, 10), ESPIPE);
	EXPECT_ERR(fallocate(p[0], 0, 0, 10), EBADF);
	EXPECT_ERR(fallocate(null, 0, 0, 10), ENODEV);
	EXPECT_ERR(fallocate(fd, 0, most, 1), EFBIG);
	EXPECT_ERR(fallocate(fd, 0, 1, most), EFBIG);
	EXPECT_ERR(fallocate(fd, FALLOC_FL_KEEP_SIZE, most, most), EFBIG);
	EXPECT_EQ(size_of(fd), 5);
	pid = utest_fork();
	if (pid == 0)
		fallocate_limited(fd);
	EXPECT_CLEAN(pid);
	EXPECT_EQ(size_of(fd), 2 * PG);
	close(fd);
	close(rd);
	close(path);
	close(null);
	close(p[0]);
	close(p[1]);
}

FSTEST(sendfile, "X26 sendfile says what is wrong with its arguments")
{
	int in, out, rd, append, dir, p[2];
	const int64_t most = INT64_MAX;
	off_t at = 1, bad;

	put("in", 'i', 10);
	put("out", 'o', 0);
	in = open("in", O_RDWR);
	out = open("out", O_RDWR);
	rd = open("out", O_RDONLY);
	append = open("out", O_WRONLY | O_APPEND);
	dir = open(".", O_RDONLY);
	REQUIRE(in >= 0 && out >= 0 && rd >= 0 && append >= 0 && dir >= 0);
	REQUIRE(pipe(p) == 0);
	EXPECT_ERR(sendfile(out, -1, NULL, 5), EBADF);
	EXPECT_ERR(sendfile(-1, in, NULL, 5), EBADF);
	EXPECT_ERR(sendfile(-1, -1, (off_t *)1, 5), EFAULT);
	EXPECT_ERR(sendfile(rd, in, NULL, 5), EBADF);
	EXPECT_ERR(sendfile(rd, in, NULL, 0), EBADF);
	EXPECT_ERR(sendfile(out, append, NULL, 5), EBADF);
	EXPECT_ERR(sendfile(out, append, NULL, 0), EBADF);
	EXPECT_ERR(sendfile(append, in, NULL, 5), EINVAL);
	EXPECT_ERR(sendfile(out, dir, NULL, 5), EINVAL);
	EXPECT_ERR(sendfile(out, p[0], NULL, 5), EINVAL);
	EXPECT_ERR(sendfile(out, p[0], &at, 5), ESPIPE);
	EXPECT_ERR(sendfile(out, in, NULL, 1ul << 63), EINVAL);
	EXPECT_ERR(sendfile(rd, in, NULL, 1ul << 63), EINVAL);
	bad = -1;
	EXPECT_ERR(sendfile(out, in, &bad, 5), EINVAL);
	bad = most;
	EXPECT_ERR(sendfile(out, in, &bad, 5), EINVAL);
	EXPECT_EQ(bad, most);
	EXPECT_EQ(size_of(out), 0);
	EXPECT_EQ(sendfile(out, in, &at, 5), 5);
	EXPECT_EQ(at, 6);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 0);
	EXPECT_EQ(sendfile(p[1], in, NULL, 100), 10);
	EXPECT_EQ(sendfile(out, in, NULL, 100), 0);
	EXPECT_EQ(lseek(in, 0, SEEK_CUR), 10);
	EXPECT_EQ(size_of(out), 5);
	close(in);
	close(out);
	close(rd);
	close(append);
	close(dir);
	close(p[0]);
	close(p[1]);
}

UTEST(fadvise, "X27 fadvise64 says what is wrong with its arguments")
{
	int fd = temp_file_of('f', 10), null = open("/dev/null", O_RDONLY),
	    p[2];

	REQUIRE(fd >= 0 && null >= 0 && pipe(p) == 0);
	EXPECT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
	EXPECT_EQ(posix_fadvise(fd, 0, 0, 6), EINVAL);
	EXPECT_EQ(posix_fadvise(fd, 0, -1, 0), EINVAL);
	EXPECT_EQ(posix_fadvise(p[0], 0, -1, 6), ESPIPE);
	EXPECT_EQ(posix_fadvise(null, 0, 0, 0), 0);
	EXPECT_EQ(posix_fadvise(-1, 0, -1, 6), EBADF);
	close(fd);
	close(null);
	close(p[0]);
	close(p[1]);
}

/* The loads of sysinfo, as /proc/loadavg prints them. */
static void
loads(unsigned long load[3])
{
	struct sysinfo before, after;
	char text[100], *p = text;
	long text_load;
	ssize_t n;
	int fd = open("/proc/loadavg", O_RDONLY);

	REQUIRE(fd >= 0);
	/* They change between the two every five seconds at most. */
	do {
		REQUIRE(sysinfo(&before) == 0);
		n = pread(fd, text, sizeof(text) - 1, 0);
		REQUIRE(n > 0 && sysinfo(&after) == 0);
	} while (memcmp(before.loads, after.loads, sizeof(after.loads)) != 0);
	close(fd);
	text[n] = '\0';
	for (unsigned i = 0; i < 3; i++) {
		load[i] = (after.loads[i] * 100 + 32768) >> 16;
		text_load = (long)strtoul(p, &p, 10) * 100;
		text_load += (long)strtoul(p + 1, &p, 10);
		/* Linux keeps fewer bits for the one than for the other. */
		EXPECT(labs(text_load - (long)load[i]) <= 1);
	}
}

UTEST(load, "X20 sysinfo's loads are those of /proc/loadavg, averages")
{
	unsigned long was[3], now[3];
	struct peer p[5];

	loads(was);
	for (unsigned i = 0; i < ARRAY_LEN(p); i++) {
		if (fork_peer(&p[i]) == 0) {
			peer_post(&p[i]);
			for (;;)
				;
		}
		peer_wait(&p[i]);
	}
	/* Five more in an instant make little of a quarter of an hour. */
	loads(now);
	EXPECT(now[2] < was[2] + 100);
	for (unsigned i = 0; i < ARRAY_LEN(p); i++) {
		REQUIRE(kill(p[i].pid, SIGKILL) == 0);
		EXPECT_KILLED(p[i].pid, SIGKILL);
		close(p[i].rd);
		close(p[i].wr);
	}
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	REQUIRE(stat(path, &st) == 0);
	return st.st_mode & 07777;
}

FSTEST(umask, "X15 the umask takes its bits from whatever is made")
{
	pid_t pid;

	umask(07027); /* more than 0777 is ignored */
	EXPECT_EQ(umask(027), 027);
	close(open("file", O_CREAT | O_WRONLY, 0666));
	REQUIRE(mkdir("dir", 01777) == 0 && mkfifo("fifo", 0622) == 0);
	EXPECT_EQ(mode_of("file"), 0640);
	EXPECT_EQ(mode_of("dir"), 01750);
	EXPECT_EQ(mode_of("fifo"), 0600);
	REQUIRE(chmod("file", 0666) == 0);
	EXPECT_EQ(mode_of("file"), 0666);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(umask(0), 027);
		utest_done();
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(umask(022), 027);
}

/* Opens what fd is anew, as bash does with /dev/fd; the number, or -errno. */
static int
reopen(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, flags);
	return fd < 0 ? -errno : fd;
}

UTEST(reopen_pipe, "X16 a pipe opened again through /proc does not wait")
{
	int p[2], r, w;
	char c[4];

	REQUIRE(pipe(p) == 0 && write(p[1], "abc", 3) == 3);
	alarm(10); /* ends the test where open() waits */
	w = reopen(p[1], O_WRONLY | O_NONBLOCK);
	REQUIRE(w >= 0 && write(w, "d", 1) == 1);
	close(w);
	close(p[1]);
	r = reopen(p[0], O_RDONLY);
	REQUIRE(r >= 0);
	EXPECT_EQ(read(r, c, 2), 2);
	EXPECT_EQ(read(p[0], c + 2, 2), 2);
	EXPECT(memcmp(c, "abcd", 4) == 0);
	EXPECT_EQ(read(r, c, 1), 0);
	/* Without a reader, writing fails and opening does not. */
	close(r);
	close(p[0]);
	REQUIRE(pipe(p) == 0);
	close(p[0]);
	w = reopen(p[1], O_WRONLY | O_NONBLOCK);
	REQUIRE(w >= 0);
	signal(SIGPIPE, SIG_IGN);
	EXPECT_ERR(write(w, "x", 1), EPIPE);
	alarm(0);
	signal(SIGPIPE, SIG_DFL);
	close(w);
	close(p[1]);
}
