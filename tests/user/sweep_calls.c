/* SPDX-License-Identifier: MIT */
/*
 * tests/user/sweep_calls.c - the cases of sweep.def and what they work on.
 *
 * The functions above the table bring about the state that a case expects: full
 * descriptor tables, pipes, children, threads, written pages.  sweep_begin()
 * makes the files, sweep_end() removes them.
 */
#include "sweep.h"
#include "hunger.h"

#include <grp.h>
#include <linux/futex.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#ifndef SYS_riscv_hwprobe
#define SYS_riscv_hwprobe 258
#endif
#ifndef SYS_riscv_flush_icache
#define SYS_riscv_flush_icache 259
#endif
#ifndef SYS_getrlimit
#define SYS_getrlimit 163
#define SYS_setrlimit 164
#endif

#define S(name, ...) syscall(SYS_##name, ##__VA_ARGS__)
#define THREAD                                                              \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | \
	 CLONE_SYSVSEM | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID)
#define MANY 60 /* more than the kernel's array on its stack holds */

struct sweep_world sweep;

static char *out; /* two pages for results */
static char zeroes[64];
static char long_text[300];
static int fds[2];
static off_t offset[1];
static struct iovec vec[MANY];
static const struct timespec no_time, short_time = { 0, 1 };
static const struct itimerval hour = { { 0, 0 }, { 3600, 0 } };
static sigset_t usr2;
static pid_t zombie, old_group;
static char *mapped;

/* The call may also say that the thing does not exist. */
static long
maybe(long got, int err)
{
	return got == -1 && errno == err ? 0 : got;
}

/* ---- files ------------------------------------------------------------- */

static int
make(const char *name)
{
	int fd = open(name, O_RDWR | O_CREAT, 0600);

	REQUIRE(fd >= 0);
	return fd;
}

/* Three pages of 'C', read and written from the start. */
static void
refill(void)
{
	static char c[3 * PG];

	memset(c, 'C', sizeof(c));
	REQUIRE(ftruncate(sweep.file, sizeof(c)) == 0);
	REQUIRE(pwrite(sweep.file, c, sizeof(c), 0) == sizeof(c));
	REQUIRE(lseek(sweep.file, 0, SEEK_SET) == 0);
}

static void
restore_owner(void)
{
	REQUIRE(fchown(sweep.file, 0, 0) == 0);
}

static void
swap_back(void)
{
	struct stat st;

	if (stat("n", &st) == 0 && S_ISDIR(st.st_mode))
		S(renameat2, AT_FDCWD, "n", AT_FDCWD, "dir", 2);
	unlink("n");
}

/* Back to the root of everything: outside of another root ".."  leads there. */
static void
leave_root(void)
{
	for (unsigned i = 0; i < 20; i++)
		REQUIRE(chdir("..") == 0);
	REQUIRE(chroot(".") == 0 && fchdir(sweep.dir) == 0);
}

/* No descriptor below 64 is free. */
static void
fill_fds(void)
{
	int fd;

	while ((fd = dup(0)) < 63)
		REQUIRE(fd >= 0);
}

static void
full_pipe(void)
{
	REQUIRE(pipe2(fds, O_NONBLOCK) == 0);
	REQUIRE(write(fds[1], "12345678", 8) == 8);
}

static void
close_pipe(void)
{
	close(fds[0]);
	close(fds[1]);
}

static void
many(char *p)
{
	for (int i = 0; i < MANY; i++)
		vec[i] = (struct iovec){ p + i * 64, 64 };
}

static void
many_polls(void)
{
	struct pollfd *p = (struct pollfd *)out;

	for (int i = 0; i < MANY; i++)
		p[i] = (struct pollfd){ sweep.file, POLLIN, 0 };
}

/* Maps the file: one page is written, another only read. */
static void
map_file(void)
{
	refill();
	mapped = mmap(NULL, 3 * PG, PROT_READ | PROT_WRITE, MAP_SHARED,
		      sweep.file, 0);
	REQUIRE(mapped != MAP_FAILED);
	poke(mapped, 'm');
	peek(mapped + PG);
}

/* ---- processes --------------------------------------------------------- */

static long
fork_once(void)
{
	long pid = S(clone, SIGCHLD, 0, 0, 0, 0);

	if (pid == 0)
		_exit(0);
	return pid;
}

static _Atomic pid_t thread_id; /* 0 when the thread has ended */

static int
end_at_once(void *arg)
{
	(void)arg;
	S(exit, 0);
	return 0;
}

