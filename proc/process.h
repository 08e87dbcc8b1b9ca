/* SPDX-License-Identifier: MIT */
/*
 * proc/process.h - the structures of processes and tasks, and the functions
 * that create, find, schedule and end them.
 *
 * A process owns an address space, open files and signal actions, and has a
 * parent and children.  A task is a thread of a process, and holds everything
 * that belongs to one thread.
 *
 * Lifetime.  A process is found by its pid until it is reaped.  Its structure
 * is freed with the last reference.  Each live task holds a reference to the
 * process's space, file table and directories, so the last task to exit
 * releases them.  The main task, with the pid as its id, stays until the
 * process is reaped; the reaper then frees its kernel stack, after the dead
 * thread has left that stack.  The stack of any other task is freed by the
 * thread that runs next on that hart, and so is the main task's if no parent
 * waits for the process.
 *
 * Every task holds a reference to its process until the task is freed, so the
 * last task can still use the process after the parent has reaped it.  Other
 * threads find processes and tasks under proc_lock, and need a reference to use
 * them after they release the lock.  The last task shuts down the process's
 * timer before the process can be reaped.
 *
 * Lock order (take left before right, skip any):
 *
 *   mutexes and space locks -> proc_lock -> waitq lock -> run queue lock ->
 *   timer queue lock
 *
 * proc_lock is a spin lock: family, ids, groups, states and signals change only
 * under it, in short sections that never sleep, also from interrupts.
 *
 * Keys: [t] proc_lock  [o] written under proc_lock, and only by the process's
 *       own task, which may read it without the lock  [!] own task only
 *       [i] constant once published  [a] atomic
 */
#ifndef PROC_PROCESS_H
#define PROC_PROCESS_H

#include "kernel/hart.h"
#include "kernel/thread.h"
#include "kernel/wait.h"
#include "lib/list.h"
#include "proc/signal.h"

struct fdtable;
struct file;
struct fork_strategy;
struct fs_context;
struct process;
struct space;

#define PID_MAX	 32768
#define TASK_MAX 4096 /* in all processes; -EAGAIN beyond */

#define CALLS_NAMED 8 /* 64-bit words, a bit for each call */

/* ---- resource limits ---- */

enum {
	RLIMIT_CPU,
	RLIMIT_FSIZE,
	RLIMIT_DATA,
	RLIMIT_STACK,
	RLIMIT_CORE,
	RLIMIT_RSS,
	RLIMIT_NPROC,
	RLIMIT_NOFILE,
	RLIMIT_MEMLOCK,
	RLIMIT_AS,
	RLIMIT_LOCKS,
	RLIMIT_SIGPENDING,
	RLIMIT_MSGQUEUE,
	RLIMIT_NICE,
	RLIMIT_RTPRIO,
	RLIMIT_RTTIME,
	RLIMIT_COUNT
};

#define RLIM_INFINITY UINT64_MAX

/* [a] Upper bound of RLIMIT_NOFILE; root sets it in /proc/sys/fs/nr_open. */
extern _Atomic uint64_t process_nofile_most;

struct rlimit { /* as in user memory */
	uint64_t cur, max;
};

/* Processor time in nanoseconds, and events. */
struct usage {
	uint64_t user_ns, sys_ns;
	uint64_t faults, switches;
};

/* ---- ids: tasks, process groups and sessions share one number space ---- */

enum id_kind { ID_PROCESS, ID_TASK, ID_GROUP, ID_SESSION };

struct id_node {
	struct list_node node; /* [t] in a hash chain */
	enum id_kind kind;     /* [i] */
	pid_t id;	       /* [i] */
};

struct session {
	struct id_node id;
	unsigned groups;	/* [t] groups in it; freed at 0 */
	struct process *leader; /* [t] NULL once it is gone */
};

struct pgrp {
	struct id_node id;
	struct session *session;  /* [i] */
	struct list_node members; /* [t] struct process.pgrp_node; the group
				     is freed when empty */
};

/* ---- tasks and processes ---- */

struct task {
	struct thread thread;  /* must be first */
	struct list_node node; /* [t] in process->tasks while it lives */
	struct id_node id;     /* [t] unused in the main task */

