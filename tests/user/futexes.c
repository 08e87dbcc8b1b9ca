/*
 * tests/user/futexes.c - robust lists word by word, timed waits, and signals
 * for one thread of several.
 */
#include "thread.h"

#include "meet.h"

/* ---- robust lists ---- */

enum { LOCKS = 6 };

/* A lock as a robust list has it: the entry, and the word at its offset. */
struct lock {
	uintptr_t next;
	_Atomic uint32_t word;
	uint32_t unused;
};

struct head {
	uintptr_t first;
	long offset;
	uintptr_t pending;
};

/* In memory that the test shares with the process that dies. */
static struct {
	struct head head;
	struct lock lock[LOCKS];
	_Atomic int ready;
} * shared;

static uintptr_t
entry(unsigned i)
{
	return (uintptr_t)&shared->lock[i];
}

/*
 * The list holds locks 0 to 3; 4 is being taken or given up (pending) and in no
 * list; 5 is in none either.  me is the number of the owner, who is to die.
 */
static void
hold_locks(uint32_t me)
{
	const uint32_t words[LOCKS] = { me, me | FUTEX_WAITERS, me + 1, 0, me,
					me };

	for (unsigned i = 0; i < LOCKS; i++) {
		shared->lock[i].word = words[i];
		shared->lock[i].next =
			i < 3 ? entry(i + 1) : (uintptr_t)&shared->head;
	}
	shared->head = (struct head){ entry(0), offsetof(struct lock, word),
				      entry(4) };
	REQUIRE(syscall(SYS_set_robust_list, &shared->head,
			sizeof(shared->head)) == 0);
}

static void
expect_given_up(uint32_t me)
{
	EXPECT_EQ(shared->lock[0].word, FUTEX_OWNER_DIED);
	EXPECT_EQ(shared->lock[1].word, FUTEX_OWNER_DIED | FUTEX_WAITERS);
	EXPECT_EQ(shared->lock[2].word, me + 1);
	EXPECT_EQ(shared->lock[3].word, 0);
	EXPECT_EQ(shared->lock[4].word, FUTEX_OWNER_DIED);
	EXPECT_EQ(shared->lock[5].word, me);
}

UTEST(robust, "FU1 a dead owner's locks say so, the pending one, too")
{
	pid_t pid;

	shared = shared_new(1);
	for (unsigned i = 0; i < 3; i++) {
		pid = utest_fork();
		if (pid == 0) {
			hold_locks((uint32_t)getpid());
			if (i == 1)
				raise(SIGKILL);
			if (i == 2)
				exec_exit(0);
			_exit(0);
		}
		if (i == 1)
			EXPECT_KILLED(pid, SIGKILL);
		else
			EXPECT_EXIT(pid, 0);
		expect_given_up((uint32_t)pid);
	}
}

/* Sleeps until the word of lock i is woken. */
static pid_t
waiter(unsigned i, uint32_t value)
{
	pid_t pid;

	shared->ready = 0;
	pid = utest_fork();
	if (pid == 0) {
		shared->ready = 1;
		_exit(futex(&shared->lock[i].word, FUTEX_WAIT, value, NULL,
			    NULL, 0) != 0);
	}
	await_asleep(pid, &shared->ready, 1);
	return pid;
}

UTEST(robust_wake, "FU2 a waiter is woken, if the owner was giving up, too")
{
	pid_t pid, sleeper;

	shared = shared_new(1);
	/* The word is 0: given up, and the wake not sent. */
	sleeper = waiter(4, 0);
	pid = utest_fork();
	if (pid == 0) {
		shared->head =
			(struct head){ (uintptr_t)&shared->head,
				       offsetof(struct lock, word), entry(4) };
		syscall(SYS_set_robust_list, &shared->head,
			sizeof(shared->head));
		_exit(0);
	}
	EXPECT_EXIT(pid, 0);
	EXPECT_EXIT(sleeper, 0);
	EXPECT_EQ(shared->lock[4].word, 0);

	pid = utest_fork();
	if (pid == 0) {
		hold_locks((uint32_t)getpid());
		shared->ready = 2;
		while (shared->ready != 3)
			sched_yield();
		_exit(0);
	}
	await_flag(pid, &shared->ready, 2);
	sleeper = waiter(1, (uint32_t)pid | FUTEX_WAITERS);
	shared->ready = 3;
	EXPECT_EXIT(pid, 0);
	EXPECT_EXIT(sleeper, 0);
}

