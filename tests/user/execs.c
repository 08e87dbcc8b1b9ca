/* SPDX-License-Identifier: MIT */
/*
 * tests/user/execs.c - what a child has of its parent, what is left of a
 * process after exec, and how vfork and clone share.
 *
 * The program that is executed is this one: called "look WHAT WORD", it looks
 * at itself before main() and exits, with 0 when everything is as it should be.
 */
#include "meet.h"

#include <elf.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "arch.h"

/* ---- the program's other half ---- */

static bool
timer_runs(void)
{
	struct itimerval it;

	getitimer(ITIMER_REAL, &it);
	return it.it_value.tv_sec > 0 && it.it_interval.tv_sec == 700;
}

static bool
signals_reset(void)
{
	struct sigaction sa;

	sigaction(SIGUSR2, NULL, &sa);
	return handler_of(SIGUSR1) == SIG_IGN && sa.sa_handler == SIG_DFL &&
	       sa.sa_flags == 0 && sigismember(&sa.sa_mask, SIGHUP) == 0;
}

static bool
signals_kept(void)
{
	siginfo_t i;

	return is_blocked(SIGUSR1) && is_blocked(SIGRTMIN) &&
	       !is_blocked(SIGUSR2) && take(SIGUSR1, 0, &i) == SIGUSR1 &&
	       i.si_pid == getpid() && take(SIGRTMIN, 0, &i) == SIGRTMIN &&
	       i.si_value.sival_int == 5 && take(SIGRTMIN, 0, &i) == SIGRTMIN &&
	       i.si_value.sival_int == 6;
}

static bool
no_altstack(void)
{
	stack_t st;

	return sigaltstack(NULL, &st) == 0 && st.ss_flags == SS_DISABLE;
}

static bool
registers_clear(void)
{
	return fp_wrong(0) == 0 && rounding_get() == ROUND_NEAREST;
}

/* word: its group and its session, as the parent sees them */
static bool
settings_kept(const char *word)
{
	struct rlimit r;
	char cwd[64], ids[64];

	getrlimit(RLIMIT_NOFILE, &r);
	snprintf(ids, sizeof(ids), "%d,%d", (int)getpgrp(), (int)getsid(0));
	return umask(0) == 027 && getpriority(PRIO_PROCESS, 0) == 3 &&
	       r.rlim_cur == 61 && r.rlim_max == 200 &&
	       getcwd(cwd, sizeof(cwd)) != NULL && strcmp(cwd, "/proc") == 0 &&
	       strcmp(word, ids) == 0;
}