	sigset_t blocked;	   /* [o] */
	sigset_t saved_blocked;	   /* [!] to restore after sigsuspend */
	bool restore_blocked;	   /* [!] saved_blocked is valid */
	struct sigpending pending; /* [t] for this task only */
	struct siginfo forced;	   /* [!] a fault's signal; signo 0: none */
	struct waitq sig_waitq;	   /* sigtimedwait sleeps here */
	struct stack_alt altstack; /* [!] */

	uaddr_t child_tid; /* [!] where a new task stores its id, or 0 */
	uaddr_t clear_tid; /* [!] word to clear at exit, or 0 */
	uaddr_t robust;	   /* [!] address of the robust list, or 0 */

	/* A sleep that a signal interrupted; continues if no handler runs. */
	uint64_t sleep_deadline; /* [!] */
	bool sleep_again;	 /* [!] */

	int32_t nice;	       /* [t] to change; reported, has no effect */
	uint64_t slack;	       /* [!] of timers: reported, has no effect */
	uint64_t first_slack;  /* [i] slack when the task was made */
	bool detached;	       /* [!] freed by the next thread on its hart */
	void (*entry)(void *); /* [i] kernel threads: what to run */
	void *arg;	       /* [i] */
};

/* setitimer(2): timers on real time, user time, and user plus system time. */
enum itimer_kind { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF, ITIMER_COUNT };

struct itimer {
	uint64_t at;	 /* ns on the kind's clock; 0: off */
	uint64_t period; /* 0: once */
};

enum process_state {
	PROCESS_ALIVE,
	PROCESS_ZOMBIE, /* dead, not waited for */
	PROCESS_REAPED, /* has no pid, so no lookup finds it */
};

struct process {
	struct id_node id;	   /* [t] the pid */
	_Atomic uint32_t refs;	   /* [a] */
	enum process_state state;  /* [t] */
	bool exiting;		   /* [t] takes no more signals */
	bool leads;		   /* [t] to change: leads its session */
	struct list_node tasks;	   /* [t] those alive, oldest first */
	_Atomic unsigned live;	   /* [t] to change: tasks not yet ended */
	struct task *main;	   /* [t] changed by execve() only */
	struct waitq alone_waitq;  /* execve() sleeps here until live is 1 */
	struct list_node all_node; /* [t] in process_list, by pid */

	/* Other processes read these under proc_lock and take a reference. */
	struct space *space;   /* [o] NULL: exited, or not yet started */
	uint64_t image;	       /* [o] see process_new_image() */
	struct fdtable *files; /* [o] */
	struct fs_context *fs; /* [o] */
	struct file *exe;      /* [o] the program's file, or NULL */

	/* Family. */
	struct process *parent;	   /* [t] */
	_Atomic pid_t ppid;	   /* [t] to change: the parent's pid, or 0 */
	struct list_node children; /* [t] zombies, then oldest first */
	struct list_node sibling;  /* [t] */
	struct waitq child_waitq;  /* wait4 sleeps here */
	int exit_signal;	   /* [t] sent to the parent at exit; 0: none */
	int death_signal;	   /* [t] sent when the parent exits; 0: none */
	bool subreaper;		   /* [t] adopts its orphaned descendants */
	int status;		   /* [t] wait status once dead */
	int stop_signal;	   /* [a][t] != 0 while stopped */
	bool stop_begun;	   /* [t] stopping, but some task still runs */
	bool stop_report, cont_report; /* [t] for WUNTRACED, WCONTINUED */
	unsigned halted;	       /* [t] tasks that have stopped */
	struct waitq stop_waitq;       /* stopped tasks sleep here */
	_Atomic bool vfork_pending;    /* [a] the parent is in vfork() */
	struct waitq vfork_waitq;
	bool did_exec; /* [t] has called execve(): no setpgid() */
	bool no_tty;   /* [t] detached from its session's terminal */

	/* Job control. */
	struct pgrp *pgrp;	    /* [t] */
	struct list_node pgrp_node; /* [t] */

