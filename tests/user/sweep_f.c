/* SPDX-License-Identifier: MIT */
/*
 * tests/user/sweep_f.c - shortage at every place: rows F4 and C8.
 *
 * For each system call its nth allocation fails, for n = 1, 2, ... until the
 * call needs no more.  The call must then say ENOMEM (or what its case allows),
 * nothing that the process can see may have changed, and the same call must
 * succeed at once.  A second pass fails the nth and all later ones; a third
 * fails copies from and to user memory instead.
 */
#include "sweep.h"
#include "calls.h"
#include "hunger.h"
#include "thread.h"

#include <sys/resource.h>

#define MOST 400 /* failures one call may meet */

/* What the nth failure is written as. */
struct way {
	const char *format;
	bool copies, lasting;
};

static const struct way once = { "%ld", false, false },
			lasting = { "-%ld", false, true },
			copies = { "copy %ld", true, false };

static void
arm(int fd, const struct way *way, long n)
{
	char text[24];
	int len = snprintf(text, sizeof(text), way->format, n);

	REQUIRE(pwrite(fd, text, (size_t)len, 0) == len);
}

/* ---- what a process can see -------------------------------------------- */

enum { OPEN_FILES, MAPPINGS, FILES, MEMORY, ITSELF, VIEWS };
static const char *const view_name[VIEWS] = { "open files", "mappings", "files",
					      "memory", "itself" };

struct view {
	uint64_t of[VIEWS];
};

static void
mix(uint64_t *sum, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++)
		*sum = (*sum ^ p[i]) * 0x100000001b3;
}

static void
mix_number(uint64_t *sum, long n)
{
	*sum = (*sum ^ (uint64_t)n) * 0x9e3779b97f4a7c15ull;
}

static void
mix_file(uint64_t *sum, int fd)
{
	char buf[1024];
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		mix(sum, buf, (size_t)n);
	mix_number(sum, fd < 0);
	if (fd >= 0)
		close(fd);
}

static void
mix_dir(uint64_t *sum, int dir)
{
	char buf[1024] __attribute__((aligned(8)));
	struct stat st;
	uint64_t names = 0;
	long n;

	lseek(dir, 0, SEEK_SET);
	while ((n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const unsigned short *len =
				(const void *)(buf + at + 16);
			const char *name = buf + at + 19;
			uint64_t one = 0;

			at += *len;
			if (strcmp(name, "..") == 0)
				continue;
			mix(&one, name, strlen(name));
			if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
				st.st_mode = 0;
			mix_number(&one, st.st_mode);
			mix_number(&one, (long)st.st_nlink);
			mix_number(&one, st.st_uid);
			if (!S_ISDIR(st.st_mode))
				mix_number(&one, st.st_size);
			if (S_ISREG(st.st_mode))
				mix_file(&one, openat(dir, name, O_RDONLY));
			names += one; /* in any order */
		}
	}
	mix_number(sum, (long)names);
	lseek(dir, 0, SEEK_SET);
}

static struct view
look(void)
{
	struct view v = { { 0 } };
	char cwd[256] = "";
	sigset_t set;
	int dir;

	for (int fd = 0; fd < 256; fd++) {
		int flags = fcntl(fd, F_GETFD);

		if (flags < 0)
			continue;
		mix_number(&v.of[OPEN_FILES], fd * 2 + flags);
		if (fd != sweep.dir)
			mix_number(&v.of[OPEN_FILES], lseek(fd, 0, SEEK_CUR));
	}
	mix_file(&v.of[MAPPINGS], open("/proc/self/maps", O_RDONLY));
	mix_dir(&v.of[FILES], sweep.dir);
	dir = open("dir", O_RDONLY | O_DIRECTORY);
	if (dir >= 0) {
		mix_dir(&v.of[FILES], dir);
		close(dir);
	}
	mix(&v.of[MEMORY], sweep.area, SWEEP_AREA * PG);
	if (getcwd(cwd, sizeof(cwd)) != NULL)
		mix(&v.of[ITSELF], cwd, strlen(cwd));
	sigprocmask(SIG_BLOCK, NULL, &set);
	mix(&v.of[ITSELF], &set, 8);
	sigpending(&set);
	mix(&v.of[ITSELF], &set, 8);
	mix_number(&v.of[ITSELF], getpgrp());
	mix_number(&v.of[ITSELF], getsid(0));
	mix_number(&v.of[ITSELF], getuid());
	mix_number(&v.of[ITSELF], getgid());
	mix_number(&v.of[ITSELF], getgroups(0, NULL));
	return v;
}

