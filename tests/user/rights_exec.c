/* SPDX-License-Identifier: MIT */
/*
 * tests/user/rights_exec.c - what exec makes of the ids, and which processes
 * may look into the new program (I3 to I6).
 *
 * The program that is executed is a copy of this one: with --report it tells
 * what it has become through a descriptor, and waits until another is closed.
 */
#include "fstest.h"

#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define ALICE 31001 /* a user, and the group of the same number */
#define BOB   31002
#define CLUB  31100 /* a group */

#define MIB (1024ul * 1024)

/* ---- the executed program ---- */

struct report {
	uid_t uid, euid, suid;
	gid_t gid, egid, sgid;
	unsigned long at[5]; /* AT_UID, EUID, GID, EGID, SECURE */
	int dumpable, no_new_privs, groups, regain;
	unsigned long stack; /* RLIMIT_STACK */
};

static void
report(struct report *r)
{
	static const unsigned long at[] = { AT_UID, AT_EUID, AT_GID, AT_EGID,
					    AT_SECURE };
	struct rlimit stack;

	memset(r, 0, sizeof(*r));
	getresuid(&r->uid, &r->euid, &r->suid);
	getresgid(&r->gid, &r->egid, &r->sgid);
	for (size_t i = 0; i < ARRAY_LEN(at); i++)
		r->at[i] = getauxval(at[i]);
	r->dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	r->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	r->groups = getgroups(0, NULL);
	getrlimit(RLIMIT_STACK, &stack);
	r->stack = stack.rlim_cur;
}

/* Runs before main: "--report OUT IN". */
__attribute__((constructor)) static void
reporter(int argc, char **argv)
{
	struct report r;
	char c;

	if (argc < 4 || strcmp(argv[1], "--report") != 0)
		return;
	report(&r);
	if (write(atoi(argv[argc - 2]), &r, sizeof(r)) != sizeof(r))
		_exit(1);
	while (read(atoi(argv[argc - 1]), &c, 1) > 0)
		;
	r.regain = setresuid(0, 0, 0) == 0 ? 0 : errno;
	if (write(atoi(argv[argc - 2]), &r, sizeof(r)) != sizeof(r))
		_exit(1);
	_exit(0);
}

/* A copy of this program with owner, group and mode. */
static void
program(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	static char buf[65536];
	int from, to;
	ssize_t n;

	if (on_qemu_user())
		SKIP("qemu-user gives the file to the host's execve");
	if (geteuid() != 0)
		SKIP("only root can become another user");
	if (access(path, F_OK) != 0) {
		from = open("/proc/self/exe", O_RDONLY);
		to = open(path, O_WRONLY | O_CREAT | O_EXCL, 0700);
		REQUIRE(from >= 0 && to >= 0);
		while ((n = read(from, buf, sizeof(buf))) > 0)
			REQUIRE(write(to, buf, (size_t)n) == n);
		close(from);
		close(to);
	}
	REQUIRE(chown(path, uid, gid) == 0 && chmod(path, mode) == 0);
}

/* A process that is to execute the program, and what it reported. */
struct run {
	pid_t pid;
	int out[2], in[2];
	struct report r;
};

static void
run_prepare(struct run *run)
{
	REQUIRE(pipe(run->out) == 0 && pipe(run->in) == 0);
}

static void
execute(const struct run *run, const char *path)
{
	char out[12], in[12];
	char *argv[] = { "prog", "--report", out, in, NULL };
	char *none[] = { NULL };

	close(run->in[1]);
	snprintf(out, sizeof(out), "%d", run->out[1]);
	snprintf(in, sizeof(in), "%d", run->in[0]);
	execve(path, argv, none);
	_exit(126);
}

static void
become(uid_t uid, gid_t gid)
{
	REQUIRE(setgroups(0, NULL) == 0);
	REQUIRE(setresgid(gid, gid, gid) == 0);
	REQUIRE(setresuid(uid, uid, uid) == 0);
}

/* Waits for the report of a process that has been forked. */
static void
run_report(struct run *run)
{
	close(run->out[1]);
	close(run->in[0]);
	REQUIRE_EQ(read(run->out[0], &run->r, sizeof(run->r)), sizeof(run->r));
}

static void
run_end(struct run *run)
{
	close(run->in[1]);
	EXPECT_EQ(read(run->out[0], &run->r, sizeof(run->r)), sizeof(run->r));
	close(run->out[0]);
	EXPECT_EXIT(run->pid, 0);
}

static struct run *running; /* in the child of run_start() */

