/* SPDX-License-Identifier: MIT */
/*
 * tests/user/threads.c - what programs ask of threads: pthreads, futexes,
 * signals and the ends of threads and processes.  Rows T0-T24.
 *
 * Locks and queues of the C library are used as programs use them, with more
 * threads than harts; futexes.c makes the calls directly.  thread_g.c has
 * threads that fork and fault.  Linux gives the same answers.
 */
#include "thread.h"

#include "meet.h"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

static _Atomic unsigned arrived;
static __thread unsigned mine = 5;

/* ---- beginning and end ---- */

static void *
add_to_mine(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg;

	for (unsigned i = 0; i < 100; i++)
		mine += n;
	return (void *)(uintptr_t)mine;
}

UTEST(t0, "T0 threads have their own variables and hand a result over")
{
	pthread_t t[20];

	for (unsigned round = 0; round < 5; round++) {
		for (uintptr_t i = 0; i < 20; i++)
			t[i] = start(add_to_mine, (void *)i);
		for (uintptr_t i = 0; i < 20; i++)
			EXPECT_EQ((uintptr_t)finish(t[i]), 5 + 100 * i);
	}
	EXPECT_EQ(mine, 5);
}

static void *
tell_ids(void *arg)
{
	pid_t *ids = arg;

	ids[0] = getpid();
	ids[1] = tid_self();
	ids[2] = getppid();
	return NULL;
}

UTEST(t1, "T1 one process id, an id for each thread")
{
	pid_t ids[3];

	finish(start(tell_ids, ids));
	EXPECT_EQ(ids[0], getpid());
	EXPECT_EQ(ids[2], getppid());
	EXPECT(ids[1] != getpid() && ids[1] > 0);
	EXPECT_EQ(tid_self(), getpid());
	/* Its id is free again, if not at once then a moment later. */
	while (syscall(SYS_tgkill, getpid(), ids[1], 0) == 0)
		sched_yield();
	EXPECT_ERR(syscall(SYS_tgkill, getpid(), ids[1], 0), ESRCH);
}

static void *
wait_for_ever(void *arg)
{
	arrived++;
	for (;;)
		pause();
	return arg;
}

static void
start_waiters(unsigned n)
{
	arrived = 0;
	for (unsigned i = 0; i < n; i++)
		start(wait_for_ever, NULL);
	await(&arrived, n);
}

UTEST(t2, "T2 exit_group by one thread ends them all")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		start_waiters(4);
		_exit(6);
	}
	EXPECT_EXIT(pid, 6);
}

static pthread_t main_thread;

static void *
exit_process(void *arg)
{
	pthread_join(main_thread, NULL);
	_exit((int)(uintptr_t)arg);
}

UTEST(t3, "T3 the main thread may end first")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		main_thread = pthread_self();
		start(exit_process, (void *)8);
		pthread_exit(NULL);
	}
	EXPECT_EXIT(pid, 8);
}

/* Returns after another thread. */
static void *
follow(void *arg)
{
	pthread_join(*(pthread_t *)arg, NULL);
	return arg;
}

UTEST(t3_all, "T3 the process ends well when all its threads return")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		static pthread_t second;

		main_thread = pthread_self();
		second = start(follow, &main_thread);
		start(follow, &second);
		pthread_exit(NULL);
	}
	EXPECT_EXIT(pid, 0);
}

UTEST(t4, "T4 a fatal signal to any thread ends them all")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		start_waiters(4);
		raise(SIGTERM);
		_exit(0);
	}
	EXPECT_KILLED(pid, SIGTERM);
	pid = utest_fork();
	if (pid == 0) {
		start_waiters(4);
		kill(getpid(), SIGKILL);
		pause();
	}
	EXPECT_KILLED(pid, SIGKILL);
}

static void *
write_nowhere(void *arg)
{
	*(volatile char *)arg = 1;
	return arg;
}

UTEST(t5, "T5 a fault in one thread ends them all")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		start_waiters(2);
		start(write_nowhere, (void *)16);
		pause();
	}
	EXPECT_KILLED(pid, SIGSEGV);
}

