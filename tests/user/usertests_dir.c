/* SPDX-License-Identifier: MIT */
/*
 * tests/user/usertests_dir.c - directories: the second half of usertests_fs.c.
 *
 * xv6's tests of names, links and directories by their names, and more:
 * getdents64, getcwd, mknod, chroot (X21, X28 to X33).  Each runs on every file
 * system (fstest.h).
 */
#include "fstest.h"

#include <dirent.h>
#include <sched.h>
#include <sys/syscall.h>

FSTEST(dirtest, "U dirtest: make a directory, go in and out, remove it")
{
	struct stat a, b;

	REQUIRE(stat(".", &a) == 0);
	EXPECT_EQ(mkdir("d", 0755), 0);
	EXPECT_ERR(mkdir("d", 0755), EEXIST);
	EXPECT_EQ(chdir("d"), 0);
	EXPECT_EQ(chdir(".."), 0);
	REQUIRE(stat(".", &b) == 0);
	EXPECT_EQ(a.st_ino, b.st_ino);
	EXPECT_EQ(rmdir("d"), 0);
	EXPECT_ERR(rmdir("d"), ENOENT);
	EXPECT_ERR(chdir("d"), ENOENT);
}

FSTEST(openiput, "U openiput: a directory opened for writing, being removed")
{
	for (unsigned i = 0; i < 20; i++) {
		pid_t pid;

		REQUIRE(mkdir("d", 0755) == 0);
		pid = utest_fork();
		if (pid == 0) {
			EXPECT_EQ(open("d", O_RDWR), -1);
			EXPECT(errno == EISDIR || errno == ENOENT);
			utest_done();
		}
		if (i % 2 == 0)
			sched_yield();
		EXPECT_EQ(rmdir("d"), 0);
		EXPECT_CLEAN(pid);
	}
}

FSTEST(exitiput, "U exitiput: exit with a current directory that is gone")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		REQUIRE(mkdir("d", 0755) == 0);
		REQUIRE(chdir("d") == 0);
		EXPECT_EQ(rmdir("../d"), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(names_in("."), 0);
}

FSTEST(iput, "U iput: leave a directory that was removed")
{
	char buf[200], back[200];

	REQUIRE(getcwd(back, sizeof(back)) != NULL);
	REQUIRE(mkdir("d", 0755) == 0);
	REQUIRE(chdir("d") == 0);
	EXPECT_EQ(rmdir("../d"), 0);
	EXPECT_ERR(open("f", O_CREAT | O_WRONLY, 0600), ENOENT);
	EXPECT_ERR(mkdir("sub", 0755), ENOENT);
	EXPECT_ERR(syscall(SYS_getcwd, buf, sizeof(buf)), ENOENT);
	EXPECT_EQ(chdir(back), 0);
}

FSTEST(createdelete, "U createdelete: four processes in one directory")
{
	enum { N = 20 };
	char name[3] = "";
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		pid[i] = utest_fork();
		if (pid[i] != 0)
			continue;
		name[0] = (char)('p' + i);
		for (int k = 0; k < N; k++) {
			name[1] = (char)('0' + k);
			put(name, 'x', 1);
			if (k > 0 && k % 2 == 0) {
				name[1] = (char)('0' + k / 2);
				EXPECT_EQ(unlink(name), 0);
			}
		}
		utest_done();
	}
	for (int i = 0; i < 4; i++)
		EXPECT_CLEAN(pid[i]);
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < N; k++) {
			bool want = k == 0 || k >= N / 2;

			name[0] = (char)('p' + i);
			name[1] = (char)('0' + k);
			EXPECT_EQ(access(name, F_OK) == 0, want);
		}
	EXPECT_EQ(names_in("."), 4 * (1 + N / 2));
}