/* ---- one case ---------------------------------------------------------- */

enum { NOT_REACHED, ABSORBED, REFUSED };

static bool cold; /* without anything in the caches */

static void
fail_case(const struct sweep_case *c, const struct way *way, long n,
	  const char *what, long more)
{
	char where[24];

	snprintf(where, sizeof(where), way->format, n);
	utest_fail(__FILE__, __LINE__, "%s %s, fail-nth %s: %s (%ld, %s)",
		   c->call, c->what, where, what, more,
		   more == -1 ? strerrorname_np(errno) : "");
}

static void
drop_caches(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	sync();
	REQUIRE(write(fd, "3", 1) == 1);
	close(fd);
}

/* The call with its nth failure: nothing changes, and then the call works. */
static int
try_case(const struct sweep_case *c, const struct way *way, long n, int fd,
	 struct view *was)
{
	struct view now;
	bool fired;
	long got;
	int err;

	c->before();
	if (n == 1 || (c->flags & SW_ALONE))
		*was = look();
	if (cold)
		drop_caches();
	arm(fd, way, n);
	got = c->run();
	err = errno;
	fired = fail_disarm(fd) == 0;
	errno = err;
	if (got != -1) {
		c->after(got);
		return fired ? ABSORBED : NOT_REACHED;
	}
	if (!fired) {
		fail_case(c, way, n, "fails without a failure", -1);
		return NOT_REACHED;
	}
	if (err != (way->copies ? EFAULT : ENOMEM) && err != c->err)
		fail_case(c, way, n, "must not say so", -1);
	if (way->copies && (c->flags & SW_KEEPS)) {
		c->after(got);
		return REFUSED;
	}
	now = look();
	for (int i = 0; i < VIEWS; i++)
		if (now.of[i] != was->of[i])
			fail_case(c, way, n, view_name[i], i);
	got = c->run();
	if (got == -1)
		fail_case(c, way, n, "does not succeed then", -1);
	c->after(got);
	return REFUSED;
}

static int
try_alone(const struct sweep_case *c, const struct way *way, long n)
{
	struct view was;
	pid_t pid = utest_fork();
	int status, fd;

	if (pid == 0) {
		sweep_own();
		fd = fail_open();
		status = try_case(c, way, n, fd, &was);
		_exit(utest_failures != 0 ? 1 : 10 + status);
	}
	status = utest_wait(pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) >= 10)
		return WEXITSTATUS(status) - 10;
	fail_case(c, way, n, "its process ends with", status);
	return NOT_REACHED;
}

/* Every n there is; returns how many failures the call has answered. */
static long
sweep_case(const struct sweep_case *c, const struct way *way)
{
	int fd = fail_open(), result = ABSORBED;
	long n, refused = 0;
	struct view was;

	for (n = 1; n < MOST && result != NOT_REACHED; n++) {
		result = (c->flags & SW_ALONE) ? try_alone(c, way, n)
					       : try_case(c, way, n, fd, &was);
		refused += result == REFUSED;
	}
	EXPECT(n < MOST);
	close(fd);
	return refused;
}

/* ---- all of them ------------------------------------------------------- */

static bool
wanted(const struct sweep_case *c, const struct way *way, unsigned flags)
{
	if (utest_param(0, 0) != 0 &&
	    c - sweep_cases(&(size_t){ 0 }) + 1 != utest_param(0, 0))
		return false;
	return (c->flags & flags) == flags &&
	       !(way->lasting && (c->flags & SW_BRIEF)) &&
	       !(way->copies && (c->flags & SW_NO_COPY));
}

/* Shared with the parent, which waits while a child makes the tries. */
struct progress {
	long at, refused;
};

static void
try_all(const struct sweep_case *c, size_t n, const struct way *way,
	unsigned flags, volatile struct progress *p)
{
	sweep_own();
	for (size_t i = 0; i < n; i++) {
		if (!wanted(&c[i], way, flags))
			continue;
		p->at = (long)i;
		p->refused += sweep_case(&c[i], way);
		if (utest_failures > 10)
			break;
		if (!way->copies && !EXPECT_AUDIT())
			utest_note("after %s %s", c[i].call, c[i].what);
	}
	utest_done();
}

