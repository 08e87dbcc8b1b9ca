/* SPDX-License-Identifier: MIT */
/*
 * tests/user/futexes.c - robust lists word by word, timed waits, FUTEX_WAKE_OP,
 * and signals for one thread of several.
 *
 * threads.c tests futexes as pthreads use them; here the calls are made
 * directly and each word is compared.  The lists of a dead owner lie in memory
 * that the test shares with it.  Linux gives the same answers.
 */
#include "thread.h"

#include "meet.h"

#include <semaphore.h>

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
 * The list holds locks 0 to 3.  Lock 4 is being taken or given up (pending) and
 * in no list; lock 5 is in no list, and not pending.  me is the number of the
 * owner, which is about to die.
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

/* ---- sleeping until a time of the real clock ---- */

enum { SLEEP, FUTEX, SEMAPHORE, CONDITION, WAYS };

static long
real_ns(void)
{
	struct timespec t;

	REQUIRE(clock_gettime(CLOCK_REALTIME, &t) == 0);
	return t.tv_sec * 1000000000l + t.tv_nsec;
}

static void
set_real(long ns)
{
	struct timespec t = { ns / 1000000000l, ns % 1000000000l };

	REQUIRE(clock_settime(CLOCK_REALTIME, &t) == 0);
}

/* True when the call says that the time has come. */
static bool
sleep_until(int way, long ns)
{
	struct timespec t = { ns / 1000000000l, ns % 1000000000l };
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	unsigned word = 0;
	sem_t sem;

	switch (way) {
	case SLEEP:
		return clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t,
				       NULL) == 0;
	case FUTEX:
		return futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0,
			     &t, NULL, ~0u) == -1 &&
		       errno == ETIMEDOUT;
	case SEMAPHORE:
		return sem_init(&sem, 0, 0) == 0 &&
		       sem_timedwait(&sem, &t) == -1 && errno == ETIMEDOUT;
	default:
		return pthread_mutex_lock(&mutex) == 0 &&
		       pthread_cond_timedwait(&cond, &mutex, &t) == ETIMEDOUT;
	}
}

/* Has it fallen asleep, or has it ended? */
static bool
stays_asleep(pid_t pid)
{
	char state;

	while ((state = state_of(pid)) != 'S' && state != 'Z')
		sched_yield();
	return state == 'S';
}

/* A child that sleeps until then and sees that the clock is not before it. */
static pid_t
real_sleeper(int way, long ns)
{
	pid_t pid;

	shared->ready = 0;
	pid = utest_fork();
	if (pid == 0) {
		shared->ready = 1;
		EXPECT(sleep_until(way, ns));
		EXPECT(real_ns() >= ns);
		utest_done();
	}
	while (shared->ready == 0)
		sched_yield();
	return pid;
}

static const long hour = 3600000000000l;

UTEST(clock_forward,
      "FU10 a sleep until an hour ends when the clock is set to it")
{
	need_tine("the clock is not ours elsewhere");
	shared = shared_new(1);
	for (int way = 0; way < WAYS; way++) {
		long now = real_ns();
		pid_t pid = real_sleeper(way, now + hour);
		pid_t later = real_sleeper(way, now + 3 * hour);

		EXPECT(stays_asleep(pid) && stays_asleep(later));
		set_real(now + 2 * hour);
		EXPECT_EXIT(pid, 0);
		EXPECT(stays_asleep(later));
		set_real(now + 4 * hour);
		EXPECT_EXIT(later, 0);
		set_real(now);
	}
}

UTEST(clock_back,
      "FU10 a sleep until an hour goes on when the clock is set back")
{
	const struct timespec longer = { 0, 300000000 };

	need_tine("the clock is not ours elsewhere");
	shared = shared_new(1);
	for (int way = 0; way < WAYS; way++) {
		long began, now, until;
		pid_t pid;

		/* Until the clock was set back before the time came. */
		for (;;) {
			now = real_ns();
			began = (long)now_ns();
			until = now + 200000000;
			pid = real_sleeper(way, until);
			set_real(now - hour);
			if ((long)now_ns() - began < 200000000)
				break;
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
			set_real(now);
		}
		nanosleep(&longer, NULL);
		EXPECT(stays_asleep(pid));
		set_real(until);
		EXPECT_EXIT(pid, 0);
	}
}