FSTEST(linktest, "U linktest: hard links, and links that are refused")
{
	struct stat st;

	put("a", 'h', 5);
	EXPECT_EQ(link("a", "b"), 0);
	EXPECT_EQ(stat("b", &st), 0);
	EXPECT_EQ(st.st_nlink, 2);
	EXPECT_EQ(unlink("a"), 0);
	EXPECT_ERR(open("a", O_RDONLY), ENOENT);
	EXPECT_FILE("b", 'h', 5);
	EXPECT_ERR(link("b", "b"), EEXIST);
	EXPECT_EQ(unlink("b"), 0);
	EXPECT_ERR(link("b", "a"), ENOENT);
	EXPECT_ERR(link(".", "a"), EPERM);
	put("a", 'h', 1);
	EXPECT_ERR(link("a", "missing/b"), ENOENT);
	EXPECT_ERR(link("a", "a/b"), ENOTDIR);
}

/* Makes, links or removes a name that two processes fight for. */
static void
fight(unsigned i, bool child)
{
	char name[] = { 'C', (char)('0' + i), '\0' };

	unlink(name);
	if (child ? i % 3 == 1 : i % 5 == 1) {
		link("C0", name);
	} else {
		int fd = open(name, O_CREAT | O_RDWR, 0644);

		EXPECT(fd >= 0);
		close(fd);
	}
}

FSTEST(concreate, "U concreate: two processes create, link and remove names")
{
	enum { N = 40 };
	bool seen[N] = { false };
	DIR *d;

	put("C0", 'x', 0);
	for (unsigned i = 1; i < N; i++) {
		pid_t pid = utest_fork();

		fight(i, pid == 0);
		if (pid == 0)
			utest_done();
		EXPECT_CLEAN(pid);
	}
	d = opendir(".");
	REQUIRE(d != NULL);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] == 'C') {
			unsigned i = (unsigned)(e->d_name[1] - '0');

			REQUIRE(i < N && e->d_name[2] == '\0');
			EXPECT(!seen[i]);
			seen[i] = true;
		}
	closedir(d);
	for (unsigned i = 0; i < N; i++)
		EXPECT(seen[i]);
	EXPECT_EQ(names_in("."), N);
}

FSTEST(linkunlink, "U linkunlink: random links and removals, no deadlock")
{
	pid_t pid = utest_fork();
	unsigned x = pid == 0 ? 97 : 1;

	put("cat", 'x', 1);
	for (unsigned i = 0; i < utest_rounds(300); i++) {
		x = x * 1103515245 + 12345;
		if (x / 65536 % 3 == 0)
			close(open("x", O_RDWR | O_CREAT, 0644));
		else if (x / 65536 % 3 == 1)
			link("cat", "x");
		else
			unlink("x");
	}
	if (pid == 0)
		utest_done();
	EXPECT_CLEAN(pid);
	EXPECT_FILE("cat", 'x', 1);
}