	/* Signals. */
	struct sigaction actions[NSIG]; /* [o] of signal i + 1 */
	struct sigpending pending;	/* [t] for any task */
	bool group_exit;		/* [t] all end with group_status */
	int group_status;		/* [t] */

	/* Accounting and limits. */
	struct rlimit limits[RLIMIT_COUNT];  /* [t] to change */
	struct usage children_usage;	     /* [t] of children waited for */
	struct usage ended_usage;	     /* [t] of tasks that have ended */
	uint64_t start_ns;		     /* [i] time_now() at fork */
	struct timer itimer;		     /* ITIMER_REAL's */
	struct itimer itimers[ITIMER_COUNT]; /* [t] */
	int16_t oom_adj, oom_adj_least;	     /* [t] oom_score_adj, and its lower
						bound without root */

	/* A bit for each unimplemented system call that the log has named. */
	uint64_t calls_named[CALLS_NAMED]; /* [a] */

	/* The fork strategy that the next execve() sets; NULL: keep it. */
	const struct fork_strategy *exec_strategy; /* [t] */
};

extern struct spinlock proc_lock;
extern struct list_node process_list; /* [proc_lock] by pid, with zombies */
extern struct process *process_init;  /* [i] pid 1, NULL before it exists */
extern unsigned task_count;	      /* [proc_lock] in all processes */
extern uint64_t process_forks;	      /* [proc_lock] tasks cloned since boot */

static inline struct process *
process_current(void)
{
	return thread_current()->process;
}

static inline struct task *
task_of(struct thread *t)
{
	return (struct task *)t;
}

/* The current task.  Only for threads that belong to a process. */
static inline struct task *
task_current(void)
{
	return task_of(thread_current());
}

static inline pid_t
process_pid(const struct process *p)
{
	return p->id.id;
}

static inline pid_t
process_pgid(const struct process *p)
{
	return p->pgrp->id.id;
}

static inline pid_t
process_sid(const struct process *p)
{
	return p->pgrp->session->id.id;
}

/* The session with which p shares a terminal; 0 if p has detached from it. */
static inline pid_t
process_tty_session(const struct process *p)
{
	return p->no_tty ? 0 : process_sid(p);
}

/* ---- process.c ---- */

/*
 * Boot, after fs_init(): initialise what all processes need, and start pid 1 in
 * the program `path` (NULL: the first of the usual programs that starts).
 * argv[1] and so on are its arguments, up to a NULL; argv[0] is ignored.  path
 * and the arguments must stay valid.  Panics if no program can be started, and
 * names those that were tried.
 */
void process_start_init(const char *path, char *const argv[]);

/*
 * Allocate a process with one reference, and without pid, task, space or files.
 * NULL: no memory.
 */
struct process *process_alloc(void) must_check;
void process_get(struct process *p) nonnull;
/* Drop a reference.  The last one frees the structure, and only that. */
void process_put(struct process *p) nonnull;

/* The process with this pid, or NULL. */
struct process *process_lookup(pid_t pid) needs_lock(proc_lock);
/*
 * Return a new, unique image number.  An image is the program that a process
 * runs from a fork or execve() to the next execve() or to its exit.  A file of
 * /proc belongs to the image that ran when the file was opened, and shows no
 * other.
 */
uint64_t process_new_image(void) needs_lock(proc_lock);
/*
 * True if p is the current process, if the current thread is root, or if all
 * ids of p equal the thread's real ids.
 */
bool process_same_user(const struct process *p) nonnull needs_lock(proc_lock);
/*
 * May the current thread inspect p?  As process_same_user(), but p must also be
 * dumpable, unless the thread is p's own or root.  With `files` the thread's
 * fsuid and fsgid are compared, as for /proc.
 */
bool process_may_reach(const struct process *p, bool files) nonnull
	needs_lock(proc_lock);
/* Does p have a limit or a timer on processor time? */
static inline bool
process_counts_cpu(const struct process *p)
{
	requires_lock(&proc_lock);
	return p->limits[RLIMIT_CPU].cur != RLIM_INFINITY ||
	       p->itimers[ITIMER_VIRTUAL].at != 0 ||
	       p->itimers[ITIMER_PROF].at != 0;
}