static bool
times_kept(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return u.ru_utime.tv_sec * 1000000 + u.ru_utime.tv_usec +
		       u.ru_stime.tv_sec * 1000000 + u.ru_stime.tv_usec >=
	       9999;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* word: the 16 bytes that the last program got */
static bool
auxv_right(const char *word)
{
	const unsigned char *r = (const unsigned char *)getauxval(AT_RANDOM);
	const char *name = (const char *)getauxval(AT_EXECFN);
	char now[40];

	for (int i = 0; i < 16; i++)
		snprintf(now + 2 * i, 3, "%02x", r[i]);
	if (word[0] == '\0')
		execl("/proc/self/exe", "look", "auxv", now, NULL);
	return strcmp(word, now) != 0 && strcmp(name, "/proc/self/exe") == 0 &&
	       getauxval(AT_PAGESZ) == PG && getauxval(AT_CLKTCK) == 100 &&
	       getauxval(AT_PHENT) == sizeof(Elf64_Phdr) &&
	       ((const Elf64_Phdr *)getauxval(AT_PHDR))[0].p_type != 0 &&
	       getauxval(AT_PHNUM) > 2 && getauxval(AT_ENTRY) != 0 &&
	       getauxval(AT_UID) == getuid() && getauxval(AT_GID) == getgid();
}

/* The program lies in the root directory, with nothing beside it. */
static bool
root_kept(void)
{
	return access("/prog", X_OK) == 0 && access("/../prog", X_OK) == 0 &&
	       access("/bin", F_OK) != 0 && access("/../bin", F_OK) != 0;
}

static bool
look(const char *what, const char *word)
{
	if (strcmp(what, "registers") == 0)
		return registers_clear();
	if (strcmp(what, "reset") == 0)
		return signals_reset();
	if (strcmp(what, "kept") == 0)
		return signals_kept();
	if (strcmp(what, "stack") == 0)
		return no_altstack();
	if (strcmp(what, "timer") == 0)
		return timer_runs();
	if (strcmp(what, "settings") == 0)
		return settings_kept(word);
	if (strcmp(what, "times") == 0)
		return times_kept();
	if (strcmp(what, "root") == 0)
		return root_kept();
	if (strcmp(what, "files") == 0)
		return is_open(40) && !is_open(41) && !is_open(42);
	if (strcmp(what, "auxv") == 0)
		return auxv_right(word);
	return false;
}

/* As an interpreter: what it was given, each argument in <>. */
static void
interpret(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		dprintf(1, "<%s>", argv[i]);
	_exit(0);
}

/* glibc gives a constructor main()'s arguments. */
static void __attribute__((constructor)) look_first(int argc, char **argv)
{
	const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;

	if (slash != NULL && strcmp(slash, "/interp") == 0)
		interpret(argc, argv);
	if (argc == 3 && strcmp(argv[0], "look") == 0)
		_exit(!look(argv[1], argv[2]));
}

/* Only _exit(127) after failure. */
static void __attribute__((noreturn))
exec_look(const char *what, const char *word)
{
	execl("/proc/self/exe", "look", what, word, NULL);
	_exit(127);
}

/* ---- exec ---- */

UTEST(exec_signals, "EX1 exec: ignored stays, caught is reset, flags go")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		signal(SIGUSR1, SIG_IGN);
		catch_signal(SIGUSR2, SA_RESTART | SA_ONSTACK, SIGHUP);
		exec_look("reset", "");
	}
	EXPECT_EXIT(pid, 0);
	pid = utest_fork();
	if (pid == 0) {
		struct sigaction sa = { .sa_handler = SIG_DFL,
					.sa_flags = SA_RESTART,
					.sa_mask = set_of(SIGHUP, 0) };

		signal(SIGUSR1, SIG_IGN);
		REQUIRE(sigaction(SIGUSR2, &sa, NULL) == 0);
		exec_look("reset", "");
	}
	EXPECT_EXIT(pid, 0);
}

UTEST(exec_pending, "EX2 exec: the mask stays, and what waits behind it")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		mask_change(SIG_SETMASK, SIGUSR1, SIGRTMIN);
		kill(getpid(), SIGUSR1);
		sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 5 });
		sigqueue(getpid(), SIGRTMIN, (union sigval){ .sival_int = 6 });
		exec_look("kept", "");
	}
	EXPECT_EXIT(pid, 0);
}

UTEST(exec_stack, "EX3 exec: no alternate stack is left")
{
	static char room[65536];
	stack_t st = { .ss_sp = room, .ss_size = sizeof(room) };
	pid_t pid = utest_fork();

	if (pid == 0) {
		REQUIRE(sigaltstack(&st, NULL) == 0);
		exec_look("stack", "");
	}
	EXPECT_EXIT(pid, 0);
}

UTEST(exec_registers, "EX4 exec: the floating-point registers are clear")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		rounding_set(ROUND_UPWARD);
		fp_fill(7);
		/* A fork has the kernel keep them. */
		if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0)
			_exit(0);
		exec_look("registers", "");
	}
	EXPECT_EXIT(pid, 0);
}