FSTEST(subdir, "U subdir: nested directories and their errors")
{
	REQUIRE(mkdir("dd", 0755) == 0);
	put("dd/ff", 'f', 2);
	EXPECT_ERR(rmdir("dd"), ENOTEMPTY);
	EXPECT_ERR(unlink("dd"), EISDIR);
	REQUIRE(mkdir("dd/dd", 0755) == 0);
	put("dd/dd/ff", 'F', 2);
	EXPECT_FILE("dd/dd/../ff", 'f', 2);
	EXPECT_EQ(link("dd/dd/ff", "dd/dd/ffff"), 0);
	EXPECT_EQ(unlink("dd/dd/ff"), 0);
	EXPECT_ERR(open("dd/dd/ff", O_RDONLY), ENOENT);
	EXPECT_EQ(chdir("dd"), 0);
	EXPECT_EQ(chdir("dd/../../dd"), 0);
	EXPECT_EQ(chdir("./.."), 0);
	EXPECT_FILE("dd/dd/ffff", 'F', 2);
	EXPECT_ERR(open("dd/ff/ff", O_CREAT | O_RDWR, 0644), ENOTDIR);
	EXPECT_ERR(open("dd/xx/ff", O_CREAT | O_RDWR, 0644), ENOENT);
	EXPECT_ERR(open("dd", O_RDWR), EISDIR);
	EXPECT_ERR(open("dd", O_WRONLY), EISDIR);
	EXPECT_ERR(open("dd", O_CREAT, 0644), EISDIR);
	EXPECT_ERR(link("dd/ff/ff", "dd/dd/xx"), ENOTDIR);
	EXPECT_ERR(link("dd/xx/ff", "dd/dd/xx"), ENOENT);
	EXPECT_ERR(link("dd/ff", "dd/dd/ffff"), EEXIST);
	EXPECT_ERR(mkdir("dd/ff/ff", 0755), ENOTDIR);
	EXPECT_ERR(mkdir("dd/xx/ff", 0755), ENOENT);
	EXPECT_ERR(mkdir("dd/dd/ffff", 0755), EEXIST);
	EXPECT_ERR(unlink("dd/xx/ff"), ENOENT);
	EXPECT_ERR(unlink("dd/ff/ff"), ENOTDIR);
	EXPECT_ERR(chdir("dd/ff"), ENOTDIR);
	EXPECT_ERR(chdir("dd/xx"), ENOENT);
	EXPECT_ERR(rmdir("dd/ff"), ENOTDIR);
	EXPECT_EQ(unlink("dd/dd/ffff"), 0);
	EXPECT_EQ(unlink("dd/ff"), 0);
	EXPECT_ERR(rmdir("dd"), ENOTEMPTY);
	EXPECT_EQ(rmdir("dd/dd"), 0);
	EXPECT_EQ(rmdir("dd"), 0);
}

FSTEST(fourteen,
       "U fourteen: a name has up to 255 bytes, and all of them count")
{
	char name[257], path[600];

	memset(name, 'n', sizeof(name));
	name[255] = '\0';
	REQUIRE(mkdir(name, 0755) == 0);
	snprintf(path, sizeof(path), "%s/%s", name, name);
	put(path, 'x', 3);
	EXPECT_FILE(path, 'x', 3);
	/* One byte less, or another last byte, is another name. */
	path[strlen(path) - 1] = 'm';
	EXPECT_ERR(open(path, O_RDONLY), ENOENT);
	path[strlen(path) - 1] = '\0';
	EXPECT_ERR(open(path, O_RDONLY), ENOENT);
	name[255] = 'n';
	name[256] = '\0';
	EXPECT_ERR(mkdir(name, 0755), ENAMETOOLONG);
	EXPECT_ERR(open(name, O_CREAT | O_RDWR, 0644), ENAMETOOLONG);
}

FSTEST(rmdot, "U rmdot: neither . nor .. can be removed")
{
	REQUIRE(mkdir("d", 0755) == 0);
	REQUIRE(chdir("d") == 0);
	EXPECT_ERR(rmdir("."), EINVAL);
	EXPECT_ERR(rmdir(".."), ENOTEMPTY);
	EXPECT_ERR(unlink("."), EISDIR);
	EXPECT_EQ(chdir(".."), 0);
	EXPECT_ERR(rmdir("d/."), EINVAL);
	EXPECT_ERR(rmdir("d/.."), ENOTEMPTY);
	EXPECT_EQ(rmdir("d"), 0);
	EXPECT_ERR(rmdir("/"), EBUSY);
}

FSTEST(dirfile, "U dirfile: a file is not a directory")
{
	char byte;
	int fd;

	put("f", 'x', 1);
	EXPECT_ERR(chdir("f"), ENOTDIR);
	EXPECT_ERR(open("f/x", O_RDONLY), ENOTDIR);
	EXPECT_ERR(open("f/x", O_CREAT, 0644), ENOTDIR);
	EXPECT_ERR(mkdir("f/x", 0755), ENOTDIR);
	EXPECT_ERR(unlink("f/x"), ENOTDIR);
	EXPECT_ERR(link("f", "f/x"), ENOTDIR);
	EXPECT_ERR(open("f", O_RDONLY | O_DIRECTORY), ENOTDIR);
	EXPECT_ERR(open("f/", O_RDONLY), ENOTDIR);
	EXPECT_ERR(open(".", O_RDWR), EISDIR);
	fd = open(".", O_RDONLY);
	REQUIRE(fd >= 0);
	EXPECT_ERR(write(fd, "x", 1), EBADF);
	EXPECT_ERR(read(fd, &byte, 1), EISDIR);
	close(fd);
	EXPECT_FILE("f", 'x', 1);
}