/*
 * In the child of run_start(): only its own child returns, to execute the
 * program; it ends with that child's status.
 */
static void
let_child(pid_t pid)
{
	int status;

	REQUIRE(pid >= 0);
	if (pid == 0)
		return;
	close(running->in[1]);
	REQUIRE(waitpid(pid, &status, 0) == pid);
	_exit(WEXITSTATUS(status));
}

/* Executes `path` as this user; `before`, if any, in the child. */
static void
run_start(struct run *run, const char *path, uid_t uid, gid_t gid,
	  void (*before)(void))
{
	run_prepare(run);
	run->pid = utest_fork();
	if (run->pid == 0) {
		running = run;
		become(uid, gid);
		if (before != NULL)
			before();
		execute(run, path);
	}
	run_report(run);
}

static struct report
run_all(const char *path, uid_t uid, gid_t gid, void (*before)(void))
{
	struct run run;

	run_start(&run, path, uid, gid, before);
	run_end(&run);
	return run.r;
}

static void
expect_ids(const struct report *r, uid_t uid, uid_t euid, gid_t gid, gid_t egid,
	   int line)
{
	bool ok = r->uid == uid && r->euid == euid && r->suid == euid &&
		  r->gid == gid && r->egid == egid && r->sgid == egid &&
		  r->at[0] == uid && r->at[1] == euid && r->at[2] == gid &&
		  r->at[3] == egid;

	if (!ok)
		utest_fail(__FILE__, line,
			   "uids %u %u %u gids %u %u %u, in the vector "
			   "%lu %lu %lu %lu",
			   r->uid, r->euid, r->suid, r->gid, r->egid, r->sgid,
			   r->at[0], r->at[1], r->at[2], r->at[3]);
}
#define EXPECT_IDS(r, uid, euid, gid, egid) \
	expect_ids((r), (uid), (euid), (gid), (egid), __LINE__)

/* ---- I3: ids ---- */

static void
keep_root_saved(void)
{
	REQUIRE(setresgid(ALICE, ALICE, CLUB) == 0);
}

FSTEST(saved, "I3 exec saves the effective ids")
{
	struct report r;
	struct run run;

	program("prog", 0, 0, 0755);
	run_prepare(&run);
	run.pid = utest_fork();
	if (run.pid == 0) {
		REQUIRE(setresgid(ALICE, ALICE, 0) == 0);
		REQUIRE(setresuid(ALICE, ALICE, 0) == 0);
		execute(&run, "prog");
	}
	run_report(&run);
	run_end(&run);
	EXPECT_IDS(&run.r, ALICE, ALICE, ALICE, ALICE);
	EXPECT_EQ(run.r.regain, EPERM);
	EXPECT_EQ(run.r.at[4], 0);
	EXPECT_EQ(run.r.dumpable, 1);
	r = run_all("prog", 0, 0, keep_root_saved);
	EXPECT_IDS(&r, 0, 0, ALICE, ALICE);
}

static void
large_stack(void)
{
	struct rlimit r;

	REQUIRE(getrlimit(RLIMIT_STACK, &r) == 0);
	r.rlim_cur = 16 * MIB;
	REQUIRE(setrlimit(RLIMIT_STACK, &r) == 0);
}

FSTEST(set_user, "I3 a set-user-ID program has its owner's rights")
{
	struct report r;

	program("prog", BOB, CLUB, 04755);
	r = run_all("prog", ALICE, ALICE, large_stack);
	EXPECT_IDS(&r, ALICE, BOB, ALICE, ALICE);
	EXPECT_EQ(r.at[4], 1);
	EXPECT(r.dumpable != 1);
	EXPECT_EQ(r.stack, 8 * MIB);
	EXPECT_EQ(r.regain, EPERM);
	/* Root may end up with fewer rights, too. */
	r = run_all("prog", 0, 0, NULL);
	EXPECT_IDS(&r, 0, BOB, 0, 0);
	EXPECT_EQ(r.at[4], 1);
	EXPECT(r.dumpable != 1);
	program("prog", 0, CLUB, 04711);
	r = run_all("prog", ALICE, ALICE, NULL);
	EXPECT_IDS(&r, ALICE, 0, ALICE, ALICE);
	EXPECT_EQ(r.at[4], 1);
	EXPECT_EQ(r.regain, 0);
	/*
	 * A set-ID bit for the id that the process has already changes nothing.
	 */
	program("prog", ALICE, ALICE, 06755);
	r = run_all("prog", ALICE, ALICE, large_stack);
	EXPECT_IDS(&r, ALICE, ALICE, ALICE, ALICE);
	EXPECT_EQ(r.at[4], 0);
	EXPECT_EQ(r.dumpable, 1);
	EXPECT_EQ(r.stack, 16 * MIB);
}