/* ---- two words at once, and words that are not there ---- */

static long
wake_op(unsigned at, unsigned at2, unsigned op)
{
	return futex(&shared->lock[at].word, FUTEX_WAKE_OP, 1, (void *)1,
		     &shared->lock[at2].word, op);
}

UTEST(wake_op_wakes, "FU6 FUTEX_WAKE_OP wakes at one word or at both")
{
	pid_t one, two;

	shared = shared_new(1);
	one = waiter(0, 0);
	two = waiter(1, 0);
	/* The old value is 0, so only the first word's waiter is woken. */
	EXPECT_EQ(wake_op(0, 1, FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_GT, 0)),
		  1);
	EXPECT_EXIT(one, 0);
	EXPECT_EQ(shared->lock[1].word, 5);
	one = waiter(0, 0);
	EXPECT_EQ(wake_op(0, 1, FUTEX_OP(FUTEX_OP_ADD, -6, FUTEX_OP_CMP_EQ, 5)),
		  2);
	EXPECT_EXIT(one, 0);
	EXPECT_EXIT(two, 0);
	EXPECT_EQ(shared->lock[1].word, -1u);
}

UTEST(wake_op_ops, "FU7 FUTEX_WAKE_OP: each operation and each comparison")
{
	static const struct {
		unsigned op, old, now;
	} ops[] = {
		{ FUTEX_OP(FUTEX_OP_SET, -3, 0, 0), 9, -3u },
		{ FUTEX_OP(FUTEX_OP_ADD, 2047, 0, 0), 1, 2048 },
		{ FUTEX_OP(FUTEX_OP_OR, 6, 0, 0), 3, 7 },
		{ FUTEX_OP(FUTEX_OP_ANDN, 6, 0, 0), 7, 1 },
		{ FUTEX_OP(FUTEX_OP_XOR, -1, 0, 0), 5, ~5u },
		{ FUTEX_OP((FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT), 31, 0, 0), 1,
		  0x80000001 },
	};
	/* Comparisons of the old value with -1, one bit for each: EQ lowest. */
	static const struct {
		int old;
		unsigned true_for;
	} compare[] = { { -1, 1 | 8 | 32 },
			{ -2, 2 | 4 | 8 },
			{ 0, 2 | 16 | 32 } };
	pid_t pid;

	shared = shared_new(1);
	for (unsigned i = 0; i < ARRAY_LEN(ops); i++) {
		shared->lock[1].word = ops[i].old;
		EXPECT_EQ(wake_op(0, 1, ops[i].op), 0);
		EXPECT_EQ(shared->lock[1].word, ops[i].now);
	}
	for (unsigned i = 0; i < ARRAY_LEN(compare); i++) {
		for (unsigned c = 0; c < 6; c++) {
			bool is = compare[i].true_for >> c & 1;
			long woken;

			shared->lock[1].word = (unsigned)compare[i].old;
			pid = waiter(1, (unsigned)compare[i].old);
			woken = wake_op(0, 1, FUTEX_OP(FUTEX_OP_ADD, 0, c, -1));
			EXPECT_EQ(woken, is);
			if (woken <= 0)
				EXPECT_EQ(futex(&shared->lock[1].word,
						FUTEX_WAKE, 1, NULL, NULL, 0),
					  1);
			EXPECT_EXIT(pid, 0);
		}
	}
	/* What there is not; a comparison is looked at after the change. */
	shared->lock[1].word = 1;
	EXPECT_ERR(wake_op(0, 1, FUTEX_OP(5, 1, 0, 0)), ENOSYS);
	EXPECT_EQ(shared->lock[1].word, 1);
	EXPECT_ERR(wake_op(0, 1, FUTEX_OP(FUTEX_OP_SET, 2, 6, 0)), ENOSYS);
	EXPECT_EQ(shared->lock[1].word, 2);
}

