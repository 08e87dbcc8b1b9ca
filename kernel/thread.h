/* SPDX-License-Identifier: MIT */
/*
 * kernel/thread.h - threads as every room sees them.
 *
 * A thread has a kernel stack, saved registers and scheduling state.  The
 * process, the signals and the relatives of a thread belong to proc/ and are
 * opaque here.  To sleep, a thread calls wait_event() (kernel/wait.h), which
 * is built on the scheduler (kernel/sched.h).
 *
 * Keys: [q] run queue lock of `hart`  [!] the thread itself  [i] constant once
 * published  [a] atomic  [u] written by the thread itself under proc_lock
 */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "arch/context.h"
#include "check/hooks.h"
#include "kernel/time.h"
#include "kernel/wait.h"
#include "lib/list.h"

struct process;
struct space;
struct hart;
struct groups;
struct user;

enum thread_state {
	THREAD_RUNNING,	 /* on a hart now */
	THREAD_READY,	 /* in a run queue */
	THREAD_SLEEPING, /* waiting; only sched_wake() makes it ready */
	THREAD_DEAD,	 /* will never run again */
};

/*
 * Bits of thread.flags.  SIGNAL and KILL wake a sleeping thread if the thread's
 * wait mode allows that.  Before each return to user mode, arch/riscv/trap.c
 * checks SIGNAL, KILL, RESCHED and COUNTED.
 */
#define THREAD_SIGNAL  (1u << 0) /* a deliverable signal is pending */
#define THREAD_KILL    (1u << 1) /* a fatal signal: the thread must exit */
#define THREAD_RESCHED (1u << 2) /* its time slice is over, or it must move */
#define THREAD_TRACE   (1u << 3) /* log its system calls */
#define THREAD_LEAVING (1u << 4) /* about to exit: its hart is idle soon */
#define THREAD_COUNTED (1u << 5) /* RLIMIT_CPU or a CPU-time timer is set */

/*
 * The credentials of a thread: the real, effective and saved ids, the ids that
 * files are checked against, and the supplementary groups.  The functions of
 * proc/cred.h copy and change them.  Only the thread itself writes its
 * credentials: ids and groups under proc_lock, the flags without a lock.  The
 * thread reads them without a lock.
 */
struct cred {
	uint32_t uid, euid, suid;
	uint32_t gid, egid, sgid;
	uint32_t fsuid, fsgid; /* effective ids, except in access(2) */
	struct groups *groups; /* NULL: none */
	bool no_new_privs;     /* set-ID bits do not count; never cleared */
	bool keep_caps;	       /* prctl(2) value until exec; no effect here */
	bool over_nproc;       /* setuid() went beyond RLIMIT_NPROC */
};

struct thread {
	struct context context;	   /* [!] registers while not running */
	vaddr_t stack;		   /* [i] lowest address of the kernel stack */
	struct space *space;	   /* [!] user memory; NULL: kernel thread */
	struct mmu_space *mmu;	   /* [!] of `space`: see thread_set_space() */
	struct process *process;   /* [i] NULL: kernel thread */
	_Atomic unsigned flags;	   /* [a] THREAD_SIGNAL ... */
	enum thread_state state;   /* [q] */
	enum wait_mode wait_mode;  /* [q] SLEEPING: what may end the sleep */
	struct hart *hart;	   /* [q] where it runs, or ran last */
	hart_mask_t allowed;	   /* [q] harts where it may run */
	struct list_node run_node; /* [q] */
	struct fpstate fp;	   /* [!] floating-point registers */
	struct hart *fp_hart;	   /* [!] hart with registers equal to `fp` */
	pid_t tid;		   /* [u] changes when an exec makes the thread
				      the main one */
	struct cred cred;	   /* see above */
	struct user *user;	   /* [u] user charged for it, a reference;
				      NULL: no user is charged */
	char name[16];		   /* [!] for ps, panic and the log */
	uint64_t user_ns, sys_ns;  /* [!] processor time used */
	uint64_t stamp;		   /* [!] time_now() of the last accounting */
	uint64_t slice_end;	   /* [!] */
	uint64_t look_at;	   /* [!] next THREAD_COUNTED check, CPU time */
	int fail_nth;		   /* [!] fault injection countdown, 0 off */
	bool fail_copies;	   /* [!] fail_nth counts copies instead */
	bool fail_fired;	   /* [!] a failure was injected */
	struct locks_held locks;   /* [!] debug: sleeping locks it holds */
	struct list_node all_node; /* proc/'s list of all threads */
	/*
	 * [!] Frees this thread.  After the thread's last switch the scheduler
	 * calls gone() on the stack of the next thread.  NULL: another thread
	 * frees this one.
	 */
	void (*gone)(struct thread *t);
};

/* A kernel stack has KSTACK_PAGES pages above as many unmapped guard pages. */
#define KSTACK_PAGES 4
#define KSTACK_SIZE  (KSTACK_PAGES * PAGE_SIZE)

/*
 * Start a kernel thread that runs fn(arg) and exits when fn returns.  The
 * thread is enqueued immediately.  0 or -ENOMEM.  Process context, no spin
 * lock.
 */
int thread_spawn_kernel(const char *name, void (*fn)(void *arg),
			void *arg) must_check;

/* True if a signal ends a wait of the current thread in this mode. */
bool thread_interrupted(enum wait_mode mode);

/*
 * Fault injection: count one allocation of t or, if copy, one copy; true if it
 * must fail.  A positive fail_nth counts down, and the operation that makes it
 * 0 fails.  A negative fail_nth counts up to -1 and stays: from then on all
 * operations fail.  Only operations of the kind that fail_copies selects are
 * counted.  Interrupt handlers are exempt.
 */
bool thread_fail_step(struct thread *t, bool copy) nonnull;

/* True if fault injection makes every allocation of t fail from now on. */
static inline bool
thread_starved(const struct thread *t)
{
	return t->fail_fired && t->fail_nth < 0 && !t->fail_copies;
}

/* True if this allocation must fail.  All allocators share one countdown. */
static inline bool
thread_should_fail(void)
{
	struct thread *t = thread_current();

	return unlikely(t->fail_nth != 0) && thread_fail_step(t, false);
}

/* As thread_should_fail(), for a copy from or to user memory. */
static inline bool
thread_should_fail_copy(void)
{
	struct thread *t = thread_current();

	return unlikely(t->fail_nth != 0) && thread_fail_step(t, true);
}

#endif