UTEST(exec_timer, "EX5 exec: the interval timer runs on; fork: it does not")
{
	struct itimerval it = { .it_value.tv_sec = 1000,
				.it_interval.tv_sec = 700 },
			 old;
	pid_t pid = utest_fork();

	if (pid == 0) {
		REQUIRE(setitimer(ITIMER_REAL, &it, NULL) == 0);
		exec_look("timer", "");
	}
	EXPECT_EXIT(pid, 0);
	REQUIRE(setitimer(ITIMER_REAL, &it, NULL) == 0);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT(!timer_runs());
		EXPECT_EQ(alarm(0), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	it = (struct itimerval){ 0 };
	REQUIRE(setitimer(ITIMER_REAL, &it, &old) == 0);
	EXPECT(old.it_value.tv_sec > 800 && old.it_value.tv_sec <= 1000);
	EXPECT_EQ(old.it_interval.tv_sec, 700);
	EXPECT_EQ(alarm(1000), 0);
	EXPECT(alarm(0) > 800);
}

/* Gives itself what settings_kept() looks for, except the ids. */
static void
change_settings(void)
{
	struct rlimit r = { 61, 200 };

	umask(027);
	REQUIRE(setpriority(PRIO_PROCESS, 0, 3) == 0);
	REQUIRE(setrlimit(RLIMIT_NOFILE, &r) == 0);
	REQUIRE(chdir("/proc") == 0);
}

UTEST(settings, "EX6 fork and exec keep mask, nice, limits, folder and group")
{
	char ids[64];
	pid_t pid = utest_fork();

	if (pid != 0) {
		EXPECT_CLEAN(pid);
		return;
	}
	REQUIRE(setsid() == getpid());
	change_settings();
	snprintf(ids, sizeof(ids), "%d,%d", (int)getpid(), (int)getpid());
	pid = utest_fork();
	if (pid == 0) {
		EXPECT(settings_kept(ids));
		utest_done();
	}
	EXPECT_CLEAN(pid);
	pid = utest_fork();
	if (pid == 0)
		exec_look("settings", ids);
	EXPECT_EXIT(pid, 0);
	utest_done();
}

/* This program, copied. */
static void
copy_self(const char *to)
{
	int in = open("/proc/self/exe", O_RDONLY);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0755);
	char buf[4096];
	ssize_t n;

	REQUIRE(in >= 0 && out >= 0);
	while ((n = read(in, buf, sizeof(buf))) > 0)
		REQUIRE(write(out, buf, (size_t)n) == n);
	close(in);
	close(out);
}

UTEST(exec_root, "EX13 exec keeps the root directory")
{
	pid_t pid;

	need_tine("elsewhere the program needs libraries");
	REQUIRE(mkdir("/tmp/ex13", 0755) == 0);
	copy_self("/tmp/ex13/prog");
	pid = utest_fork();
	if (pid == 0) {
		REQUIRE(chroot("/tmp/ex13") == 0 && chdir("/") == 0);
		execl("prog", "look", "root", "", NULL);
		_exit(127);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(unlink("/tmp/ex13/prog"), 0);
	EXPECT_EQ(rmdir("/tmp/ex13"), 0);
}

UTEST(exec_times, "EX7 exec: the times of children stay")
{
	struct timespec t;
	pid_t pid = utest_fork();

	if (pid == 0) {
		pid = utest_fork();
		if (pid == 0) {
			do
				clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
			while (t.tv_nsec < 10000000);
			_exit(0);
		}
		EXPECT_EXIT(pid, 0);
		exec_look("times", "");
	}
	EXPECT_EXIT(pid, 0);
}

UTEST(exec_auxv, "EX8 exec: the auxiliary vector, and fresh random bytes in it")
{
	pid_t pid = utest_fork();

	if (pid == 0)
		exec_look("auxv", "");
	EXPECT_EXIT(pid, 0);
}

/* ---- scripts ---- */

static char dir[200]; /* of the scripts and the interpreter */

/* A script of n bytes, in which '@' stands for the folder. */
static void
script(const char *name, const char *text, size_t n)
{
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0755);
	REQUIRE(fd >= 0);
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '@')
			REQUIRE(write(fd, dir, strlen(dir)) > 0);
		else
			REQUIRE(write(fd, text + i, 1) == 1);
	}
	close(fd);
}