FSTEST(iref, "U iref: empty names are refused, 50 levels of directories")
{
	char back[200], path[500] = "";
	int fd;

	REQUIRE(getcwd(back, sizeof(back)) != NULL);
	put("f", 'x', 1);
	for (unsigned i = 0; i < 50; i++) {
		REQUIRE(mkdir("irefd", 0755) == 0);
		REQUIRE(chdir("irefd") == 0);
		EXPECT_ERR(mkdir("", 0755), ENOENT);
		EXPECT_ERR(link("/", ""), ENOENT);
		EXPECT_ERR(link("", "x"), ENOENT);
		EXPECT_ERR(open("", O_CREAT | O_RDWR, 0644), ENOENT);
		fd = open("xx", O_CREAT | O_RDWR, 0644);
		EXPECT(fd >= 0);
		close(fd);
		EXPECT_EQ(unlink("xx"), 0);
	}
	REQUIRE(getcwd(path, sizeof(path)) != NULL);
	EXPECT_EQ(strlen(path), strlen(back) + 50 * 6);
	for (unsigned i = 0; i < 50; i++) {
		EXPECT_EQ(chdir(".."), 0);
		EXPECT_EQ(rmdir("irefd"), 0);
	}
	REQUIRE(getcwd(path, sizeof(path)) != NULL);
	EXPECT_EQ(strcmp(path, back), 0);
}

FSTEST(bigdir, "U bigdir: a directory of 500 names")
{
	char name[40];

	put("bd", 'x', 1);
	for (unsigned i = 0; i < 500; i++) {
		/* Names long enough to need many blocks. */
		snprintf(name, sizeof(name), "x%03u-with-a-rather-long-name",
			 i);
		REQUIRE(link("bd", name) == 0);
	}
	EXPECT_EQ(names_in("."), 501);
	EXPECT_EQ(unlink("bd"), 0);
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "x%03u-with-a-rather-long-name",
			 i);
		EXPECT_EQ(unlink(name), 0);
	}
	EXPECT_EQ(names_in("."), 0);
}

/* getdents64 with a buffer of that size: the names it gives, or -errno. */
static int
names_at_once(int dir, size_t size)
{
	char buf[400] __attribute__((aligned(8)));
	long n = syscall(SYS_getdents64, dir, buf, size);
	int names = 0;

	for (long at = 0; at < n; at += *(unsigned short *)(buf + at + 16))
		names++;
	return n < 0 ? -errno : names;
}

FSTEST(getdents, "X28 getdents64 says when the next name does not fit")
{
	char path[300] = "g/";
	int fd;

	REQUIRE(mkdir("g", 0755) == 0);
	memset(path + 2, 'n', 255);
	put(path, 'x', 1);
	fd = open("g", O_RDONLY);
	EXPECT_EQ(names_at_once(fd, 0), -EINVAL);
	EXPECT_EQ(names_at_once(fd, 23), -EINVAL);
	EXPECT_EQ(names_at_once(fd, 24), 1);
	EXPECT_EQ(names_at_once(fd, 279), 1);
	EXPECT_EQ(names_at_once(fd, 279), -EINVAL);
	EXPECT_EQ(names_at_once(fd, 280), 1);
	EXPECT_EQ(names_at_once(fd, 280), 0);
	EXPECT_EQ(names_at_once(fd, 8), 0);
	close(fd);
}

