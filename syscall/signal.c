/* SPDX-License-Identifier: MIT */
/*
 * syscall/signal.c - signals: rt_sigaction, rt_sigprocmask, rt_sigpending,
 * rt_sigsuspend, rt_sigtimedwait, kill, tkill, tgkill, rt_sigqueueinfo,
 * rt_tgsigqueueinfo, sigaltstack, rt_sigreturn.
 *
 * The arguments are checked and copied here; the work is done in proc/signal.h.
 * A set of signals must have the size of sigset_t.
 */
#include "proc/signal.h"

#include "arch/context.h"
#include "kernel/thread.h"
#include "lib/string.h"
#include "mm/space.h"
#include "proc/process.h"
#include "syscall/syscall.h"
#include "syscall/timeval.h"

static bool
set_size_ok(uint64_t size)
{
	return size == sizeof(sigset_t);
}

int64_t
sys_rt_sigaction(uint64_t sig, uint64_t from, uint64_t to, uint64_t size)
{
	struct sigaction new, old;
	int err;

	if (!set_size_ok(size))
		return -EINVAL;
	if (from != 0 && copy_from_user(&new, from, sizeof(new)) != 0)
		return -EFAULT;
	if (sig > NSIG)
		return -EINVAL;
	err = signal_set_action((int)sig, from != 0 ? &new : NULL, &old);
	if (err != 0 || to == 0)
		return err;
	return copy_to_user(to, &old, sizeof(old));
}

int64_t
sys_rt_sigprocmask(uint64_t how, uint64_t from, uint64_t to, uint64_t size)
{
	sigset_t set, old = task_current()->blocked;
	int err;

	if (!set_size_ok(size))
		return -EINVAL;
	if (from != 0) {
		if (copy_from_user(&set, from, sizeof(set)) != 0)
			return -EFAULT;
		err = signal_change_mask((int)how, set, &old);
		if (err != 0)
			return err;
	}
	return to == 0 ? 0 : copy_to_user(to, &old, sizeof(old));
}

int64_t
sys_rt_sigpending(uint64_t to, uint64_t size)
{
	sigset_t set = signal_pending_set();

	if (size > sizeof(set))
		return -EINVAL;
	return copy_to_user(to, &set, size);
}

int64_t
sys_rt_sigsuspend(uint64_t from, uint64_t size)
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
sys_rt_sigtimedwait(uint64_t from, uint64_t to, uint64_t timeout, uint64_t size)
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
sys_kill(uint64_t pid, uint64_t sig)
{
	struct siginfo info;

	siginfo_from_current(&info, (int)sig, SI_USER);
	return signal_kill((pid_t)pid, (int)sig, &info);
}

int64_t
sys_tkill(uint64_t tid, uint64_t sig)
{
	struct siginfo info;

	siginfo_from_current(&info, (int)sig, SI_TKILL);
	return signal_kill_task(0, (pid_t)tid, (int)sig, &info);
}

int64_t
sys_tgkill(uint64_t tgid, uint64_t tid, uint64_t sig)
{
	struct siginfo info;

	if ((pid_t)tgid <= 0)
		return -EINVAL;
	siginfo_from_current(&info, (int)sig, SI_TKILL);
	return signal_kill_task((pid_t)tgid, (pid_t)tid, (int)sig, &info);
}

/*
 * A thread may queue a signal that looks like the kernel's or kill(2)'s only to
 * itself.
 */
static bool
may_say(const struct siginfo *info, pid_t to)
{
	return (info->code < 0 && info->code != SI_TKILL) ||
	       to == thread_current()->tid;
}

int64_t
sys_rt_sigqueueinfo(uint64_t pid, uint64_t sig, uint64_t from)
{
	struct siginfo info;

	if (copy_from_user(&info, from, sizeof(info)) != 0)
		return -EFAULT;
	if (!may_say(&info, (pid_t)pid))
		return -EPERM;
	if ((pid_t)pid <= 0)
		return -ESRCH;
	info.signo = (int32_t)sig;
	return signal_kill((pid_t)pid, (int)sig, &info);
}

int64_t
sys_rt_tgsigqueueinfo(uint64_t tgid, uint64_t tid, uint64_t sig, uint64_t from)
{
	struct siginfo info;

	if (copy_from_user(&info, from, sizeof(info)) != 0)
		return -EFAULT;
	if ((pid_t)tgid <= 0 || (pid_t)tid <= 0)
		return -EINVAL;
	if (!may_say(&info, (pid_t)tid))
		return -EPERM;
	info.signo = (int32_t)sig;
	return signal_kill_task((pid_t)tgid, (pid_t)tid, (int)sig, &info);
}

int64_t
sys_sigaltstack(uint64_t from, uint64_t to)
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
