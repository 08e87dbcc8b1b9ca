/* SPDX-License-Identifier: MIT */
/*
 * proc/signal.h - signals: numbers and structures of the Linux riscv64 ABI, and
 * the functions that send, queue and deliver signals.
 *
 * A signal is sent under proc_lock and becomes pending on a task or on its
 * process.  If the task does not block the signal, THREAD_SIGNAL is set, and
 * THREAD_KILL, too, if the signal will certainly kill.
 * process_return_to_user() (arch/trap.h) checks both flags on the way back to
 * user mode.
 */
#ifndef PROC_SIGNAL_H
#define PROC_SIGNAL_H

#include "kernel/wait.h"
#include "lib/base.h"
#include "lib/list.h"
#include "lib/signo.h"

struct process;
struct task;
struct trapframe;

typedef uint64_t sigset_t; /* bit n - 1 stands for signal n */

#define SIG_BIT(sig) (UINT64_C(1) << ((sig)-1))

#define SIG_DFL 0
#define SIG_IGN 1

#define SA_NOCLDSTOP UINT64_C(0x00000001)
#define SA_NOCLDWAIT UINT64_C(0x00000002)
#define SA_SIGINFO   UINT64_C(0x00000004)
#define SA_ONSTACK   UINT64_C(0x08000000)
#define SA_RESTART   UINT64_C(0x10000000)
#define SA_NODEFER   UINT64_C(0x40000000)
#define SA_RESETHAND UINT64_C(0x80000000)
/* All of these, and SA_EXPOSE_TAGBITS, which has no effect on RISC-V. */
#define SA_KNOWN UINT64_C(0xd8000807)

#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

#define SS_ONSTACK    1
#define SS_DISABLE    2
#define SS_AUTODISARM INT32_MIN /* disarmed when a handler begins */
#define MINSIGSTKSZ   2048

/* si_code */
#define SI_USER	      0
#define SI_KERNEL     0x80
#define SI_QUEUE      (-1)
#define SI_TIMER      (-2)
#define SI_TKILL      (-6)
#define ILL_ILLOPC    1
#define TRAP_BRKPT    1
#define BUS_ADRALN    1
#define BUS_ADRERR    2
#define BUS_OBJERR    3
#define SEGV_MAPERR   1
#define SEGV_ACCERR   2
#define CLD_EXITED    1
#define CLD_KILLED    2
#define CLD_DUMPED    3
#define CLD_STOPPED   5
#define CLD_CONTINUED 6

/* As in user memory. */
struct sigaction {
	uint64_t handler;
	uint64_t flags;
	sigset_t mask;
};

/* As in user memory: 128 bytes. */
struct siginfo {
	int32_t signo, error, code, pad;
	union {
		struct {
			int32_t pid;
			uint32_t uid;
			uint64_t value;
		} kill;
		struct {
			int32_t pid;
			uint32_t uid;
			int32_t status, pad;
			int64_t utime, stime; /* in 1/100 s */
		} child;
		struct {
			uint64_t addr;
		} fault;
		struct {
			int32_t id, overrun;
			uint64_t value;
		} timer;
		uint8_t raw[112];
	};
};
_Static_assert(sizeof(struct siginfo) == 128, "siginfo is 128 bytes");

/* Pending signals, with their details. */
struct sigpending {
	sigset_t set;
	struct list_node queue; /* struct sigqueue, oldest first */
};

struct stack_alt { /* stack_t */
	uint64_t sp;
	int32_t flags;
	uint32_t pad;
	uint64_t size;
};

/* ---- sending ---- */

/*
 * Send `sig` to process p, or to its task t only (NULL: any task).  info NULL:
 * sent by the kernel.  Any context.  0, or -EAGAIN if a real-time signal with
 * details gets no queue entry.  A signal to a dead process is dropped.
 */
int signal_send(struct process *p, struct task *t, int sig,
		const struct siginfo *info) needs_lock(proc_lock);

/* signal_send() to every member of process group `pgid`; takes proc_lock. */
void signal_send_group(pid_t pgid, int sig, const struct siginfo *info);