static ino_t
ino_of(const char *path)
{
	struct stat st = { .st_ino = 0 };

	EXPECT_EQ(stat(path, &st), 0);
	return st.st_ino;
}

FSTEST(dotdot, "X29 .. of a directory that was removed is where it was")
{
	ino_t top = ino_of("."), a, b, c;
	char path[100];

	REQUIRE(mkdir("a", 0755) == 0 && mkdir("a/b", 0755) == 0);
	REQUIRE(mkdir("a/b/c", 0755) == 0 && chdir("a/b/c") == 0);
	a = ino_of("../..");
	b = ino_of("..");
	c = ino_of(".");
	EXPECT_EQ(rmdir("../c"), 0);
	EXPECT_EQ(ino_of(".."), b);
	EXPECT_EQ(ino_of("../.."), a);
	EXPECT_EQ(ino_of("../../../a/b"), b);
	EXPECT_ERR(open("x", O_CREAT | O_WRONLY, 0644), ENOENT);
	EXPECT_EQ(mkdir("../c", 0755), 0);
	EXPECT(ino_of("../c") != c);
	EXPECT_EQ(rmdir("../c"), 0);
	/* The parent directory goes, too, and is still what ".."  names. */
	EXPECT_EQ(rmdir("../../b"), 0);
	EXPECT_EQ(ino_of(".."), b);
	EXPECT_EQ(ino_of("../.."), a);
	EXPECT_ERR(open("../x", O_CREAT | O_WRONLY, 0644), ENOENT);
	EXPECT_ERR(rmdir("../c"), ENOENT);
	EXPECT_EQ(chdir(".."), 0);
	EXPECT_EQ(ino_of(".."), a);
	EXPECT_ERR(syscall(SYS_getcwd, path, sizeof(path)), ENOENT);
	EXPECT_EQ(chdir(".."), 0);
	EXPECT_EQ(ino_of(".."), top);
	EXPECT_EQ(chdir(".."), 0);
	/* A directory that another one has replaced. */
	REQUIRE(mkdir("d", 0755) == 0 && mkdir("a/e", 0755) == 0);
	REQUIRE(chdir("a/e") == 0 && rename("../../d", "../e") == 0);
	EXPECT_EQ(ino_of(".."), a);
	EXPECT_EQ(chdir("../.."), 0);
}

FSTEST(dotdots, "X29 300 directories, all removed, with a process in the last")
{
	enum { LEVELS = 300 };
	char path[3 * LEVELS + 1] = "";
	struct peer p;

	if (fork_peer(&p) == 0) {
		ino_t top = ino_of(".");

		for (unsigned i = 0; i < LEVELS; i++)
			REQUIRE(mkdir("d", 0755) == 0 && chdir("d") == 0);
		peer_post(&p);
		peer_wait(&p);
		for (unsigned i = 0; i < LEVELS; i++)
			strcat(path, "../");
		EXPECT_EQ(ino_of(path), top);
		utest_done();
	}
	peer_wait(&p);
	for (unsigned i = 0; i < LEVELS; i++)
		strcat(path, "d/");
	for (unsigned i = 0; i < LEVELS; i++) {
		EXPECT_EQ(rmdir(path), 0);
		path[strlen(path) - 2] = '\0';
	}
	EXPECT_EQ(names_in("."), 0);
	peer_post(&p);
	PEER_END(&p);
}