/* What the script's interpreter says; or the error of execve. */
static const char *
run_script(const char *name)
{
	static char out[2000];
	char path[300];
	int fd[2];
	ssize_t n;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	REQUIRE(pipe(fd) == 0);
	pid = utest_fork();
	if (pid == 0) {
		dup2(fd[1], 1);
		execl(path, "zero", "one", NULL);
		dprintf(1, "%s", strerrorname_np(errno));
		_exit(0);
	}
	close(fd[1]);
	EXPECT_EXIT(pid, 0);
	n = read(fd[0], out, sizeof(out) - 1);
	out[n > 0 ? n : 0] = '\0';
	close(fd[0]);
	return out;
}

/* A script of that text, run, says that; '@' stands for the folder there, too. */
static void
expect_script(const char *text, size_t n, const char *want, int line)
{
	char whole[2000] = "";
	const char *got;

	for (const char *p = want; *p != '\0'; p++) {
		if (*p == '@')
			strcat(whole, dir);
		else
			strncat(whole, p, 1);
	}
	script("s", text, n);
	got = run_script("s");
	if (strcmp(got, whole) != 0)
		utest_fail(__FILE__, line, "%.*s: %s, not %s", (int)n, text,
			   got, whole);
}
#define EXPECT_SCRIPT(text, want) \
	expect_script(text, sizeof(text) - 1, want, __LINE__)

static void
begin_scripts(void)
{
	char path[300];

	snprintf(dir, sizeof(dir), "%s/ex14.%d", utest_dir, (int)getpid());
	REQUIRE(mkdir(dir, 0755) == 0);
	snprintf(path, sizeof(path), "%s/interp", dir);
	copy_self(path);
}