FSTEST(set_group, "I3 a set-group-ID program has its group's rights")
{
	struct report r;

	program("prog", BOB, CLUB, 02755);
	r = run_all("prog", ALICE, ALICE, NULL);
	EXPECT_IDS(&r, ALICE, ALICE, ALICE, CLUB);
	EXPECT_EQ(r.at[4], 1);
	EXPECT(r.dumpable != 1);
	program("prog", BOB, CLUB, 06755);
	r = run_all("prog", ALICE, ALICE, NULL);
	EXPECT_IDS(&r, ALICE, BOB, ALICE, CLUB);
	/* Without execution by the group the set-group-ID bit has no effect. */
	program("prog", BOB, CLUB, 02745);
	r = run_all("prog", ALICE, ALICE, NULL);
	EXPECT_IDS(&r, ALICE, ALICE, ALICE, ALICE);
	EXPECT_EQ(r.at[4], 0);
	EXPECT_EQ(r.dumpable, 1);
}

/* A script with the program as its interpreter. */
static void
script(const char *path, const char *interp, mode_t mode)
{
	char cwd[200], line[256];
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

	REQUIRE(fd >= 0 && getcwd(cwd, sizeof(cwd)) != NULL);
	snprintf(line, sizeof(line), "#!%s/%s --report\n", cwd, interp);
	REQUIRE(write(fd, line, strlen(line)) == (ssize_t)strlen(line));
	close(fd);
	REQUIRE(chown(path, BOB, CLUB) == 0 && chmod(path, mode) == 0);
}

FSTEST(scripts,
       "I3 a script's set-ID bits are ignored, its interpreter's count")
{
	struct report r;

	program("prog", 0, 0, 0755);
	script("script", "prog", 06755);
	r = run_all("./script", ALICE, ALICE, NULL);
	EXPECT_IDS(&r, ALICE, ALICE, ALICE, ALICE);
	EXPECT_EQ(r.at[4], 0);
	program("prog", BOB, CLUB, 06755);
	script("script", "prog", 0755);
	r = run_all("./script", ALICE, ALICE, NULL);
	EXPECT_IDS(&r, ALICE, BOB, ALICE, CLUB);
	EXPECT_EQ(r.at[4], 1);
}

static void
no_new_privs(void)
{
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0), EINVAL);
	EXPECT_ERR(prctl(PR_GET_NO_NEW_PRIVS, 1, 0, 0, 0), EINVAL);
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
	EXPECT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	EXPECT_EQ(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	EXPECT_ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL);
	REQUIRE(utest_failures == 0);
}

static void
as_effective(uid_t uid, uid_t euid)
{
	REQUIRE(setresuid(uid, euid, 0) == 0);
}

static void
two_ids(void)
{
	as_effective(ALICE, BOB);
}

static void
two_ids_no_new_privs(void)
{
	as_effective(ALICE, BOB);
	no_new_privs();
}

static void
forked_no_new_privs(void)
{
	no_new_privs();
	let_child(utest_fork());
}

FSTEST(no_privs, "I3 no_new_privs: set-ID bits do not count, for children, too")
{
	struct report r;

	program("prog", BOB, CLUB, 06755);
	r = run_all("prog", ALICE, ALICE, no_new_privs);
	EXPECT_IDS(&r, ALICE, ALICE, ALICE, ALICE);
	EXPECT_EQ(r.at[4], 0);
	EXPECT_EQ(r.no_new_privs, 1);
	r = run_all("prog", ALICE, ALICE, forked_no_new_privs);
	EXPECT_IDS(&r, ALICE, ALICE, ALICE, ALICE);
	EXPECT_EQ(r.no_new_privs, 1);
	/* An effective id that the thread has already changes nothing. */
	program("prog", 0, 0, 0755);
	r = run_all("prog", 0, 0, two_ids);
	EXPECT_IDS(&r, ALICE, BOB, 0, 0);
	EXPECT_EQ(r.at[4], 1);
	EXPECT(r.dumpable != 1);
	r = run_all("prog", 0, 0, two_ids_no_new_privs);
	EXPECT_IDS(&r, ALICE, BOB, 0, 0);
	EXPECT_EQ(r.at[4], 1);
}

/* The rest of the caller runs in a child that shares the directory. */
static void
share_directory(void)
{
	let_child((pid_t)syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0));
}