/*
 * kill(2): pid > 0 a process, 0 the caller's group, -1 every process but init
 * and the caller, < -1 group -pid.  sig 0 checks the permission only.  Returns
 * 0, -ESRCH, -EPERM, -EINVAL, -EAGAIN.  Takes proc_lock.
 */
int signal_kill(pid_t pid, int sig, const struct siginfo *info);
/*
 * tgkill(2): signal task tid of process tgid (<= 0: of any process).  Takes
 * proc_lock.
 */
int
signal_kill_task(pid_t tgid, pid_t tid, int sig, const struct siginfo *info);

/* Fill in a siginfo with the current process as the sender. */
void siginfo_from_current(struct siginfo *info, int sig, int code) nonnull;

/*
 * Raise a signal for a fault of the current thread.  The process is killed if
 * the signal is blocked, ignored or has no handler.  Process context.
 */
void signal_force(int sig, int code, uaddr_t addr);

/* ---- the current task's own signals; process context ---- */

int
signal_set_action(int sig, const struct sigaction *new, struct sigaction *old);
/* `how` is SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK.  0 or -EINVAL. */
int signal_change_mask(int how, sigset_t set, sigset_t *old);
sigset_t signal_pending_set(void);
/*
 * sigsuspend(2): set a mask for one wait.  The old mask is restored on the
 * return to user mode, after a handler if one runs.
 */
void signal_set_temporary_mask(sigset_t mask);
/*
 * Dequeue a pending signal of `set`, waiting until `deadline`.  Returns its
 * number, -EAGAIN (timed out) or -EINTR.
 */
int signal_take(sigset_t set, struct siginfo *info, uint64_t deadline);
int
signal_altstack(const struct stack_alt *new, struct stack_alt *old, uaddr_t sp);
/* Is sp on t's alternate stack?  If so, that stack must not be changed. */
bool signal_on_altstack(const struct task *t, uaddr_t sp) nonnull;
/*
 * Before a handler runs: disable the alternate stack if SS_AUTODISARM is set.
 */
void signal_disarm_altstack(struct task *t) nonnull;
/* Disable t's alternate stack. */
void signal_drop_altstack(struct task *t) nonnull;

/* execve(2): reset caught signals to their default actions. */
void signal_reset_caught(struct process *p) nonnull;

/* ---- for proc/ ---- */

/* The default actions of signals, signal(7). */
enum signal_action {
	ACTION_TERMINATE,
	ACTION_CORE, /* terminates; there are no core files */
	ACTION_STOP,
	ACTION_CONTINUE, /* no effect on a process that runs */
	ACTION_IGNORE,
};
/* `sig` is 1 to NSIG.  Any context. */
enum signal_action signal_default_action(int sig);

void sigpending_init(struct sigpending *q) nonnull;
/* Drop all signals; proc_lock held, or no other thread can see the queue. */
void sigpending_clear(struct sigpending *q) nonnull;
/*
 * Dequeue the next signal for t that is not in `blocked`, and return its
 * number; 0 if there is none.
 */
int signal_dequeue(struct task *t, sigset_t blocked, struct siginfo *info)
	needs_lock(proc_lock);
/* Set THREAD_SIGNAL if t has a signal to deliver, else clear it. */
void signal_recalc(struct task *t) nonnull needs_lock(proc_lock);
/*
 * Call when t exits, or before it blocks the signals of `set`.  If one of them
 * is pending on the process, interrupt the other tasks that do not block it.
 */
void
signal_retarget(struct task *t, sigset_t set) nonnull needs_lock(proc_lock);
/* Exit of task t: drop the signals that are pending on t. */
void signal_forget(struct task *t) nonnull needs_lock(proc_lock);

/*
 * Push a signal frame for `sig` on the user stack, and set tf to enter the
 * handler.  0, or -EFAULT if the stack cannot hold the frame.
 */
int sigframe_push(struct trapframe *tf, int sig, const struct sigaction *act,
		  const struct siginfo *info, sigset_t mask);
/* rt_sigreturn(2): returns the value for a0; a bad frame raises SIGSEGV. */
int64_t sigframe_return(struct trapframe *tf);

/*
 * Call when a task of p has stopped or ended.  If p is stopping and no task
 * still runs, the parent is notified of the stop.
 */
void process_check_stop(struct process *p) nonnull needs_lock(proc_lock);

#endif
