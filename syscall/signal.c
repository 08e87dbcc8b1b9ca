/* SPDX-License-Identifier: MIT */
/*
 * syscall/signal.c - calls that send, block, await and handle signals:
 * rt_sigaction, rt_sigprocmask, rt_sigpending, rt_sigsuspend, rt_sigtimedwait,
 * kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, sigaltstack,
 * rt_sigreturn.
 *
 * The calls check and copy arguments; the functions of proc/signal.h do the
 * work.  The size argument must be that of sigset_t; rt_sigpending also accepts
 * a smaller size.
 */
#include "proc/signal.h"

#include "arch/context.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/access.h"
#include "proc/process.h"
#include "syscall/syscall.h"
#include "syscall/timeval.h"

static bool
set_size_ok(uint64_t size)
{
	return size == sizeof(sigset_t);
}

int64_t
sys_rt_sigaction(int sig, uaddr_t from, uaddr_t to, size_t size)
{
	struct sigaction new, old;
	int err;

	if (!set_size_ok(size))
		return -EINVAL;
	if (from != 0 && copy_from_user(&new, from, sizeof(new)) != 0)
		return -EFAULT;
	err = signal_set_action(sig, from != 0 ? &new : NULL, &old);
	if (err != 0 || to == 0)
		return err;
	return copy_to_user(to, &old, sizeof(old));
}

int64_t
sys_rt_sigprocmask(int how, uaddr_t from, uaddr_t to, size_t size)
{
	sigset_t set, old = task_current()->blocked;
	int err;

	if (!set_size_ok(size))
		return -EINVAL;
	if (from != 0) {
		if (copy_from_user(&set, from, sizeof(set)) != 0)
			return -EFAULT;
		err = signal_change_mask(how, set, &old);
		if (err != 0)
			return err;
	}
	return to == 0 ? 0 : copy_to_user(to, &old, sizeof(old));
}

int64_t
sys_rt_sigpending(uaddr_t to, size_t size)
{
	sigset_t set = signal_pending_set();

	if (size > sizeof(set))
		return -EINVAL;
	return copy_to_user(to, &set, size);
}

int64_t
sys_rt_sigsuspend(uaddr_t from, size_t size)
{
	struct waitq q;
	sigset_t set;

	if (!set_size_ok(size))
		return -EINVAL;
	if (copy_from_user(&set, from, sizeof(set)) != 0)
		return -EFAULT;
	signal_set_temporary_mask(set);
	waitq_init(&q);
	(void)wait_event_signals(&q, false);
	return -ERESTARTNOHAND;
}

int64_t
sys_rt_sigtimedwait(uaddr_t from, uaddr_t to, uaddr_t timeout, size_t size)
{
	uint64_t deadline = WAIT_FOREVER;
	struct user_timespec ts;
	struct siginfo info;
	sigset_t set;
	int sig;

	if (!set_size_ok(size))
		return -EINVAL;
	if (copy_from_user(&set, from, sizeof(set)) != 0)
		return -EFAULT;
	if (timeout != 0) {
		if (copy_from_user(&ts, timeout, sizeof(ts)) != 0)
			return -EFAULT;
		if (!timespec_ok(&ts))
			return -EINVAL;
		deadline = deadline_in(ns_of(ts.sec, ts.nsec));
	}
	sig = signal_take(set, &info, deadline);
	if (sig > 0 && to != 0 && copy_to_user(to, &info, sizeof(info)) != 0)
		return -EFAULT;
	return sig;
}

int64_t
sys_kill(pid_t pid, int sig)
{
	struct siginfo info;

	siginfo_from_current(&info, sig, SI_USER);
	return signal_kill(pid, sig, &info);
}

int64_t
sys_tkill(pid_t tid, int sig)
{
	struct siginfo info;

	siginfo_from_current(&info, sig, SI_TKILL);
	return signal_kill_task(0, tid, sig, &info);
}

int64_t
sys_tgkill(pid_t tgid, pid_t tid, int sig)
{
	struct siginfo info;

	if (tgid <= 0)
		return -EINVAL;
	siginfo_from_current(&info, sig, SI_TKILL);
	return signal_kill_task(tgid, tid, sig, &info);
}

/*
 * May the current thread queue this siginfo to `to`?  A siginfo with a code of
 * the kernel, kill(2) or tkill(2) may be queued only to the thread itself.
 */
static bool
may_say(const struct siginfo *info, pid_t to)
{
	return (info->code < 0 && info->code != SI_TKILL) ||
	       to == thread_current()->tid;
}

int64_t
sys_rt_sigqueueinfo(pid_t pid, int sig, uaddr_t from)
{
	struct siginfo info;

	if (copy_from_user(&info, from, sizeof(info)) != 0)
		return -EFAULT;
	if (!may_say(&info, pid))
		return -EPERM;
	if (pid <= 0)
		return -ESRCH;
	info.signo = sig;
	return signal_kill(pid, sig, &info);
}

int64_t
sys_rt_tgsigqueueinfo(pid_t tgid, pid_t tid, int sig, uaddr_t from)
{
	struct siginfo info;

	if (copy_from_user(&info, from, sizeof(info)) != 0)
		return -EFAULT;
	if (tgid <= 0 || tid <= 0)
		return -EINVAL;
	if (!may_say(&info, tid))
		return -EPERM;
	info.signo = sig;
	return signal_kill_task(tgid, tid, sig, &info);
}

int64_t
sys_sigaltstack(uaddr_t from, uaddr_t to)
{
	struct trapframe *tf = thread_trapframe(thread_current());
	struct stack_alt new, old;
	int err;

	if (from != 0 && copy_from_user(&new, from, sizeof(new)) != 0)
		return -EFAULT;
	err = signal_altstack(from != 0 ? &new : NULL, &old, tf->sp);
	if (err != 0 || to == 0)
		return err;
	return copy_to_user(to, &old, sizeof(old));
}

int64_t
sys_rt_sigreturn(void)
{
	return sigframe_return(thread_trapframe(thread_current()));
}