static void
two_ids_shared(void)
{
	as_effective(ALICE, BOB);
	share_directory();
}

FSTEST(shared_fs,
       "I3 a process that shares its directory with another gains nothing")
{
	struct report r;

	program("prog", BOB, CLUB, 06755);
	r = run_all("prog", ALICE, ALICE, share_directory);
	EXPECT_IDS(&r, ALICE, ALICE, ALICE, ALICE);
	EXPECT_EQ(r.at[4], 1);
	r = run_all("prog", 0, 0, share_directory);
	EXPECT_IDS(&r, 0, BOB, 0, CLUB);
	program("prog", 0, 0, 0755);
	r = run_all("prog", 0, 0, two_ids_shared);
	EXPECT_IDS(&r, ALICE, BOB, 0, 0);
	/* The set-group-ID bit alone has no effect there, either. */
	program("prog", BOB, CLUB, 02755);
	r = run_all("prog", ALICE, ALICE, share_directory);
	EXPECT_IDS(&r, ALICE, ALICE, ALICE, ALICE);
}

static struct run thread_run;

static void *
execute_in_thread(void *arg)
{
	execute(&thread_run, arg);
	return NULL;
}

static void *
stay(void *arg)
{
	for (;;)
		pause();
	return arg;
}

FSTEST(from_thread,
       "I3 a thread that is not the first executes a set-ID program")
{
	pthread_t a, b;

	program("prog", BOB, CLUB, 06755);
	run_prepare(&thread_run);
	thread_run.pid = utest_fork();
	if (thread_run.pid == 0) {
		become(ALICE, ALICE);
		pthread_create(&a, NULL, stay, NULL);
		pthread_create(&b, NULL, execute_in_thread, "prog");
		stay(NULL);
	}
	run_report(&thread_run);
	run_end(&thread_run);
	EXPECT_IDS(&thread_run.r, ALICE, BOB, ALICE, CLUB);
}

FSTEST(from_vfork, "I3 a child of vfork executes a set-ID program")
{
	struct report r;
	struct run run;

	program("prog", BOB, CLUB, 06755);
	run_prepare(&run);
	run.pid = utest_fork();
	if (run.pid == 0) {
		int status;
		pid_t pid;

		become(ALICE, ALICE);
		REQUIRE(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
		pid = vfork();
		if (pid == 0)
			execute(&run, "prog");
		report(&r);
		close(run.in[0]);
		close(run.in[1]);
		REQUIRE(waitpid(pid, &status, 0) == pid);
		/* The exec has lent nothing to the parent. */
		_exit(r.euid != ALICE || r.dumpable != 1 || status != 0);
	}
	run_report(&run);
	run_end(&run);
	EXPECT_IDS(&run.r, ALICE, BOB, ALICE, CLUB);
}

static void
too_many_tasks(void)
{
	struct rlimit none, some;
	char *argv[] = { "prog", NULL }, c;
	struct peer other;

	/* Linux counts the tasks that the user has before this one joins. */
	if (fork_peer(&other) == 0) {
		become(ALICE, ALICE);
		peer_post(&other);
		_exit(read(other.rd, &c, 1) != 0);
	}
	peer_wait(&other);
	REQUIRE(getrlimit(RLIMIT_NPROC, &none) == 0);
	some = none;
	none.rlim_cur = 0;
	some.rlim_cur = 100;
	REQUIRE(setrlimit(RLIMIT_NPROC, &none) == 0);
	EXPECT_EQ(setresuid(ALICE, ALICE, ALICE), 0);
	EXPECT_ERR(execve("prog", argv, argv + 1), EAGAIN);
	EXPECT_ERR(fork(), EAGAIN);
	EXPECT_ERR(execve("prog", argv, argv + 1), EAGAIN);
	REQUIRE(setrlimit(RLIMIT_NPROC, &some) == 0);
	REQUIRE(utest_failures == 0);
}

FSTEST(nproc, "I3 exec fails after setuid beyond RLIMIT_NPROC")
{
	struct report r;

	program("prog", 0, 0, 0755);
	r = run_all("prog", 0, 0, too_many_tasks);
	EXPECT_EQ(r.euid, ALICE);
}

UTEST(nosuid, "I3 on a nosuid mount the bits do not count")
{
	struct report r;
	char dir[64];

	need_tine("it mounts");
	snprintf(dir, sizeof(dir), "/tmp/ut.%d", (int)getpid());
	REQUIRE(mkdir(dir, 0755) == 0);
	REQUIRE(mount("none", dir, "tmpfs", MS_NOSUID, NULL) == 0);
	REQUIRE(chmod(dir, 0755) == 0 && chdir(dir) == 0);
	program("prog", BOB, CLUB, 06755);
	r = run_all("prog", ALICE, ALICE, NULL);
	EXPECT_IDS(&r, ALICE, ALICE, ALICE, ALICE);
	EXPECT_EQ(r.at[4], 0);
	REQUIRE(chdir("/") == 0 && umount(dir) == 0 && rmdir(dir) == 0);
}

/* ---- I4: which processes may look into a process ---- */

static int
open_in(pid_t pid, const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return open(path, flags | O_CLOEXEC);
}

/* Files that show memory; all but mem are read only. */
static const char *const inside[] = { "mem", "maps", "smaps", "environ",
				      "pagemap" };
static const char *const links[] = { "exe", "cwd", "fd/0" };

static uid_t
owner_in(pid_t pid, const char *name)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	REQUIRE(lstat(path, &st) == 0);
	return st.st_uid;
}