FSTEST(getcwd, "X30 getcwd of a path as long as may be, and of a longer one")
{
	char buf[8192], name[256] = "";
	struct stat top, now;
	size_t len;

	REQUIRE(stat(".", &top) == 0 && getcwd(buf, sizeof(buf)) != NULL);
	len = strlen(buf);
	memset(name, 'n', 200);
	for (; len + 201 < 4095; len += 201)
		REQUIRE(mkdir(name, 0755) == 0 && chdir(name) == 0);
	/* A path of 4,095 bytes and a NUL; then one byte more. */
	name[4095 - len - 1] = '\0';
	REQUIRE(mkdir(name, 0755) == 0 && chdir(name) == 0);
	EXPECT_EQ(syscall(SYS_getcwd, buf, sizeof(buf)), 4096);
	EXPECT_EQ(strlen(buf), 4095);
	EXPECT_ERR(syscall(SYS_getcwd, buf, 4095), ERANGE);
	EXPECT_EQ(readlink("/proc/self/cwd", buf, sizeof(buf)), 4095);
	snprintf(buf, sizeof(buf), "%sn", name);
	REQUIRE(chdir("..") == 0 && rename(name, buf) == 0);
	REQUIRE(chdir(buf) == 0);
	EXPECT_ERR(syscall(SYS_getcwd, buf, sizeof(buf)), ENAMETOOLONG);
	EXPECT_ERR(syscall(SYS_getcwd, buf, 100), ENAMETOOLONG);
	EXPECT_ERR(readlink("/proc/self/cwd", buf, sizeof(buf)), ENAMETOOLONG);
	/* No path is long enough to remove it by. */
	strcat(name, "n");
	for (;;) {
		REQUIRE(chdir("..") == 0 && rmdir(name) == 0);
		REQUIRE(stat(".", &now) == 0);
		if (now.st_ino == top.st_ino && now.st_dev == top.st_dev)
			break;
		memset(name, 'n', 200);
		name[200] = '\0';
	}
}

FSTEST(nofollow, "X31 a link that is not followed is no directory")
{
	static const char *const links[] = { "to_dir", "to_file", "to_none" };

	REQUIRE(mkdir("d", 0755) == 0);
	put("f", 'f', 1);
	REQUIRE(symlink("d", "to_dir") == 0 && symlink("f", "to_file") == 0);
	REQUIRE(symlink("none", "to_none") == 0);
	for (unsigned i = 0; i < ARRAY_LEN(links); i++) {
		EXPECT_ERR(open(links[i], O_NOFOLLOW), ELOOP);
		EXPECT_ERR(open(links[i], O_NOFOLLOW | O_CREAT, 0644), ELOOP);
		EXPECT_ERR(open(links[i], O_NOFOLLOW | O_DIRECTORY), ENOTDIR);
		EXPECT_ERR(open(links[i], O_NOFOLLOW | O_DIRECTORY | O_PATH),
			   ENOTDIR);
	}
	EXPECT_ERR(open("f", O_DIRECTORY), ENOTDIR);
	EXPECT_ERR(open("to_file", O_DIRECTORY), ENOTDIR);
	EXPECT_EQ(close(open("to_dir", O_DIRECTORY)), 0);
}

static long
statx_raw(const char *path, unsigned flags, unsigned mask)
{
	struct statx st;

	return syscall(SYS_statx, AT_FDCWD, path, flags, mask, &st);
}

FSTEST(statx, "X32 statx refuses reserved bits and flags it does not know")
{
	struct stat st;

	put("f", 'f', 1);
	EXPECT_EQ(statx_raw("f", 0, 0x7fffffff), 0);
	EXPECT_ERR(statx_raw("f", 0, 0x80000000), EINVAL);
	EXPECT_ERR(statx_raw("f", 0, 0x800007ff), EINVAL);
	EXPECT_EQ(statx_raw("f", 0x2000, 0x7ff), 0);
	EXPECT_EQ(statx_raw("f", 0x4000, 0x7ff), 0);
	EXPECT_ERR(statx_raw("f", 0x6000, 0x7ff), EINVAL);
	EXPECT_ERR(statx_raw("f", AT_REMOVEDIR, 0x7ff), EINVAL);
	EXPECT_ERR(statx_raw("f", AT_SYMLINK_FOLLOW, 0x7ff), EINVAL);
	EXPECT_ERR(statx_raw("f", 0x10000, 0x7ff), EINVAL);
	EXPECT_ERR(statx_raw("none", 0x10000, 0x7ff), EINVAL);
	EXPECT_EQ(fstatat(AT_FDCWD, "f", &st, 0x2000), 0);
	EXPECT_ERR(fstatat(AT_FDCWD, "f", &st, AT_SYMLINK_FOLLOW), EINVAL);
}

