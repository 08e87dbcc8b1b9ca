/* SPDX-License-Identifier: MIT */
/*
 * tests/user/rights.c - which ids a process has and what they permit: owners,
 * groups and set-ID bits of files (I1, I2 and I7).
 *
 * Everything begins as root.  as() starts a child with other ids.  The uids and
 * gids belong to no real user.  rights_exec.c has I3 to I6.
 */
#include "fstest.h"

#include <grp.h>
#include <sys/syscall.h>

#define ALICE 31001 /* a user, and the group of the same number */
#define BOB   31002
#define CLUB  31100 /* a group */
#define OTHER 31200 /* a group without any of these users */

/* A child with these ids and only these supplementary groups. */
static pid_t
as(uid_t uid, gid_t gid, size_t n, const gid_t *groups)
{
	pid_t pid;

	if (geteuid() != 0)
		SKIP("only root can become another user");
	pid = utest_fork();
	if (pid == 0) {
		umask(0);
		REQUIRE(setgroups(n, groups) == 0);
		REQUIRE(setresgid(gid, gid, gid) == 0);
		REQUIRE(setresuid(uid, uid, uid) == 0);
	}
	return pid;
}

/* Runs the statements in a child with these ids. */
#define AS(uid, gid, ...)                              \
	do {                                           \
		pid_t as_ = as((uid), (gid), 0, NULL); \
		if (as_ == 0) {                        \
			__VA_ARGS__;                   \
			utest_done();                  \
		}                                      \
		EXPECT_CLEAN(as_);                     \
	} while (0)

static mode_t
mode_of(const char *path)
{
	struct stat st;

	REQUIRE(lstat(path, &st) == 0);
	return st.st_mode & 07777;
}

static gid_t
group_of(const char *path)
{
	struct stat st;

	REQUIRE(lstat(path, &st) == 0);
	return st.st_gid;
}

/* A file of 100 bytes with this owner, group and mode. */
static void
make(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	unlink(path);
	put(path, 'x', 100);
	REQUIRE(chown(path, uid, gid) == 0);
	REQUIRE(chmod(path, mode) == 0);
	EXPECT_EQ(mode_of(path), mode);
}

