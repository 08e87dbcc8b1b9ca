/* SPDX-License-Identifier: MIT */
/*
 * tests/user/thread_g.c - fork, faults and mappings while other threads run:
 * rows A15, A20, C15, E4, G1-G9, G11-G14, G16, H2-H5, H8-H10.
 *
 * Each race is run many times; on one hart the timer's ticks and the places
 * where a thread sleeps are what makes them meet.
 */
#include "thread.h"

#include <sys/resource.h>

#define N 32

static _Atomic bool stop;
static _Atomic unsigned arrived;

/* Forks `rounds` times; the child ends with what check() returns, 0 good. */
static void
fork_rounds(unsigned rounds, int (*check)(void))
{
	for (unsigned i = 0; i < rounds; i++) {
		pid_t pid = utest_fork();

		if (pid == 0)
			_exit(check());
		if (!EXPECT_EXIT(pid, 0))
			break;
		if (i % 50 == 49)
			utest_note("%u forks", i + 1);
	}
}

/* ---- what a child sees is one moment ---- */

static _Atomic unsigned long *word_a, *word_b;

static void *
count_both(void *arg)
{
	while (!stop) {
		(*word_a)++;
		(*word_b)++;
		breathe(*word_b);
	}
	return arg;
}

static int
check_both(void)
{
	unsigned long b = *word_b, a = *word_a;

	return !(b <= a && a <= b + 1);
}

UTEST(a15, "A15 two pages that another thread writes are of one moment")
{
	char *p = pages_new(2);
	pthread_t t;

	word_a = (_Atomic unsigned long *)p;
	word_b = (_Atomic unsigned long *)(p + PG);
	t = start(count_both, NULL);
	fork_rounds(utest_rounds(400), check_both);
	stop = true;
	finish(t);
	EXPECT_EQ(check_both(), 0);
}

static int data_pipe[2];
static char *arrives_in;

static void *
read_late(void *arg)
{
	arrived = 1;
	EXPECT_EQ(read(data_pipe[0], arrives_in, PG), PG);
	return arg;
}

UTEST(a20, "A20 data that arrives after a fork is the parent's only")
{
	static char data[PG];
	struct peer c;
	pthread_t t;

	arrives_in = pages_new(1);
	memset(arrives_in, 'o', PG);
	memset(data, 'n', PG);
	REQUIRE(pipe(data_pipe) == 0);
	t = start(read_late, NULL);
	await(&arrived, 1);
	for (int i = 0; i < 100; i++)
		sched_yield(); /* it sleeps in read by now, or soon */
	if (fork_peer(&c) == 0) {
		peer_wait(&c);
		EXPECT_EQ(bytes_wrong(arrives_in, PG, 'o'), 0);
		utest_done();
	}
	EXPECT_EQ(write(data_pipe[1], data, PG), PG);
	finish(t);
	EXPECT_EQ(bytes_wrong(arrives_in, PG, 'n'), 0);
	peer_post(&c);
	PEER_END(&c);
}

