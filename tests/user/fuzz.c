/* SPDX-License-Identifier: MIT */
/*
 * tests/user/fuzz.c - random system calls, which must never hurt the system.
 *
 *	fuzz [-s seed] [-p rounds] [-p calls] [-p 1]
 *
 * In a round a few workers make calls (fuzz_args.c) at the same time, every
 * other round without root's rights.  One that does not come forward is killed;
 * so is at the end whatever they have made.  Then the memory is there again,
 * the audit is clean and this process is what it was.  The seed gives the calls
 * of each worker; how the workers meet it does not.  The last parameter prints
 * each call before it is made.
 *
 * The second test is the same beside a process that takes all the memory there
 * is, gives a little back, and so on: what the calls allocate comes from pages
 * that are taken away elsewhere, or does not come at all.
 *
 * A worker's signals and a timer that ends sleeps make this one program of the
 * harness that depends on time: only as to how far a worker comes.
 */
#include "fuzz.h"
#include "hunger.h"
#include "utest.h"

#include <dirent.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <termios.h>
#include <time.h>

#define WORKERS	   3
#define MAX_PROCS  400
#define PAGES	   8
#define STUCK	   15	   /* looks without progress until a worker is killed */
#define LOOK_EVERY 2000000 /* ns */
#define SLOW	   2500	   /* looks after which a killed process is noted */
#define UNKILLABLE 25000   /* looks until one that was killed must be gone */

/* What the parent sees of a worker. */
struct slot {
	volatile unsigned long calls;
	struct fuzz_call now;
};

static struct slot *slots;
static unsigned calls;
static bool aloud;
static pid_t before[MAX_PROCS]; /* the processes that are not ours */
static size_t before_n;
static pid_t strangers[MAX_PROCS];
static char listing[32768]; /* what /proc holds, as it is read */
static char kept_name[65];

/* ---- a worker ---------------------------------------------------------- */

static void
on_signal(int sig)
{
	(void)sig;
}