static struct timespec
ctime_of(const char *path)
{
	struct stat st;

	REQUIRE(lstat(path, &st) == 0);
	return st.st_ctim;
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

/* ---- I1: owners and set-ID bits ---- */

FSTEST(chown_same, "I1 chown to the present ids is for the owner, too")
{
	struct timespec before;

	make("f", ALICE, ALICE, 06777);
	before = ctime_of("f");
	AS(BOB, BOB, {
		EXPECT_ERR(chown("f", ALICE, ALICE), EPERM);
		EXPECT_ERR(chown("f", ALICE, -1), EPERM);
		EXPECT_ERR(chown("f", -1, ALICE), EPERM);
		EXPECT_ERR(chown("f", -1, BOB), EPERM);
		EXPECT_ERR(chown("f", -1, -1), EPERM); /* of set-ID bits */
	});
	EXPECT_EQ(mode_of("f"), 06777);
	EXPECT(same_time(before, ctime_of("f")));
	/* Membership in the file's group does not help. */
	AS(BOB, ALICE, EXPECT_ERR(chown("f", -1, ALICE), EPERM));
	EXPECT_EQ(mode_of("f"), 06777);
	AS(ALICE, ALICE, {
		EXPECT_ERR(chown("f", BOB, -1), EPERM);
		EXPECT_ERR(chown("f", -1, OTHER), EPERM);
		EXPECT_EQ(mode_of("f"), 06777);
		EXPECT_EQ(chown("f", ALICE, ALICE), 0);
		EXPECT_EQ(mode_of("f"), 0777);
	});
	/* A file may keep its group even if the owner is not in it. */
	make("f", ALICE, OTHER, 0666);
	AS(ALICE, ALICE, EXPECT_EQ(chown("f", -1, OTHER), 0));
	/* Without set-ID bits there is nothing to take away. */
	AS(BOB, BOB, EXPECT_EQ(chown("f", -1, -1), 0));
}

FSTEST(chown_root, "I1 chown by root takes set-ID bits, but not of directories")
{
	make("f", 0, 0, 06755);
	EXPECT_EQ(chown("f", 0, 0), 0);
	EXPECT_EQ(mode_of("f"), 0755);
	make("f", 0, 0, 06755);
	EXPECT_EQ(chown("f", -1, -1), 0);
	EXPECT_EQ(mode_of("f"), 0755);
	make("f", 0, 0, 06745); /* S_ISGID lends nothing here */
	EXPECT_EQ(chown("f", ALICE, ALICE), 0);
	EXPECT_EQ(mode_of("f"), 02745);
	REQUIRE(mkdir("d", 0755) == 0 && chmod("d", 06755) == 0);
	EXPECT_EQ(chown("d", ALICE, ALICE), 0);
	EXPECT_EQ(mode_of("d"), 06755);
	REQUIRE(mkfifo("p", 0755) == 0 && chmod("p", 06755) == 0);
	EXPECT_EQ(chown("p", ALICE, ALICE), 0);
	EXPECT_EQ(mode_of("p"), 0755);
}

FSTEST(chmod_sgid, "I1 chmod gives S_ISGID to members of the group only")
{
	int fd;

	make("f", ALICE, OTHER, 0777);
	REQUIRE(mkdir("d", 0755) == 0 && chown("d", ALICE, OTHER) == 0);
	AS(ALICE, ALICE, {
		EXPECT_EQ(chmod("f", 06755), 0);
		EXPECT_EQ(mode_of("f"), 04755);
		EXPECT_EQ(chmod("f", 02644), 0);
		EXPECT_EQ(mode_of("f"), 0644);
		EXPECT_EQ(chmod("d", 02755), 0);
		EXPECT_EQ(mode_of("d"), 0755);
		fd = open("f", O_RDONLY);
		REQUIRE(fd >= 0);
		EXPECT_EQ(fchmod(fd, 02755), 0);
		EXPECT_EQ(mode_of("f"), 0755);
	});
	AS(ALICE, OTHER, {
		EXPECT_EQ(chmod("f", 06755), 0);
		EXPECT_EQ(mode_of("f"), 06755);
	});
	AS(BOB, OTHER, EXPECT_ERR(chmod("f", 0755), EPERM));
	EXPECT_EQ(mode_of("f"), 06755);
	EXPECT_EQ(chmod("f", 02777), 0);
	EXPECT_EQ(mode_of("f"), 02777);
}

FSTEST(create_sgid, "I1 a set-group-ID directory gives its group, not its bit")
{
	int fd;

	REQUIRE(mkdir("d", 0755) == 0 && chown("d", 0, OTHER) == 0 &&
		chmod("d", 02777) == 0);
	AS(ALICE, ALICE, {
		fd = open("d/f", O_CREAT | O_WRONLY, 02775);
		EXPECT(fd >= 0);
		EXPECT_EQ(mode_of("d/f"), 0775);
		EXPECT_EQ(group_of("d/f"), OTHER);
		/* Without execution by the group it lends nothing. */
		fd = open("d/g", O_CREAT | O_WRONLY, 02765);
		EXPECT_EQ(mode_of("d/g"), 02765);
		EXPECT_EQ(mkfifo("d/p", 02770), 0);
		EXPECT_EQ(mode_of("d/p"), 0770);
		EXPECT_EQ(group_of("d/p"), OTHER);
		EXPECT_EQ(mknod("d/n", S_IFREG | 02711, 0), 0);
		EXPECT_EQ(mode_of("d/n"), 0711);
		umask(010);
		EXPECT_EQ(mknod("d/u", S_IFREG | 02771, 0), 0);
		EXPECT_EQ(mode_of("d/u"), 0761);
		umask(0);
		EXPECT_EQ(mkdir("d/e", 02777), 0);
		EXPECT_EQ(mode_of("d/e"), 02777);
		EXPECT_EQ(group_of("d/e"), OTHER);
		EXPECT_EQ(symlink("x", "d/l"), 0);
		EXPECT_EQ(group_of("d/l"), OTHER);
	});
	AS(ALICE, OTHER, {
		fd = open("d/h", O_CREAT | O_WRONLY, 02775);
		EXPECT_EQ(mode_of("d/h"), 02775);
	});
	umask(0);
	fd = open("d/r", O_CREAT | O_WRONLY, 06775);
	EXPECT_EQ(mode_of("d/r"), 06775);
	REQUIRE(mkdir("o", 0777) == 0);
	AS(ALICE, ALICE, {
		fd = open("o/f", O_CREAT | O_WRONLY, 06775);
		EXPECT_EQ(mode_of("o/f"), 06775);
		EXPECT_EQ(group_of("o/f"), ALICE);
		EXPECT_EQ(mkdir("o/d", 06777), 0);
		EXPECT_EQ(mode_of("o/d"), 0777);
	});
}

/* Calls that take the set-ID bits away when they change the contents. */
static void
by_write(const char *path)
{
	int fd = open(path, O_WRONLY);

	EXPECT_EQ(write(fd, "", 0), 0);
	EXPECT_EQ(mode_of(path), 06777);
	EXPECT_EQ(write(fd, "y", 1), 1);
	close(fd);
}

static void
by_ftruncate(const char *path)
{
	int fd = open(path, O_WRONLY);

	EXPECT_EQ(ftruncate(fd, 100), 0); /* also if nothing changes */
	close(fd);
}

static void
by_truncate(const char *path)
{
	EXPECT_EQ(truncate(path, 10), 0);
}

static void
by_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	EXPECT(fd >= 0);
	close(fd);
}