/* The other way round: the second page is written first. */
UTEST(a15_far, "A15 the same with pages in different leaf tables")
{
	char *p = mmap(NULL, 1025 * PG, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	pthread_t t;

	REQUIRE(p != MAP_FAILED);
	word_a = (_Atomic unsigned long *)(p + 1024 * PG);
	word_b = (_Atomic unsigned long *)p;
	t = start(count_both, NULL);
	fork_rounds(utest_rounds(200), check_both);
	stop = true;
	finish(t);
}

static _Atomic unsigned long *counter;

static void *
count_one(void *arg)
{
	while (!stop)
		breathe(++*counter);
	return arg;
}

static int
check_constant(void)
{
	unsigned long first = *counter;

	for (unsigned i = 0; i < 1000; i++) {
		if (*counter != first)
			return 1;
		if (i % 250 == 0)
			sched_yield();
	}
	return 0;
}

UTEST(g3, "G3 a child's word stands still while a thread of the parent counts")
{
	pthread_t t;

	counter = (_Atomic unsigned long *)pages_new(1);
	t = start(count_one, NULL);
	fork_rounds(utest_rounds(150), check_constant);
	stop = true;
	finish(t);
}

static char *warm;

static void *
store_warm(void *arg)
{
	for (unsigned long i = 1; !stop; i++) {
		for (unsigned k = 0; k < N; k++)
			((volatile unsigned long *)(warm + k * PG))[1] = i;
		breathe(i * N);
	}
	return arg;
}

static int
check_warm(void)
{
	unsigned long seen[N];

	for (unsigned k = 0; k < N; k++)
		seen[k] = ((volatile unsigned long *)(warm + k * PG))[1];
	for (unsigned i = 0; i < 10; i++) {
		sched_yield();
		for (unsigned k = 0; k < N; k++) {
			volatile unsigned long *w =
				(volatile unsigned long *)(warm + k * PG);

			if (w[1] != seen[k])
				return 1;
		}
	}
	/* In the order of the stores: i for the first, i - 1 for the rest. */
	for (unsigned k = 1; k < N; k++) {
		if (seen[k] > seen[k - 1] || seen[k] + 1 < seen[0])
			return 2;
	}
	return 0;
}

UTEST(h2, "H2 stores on another hart stop reaching the child at fork")
{
	pthread_t t;

	warm = pages_new(N);
	t = start(store_warm, NULL);
	fork_rounds(utest_rounds(150), check_warm);
	stop = true;
	finish(t);
}

/* ---- several threads break a page at the same time ---- */

UTEST(g1, "G1 two processes write the same frame at once")
{
	_Atomic unsigned *turn = shared_new(1);
	unsigned rounds = utest_rounds(200);
	char *p = pages_new(1);

	for (unsigned i = 0; i < rounds; i++) {
		pid_t pid;

		*turn = 0;
		memset(p, 'o', PG);
		pid = utest_fork();
		if (pid == 0) {
			(*turn)++;
			await(turn, 2);
			poke(p + 8, 'c');
			_exit(!(peek(p + 8) == 'c' && peek(p) == 'o' &&
				peek(p + 16) == 'o'));
		}
		(*turn)++;
		await(turn, 2);
		poke(p + 16, 'p');
		EXPECT_EQ(peek(p + 16), 'p');
		EXPECT_EQ(peek(p + 8), 'o');
		if (!EXPECT_EXIT(pid, 0))
			break;
	}
}

static _Atomic unsigned phase; /* of G2: warm, store, rest, and again */
static unsigned long *both;    /* the page that both threads write */

static void *
write_second(void *arg)
{
	for (unsigned i = 0; !stop; i += 3) {
		volatile char warm_stack[256];

		while (phase < i + 1 && !stop)
			sched_yield();
		warm_stack[0] = 1;
		(void)warm_stack;
		arrived = 1;
		for (unsigned long k = 1; phase < i + 2 && !stop; k++)
			breathe(k);
		*(volatile unsigned long *)&both[1] = 7;
		arrived = 2;
		while (phase < i + 3 && !stop)
			sched_yield();
	}
	return arg;
}

UTEST(g2, "G2 two threads break one page: both stores stay, one copy is made")
{
	pthread_t t;

	both = (unsigned long *)pages_new(1);
	t = start(write_second, NULL);
	for (unsigned i = 0; i < 3 * utest_rounds(60); i += 3) {
		struct peer p;
		long breaks;

		both[0] = both[1] = both[2] = 1;
		if (fork_peer(&p) == 0) {
			peer_wait(&p);
			_exit(!(both[0] == 1 && both[1] == 1 && both[2] == 1));
		}
		/*
		 * All other pages that this thread writes are its own by now.
		 */
		arrived = 0;
		phase = i + 1;
		await(&arrived, 1);
		(void)stat_get("break_copy");
		breaks = stat_get("break_copy");
		phase = i + 2;
		*(volatile unsigned long *)&both[0] = 7;
		await(&arrived, 2);
		EXPECT(both[0] == 7 && both[1] == 7 && both[2] == 1);
		if (breaks >= 0)
			EXPECT(stat_get("break_copy") - breaks <= 1);
		phase = i + 3;
		peer_post(&p);
		PEER_END(&p);
		if (utest_failures > 0)
			break;
	}
	stop = true;
	finish(t);
}

static volatile unsigned long *page4;

static void *
g4_write(void *arg)
{
	for (unsigned long i = 1; !stop; i++) {
		page4[0] = i;
		breathe(i);
	}
	return arg;
}

static void *
g4_fault(void *arg)
{
	for (unsigned long i = 1; !stop; i++) {
		page4[64] = i;
		sched_yield();
	}
	return arg;
}

static void *
g4_read(void *arg)
{
	unsigned long last = 0, now;
	bool ok = true;

	for (unsigned long i = 0; !stop; i++) {
		now = page4[0];
		ok = ok && now >= last;
		last = now;
		breathe(i);
	}
	return ok ? arg : NULL;
}

static int
g4_check(void)
{
	unsigned long was = page4[0];

	page4[0] = 0;
	sched_yield();
	return page4[0] != 0 || was == ~0ul;
}

UTEST(g4, "G4 a reader never sees an older value while forks go on")
{
	pthread_t w, f, r;

	page4 = (unsigned long *)pages_new(1);
	w = start(g4_write, NULL);
	f = start(g4_fault, NULL);
	r = start(g4_read, (void *)1);
	fork_rounds(utest_rounds(150), g4_check);
	stop = true;
	finish(w);
	finish(f);
	EXPECT(finish(r) == (void *)1);
}

UTEST(g11, "G11 parent and child first write to one 2 MiB at once")
{
	_Atomic unsigned *turn = shared_new(1);
	char *p = pages_new(N);

	for (unsigned i = 0; i < utest_rounds(150); i++) {
		pid_t pid;

		*turn = 0;
		memset(p, 'o', N * PG);
		pid = utest_fork();
		(*turn)++;
		await(turn, 2);
		for (unsigned k = 0; k < N; k += 2)
			poke(p + (k + (pid == 0)) * PG, pid == 0 ? 'c' : 'p');
		for (unsigned k = 0; k < N; k++) {
			char mine = pid == 0 ? 'c' : 'p';
			char want = k % 2 == (pid == 0) ? mine : 'o';

			if (!EXPECT_EQ(peek(p + k * PG), want))
				break;
		}
		if (pid == 0)
			_exit(utest_failures > 0);
		if (!EXPECT_EXIT(pid, 0))
			break;
	}
}

UTEST(g12, "G12 a child exits while the parent makes its pages its own")
{
	char *p = pages_new(N);

	for (unsigned i = 0; i < utest_rounds(150); i++) {
		pid_t pid;

		memset(p, 'o', N * PG);
		pid = utest_fork();
		if (pid == 0)
			_exit(0);
		for (unsigned k = 0; k < N; k++)
			poke(p + k * PG, (char)k);
		for (unsigned k = 0; k < N; k++)
			EXPECT(peek(p + k * PG) == (char)k &&
			       peek(p + k * PG + 1) == 'o');
		if (!EXPECT_EXIT(pid, 0))
			break;
	}
}

/* ---- mappings against faults ---- */

static __thread sigjmp_buf jump;
static __thread volatile bool jump_set;

static void
on_fault(int sig)
{
	if (!jump_set)
		_exit(100 + sig);
	siglongjmp(jump, 1);
}

static void
catch_faults(void)
{
	struct sigaction sa = { .sa_handler = on_fault };

	REQUIRE(sigaction(SIGSEGV, &sa, NULL) == 0);
	REQUIRE(sigaction(SIGBUS, &sa, NULL) == 0);
}

static char *volatile target; /* three pages; the middle one changes */
static _Atomic unsigned long stored, faulted;

/* Stores values that grow until stop; a fault is counted and tried again. */
static void *
store_target(void *arg)
{
	static unsigned long i; /* goes on after a fault */

	if (sigsetjmp(jump, 1) != 0) {
		faulted++;
		sched_yield();
	}
	jump_set = true;
	while (!stop) {
		*(volatile unsigned long *)(target + PG) = ++i;
		stored = i;
		breathe(i);
	}
	jump_set = false;
	return arg;
}

static void
target_new(void)
{
	catch_faults();
	target = pages_new(3);
	memset(target, 'g', 3 * PG);
}

static void
target_guards(void)
{
	EXPECT_EQ(bytes_wrong(target, PG, 'g'), 0);
	EXPECT_EQ(bytes_wrong(target + 2 * PG, PG, 'g'), 0);
}

UTEST(g5, "G5 munmap against a write fault: a fault or success, no damage")
{
	pthread_t t;

	target_new();
	t = start(store_target, NULL);
	for (unsigned i = 0; i < utest_rounds(400); i++) {
		REQUIRE(munmap(target + PG, PG) == 0);
		if (i % 4 == 0)
			sched_yield();
		REQUIRE(mmap(target + PG, PG, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			     0) == target + PG);
		if (i % 8 == 0)
			sched_yield();
	}
	stop = true;
	finish(t);
	target_guards();
	EXPECT_EQ(bytes_wrong(target + PG + 8, PG - 8, 0), 0);
}

UTEST(g6, "G6 no store after mprotect has taken the right to write")
{
	volatile unsigned long *w;
	pthread_t t;

	target_new();
	w = (volatile unsigned long *)(target + PG);
	t = start(store_target, NULL);
	for (unsigned i = 0; i < utest_rounds(200); i++) {
		unsigned long was;

		REQUIRE(mprotect(target + PG, PG, PROT_READ) == 0);
		was = *w;
		for (unsigned k = 0; k < 200; k++) {
			if (!EXPECT_EQ(*w, was))
				goto out;
		}
		sched_yield();
		if (!EXPECT_EQ(*w, was))
			break;
		REQUIRE(mprotect(target + PG, PG, PROT_READ | PROT_WRITE) == 0);
		sched_yield();
	}
out:
	stop = true;
	mprotect(target + PG, PG, PROT_READ | PROT_WRITE);
	finish(t);
	target_guards();
}

UTEST(g6_fork, "G6 the same while the page is shared with a child")
{
	volatile unsigned long *w;
	pthread_t t;

	target_new();
	w = (volatile unsigned long *)(target + PG);
	t = start(store_target, NULL);
	for (unsigned i = 0; i < utest_rounds(100); i++) {
		unsigned long was;
		pid_t pid = utest_fork();

		if (pid == 0) {
			was = *w;
			sched_yield();
			_exit(*w != was);
		}
		REQUIRE(mprotect(target + PG, PG, PROT_READ) == 0);
		was = *w;
		for (unsigned k = 0; k < 50; k++)
			EXPECT_EQ(*w, was);
		REQUIRE(mprotect(target + PG, PG, PROT_READ | PROT_WRITE) == 0);
		if (!EXPECT_EXIT(pid, 0) || utest_failures > 0)
			break;
	}
	stop = true;
	finish(t);
	target_guards();
}

UTEST(g13, "G13 MADV_DONTNEED against a break: zero or the new value")
{
	volatile unsigned long *w;
	pthread_t t;

	target_new();
	w = (volatile unsigned long *)(target + PG);
	t = start(store_target, NULL);
	while (stored == 0)
		sched_yield();
	for (unsigned i = 0; i < utest_rounds(100); i++) {
		struct peer p;
		unsigned long before, now;

		if (fork_peer(&p) == 0) {
			peer_wait(&p);
			_exit(w[1] != 0x6767676767676767ul && w[1] != 0);
		}
		before = *w;
		REQUIRE(madvise(target + PG, PG, MADV_DONTNEED) == 0);
		now = *w;
		if (!EXPECT(now == 0 || now >= before) || !EXPECT_EQ(w[1], 0))
			break;
		peer_post(&p);
		PEER_END(&p);
	}
	stop = true;
	finish(t);
	target_guards();
}

/* Reads until it faults; 1 when it ever saw `poison`. */
static void *
read_target(void *arg)
{
	volatile unsigned long *w = (volatile unsigned long *)(target + PG);
	unsigned long poison = (unsigned long)arg;
	volatile bool bad = false;

	if (sigsetjmp(jump, 1) == 0) {
		jump_set = true;
		arrived = 1;
		for (unsigned long i = 0;; i++) {
			bad = bad || *w == poison;
			breathe(i);
		}
	}
	jump_set = false;
	return bad ? arg : NULL;
}

UTEST(h4, "H4 a reader on another hart never sees a frame after its munmap")
{
	const unsigned long poison = 0x5a5a5a5a5a5a5a5aul;

	target_new();
	for (unsigned i = 0; i < utest_rounds(100); i++) {
		pthread_t t;
		char *fresh;

		arrived = 0;
		t = start(read_target, (void *)poison);
		await(&arrived, 1);
		sched_yield();
		REQUIRE(munmap(target + PG, PG) == 0);
		fresh = mmap(NULL, 16 * PG, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		REQUIRE(fresh != MAP_FAILED);
		if (fresh <= target + PG && target + PG < fresh + 16 * PG)
			utest_fail(__FILE__, __LINE__, "the hole was reused");
		memset(fresh, 0x5a, 16 * PG);
		EXPECT(finish(t) == NULL);
		munmap(fresh, 16 * PG);
		REQUIRE(mmap(target + PG, PG, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			     0) == target + PG);
		memset(target + PG, 'g', PG);
	}
}

/* Stores until it faults. */
static void *
store_until_fault(void *arg)
{
	if (sigsetjmp(jump, 1) == 0) {
		jump_set = true;
		arrived = 1;
		for (unsigned long i = 1;; i++) {
			*(volatile unsigned long *)(target + PG) = i;
			breathe(i);
		}
	}
	jump_set = false;
	return arg;
}

UTEST(h5, "H5 a writer on another hart faults at once after mprotect")
{
	volatile unsigned long *w;

	target_new();
	w = (volatile unsigned long *)(target + PG);
	for (unsigned i = 0; i < utest_rounds(100); i++) {
		unsigned long was;
		pthread_t t;

		arrived = 0;
		t = start(store_until_fault, NULL);
		await(&arrived, 1);
		sched_yield();
		REQUIRE(mprotect(target + PG, PG, PROT_READ) == 0);
		was = *w;
		finish(t);
		EXPECT_EQ(*w, was);
		REQUIRE(mprotect(target + PG, PG, PROT_READ | PROT_WRITE) == 0);
	}
}

static _Atomic unsigned round_now, round_seen;

static void *
h3_read(void *arg)
{
	volatile unsigned long *w = arg;
	void *bad = NULL;

	unsigned last = 0;

	for (unsigned long i = 0; !stop; i++) {
		unsigned r = round_now;

		if (*w < r)
			bad = arg;
		if (r != last)
			round_seen = last = r;
		breathe(i);
	}
	return bad;
}

UTEST(h3, "H3 a reader on another hart sees the new frame after a break")
{
	unsigned long *w = (unsigned long *)pages_new(1);
	pthread_t t = start(h3_read, w);

	for (unsigned i = 1; i <= utest_rounds(100); i++) {
		struct peer p;

		if (fork_peer(&p) == 0) {
			peer_wait(&p);
			_exit(*w != i - 1);
		}
		*(volatile unsigned long *)w = i;
		round_now = i;
		await(&round_seen, i);
		peer_post(&p);
		PEER_END(&p);
		if (utest_failures > 0)
			break;
	}
	stop = true;
	EXPECT(finish(t) == NULL);
}

/* ---- ends, forks and programs against each other ---- */

static void *
fork_for_ever(void *arg)
{
	for (;;) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
		arrived = 1;
	}
	return arg;
}

static void
start_forker(void)
{
	start(fork_for_ever, NULL);
	await(&arrived, 1);
}

UTEST(g7, "G7 exit_group against fork")
{
	for (unsigned i = 0; i < utest_rounds(100); i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			start_forker();
			for (unsigned k = 0; k < i % 8; k++)
				sched_yield();
			_exit(3);
		}
		if (!EXPECT_EXIT(pid, 3))
			break;
	}
}