/* Set THREAD_COUNTED on p's task t if process_counts_cpu(). */
static inline void
process_count_cpu(const struct process *p, struct thread *t)
{
	requires_lock(&proc_lock);
	if (process_counts_cpu(p))
		atomic_fetch_or(&t->flags, THREAD_COUNTED);
}

/* p's space with a reference; NULL if p is a zombie. */
struct space *process_space(struct process *p) nonnull needs_lock(proc_lock);
/*
 * Store process_space() of process `pid` in *out, NULL for a zombie.  0;
 * -ESRCH; -EPERM if the thread's real ids do not allow it
 * (process_may_reach()).  Takes proc_lock.
 */
int process_reach(pid_t pid, struct space **out) nonnull must_check;
/*
 * The process with the lowest pid above `pid`, or NULL.  Constant time if a
 * process has `pid`, else linear.
 */
struct process *process_after(pid_t pid) needs_lock(proc_lock);
/* Add p, which has its pid, to process_list, or remove p. */
void process_list_add(struct process *p) nonnull needs_lock(proc_lock);
void process_list_remove(struct process *p) nonnull needs_lock(proc_lock);
/* sched_interrupt() for all tasks of p except `but`, which may be NULL. */
void process_interrupt(struct process *p, struct task *but, unsigned flags)
	needs_lock(proc_lock);
/*
 * End all tasks of p except `but`, which may be NULL: each exits before it
 * returns to user mode.  p ends with `status`, a wait status, unless
 * exit_group(2) or a signal has set another one before.  Any context.
 */
void process_kill(struct process *p, struct task *but, int status)
	needs_lock(proc_lock);
/* The task with this id, or NULL. */
struct task *task_lookup(pid_t tid) needs_lock(proc_lock);

/*
 * Give the current process its own copy of a file table that it shares with
 * another process.  Takes proc_lock.  0; -ENOMEM with nothing changed; -EINVAL
 * if the table is shared and the process has several threads, which cannot have
 * two tables.
 */
int process_unshare_files(void) must_check;

/* Add t's usage to u.  Needs no lock if t is the current task. */
void
usage_add(struct usage *u, const struct task *t) nonnull needs_lock(proc_lock);
/* Usage of p's tasks, live and ended, not of its children. */
void
process_usage(struct process *p, struct usage *u) nonnull needs_lock(proc_lock);
/* process_usage() of the current process.  Takes proc_lock. */
void process_own_usage(struct usage *u) nonnull;

/* ---- task.c: threads of processes and of the kernel ---- */

/* Allocate a task with a kernel stack, on no list; NULL: no memory. */
struct task *task_alloc(const char *name) must_check;
/*
 * Charge the new task to the current thread's user.  0, or -EAGAIN if the user
 * already has RLIMIT_NPROC tasks; root is exempt.
 */
int task_count_user(struct task *t) nonnull must_check needs_lock(proc_lock);
/*
 * Move the charge for the current task to user `uid`, before `uid` becomes its
 * real user id.  0, or -EAGAIN without memory.  No lock held.
 */
int task_change_user(uint32_t uid) must_check;
/* Free a task that has never run, or has left its stack for good. */
void task_free(struct task *t) nonnull;
/* Free a dead or dying task; spins until its thread has left the stack. */
void task_reap(struct task *t) nonnull;

/* ---- sched.c, besides kernel/thread.h ---- */

/* Enqueue a new thread for the first time. */
void sched_start(struct thread *t) nonnull;
/* Every new thread calls this first, on its own stack, to finish the switch. */
void sched_begin(void);
/* Mark the current thread dead, and switch to another one for good. */
noreturn void sched_die(void);
/* Is t dead, and has it left its stack? */
bool sched_gone(struct thread *t) nonnull;
/* The number of running and ready threads, the current one included. */
unsigned sched_load(void);
/* Times of one hart since boot, in ns, for /proc/stat. */
struct sched_times {
	uint64_t busy_user, busy_sys, idle;
};
/* Instructions executed by this hart, except those counted while idle. */
uint64_t sched_instret(void);