static void (*const change_contents[])(const char *path) = {
	by_write,
	by_ftruncate,
	by_truncate,
	by_open,
};

FSTEST(contents, "I1 new contents take the set-ID bits, except from root")
{
	for (size_t i = 0; i < ARRAY_LEN(change_contents); i++) {
		make("f", ALICE, OTHER, 06777);
		change_contents[i]("f");
		EXPECT_EQ(mode_of("f"), 06777);
		AS(BOB, BOB, change_contents[i]("f"));
		EXPECT_EQ(mode_of("f"), 0777);
		make("f", ALICE, OTHER, 06777);
		AS(ALICE, OTHER, change_contents[i]("f"));
		EXPECT_EQ(mode_of("f"), 0777);
	}
	/* S_ISGID that lends nothing stays for a member of the group. */
	make("f", ALICE, OTHER, 06767);
	AS(BOB, OTHER, by_truncate("f"));
	EXPECT_EQ(mode_of("f"), 02767);
	AS(BOB, BOB, by_truncate("f"));
	EXPECT_EQ(mode_of("f"), 0767);
	/* A file that the caller may not change keeps its bits. */
	make("f", ALICE, OTHER, 06755);
	AS(BOB, BOB, {
		EXPECT_ERR(truncate("f", 0), EACCES);
		EXPECT_ERR(open("f", O_WRONLY | O_TRUNC), EACCES);
		EXPECT_ERR(open("f", O_RDONLY | O_TRUNC), EACCES);
	});
	EXPECT_EQ(mode_of("f"), 06755);
}

FSTEST(times, "I1 utimensat: the owner any time, a writer the present one")
{
	struct timespec now = { 0, UTIME_NOW }, omit = { 0, UTIME_OMIT };
	struct timespec both[2] = { now, now }, one[2] = { now, omit };
	struct timespec past[2] = { { 1000, 0 }, { 1000, 0 } };
	struct timespec none[2] = { omit, omit }, before;

	make("f", ALICE, ALICE, 0666);
	before = ctime_of("f");
	AS(BOB, BOB, {
		EXPECT_ERR(utimensat(AT_FDCWD, "f", past, 0), EPERM);
		EXPECT_ERR(utimensat(AT_FDCWD, "f", one, 0), EPERM);
		EXPECT_EQ(utimensat(AT_FDCWD, "f", none, 0), 0);
		EXPECT_EQ(utimensat(AT_FDCWD, "no", none, 0), 0);
	});
	EXPECT(same_time(before, ctime_of("f")));
	AS(BOB, BOB, {
		EXPECT_EQ(utimensat(AT_FDCWD, "f", both, 0), 0);
		EXPECT_EQ(utimensat(AT_FDCWD, "f", NULL, 0), 0);
	});
	make("f", ALICE, ALICE, 0644);
	AS(BOB, BOB, {
		EXPECT_ERR(utimensat(AT_FDCWD, "f", NULL, 0), EACCES);
		EXPECT_ERR(utimensat(AT_FDCWD, "f", both, 0), EACCES);
	});
	AS(ALICE, ALICE, EXPECT_EQ(utimensat(AT_FDCWD, "f", past, 0), 0));
}

