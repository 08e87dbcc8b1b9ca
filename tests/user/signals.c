/* SPDX-License-Identifier: MIT */
/*
 * tests/user/signals.c - signals: masks, handlers, siginfo, queues and stops.
 *
 * What siginfo says, how signals wait and in which order they are taken, and
 * what masks, flags and stops do.  blocks.c has signals that come while a call
 * blocks, waits.c those that report children.  Linux gives the same answers.
 */
#include "meet.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <ucontext.h>

#include "arch.h"

/* ---- masks ---- */

/*
 * Its mask lets USR1 in and keeps USR2 out; a stop, which no handler sees, has
 * the call begin again, and the mask with it.
 */
static void
suspend(bool stop)
{
	sigset_t let = set_of(SIGUSR2, SIGHUP);
	pid_t me = getpid(), pid;

	catch_signal(SIGUSR1, 0, 0);
	mask_change(SIG_SETMASK, SIGUSR1, SIGUSR2);
	pid = utest_fork();
	if (pid == 0) {
		await_state(me, 'S');
		if (stop) {
			stop_and_continue(me);
			await_state(me, 'S');
		}
		kill(me, SIGUSR2);
		let_others_run();
		EXPECT_EQ(state_of(me), 'S');
		kill(me, SIGUSR1);
		utest_done();
	}
	EXPECT_ERR(sigsuspend(&let), EINTR);
	EXPECT_EQ(seen.count, 1);
	EXPECT(sigismember(&seen.mask, SIGUSR2));
	EXPECT(sigismember(&seen.mask, SIGHUP));
	EXPECT(is_blocked(SIGUSR1) && is_blocked(SIGUSR2));
	EXPECT(is_pending(SIGUSR2) && !is_blocked(SIGHUP));
	EXPECT_CLEAN(pid);
}

/* In a child, so that this child and not the harness is stopped. */
static void
suspend_in_child(bool stop)
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		suspend(stop);
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(suspend, "SG1 sigsuspend's mask holds for the call and its handler only")
{
	suspend_in_child(false);
}

UTEST(suspend_stop, "SG1 sigsuspend goes on with its mask after a stop")
{
	suspend_in_child(true);
}

UTEST(handler_mask, "SG2 a handler runs with its mask, and the old one returns")
{
	mask_change(SIG_SETMASK, SIGHUP, 0);
	catch_signal(SIGUSR1, 0, SIGUSR2);
	raise(SIGUSR1);
	EXPECT_EQ(seen.count, 1);
	EXPECT(sigismember(&seen.mask, SIGUSR1));
	EXPECT(sigismember(&seen.mask, SIGUSR2));
	EXPECT(sigismember(&seen.mask, SIGHUP));
	EXPECT(!is_blocked(SIGUSR1) && !is_blocked(SIGUSR2));
	EXPECT(is_blocked(SIGHUP));
	catch_signal(SIGUSR1, SA_NODEFER, 0);
	raise(SIGUSR1);
	EXPECT(!sigismember(&seen.mask, SIGUSR1));
}

UTEST(reset_hand, "SG2 SA_RESETHAND runs a handler once")
{
	catch_signal(SIGUSR1, SA_RESETHAND, 0);
	raise(SIGUSR1);
	EXPECT_EQ(seen.count, 1);
	EXPECT(handler_of(SIGUSR1) == SIG_DFL);
	EXPECT_SIGNAL(SIGUSR1, raise(SIGUSR1));
	catch_signal(SIGUSR1, 0, 0);
	raise(SIGUSR1);
	EXPECT(handler_of(SIGUSR1) != SIG_DFL);
}