static void *
fork_and_check(void *arg)
{
	char *p = arg;

	for (unsigned i = 0; i < utest_rounds(60); i++) {
		pid_t pid = fork();
		int status = -1;

		if (pid == 0) {
			size_t wrong = pages_wrong(p, N, 5);

			pages_fill(p, N, 6);
			_exit(wrong != 0 || pages_wrong(p, N, 6) != 0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
			return NULL;
	}
	return p;
}

UTEST(g8, "G8 two threads fork at once: all children are good")
{
	char *p = pages_new(N);
	pthread_t t;

	pages_fill(p, N, 5);
	t = start(fork_and_check, p);
	EXPECT(fork_and_check(p) == p);
	EXPECT(finish(t) == p);
	EXPECT_EQ(pages_wrong(p, N, 5), 0);
}

UTEST(g9, "G9 exec against fork: one program, and good children")
{
	for (unsigned i = 0; i < utest_rounds(60); i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			start_forker();
			if (i % 2 == 0)
				exec_exit(9);
			start(exec_nine, NULL);
			for (;;)
				pause();
		}
		if (!EXPECT_EXIT(pid, 9))
			break;
	}
}

static void *
break_for_ever(void *arg)
{
	char *p = arg;

	for (unsigned i = 0;; i++) {
		poke(p + i % N * PG, (char)i);
		arrived = 1;
		breathe(i);
	}
	return NULL;
}

UTEST(e4, "E4 exit_group while other threads break pages")
{
	char *p = pages_new(N);

	pages_fill(p, N, 5);
	for (unsigned i = 0; i < utest_rounds(60); i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			start(break_for_ever, p);
			start(break_for_ever, p);
			await(&arrived, 1);
			_exit(4);
		}
		if (!EXPECT_EXIT(pid, 4))
			break;
	}
	EXPECT_EQ(pages_wrong(p, N, 5), 0);
}