/* ---- timed waits ---- */

UTEST(deadlines, "FU3 a wait's time is relative, a BITSET wait's absolute")
{
	struct timespec t = { 0, 20000000 };
	unsigned *word = (unsigned *)pages_new(1);
	uint64_t start = now_ns();

	EXPECT_ERR(futex(word, FUTEX_WAIT, 0, &t, NULL, 0), ETIMEDOUT);
	EXPECT(now_ns() - start >= 20000000);
	clock_gettime(CLOCK_REALTIME, &t);
	EXPECT_ERR(futex(word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &t,
			 NULL, ~0u),
		   ETIMEDOUT);
}

/* ---- signals and threads ---- */

static _Atomic pid_t other_tid;
static _Atomic int phase;
static _Atomic pid_t handler_tid;

static void
note_tid(int sig)
{
	(void)sig;
	handler_tid = tid_self();
}

static void
thread_mask(int how, int sig)
{
	sigset_t set = set_of(sig, 0);

	EXPECT_EQ(pthread_sigmask(how, &set, NULL), 0);
}

/* Blocks USR1 while the signal comes, and takes it when told. */
static void *
block_and_take(void *arg)
{
	stack_t st;

	/* A thread has its creator's mask and no alternate stack. */
	EXPECT(is_blocked(SIGUSR2));
	EXPECT(sigaltstack(NULL, &st) == 0 && st.ss_flags == SS_DISABLE);
	thread_mask(SIG_BLOCK, SIGUSR1);
	other_tid = tid_self();
	while (phase == 0)
		sched_yield();
	EXPECT(is_pending(SIGUSR1));
	EXPECT_EQ(handler_tid, 0);
	thread_mask(SIG_UNBLOCK, SIGUSR1);
	EXPECT_EQ(handler_tid, tid_self());
	return arg;
}

UTEST(one_thread, "FU4 a signal for one thread waits there, and nowhere else")
{
	static char room[65536];
	stack_t st = { .ss_sp = room, .ss_size = sizeof(room) };
	struct sigaction sa = { .sa_handler = note_tid };
	pthread_t t;

	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	REQUIRE(sigaltstack(&st, NULL) == 0);
	thread_mask(SIG_BLOCK, SIGUSR2);
	t = start(block_and_take, NULL);
	while (other_tid == 0)
		sched_yield();
	EXPECT_EQ(syscall(SYS_tgkill, getpid(), other_tid, SIGUSR1), 0);
	/* Each change of a mask has the kernel look again. */
	thread_mask(SIG_BLOCK, SIGUSR1);
	EXPECT(!is_pending(SIGUSR1));
	thread_mask(SIG_UNBLOCK, SIGUSR1);
	EXPECT_EQ(handler_tid, 0);
	phase = 1;
	finish(t);
	EXPECT_EQ(handler_tid, other_tid);
	/* One for the process is seen by each. */
	kill(getpid(), SIGUSR2);
	EXPECT(is_pending(SIGUSR2));
}

static void *
wait_blocked(void *arg)
{
	thread_mask(SIG_BLOCK, SIGUSR1);
	phase = 1;
	while (phase != 2)
		sched_yield();
	/* Sent to the process while all had it blocked. */
	EXPECT(is_pending(SIGUSR1));
	thread_mask(SIG_UNBLOCK, SIGUSR1);
	return arg;
}

UTEST(who_unblocks,
      "FU5 one for the process goes to the thread that unblocks it")
{
	struct sigaction sa = { .sa_handler = note_tid };
	pthread_t t;

	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	thread_mask(SIG_BLOCK, SIGUSR1);
	t = start(wait_blocked, NULL);
	while (phase != 1)
		sched_yield();
	kill(getpid(), SIGUSR1);
	EXPECT(is_pending(SIGUSR1));
	phase = 2;
	finish(t);
	EXPECT(handler_tid != 0 && handler_tid != getpid());
	EXPECT(!is_pending(SIGUSR1));
}