UTEST(t6, "T6 execve by any thread ends the others and keeps the process id")
{
	for (unsigned i = 0; i < 2; i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			start_waiters(3);
			if (i == 0)
				exec_exit(9);
			start(exec_nine, NULL);
			pause();
		}
		EXPECT_EXIT(pid, 9);
	}
}

static void *
exec_nothing(void *arg)
{
	char *const argv[] = { "nothing", NULL };

	execve("/no/such/program", argv, NULL);
	return (void *)(uintptr_t)(errno == ENOENT);
}

static uint64_t
used_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

UTEST(t23, "T23 what a main thread has used is not lost when another executes")
{
	const uint64_t least = 60000000;
	struct rusage r;
	int status;
	pid_t pid = utest_fork();

	if (pid == 0) {
		while (used_ns() < least)
			;
		start(exec_nine, NULL);
		pause();
	}
	REQUIRE_EQ(wait4(pid, &status, 0, &r), pid);
	EXPECT_EQ(status, 9 << 8);
	EXPECT((uint64_t)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000000000 +
		       (uint64_t)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) *
			       1000 +
		       2000 >=
	       least);
}

static void *
end_when_told(void *arg)
{
	_Atomic int *end = arg;

	while (*end == 0)
		sched_yield();
	_exit(11);
}

UTEST(t24, "T24 a process without its first thread is Z, and lives")
{
	_Atomic int *end = shared_new(1);
	int status;
	pid_t pid = utest_fork();

	if (pid == 0) {
		start(end_when_told, (void *)end);
		syscall(SYS_exit, 0);
	}
	while (state_of(pid) != 'Z')
		sched_yield();
	EXPECT_EQ(waitpid(pid, &status, WNOHANG), 0);
	EXPECT_EQ(kill(pid, 0), 0);
	*end = 1;
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	EXPECT_EQ(status, 11 << 8);
}

UTEST(t7, "T7 a failing execve leaves all threads as they were")
{
	arrived = 0;
	start(wait_for_ever, NULL);
	await(&arrived, 1);
	EXPECT_EQ((uintptr_t)finish(start(exec_nothing, NULL)), 1);
	EXPECT(access("/no/such/program", F_OK) != 0);
}

static void *
fork_a_child(void *arg)
{
	pid_t pid = utest_fork();

	if (pid == 0)
		_exit(tid_self() != getpid() || mine != 5);
	EXPECT_EXIT(pid, 0);
	return arg;
}

UTEST(t8, "T8 fork copies only the thread that calls it")
{
	start_waiters(3);
	finish(start(fork_a_child, NULL));
}

static void *
wait_for_child(void *arg)
{
	int status;

	return (void *)(uintptr_t)(waitpid(*(pid_t *)arg, &status, 0) ==
					   *(pid_t *)arg &&
				   status == 7 << 8);
}

UTEST(t9, "T9 any thread may wait for a child of another")
{
	pid_t pid = utest_fork();

	if (pid == 0)
		_exit(7);
	EXPECT_EQ((uintptr_t)finish(start(wait_for_child, &pid)), 1);
}

UTEST(t10, "T10 threads that only exist in part are refused")
{
	const unsigned long whole = CLONE_VM | CLONE_FS | CLONE_FILES |
				    CLONE_SIGHAND | CLONE_THREAD;
	char *stack = pages_new(1) + PG;

	need_tine("Linux lets more be unshared");
	for (unsigned i = 0; i < 4; i++) {
		unsigned long without[] = { CLONE_VM, CLONE_FS, CLONE_FILES,
					    CLONE_SIGHAND };

		EXPECT_ERR(syscall(SYS_clone, whole & ~without[i], stack, 0, 0,
				   0),
			   EINVAL);
	}
}