/*
 * With -p NUMBER one case alone: the harness counts memory after each test, so
 * this finds a case that keeps some.
 */
static void
sweep_all(const char *where, const struct way *way, unsigned flags)
{
	size_t n;
	const struct sweep_case *c = sweep_cases(&n);
	volatile struct progress *p;
	pid_t pid;

	close(fail_open());
	p = shared_new(1);
	sweep_begin(where);
	pid = utest_fork();
	if (pid == 0)
		try_all(c, n, way, flags, p);
	if (!EXPECT_CLEAN(pid))
		utest_note("the last was case %ld, %s %s", p->at + 1,
			   c[p->at].call, c[p->at].what);
	sweep_end(where);
	EXPECT(utest_param(0, 0) != 0 || p->refused > 150);
	utest_note("%ld failures were refused", p->refused);
}

UTEST(f4_whole, "F4 each system call is swept, or it is said why not")
{
	size_t n, cases;
	const struct call_args *calls = call_args(&n);
	const struct sweep_case *c = sweep_cases(&cases);

	for (size_t i = 0; i < n; i++) {
		size_t have = 0;

		for (size_t k = 0; k < cases; k++)
			have += strcmp(c[k].call, calls[i].name) == 0;
		if ((have > 0) == (sweep_exempt(calls[i].name) != NULL))
			utest_fail(__FILE__, __LINE__, "%s: %zu cases",
				   calls[i].name, have);
	}
}

UTEST(f4_once, "F4 each call with its nth allocation failing")
{
	sweep_all("/tmp/sweep", &once, 0);
}

UTEST(f4_lasting, "F4 each call with its nth and later ones failing")
{
	sweep_all("/tmp/sweep", &lasting, 0);
}

UTEST(f4_disk, "F4 calls on files of the disk, nothing being cached")
{
	cold = true;
	sweep_all("/sweep", &once, SW_TREE);
}

UTEST(c8_copies, "C8 each call with its nth copy of user memory failing")
{
	sweep_all("/tmp/sweep", &copies, 0);
}

/* ---- execve ------------------------------------------------------------ */

#define SWEPT_FD 9 /* fail-nth in the new program */

/* The new program: says whether the failure has come. */
static void __attribute__((constructor)) in_new_program(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--swept") == 0)
		_exit(fail_disarm(SWEPT_FD) == 0 ? 21 : 20);
}

struct exec_case {
	const char *what, *path;
	char **argv;
};

/* The nth failure meets a static program that is started in this process. */
static void __attribute__((noreturn))
starved_exec(const struct exec_case *x, const struct way *way, long n,
	     volatile struct progress *p)
{
	struct sweep_case c = { .call = "execve", .what = x->what };
	char *env[] = { "A=b", NULL };
	struct view was, now;
	bool fired;
	int err;

	sweep_own();
	REQUIRE(dup2(fail_open(), SWEPT_FD) == SWEPT_FD);
	was = look();
	arm(SWEPT_FD, way, n);
	execve(x->path, x->argv, env);
	err = errno;
	fired = fail_disarm(SWEPT_FD) == 0;
	errno = err;
	if (!fired || err != ENOMEM)
		fail_case(&c, way, n, "must not say so", -1);
	now = look();
	for (int i = 0; i < VIEWS; i++)
		if (now.of[i] != was.of[i])
			fail_case(&c, way, n, view_name[i], i);
	if (utest_failures != 0)
		_exit(1);
	p->refused++;
	fail_arm(SWEPT_FD, 1000000);
	execve(x->path, x->argv, env);
	_exit(2);
}

/* A process that shares this one's descriptors and ends with it. */
static pid_t
share_files(void)
{
	long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);

	REQUIRE(pid >= 0);
	while (pid == 0)
		pause();
	return (pid_t)pid;
}

static void *
keep_counting(void *count)
{
	for (;;) {
		++*(_Atomic unsigned *)count;
		sched_yield();
	}
	return count;
}