void sched_get_times(unsigned hart, struct sched_times *out) nonnull;

/* Event counts since boot, summed over all harts. */
struct sched_counts {
	uint64_t switches; /* from one thread to another */
	uint64_t untold;   /* an idle hart found work without an IPI */
};
void sched_get_counts(struct sched_counts *out) nonnull;

/* ---- load.c ---- */

#define LOAD_AVERAGES 3	 /* over 1, 5 and 15 minutes */
#define LOAD_SHIFT    16 /* in units of 1/65536 */
uint64_t load_average(unsigned i);
void load_init(void); /* boot */

/* ---- pid.c ---- */

/* Allocate an unused id; -EAGAIN if there are TASK_MAX tasks. */
pid_t pid_alloc(void) needs_lock(proc_lock);
void id_insert(struct id_node *n, enum id_kind kind, pid_t id) nonnull
	needs_lock(proc_lock);
void id_remove(struct id_node *n) nonnull needs_lock(proc_lock);
struct id_node *id_lookup(enum id_kind kind, pid_t id) needs_lock(proc_lock);

/* ---- group.c ---- */

/* Add p, which is in no group, to group g. */
void
group_join(struct process *p, struct pgrp *g) nonnull needs_lock(proc_lock);
/*
 * Remove p from its group.  An empty group is freed, and so is a session
 * without groups.
 */
void group_leave(struct process *p) nonnull needs_lock(proc_lock);
/* The group with this id, or NULL. */
struct pgrp *group_lookup(pid_t pgid) needs_lock(proc_lock);
/*
 * Is group g orphaned, so that no shell could continue it after a stop?  True
 * if no live member except `but` has a parent in another group of the session;
 * init does not count as a parent.
 */
bool group_orphaned(struct pgrp *g, struct process *but) needs_lock(proc_lock);
/*
 * Call when a process exits, after its children have a new parent.  If g is now
 * orphaned and has a stopped member, its members get SIGHUP and SIGCONT.  `but`
 * is the exiting process if it is in g, else NULL.
 */
void
group_check_orphan(struct pgrp *g, struct process *but) needs_lock(proc_lock);
/* setpgid(2), setsid(2).  -EINVAL, -ESRCH, -EACCES, -EPERM, -ENOMEM. */
int process_setpgid(pid_t pid, pid_t pgid);
int process_setsid(void);
/* Create a session and a group for pid 1; no lock held.  0 or -ENOMEM. */
int group_start(struct process *p) must_check;

/* ---- fork.c ---- */

#define CSIGNAL		     UINT64_C(0x000000ff)
#define CLONE_VM	     UINT64_C(0x00000100)
#define CLONE_FS	     UINT64_C(0x00000200)
#define CLONE_FILES	     UINT64_C(0x00000400)
#define CLONE_SIGHAND	     UINT64_C(0x00000800)
#define CLONE_VFORK	     UINT64_C(0x00004000)
#define CLONE_PARENT	     UINT64_C(0x00008000)
#define CLONE_THREAD	     UINT64_C(0x00010000)
#define CLONE_SYSVSEM	     UINT64_C(0x00040000)
#define CLONE_SETTLS	     UINT64_C(0x00080000)
#define CLONE_PARENT_SETTID  UINT64_C(0x00100000)
#define CLONE_CHILD_CLEARTID UINT64_C(0x00200000)
#define CLONE_DETACHED	     UINT64_C(0x00400000)
#define CLONE_CHILD_SETTID   UINT64_C(0x01000000)

/* The flags that CLONE_THREAD requires: threads share all of these. */
#define CLONE_THREAD_SHARES (CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND)

struct clone_args {
	uint64_t flags;
	uaddr_t stack, parent_tid, tls, child_tid;
};

/*
 * clone(2): make a child or, with CLONE_THREAD, a thread of this process;
 * CLONE_THREAD needs CLONE_THREAD_SHARES.  Returns the new id.  Errors, with
 * nothing changed: -EINVAL for flags that Tine lacks, -ENOMEM, -EAGAIN;
 * -ERESTARTNOINTR if a signal arrived first; -EINTR if the thread is killed.
 */