/* Field 28 of /proc/PID/stat, an address: 0 for a caller that may not look. */
static unsigned long
stack_in_stat(pid_t pid)
{
	char text[1000], *at;
	int fd = open_in(pid, "stat", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	REQUIRE(n > 0);
	close(fd);
	text[n] = '\0';
	at = strrchr(text, ')');
	for (int field = 2; at != NULL && field < 28; field++)
		at = strchr(at + 1, ' ');
	REQUIRE(at != NULL);
	return strtoul(at, NULL, 10);
}

/* May this process look into pid?  Every way must agree. */
static void
expect_inside(pid_t pid, bool may, int line)
{
	char path[64], byte, link[200];
	struct iovec mine = { &byte, 1 }, its = { &byte, 1 };
	struct robust_list_head *head;
	size_t size;
	ssize_t n;
	int fd;

	for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
		fd = open_in(pid, inside[i], O_RDONLY);
		if ((fd >= 0) != may || (fd < 0 && errno != EACCES))
			utest_fail(__FILE__, line, "%s: %s", inside[i],
				   fd < 0 ? strerror(errno) : "opened");
		close(fd);
	}
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, links[i]);
		n = readlink(path, link, sizeof(link));
		if ((n > 0) != may || (n < 0 && errno != EACCES))
			utest_fail(__FILE__, line, "%s: %s", links[i],
				   n < 0 ? strerror(errno) : "read");
		fd = open(path, O_PATH);
		if ((fd >= 0) != may || (fd < 0 && errno != EACCES))
			utest_fail(__FILE__, line, "%s: %s", links[i],
				   fd < 0 ? strerror(errno) : "followed");
		close(fd);
	}
	fd = open_in(pid, "fd", O_RDONLY | O_DIRECTORY);
	if ((fd >= 0) != (may || owner_in(pid, "fd") == geteuid()))
		utest_fail(__FILE__, line, "fd: %d", fd);
	close(fd);
	n = process_vm_readv(pid, &mine, 1, &its, 1, 0);
	if (may ? n < 0 && errno == EPERM : n >= 0 || errno != EPERM)
		utest_fail(__FILE__, line, "process_vm_readv: %zd", n);
	n = syscall(SYS_get_robust_list, pid, &head, &size);
	if (may ? n != 0 : n == 0 || errno != EPERM)
		utest_fail(__FILE__, line, "get_robust_list: %zd", n);
	if ((stack_in_stat(pid) != 0) != may)
		utest_fail(__FILE__, line, "stat: %lx", stack_in_stat(pid));
	/* Open to all. */
	fd = open_in(pid, "cmdline", O_RDONLY);
	EXPECT(fd >= 0);
	close(fd);
}

/* A child with these ids looks into pid, and may or may not. */
#define EXPECT_INSIDE(uid, gid, pid, may)                      \
	do {                                                   \
		pid_t looker_ = utest_fork();                  \
		if (looker_ == 0) {                            \
			become((uid), (gid));                  \
			expect_inside((pid), (may), __LINE__); \
			utest_done();                          \
		}                                              \
		EXPECT_CLEAN(looker_);                         \
	} while (0)

static void
expect_kill(uid_t uid, pid_t pid, int err, int line)
{
	pid_t killer = utest_fork();

	if (killer == 0) {
		become(uid, uid);
		if ((kill(pid, 0) == 0 ? 0 : errno) != err ||
		    (syscall(SYS_tgkill, pid, pid, 0) == 0 ? 0 : errno) != err)
			utest_fail(__FILE__, line, "kill by %u", uid);
		utest_done();
	}
	EXPECT_CLEAN(killer);
}