static void
sweep_exec(const struct exec_case *x, const struct way *way,
	   volatile struct progress *p)
{
	struct sweep_case c = { .call = "execve", .what = x->what };
	bool more = true;
	long n;

	for (n = 1; more && n < MOST; n++) {
		long before = p->refused;
		pid_t pid = utest_fork();
		int status;

		if (pid == 0)
			starved_exec(x, way, n, p);
		status = utest_wait(pid);
		/*
		 * 127, or a crash: what the new C library does without memory.
		 */
		more = p->refused > before || status == 21 << 8 ||
		       status == 127 << 8 ||
		       (way->lasting &&
			(status == SIGKILL || status == SIGSEGV));
		if (status != 20 << 8 && !more)
			fail_case(&c, way, n, "ends with", status);
		if (status != 20 << 8 && p->refused > before)
			fail_case(&c, way, n, "then ends with", status);
	}
	EXPECT(n < MOST);
	EXPECT_AUDIT();
}

UTEST(f4_exec, "F4 execve with its nth allocation failing at every stage")
{
	static char self[200], line[300], words[100][102], *many_words[103];
	char *few[] = { self, "--swept", NULL };
	char *plain[] = { "script", NULL };
	volatile struct progress *p;
	struct exec_case x[] = {
		{ "a program", self, few },
		{ "many arguments", self, many_words },
		{ "a script", "script", plain },
	};
	int fd;

	close(fail_open());
	p = shared_new(1);
	REQUIRE(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	many_words[0] = self;
	many_words[1] = "--swept";
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		memset(words[i], 'w', sizeof(words[i]) - 1);
		many_words[i + 2] = words[i];
	}
	sweep_begin("/tmp/sweep");
	fd = open("script", O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	REQUIRE(fd >= 0);
	snprintf(line, sizeof(line), "#!%s --swept\n", self);
	REQUIRE(write(fd, line, strlen(line)) == (ssize_t)strlen(line));
	close(fd);
	for (size_t i = 0; i < ARRAY_LEN(x); i++) {
		long before = p->refused;

		sweep_exec(&x[i], &once, p);
		sweep_exec(&x[i], &lasting, p);
		EXPECT(p->refused > before + 20);
	}
	utest_note("%ld failures were refused", p->refused);
	unlink("script");
	sweep_end("/tmp/sweep");
}

/*
 * An exec fails in a process with a second thread, while another process shares
 * the descriptors.  The thread must live on, and the descriptors must still be
 * shared.
 */
static void
exec_beside_thread(long n)
{
	char *argv[] = { "utest", "--swept", NULL };
	_Atomic unsigned count = 0;
	int err;
	pid_t other = share_files();
	pthread_t t;
	unsigned seen;

	REQUIRE(dup2(fail_open(), SWEPT_FD) == SWEPT_FD);
	/*
	 * Before a second thread runs: the code cannot be executed meanwhile.
	 */
	own_program();
	REQUIRE(pthread_create(&t, NULL, keep_counting, &count) == 0);
	while (count == 0)
		sched_yield();
	fail_arm(SWEPT_FD, n);
	execve("/proc/self/exe", argv, NULL);
	err = errno;
	if (fail_disarm(SWEPT_FD) != 0 || err != ENOMEM)
		_exit(1);
	seen = count;
	while (count == seen)
		sched_yield();
	kill(other, SIGKILL);
	_exit(22);
}

UTEST(f4_exec_thread, "F4 a failing execve ends no thread")
{
	int status = 22 << 8;
	long n, refused = 0;

	close(fail_open());
	for (n = 1; n < MOST && status >= 21 << 8; n++) {
		pid_t pid = utest_fork();

		if (pid == 0)
			exec_beside_thread(n);
		status = utest_wait(pid);
		refused += status == 22 << 8;
	}
	EXPECT_EQ(status, 20 << 8);
	EXPECT(refused > 20);
	utest_note("%ld failures were refused", refused);
}

UTEST(f4_emfile, "F4 open without a free descriptor makes no file")
{
	struct rlimit limit = { 20, 20 };

	close(fail_open());
	sweep_begin("/tmp/sweep");
	while (dup(0) >= 0 && setrlimit(RLIMIT_NOFILE, &limit) == 0)
		;
	EXPECT_ERR(open("n", O_RDWR | O_CREAT, 0600), EMFILE);
	EXPECT_ERR(access("n", F_OK), ENOENT);
	sweep_end("/tmp/sweep");
}