/* Writes pages again and again while forks and exits go on beside it. */
static void *
touch_for_long(void *arg)
{
	char *p = arg;

	for (unsigned i = 0; !stop; i++) {
		poke(p + i * 7 % (4 * N) * PG, (char)i);
		breathe(i);
	}
	return NULL;
}

UTEST(g14, "G14 deferred work against faults, exits and a second fork")
{
	char *p = pages_new(4 * N);
	pthread_t t = start(touch_for_long, p);

	for (unsigned i = 0; i < utest_rounds(100); i++) {
		pid_t pid = utest_fork(), second;

		if (pid == 0) {
			second = fork();
			poke(p + i % (4 * N) * PG, 1);
			if (second == 0)
				_exit(0);
			_exit(second < 0 || utest_wait(second) != 0);
		}
		/* Now and then the drain thread gets its turn. */
		if (i % 64 == 0)
			usleep(15000);
		if (!EXPECT_EXIT(pid, 0))
			break;
	}
	stop = true;
	finish(t);
}

UTEST(g16, "G16 a process that moves between harts keeps its stores")
{
	unsigned long *w = (unsigned long *)pages_new(1);
	struct peer p;

	for (unsigned i = 0; i < utest_rounds(60); i++) {
		*(volatile unsigned long *)w = i;
		/* A sleep lets another hart run this thread. */
		if (fork_peer(&p) == 0) {
			peer_post(&p);
			peer_wait(&p);
			_exit(*w != i);
		}
		peer_wait(&p);
		EXPECT_EQ(*(volatile unsigned long *)w, i);
		*(volatile unsigned long *)w = i + 1;
		peer_post(&p);
		PEER_END(&p);
		if (!EXPECT_EQ(*(volatile unsigned long *)w, i + 1))
			break;
	}
}