static int
make_node(const char *path, mode_t mode, dev_t dev)
{
	return (int)syscall(SYS_mknodat, AT_FDCWD, path, mode, (unsigned)dev);
}

/* Runs as a user that may write in w and search d. */
static void
nodes_by_user(void)
{
	REQUIRE(setuid(1000) == 0);
	EXPECT_ERR(make_node("d/new/", S_IFREG | 0600, 0), ENOENT);
	EXPECT_ERR(make_node("d/t", S_IFCHR | 0600, 0x103), EEXIST);
	EXPECT_ERR(make_node("d/t", S_IFDIR | 0600, 0), EPERM);
	EXPECT_ERR(make_node("d/new", S_IFCHR | 0600, 0x103), EACCES);
	EXPECT_ERR(make_node("d/new", S_IFSOCK | 0600, 0), EACCES);
	EXPECT_ERR(make_node("w/new", S_IFCHR | 0600, 0x103), EPERM);
	EXPECT_ERR(make_node("w/new", S_IFBLK | 0600, 0), EPERM);
	EXPECT_EQ(make_node("w/sock", S_IFSOCK | 0600, 0), 0);
	/* A device of number 0 stands for nothing: every user may make it. */
	EXPECT_EQ(make_node("w/white", S_IFCHR | 0600, 0), 0);
	/* EACCES where nodes of devices do not count. */
	EXPECT(open("w/white", O_RDONLY) < 0);
	EXPECT(errno == ENXIO || errno == EACCES);
	utest_done();
}

FSTEST(mknod, "X33 mknod: what is wrong first is told first")
{
	struct stat st;
	pid_t pid;

	put("t", 't', 1);
	EXPECT_ERR(make_node((char *)1, S_IFDIR | 0600, 0), EPERM);
	EXPECT_ERR(make_node("", S_IFDIR | 0600, 0), EPERM);
	EXPECT_ERR(make_node("none/n", S_IFDIR | 0600, 0), EPERM);
	EXPECT_ERR(make_node("t", S_IFLNK | 0600, 0), EINVAL);
	EXPECT_ERR(make_node("", S_IFMT | 0600, 0), EINVAL);
	EXPECT_ERR(make_node("", S_IFREG | 0600, 0), ENOENT);
	EXPECT_ERR(make_node("t", S_IFREG | 0600, 0), EEXIST);
	EXPECT_ERR(make_node("t/", S_IFREG | 0600, 0), EEXIST);
	EXPECT_ERR(make_node(".", S_IFREG | 0600, 0), EEXIST);
	EXPECT_ERR(make_node("..", S_IFREG | 0600, 0), EEXIST);
	EXPECT_ERR(make_node("n/", S_IFREG | 0600, 0), ENOENT);
	EXPECT_ERR(make_node("t/n", S_IFREG | 0600, 0), ENOTDIR);
	/* Only a device has a number. */
	EXPECT_EQ(make_node("p", S_IFIFO | 0600, 0x103), 0);
	EXPECT(stat("p", &st) == 0 && st.st_rdev == 0);
	EXPECT_EQ(make_node("r", 0600, 0x103), 0);
	EXPECT(stat("r", &st) == 0 && S_ISREG(st.st_mode) && st.st_rdev == 0);
	if (geteuid() != 0)
		return;
	REQUIRE(mkdir("d", 0755) == 0 && mkdir("w", 0777) == 0);
	REQUIRE(chmod("w", 0777) == 0);
	put("d/t", 't', 1);
	pid = utest_fork();
	if (pid == 0)
		nodes_by_user();
	EXPECT_CLEAN(pid);
}

/* ---- chroot ---- */