/* Every call that wakes, on a word that processes may share, or not. */
static void
expect_wakes(unsigned *word, int private, int err)
{
	const unsigned op = FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_EQ, 0);
	static unsigned good[1];
	long got[] = {
		futex(word, FUTEX_WAKE | private, 1, NULL, NULL, 0),
		errno,
		futex(word, FUTEX_WAKE_BITSET | private, 1, NULL, NULL, 1),
		errno,
		futex(good, FUTEX_REQUEUE | private, 1, (void *)1, word, 0),
		errno,
		futex(good, FUTEX_CMP_REQUEUE | private, 1, (void *)1, word, 0),
		errno,
		futex(word, FUTEX_WAKE_OP | private, 1, (void *)1, good, op),
		errno,
	};

	for (unsigned i = 0; i < ARRAY_LEN(got); i += 2) {
		if (got[i] != (err != 0 ? -1 : 0) ||
		    (err != 0 && got[i + 1] != err))
			utest_fail(__FILE__, __LINE__,
				   "call %u at %p: %ld, errno %ld, not %d",
				   i / 2, (void *)word, got[i], got[i + 1],
				   err);
	}
}

UTEST(bad_words, "FU8 a shared word must be there to be woken at")
{
	const unsigned op = FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0);
	int fd = temp_file_of(0, PG);
	char *p = shared_new(3), *mine = pages_new(2), *file;

	file = mmap(NULL, 2 * PG, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	REQUIRE(fd >= 0 && file != MAP_FAILED);
	REQUIRE(munmap(p + PG, PG) == 0);
	REQUIRE(mprotect(p + 2 * PG, PG, PROT_NONE) == 0);
	expect_wakes((unsigned *)p, 0, 0);
	expect_wakes((unsigned *)(p + PG), 0, EFAULT);
	expect_wakes((unsigned *)(p + 2 * PG), 0, EFAULT);
	expect_wakes((unsigned *)file, 0, 0);
	expect_wakes((unsigned *)(file + PG), 0, EFAULT); /* behind its end */
	expect_wakes((unsigned *)(mine + 2), 0, EINVAL);
	/* A word that is not shared need not be there. */
	expect_wakes((unsigned *)(p + PG), FUTEX_PRIVATE_FLAG, 0);
	expect_wakes((unsigned *)(p + 2 * PG), FUTEX_PRIVATE_FLAG, 0);
	/*
	 * A read-only word may change if it is shared, never if it is private.
	 */
	REQUIRE(mprotect(p, PG, PROT_READ) == 0);
	REQUIRE(mprotect(mine, PG, PROT_READ) == 0);
	expect_wakes((unsigned *)p, 0, 0);
	expect_wakes((unsigned *)mine, 0, EFAULT);
	expect_wakes((unsigned *)mine, FUTEX_PRIVATE_FLAG, 0);
	EXPECT_ERR(futex(mine + PG, FUTEX_WAKE_OP, 1, (void *)1, p, op),
		   EFAULT);
	EXPECT_ERR(futex(mine + PG, FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG, 1,
			 (void *)1, mine, op),
		   EFAULT);
	close(fd);
}

static volatile unsigned half; /* one of two values */
static volatile bool compared; /* no more reads of it */

/* A thread function: changes all bytes of the word at once, again and again. */
static void *
alternate(void *arg)
{
	while (!compared) {
		for (unsigned i = 0; i < 32; i++) {
			half = 0xff00ff00;
			half = 0x00ff00ff;
		}
	}
	return arg;
}

UTEST(whole_words, "FU12 FUTEX_WAIT compares a word that was read at once")
{
	const struct timespec soon = { 0, 1000000 };
	unsigned slept = 0;
	pthread_t thread;

	half = 0x00ff00ff;
	thread = start(alternate, NULL);
	/* The first two bytes of one value, the last two of the other. */
	for (unsigned i = 0; i < utest_rounds(200000); i++) {
		if (futex((void *)&half, FUTEX_WAIT, 0xff0000ff, &soon, NULL,
			  0) != -1 ||
		    errno != EAGAIN)
			slept++;
	}
	compared = true;
	finish(thread);
	EXPECT_EQ(slept, 0);
}

static void *
wait_for_ever(void *word)
{
	futex(word, FUTEX_WAIT, 0, NULL, NULL, 0);
	return NULL;
}