/* Nothing but a crash ends us, and no call sleeps for long. */
static void
take_courage(void)
{
	static const struct itimerval soon = { { 0, 2000 }, { 0, 2000 } };
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t none;

	for (int sig = 1; sig < 65; sig++)
		if (sig != SIGSEGV && sig != SIGBUS && sig != SIGILL)
			sigaction(sig, &sa, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
tell(const struct fuzz_call *c)
{
	utest_note("%d: %s(%#lx, %#lx, %#lx, %#lx, %#lx, %#lx)", (int)getpid(),
		   c->name, c->arg[0], c->arg[1], c->arg[2], c->arg[3],
		   c->arg[4], c->arg[5]);
}

static void
worker(struct slot *slot, bool root)
{
	unsigned left = calls, children = 4;
	struct fuzz_call c;

	setsid();
	for (int fd = 0; fd < 100; fd++)
		if (fd != 60 || !aloud)
			close(fd);
	umask(0);
	fuzz_begin(root);
	for (unsigned i = 0; i < left; i++) {
		long got;

		if (i % 16 == 0) {
			take_courage();
			fuzz_refresh();
			if (chdir(FUZZ_DIR) != 0)
				_exit(0);
		}
		fuzz_pick(&c);
		if (strcmp(c.name, "clone") == 0 && children == 0)
			continue;
		slot->now = c;
		slot->calls++;
		if (aloud)
			tell(&c);
		got = syscall(c.nr, c.arg[0], c.arg[1], c.arg[2], c.arg[3],
			      c.arg[4], c.arg[5]);
		if (aloud)
			utest_note("= %ld, errno %d", got, errno);
		if (strcmp(c.name, "clone") != 0)
			continue;
		children--;
		if (got == 0) {
			children /= 2;
			left = i + left / 8;
		}
	}
	_exit(0);
}

/* ---- what is left ------------------------------------------------------ */

/* The processes there are, except this one. */
static size_t
processes(pid_t *pid, size_t max)
{
	int fd = open("/proc", O_RDONLY | O_DIRECTORY);
	size_t n = 0;
	long got;

	REQUIRE(fd >= 0);
	while ((got = syscall(SYS_getdents64, fd, listing, sizeof(listing))) >
	       0)
		for (char *p = listing; p < listing + got;
		     p += ((struct dirent64 *)p)->d_reclen) {
			pid_t it = atoi(((struct dirent64 *)p)->d_name);

			if (it > 0 && it != getpid() && n < max)
				pid[n++] = it;
		}
	close(fd);
	return n;
}

static bool
is_old(pid_t pid)
{
	for (size_t i = 0; i < before_n; i++)
		if (before[i] == pid)
			return true;
	return false;
}

static void
pause_ns(long ns)
{
	struct timespec ts = { 0, ns };

	nanosleep(&ts, NULL);
}

/* Notes what a process is about that ends late: state, times, faults. */
static void
note_slow(pid_t pid)
{
	char path[64], stat[256] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		(void)!read(fd, stat, sizeof(stat) - 1);
		close(fd);
	}
	utest_note("%d was killed and is still there: %s", (int)pid, stat);
}

/* Ends every process that has come since. */
static bool
kill_strangers(void)
{
	size_t n = 0, ours = 1;

	for (unsigned i = 0; i < UNKILLABLE && ours > 0; i++) {
		ours = 0;
		n = processes(strangers, MAX_PROCS);
		for (size_t k = 0; k < n; k++) {
			if (is_old(strangers[k]))
				continue;
			ours++;
			kill(strangers[k], SIGKILL);
			if (i % SLOW == SLOW - 1)
				note_slow(strangers[k]);
		}
		/* A worker's clone() with CLONE_PARENT made it this one's. */
		while (waitpid(-1, NULL, WNOHANG | __WALL) > 0)
			;
		if (ours > 0)
			pause_ns(LOOK_EVERY);
	}
	for (size_t k = 0; k < n && ours > 0; k++)
		if (!is_old(strangers[k]))
			utest_fail(__FILE__, __LINE__,
				   "process %d cannot be killed",
				   (int)strangers[k]);
	return ours == 0;
}

/*
 * Where files may be made, and what was there before: a name need not be one of
 * fuzz_args.c's, for threads and shared memory change it under the call.
 */
static struct place {
	const char *name;
	struct dirent **old;
	int old_n;
} places[] = {
	{ "/tmp", NULL, 0 }, { "/", NULL, 0 },	  { "/dev", NULL, 0 },
	{ "/bin", NULL, 0 }, { "/etc", NULL, 0 },
};

static void
remember_places(void)
{
	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		places[i].old_n =
			scandir(places[i].name, &places[i].old, NULL, NULL);
}

/* What no place had before; everything, in a directory of the fuzzer's own. */
static bool
is_new(const char *name, const struct place *at)
{
	for (int i = 0; at != NULL && i < at->old_n; i++)
		if (strcmp(at->old[i]->d_name, name) == 0)
			return false;
	return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static void remove_new(const struct place *at, unsigned depth);

/*
 * A mount may have moved with the directory it is in: it is looked for where it
 * is now.
 */
static void
remove_tree(const char *name, unsigned depth)
{
	while (umount2(name, 0) == 0)
		;
	if (unlink(name) == 0 || depth > 200 || chdir(name) != 0)
		return;
	remove_new(NULL, depth + 1);
	if (chdir("..") == 0)
		rmdir(name);
}

/* Removes what is the fuzzer's in the current directory and below. */
static void
remove_new(const struct place *at, unsigned depth)
{
	DIR *dir = opendir(".");
	struct dirent *d;

	if (dir == NULL)
		return;
	while ((d = readdir(dir)) != NULL)
		if (is_new(d->d_name, at))
			remove_tree(d->d_name, depth);
	closedir(dir);
}

/* In a child: it may need memory of its own. */
static void
clean_up(void)
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		/* Once for each mount that was busy because of another. */
		for (int i = 0; i < 10 && access(FUZZ_DIR, F_OK) == 0; i++)
			remove_tree(FUZZ_DIR, 0);
		for (size_t i = 0; i < ARRAY_LEN(places); i++)
			if (chdir(places[i].name) == 0)
				remove_new(&places[i], 0);
		EXPECT(access(FUZZ_DIR, F_OK) != 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
	EXPECT_EQ(sethostname(kept_name, strlen(kept_name)), 0);
}

/* ---- the glutton ------------------------------------------------------- */

#define LEFT_OVER 64 /* pages it gives back each time */

static void __attribute__((noreturn)) glutton(int go)
{
	char c;

	own_program();
	if (read(go, &c, 1) == 1)
		for (;;) {
			eat(EAT_ALL);
			give_back(LEFT_OVER);
			pause_ns(LOOK_EVERY);
		}
	_exit(0);
}

/*
 * Starts it once nothing of this process is shared with the others or is only
 * a file's any more: it must not need memory before the glutton is gone.
 */
static pid_t
start_glutton(void)
{
	char stack[4 * PG];
	int go[2];
	pid_t pid;

	REQUIRE(pipe2(go, O_CLOEXEC) == 0);
	pid = fork();
	if (pid == 0)
		glutton(go[0]);
	own_program();
	memset(stack, 1, sizeof(stack));
	__asm__ volatile("" : : "r"(stack) : "memory");
	if (pid > 0)
		(void)!write(go[1], "g", 1);
	close(go[0]);
	close(go[1]);
	return pid;
}

/* ---- rounds ------------------------------------------------------------ */

static pid_t
start_worker(unsigned round, unsigned id)
{
	pid_t pid = fork();

	if (pid == 0) {
		utest_seed = utest_seed * 1000003 + round * 16 + id;
		worker(&slots[id], round % 2 == 0);
	}
	return pid;
}

/* Waits for a worker and kills it when it stands still. */
static void
mind_worker(pid_t pid, struct slot *slot)
{
	unsigned long seen = slot->calls;
	unsigned still = 0;
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		pause_ns(LOOK_EVERY);
		still = seen == slot->calls ? still + 1 : 0;
		seen = slot->calls;
		if (still == STUCK)
			kill(pid, SIGKILL);
		if (still == STUCK + UNKILLABLE) {
			tell(&slot->now);
			utest_fail(__FILE__, __LINE__,
				   "the call above cannot be killed");
			utest_done();
		}
	}
}

static void
run_round(unsigned round, unsigned workers, bool hungry)
{
	pid_t pid[WORKERS], eater = -1;

	mkdir(FUZZ_DIR, 0777);
	chmod(FUZZ_DIR, 0777);
	for (unsigned i = 0; i < workers; i++)
		pid[i] = start_worker(round, i);
	if (hungry)
		eater = start_glutton();
	for (unsigned i = 0; i < workers; i++)
		if (pid[i] > 0)
			mind_worker(pid[i], &slots[i]);
	if (eater > 0) {
		kill(eater, SIGKILL);
		(void)utest_wait(eater);
	}
	if (!kill_strangers())
		utest_done();
	clean_up();
}

static unsigned long
calls_made(void)
{
	unsigned long n = 0;

	for (unsigned i = 0; i < WORKERS; i++)
		n += slots[i].calls;
	return n;
}

static void
run_rounds(unsigned rounds, bool hungry)
{
	char *mine = pages_new(PAGES);
	struct timespec real, up;
	struct termios tty;
	long bytes = -1;
	int console;

	need_tine("would hurt this computer");
	signal(SIGTTOU, SIG_IGN); /* we are not in the foreground */
	calls = utest_param(1, 400);
	aloud = utest_param(2, 0) != 0;
	utest_note("%u rounds of %u calls, seed %u", rounds, calls, utest_seed);
	slots = shared_new(1);
	memset(slots, 0, PG);
	pages_fill(mine, PAGES, 1);
	REQUIRE(gethostname(kept_name, sizeof(kept_name)) == 0);
	console = open("/dev/console", O_RDONLY | O_NOCTTY);
	REQUIRE(console >= 0 && tcgetattr(console, &tty) == 0);
	/* Memory that grew with the processes of a round would be missed. */
	memset(listing, 1, sizeof(listing));
	memset(strangers, 1, sizeof(strangers));
	before_n = processes(before, MAX_PROCS);
	remember_places();
	clock_gettime(CLOCK_REALTIME, &real);
	clock_gettime(CLOCK_MONOTONIC, &up);
	real.tv_sec -= up.tv_sec;
	for (unsigned i = 0; i < rounds && utest_failures == 0; i++) {
		if (i < 2 || i % 10 == 0)
			utest_note("round %u, %lu calls", i, calls_made());
		run_round(i, aloud ? 1 : 1 + i % WORKERS, hungry);
		if (i < 2)
			bytes = free_bytes();
		EXPECT_FREE(bytes);
		EXPECT_AUDIT();
		EXPECT_EQ(pages_wrong(mine, PAGES, 1), 0);
		if (utest_failures != 0)
			utest_note("in round %u of seed %u", i, utest_seed);
	}
	utest_note("%lu calls", calls_made());
	clock_gettime(CLOCK_MONOTONIC, &up);
	real.tv_sec += up.tv_sec;
	EXPECT_EQ(clock_settime(CLOCK_REALTIME, &real), 0);
	EXPECT_EQ(tcsetattr(console, TCSANOW, &tty), 0);
}

/* With fewer of them enough that each number of workers meets both rights. */
static unsigned
rounds_of(unsigned usual)
{
	unsigned n = utest_rounds(usual);

	return utest_param(0, n < 2 * WORKERS ? 2 * WORKERS : n);
}

UTEST(calls, "X9 random system calls never hurt the system")
{
	run_rounds(rounds_of(40), false);
}

UTEST(hungry, "X9 nor do they when there is no memory")
{
	run_rounds(rounds_of(2 * WORKERS), true);
}