/* ---- locks ---- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static unsigned long total;

static void *
add_locked(void *arg)
{
	for (unsigned i = 0; i < utest_rounds(2000); i++) {
		pthread_mutex_lock(&mutex);
		total++;
		if (i % 64 == 0)
			sched_yield();
		pthread_mutex_unlock(&mutex);
	}
	return arg;
}

UTEST(t11, "T11 a mutex lets one thread in at a time")
{
	pthread_t t[4];

	for (unsigned i = 0; i < 4; i++)
		t[i] = start(add_locked, NULL);
	for (unsigned i = 0; i < 4; i++)
		finish(t[i]);
	EXPECT_EQ(total, 4ul * utest_rounds(2000));
}

static unsigned ball; /* the player to move */

static void *
play(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg;

	pthread_mutex_lock(&mutex);
	for (unsigned i = 0; i < utest_rounds(500); i++) {
		while (ball % 3 != me)
			pthread_cond_wait(&cond, &mutex);
		ball++;
		pthread_cond_broadcast(&cond);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

UTEST(t12, "T12 a condition variable hands a turn round")
{
	pthread_t t[3];

	for (uintptr_t i = 0; i < 3; i++)
		t[i] = start(play, (void *)i);
	for (unsigned i = 0; i < 3; i++)
		finish(t[i]);
	EXPECT_EQ(ball, 3 * utest_rounds(500));
}

static pthread_barrier_t barrier;
static _Atomic unsigned stage[4];

static void *
step(void *arg)
{
	unsigned me = (unsigned)(uintptr_t)arg, wrong = 0;

	for (unsigned i = 1; i <= utest_rounds(200); i++) {
		stage[me] = i;
		pthread_barrier_wait(&barrier);
		for (unsigned k = 0; k < 4; k++)
			wrong += stage[k] != i;
		pthread_barrier_wait(&barrier);
	}
	return (void *)(uintptr_t)wrong;
}

UTEST(t13, "T13 a barrier holds all until the last has come")
{
	pthread_t t[4];

	pthread_barrier_init(&barrier, NULL, 4);
	for (uintptr_t i = 0; i < 4; i++)
		t[i] = start(step, (void *)i);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ((uintptr_t)finish(t[i]), 0);
}

UTEST(t14, "T14 a thread that sleeps in a call can be cancelled")
{
	pthread_t t;

	arrived = 0;
	t = start(wait_for_ever, NULL);
	await(&arrived, 1);
	EXPECT_EQ(pthread_cancel(t), 0);
	EXPECT(finish(t) == PTHREAD_CANCELED);
}

static void
robust_mutex(pthread_mutex_t *m, bool shared)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	if (shared)
		pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	EXPECT_EQ(pthread_mutex_init(m, &a), 0);
}

static void *
die_locked(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

UTEST(t15, "T15 the owner of a robust mutex dies: the next one is told")
{
	pthread_mutex_t *m = shared_new(1);
	pid_t pid;

	robust_mutex(&m[0], false);
	finish(start(die_locked, &m[0]));
	EXPECT_EQ(pthread_mutex_lock(&m[0]), EOWNERDEAD);
	EXPECT_EQ(pthread_mutex_consistent(&m[0]), 0);
	EXPECT_EQ(pthread_mutex_unlock(&m[0]), 0);
	EXPECT_EQ(pthread_mutex_lock(&m[0]), 0);

	/* Another process, killed while we wait for it. */
	robust_mutex(&m[1], true);
	for (unsigned i = 0; i < 3; i++) {
		_Atomic unsigned *locked = (_Atomic unsigned *)(m + 8);

		*locked = 0;
		pid = utest_fork();
		if (pid == 0) {
			pthread_mutex_lock(&m[1]);
			pthread_mutex_lock(&m[0]); /* ours: sleeps */
			_exit(1);
		}
		while (pthread_mutex_trylock(&m[1]) == 0) {
			pthread_mutex_unlock(&m[1]);
			sched_yield();
		}
		kill(pid, SIGKILL);
		EXPECT_EQ(pthread_mutex_lock(&m[1]), EOWNERDEAD);
		EXPECT_EQ(pthread_mutex_consistent(&m[1]), 0);
		EXPECT_EQ(pthread_mutex_unlock(&m[1]), 0);
		EXPECT_KILLED(pid, SIGKILL);
	}
}

UTEST(t15_bad, "T15 a robust list of nonsense does no harm")
{
	uintptr_t *head = (uintptr_t *)pages_new(1);
	void *got = NULL;
	size_t size = 0;

	EXPECT_ERR(syscall(SYS_set_robust_list, head, 23), EINVAL);
	for (unsigned i = 0; i < 6; i++) {
		pid_t pid = utest_fork();

		if (pid == 0) {
			/* A ring, nothing mapped, not aligned, kernel ... */
			const uintptr_t next[] = {
				(uintptr_t)(head + 8), 16,
				(uintptr_t)head + 3,   (uintptr_t)-64,
				(uintptr_t)head,       (uintptr_t)(head + 8) | 1
			};

			head[0] = next[i];
			head[1] = i == 2 ? (uintptr_t)-1 : 8;
			head[2] = i == 5 ? (uintptr_t)-8 : 0;
			head[8] = next[i]; /* to itself */
			syscall(SYS_set_robust_list, head, 24);
			_exit(0);
		}
		EXPECT_EXIT(pid, 0);
	}
	if (syscall(SYS_get_robust_list, 0, &got, &size) == 0)
		EXPECT(got != NULL && size == 24);
	EXPECT_ERR(syscall(SYS_get_robust_list, 999999, &got, &size), ESRCH);
}

/* ---- futexes ---- */

static unsigned word, word2;
static _Atomic unsigned through;

static void *
wait_at_word(void *arg)
{
	unsigned bits = (unsigned)(uintptr_t)arg;
	long r;

	arrived++;
	do
		r = futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL,
			  bits);
	while (r != 0 && errno == EINTR);
	if (r == 0)
		through++;
	return (void *)(uintptr_t)(r == 0);
}

/*
 * Waits until n threads wait at a word: a requeue to itself moves none and
 * returns their number.
 */
static void
await_waiters(unsigned *at, unsigned n)
{
	while (futex(at, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)100ul, at,
		     *at) != n)
		sched_yield();
}