/* A thread waits for a word of memory that is then unmapped. */
static void
wait_in_unmapped(void)
{
	unsigned *word = shared_new(1);
	const long one = 1;

	(void)start(wait_for_ever, word);
	/* The thread waits for word[1] once it has been moved there. */
	while (futex(word, FUTEX_CMP_REQUEUE, 0, (void *)one, word + 1, 0) != 1)
		sched_yield();
	for (unsigned i = 0; i < 100; i++) {
		REQUIRE(mmap(word, PG, PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
			     0) == word);
		EXPECT_EQ(futex(word + 1, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
	}
}

UTEST(other_object, "FU13 a futex of new memory has no waiters of the old")
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		wait_in_unmapped();
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(no_such_call, "FU9 a futex call that there is not is ENOSYS")
{
	unsigned *word = (unsigned *)pages_new(1);
	struct timespec t = { 0, 1 };

	EXPECT_ERR(futex(word, 0x1000 | FUTEX_WAKE, 1, NULL, NULL, 0), ENOSYS);
	EXPECT_ERR(futex((char *)word + 1, 60, 1, NULL, NULL, 0), ENOSYS);
	EXPECT_ERR(futex(word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL,
			 0),
		   ENOSYS);
	EXPECT_ERR(futex(word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, &t, NULL,
			 0),
		   ENOSYS);
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

/* Blocks USR1 while the signal is sent, and takes it when told. */
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
	/* A signal for the process is pending for each thread. */
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

static void *
just_wait(void *arg)
{
	other_tid = (pid_t)syscall(SYS_gettid);
	while (phase == 0)
		sched_yield();
	return NULL;
}

static void
note_thread(int sig, siginfo_t *info, void *context)
{
	handler_tid = (pid_t)syscall(SYS_gettid);
	EXPECT_EQ(info->si_value.sival_int, 5);
}

static long
queue_for(pid_t tgid, pid_t tid, int sig, int code)
{
	siginfo_t info;

	memset(&info, 0, sizeof(info));
	info.si_code = code;
	info.si_value.sival_int = 5;
	return tgid == 0
		       ? syscall(SYS_rt_sigqueueinfo, tid, sig, &info)
		       : syscall(SYS_rt_tgsigqueueinfo, tgid, tid, sig, &info);
}

UTEST(queued_for_thread, "FU11 a queued signal for a thread, and by its number")
{
	struct sigaction sa = { .sa_sigaction = note_thread,
				.sa_flags = SA_SIGINFO };
	pid_t me = getpid();
	pthread_t t;

	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	t = start(just_wait, NULL);
	while (other_tid == 0)
		sched_yield();
	EXPECT_EQ(queue_for(me, other_tid, SIGUSR1, SI_QUEUE), 0);
	while (handler_tid != other_tid)
		sched_yield();
	handler_tid = 0;
	EXPECT_EQ(queue_for(me, me, SIGUSR1, SI_QUEUE), 0);
	while (handler_tid != me)
		sched_yield();
	/* To the process, by the number of any of its threads. */
	handler_tid = 0;
	EXPECT_EQ(queue_for(0, other_tid, SIGUSR1, SI_QUEUE), 0);
	while (handler_tid == 0)
		sched_yield();
	EXPECT_EQ(kill(other_tid, 0), 0);
	EXPECT_ERR(queue_for(me, other_tid, SIGUSR1, SI_USER), EPERM);
	EXPECT_ERR(queue_for(me, other_tid, SIGUSR1, SI_TKILL), EPERM);
	EXPECT_ERR(queue_for(0, other_tid, SIGUSR1, SI_USER), EPERM);
	EXPECT_ERR(queue_for(me + 100000, other_tid, SIGUSR1, SI_QUEUE), ESRCH);
	EXPECT_ERR(queue_for(-1, other_tid, SIGUSR1, SI_QUEUE), EINVAL);
	EXPECT_ERR(queue_for(me, -1, SIGUSR1, SI_QUEUE), EINVAL);
	EXPECT_ERR(queue_for(me, other_tid, 65, SI_QUEUE), EINVAL);
	EXPECT_ERR(syscall(SYS_rt_tgsigqueueinfo, me, me, SIGUSR1, NULL),
		   EFAULT);
	phase = 1;
	finish(t);
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