/* A child in another root; the parent looks at it and lets it go on. */
static void
in_jail(struct peer *p)
{
	char path[500];
	pid_t pid;

	EXPECT_EQ(chroot("jail"), 0);
	/* The working directory stays where it was, which has no path now. */
	EXPECT_EQ(access("out", F_OK), 0);
	EXPECT(syscall(SYS_getcwd, path, sizeof(path)) > 0);
	EXPECT(strncmp(path, "(unreachable)/", 14) == 0);
	EXPECT_EQ(chdir("/"), 0);
	peer_post(p);
	peer_wait(p);
	EXPECT(getcwd(path, sizeof(path)) != NULL && strcmp(path, "/") == 0);
	EXPECT_ERR(access("/out", F_OK), ENOENT);
	EXPECT_ERR(access("../out", F_OK), ENOENT);
	EXPECT_EQ(access("../../in/../in/f", F_OK), 0);
	EXPECT_EQ(access("/link/f", F_OK), 0);
	EXPECT_EQ(access("up", F_OK), 0);
	EXPECT_EQ(chdir("in"), 0);
	EXPECT(getcwd(path, sizeof(path)) != NULL && strcmp(path, "/in") == 0);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(access("/in/f", F_OK), 0);
		EXPECT_EQ(access("../../in/f", F_OK), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	/* One root inside another; outside of it ".."  goes up again. */
	EXPECT_EQ(chroot("."), 0);
	EXPECT_EQ(access("/f", F_OK), 0);
	EXPECT_EQ(access("../f", F_OK), 0);
	EXPECT_EQ(chdir("/"), 0);
	EXPECT_ERR(chroot("missing"), ENOENT);
	EXPECT_EQ(mkdir("deep", 0755), 0);
	EXPECT_EQ(chroot("deep"), 0);
	EXPECT_EQ(access("../../out", F_OK), 0);
	EXPECT_EQ(rmdir("../in/deep"), 0);
	EXPECT_ERR(access("/f", F_OK), ENOENT);
	EXPECT_EQ(access("/", F_OK), 0);
	utest_done();
}

/* Calls for root alone, and paths that are no directory, even to root. */
static void
refused_jails(void)
{
	pid_t pid;

	REQUIRE(mkdir("closed", 0700) == 0);
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(setuid(1000) == 0);
		EXPECT_ERR(chroot("jail"), EPERM);
		EXPECT_ERR(chroot("closed"), EACCES);
		EXPECT_ERR(chroot("missing"), ENOENT);
		EXPECT_ERR(chroot("out"), ENOTDIR);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_ERR(chroot("missing"), ENOENT);
	EXPECT_ERR(chroot("out"), ENOTDIR);
	EXPECT_ERR(chroot(""), ENOENT);
}

FSTEST(chroot, "X21 chroot: a root that .. and links do not lead out of")
{
	char name[64], here[300], path[400], seen[400] = "";
	struct peer p;

	if (geteuid() != 0)
		SKIP("only root may do it");
	REQUIRE(mkdir("jail", 0755) == 0 && mkdir("jail/in", 0755) == 0);
	put("jail/in/f", 'f', 3);
	put("out", 'o', 3);
	REQUIRE(symlink("/in", "jail/link") == 0);
	REQUIRE(symlink("/../../in/f", "jail/up") == 0);
	refused_jails();
	REQUIRE(getcwd(here, sizeof(here)) != NULL);
	if (fork_peer(&p) == 0)
		in_jail(&p);
	peer_wait(&p);
	snprintf(name, sizeof(name), "/proc/%d/root", (int)p.pid);
	snprintf(path, sizeof(path), "%s/jail", here);
	EXPECT(readlink(name, seen, sizeof(seen) - 1) > 0);
	EXPECT_EQ(strcmp(seen, path), 0);
	strcat(name, "/in/f");
	EXPECT_FILE(name, 'f', 3);
	peer_post(&p);
	PEER_END(&p);
}