UTEST(t16, "T16 a futex wakes as many as asked, oldest first, by their bits")
{
	pthread_t t[4];

	arrived = through = 0;
	for (unsigned i = 0; i < 4; i++) {
		t[i] = start(wait_at_word, (void *)(1ul << i));
		await_waiters(&word, i + 1);
	}
	EXPECT_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 16),
		  0);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 9, NULL, NULL, 4), 1);
	EXPECT_EQ((uintptr_t)finish(t[2]), 1);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0), 1);
	EXPECT_EQ((uintptr_t)finish(t[0]), 1);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 2);
	EXPECT_EQ((uintptr_t)finish(t[1]), 1);
	EXPECT_EQ((uintptr_t)finish(t[3]), 1);
	EXPECT_ERR(futex(&word, FUTEX_WAIT_PRIVATE, 1, NULL, NULL, 0), EAGAIN);
	EXPECT_ERR(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 0),
		   EINVAL);
	EXPECT_ERR(futex((char *)&word + 1, FUTEX_WAIT_PRIVATE, 0, NULL, NULL,
			 0),
		   EINVAL);
	EXPECT_ERR(futex((void *)16, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0),
		   EFAULT);
}

UTEST(t17, "T17 waiters are moved from one futex to another")
{
	pthread_t t[4];

	word = word2 = 0;
	arrived = 0;
	for (unsigned i = 0; i < 4; i++)
		t[i] = start(wait_at_word, (void *)~0ul);
	await_waiters(&word, 4);
	EXPECT_ERR(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)9ul,
			 &word2, 1),
		   EAGAIN);
	/* One is woken, two are moved, one stays. */
	EXPECT_EQ(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)2ul,
			&word2, 0),
		  3);
	await_waiters(&word2, 2);
	EXPECT_EQ(futex(&word, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 1);
	EXPECT_EQ(futex(&word2, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0), 2);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ((uintptr_t)finish(t[i]), 1);
	EXPECT_ERR(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, -1, (void *)1ul,
			 &word2, 0),
		   EINVAL);
}