FSTEST(look_set_id, "I4 only root looks into a set-ID program")
{
	struct rlimit limit;
	struct run run;

	program("prog", BOB, CLUB, 04755);
	run_start(&run, "prog", ALICE, ALICE, NULL);
	EXPECT_INSIDE(ALICE, ALICE, run.pid, false);
	EXPECT_INSIDE(BOB, BOB, run.pid, false);
	EXPECT_INSIDE(BOB, ALICE, run.pid, false);
	EXPECT_INSIDE(0, 0, run.pid, true);
	EXPECT_EQ(owner_in(run.pid, ""), BOB);
	EXPECT_EQ(owner_in(run.pid, "maps"), 0);
	EXPECT_EQ(owner_in(run.pid, "fd"), 0);
	/* Signals come from the real and the saved id. */
	expect_kill(ALICE, run.pid, 0, __LINE__);
	expect_kill(BOB, run.pid, 0, __LINE__);
	expect_kill(CLUB, run.pid, EPERM, __LINE__);
	if (utest_fork() == 0) {
		become(ALICE, ALICE);
		EXPECT_ERR(prlimit(run.pid, RLIMIT_NOFILE, NULL, &limit),
			   EPERM);
		utest_done();
	}
	run_end(&run);
}

FSTEST(look_plain, "I4 a user looks into its own programs that it may read")
{
	struct run run;

	program("prog", 0, 0, 0755);
	run_start(&run, "prog", ALICE, ALICE, NULL);
	EXPECT_INSIDE(ALICE, ALICE, run.pid, true);
	EXPECT_INSIDE(ALICE, CLUB, run.pid, false);
	EXPECT_INSIDE(BOB, BOB, run.pid, false);
	EXPECT_INSIDE(0, 0, run.pid, true);
	EXPECT_EQ(owner_in(run.pid, "maps"), ALICE);
	run_end(&run);
	program("prog", 0, 0, 0711);
	run_start(&run, "prog", ALICE, ALICE, NULL);
	EXPECT(run.r.dumpable != 1);
	EXPECT_EQ(run.r.at[4], 0);
	EXPECT_INSIDE(ALICE, ALICE, run.pid, false);
	EXPECT_INSIDE(0, 0, run.pid, true);
	run_end(&run);
}

UTEST(dumpable, "I4 a change of ids hides a process until it says otherwise")
{
	struct peer c;

	if (geteuid() != 0)
		SKIP("only root can become another user");
	if (on_qemu_user())
		SKIP("the emulator has files of /proc of its own");
	if (fork_peer(&c) == 0) {
		EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
		EXPECT_ERR(prctl(PR_SET_DUMPABLE, 2, 0, 0, 0), EINVAL);
		become(ALICE, ALICE);
		EXPECT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 1);
		/*
		 * The process may look into itself, but for the modes of files.
		 */
		EXPECT(open("/proc/self/maps", O_RDONLY) >= 0);
		EXPECT(open("/proc/self/fd", O_RDONLY) >= 0);
		EXPECT(open("/proc/self/fd/0", O_PATH) >= 0);
		EXPECT_EQ(access("/proc/self/exe", F_OK), 0);
		EXPECT_ERR(open("/proc/self/mem", O_RDONLY), EACCES);
		EXPECT_ERR(open("/proc/self/environ", O_RDONLY), EACCES);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
		EXPECT(open("/proc/self/mem", O_RDONLY) >= 0);
		peer_post(&c);
		peer_wait(&c);
		EXPECT_EQ(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), 0);
		EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
		peer_post(&c);
		peer_wait(&c);
		utest_done();
	}
	peer_wait(&c);
	EXPECT_INSIDE(ALICE, ALICE, c.pid, false);
	EXPECT_INSIDE(0, 0, c.pid, true);
	peer_post(&c);
	peer_wait(&c);
	EXPECT_INSIDE(ALICE, ALICE, c.pid, true);
	EXPECT_INSIDE(BOB, BOB, c.pid, false);
	peer_post(&c);
	peer_wait(&c);
	EXPECT_INSIDE(ALICE, ALICE, c.pid, false);
	peer_post(&c);
	PEER_END(&c);
}

/* ---- I5: descriptors that were opened before the exec ---- */