/* ---- I2: supplementary groups ---- */

/*
 * The rwx bits of one digit: as access() says, and as the calls themselves do.
 */
static unsigned
allowed(const char *file, const char *dir)
{
	char inside[32];
	unsigned may = 0;
	struct stat st;
	int fd;

	fd = open(file, O_RDONLY);
	may |= fd >= 0 ? 4 : 0;
	close(fd);
	fd = open(file, O_WRONLY);
	may |= fd >= 0 ? 2 : 0;
	close(fd);
	snprintf(inside, sizeof(inside), "%s/x", dir);
	may |= stat(inside, &st) == 0 ? 1 : 0;
	for (int how = R_OK; how > 0; how >>= 1) {
		const char *path = how == X_OK ? dir : file;

		EXPECT_EQ(access(path, how) == 0, (may & how) != 0);
		EXPECT_EQ(faccessat(AT_FDCWD, path, how, AT_EACCESS) == 0,
			  (may & how) != 0);
	}
	return may;
}

FSTEST(groups_files,
       "I2 owner, group, listed group and others: one class counts")
{
	static const gid_t list[] = { OTHER, CLUB, CLUB + 5, CLUB - 5 };
	static const struct {
		uid_t uid;
		gid_t gid;
		size_t groups;
		unsigned shift;
	} who[] = {
		{ ALICE, ALICE, 0, 6 }, { ALICE, CLUB, 4, 6 },
		{ BOB, CLUB, 0, 3 },	{ BOB, BOB, 4, 3 },
		{ BOB, CLUB, 1, 3 },	{ BOB, BOB, 2, 3 },
		{ BOB, BOB, 1, 0 },	{ BOB, BOB, 0, 0 },
	};
	static const mode_t modes[] = { 0700, 0070, 0007, 0421, 0142,
					0214, 0077, 0707, 0000 };

	put("f", 'x', 10);
	REQUIRE(mkdir("d", 0777) == 0);
	put("d/x", 'x', 1);
	REQUIRE(chown("f", ALICE, CLUB) == 0 && chown("d", ALICE, CLUB) == 0);
	for (size_t m = 0; m < ARRAY_LEN(modes); m++) {
		REQUIRE(chmod("f", modes[m]) == 0 && chmod("d", modes[m]) == 0);
		for (size_t i = 0; i < ARRAY_LEN(who); i++) {
			pid_t pid =
				as(who[i].uid, who[i].gid, who[i].groups, list);

			if (pid == 0) {
				EXPECT_EQ(allowed("f", "d"),
					  modes[m] >> who[i].shift & 7);
				utest_done();
			}
			if (!EXPECT_CLEAN(pid))
				utest_note("mode %o, %zu", modes[m], i);
		}
	}
}