static void
on_alarm(int sig)
{
	(void)sig;
}

UTEST(t18, "T18 a futex wait ends at its time, or with a signal")
{
	struct sigaction sa = { .sa_handler = on_alarm };
	struct itimerval it = { .it_value = { .tv_usec = 5000 },
				.it_interval = { .tv_usec = 5000 } };
	struct timespec ts = { .tv_nsec = 3000000 }, now;

	word = 0;
	EXPECT_ERR(futex(&word, FUTEX_WAIT_PRIVATE, 0, &ts, NULL, 0),
		   ETIMEDOUT);
	clock_gettime(CLOCK_MONOTONIC, &now);
	EXPECT_ERR(futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, &now, NULL, ~0u),
		   ETIMEDOUT);
	clock_gettime(CLOCK_REALTIME, &now);
	EXPECT_ERR(futex(&word,
			 FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0,
			 &now, NULL, ~0u),
		   ETIMEDOUT);
	ts.tv_nsec = 1000000000;
	EXPECT_ERR(futex(&word, FUTEX_WAIT_PRIVATE, 0, &ts, NULL, 0), EINVAL);
	ts = (struct timespec){ .tv_sec = 100 };
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &it, NULL);
	EXPECT_ERR(futex(&word, FUTEX_WAIT_PRIVATE, 0, &ts, NULL, 0), EINTR);
}

UTEST(t19, "T19 a futex in a shared mapping works between processes")
{
	char byte[PG] = { 0 };
	int fd = temp_file(byte, PG);
	unsigned *w, *other;
	pid_t pid;

	for (unsigned i = 0; i < 2; i++) {
		w = mmap(NULL, PG, PROT_READ | PROT_WRITE,
			 i == 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED,
			 i == 0 ? -1 : fd, 0);
		REQUIRE(w != MAP_FAILED);
		pid = utest_fork();
		if (pid == 0) {
			/* At another address, for the file. */
			other = i == 0 ? w
				       : mmap(NULL, PG, PROT_READ | PROT_WRITE,
					      MAP_SHARED, fd, 0);
			_exit(futex(other + 3, FUTEX_WAIT, 0, NULL, NULL, 0) !=
			      0);
		}
		while (futex(w + 3, FUTEX_WAKE, 1, NULL, NULL, 0) == 0)
			sched_yield();
		EXPECT_EXIT(pid, 0);
	}
}

/* ---- signals ---- */

static _Atomic pid_t handled_by;

static void
note_thread(int sig)
{
	(void)sig;
	handled_by = tid_self();
}

static void
only_in(int sig, int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	EXPECT_EQ(pthread_sigmask(how, &set, NULL), 0);
}

static _Atomic pid_t their_tid;

static void *
take_usr1(void *arg)
{
	only_in(SIGUSR1, SIG_UNBLOCK);
	their_tid = tid_self();
	while (handled_by == 0)
		poll(NULL, 0, 1000);
	return arg;
}

UTEST(t20,
      "T20 a signal for the process goes to a thread that does not block it")
{
	struct sigaction sa = { .sa_handler = note_thread };
	pthread_t t;

	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	only_in(SIGUSR1, SIG_BLOCK);
	t = start(take_usr1, NULL);
	while (their_tid == 0)
		sched_yield();
	EXPECT_EQ(kill(getpid(), SIGUSR1), 0);
	finish(t);
	EXPECT_EQ(handled_by, their_tid);

	/* A signal for one thread stays with it, blocked or not. */
	handled_by = 0;
	EXPECT_EQ(syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1), 0);
	EXPECT_EQ(handled_by, 0);
	only_in(SIGUSR1, SIG_UNBLOCK);
	EXPECT_EQ(handled_by, getpid());
}

static void *
take_by_wait(void *arg)
{
	sigset_t set;
	int sig = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	arrived = 1;
	EXPECT_EQ(sigwait(&set, &sig), 0);
	EXPECT_EQ(sig, SIGUSR2);
	return arg;
}