/* ---- what it costs ---- */

UTEST(h9, "H9 one thread forks and breaks pages without interrupting a hart")
{
	char *p = pages_new(N);
	long remote;
	pid_t pid;

	need_tine("the counters are its own");
	memset(p, 1, N * PG);
	remote = stat_get("flush_remote");
	pid = utest_fork();
	if (pid == 0) {
		poke(p, 2);
		_exit(0);
	}
	for (unsigned i = 0; i < N; i++)
		poke(p + i * PG, 3);
	EXPECT_EXIT(pid, 0);
	EXPECT_GREW("flush_remote", remote, 0);
}

/* ---- faults that find nothing to do ---- */

#define STORERS 4

static _Atomic unsigned wave;

/* In each wave, all at once, a store to each page. */
static void *
store_in_waves(void *arg)
{
	const uintptr_t me = (uintptr_t)arg;

	for (unsigned w = 1;; w++) {
		for (unsigned long i = 0; wave < w && !stop; i++)
			breathe(i);
		if (stop)
			return arg;
		for (unsigned k = 0; k < N; k++)
			((volatile unsigned *)(warm + k * PG))[me] = w;
		arrived++;
	}
}

static int
at_once(void)
{
	return 0;
}

/* How often a leaf of ours has gained a permission. */
static long
upgrades(void)
{
	static const char *const names[] = {
		"break_copy", "break_reuse", "break_zero",    "break_file",
		"fill_zero",  "fill_file",   "tables_copied", "tables_reused",
	};
	long n = 0;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		n += stat_get(names[i]);
	return n;
}