FSTEST(groups_changes, "I2 an owner chooses among all its groups")
{
	static const gid_t list[] = { CLUB };
	pid_t pid;
	int fd;

	make("f", ALICE, ALICE, 0755);
	REQUIRE(mkdir("d", 0777) == 0 && chown("d", 0, CLUB) == 0 &&
		chmod("d", 02777) == 0);
	pid = as(ALICE, ALICE, 1, list);
	if (pid == 0) {
		EXPECT_EQ(chown("f", -1, CLUB), 0);
		EXPECT_EQ(group_of("f"), CLUB);
		EXPECT_ERR(chown("f", -1, OTHER), EPERM);
		EXPECT_EQ(chmod("f", 02755), 0);
		EXPECT_EQ(mode_of("f"), 02755);
		EXPECT_EQ(chown("f", -1, ALICE), 0);
		fd = open("d/f", O_CREAT | O_WRONLY, 02775);
		EXPECT(fd >= 0);
		EXPECT_EQ(mode_of("d/f"), 02775);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	/* A listed group counts for S_ISGID that lends nothing. */
	make("f", 0, CLUB, 02767);
	pid = as(ALICE, ALICE, 1, list);
	if (pid == 0) {
		EXPECT_EQ(truncate("f", 1), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(mode_of("f"), 02767);
}

FSTEST(access_real,
       "I2 access asks for the real ids, AT_EACCESS for the others")
{
	pid_t pid;

	make("f", ALICE, ALICE, 0600);
	make("g", 0, CLUB, 0040);
	pid = as(0, 0, 0, NULL);
	if (pid == 0) {
		REQUIRE(setresgid(BOB, CLUB, BOB) == 0);
		REQUIRE(setresuid(BOB, ALICE, 0) == 0);
		EXPECT_ERR(access("f", R_OK), EACCES);
		EXPECT_EQ(faccessat(AT_FDCWD, "f", R_OK, AT_EACCESS), 0);
		EXPECT_ERR(access("g", R_OK), EACCES);
		EXPECT_EQ(faccessat(AT_FDCWD, "g", R_OK, AT_EACCESS), 0);
		EXPECT_EQ(access("f", F_OK), 0);
		/* access() has not changed the ids of the process. */
		EXPECT_EQ(open("f", O_RDONLY) < 0, 0);
		REQUIRE(setresuid(ALICE, 0, 0) == 0);
		EXPECT_EQ(access("f", R_OK), 0);
		EXPECT_ERR(access("g", W_OK), EACCES);
		EXPECT_EQ(faccessat(AT_FDCWD, "g", W_OK, AT_EACCESS), 0);
		REQUIRE(setresuid(0, ALICE, 0) == 0);
		EXPECT_EQ(access("g", W_OK), 0);
		EXPECT_ERR(faccessat(AT_FDCWD, "g", W_OK, AT_EACCESS), EACCES);
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

static void
expect_groups(const gid_t *want, int n)
{
	gid_t have[8];

	EXPECT_EQ(getgroups(0, NULL), n);
	EXPECT_EQ(getgroups(8, have), n);
	for (int i = 0; i < n; i++)
		EXPECT_EQ(have[i], want[i]);
}

/* The line of /proc/self/status that begins with `name`. */
static void
expect_status(const char *name, const char *want)
{
	char line[200] = "";
	FILE *f = fopen("/proc/self/status", "r");

	REQUIRE(f != NULL);
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			break;
	fclose(f);
	if (strcmp(line, want) != 0)
		utest_fail(__FILE__, __LINE__, "status has '%s', not '%s'",
			   line, want);
}

UTEST(groups_list,
      "I2 setgroups sorts; fork, threads and children have the list")
{
	static const gid_t list[] = { 7, 3, 0xfffffffe, 5, 3 };
	static const gid_t sorted[] = { 3, 3, 5, 7, 0xfffffffe };
	gid_t bad[] = { 1, (gid_t)-1 };
	pid_t pid = as(0, 0, 5, list);

	if (pid != 0) {
		EXPECT_CLEAN(pid);
		return;
	}
	expect_groups(sorted, 5);
	EXPECT_ERR(syscall(SYS_getgroups, 4, bad), EINVAL);
	EXPECT_ERR(syscall(SYS_getgroups, -1, bad), EINVAL);
	EXPECT_ERR(syscall(SYS_setgroups, 65537, bad), EINVAL);
	EXPECT_ERR(syscall(SYS_setgroups, -1, bad), EINVAL);
	EXPECT_ERR(syscall(SYS_setgroups, 2, NULL), EFAULT);
	EXPECT_ERR(syscall(SYS_setgroups, 2, bad), EINVAL);
	expect_groups(sorted, 5);
	if (!on_qemu_user()) /* which shows its own */
		expect_status("Groups:", "Groups:\t3 3 5 7 4294967294 \n");
	pid = utest_fork();
	if (pid == 0) {
		expect_groups(sorted, 5);
		REQUIRE(setgroups(1, list) == 0);
		expect_groups(list, 1);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	expect_groups(sorted, 5);
	REQUIRE(setresuid(ALICE, ALICE, ALICE) == 0);
	expect_groups(sorted, 5);
	EXPECT_ERR(setgroups(0, NULL), EPERM);
	EXPECT_ERR(setgroups(1, list), EPERM);
	expect_groups(sorted, 5);
	utest_done();
}

UTEST(groups_many, "I2 65,536 groups, each of them found")
{
	enum { MANY = 65536 };
	gid_t *list = calloc(MANY, sizeof(*list)), *have;
	size_t wrong = 0;
	pid_t pid;
	int fd;

	REQUIRE(list != NULL);
	/* Every second number, in the order of a permutation. */
	for (unsigned i = 0; i < MANY; i++)
		list[i] = 100000 + 2 * (i * 40503 % MANY);
	pid = as(0, 0, MANY, list);
	if (pid != 0) {
		EXPECT_CLEAN(pid);
		free(list);
		return;
	}
	have = calloc(MANY, sizeof(*have));
	REQUIRE(have != NULL);
	EXPECT_EQ(getgroups(MANY, have), MANY);
	for (unsigned i = 0; i < MANY; i++)
		wrong += have[i] != 100000 + 2 * i;
	EXPECT_EQ(wrong, 0);
	fd = temp_file_of('x', 10);
	REQUIRE(fchmod(fd, 0040) == 0);
	for (unsigned i = 0; i < MANY; i += 1023) {
		char path[32];

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		REQUIRE(fchown(fd, 0, 100000 + 2 * i) == 0);
		REQUIRE(seteuid(ALICE) == 0);
		EXPECT_EQ(faccessat(AT_FDCWD, path, R_OK, AT_EACCESS), 0);
		REQUIRE(seteuid(0) == 0);
		REQUIRE(fchown(fd, 0, 100001 + 2 * i) == 0);
		REQUIRE(seteuid(ALICE) == 0);
		EXPECT_ERR(faccessat(AT_FDCWD, path, R_OK, AT_EACCESS), EACCES);
		REQUIRE(seteuid(0) == 0);
	}
	utest_done();
}

UTEST(initgroups, "I2 the C library's initgroups")
{
	/* In Tine /etc/group has guest in users; elsewhere it has no guest. */
	static const gid_t here[] = { 100, ALICE }, there[] = { ALICE };
	pid_t pid = as(0, 0, 0, NULL);

	if (pid == 0) {
		EXPECT_EQ(initgroups("guest", ALICE), 0);
		if (on_tine())
			expect_groups(here, 2);
		else
			expect_groups(there, 1);
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(setreuid, "I2 the saved id becomes effective, never real, by setreuid")
{
	AS(0, 0, {
		REQUIRE(setresuid(ALICE, ALICE, BOB) == 0);
		EXPECT_ERR(setreuid(BOB, -1), EPERM);
		EXPECT_EQ(setreuid(-1, BOB), 0);
		EXPECT_EQ(geteuid(), BOB);
		EXPECT_EQ(setreuid(BOB, ALICE), 0);
		EXPECT_EQ(getuid(), BOB);
		EXPECT_EQ(geteuid(), ALICE);
	});
}

/* ---- I7: shared memory by name ---- */

UTEST(shm, "I7 any user shares memory by name, and only its owner removes it")
{
	char name[32];

	snprintf(name, sizeof(name), "/utest-%d", (int)getpid());
	AS(ALICE, ALICE, {
		int fd = shm_open(name, O_CREAT | O_EXCL | O_RDWR, 0666);
		char *at;

		REQUIRE(fd >= 0);
		REQUIRE(ftruncate(fd, PG) == 0);
		at = mmap(NULL, PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		REQUIRE(at != MAP_FAILED);
		poke(at, 'a');
	});
	AS(BOB, BOB, {
		int fd = shm_open(name, O_RDWR, 0);
		char *at = mmap(NULL, PG, PROT_READ, MAP_SHARED, fd, 0);

		REQUIRE(fd >= 0 && at != MAP_FAILED);
		EXPECT_EQ(peek(at), 'a');
		/* The library says EACCES for the call's EPERM. */
		EXPECT_ERR(shm_unlink(name), EACCES);
	});
	AS(ALICE, ALICE, EXPECT_EQ(shm_unlink(name), 0););
	EXPECT_ERR(shm_open(name, O_RDWR, 0), ENOENT);
	if (on_tine())
		EXPECT_EQ(mode_of("/dev/shm"), 01777);
}