UTEST(t20_wait, "T20 a signal that all block goes to the thread in sigwait")
{
	pthread_t t;

	only_in(SIGUSR2, SIG_BLOCK);
	arrived = 0;
	t = start(take_by_wait, NULL);
	await(&arrived, 1);
	EXPECT_EQ(kill(getpid(), SIGUSR2), 0);
	finish(t);
}

static _Atomic unsigned long *ticks;

static void *
tick_for_ever(void *arg)
{
	for (;;) {
		(*ticks)++;
		if (*ticks % 1024 == 0)
			sched_yield();
	}
	return arg;
}

#define STOP_PAGES 256u

static int stop_fd;

/* A call takes long, and a signal does not cut it short. */
static void *
write_for_ever(void *arg)
{
	static char data[2][STOP_PAGES * PG];

	memset(data[1], 1, sizeof(data[1]));
	for (unsigned i = 1;; i = !i) {
		if (pwrite(stop_fd, data[i], sizeof(data[i]), 0) < 0)
			_exit(1);
	}
	return arg;
}

static unsigned
pages_of_ones(const char *p)
{
	unsigned n = 0;

	for (unsigned i = 0; i < STOP_PAGES; i++)
		n += p[i * PG] == 1;
	return n;
}

UTEST(t21, "T21 SIGSTOP stops all threads, SIGCONT continues them")
{
	unsigned long was;
	unsigned ones;
	char none = 0, *p;
	int status;
	pid_t pid;

	ticks = shared_new(1);
	stop_fd = temp_file(&none, 1);
	REQUIRE_EQ(ftruncate(stop_fd, STOP_PAGES * PG), 0);
	p = mmap(NULL, STOP_PAGES * PG, PROT_READ, MAP_SHARED, stop_fd, 0);
	REQUIRE(p != MAP_FAILED);
	pid = utest_fork();
	if (pid == 0) {
		start(tick_for_ever, NULL);
		start(write_for_ever, NULL);
		tick_for_ever(NULL);
	}
	while (pages_of_ones(p) == 0)
		sched_yield();
	for (unsigned i = 0; i < 5; i++) {
		was = *ticks;
		while (*ticks == was)
			sched_yield();
		EXPECT_EQ(kill(pid, SIGSTOP), 0);
		REQUIRE_EQ(waitpid(pid, &status, WUNTRACED), pid);
		EXPECT(WIFSTOPPED(status));
		/* That is told when the last of them has stopped. */
		was = *ticks;
		ones = pages_of_ones(p);
		for (unsigned k = 0; k < 1000; k++)
			sched_yield();
		EXPECT_EQ(*ticks, was);
		EXPECT_EQ(pages_of_ones(p), ones);
		EXPECT_EQ(kill(pid, SIGCONT), 0);
	}
	kill(pid, SIGKILL);
	EXPECT_KILLED(pid, SIGKILL);
}

/* ---- shortage ---- */

static void *
do_nothing(void *arg)
{
	return arg;
}

UTEST(t22, "T22 a thread that finds no memory leaves nothing behind")
{
	int fd = fail_open();
	bool done = false;

	for (long n = 1; !done && n < 200; n++) {
		pthread_t t;
		int err;

		fail_arm(fd, n);
		err = pthread_create(&t, NULL, do_nothing, NULL);
		done = fail_disarm(fd) > 0;
		EXPECT(err == 0 || err == EAGAIN || err == ENOMEM);
		if (err == 0)
			finish(t);
	}
	EXPECT(done);
	close(fd);
}

static void *
meet(void *arg)
{
	pthread_barrier_wait(arg);
	return arg;
}

UTEST(t22_many, "T22 a hundred threads at once, and their memory is back")
{
	pthread_barrier_t all;
	pthread_t t[100];
	unsigned n = utest_processes(100);

	pthread_barrier_init(&all, NULL, n);
	for (unsigned i = 0; i < n; i++)
		t[i] = start(meet, &all);
	for (unsigned i = 0; i < n; i++)
		finish(t[i]);
}