int64_t process_clone(const struct clone_args *args) nonnull;

/* Wake the thread that waits for p in vfork(). */
void process_vfork_done(struct process *p) nonnull;

/* ---- exit.c, wait.c ---- */

/* Wait statuses. */
#define STATUS_EXITED(code) (((code)&0xff) << 8)
#define STATUS_KILLED(sig)  ((sig)&0x7f)
#define STATUS_STOPPED(sig) (((sig)&0xff) << 8 | 0x7f)
#define STATUS_CONTINUED    0xffff

/* Exit the current process: end all its tasks, with this wait status. */
noreturn void process_exit(int status);
/*
 * Exit the current task.  The last task ends the process, with the main task's
 * status unless group_exit is set.
 */
noreturn void task_exit(int status);

/*
 * At shutdown, in the last task of the current process: release its memory,
 * files and directories, as at exit.  The task continues in the kernel without
 * them.
 */
void process_let_go(void);
/*
 * execve(2): end all other tasks and become the main task.  0, or
 * -ERESTARTNOINTR if this task is being killed itself.
 */
int process_end_others(void) must_check;
/*
 * Call before task t leaves its user memory: mark the robust locks that t
 * holds, clear the word at clear_tid, and wake one thread that waits on that
 * word.  No effect if t has no user memory.
 */
void task_leave_memory(struct task *t) nonnull;

/*
 * Call when a task of p has stopped or ended.  If p is stopping and no task
 * still runs, the parent is notified of the stop.
 */
void process_check_stop(struct process *p) nonnull needs_lock(proc_lock);

/*
 * Notify p's parent, by a signal and a wake-up, that p has stopped, continued
 * or died.  `code` is CLD_*.
 */
void process_notify_parent(struct process *p, int code, int status) nonnull
	needs_lock(proc_lock);

#define WNOHANG	   UINT64_C(0x00000001)
#define WUNTRACED  UINT64_C(0x00000002)
#define WEXITED	   UINT64_C(0x00000004)
#define WCONTINUED UINT64_C(0x00000008)
#define WNOWAIT	   UINT64_C(0x01000000)
#define WNOTHREAD  UINT64_C(0x20000000)
#define WALL	   UINT64_C(0x40000000)
#define WCLONE	   UINT64_C(0x80000000)
#define WAIT_GROUP (UINT64_C(1) << 32) /* process_wait(): pid -1 is group 1 */

struct wait_result {
	pid_t pid; /* 0: WNOHANG and nothing to report */
	uint32_t uid;
	int code;   /* CLD_* */
	int status; /* wait status */
	struct usage usage;
};

/*
 * Wait for a child: pid > 0 the child with this pid, 0 any child in the
 * caller's group, -1 any child, < -1 any child in group -pid.  options: the
 * events that count (WEXITED, WUNTRACED, WCONTINUED), and WNOHANG, WNOWAIT,
 * WALL, WCLONE.  0 with *r filled in; -ECHILD, -ERESTARTSYS.  A dead child is
 * reaped before the return, unless WNOWAIT is set.
 */
int process_wait(pid_t pid, uint64_t options, struct wait_result *r);

/* ---- time ---- */

/*
 * setitimer(2) and getitimer(2) for the current process, in ns; value 0 disarms
 * the timer.  Process context; both take proc_lock.
 */
void itimer_set(enum itimer_kind kind, uint64_t value, uint64_t period,
		uint64_t *old_value, uint64_t *old_period);
void itimer_get(enum itimer_kind kind, uint64_t *value, uint64_t *period);
/*
 * Send the signals of p's processor-time timers that are due, since p has used
 * *u.
 */
void itimer_check_cpu(struct process *p, const struct usage *u) nonnull
	needs_lock(proc_lock);
void itimer_init(struct process *p) nonnull;

/* The call has changed nothing: restart it even after a handler has run. */
#define ERESTARTNOINTR 513
/* Restart the sleep until sleep_deadline, unless a handler has run. */
#define ERESTART_SLEEP 516

#endif