/*
 * In every second wave the pages have just lost W to a fork; in the others no
 * page is present.
 */
UTEST(h8, "H8 an entry that gains a right costs each hart one fault at most")
{
	long harts = sysconf(_SC_NPROCESSORS_ONLN), spurious, gained;
	pthread_t t[STORERS];

	need_tine("the counters are its own");
	warm = pages_new(N);
	wave = arrived = 0;
	for (uintptr_t i = 0; i < STORERS; i++)
		t[i] = start(store_in_waves, (void *)i);
	spurious = stat_get("spurious");
	gained = upgrades();
	for (unsigned i = 0; i < utest_rounds(100); i++) {
		if (i % 2 == 0)
			fork_rounds(1, at_once);
		else
			EXPECT(madvise(warm, N * PG, MADV_DONTNEED) == 0);
		wave++;
		while (arrived < wave * STORERS)
			sched_yield();
		for (unsigned k = 0; k < N * STORERS; k++)
			EXPECT_EQ(((unsigned *)(warm +
						k / STORERS * PG))[k % STORERS],
				  wave);
	}
	gained = upgrades() - gained;
	spurious = stat_get("spurious") - spurious;
	stop = true;
	for (unsigned i = 0; i < STORERS; i++)
		finish(t[i]);
	utest_note("%ld faults for nothing, %ld upgrades", spurious, gained);
	EXPECT(gained >= (long)utest_rounds(100) / 2 * N);
	EXPECT(spurious <= gained * harts);
}