static void
end_scripts(void)
{
	static const char *const names[] = { "interp", "s",  "s1", "s2",
					     "s3",     "s4", "s5", "s6" };
	char path[300];

	for (unsigned i = 0; i < ARRAY_LEN(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
	EXPECT_EQ(rmdir(dir), 0);
}

UTEST(scripts, "EX14 a #! line: the interpreter and one argument at most")
{
	begin_scripts();
	EXPECT_SCRIPT("#!@/interp\n", "<@/s><one>");
	EXPECT_SCRIPT("#! \t @/interp \t \nmore\n", "<@/s><one>");
	EXPECT_SCRIPT("#!@/interp a\n", "<a><@/s><one>");
	EXPECT_SCRIPT("#!@/interp \t a  b\tc \t\n", "<a  b\tc><@/s><one>");
	/* Without an end of line the blanks before the end count. */
	EXPECT_SCRIPT("#!@/interp", "<@/s><one>");
	EXPECT_SCRIPT("#!@/interp a", "<a><@/s><one>");
	EXPECT_SCRIPT("#!@/interp a  ", "<a  ><@/s><one>");
	EXPECT_SCRIPT("#!@/interp  ", "<><@/s><one>");
	/* A NUL ends the name, or the argument. */
	EXPECT_SCRIPT("#!@/interp\0 a\n", "<@/s><one>");
	EXPECT_SCRIPT("#!@/interp\0", "<@/s><one>");
	EXPECT_SCRIPT("#!@/interp \0a\n", "<><@/s><one>");
	EXPECT_SCRIPT("#!@/interp a\0b\n", "<a><@/s><one>");
	EXPECT_SCRIPT("#!@/interp a \0b\n", "<a ><@/s><one>");
	EXPECT_SCRIPT("#!", "EACCES");
	EXPECT_SCRIPT("#!\0", "EACCES");
	EXPECT_SCRIPT("#!\n", "ENOEXEC");
	EXPECT_SCRIPT("#! \t\n@/interp\n", "ENOEXEC");
	EXPECT_SCRIPT("#!@/none\n", "ENOENT");
	EXPECT_SCRIPT("#!@\n", "EACCES");
	EXPECT_SCRIPT("no script\n", "ENOEXEC");
	EXPECT_SCRIPT("", "ENOEXEC");
	EXPECT_SCRIPT("#", "ENOEXEC");
	end_scripts();
}

/* A script: `begin`, `more` letters x, `end`; and what must come of it. */
static void
long_line(const char *begin, size_t more, const char *end, const char *want)
{
	char text[2000];

	snprintf(text, sizeof(text), "%s%*s%s", begin, (int)more, "", end);
	for (size_t i = strlen(begin); i < strlen(begin) + more; i++)
		text[i] = 'x';
	expect_script(text, strlen(text), want, __LINE__);
}

UTEST(long_scripts, "EX15 of a #! line 255 bytes count: the argument is cut")
{
	char want[600], blanks[300];
	size_t have;

	begin_scripts();
	/* "#!", the interpreter's path and a blank leave so many. */
	have = 255 - 2 - strlen(dir) - strlen("/interp ");
	for (unsigned more = have - 1; more < have + 3; more++) {
		unsigned kept = more < have ? more : have;

		snprintf(want, sizeof(want), "<%*s><@/s><one>", (int)kept, "");
		memset(want + 1, 'x', kept);
		long_line("#!@/interp ", more, "\n", want);
		long_line("#!@/interp ", more, "", want);
		long_line("#!@/interp ", more, " y z\n",
			  more + 1 < have ? "" : want);
	}
	/* A name that is cut is none. */
	long_line("#!@/interp", have + 1, "\n", "ENOENT");
	long_line("#!@/interp", have + 1, "", "ENOENT");
	long_line("#!@/interp", have + 2, "\n", "ENOEXEC");
	long_line("#!@/interp", have + 2, "", "ENOEXEC");
	long_line("#!@/interp", have + 500, " a\n", "ENOEXEC");
	memset(blanks, ' ', sizeof(blanks));
	memcpy(blanks, "#!", 2);
	expect_script(blanks, 255, "ENOEXEC", __LINE__);
	expect_script(blanks, 300, "ENOEXEC", __LINE__);
	end_scripts();
}

UTEST(script_levels, "EX16 five interpreters, each a script but the last")
{
	begin_scripts();
	script("s1", "#!@/interp a1\n", 14);
	script("s2", "#!@/s1\n", 7);
	script("s3", "#!@/s2 a3\n", 10);
	script("s4", "#!@/s3\n", 7);
	script("s5", "#!@/s4 a5\n", 10);
	script("s6", "#!@/s5\n", 7);
	EXPECT_SCRIPT("#!@/s4 a\n",
		      "<a1><@/s1><@/s2><a3><@/s3><@/s4><a><@/s><one>");
	EXPECT_EQ(strcmp(run_script("s6"), "ELOOP"), 0);
	EXPECT_SCRIPT("#!@/s\n", "ELOOP");
	/* The sixth interpreter is looked for before that. */
	script("s1", "#!@/none\n", 9);
	EXPECT_EQ(strcmp(run_script("s6"), "ENOENT"), 0);
	script("s1", "#!@/dir\n", 8);
	EXPECT_EQ(strcmp(run_script("s5"), "ENOENT"), 0);
	end_scripts();
}

/* ---- descriptors ---- */

/* 40 stays open over exec, 41 and 42, set in other ways, do not. */
static void
open_three(void)
{
	int fd = open("/dev/null", O_RDONLY);

	REQUIRE(dup2(fd, 40) == 40 && dup2(fd, 41) == 41);
	REQUIRE(fcntl(41, F_SETFD, FD_CLOEXEC) == 0);
	REQUIRE(dup3(fd, 42, O_CLOEXEC) == 42);
}

UTEST(cloexec, "EX9 close-on-exec closes at exec, in this process only")
{
	unsigned long flags[] = { SIGCHLD, CLONE_FILES | SIGCHLD };
	pid_t pid;

	open_three();
	for (unsigned i = 0; i < 2; i++) {
		pid = (pid_t)syscall(SYS_clone, flags[i], 0, 0, 0, 0);
		REQUIRE(pid >= 0);
		if (pid == 0)
			exec_look("files", "");
		EXPECT_EXIT(pid, 0);
		EXPECT(is_open(40) && is_open(41) && is_open(42));
		EXPECT_EQ(fcntl(41, F_GETFD), FD_CLOEXEC);
		EXPECT_EQ(fcntl(40, F_GETFD), 0);
	}
	EXPECT_EQ(fcntl(dup(41), F_GETFD), 0);
}

UTEST(files, "EX9 CLONE_FILES shares descriptors, and CLONE_FS the folder")
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_FILES | CLONE_FS | SIGCHLD,
				   0, 0, 0, 0);
	char cwd[64];

	REQUIRE(pid >= 0);
	if (pid == 0) {
		open_three();
		umask(031);
		_exit(chdir("/proc") != 0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(is_open(40) && is_open(41));
	EXPECT(getcwd(cwd, sizeof(cwd)) != NULL && strcmp(cwd, "/proc") == 0);
	EXPECT_EQ(umask(0), 031);
	pid = utest_fork();
	if (pid == 0) {
		close(40);
		umask(022);
		_exit(chdir("/") != 0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT(is_open(40));
	EXPECT(getcwd(cwd, sizeof(cwd)) != NULL && strcmp(cwd, "/proc") == 0);
	EXPECT_EQ(umask(0), 0);
}

/* ---- fork ---- */

UTEST(fork_signals, "EX10 fork: mask and actions are the same, none waits")
{
	pid_t pid;

	mask_change(SIG_SETMASK, SIGUSR1, SIGRTMIN);
	catch_signal(SIGUSR2, SA_RESETHAND, 0);
	signal(SIGHUP, SIG_IGN);
	kill(getpid(), SIGUSR1);
	syscall(SYS_tgkill, getpid(), getpid(), SIGRTMIN);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT(is_blocked(SIGUSR1) && is_blocked(SIGRTMIN));
		EXPECT(!is_pending(SIGUSR1) && !is_pending(SIGRTMIN));
		EXPECT_EQ(take(SIGUSR1, SIGRTMIN, NULL), 0);
		EXPECT(handler_of(SIGHUP) == SIG_IGN);
		raise(SIGUSR2);
		EXPECT_EQ(seen.count, 1);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT(is_pending(SIGUSR1) && is_pending(SIGRTMIN));
	EXPECT(handler_of(SIGUSR2) != SIG_DFL);
}

UTEST(fork_registers, "EX11 fork: the floating-point registers are the same")
{
	pid_t pid;

	rounding_set(ROUND_DOWNWARD);
	fp_fill(11);
	pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(fp_wrong(11) != 0 || rounding_get() != ROUND_DOWNWARD);
	rounding_set(ROUND_NEAREST);
	EXPECT_EXIT(pid, 0);
}

/* ---- vfork ---- */

static char child_stack[65536] __attribute__((aligned(16)));
static _Atomic int step;
static pid_t cleared; /* by the kernel, when the child leaves the memory */
static int door[2];

static int
exit_late(void *arg)
{
	(void)arg;
	let_others_run();
	step = 1;
	return 3;
}

/* The new program ends when the parent lets it, which vfork must not prevent. */
static int
exec_waits(void *arg)
{
	(void)arg;
	let_others_run();
	step = 2;
	dup2(door[0], 0);
	execl("/proc/self/exe", "utest", "--cat", NULL);
	return 127;
}

static pid_t
vfork_into(int (*run)(void *))
{
	cleared = 1;
	return clone(run, child_stack + sizeof(child_stack),
		     CLONE_VM | CLONE_VFORK | CLONE_CHILD_CLEARTID | SIGCHLD,
		     NULL, NULL, NULL, &cleared);
}

UTEST(vfork, "EX12 vfork lasts until the child exits or executes")
{
	pid_t pid = vfork_into(exit_late);

	EXPECT_EQ(step, 1);
	EXPECT_EQ(cleared, 0);
	EXPECT_EXIT(pid, 3);
	REQUIRE(pipe2(door, O_CLOEXEC) == 0);
	pid = vfork_into(exec_waits);
	EXPECT_EQ(step, 2);
	EXPECT_EQ(cleared, 0);
	EXPECT_EQ(waitpid(pid, NULL, WNOHANG), 0);
	close(door[1]);
	EXPECT_EXIT(pid, 0);
}
