/* SPDX-License-Identifier: MIT */
/*
 * tests/user/shortage_m.c - which process ends when memory has run out: rows
 * M6-M15 and M17.
 *
 * Where memory runs out, a hog has eaten it: a child that tells when nothing is
 * left.  The test itself then has all pages it needs, except the page that is
 * being tested.  It prints nothing meanwhile: the process that passes the line
 * on would have to fault its program in, and so end the hog too early.
 */
#include "utest.h"
#include "hunger.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* ---- what oom_score and oom_score_adj say -------------------------------- */

#define ADJ   "/proc/self/oom_score_adj"
#define SCORE "/proc/self/oom_score"

static long
first_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	return n > 0 ? atol(text) : -1;
}

static void
adj_as_user(int fd[2])
{
	char path[64], byte;

	REQUIRE(setgid(1000) == 0 && setuid(1000) == 0);
	/* After a change of ids its files in /proc may be root's: undo that. */
	(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", getppid());
	EXPECT_EQ(put_text(path, "600"), EACCES);
	EXPECT_EQ(put_text(ADJ, "500"), 0);
	EXPECT_EQ(put_text(ADJ, "200\n"), 0);
	EXPECT_EQ(put_text(ADJ, "0"), 0);
	EXPECT_EQ(put_text(ADJ, "-1"), EACCES);
	EXPECT_EQ(put_text(ADJ, "400"), 0);
	REQUIRE(write(fd[1], "r", 1) == 1 && read(fd[0], &byte, 1) == 1);
	/* Root has set 300 meanwhile. */
	EXPECT_EQ(first_number(ADJ), 300);
	EXPECT_EQ(put_text(ADJ, "299"), EACCES);
	EXPECT_EQ(put_text(ADJ, "301"), 0);
	EXPECT_EQ(put_text(ADJ, "300"), 0);
	utest_done();
}

UTEST(adj, "M6 oom_score_adj: the rights to write it, and inheritance")
{
	static const char *const bad[] = { "1001", "-1001", "x", "1 2", "--1" };
	int up[2], down[2], ours[2], theirs[2];
	char path[64], byte;
	pid_t pid;

	need_tine("a container may have lost the right");
	EXPECT_EQ(first_number(ADJ), 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		EXPECT_EQ(put_text(ADJ, bad[i]), EINVAL);
	oom_adjust(-1000);
	EXPECT_EQ(first_number(SCORE), 0);
	oom_adjust(1000);
	EXPECT(first_number(SCORE) >= 1332);
	oom_adjust(0);
	EXPECT(first_number(SCORE) >= 666 && first_number(SCORE) < 700);
	EXPECT_EQ(first_number("/proc/1/oom_score"), 0);
	REQUIRE(pipe(up) == 0 && pipe(down) == 0);
	ours[0] = up[0], ours[1] = down[1];
	theirs[0] = down[0], theirs[1] = up[1];
	pid = utest_fork();
	if (pid == 0)
		adj_as_user(theirs);
	REQUIRE(read(ours[0], &byte, 1) == 1);
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	EXPECT_EQ(put_text(path, "300"), 0);
	REQUIRE(write(ours[1], "g", 1) == 1);
	EXPECT_CLEAN(pid);
	oom_adjust(123);
	pid = utest_fork();
	if (pid == 0) {
		EXPECT_EQ(first_number(ADJ), 123);
		dup2(open("/dev/null", O_WRONLY), 1);
		execl("/bin/grep", "grep", "^123$", ADJ, NULL);
		_exit(9);
	}
	EXPECT_EXIT(pid, 0);
}

UTEST(score, "M7 the score grows by what the end of the process would free")
{
	const size_t n = memory_total() / 8 / PG;
	long before, with, held;
	char *p, *shared;
	struct peer c;
	int fd[2];

	need_tine("elsewhere others are about");
	oom_adjust(0);
	before = first_number(SCORE);
	/* An eighth of memory is 125 thousandths, and two thirds of that 83. */
	p = pages_new(n);
	pages_fill(p, n, 1);
	with = first_number(SCORE);
	EXPECT(with >= before + 80 && with <= before + 90);
	/* -1000 means never, whatever the process holds. */
	oom_adjust(-1000);
	EXPECT_EQ(first_number(SCORE), 0);
	oom_adjust(0);
	/*
	 * Pages that a child shares would not become free; copied ones would.
	 */
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		utest_done();
	}
	held = first_number(SCORE);
	if (strcmp(strategy(), "eager") == 0)
		EXPECT(held >= before + 80);
	else
		EXPECT(held <= before + 5);
	peer_post(&c);
	PEER_END(&c);
	REQUIRE(munmap(p, n * PG) == 0);
	shared = shared_new(n);
	pages_fill(shared, n, 1);
	EXPECT(first_number(SCORE) >= before + 80);
	REQUIRE(munmap(shared, n * PG) == 0);
	EXPECT(first_number(SCORE) <= before + 5);
	for (int i = 0; i < 120; i++) {
		static char text[16 * PG];

		REQUIRE(pipe(fd) == 0);
		REQUIRE(write(fd[1], text, sizeof(text)) == sizeof(text));
	}
	EXPECT(first_number(SCORE) >=
	       before + (long)(120 * 16 * PG * 1000 / memory_total() * 2 / 3) -
		       3);
}

/* ---- memory runs out ----------------------------------------------------- */

static char *
read_log(void)
{
	static char text[256 * 1024];
	int fd = -1;
	ssize_t n, got = 0;

	/* A victim's memory comes back bit by bit. */
	for (int i = 0; fd < 0 && i < 1000; i++) {
		fd = open("/proc/kmsg", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			usleep(1000);
	}
	REQUIRE(fd >= 0);
	while ((n = read(fd, text + got, sizeof(text) - 1 - (size_t)got)) > 0)
		got += n;
	text[got] = '\0';
	close(fd);
	return text;
}

/* Does the log say that `victim` was ended for one of the n pages at p? */
static bool
log_says(pid_t victim, const volatile char *p, size_t n)
{
	char who[48], *at;

	snprintf(who, sizeof(who), "[%d] (score ", victim);
	at = strstr(read_log(), who);
	at = at != NULL ? strstr(at, " faulted at ") : NULL;
	if (at == NULL)
		return false;
	at += strlen(" faulted at ");
	return strtoul(at, NULL, 0) - (uintptr_t)p < n * PG;
}

/* How many processes have been ended since the machine was started. */
static unsigned
ended(void)
{
	unsigned n = 0;

	for (char *at = read_log();
	     (at = strstr(at, "out of memory: killed")) != NULL; at++)
		n++;
	return n;
}

static void __attribute__((noinline)) own_stack(void)
{
	volatile char deep[8 * PG];

	for (size_t i = 0; i < sizeof(deep); i += PG / 2)
		deep[i] = 1;
	errno = 0; /* in a page that this process owns already */
}

/*
 * Starts a child that eats all memory but `spare` pages when told, and then
 * gives back as many pages as it is told, each time.  It is the largest
 * process.
 */
static void
hog_start(struct peer *c, size_t spare)
{
	if (fork_peer(c) != 0)
		return;
	own_program();
	own_stack();
	peer_post(c);
	peer_wait(c);
	eat(EAT_ALL);
	give_back(spare);
	for (;;) {
		peer_post(c);
		give_back(peer_recv(c));
	}
}

/*
 * Has the hog eat.  Afterwards no page is free, and this process has the pages
 * that it needs.
 */
static void
hog_go(struct peer *c)
{
	char byte;

	own_program();
	own_stack();
	peer_wait(c);
	peer_post(c);
	/* If the hog has ended, another process's fault came too early. */
	(void)!read(c->rd, &byte, 1);
}

static void
hog_gives(struct peer *c, unsigned char pages)
{
	peer_send(c, pages);
	peer_wait(c);
}

/* Only the hog was ended; the log says so before the fault goes on. */
static void
hog_ended(struct peer *c, unsigned before)
{
	unsigned now = ended();

	EXPECT_EQ(now - before, 1);
	if (now == before)
		kill(c->pid, SIGKILL);
	EXPECT_KILLED(c->pid, SIGKILL);
}

/* Ends the hog, which must still be alive. */
static void
hog_stop(struct peer *c, unsigned before)
{
	EXPECT_EQ(kill(c->pid, SIGKILL), 0);
	EXPECT_KILLED(c->pid, SIGKILL);
	EXPECT_EQ(ended() - before, 0);
}

enum { N = 300 }; /* more than a hart keeps in its cache */

/* Starts a child that has the same n pages, and checks them when told. */
static void
keeper_start(struct peer *c, char *p, size_t n)
{
	if (fork_peer(c) != 0)
		return;
	peer_wait(c);
	EXPECT_EQ(pages_wrong(p, n, 1), 0);
	pages_fill(p, n, 2);
	EXPECT_EQ(pages_wrong(p, n, 2), 0);
	utest_done();
}

UTEST(fresh, "M8 no page for a first write: the largest process ends")
{
	unsigned before;
	struct peer hog;
	char *p;

	need_tine("takes all the memory there is");
	before = ended();
	p = pages_new(N);
	hog_start(&hog, 0);
	hog_go(&hog);
	pages_fill(p, N, 1);
	hog_ended(&hog, before);
	EXPECT(log_says(hog.pid, p, N));
	EXPECT_EQ(pages_wrong(p, N, 1), 0);
	EXPECT_AUDIT();
}

UTEST(break_cow, "M9 no page for a copy: one process ends, no byte is wrong")
{
	bool eager = strcmp(strategy(), "eager") == 0;
	struct peer hog, keeper;
	unsigned before;

	need_tine("takes all the memory there is");
	/*
	 * Leave nothing, or enough for a page table but not for the copy, too.
	 */
	for (unsigned spare = 0; spare < 3; spare++) {
		char *p = own_tables(1, PROT_READ | PROT_WRITE);
		volatile char *first = p + 3 * PG;

		before = ended();
		pages_fill(p, N, 1);
		keeper_start(&keeper, p, N);
		hog_start(&hog, spare);
		hog_go(&hog);
		*first = *first;
		pages_fill(p, N, 3);
		if (eager)
			hog_stop(&hog, before);
		else
			hog_ended(&hog, before);
		if (!eager && spare == 0)
			EXPECT(log_says(hog.pid, p, N));
		EXPECT_EQ(pages_wrong(p, N, 3), 0);
		EXPECT_AUDIT();
		peer_post(&keeper);
		PEER_END(&keeper);
		EXPECT_EQ(pages_wrong(p, N, 3), 0);
	}
}

enum { SLOTS = 300 }; /* a page in each */

static size_t
slots_wrong(const char *p, char want)
{
	size_t wrong = 0;

	for (size_t i = 0; i < SLOTS; i++)
		wrong += peek(p + i * TABLE_SPAN) != want;
	return wrong;
}

static void
slots_fill(char *p, char with)
{
	for (size_t i = 0; i < SLOTS; i++)
		poke(p + i * TABLE_SPAN, with);
}

/* Forks as soon as the hog has given back enough memory for that. */
static void
fork_with_little(struct peer *hog, struct peer *keeper, char *p)
{
	pid_t pid;
	int fd[2];

	REQUIRE(pipe(fd) == 0);
	while ((pid = fork()) < 0) {
		REQUIRE_EQ(errno, ENOMEM);
		hog_gives(hog, 16);
	}
	if (pid == 0) {
		char byte;

		close(fd[1]);
		REQUIRE(read(fd[0], &byte, 1) == 1);
		EXPECT_EQ(slots_wrong(p, 1), 0);
		slots_fill(p, 4);
		EXPECT_EQ(slots_wrong(p, 4), 0);
		utest_done();
	}
	keeper->pid = pid;
	keeper->rd = fd[0];
	keeper->wr = fd[1];
}

/*
 * Reading an untouched page takes no page, but its leaf goes into a table.
 * Under lazy the table is detached and must be attached: there are more tables
 * than the drain thread has memory for.  Under ondemand it is shared and must
 * be un-shared.  Returns whether a table was refused for want of memory.
 */
static bool
tables_short(size_t spare)
{
	/* strategy() opens a file: ask while there is memory for that. */
	const bool eager = strcmp(strategy(), "eager") == 0;
	const bool lazy = strcmp(strategy(), "lazy") == 0;
	const bool ondemand = strcmp(strategy(), "ondemand") == 0;
	struct peer hog, keeper;
	unsigned before = ended();
	bool met = true;
	long refused;
	char *p;

	p = own_tables(SLOTS, PROT_READ | PROT_WRITE);
	slots_fill(p, 1);
	refused = number_in("/proc/forkstat", "settle_enomem");
	hog_start(&hog, spare);
	hog_go(&hog);
	fork_with_little(&hog, &keeper, p);
	EXPECT_EQ(slots_wrong(p, 1), 0);
	for (size_t i = 0; i < SLOTS; i++)
		EXPECT_EQ(peek(p + i * TABLE_SPAN + PG), 0);
	if (lazy || ondemand)
		hog_ended(&hog, before);
	slots_fill(p, 2);
	EXPECT_EQ(slots_wrong(p, 2), 0);
	/* An eager fork has copied all pages. */
	if (eager)
		hog_stop(&hog, before);
	else if (!lazy && !ondemand)
		hog_ended(&hog, before);
	if (lazy || ondemand)
		met = number_in("/proc/forkstat", "settle_enomem") > refused;
	EXPECT_AUDIT();
	peer_post(&keeper);
	PEER_END(&keeper);
	EXPECT_EQ(slots_wrong(p, 2), 0);
	EXPECT_AUDIT();
	REQUIRE(munmap(p, SLOTS * TABLE_SPAN) == 0);
	return met;
}

UTEST(tables, "M10 no memory for a table: one process ends, no byte is wrong")
{
	size_t spare = 0;

	need_tine("takes all the memory there is");
	/*
	 * The fork may leave so little that the first refusal concerns a copy
	 * of this program's own stack, before any table of p.
	 */
	while (!tables_short(spare))
		REQUIRE(++spare < 16);
}

UTEST(itself, "M11 the process that needs the page may be the one that ends")
{
	struct peer hog, weak;
	unsigned before;
	char *p;

	need_tine("takes all the memory there is");
	before = ended();
	p = pages_new(N);
	if (fork_peer(&weak) == 0) {
		oom_adjust(1000);
		own_program();
		own_stack();
		peer_wait(&weak);
		pages_fill(p, N, 1);
		_exit(3);
	}
	oom_adjust(-1000);
	hog_start(&hog, 0);
	hog_go(&hog);
	peer_post(&weak);
	EXPECT_KILLED(weak.pid, SIGKILL);
	EXPECT_EQ(ended() - before, 1);
	EXPECT_EQ(kill(hog.pid, 0), 0);
	EXPECT_EQ(kill(hog.pid, SIGKILL), 0);
	EXPECT_KILLED(hog.pid, SIGKILL);
	pages_fill(p, N, 1);
	EXPECT_AUDIT();
}

UTEST(stopped, "M12 a victim that is stopped ends all the same")
{
	unsigned before;
	struct peer hog;
	int status;
	char *p;

	need_tine("takes all the memory there is");
	before = ended();
	p = pages_new(N);
	hog_start(&hog, 0);
	hog_go(&hog);
	REQUIRE(kill(hog.pid, SIGSTOP) == 0);
	REQUIRE(waitpid(hog.pid, &status, WUNTRACED) == hog.pid);
	EXPECT(WIFSTOPPED(status));
	pages_fill(p, N, 1);
	hog_ended(&hog, before);
	EXPECT_EQ(pages_wrong(p, N, 1), 0);
}

/* Eats, and then waits in vfork() for a child that never goes on. */
static void
eat_and_vfork(struct peer *c)
{
	own_program();
	own_stack();
	peer_post(c);
	peer_wait(c);
	eat(EAT_ALL);
	give_back(60);
	if (vfork() == 0) {
		peer_post(c);
		for (;;)
			pause();
	}
	_exit(4);
}

UTEST(vforked, "M13 a victim's vfork child, which has its memory, ends with it")
{
	unsigned before;
	struct peer hog;
	char *p;

	need_tine("takes all the memory there is");
	before = ended();
	p = pages_new(2 * N);
	if (fork_peer(&hog) == 0)
		eat_and_vfork(&hog);
	hog_go(&hog);
	pages_fill(p, 2 * N, 1);
	hog_ended(&hog, before);
	EXPECT_EQ(pages_wrong(p, 2 * N, 1), 0);
	/* No process holds the other end of the pipe any more. */
	EXPECT_EQ(read(hog.rd, p, 1), 0);
}

UTEST(together, "M14 several run out at one moment, and one process ends")
{
	enum { WRITERS = 4 };
	_Atomic unsigned *ready;
	pid_t pid[WRITERS];
	unsigned before;
	struct peer hog;

	need_tine("takes all the memory there is");
	before = ended();
	ready = shared_new(1);
	hog_start(&hog, 0);
	for (int i = 0; i < WRITERS; i++) {
		pid[i] = utest_fork();
		if (pid[i] == 0) {
			char *p = pages_new(2 * N);

			own_program();
			own_stack();
			++*ready;
			while (*ready <= WRITERS)
				sched_yield();
			pages_fill(p, 2 * N, 1);
			EXPECT_EQ(pages_wrong(p, 2 * N, 1), 0);
			utest_done();
		}
	}
	while (*ready < WRITERS)
		sched_yield();
	hog_go(&hog);
	++*ready;
	for (int i = 0; i < WRITERS; i++)
		EXPECT_CLEAN(pid[i]);
	hog_ended(&hog, before);
	EXPECT_AUDIT();
}

UTEST(calls, "M15 a call without memory returns its error and ends no process")
{
	static char text[PG];
	unsigned before;
	bool worked = false;
	struct peer hog;
	int fd[2];
	pid_t pid;

	need_tine("takes all the memory there is");
	before = ended();
	REQUIRE(pipe2(fd, O_NONBLOCK) == 0);
	hog_start(&hog, 0);
	hog_go(&hog);
	/* A hart may still have a few cached pages: use them up. */
	while (write(fd[1], text, sizeof(text)) == sizeof(text))
		;
	EXPECT(errno == ENOMEM || errno == EAGAIN);
	for (int i = 0; i < 20; i++) {
		pid = fork();
		if (pid == 0)
			_exit(0);
		if (pid > 0)
			utest_wait(pid);
		else
			EXPECT_EQ(errno, ENOMEM);
		worked |= pid > 0;
	}
	/*
	 * After a fork that worked there are faults, which may end a process.
	 */
	if (worked)
		kill(hog.pid, SIGKILL);
	else
		hog_stop(&hog, before);
}

static volatile sig_atomic_t handled;

static void
note_signal(int sig)
{
	handled = sig;
}

UTEST(handler,
      "M17 no page for a handler's stack: the handler runs all the same")
{
	struct sigaction act = { .sa_handler = note_signal,
				 .sa_flags = SA_ONSTACK };
	unsigned before, rounds = 0;
	struct peer hog;
	char *p;

	need_tine("takes all the memory there is");
	before = ended();
	p = pages_new(4 * N);
	REQUIRE(sigaction(SIGUSR1, &act, NULL) == 0);
	hog_start(&hog, 0);
	hog_go(&hog);
	for (; rounds < N; rounds++) {
		stack_t alt = { .ss_sp = p + rounds * 4 * PG,
				.ss_size = 4 * PG };

		handled = 0;
		if (sigaltstack(&alt, NULL) != 0 || raise(SIGUSR1) != 0 ||
		    handled != SIGUSR1)
			break;
	}
	EXPECT_EQ(rounds, N);
	hog_ended(&hog, before);
	EXPECT(log_says(hog.pid, p, 4 * N));
}

/* ---- init alone --------------------------------------------------------- */

/*
 * Is never ended.  Ends by itself, which gives its memory back, when init has
 * made no progress for 2 s.
 */
static void
last_helper(volatile size_t *progress, size_t n)
{
	size_t seen = 0;
	char *p;

	oom_adjust(-1000);
	p = pages_new(n);
	pages_fill(p, n, 1);
	own_program();
	own_stack();
	*progress = 1;
	for (unsigned still = 0; still < 200; still++) {
		if (*progress != seen)
			still = 0;
		seen = *progress;
		usleep(10000);
	}
	_exit(0);
}

/* As pid 1 (tests/guest/boot_test.py): takes more memory than there is. */
static void __attribute__((constructor)) as_init(int argc, char **argv)
{
	enum { HELD = 2000 };
	volatile size_t *progress;
	size_t n;
	char *p;

	if (argc < 2 || strcmp(argv[1], "--alone") != 0)
		return;
	(void)mount("proc", "/proc", "proc", 0, NULL);
	progress = shared_new(1);
	if (utest_fork() == 0)
		last_helper(progress, HELD);
	own_program();
	own_stack();
	while (*progress == 0)
		sched_yield();
	n = (size_t)number_in("/proc/meminfo", "MemFree") * 1024 / PG;
	n += HELD / 2;
	p = pages_new(n);
	for (size_t i = 0; i < n; i++) {
		poke(p + i * PG, 1);
		*progress = i + 2;
	}
	printf("init has its %zu pages\n", n);
	exit(0);
}