static void *
spin_until_stop(void *arg)
{
	for (unsigned long i = 0; !stop; i++)
		breathe(i);
	return arg;
}

UTEST(h10, "H10 a fork interrupts each other hart at most once")
{
	char *p = pages_new(512);
	pthread_t t[3];

	need_tine("the counters are its own");
	memset(p, 1, 512 * PG);
	for (unsigned i = 0; i < 3; i++)
		t[i] = start(spin_until_stop, NULL);
	for (unsigned i = 0; i < utest_rounds(20); i++) {
		long broken = upgrades(), before = stat_get("flush_remote");
		long after;
		pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

		if (pid == 0)
			_exit(0);
		/* The threads' first stores after the fork break pages, too. */
		after = stat_get("flush_remote");
		broken = upgrades() - broken;
		EXPECT(after - before <= 1 + broken);
		EXPECT(broken < 100);
		EXPECT_EXIT(pid, 0);
	}
	stop = true;
	for (unsigned i = 0; i < 3; i++)
		finish(t[i]);
}

static void *
wait_on_word(void *arg)
{
	arrived = 1;
	while (futex(arg, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0) != 0) {
		if (errno != EINTR)
			return NULL;
	}
	return arg;
}

UTEST(c15, "C15 a child's wake does not reach a thread that waits on its copy")
{
	unsigned *w = (unsigned *)pages_new(1);
	pthread_t t;
	pid_t pid;

	*w = 1;
	t = start(wait_on_word, w);
	await(&arrived, 1);
	/* Moved to where it is, it is counted: it waits. */
	while (futex(w, FUTEX_REQUEUE_PRIVATE, 0, (void *)1, w, 0) == 0)
		sched_yield();
	pid = utest_fork();
	if (pid == 0) {
		*(volatile unsigned *)w = 2;
		_exit(futex(w, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) != 0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EQ(*(volatile unsigned *)w, 1);
	/* It may not have got there yet. */
	while (futex(w, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0) == 0)
		sched_yield();
	EXPECT(finish(t) == w);
}