static void
old_descriptors(const char *path)
{
	int fd[ARRAY_LEN(inside)], dir, go[2];
	static char page[PG];
	struct run run;
	char byte = 0;

	REQUIRE(pipe(go) == 0);
	run_prepare(&run);
	run.pid = utest_fork();
	if (run.pid == 0) {
		become(ALICE, ALICE);
		REQUIRE(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
		REQUIRE(write(run.out[1], &byte, 1) == 1);
		REQUIRE(read(go[0], &byte, 1) == 1);
		execute(&run, path);
	}
	REQUIRE(read(run.out[0], &byte, 1) == 1);
	for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
		fd[i] = open_in(run.pid, inside[i], i == 0 ? O_RDWR : O_RDONLY);
		REQUIRE(fd[i] >= 0);
	}
	dir = open_in(run.pid, "fd", O_RDONLY | O_DIRECTORY);
	REQUIRE(dir >= 0);
	EXPECT_EQ(pread(fd[0], page, 8, (off_t)(uintptr_t)page), 8);
	EXPECT(pread(fd[1], page, 8, 0) == 8);
	REQUIRE(write(go[1], &byte, 1) == 1);
	run_report(&run);
	/* The same addresses are used in both: both run this program. */
	if (on_tine()) {
		EXPECT_EQ(pread(fd[0], page, 8, (off_t)(uintptr_t)page), 0);
		EXPECT_EQ(pwrite(fd[0], page, 8, (off_t)(uintptr_t)page), 0);
	}
	EXPECT_EQ(pread(fd[0], page, 8, (off_t)(uintptr_t)reporter), 0);
	EXPECT_EQ(pwrite(fd[0], page, 8, (off_t)(uintptr_t)page), 0);
	for (size_t i = 1; i < ARRAY_LEN(inside); i++) {
		EXPECT_EQ(lseek(fd[i], 0, SEEK_SET), 0);
		if (!EXPECT_EQ(read(fd[i], page, PG), 0))
			utest_note("that is %s", inside[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(inside); i++)
		close(fd[i]);
	close(dir);
	close(go[0]);
	close(go[1]);
	run_end(&run);
}

FSTEST(old_fds, "I5 what was opened of a program shows nothing of the next")
{
	program("prog", 0, 0, 0755);
	old_descriptors("prog");
	program("prog", BOB, CLUB, 06755);
	old_descriptors("prog");
	program("prog", 0, 0, 04755);
	old_descriptors("prog");
}

FSTEST(old_dir, "I5 a directory opened in /proc before shows nothing, too")
{
	char byte = 0, link[200];
	struct run run;
	int go[2];
	pid_t looker;

	program("prog", 0, 0, 04755);
	REQUIRE(pipe(go) == 0);
	run_prepare(&run);
	run.pid = utest_fork();
	if (run.pid == 0) {
		become(ALICE, ALICE);
		REQUIRE(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0);
		REQUIRE(write(run.out[1], &byte, 1) == 1);
		REQUIRE(read(go[0], &byte, 1) == 1);
		execute(&run, "prog");
	}
	REQUIRE(read(run.out[0], &byte, 1) == 1);
	looker = utest_fork();
	if (looker == 0) {
		int top, fds;

		become(ALICE, ALICE);
		top = open_in(run.pid, "", O_RDONLY | O_DIRECTORY);
		fds = open_in(run.pid, "fd", O_RDONLY | O_DIRECTORY);
		REQUIRE(top >= 0 && fds >= 0);
		EXPECT(readlinkat(fds, "0", link, sizeof(link)) > 0);
		REQUIRE(write(go[1], &byte, 1) == 1);
		run_report(&run);
		EXPECT_ERR(openat(top, "mem", O_RDWR), EACCES);
		EXPECT_ERR(openat(top, "maps", O_RDONLY), EACCES);
		EXPECT_ERR(readlinkat(top, "exe", link, sizeof(link)), EACCES);
		EXPECT(readlinkat(fds, "0", link, sizeof(link)) < 0);
		EXPECT(openat(fds, "0", O_RDONLY) < 0);
		close(run.in[1]);
		EXPECT_EQ(read(run.out[0], &run.r, sizeof(run.r)),
			  sizeof(run.r));
		utest_done();
	}
	close(run.in[1]);
	close(run.in[0]);
	EXPECT_CLEAN(looker);
	EXPECT_EXIT(run.pid, 0);
}

/* ---- I6: su, O_NOATIME ---- */

/* What a command of the shell prints, run by this user. */
static void
expect_shell(uid_t uid, const char *command, const char *want, int line)
{
	char have[200];
	size_t n = 0;
	ssize_t got;
	int fd[2];
	pid_t pid;

	REQUIRE(pipe(fd) == 0);
	pid = utest_fork();
	if (pid == 0) {
		become(uid, uid);
		dup2(fd[1], 1);
		dup2(fd[1], 2);
		close(fd[0]);
		close(fd[1]);
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(126);
	}
	close(fd[1]);
	while ((got = read(fd[0], have + n, sizeof(have) - 1 - n)) > 0)
		n += (size_t)got;
	have[n] = '\0';
	close(fd[0]);
	waitpid(pid, NULL, 0);
	if (strcmp(have, want) != 0)
		utest_fail(__FILE__, line, "'%s' prints '%s'", command, have);
}

UTEST(su, "I6 su: root becomes any user, others one without a password")
{
	static const char guest[] = "uid=1000(guest) gid=1000(guest) "
				    "groups=1000(guest),100(users)\n";
	static const char student[] = "uid=1001(student) gid=1001(student) "
				      "groups=1001(student),100(users)\n";
	static const char home[] =
		"/bin/su student -c 'cd && >f && /bin/ls -l f | "
		"/bin/cut -d \" \" -f 1-4; /bin/rm f'";
	static const char no[] =
		"su: root: only root may change to a user with a password\n";

	need_tine("it is about Tine's su");
	expect_shell(0, "/bin/su guest -c /bin/id", guest, __LINE__);
	expect_shell(0, "/bin/su -c '/bin/id -G; pwd >/dev/null; echo $USER'",
		     "0\nroot\n", __LINE__);
	expect_shell(ALICE, "/bin/su guest -c /bin/id", guest, __LINE__);
	expect_shell(ALICE, "/bin/id student", student, __LINE__);
	expect_shell(ALICE, "/bin/su student -c '/bin/id'", student, __LINE__);
	expect_shell(0, home, "-rw-r--r-- 1 student student\n", __LINE__);
	expect_shell(ALICE, "/bin/su -c /bin/id", no, __LINE__);
	expect_shell(1000, "/bin/su root", no, __LINE__);
	expect_shell(1000, "/bin/su nosuch", "su: nosuch: no such user\n",
		     __LINE__);
}

UTEST(etc, "I6 the usual users have names, and the machine has")
{
	need_tine("it is about the files of Tine's disk");
	expect_shell(ALICE, "/bin/id -un daemon; /bin/id -u nobody",
		     "daemon\n65534\n", __LINE__);
	expect_shell(ALICE, "/bin/id bin",
		     "uid=2(bin) gid=2(bin) groups=2(bin)\n", __LINE__);
	expect_shell(ALICE, "/bin/cut -f 2 /etc/hosts", "localhost\ntine\n",
		     __LINE__);
	expect_shell(ALICE, "/bin/uname -n", "tine\n", __LINE__);
}

FSTEST(noatime, "I6 O_NOATIME is for the owner")
{
	pid_t pid;

	if (geteuid() != 0)
		SKIP("only root can become another user");
	put("f", 'x', 10);
	REQUIRE(chown("f", ALICE, CLUB) == 0 && chmod("f", 0664) == 0);
	put("g", 'x', 10);
	REQUIRE(chmod("g", 0600) == 0);
	EXPECT(open("f", O_RDONLY | O_NOATIME) >= 0);
	pid = utest_fork();
	if (pid == 0) {
		int fd;

		become(BOB, CLUB);
		EXPECT_ERR(open("f", O_RDONLY | O_NOATIME), EPERM);
		EXPECT_ERR(open("f", O_WRONLY | O_NOATIME), EPERM);
		EXPECT_ERR(open("f", O_RDONLY | O_CREAT | O_NOATIME, 0600),
			   EPERM);
		EXPECT_ERR(open("g", O_RDONLY | O_NOATIME), EACCES);
		fd = open("f", O_RDONLY);
		EXPECT_ERR(fcntl(fd, F_SETFL, O_NOATIME), EPERM);
		EXPECT_EQ(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
		EXPECT_EQ(fcntl(fd, F_GETFL) & (O_NOATIME | O_NONBLOCK),
			  O_NONBLOCK);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	pid = utest_fork();
	if (pid == 0) {
		int fd;

		become(ALICE, ALICE);
		fd = open("f", O_RDONLY | O_NOATIME);
		EXPECT(fd >= 0);
		EXPECT_EQ(fcntl(fd, F_SETFL, O_NOATIME), 0);
		EXPECT_EQ(fcntl(fd, F_SETFL, 0), 0);
		EXPECT_EQ(fcntl(fd, F_SETFL, O_NOATIME), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
}
