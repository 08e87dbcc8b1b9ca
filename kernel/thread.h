/*
 * kernel/thread.h - what every room may know about threads, and the contract
 * of the scheduler (implemented in proc/sched.c).
 *
 * A thread is a kernel stack, saved registers and a place in the scheduler.
 * The process it belongs to, its signals and its family are proc/'s business;
 * here they are opaque.
 *
 * Keys: [q] run queue lock of `hart`  [!] the thread itself  [i] constant once
 * published  [a] atomic  [u] changed by itself under proc/'s lock
 */
#ifndef KERNEL_THREAD_H
#define KERNEL_THREAD_H

#include "arch/context.h"
#include "kernel/lockcheck.h"
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

/* Reasons to look up from sleep, or before returning to user mode. */
#define THREAD_SIGNAL  (1u << 0) /* a deliverable signal is pending */
#define THREAD_KILL    (1u << 1) /* a fatal one: the thread must exit */
#define THREAD_RESCHED (1u << 2) /* its time slice is over */
#define THREAD_TRACE   (1u << 3) /* log its system calls */
#define THREAD_LEAVING (1u << 4) /* about to end: its hart is free soon */
#define THREAD_COUNTED (1u << 5) /* RLIMIT_CPU or a timer by time used */

/*
 * Who the thread acts for.  proc/cred.h copies and changes it: the real,
 * effective and saved ids, those that files are checked against, and the
 * supplementary groups.  [t] proc/'s lock to change; a thread reads its own
 * without.
 */
struct cred {
	uint32_t uid, euid, suid;
	uint32_t gid, egid, sgid;
	uint32_t fsuid, fsgid; /* the effective ones, except in access(2) */
	struct groups *groups; /* NULL: none */
	bool no_new_privs;     /* set-ID bits do not count; never cleared */
	bool keep_caps;	       /* told, until exec: there are no capabilities */
	bool over_nproc;       /* setuid() went beyond RLIMIT_NPROC */
};

struct thread {
	struct context context;	   /* [!] registers while not running */
	vaddr_t stack;		   /* [i] lowest address of the kernel stack */
	struct space *space;	   /* [!] user memory; NULL: kernel thread */
	struct process *process;   /* [i] NULL: kernel thread */
	_Atomic unsigned flags;	   /* [a] THREAD_SIGNAL ... */
	enum thread_state state;   /* [q] */
	enum wait_mode wait_mode;  /* [q] while SLEEPING: what may end it */
	struct hart *hart;	   /* [q] where it runs, or ran last */
	hart_mask_t allowed;	   /* [q] harts where it may run */
	struct list_node run_node; /* [q] */
	struct fpstate fp;	   /* [!] floating-point registers */
	struct hart *fp_hart;	   /* [!] hart whose registers equal `fp` */
	pid_t tid;		   /* [i] */
	struct cred cred;	   /* see above */
	struct user *user;	   /* [u] counts for it, with a reference; NULL:
				      not counted */
	char name[16];		   /* [!] for ps, panic and the log */
	uint64_t user_ns, sys_ns;  /* [!] processor time used */
	uint64_t stamp;		   /* [!] time_now() of the last accounting */
	uint64_t slice_end;	   /* [!] */
	uint64_t look_at;	   /* [!] time used, for THREAD_COUNTED */
	int fail_nth;		   /* [!] fault injection countdown, 0 off */
	bool fail_copies;	   /* [!] it counts copies, not allocations */
	bool fail_fired;	   /* [!] */
	struct locks_held locks;   /* [!] debug: its sleeping locks */
	struct list_node all_node; /* proc/'s list of all threads */
};

/* Kernel stacks: KSTACK_PAGES above an unmapped guard page. */
#define KSTACK_PAGES 4
#define KSTACK_SIZE  (KSTACK_PAGES * PAGE_SIZE)

/*
 * A kernel thread that runs fn(arg) and dies when fn returns.  It is put on a
 * run queue at once.  Returns 0 or -ENOMEM.
 */
int thread_spawn_kernel(const char *name, void (*fn)(void *arg),
			void *arg) must_check;

/* ---- the scheduler, proc/sched.c ---- */

/*
 * Declare that the current thread is about to sleep.  From here on a
 * sched_wake() for it is not lost.  Follow with a re-check of the condition
 * and then sched_switch(), or sched_cancel().
 */
void sched_prepare(enum wait_mode mode);
void sched_cancel(void);

/*
 * Give up the hart.  Returns at once-or-later if the thread is runnable, and
 * after a wake-up if it was marked sleeping.  Process context, no spin lock.
 */
void sched_switch(void);

/*
 * In a long loop of the kernel, which nobody interrupts: let others run if the
 * time slice is over.  Process context, no lock.
 */
void sched_give_way(void);

/* Make a sleeping thread ready; nothing if it is not sleeping.  Any context. */
void sched_wake(struct thread *t) nonnull;
/*
 * The same for who holds a lock: an idle hart that is to run it has not been
 * told.  Pass the returned set to sched_tell() soon, interrupts off until then.
 */
hart_mask_t sched_wake_untold(struct thread *t) nonnull must_check;
void sched_tell(hart_mask_t set);

/*
 * Set THREAD_SIGNAL or THREAD_KILL and make the thread notice soon: wake it if
 * its wait mode allows, interrupt its hart if it runs in user mode.
 */
void sched_interrupt(struct thread *t, unsigned flags) nonnull;

/*
 * From now on t runs on these harts only, at least one of which exists: before
 * it returns to its program, at the latest.  proc_lock held, or t is current.
 */
void sched_set_harts(struct thread *t, hart_mask_t harts) nonnull;

/* Make the boot context of this hart its idle thread. */
void sched_init_hart(void);

/* What a hart does when there is nothing to do: for ever. */
noreturn void sched_idle(void);

/* Timer tick of this hart, from the timer interrupt: account and preempt. */
void sched_tick(void);

/* True when the current thread should leave a long wait: see wait_mode. */
bool thread_interrupted(enum wait_mode mode);

/*
 * Count t->fail_nth, which is not 0, down to it; true when it arrives there.
 * A negative one counts up to -1 and stays: from there on all is to fail.
 */
bool thread_fail_step(struct thread *t, bool copy) nonnull;

/* Does fault injection let every allocation of t fail by now? */
static inline bool
thread_starved(const struct thread *t)
{
	return t->fail_fired && t->fail_nth < 0 && !t->fail_copies;
}

/* One countdown for all allocators: true when this allocation must fail. */
static inline bool
thread_should_fail(void)
{
	struct thread *t = thread_current();

	return unlikely(t->fail_nth != 0) && thread_fail_step(t, false);
}

/* The same for copies from and to user memory. */
static inline bool
thread_should_fail_copy(void)
{
	struct thread *t = thread_current();

	return unlikely(t->fail_nth != 0) && thread_fail_step(t, true);
}

#endif