UTEST(unblockable, "SG3 SIGKILL and SIGSTOP cannot be blocked or caught")
{
	struct sigaction sa = { .sa_handler = SIG_IGN };
	sigset_t all;
	pid_t pid;

	EXPECT_ERR(sigaction(SIGKILL, &sa, NULL), EINVAL);
	EXPECT_ERR(sigaction(SIGSTOP, &sa, NULL), EINVAL);
	sigfillset(&all);
	REQUIRE(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
	EXPECT(is_blocked(SIGTERM));
	EXPECT(!is_blocked(SIGKILL) && !is_blocked(SIGSTOP));
	pid = utest_fork();
	if (pid == 0) {
		for (;;)
			pause();
	}
	kill(pid, SIGSTOP);
	EXPECT_EQ(wait_status(pid, WUNTRACED), SIGSTOP << 8 | 0x7f);
	kill(pid, SIGKILL);
	EXPECT_KILLED(pid, SIGKILL);
}

static void
edit_mask(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	pid_t pid;

	(void)info;
	seen.count += sig == SIGUSR1;
	EXPECT(sigismember(&uc->uc_sigmask, SIGHUP));
	sigaddset(&uc->uc_sigmask, SIGUSR2);
	fp_fill(9);
	rounding_set(ROUND_UPWARD);
	/* A fork has the kernel look at the registers, too. */
	pid = fork();
	if (pid == 0)
		_exit(0);
	EXPECT_EXIT(pid, 0);
}

UTEST(sigreturn, "SG4 sigreturn puts back the frame's mask and all registers")
{
	struct sigaction sa = { .sa_sigaction = edit_mask,
				.sa_flags = SA_SIGINFO };

	mask_change(SIG_SETMASK, SIGHUP, 0);
	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	rounding_set(ROUND_DOWNWARD);
	fp_fill(5);
	syscall(SYS_kill, getpid(), SIGUSR1);
	EXPECT_EQ(fp_wrong(5), 0);
	EXPECT_EQ(rounding_get(), ROUND_DOWNWARD);
	rounding_set(ROUND_NEAREST);
	EXPECT_EQ(seen.count, 1);
	EXPECT(is_blocked(SIGHUP) && is_blocked(SIGUSR2));
	EXPECT(!is_blocked(SIGUSR1));
}

/* ---- the alternate stack ---- */

enum { ALT_SIZE = 65536 };
static char alt[ALT_SIZE] __attribute__((aligned(4096)));

static bool
on_alt(const char *p)
{
	return p >= alt && p < alt + ALT_SIZE;
}

static void
look_at_stack(int sig, siginfo_t *info, void *context)
{
	stack_t none = { .ss_flags = SS_DISABLE }, now;

	note_signal(sig, info, context);
	REQUIRE(sigaltstack(NULL, &now) == 0);
	EXPECT_EQ(now.ss_flags & SS_ONSTACK, on_alt(seen.stack));
	if (on_alt(seen.stack))
		EXPECT_ERR(sigaltstack(&none, NULL), EPERM);
}

static void
stack_at(int flags)
{
	struct sigaction sa = { .sa_sigaction = look_at_stack,
				.sa_flags = SA_SIGINFO | flags };

	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	raise(SIGUSR1);
}

UTEST(altstack, "SG5 the alternate stack serves SA_ONSTACK, also after fork")
{
	stack_t st = { .ss_sp = alt, .ss_size = ALT_SIZE }, now;
	pid_t pid;

	stack_at(SA_ONSTACK); /* there is none yet */
	EXPECT(!on_alt(seen.stack));
	REQUIRE(sigaltstack(&st, NULL) == 0);
	stack_at(0);
	EXPECT(!on_alt(seen.stack));
	stack_at(SA_ONSTACK);
	EXPECT(on_alt(seen.stack));
	REQUIRE(sigaltstack(NULL, &now) == 0);
	EXPECT(now.ss_flags == 0 && now.ss_sp == alt);
	pid = utest_fork();
	if (pid == 0) {
		stack_at(SA_ONSTACK);
		EXPECT(on_alt(seen.stack));
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(altstack_flags, "SG5 sigaltstack refuses flags that it does not know")
{
	static const int bad[] = { 3, 4, 5, 1 << 30, SS_DISABLE | 1 << 20 };
	stack_t st = { .ss_sp = alt, .ss_size = ALT_SIZE }, now;

	REQUIRE(sigaltstack(&st, NULL) == 0);
	for (unsigned i = 0; i < ARRAY_LEN(bad); i++) {
		st.ss_flags = bad[i];
		EXPECT_ERR(sigaltstack(&st, NULL), EINVAL);
	}
	REQUIRE(sigaltstack(NULL, &now) == 0);
	EXPECT(now.ss_sp == alt && now.ss_size == ALT_SIZE &&
	       now.ss_flags == 0);
	st.ss_flags = SS_ONSTACK; /* which means nothing, but is known */
	EXPECT_EQ(sigaltstack(&st, NULL), 0);
	st.ss_flags = SS_DISABLE;
	EXPECT_EQ(sigaltstack(&st, NULL), 0);
	REQUIRE(sigaltstack(NULL, &now) == 0);
	EXPECT(now.ss_sp == NULL && now.ss_size == 0 &&
	       now.ss_flags == SS_DISABLE);
}

#define AUTODISARM (1u << 31) /* glibc 2.36 does not name it */

static stack_t inside; /* what sigaltstack() says in a handler */
static bool changed;   /* it could be changed there */

static void
change_stack(int sig)
{
	static char third[ALT_SIZE];
	stack_t st = { .ss_sp = third, .ss_size = ALT_SIZE };
	char here;

	seen.stack = &here;
	EXPECT_EQ(sigaltstack(NULL, &inside), 0);
	changed = sigaltstack(&st, NULL) == 0;
}

UTEST(autodisarm, "SG5 SS_AUTODISARM: a handler begins without the stack")
{
	stack_t st = { .ss_sp = alt,
		       .ss_size = ALT_SIZE,
		       .ss_flags = (int)AUTODISARM };
	struct sigaction sa = { .sa_handler = change_stack,
				.sa_flags = SA_ONSTACK };
	stack_t now;

	REQUIRE(sigaction(SIGUSR1, &sa, NULL) == 0);
	for (int i = 0; i < 2; i++) {
		REQUIRE(sigaltstack(&st, NULL) == 0);
		REQUIRE(sigaltstack(NULL, &now) == 0);
		EXPECT_EQ(now.ss_flags, st.ss_flags);
		raise(SIGUSR1);
		EXPECT(on_alt(seen.stack));
		if (i == 0) {
			EXPECT(inside.ss_flags == SS_DISABLE && changed);
			/* What the handler set is gone. */
			REQUIRE(sigaltstack(NULL, &now) == 0);
			EXPECT(now.ss_flags == (int)AUTODISARM &&
			       now.ss_sp == alt && now.ss_size == ALT_SIZE);
		} else {
			EXPECT(inside.ss_flags == SS_ONSTACK && !changed);
		}
		st.ss_flags = 0;
	}
	st.ss_flags = (int)(AUTODISARM | SS_DISABLE);
	EXPECT_EQ(sigaltstack(&st, NULL), 0);
	REQUIRE(sigaltstack(NULL, &now) == 0);
	EXPECT_EQ(now.ss_flags & ~(int)AUTODISARM, SS_DISABLE);
}

/* ---- siginfo ---- */

UTEST(info_kill, "SG6 siginfo names the sender of a signal, and the call")
{
	pid_t pid, me = getpid();
	siginfo_t i;

	mask_change(SIG_BLOCK, SIGUSR1, SIGRTMIN);
	pid = utest_fork();
	if (pid == 0) {
		/* The sender's real id is told, not its effective one. */
		if (is_root())
			REQUIRE(setresuid(FOREIGN_UID, 0, 0) == 0);
		kill(me, SIGUSR1);
		sigqueue(me, SIGRTMIN, (union sigval){ .sival_int = 77 });
		utest_done();
	}
	EXPECT_CLEAN(pid);
	REQUIRE_EQ(take(SIGUSR1, 0, &i), SIGUSR1);
	EXPECT_EQ(i.si_signo, SIGUSR1);
	EXPECT_EQ(i.si_code, SI_USER);
	EXPECT_EQ(i.si_pid, pid);
	EXPECT_EQ(i.si_uid, is_root() ? FOREIGN_UID : getuid());
	REQUIRE_EQ(take(SIGRTMIN, 0, &i), SIGRTMIN);
	EXPECT_EQ(i.si_code, SI_QUEUE);
	EXPECT_EQ(i.si_pid, pid);
	EXPECT_EQ(i.si_value.sival_int, 77);
	EXPECT_EQ(syscall(SYS_tgkill, me, me, SIGUSR1), 0);
	catch_signal(SIGUSR1, 0, 0); /* sigtimedwait() of glibc says SI_USER */
	mask_change(SIG_UNBLOCK, SIGUSR1, 0);
	EXPECT_EQ(seen.count, 1);
	EXPECT_EQ(seen.info.si_code, SI_TKILL);
	EXPECT_EQ(seen.info.si_pid, me);
}

static void
expect_child_info(pid_t pid, int code, int status)
{
	sigset_t set = set_of(SIGCHLD, 0);
	siginfo_t i;

	REQUIRE_EQ(sigwaitinfo(&set, &i), SIGCHLD);
	EXPECT_EQ(i.si_pid, pid);
	EXPECT_EQ(i.si_code, code);
	EXPECT_EQ(i.si_status, status);
	EXPECT_EQ(i.si_uid, is_root() ? FOREIGN_UID : getuid());
}

UTEST(info_child, "SG7 SIGCHLD says what became of which child")
{
	struct peer c;
	pid_t pid;

	mask_change(SIG_BLOCK, SIGCHLD, 0);
	if (fork_peer(&c) == 0) {
		if (is_root())
			REQUIRE(setuid(FOREIGN_UID) == 0);
		peer_post(&c);
		peer_wait(&c);
		_exit(7);
	}
	pid = c.pid;
	peer_wait(&c);
	kill(pid, SIGSTOP);
	expect_child_info(pid, CLD_STOPPED, SIGSTOP);
	kill(pid, SIGCONT);
	expect_child_info(pid, CLD_CONTINUED, SIGCONT);
	peer_post(&c);
	expect_child_info(pid, CLD_EXITED, 7);
	EXPECT_EXIT(pid, 7);
	if (fork_peer(&c) == 0) {
		if (is_root())
			REQUIRE(setuid(FOREIGN_UID) == 0);
		peer_post(&c);
		for (;;)
			pause();
	}
	peer_wait(&c);
	kill(c.pid, SIGTERM);
	expect_child_info(c.pid, CLD_KILLED, SIGTERM);
	EXPECT_KILLED(c.pid, SIGTERM);
}

/* ---- order and number ---- */

static void
queue(int sig, int value)
{
	EXPECT_EQ(sigqueue(getpid(), sig, (union sigval){ .sival_int = value }),
		  0);
}

static void
expect_next(int sig, int value)
{
	const struct timespec none = { 0, 0 };
	siginfo_t i = { 0 };
	sigset_t all;

	sigfillset(&all);
	EXPECT_EQ(sigtimedwait(&all, &i, &none), sig);
	EXPECT_EQ(i.si_value.sival_int, value);
}

UTEST(queue, "SG8 real-time signals queue in order, ordinary ones do not")
{
	sigset_t all;

	sigfillset(&all);
	REQUIRE(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
	queue(SIGRTMIN + 1, 1);
	queue(SIGRTMIN + 1, 2);
	queue(SIGRTMIN, 9);
	queue(SIGUSR1, 4);
	queue(SIGUSR1, 5);
	queue(SIGRTMIN + 1, 3);
	expect_next(SIGUSR1, 4);
	expect_next(SIGRTMIN, 9);
	for (int i = 1; i <= 3; i++)
		expect_next(SIGRTMIN + 1, i);
	EXPECT_EQ(take(SIGUSR1, SIGRTMIN, NULL), 0);
	EXPECT_EQ(take(SIGRTMIN + 1, 0, NULL), 0);
}

UTEST(order, "SG8 a task's own signals come first, and faults before others")
{
	pid_t me = getpid();
	sigset_t all;

	sigfillset(&all);
	REQUIRE(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
	kill(me, SIGUSR1);
	syscall(SYS_tgkill, me, me, SIGUSR2);
	EXPECT_EQ(sigwaitinfo(&all, NULL), SIGUSR2);
	EXPECT_EQ(sigwaitinfo(&all, NULL), SIGUSR1);
	kill(me, SIGHUP);
	kill(me, SIGSEGV);
	kill(me, SIGFPE);
	EXPECT_EQ(sigwaitinfo(&all, NULL), SIGFPE);
	EXPECT_EQ(sigwaitinfo(&all, NULL), SIGSEGV);
	EXPECT_EQ(sigwaitinfo(&all, NULL), SIGHUP);
}

UTEST(together, "SG8 of two handlers the one with the upper frame runs first")
{
	catch_signal(SIGUSR1, 0, 0);
	catch_signal(SIGUSR2, 0, 0);
	mask_change(SIG_BLOCK, SIGUSR1, SIGUSR2);
	raise(SIGUSR1);
	raise(SIGUSR2);
	EXPECT_EQ(seen.count, 0);
	mask_change(SIG_UNBLOCK, SIGUSR1, SIGUSR2);
	EXPECT_EQ(seen.count, 2);
	EXPECT_EQ(seen.order[0], SIGUSR2);
	EXPECT_EQ(seen.order[1], SIGUSR1);
}

UTEST(take_set, "SG9 sigtimedwait takes what it asks for and nothing else")
{
	const struct timespec none = { 0, 0 }, bad = { 0, 1000000000 };
	sigset_t set = set_of(SIGUSR2, 0);

	mask_change(SIG_BLOCK, SIGUSR1, SIGUSR2);
	raise(SIGUSR1);
	EXPECT_ERR(sigtimedwait(&set, NULL, &none), EAGAIN);
	EXPECT_ERR(sigtimedwait(&set, NULL, &bad), EINVAL);
	EXPECT(is_pending(SIGUSR1));
	raise(SIGUSR2);
	EXPECT_EQ(sigtimedwait(&set, NULL, &none), SIGUSR2);
	EXPECT(is_pending(SIGUSR1) && !is_pending(SIGUSR2));
}

/* ---- what is forgotten, and what is not ---- */

UTEST(forget, "SG10 to ignore a signal forgets it; a blocked one is kept")
{
	signal(SIGUSR1, SIG_IGN);
	raise(SIGUSR1);
	mask_change(SIG_BLOCK, SIGUSR1, SIGCHLD);
	EXPECT(!is_pending(SIGUSR1));
	/* Whether it is ignored may change while it waits. */
	raise(SIGUSR1);
	raise(SIGCHLD);
	EXPECT(is_pending(SIGUSR1) && is_pending(SIGCHLD));
	signal(SIGUSR1, SIG_IGN);
	EXPECT(!is_pending(SIGUSR1) && is_pending(SIGCHLD));
	signal(SIGCHLD, SIG_DFL);
	EXPECT(!is_pending(SIGCHLD));
	raise(SIGUSR1);
	signal(SIGUSR1, SIG_DFL); /* which is to die */
	EXPECT(is_pending(SIGUSR1));
}

UTEST(cont_stop, "SG11 SIGCONT forgets stops that wait, and a stop SIGCONT")
{
	mask_change(SIG_BLOCK, SIGTSTP, SIGTTIN);
	mask_change(SIG_BLOCK, SIGTTOU, SIGCONT);
	raise(SIGTSTP);
	raise(SIGTTIN);
	EXPECT(is_pending(SIGTSTP) && is_pending(SIGTTIN));
	raise(SIGCONT);
	EXPECT(!is_pending(SIGTSTP) && !is_pending(SIGTTIN));
	EXPECT(is_pending(SIGCONT));
	raise(SIGTTOU);
	EXPECT(!is_pending(SIGCONT) && is_pending(SIGTTOU));
}

static char *volatile nowhere = (char *)16;

UTEST(fault_blocked, "SG12 a fault with its signal blocked or ignored kills")
{
	catch_signal(SIGSEGV, 0, 0);
	EXPECT_SIGNAL(SIGSEGV, mask_change(SIG_BLOCK, SIGSEGV, 0);
		      poke(nowhere, 1));
	EXPECT_SIGNAL(SIGSEGV, signal(SIGSEGV, SIG_IGN); poke(nowhere, 1));
}

/* ---- targets ---- */

/* Processes of a group; each counts the signals that it gets. */
static _Atomic int *got;

static pid_t
member(pid_t group, unsigned i)
{
	pid_t pid = utest_fork();

	if (pid == 0) {
		sigset_t set = set_of(SIGUSR1, SIGUSR2);

		setpgid(0, group);
		sigprocmask(SIG_BLOCK, &set, NULL);
		got[i] = 1;
		while (sigwaitinfo(&set, NULL) == SIGUSR1)
			got[i]++;
		_exit(0);
	}
	await_flag(pid, &got[i], 1);
	return pid;
}

UTEST(groups, "SG13 kill reaches its group, another one, or one process")
{
	pid_t pid[3];

	got = shared_new(1);
	mask_change(SIG_BLOCK, SIGUSR1, 0);
	pid[0] = member(getpgrp(), 0);
	pid[1] = member(0, 1);
	pid[2] = member(pid[1], 2);
	EXPECT_EQ(kill(0, SIGUSR1), 0);
	await_flag(pid[0], &got[0], 2);
	EXPECT_EQ(take(SIGUSR1, 0, NULL), SIGUSR1);
	EXPECT_EQ(kill(-pid[1], SIGUSR1), 0);
	await_flag(pid[1], &got[1], 2);
	await_flag(pid[2], &got[2], 2);
	EXPECT_EQ(kill(pid[2], SIGUSR1), 0);
	await_flag(pid[2], &got[2], 3);
	EXPECT_EQ(take(SIGUSR1, 0, NULL), 0);
	for (unsigned i = 0; i < 3; i++) {
		kill(pid[i], SIGUSR2);
		EXPECT_EXIT(pid[i], 0);
	}
	EXPECT(got[0] == 2 && got[1] == 2 && got[2] == 3);
	EXPECT_ERR(kill(-pid[1], 0), ESRCH);
}

UTEST(everybody, "SG13 kill(-1) reaches all that it may but the sender")
{
	pid_t pid = utest_fork();

	if (!is_root())
		SKIP("only root can become a user without processes");
	if (pid == 0) {
		pid_t other;

		REQUIRE(setuid(FOREIGN_UID) == 0);
		other = utest_fork();
		if (other == 0)
			for (;;)
				pause();
		EXPECT_EQ(kill(-1, SIGTERM), 0);
		EXPECT_KILLED(other, SIGTERM);
		/* Processes that the sender may not reach are no error. */
		EXPECT_EQ(kill(-1, SIGTERM), 0);
		utest_done();
	}
	EXPECT_CLEAN(pid);
}

UTEST(thread_group, "SG14 tgkill wants the thread's own group")
{
	pid_t me = getpid(), pid = utest_fork();

	if (pid == 0)
		for (;;)
			pause();
	EXPECT_ERR(syscall(SYS_tgkill, me, pid, SIGTERM), ESRCH);
	EXPECT_ERR(syscall(SYS_tgkill, 0, pid, SIGTERM), EINVAL);
	EXPECT_ERR(syscall(SYS_tkill, 0, SIGTERM), EINVAL);
	EXPECT_EQ(syscall(SYS_tgkill, pid, pid, SIGTERM), 0);
	EXPECT_KILLED(pid, SIGTERM);
}

/* ---- stopping ---- */

UTEST(stopped_term, "SG15 a stopped process dies of SIGKILL, of others later")
{
	pid_t pid;

	for (unsigned i = 0; i < 2; i++) {
		pid = utest_fork();
		if (pid == 0)
			for (;;)
				pause();
		kill(pid, SIGSTOP);
		await_state(pid, 'T');
		kill(pid, i == 0 ? SIGTERM : SIGKILL);
		if (i == 0) {
			let_others_run();
			EXPECT_EQ(state_of(pid), 'T');
			kill(pid, SIGCONT);
		}
		EXPECT_KILLED(pid, i == 0 ? SIGTERM : SIGKILL);
	}
}

UTEST(stopped_handler, "SG15 a stopped process runs handlers when it goes on")
{
	_Atomic int *flag = shared_new(1);
	pid_t pid = utest_fork();

	if (pid == 0) {
		catch_signal(SIGUSR1, 0, 0);
		catch_signal(SIGCONT, 0, 0);
		*flag = 1;
		while (seen.count < 2)
			*flag = seen.count + 1;
		EXPECT(seen.order[0] + seen.order[1] == SIGUSR1 + SIGCONT);
		utest_done();
	}
	await_flag(pid, flag, 1);
	kill(pid, SIGSTOP);
	await_state(pid, 'T');
	kill(pid, SIGUSR1);
	let_others_run();
	EXPECT_EQ(*flag, 1);
	EXPECT_EQ(state_of(pid), 'T');
	kill(pid, SIGCONT);
	EXPECT_CLEAN(pid);
}

/* The wait status of a process that sends itself a signal and goes on. */
static int
default_status(int sig)
{
	switch (sig) {
	case SIGCHLD:
	case SIGCONT:
	case SIGURG:
	case SIGWINCH:
		return 7 << 8;
	case SIGSTOP:
	case SIGTSTP:
	case SIGTTIN:
	case SIGTTOU:
		return sig << 8 | 0x7f;
	default:
		return sig;
	}
}

UTEST(defaults, "SG16 the default action of every signal")
{
	const struct rlimit no_core = { 0, 0 };

	for (int sig = 1; sig <= 64; sig++) {
		pid_t pid = utest_fork();
		int status;

		if (pid == 0) {
			/* Not an orphaned group, which would not stop. */
			setpgid(0, 0);
			setrlimit(RLIMIT_CORE, &no_core);
			/* nohup, for one, leaves SIGHUP ignored. */
			signal(sig, SIG_DFL);
			syscall(SYS_kill, getpid(), sig);
			_exit(7);
		}
		status = wait_status(pid, WUNTRACED);
		EXPECT_EQ(status & ~0x80, default_status(sig));
		if (WIFSTOPPED(status)) {
			kill(pid, SIGKILL);
			EXPECT_KILLED(pid, SIGKILL);
		}
	}
}