/* Starts a thread that ends at once, on a stack of its own. */
static long
start_on(int flags)
{
	static char stack[4 * PG] __attribute__((aligned(16)));
	void *word = (void *)&thread_id;

	return clone(end_at_once, stack + sizeof(stack), flags, NULL, word,
		     NULL, word);
}

static void
end_thread(void)
{
	while (thread_id != 0)
		sched_yield();
}

/* A child that has ended; an older one that was never reaped will do. */
static void
make_zombie(void)
{
	siginfo_t info;

	if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		return;
	zombie = utest_fork();
	if (zombie == 0)
		_exit(7);
	REQUIRE(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT) == 0);
}

/* ---- signals ----------------------------------------------------------- */

static void
on_signal(int sig)
{
	(void)sig;
}

static void
take_signal(void)
{
	siginfo_t info;

	EXPECT_EQ(S(rt_sigtimedwait, &usr2, &info, &no_time, 8), SIGUSR2);
}

static void
queued_info(void)
{
	siginfo_t info = { .si_signo = SIGUSR2, .si_code = SI_QUEUE };

	memcpy(out, &info, sizeof(info));
}

/* ---- memory ------------------------------------------------------------ */

/* In a page table of its own, which a fork may share. */
static void
refill_area(void)
{
	sweep.area = (char *)(1ul << 36);
	REQUIRE(mmap(sweep.area, SWEEP_AREA * PG, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		     0) == sweep.area);
	pages_fill(sweep.area, SWEEP_AREA, 1);
}

static long
move_break(long by)
{
	long now = S(brk, 0);

	if (S(brk, now + by) == now + by)
		return 0;
	errno = ENOMEM;
	return -1;
}

/* ---- the table --------------------------------------------------------- */

#define PASTE(a, b)   PASTE_(a, b)
#define PASTE_(a, b)  a##b
#define NAMED(prefix) PASTE(prefix, __LINE__)

#define CASE(call, what, flags, err, pre, expr, post)               \
	static void NAMED(before_)(void)                            \
	{                                                           \
		pre;                                                \
	}                                                           \
	static long NAMED(run_)(void)                               \
	{                                                           \
		return (long)(expr);                                \
	}                                                           \
	static void NAMED(after_)(long got __attribute__((unused))) \
	{                                                           \
		post;                                               \
	}
#include "sweep.def"
#undef CASE

#define CASE(call, what, flags, err, pre, expr, post) \
	{ #call, what, flags, err, NAMED(before_), NAMED(run_), NAMED(after_) },
static const struct sweep_case cases[] = {
#include "sweep.def"
};
#undef CASE

static const struct {
	const char *call, *why;
} exempt[] = {
	{ "exit", "ends its caller: F5" },
	{ "exit_group", "ends its caller: F5" },
	{ "execve", "replaces its caller: F4 execve" },
	{ "reboot", "ends the machine" },
	{ "rt_sigreturn", "part of rt_sigsuspend's handler" },
};

const struct sweep_case *
sweep_cases(size_t *n)
{
	*n = ARRAY_LEN(cases);
	return cases;
}

const char *
sweep_exempt(const char *call)
{
	for (size_t i = 0; i < ARRAY_LEN(exempt); i++)
		if (strcmp(exempt[i].call, call) == 0)
			return exempt[i].why;
	return NULL;
}

/* ---- the world --------------------------------------------------------- */

void
sweep_own(void)
{
	char deep[8 * PG];

	for (size_t i = 0; i < sizeof(deep); i += 512)
		poke(deep + i, 1);
	own_program();
	for (size_t i = 0; i < 2 * PG; i += PG)
		poke(out + i, 0);
}

void
sweep_begin(const char *where)
{
	REQUIRE(mkdir(where, 0700) == 0);
	REQUIRE(chdir(where) == 0);
	sweep.dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	REQUIRE(sweep.dir >= 0);
	sweep.file = make("file");
	refill();
	REQUIRE(mkdir("dir", 0700) == 0);
	REQUIRE(symlink("file", "link") == 0);
	REQUIRE(mkfifo("fifo", 0600) == 0);
	refill_area();
	out = pages_new(2);
	memset(long_text, 'x', sizeof(long_text) - 1);
	sigemptyset(&usr2);
	sigaddset(&usr2, SIGUSR2);
	sigprocmask(SIG_BLOCK, &usr2, NULL);
	signal(SIGUSR2, on_signal);
}

void
sweep_end(const char *where)
{
	fchdir(sweep.dir);
	unlink("file");
	unlink("link");
	unlink("fifo");
	rmdir("dir");
	chdir("/");
	EXPECT_EQ(rmdir(where), 0);
	close(sweep.dir);
	close(sweep.file);
}
